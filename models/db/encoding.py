"""Which texts the columns of the opened shop can hold."""

from models.db.opened import opened

_CODECS = {"latin1": "cp1252", "ascii": "ascii", "us7ascii": "ascii", "utf8mb4": "utf-8"}
"""Python's names for the databases' character sets, where they differ."""


def can_hold(text: str) -> bool:
    """Whether a column of the shop can hold the text at all; to query one that none can hold is an error there."""
    if text.isascii():
        return "\0" not in text
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return False
    return any(unwritable(text, encoding) is None for encoding in set(opened().encodings.values()))


def unwritable(text: str, encoding: str) -> str | None:
    """Why a column with this character set cannot hold the text; None where it can.

    The character set is in the database's words, empty for one that holds every text. MySQL's utf8
    and utf8mb3 have no characters beyond U+FFFF, such as emoji.
    """
    for position, character in enumerate(text, 1):
        if encoding in ("utf8", "utf8mb3"):
            fits = ord(character) <= 0xFFFF
        else:
            try:
                fits = not encoding or bool(character.encode(_CODECS.get(encoding, encoding)))
            except UnicodeEncodeError:
                fits = False
            except LookupError:  # a character set that Python does not know: the database has the last word
                return None
        if not fits:
            return f"Character {position} ({character}) cannot be saved: the database's column is in {encoding}."
    return None
