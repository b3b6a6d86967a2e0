"""What of the history concerns one record of the shop, and how that one differs by now from what the history says."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from models.changes.chain import Entry
from models.changes.details import Detail, detail_of
from models.changes.history import Record, Wanted
from models.db.connection import read_connection
from models.db.described import NAMING_FIELDS, is_recorded, plain, recorded_fields, rule_text
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import (
    MODELS,
    EntityRule,
    Group,
    GroupRole,
    Membership,
    Role,
    Rule,
    ShopTable,
    User,
    link_fields,
    table_of,
)
from models.lookup import Kind

_MODELS: dict[Kind, type[ShopTable]] = {"user": User, "group": Group, "role": Role}
_LINKS: dict[Kind, tuple[tuple[type[ShopTable], int], ...]] = {
    "user": ((Membership, 1),),
    "group": ((Membership, 0), (GroupRole, 0)),
    "role": ((GroupRole, 1),),
}
"""The links that a record of the kind has, and which of their two ids is the record's."""

_NOT_OURS = frozenset({"last_login"})
"""Columns that each sign-in writes."""

RowKey = tuple[str, Any]
"""A row's table and id, of a link both ids."""


def is_of_this_shop(record: Record) -> bool:
    """Whether the record is of the opened database."""
    return bool(record.intent.get("database") == opened().dialect.identity())


def of_this_shop() -> Wanted:
    """The records of the opened database."""
    database = json.dumps({"database": opened().dialect.identity()}, ensure_ascii=False, separators=(",", ":"))
    told = database[1:-1].encode(errors="backslashreplace")
    return Wanted(is_of_this_shop, lambda line: told in line)


def concerning(kind: Kind, id: int) -> Wanted:
    """The records that are about a record of the opened shop.

    Of a user, what happened to the roles of their groups is too, as far back as the user is in the group.
    """
    groups = set[int]()
    if kind == "user":
        with read_connection():
            groups = {group for (group,) in tuples(Membership.select(Membership.group).where(Membership.user == id))}

    def is_concerned(record: Record) -> bool:
        if not is_of_this_shop(record):
            return False
        found = False
        for op in record.ops:
            table, key = op["table"], op["id"]
            found |= _is_about(op, kind, id) or (table == table_of(GroupRole) and key[0] in groups)
        for op in record.ops if groups else ():
            if op["table"] == table_of(Membership) and op["id"][1] == id and op["before"] is None:
                groups.discard(op["id"][0])  # before that the user was not in it
        return found

    linked = "|".join(map(str, [id, *groups]))
    pattern = rf'"id":(?:{id},|\[(?:{linked}),|\[\d+,{id}\])|"fk_acl_role":{id}\b'
    return Wanted(is_concerned, re.compile(pattern.encode()).search)


def outside_changes(kind: Kind, id: int, records: Iterable[Record]) -> list[Detail]:
    """How a record of the shop differs from what its history, the newest first, says: changed outside this program.

    What the history does not mention is not known to differ, but where it has the creation of the record.
    """
    known: dict[RowKey, Entry] = {}
    for record in records:
        for op in record.ops if record.outcome == "written" and is_of_this_shop(record) else ():
            if (key := _row_key(op, kind, id)) is not None:
                known[key] = with_older(op, known[key]) if key in known else op
    row_key = (table_of(_MODELS[kind]), id)
    with read_connection():
        now = _read(kind, id) if known else {}
        is_created = row_key in known and known[row_key]["before"] is None
        names = {key: _names(key, now[key]) for key in now if is_created and key not in known}
    new: dict[RowKey, Entry] = {key: {"table": key[0], "name": names[key], "after": None} for key in names}
    return [detail for key, op in {**known, **new}.items() for detail in differing(op, now.get(key))]


def differing(op: Entry, now: Mapping[str, Any] | None) -> Iterator[Detail]:
    """How a row is now (None where it is gone) other than a record says that it became."""
    before, after = op["after"], now
    if before and after:
        after = {column: after[column] for column in before if column in after and column not in _NOT_OURS}
        before = {column: before[column] for column in after}
    if before != after:
        yield from detail_of({**op, "before": before, "after": after})


