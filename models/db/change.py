"""What a change is: the rows that one transaction writes, each with its values before and after."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

Outcome = Literal["written", "not written", "unknown"]
"""How a transaction ended."""


class RowChange(NamedTuple):  # of which a change may have thousands: a dataclass takes twice as long
    """A row before and after, by the names of its columns; only those that differ where it was there before and is.

    What belongs to a role has that role's id among them.

    Passwords are the word "changed", and `updated_at` is left out. Of rows of other parts of the shop only their number
    is known, as `rows`; they are told by the record that they refer to.
    """

    table: str
    id: int | tuple[int, int] | None
    """Of a link both ids; None for rows that refer to no record of ours."""
    name: str | tuple[str, str]
    """Of a link both names; of a rule its role's name and the rule."""
    before: Mapping[str, Any] | None
    """None for a new row; empty for a link, which has nothing but its ids."""
    after: Mapping[str, Any] | None
    """None for a row that is gone."""


@dataclass
class Note:
    """What a caller knows of a change and its rows do not say, and the ids of the records that were made of it."""

    reason: str | None = None
    """Why it is made, as somebody typed it."""
    effect: Sequence[str] | None = None
    """Whose access it changes, as it was computed before; None where it was not."""
    undoes: str | None = None
    """The record of the change that this one takes back."""
    records: list[str] = field(default_factory=list)
    """The ids of the records of what was written, in their order."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction is about to commit."""

    kind: str
    """The function that makes it, as in `groups.update`."""
    rows: Sequence[RowChange]
    note: Note
    summary: str = ""
    """The change in one sentence, where no row tells it."""
    copy_of: tuple[int, str] | None = None
    """The id and name of the role that the new one is a copy of, where it is one."""


class Recorder(Protocol):
    """Keeps the changes to the opened shop."""

    problem: str
    """Why the last record was not written; empty where it was."""

    def intend(self, change: Change) -> str | None:
        """Note a change before its commit; the id of its record, None where it cannot be noted.

        Raises Refused where nothing may be changed without a record.
        """

    def conclude(self, id: str, outcome: Outcome) -> None:
        """Note how it ended; raises nothing."""

    def check(self) -> str:
        """Set `problem` as a change would now, as far as that can be told without writing."""

    def take_warning(self) -> str:
        """What is to be said of what it could not do beside, each time once; empty where there is nothing."""


_note: ContextVar[Note | None] = ContextVar("note", default=None)


@contextmanager
def annotate(note: Note) -> Iterator[Note]:
    """Meanwhile changes are recorded with this note, which gets the ids of their records."""
    token = _note.set(note)
    try:
        yield note
    finally:
        _note.reset(token)


def current_note() -> Note:
    """The note that changes are recorded with now."""
    return _note.get() or Note()
