"""Large shops to measure on: N groups, roles and users, each user in a group, and one group of N/10 members."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import models
from models.database import close_database, open_database

LARGE_GROUP = "All staff"
"""The first of all groups, with every tenth user in it."""
FIRST_MEMBER = "person.10@"
"""How the e-mail of its first user begins."""

_TEAMS = (
    *("Billing", "Catalog", "Content", "Customer", "Data", "Finance", "Legal", "Marketing"),
    *("Night", "Payment", "Returns", "Sales", "Search", "Support", "Warehouse", "Wholesale"),
)
_ROLES = [f"Role {number:02}" for number in range(1, 10)]


def group_names(rows: int) -> list[str]:
    """The names of the groups of a shop, in the order of the list."""
    teams = [f"{_TEAMS[number % len(_TEAMS)]} team {number:07}" for number in range(rows - 2)]
    return sorted([LARGE_GROUP, "root_group", *teams], key=str.lower)


def shop(rows: int) -> Path:
    """A database of so many groups and users; made once, then found in the system's folder for temporary files."""
    folder = Path(tempfile.gettempdir()) / "backoffice-benchmarks"
    folder.mkdir(exist_ok=True, mode=0o700)
    schema = Path(models.__file__).with_name("embedded.sql").read_bytes() + Path(__file__).read_bytes()
    path = folder / f"shop-{rows}-{hashlib.sha256(schema).hexdigest()[:8]}.db"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        open_database(str(fresh))
        close_database()
        _fill(fresh, rows)
        fresh.rename(path)
    return path


def _fill(path: Path, rows: int) -> None:
    names = [name for name in group_names(rows) if name != "root_group"]
    large = 2 + names.index(LARGE_GROUP)
    dates = "datetime('2026-01-01', '+' || ? || ' seconds')"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        more = [f"Role {number:07}" for number in range(len(_ROLES) + 1, rows)]
        connection.executemany("INSERT INTO spy_acl_role (name) VALUES (?)", [(name,) for name in _ROLES + more])
        connection.executemany(
            "INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (?, 'sales', ?, '*', 0)",
            ((id, f"controller-{id}") for id in range(2, rows + 1)),
        )
        connection.executemany(
            f"INSERT INTO spy_acl_group (id_acl_group, name, created_at) VALUES (?, ?, {dates})",
            ((id, name, id) for id, name in enumerate(names, 2)),
        )
        connection.executemany(
            "INSERT INTO spy_user (id_user, first_name, last_name, username, password, created_at)"
            f" VALUES (?, 'Person', ?, ?, '!', {dates})",
            ((id, f"Number {id}", f"person.{id}@shop.example", id) for id in range(1, rows + 1)),
        )
        connection.executemany("INSERT INTO spy_acl_groups_has_roles VALUES (?, ?)", _held(rows))
        connection.executemany(
            "INSERT INTO spy_acl_user_has_group VALUES (?, ?)",
            sorted({(id, id) for id in range(1, rows + 1)} | {(large, id) for id in range(10, rows + 1, 10)}),
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _held(rows: int) -> Iterator[tuple[int, int]]:
    """Up to three roles for each group."""
    for id in range(2, rows + 1):
        for number in range(1 + id % 3):
            yield id, 2 + (id + number) % len(_ROLES)
