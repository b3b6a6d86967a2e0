"""How questions name records, and what they say of consequences elsewhere."""

from collections.abc import Collection, Mapping
from pathlib import Path

from models.text import plural, some_names
from tui.text import fit_to_cells, names

MAX_TYPED_LENGTH = 30
"""Characters of a name that is to be typed before its record is destroyed; if it is longer, the id is."""

RULES_AT_ONCE = "Rules take effect at once."

CHANGE_ROOT_RULES = "Change the rules of root_role?"
ROOT_RULES_WARNING = (
    "It is the administrators' role: a wrong rule here can shut all of them out of pages of the Back Office."
)

_NO_GROUP = "will have no group left and keep only default access"


def named(labels: Collection[str], noun: str) -> str:
    """One record by its name; of several, how many and the first ones."""
    if len(labels) == 1:
        return f"the {noun} “{''.join(labels)}”"
    return f"{len(labels):,} {noun}s: {some_names([*labels], 3)}"


def add_rules_question(rules: Collection[str], role: str) -> str:
    return f"Add {named(rules, 'rule')} to the role “{role}”?"


def undo_question(summary: str, who: str) -> str:
    """Whether a recorded change is to be taken back, which somebody made."""
    return f"Undo “{summary}” ({who})?"


def last_group_warning(of: int, last: int) -> list[str]:
    """For users who are removed from groups, `last` of so many from their last one."""
    if not last:
        return []
    if of == 1:
        return [f"The user {_NO_GROUP}."]
    return [f"{plural(last, 'user')} {_NO_GROUP}."]


def self_lockout_warning(email: str) -> str:
    """For a change that takes the user pages away from the person who makes it."""
    return f"You ({email}) will lose access to user administration."


def picking_list_warning(lists: Mapping[str, int]) -> list[str]:
    """For users who lose picking lists with their status; how many lists have which status of their own."""
    if not lists:
        return []
    by_status = ", ".join(f"{count:,} {status}" for status, count in lists.items())
    return [f"{plural(sum(lists.values()), 'picking list')} ({by_status}) will be unassigned."]


def reference_warning(references: Mapping[str, str], of: int, noun: str) -> list[str]:
    """For records that other parts of the shop find by their references (by name), some or all `of` so many."""
    if not references:
        return []
    if of == 1:
        which, them = f"this {noun} by its reference “{''.join(references.values())}”", "it"
    else:
        listed = [f"{name} (“{reference}”)" for name, reference in references.items()]
        which, them = f"{plural(len(listed), noun)} of these by their references: {names(listed, 300)}", "them"
    return [f"Other parts of the shop find {which}. Deleting {them} removes their access, for example merchants'."]


def cascade_warning(row_counts: Mapping[str, int]) -> list[str]:
    """For rows that would be deleted too, of tables (by name) that are not those of users, groups and roles."""
    rows = [f"{plural(count, 'row')} of {table}" for table, count in row_counts.items()]
    return [f"Also deleted: {', '.join(rows)}."] if rows else []


def words_to_type(verb: str, records: Mapping[int, str]) -> tuple[str, str]:
    """What is to be typed before records are destroyed (names by ids), and what asks for it; nothing for no records.

    A name that any keyboard types with ease, else the record's id; of several, the button's verb and how many.
    """
    if len(records) != 1:
        to_type, of = f"{verb.lower()} {len(records)}" if records else "", ""
    else:
        ((id, name),) = records.items()
        plain = name.isascii() and name.isprintable() and name == " ".join(name.split()) and name
        short = plain and len(name) <= MAX_TYPED_LENGTH
        to_type, of = (name, "") if short else (str(id), f" (the id of “{fit_to_cells(name, 20).rstrip()}”)")
    return to_type, f"PRODUCTION: type {to_type}{of} to confirm"


def passwords_written(file: Path) -> str:
    """Where the passwords of users who are imported will be."""
    return f"Each gets a random password, written once to {file}, which only you can read."
