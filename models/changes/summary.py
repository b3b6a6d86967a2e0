"""A recorded change in one sentence, with the names of what was changed."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
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
    if change.summary:
        return change.summary
    labels: dict[Subject, str] = {}
    links: defaultdict[Subject, dict[tuple[str, str], list[str]]] = defaultdict(dict)
    parts: defaultdict[Subject, list[str]] = defaultdict(list)
    about_users = change.kind.partition(".")[0] in ("users", "csv_import")
    for row in change.rows:
        subject, label, noun, name = _told(row, about_users=about_users)
        if subject not in labels:
            labels[subject] = label
        if name is None:
            parts[subject] += _record_parts(row, noun)
        elif row.before is not None and row.after is not None:
            parts[subject].append(f"{noun} {name}: {', '.join(_field_parts(row, noun))}")
        else:
            kind = noun, "added" if row.before is None else "removed"
            own = links[subject]
            if kind in own:
                own[kind].append(name)
            else:
                own[kind] = [name]
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for subject, label in labels.items():
        told: Sequence[str] = parts.get(subject, ())
        if subject in links:
            linked = sorted(links[subject].items(), key=lambda item: item[0][1])  # what is added first
            told = [*told, *(f"{_named(noun, names)} {verb}" for (noun, verb), names in linked)]
        alike[tuple(told)].append(label)
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


def _record_parts(row: RowChange, noun: str) -> Sequence[str]:
    if "rows" in (row.before or {}):
        return [noun]
    if row.before is None or row.after is None:
        return [f"{noun} {'created' if row.before is None else 'deleted'}"]
    return _field_parts(row, noun)


def _field_parts(row: RowChange, noun: str) -> Sequence[str]:
    return _told_fields(noun, tuple((row.before or {}).items()), tuple((row.after or {}).items()))


@lru_cache(maxsize=16)  # of thousands of rows, most are changed alike
def _told_fields(noun: str, before: tuple[tuple[str, Any], ...], after: tuple[tuple[str, Any], ...]) -> list[str]:
    old, told = dict(before), list[str]()
    for column, value in after:
        if old.get(column, _UNKNOWN) == value:  # the role that a rule belongs to
            continue
        if column in ("password", "fk_locale"):
            told.append(f"{field_word(noun, column)} changed")
        elif column not in UNTOLD:
            was, became = describe(column, old.get(column)), describe(column, value)
            told.append(f"{field_word(noun, column)} {was} → {became}")
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
