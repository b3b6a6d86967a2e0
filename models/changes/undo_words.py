"""What is said of rows that are taken back."""

from typing import Any

from models.changes.chain import Entry
from models.changes.present import Model, Values
from models.changes.summary import NOUNS, field_word
from models.db.described import NAMES
from models.db.tables import Group, group_label
from models.text import plural


def noun_of(model: Model) -> str:
    """What people call a kind of record."""
    return NOUNS[model._meta.table_name]


def label_of(model: Model, name: Any) -> str:
    """What a record is called in messages; a rule after its role."""
    return group_label(name) if model is Group else name if isinstance(name, str) else ": ".join(name)


def name_of(model: Model, op: Entry, now: Values | None) -> str | tuple[str, str]:
    """What a row is named by: as it is now, or else as it is recorded."""
    if now is not None and model in NAMES:
        return str(now[NAMES[model].column_name])
    name = op["name"]
    return name if isinstance(name, str) else (name[0], name[1])


def field_label(model: Model, op: Entry, column: str) -> str:
    """A field of a row, as in `group Catalog: title`."""
    return f"{noun_of(model)} {label_of(model, op['name'])}: {field_word(noun_of(model), column)}"


def told_rows(op: Entry) -> str:
    """Of rows of another part of the shop: that they stay as they are."""
    count, noun = int(op["before"]["rows"]), NOUNS.get(op["table"])
    told = plural(count, noun) if noun else f"{plural(count, 'row')} of {op['table']}"
    of = f" of {op['name']}" if op["name"] else ""
    if op["after"] is None:
        return f"{told}{of} {'does' if count == 1 else 'do'} not return."
    return f"{told}{of} {'stays as it is' if count == 1 else 'stay as they are'}."


def told_link(linked: Model, gone: Model, names: tuple[str, str]) -> str:
    """Of a link, by both names, whose one record is gone: that it stays away."""
    group, other = names
    deleted = f"the {noun_of(gone)} {label_of(gone, group if gone is Group else other)} is deleted"
    return f"The {noun_of(linked)} {other} cannot return to the group {group_label(group)}: {deleted}."