def look_up(record: Record) -> str:
    """Whether the rows of a record are in the opened shop as it would have written them, in a sentence."""
    if not is_of_this_shop(record):
        return "It is of another database."
    there = {_is_there(op) for op in record.ops if "rows" not in (op["before"] or {})}
    if not there:
        return "Only the number of its rows is recorded."
    if len(there) != 1:
        return "Some of its rows are as it would have written them."
    return "Its rows are as it would have written them." if there == {True} else "Its rows are not there."


def _is_there(op: Entry) -> bool:
    """Whether a row is as an op says that it became."""
    models: Sequence[type[ShopTable]] = (*MODELS, EntityRule)
    model = next((model for model in models if table_of(model) == op["table"]), None)
    if model is None:
        return False
    known = model._meta.columns
    columns = [column for column in op["after"] or {} if column in known and is_recorded(known[column])]
    names = ["id"] if isinstance(op["id"], int) else model._meta.sorted_field_names
    ids = [op["id"]] if isinstance(op["id"], int) else op["id"]
    conditions = [model._meta.fields[name] == id for name, id in zip(names, ids, strict=True)]
    fields = [known[column] for column in columns] or [model._meta.fields[names[0]]]
    rows = tuples(model.select(*fields).where(*conditions))
    if op["after"] is None or not rows:
        return op["after"] is None and not rows
    return not columns or [plain(value) for value in rows[0]] == [op["after"][column] for column in columns]


def with_older(older: Entry, newer: Entry) -> Entry:
    """What two records say of a row together, as far as the first one knows."""
    if newer["after"] is None or newer["before"] is None:
        return newer
    return {**newer, "before": older["before"], "after": (older["after"] or {}) | newer["after"]}


def _row_key(op: Entry, kind: Kind, id: int) -> RowKey | None:
    """The row of an op, where it is the record itself, a link or a rule of it."""
    table, key = op["table"], op["id"]
    if (table == table_of(_MODELS[kind]) and key == id) or (kind == "role" and _is_rule_of(op, id)):
        return table, key
    is_link = any(table == table_of(model) and key[side] == id for model, side in _LINKS[kind])
    return (table, tuple(key)) if is_link else None


def _is_rule_of(op: Entry, role: int) -> bool:
    values = op["before"] or op["after"] or {}
    return bool(op["table"] == table_of(Rule) and values.get(Rule.role.column_name) == role)


def _is_about(op: Entry, kind: Kind, id: int) -> bool:
    values = op["before"] or op["after"] or {}
    is_of_role = kind == "role" and values.get(Rule.role.column_name) == id
    is_counted = kind == "user" and "rows" in values and op["id"] == id
    return is_of_role or is_counted or _row_key(op, kind, id) is not None


def _read(kind: Kind, id: int) -> dict[RowKey, dict[str, Any]]:
    """The record as it is now, its links and its rules."""
    found = _rows(_MODELS[kind], _MODELS[kind].id == id)
    if kind == "role":
        found |= _rows(Rule, Rule.role == id)
    for link, side in _LINKS[kind]:
        field = link_fields(link)[side]
        found |= {(table_of(link), pair): {} for pair in tuples(link.select().where(field == id))}
    return found


def _rows(model: type[ShopTable], condition: Any) -> dict[RowKey, dict[str, Any]]:
    fields = recorded_fields(model)
    return {
        (table_of(model), id): {field.column_name: plain(value) for field, value in zip(fields, row, strict=True)}
        for id, *row in tuples(model.select(model.id, *fields).where(condition))
    }


def _names(key: RowKey, values: dict[str, Any]) -> list[str]:
    """The names of the two rows that are linked; of a rule its role's and its own."""

    def name(model: type[ShopTable], id: int) -> str:
        rows: Iterator[tuple[Any, ...]] = iter(tuples(model.select(*NAMING_FIELDS[model]).where(model.id == id)))
        return str(next(rows, ("",))[0])

    table, id = key
    if table == table_of(Rule):
        role, *rule = (values[field.column_name] for field in NAMING_FIELDS[Rule])
        return [name(Role, role), rule_text(*rule)]
    return [name(Group, id[0]), name(User if table == table_of(Membership) else Role, id[1])]
