"""Rules that every text field shares."""

import unicodedata

BLANK = "This value should not be blank."
"""The Back Office's own message (Symfony's NotBlank)."""


class Undecodable(str):
    """A stored text that is no UTF-8, with U+FFFD for what cannot be read, or that is no text but bytes."""

    raw: bytes
    """As it is stored."""
    is_blob: bool
    """Whether it is stored as bytes, which SQLite allows in any column."""

    def __new__(cls, raw: bytes, *, is_blob: bool = False) -> "Undecodable":
        """The text that is shown of it."""
        text = super().__new__(cls, raw.decode("utf-8", "replace"))
        text.raw, text.is_blob = raw, is_blob
        return text


def decoded(raw: bytes) -> str:
    """A text as it is stored."""
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError:
        return Undecodable(raw)


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


def problem(text: str, limit: int) -> str | None:
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


_CODECS = {"latin1": "cp1252", "ascii": "ascii", "us7ascii": "ascii", "utf8mb4": "utf-8"}
"""Python's names for the databases' character sets, where they differ."""


def unwritable(text: str, encoding: str) -> str | None:
    """Why a column with this character set cannot hold the text; None where it can.

    The character set is in the database's words, empty for one that holds every text. MySQL's utf8
    and utf8mb3 have no characters beyond U+FFFF, such as emoji.
    """
    for position, character in enumerate(text, 1):
        if encoding in ("utf8", "utf8mb3"):
            held = ord(character) <= 0xFFFF
        else:
            try:
                held = not encoding or bool(character.encode(_CODECS.get(encoding, encoding)))
            except UnicodeEncodeError:
                held = False
            except LookupError:  # a character set that Python does not know: the database has the last word
                return None
        if not held:
            return f"Character {position} ({character}) cannot be saved: the database's column is in {encoding}."
    return None
