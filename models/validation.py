"""What may be entered: the rules of every field, and what is said of a value that breaks one."""

import unicodedata

from models.db.encoding import unwritable
from models.db.opened import opened
from models.db.tables import CharField

BLANK = "This value should not be blank."
"""The Back Office's own message (Symfony's NotBlank)."""


def too_long(limit: int) -> str:
    """The Back Office's own message for a text of more than `limit` characters (Symfony's Length)."""
    return f"This value is too long. It should have {limit} characters or less."


def trimmed(text: str) -> str:
    """The text without separators, control and format characters at its ends.

    Symfony's forms, and so the Back Office, trim the categories Z, Cc and Cf, not only blanks.
    """
    start, end = 0, len(text)
    while start < end and _is_trimmed(text[start]):
        start += 1
    while end > start and _is_trimmed(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_trimmed(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "Z" or category in ("Cc", "Cf")


def line_problem(text: str, limit: int) -> str | None:
    """Why a required one-line text, trimmed already, cannot be saved in `limit` characters; None where it can."""
    if not text:
        return BLANK
    if len(text) > limit:
        return too_long(limit)
    for position, character in enumerate(text, 1):
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp"):
            kind = "half a character" if category == "Cs" else "a control character or line break"
            return f"Character {position} is {kind} (U+{ord(character):04X}), which cannot be saved."
    return None


def length(field: CharField) -> int:
    """How many characters the field's column takes."""
    return int(field.max_length)


def text_problem(field: CharField, text: str) -> str | None:
    """Why a required one-line text, trimmed already, cannot be saved in the field's column; None where it can."""
    return line_problem(text, length(field)) or unwritable(text, opened().encodings.get(field, ""))
