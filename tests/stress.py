"""One of several programs that edit the same groups at once, and may be killed at any moment.

Each has roles and users of its own, which it gives to groups that all of them edit, so that what must be there at the
end is the sum of what each was told is written. `python -m tests.stress PLAN` makes the edits of a plan (JSON); begun
again, it goes on where it was killed. Its log has a line before each edit and one after, each on the disk before it
goes on. `python -m tests.stress FILE` writes all links of one group after the other anew, as the web pages do.
"""

import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models import groups, memberships
from models.db import connection as database
from models.db import transactions
from models.db.rows import existing_ids
from models.db.tables import GroupRole, Membership
from models.errors import Unavailable

Link = tuple[str, int, int]
"""`roles` or `users`, the group, and the id of the role or user."""


@dataclass(frozen=True)
class Plan:
    """What a program shall do."""

    location: str
    log: str
    seed: int
    edits: int
    groups: list[int]
    roles: list[int]
    users: list[int]


@dataclass
class Told:
    """What a program's log says."""

    links: set[Link]
    acknowledged: int = 0
    refused: int = 0
    in_flight: dict[str, Any] | None = None
    found: tuple[str, ...] = ()
    """What became of the edits during which it was killed: `whole`, `none`, or `half`."""


def read(log: Path) -> Told:
    """What the log says; a last line that was cut off was not on the disk before the edit."""
    told = Told(set())
    for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []:
        if not line.endswith("\n"):
            break
        entry = json.loads(line)
        if "edit" in entry:
            told.in_flight = entry["edit"]
            continue
        edit, told.in_flight = told.in_flight, None
        assert edit is not None
        if entry["became"] == "refused":
            told.refused += 1
        else:
            told.acknowledged += entry["became"] == "acknowledged"
            told.found += () if entry["became"] == "acknowledged" else (entry["became"],)
        if entry["became"] in ("acknowledged", "whole"):
            told.links |= set(links_of(edit, "add"))
            told.links -= set(links_of(edit, "remove"))
    return told


def links_of(edit: dict[str, Any], what: str) -> Iterator[Link]:
    for id in edit[what]:
        yield edit["kind"], edit["group"], id


def random_edit(plan: Plan, told: Told) -> dict[str, Any]:
    """Some roles of ours given to a group and others taken from it, or some users put in or taken out."""
    kind = random.choice(("roles", "users"))
    group = random.choice(plan.groups)
    chosen = random.sample(getattr(plan, kind), random.randint(1, 3))
    held = [id for id in chosen if (kind, group, id) in told.links]
    fresh = [id for id in chosen if id not in held]
    if kind == "users":  # from a group's page, where they are added or removed
        held, fresh = ([], fresh) if fresh else (held, [])
    return {"kind": kind, "group": group, "add": fresh, "remove": held}


def make(edit: dict[str, Any]) -> None:
    if edit["kind"] == "roles":
        shown = groups.get(edit["group"])
        groups.update(shown, shown.name, set(shown.roles) - set(edit["remove"]) | set(edit["add"]))
    elif edit["add"]:
        memberships.add(edit["add"], [edit["group"]], edited="group")
    else:
        memberships.remove(edit["remove"], [edit["group"]], edited="group")


@transactions.transaction
def became(edit: dict[str, Any]) -> str:
    """What became of an edit during which we were killed; asked in turn, so that no transaction is left at work."""
    model, field = (GroupRole, GroupRole.role) if edit["kind"] == "roles" else (Membership, Membership.user)
    there = existing_ids(field, edit["add"] + edit["remove"], model.group == edit["group"])
    outcomes = {"whole": set(edit["add"]), "none": set(edit["remove"])}
    return next((name for name, expected in outcomes.items() if there == expected), "half")


def main() -> None:
    plan = Plan(**json.loads(sys.argv[1]))
    log = Path(plan.log)
    told = read(log)
    random.seed(f"{plan.seed} {log.stat().st_size if log.exists() else 0}")
    database.open_database(plan.location)
    whole_lines = log.read_bytes().rfind(b"\n") + 1 if log.exists() else 0
    with log.open("ab") as file:
        file.truncate(whole_lines)

        def tell(**entry: Any) -> None:
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

        if told.in_flight:
            tell(became=became(told.in_flight))
        while (told := read(log)).acknowledged < plan.edits:
            edit = random_edit(plan, told)
            tell(edit=edit)
            try:
                make(edit)
            except Unavailable:
                tell(became="refused")
            else:
                tell(became="acknowledged")


def rewrite(file: str) -> None:
    """Delete the links of a group and add them again, on and on, each time on a connection of its own."""
    while True:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (group,) = random.choice(connection.execute("SELECT id_acl_group FROM spy_acl_group").fetchall())
            links = connection.execute("SELECT * FROM spy_acl_groups_has_roles WHERE fk_acl_group = ?", [group])
            names, held = ", ".join(column[0] for column in links.description), links.fetchall()
            connection.execute("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = ?", [group])
            connection.executemany(f"INSERT INTO spy_acl_groups_has_roles ({names}) VALUES (?, ?)", held)
            connection.execute("COMMIT")
        time.sleep(random.uniform(0, 0.02))


def argument(plan: Plan) -> str:
    return json.dumps(asdict(plan))


if __name__ == "__main__":
    main() if sys.argv[1].startswith("{") else rewrite(sys.argv[1])
