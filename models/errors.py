"""What can go wrong, as types: the whole list of what a caller of `models` has to expect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GROUP_NOT_FOUND = "Group couldn't be found"
ROLE_NOT_FOUND = "Role couldn't be found"
USER_NOT_FOUND = "User couldn't be found"


class ShopError(Exception):
    """Anything that `models` refuses or cannot do; its text is a sentence for the user of the program."""


class Invalid(ShopError):
    """What was entered cannot be saved; nothing was written.

    `fields` maps the field's name (as the function's parameter is called) to the message that belongs under it.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class NotFound(ShopError):
    """The record does not exist any more, most likely deleted by someone else."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was changed since a page showed it, in words; `theirs` or `mine` is None where they or I did not."""

    field: str
    """As the function's parameter is called."""
    baseline: str
    """The value that was shown; empty for links, of which only what was added and removed is listed."""
    theirs: str | None
    mine: str | None
    conflicting: bool
    """Whether only one of the two can stay."""
    overwritten: bool
    """Whether writing mine in its place would undo what they changed."""


class Conflict(ShopError):
    """Someone changed the record since the page showed it, so that the user has to choose; nothing was written.

    `theirs` is the record as it is now. A save based on that one writes what was entered as `merged` has it (None
    where both changed the same), or as `mine` has it: what the form holds in place of theirs, roles and groups merged.
    """

    def __init__(self, noun: str, changes: Sequence[FieldChange], *, theirs: Any, merged: Any, mine: Any) -> None:
        super().__init__(f"Someone else changed this {noun}. Nothing has been saved.")
        self.noun, self.changes = noun, tuple(changes)
        self.theirs, self.merged, self.mine = theirs, merged, mine

    def __repr__(self) -> str:  # not what was entered: a password may be in it
        return f"Conflict({[change.field for change in self.changes]})"


class Refused(ShopError):
    """The change is possible but not allowed; the text gives the reason. Nothing was written."""


class Unavailable(ShopError):
    """The database cannot be opened, read or written; the text says why. Nothing was written, if not `Unknown`."""


UNREACHABLE = "The database cannot be reached"
"""How the message begins that says so."""


class Unreachable(Unavailable):
    """The database does not answer, as when the server or the connection to it is down: worth trying again."""


class Unknown(Unreachable):
    """The connection was lost while saving: it is not known whether the change was written."""
