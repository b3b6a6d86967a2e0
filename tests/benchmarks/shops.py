"""Large shops to measure on: N groups, roles and users, each user in a group, and one group of N/10 members."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from models.db import schema
from models.db.connection import close_database, open_database
from tests import servers

LARGE_GROUP = "All staff"
"""The first of all groups, with every tenth user in it."""
FIRST_MEMBER = "person.10@"
"""How the e-mail of its first user begins."""

_TEAMS = (
    *("Billing", "Catalog", "Content", "Customer", "Data", "Finance", "Legal", "Marketing"),
    *("Night", "Payment", "Returns", "Sales", "Search", "Support", "Warehouse", "Wholesale"),
)
_ROLES = [f"Role {number:02}" for number in range(1, 10)]
_FIRST = "2026-01-01 00:00:00"

Rows = tuple[str, str, Iterator[tuple[object, ...]]]
"""A table, its columns, and the rows to be added to it."""


def group_names(rows: int, kind: str = "sqlite") -> list[str]:
    """The names of the groups of a shop, in the order of the list; PostgreSQL sorts to the letter here."""
    teams = [f"{_TEAMS[number % len(_TEAMS)]} team {number:07}" for number in range(rows - 2)]
    return sorted([LARGE_GROUP, "root_group", *teams], key=str if kind == "postgres" else str.lower)


def shop(rows: int) -> Path:
    """A database of so many groups and users; made once, then found in the system's folder for temporary files."""
    folder = Path(tempfile.gettempdir()) / "backoffice-benchmarks"
    folder.mkdir(exist_ok=True, mode=0o700)
    tables = Path(schema.__file__).with_name("embedded.sql").read_bytes() + Path(__file__).read_bytes()
    path = folder / f"shop-{rows}-{hashlib.sha256(tables).hexdigest()[:8]}.db"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        open_database(str(fresh))
        close_database()
        fill(str(fresh), "sqlite", rows)
        fresh.rename(path)
    return path


def shop_on_server(kind: str, rows: int) -> str:
    """The URL of such a shop on the server of this kind; made once, then found there while the server stays."""
    content = servers.SCHEMAS[kind].read_bytes() + Path(__file__).read_bytes()
    name = f"backoffice_bench_{rows}_{hashlib.sha256(content).hexdigest()[:8]}"
    if not servers.exists(kind, f"{name}_ready"):
        url = servers.create(kind, name)
        servers.make_tables(url, kind)
        servers.run(url, *servers.installed(kind))
        fill(url, kind, rows)
        servers.create(kind, f"{name}_ready")  # MySQL renames no database
    return servers.database(kind, name)


def fill(location: str, kind: str, rows: int) -> None:
    """Add so many to a shop that has an installer's rows."""
    if kind != "sqlite":
        servers.load(location, kind, _rows(rows))
        return
    with closing(sqlite3.connect(location)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, columns, values in _rows(rows):
            marks = ", ".join("?" for _ in columns.split(","))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
    with closing(sqlite3.connect(location)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rows(rows: int) -> Iterator[Rows]:
    names = [name for name in group_names(rows) if name != "root_group"]
    large = 2 + names.index(LARGE_GROUP)
    roles = _ROLES + [f"Role {number:07}" for number in range(len(_ROLES) + 1, rows)]
    yield "spy_acl_role", "id_acl_role, name", enumerate(roles, 2)
    yield (
        "spy_acl_rule",
        "id_acl_rule, fk_acl_role, bundle, controller, action, type",
        ((id, id, "sales", f"controller-{id}", "*", 0) for id in range(2, rows + 1)),
    )
    yield (
        "spy_acl_group",
        "id_acl_group, name, created_at",
        ((id, name, _after(id)) for id, name in enumerate(names, 2)),
    )
    yield (
        "spy_user",
        "id_user, first_name, last_name, username, password, created_at",
        ((id, "Person", f"Number {id}", f"person.{id}@shop.example", "!", _after(id)) for id in range(1, rows + 1)),
    )
    yield "spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", _held(rows)
    members = {(id, id) for id in range(1, rows + 1)} | {(large, id) for id in range(10, rows + 1, 10)}
    yield "spy_acl_user_has_group", "fk_acl_group, fk_user", iter(sorted(members))


def _after(seconds: int) -> str:
    return str(datetime.fromisoformat(_FIRST) + timedelta(seconds=seconds))


def _held(rows: int) -> Iterator[tuple[int, int]]:
    """Up to three roles for each group."""
    for id in range(2, rows + 1):
        for number in range(1 + id % 3):
            yield id, 2 + (id + number) % len(_ROLES)
