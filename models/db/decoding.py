"""Stored texts that cannot be decoded."""


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


def is_id(value: object) -> bool:
    """Whether what refers to a record can be its id: where SQLite checks no foreign keys, it may hold a text."""
    return isinstance(value, int)
