"""A recorded change field by field: what each value was, and what it became."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.changes.chain import Entry
from models.changes.history import Record
from models.changes.summary import NOUNS, UNTOLD, describe, field_word
from models.db.tables import GroupRole, Membership, Rule, User, group_label


@dataclass(frozen=True, slots=True)
class Detail:
    """A field, or a link, before and after; empty where there was none, or is none."""

    what: str
    """The record, as in `group Catalog`."""
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.field == User.password.column_name:  # of which nothing else is known
            return f"{self.what}: {self.field} {self.after}"
        if self.before and self.after:
            return f"{self.what}: {self.field} {self.before} → {self.after}"
        if not self.before and not self.after:
            return f"{self.what} {self.field}"
        value, verb = (self.after, "added") if self.after else (self.before, "removed")
        return f"{self.what}: {self.field} {value} {verb}"


_UNTOLD = {Rule.role.column_name, *UNTOLD}
"""Columns that say nothing to a person; the role is in a rule's name."""

_LINKED = {GroupRole._meta.table_name: "role", Membership._meta.table_name: "user"}


def details(record: Record) -> Iterator[Detail]:
    """All that a record says was changed, in its order."""
    for op in record.ops:
        yield from detail_of(op)


def what_of(table: str, name: str) -> str:
    """What a row is called, with its kind."""
    noun = NOUNS.get(table, table)
    return f"{noun} {group_label(name) if noun == 'group' else name}".rstrip()


def detail_of(op: Entry) -> Iterator[Detail]:
    """What a row of a record says."""
    table, name, before, after = op["table"], op["name"], op["before"], op["after"]
    if table in _LINKED:
        group, other = name
        yield Detail(f"group {group_label(group)}", _LINKED[table], *(("", other) if before is None else (other, "")))
        return
    noun = NOUNS.get(str(table), str(table))
    what = what_of(str(table), ": ".join(name) if isinstance(name, list) else name)
    for column in dict.fromkeys([*(before or {}), *(after or {})]):
        was, became = (describe(column, side[column]) if side and column in side else "" for side in (before, after))
        if was != became and column not in _UNTOLD:
            yield Detail(what, field_word(noun, column), was, became)
