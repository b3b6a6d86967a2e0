"""What was changed outside this program lately, in any record.

Of groups, roles and rules the times tell it that the shop keeps; of users, whose times each sign-in writes, and of
links, which have none, the values that the last records have.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import islice
from typing import Any

from peewee import Column

from models.changes.chain import Entry
from models.changes.details import Detail, what_of
from models.changes.history import Record
from models.changes.present import read_rows, stored_links
from models.changes.record_history import differing, is_of_this_shop, with_older
from models.db.archive import archive_table
from models.db.connection import parse_time, read_connection
from models.db.described import NAMES, rule_text
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Membership, Role, Rule, ShopTable, User, table_of

MAX_ROWS = 50
"""Rows that are looked at, those that were changed or deleted last."""

MAX_RECORDS = 2_000
"""Records that are looked at, the newest: of a change before all of these it is not told who made it."""

MAX_COMPARED = 500
"""Users and links that are compared, those whose records are the newest."""

_COMPARED = {table_of(model) for model in (User, Membership, GroupRole)}

SLACK = timedelta(seconds=2)
"""Between the time that a row got and that of its record."""

RowKey = tuple[str, int]


def lately_changed_outside(records: Iterable[Record]) -> list[Detail]:
    """What was changed or deleted later than the records, the newest first, say, or is other than they say."""
    with read_connection():
        times = dict(nlargest(MAX_ROWS, _times(), key=lambda item: item[1][0]))
    found, before, last = set[RowKey](), datetime.max, dict[tuple[str, Any], Entry]()
    pending, zone = {key: time for key, (time, _) in times.items()}, opened().settings.zone
    for record in islice(records, MAX_RECORDS):
        before = record.at.astimezone(zone).replace(tzinfo=None) + SLACK
        if all(time > before for time in pending.values()) and len(last) >= MAX_COMPARED:
            break
        found |= {key for key in _touched(record) & pending.keys() if pending.pop(key) > before}
        _add_compared(last, record)
    found |= {key for key, time in pending.items() if time > before}
    with read_connection():
        return [
            *(Detail(_name(*key), times[key][1], "", "") for key in times if key in found),
            *_differing(last),
        ]


def _add_compared(last: dict[tuple[str, Any], Entry], record: Record) -> None:
    """Add what a record says of users and links, under what newer ones say of them."""
    for op in record.ops if record.outcome == "written" and is_of_this_shop(record) else ():
        key = op["table"], op["id"] if isinstance(op["id"], int) else tuple(op["id"] or ())
        if key in last:
            last[key] = with_older(op, last[key])
        elif op["table"] in _COMPARED and len(last) < MAX_COMPARED:
            last[key] = op


def _differing(last: Mapping[tuple[str, Any], Entry]) -> Iterator[Detail]:
    """The users and links that are other than their last records say."""
    now: dict[tuple[str, Any], Mapping[str, Any]] = {}
    ids = {model: [id for table, id in last if table == table_of(model)] for model in (User, Membership, GroupRole)}
    now |= {(table_of(User), id): values for id, values in read_rows(User, ids[User]).items()}
    for model in (Membership, GroupRole):
        now |= {(table_of(model), pair): {} for pair in stored_links(model, ids[model])}
    for key, op in last.items():
        yield from differing(op, now.get(key))


def _times() -> Iterator[tuple[RowKey, tuple[datetime, str]]]:
    """When groups, roles and rules were changed or deleted last, and what to say of it."""
    for model in (Group, Role, Rule):
        updated = model._meta.fields["updated_at"]
        rows = model.select(model.id, updated).where(updated.is_null(False)).order_by(updated.desc()).limit(MAX_ROWS)
        archive = archive_table(model)
        stamp = Column(archive, "archived_at")
        deleted = archive.select(Column(archive, model.id.column_name), stamp).where(stamp.is_null(False))
        for query, verb in (rows, "changed"), (deleted.order_by(stamp.desc()).limit(MAX_ROWS), "deleted"):
            for id, stored in tuples(query):
                if (time := parse_time(stored)) is not None:
                    yield (table_of(model), id), (time, f"{verb} {time:%Y-%m-%d %H:%M}")


def _touched(record: Record) -> set[RowKey]:
    """The rows whose time a record may have set: those that it writes, and what these belong to."""
    keys = set[RowKey]()
    for op in record.ops if record.outcome != "not written" and is_of_this_shop(record) else ():
        table, id = op["table"], op["id"]
        if isinstance(id, list):
            keys.add((table_of(Group), id[0]))
            if table == table_of(GroupRole):
                keys.add((table_of(Role), id[1]))
        else:
            keys.add((table, id))
            if table == table_of(Rule):
                keys.add((table_of(Role), (op["before"] or op["after"])[Rule.role.column_name]))
    return keys


def _name(table: str, id: int) -> str:
    """What a row is called, also one that is deleted."""
    model: type[ShopTable] = next(model for model in (Group, Role, Rule) if table_of(model) == table)
    archive = archive_table(model)
    fields = [NAMES[model]] if model in NAMES else [Rule.bundle, Rule.controller, Rule.action, Rule.permission]
    columns = [Column(archive, field.column_name) for field in fields]
    key = Column(archive, model.id.column_name)
    stored: list[tuple[Any, ...]] = tuples(model.select(*fields).where(model.id == id))
    values = (stored or tuples(archive.select(*columns).where(key == id)) or [()])[0]
    name = str(values[0]) if model in NAMES and values else rule_text(*values) if values else str(id)
    return what_of(table, name)
