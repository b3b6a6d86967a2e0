"""A recorded change in one sentence, with the names of what was changed."""

from collections.abc import Sequence
from typing import Any

from models.db.change import Change, RowChange
from models.db.tables import (
    EntityRule,
    Group,
    GroupRole,
    Membership,
    PasswordReset,
    Permission,
    PickingList,
    Role,
    Rule,
    SecondFactor,
    Status,
    User,
    group_label,
    table_of,
)
from models.text import some_names

MAX_NAMES = 5
MAX_RECORDS = 3
"""Records, or sets of records that were changed alike, that are told; the others are counted."""


NOUNS = {
    table_of(User): "user",
    table_of(Group): "group",
    table_of(Role): "role",
    table_of(Rule): "rule",
    table_of(EntityRule): "data rule",
    table_of(SecondFactor): "second factor",
    table_of(PasswordReset): "password link",
    table_of(PickingList): "picking list",
}
_FIELDS = {
    "username": "e-mail",
    "first_name": "first name",
    "last_name": "last name",
    "fk_locale": "language",
    "is_agent": "agent",
    "is_merchant_agent": "merchant agent",
    "is_warehouse_user": "warehouse user",
    "type": "permission",
}
_WORDS: dict[str, dict[int, str]] = {
    "status": {int(status): status.name.lower() for status in Status},
    "type": {int(permission): permission.name.lower() for permission in Permission},
}
_UNKNOWN = object()
UNTOLD = {"created_at", "uuid"}

Subject = tuple[str, Any]
"""The table and id of the record that a row is told with."""


def summarize(change: Change) -> str:
    """The change in one sentence."""
    labels: dict[Subject, str] = {}
    links: dict[Subject, dict[tuple[str, str], list[str]]] = {}
    parts: dict[Subject, list[str]] = {}
    about_users = change.kind.partition(".")[0] in ("users", "csv_import")
    for row in change.rows:
        subject, label, noun, name = _told(row, about_users=about_users)
        labels.setdefault(subject, label)
        own = parts.setdefault(subject, [])
        if name is None:
            own += _record_parts(row, noun)
        elif row.before is not None and row.after is not None:
            own += [f"{noun} {name}: {', '.join(_field_parts(row, noun))}"]
        else:
            verb = "added" if row.before is None else "removed"
            links.setdefault(subject, {}).setdefault((noun, verb), []).append(name)
    alike: dict[tuple[str, ...], list[str]] = {}
    for subject, own in parts.items():
        linked = sorted(links.get(subject, {}).items(), key=lambda item: item[0][1])  # what is added first
        told = [*own, *(f"{_named(noun, names)} {verb}" for (noun, verb), names in linked)]
        alike.setdefault(tuple(told), []).append(labels[subject])
    sentences = [
        f"{some_names(names, MAX_NAMES)}: {'; '.join(told)}" if any(names) else "; ".join(told)
        for told, names in alike.items()
    ]
    more = sum(map(len, list(alike.values())[MAX_RECORDS:]))
    return "; ".join(sentences[:MAX_RECORDS]) + (f"; and {more:,} more records" if more else "")


def _told(row: RowChange, *, about_users: bool) -> tuple[Subject, str, str, str | None]:
    """With which record a row is told, that one's name, and what it is of it; no name where it is the record itself."""
    if isinstance(row.name, tuple):
        one, other = row.name
        if row.table == table_of(GroupRole):
            return (table_of(Group), _ids(row)[0]), group_label(one), "role", other
        if row.table == table_of(Membership):
            group, user = _ids(row)
            if about_users:
                return (table_of(User), user), other, "group", group_label(one)
            return (table_of(Group), group), group_label(one), "user", other
        role = (row.before or row.after or {}).get(Rule.role.column_name)
        return (table_of(Role), role if role is not None else one), one, NOUNS[row.table], other
    noun = NOUNS.get(row.table, row.table)
    if "rows" in (row.before or {}):
        assert row.before is not None
        count = int(row.before["rows"])
        told = f"{count:,} {noun}{'s' * (count != 1 and row.table in NOUNS)} {'changed' if row.after else 'deleted'}"
        return (table_of(User), row.id) if row.id else (row.table, None), row.name, told, None
    return (row.table, row.id), group_label(row.name) if noun == "group" else row.name, noun, None


def _ids(row: RowChange) -> tuple[int, int]:
    assert isinstance(row.id, tuple)
    return row.id


def _record_parts(row: RowChange, noun: str) -> list[str]:
    if "rows" in (row.before or {}):
        return [noun]
    if row.before is None or row.after is None:
        return [f"{noun} {'created' if row.before is None else 'deleted'}"]
    return _field_parts(row, noun)


def _field_parts(row: RowChange, noun: str) -> list[str]:
    before, after = row.before or {}, row.after or {}
    told = []
    for column, value in after.items():
        if before.get(column, _UNKNOWN) == value:  # the role that a rule belongs to
            continue
        word = field_word(noun, column)
        if column in ("password", "fk_locale"):
            told.append(f"{word} changed")
        elif column not in UNTOLD:
            told.append(f"{word} {describe(column, before.get(column))} → {describe(column, value)}")
    return told


def field_word(noun: str, column: str) -> str:
    """What people call a column of a kind of record."""
    return "title" if noun == "group" and column == "name" else _FIELDS.get(column, column.replace("_", " "))


def describe(column: str, value: Any) -> str:
    """A value of a column as people read it."""
    if column in _WORDS and value in _WORDS[column]:
        return _WORDS[column][value]
    if column.startswith("is_"):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _named(noun: str, names: Sequence[str]) -> str:
    return f"{noun}{'s' * (len(names) > 1)} {some_names(names, MAX_NAMES)}"
