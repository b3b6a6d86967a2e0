"""What questions say before something is done, on pages and on the command line."""

from collections.abc import Mapping, Sequence

from tui.text import fit_to_cells, names, plural

PRODUCTION = "production"
"""The mark of a database on which nothing is destroyed by one key."""

LONGEST_TYPED = 30
"""Characters of a name that is to be typed before its record is destroyed; of a longer one, its id is."""

WITHOUT = "without one, a user may open only what the default rules allow to everyone"


def words_to_type(verb: str, records: Mapping[int, str]) -> tuple[str, str]:
    """What is to be typed before records are destroyed (names by ids), and what asks for it; nothing for no records.

    A name that any keyboard types with ease, else the record's id; of several, the button's verb and how many.
    """
    if len(records) != 1:
        to_type, of = f"{verb.lower()} {len(records)}" if records else "", ""
    else:
        ((id, name),) = records.items()
        plain = name.isascii() and name.isprintable() and name == " ".join(name.split()) and name
        short = plain and len(name) <= LONGEST_TYPED
        to_type, of = (name, "") if short else (str(id), f" (the id of “{fit_to_cells(name, 20).rstrip()}”)")
    return to_type, f"PRODUCTION: type {to_type}{of} to confirm"


def last_group_warning(of: int, last: int) -> list[str]:
    """What a question says where users, `last` of so many, would be in no group any more."""
    if not last:
        return []
    if of == 1:
        return [f"This is the user's last group: {WITHOUT}."]
    return [f"For {plural(last, 'user')} it is the last group: {WITHOUT}."]


def unassigned(lists: Mapping[str, int]) -> list[str]:
    """What a question says of picking lists that users lose with their status, counted by the lists' own."""
    if not lists:
        return []
    counted = ", ".join(f"{count:,} {status}" for status, count in lists.items())
    return [f"{plural(sum(lists.values()), 'picking list')} ({counted}) will be unassigned."]


def reference_warning(references: Mapping[str, str], of: int, noun: str) -> list[str]:
    """What a question says of so many records where other parts of the shop find some by references (here by name)."""
    if not references:
        return []
    if of == 1:
        which, them = f"this {noun} by its reference “{''.join(references.values())}”", "it"
    else:
        listed = [f"{name} (“{reference}”)" for name, reference in references.items()]
        which, them = f"{plural(len(listed), noun)} of these by their references: {names(listed, 300)}", "them"
    return [f"Other parts of the shop find {which}: deleting {them} takes their access, e.g. merchants'."]


def cascade_warning(along: Mapping[str, int]) -> list[str]:
    """What a question says of rows of tables that are none of ours and would be deleted too, by table."""
    rows = [f"{plural(count, 'row')} of {table}" for table, count in along.items()]
    return [f"The database deletes along: {', '.join(rows)}."] if rows else []


def named_records(labels: Sequence[str], noun: str) -> str:
    """How a question names records: one by its name; of several, how many and the first ones."""
    if len(labels) == 1:
        return f"the {noun} “{labels[0]}”"
    more = f" and {len(labels) - 3:,} more" if len(labels) > 3 else ""
    return f"{len(labels):,} {noun}s: {', '.join(labels[:3])}{more}"
