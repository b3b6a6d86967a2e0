"""What can go wrong, as types: the whole list of what a caller of `models` has to expect."""

from collections.abc import Mapping


class ShopError(Exception):
    """Anything that `models` refuses or cannot do; its text is a sentence for the person at the screen."""


class Invalid(ShopError):
    """What was entered cannot be saved; nothing was written.

    `fields` maps the field's name (as the function's parameter is called) to the message that belongs under it.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class NotFound(ShopError):
    """The record is gone, most likely deleted by someone else meanwhile."""


class Refused(ShopError):
    """The change is possible but not allowed; the text gives the reason. Nothing was written."""


class Unavailable(ShopError):
    """The database cannot be opened, read or written now; the text names it and says why. Nothing was written."""


class Unreachable(Unavailable):
    """The database does not answer now, as when the server or the line to it is down; it may well come back."""
