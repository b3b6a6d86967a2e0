"""Text from the database as a terminal may show it: data, never markup and never control codes."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from models.text import SIGNS, plural

DATE_AND_TIME = 16
"""Cells that a day with its time of day takes."""

MISSING = "N/A"
"""What stands where a date is missing, as in the Back Office."""


def shown(text: str) -> str:
    """The text with a visible character in place of each that is none, or would command the terminal; as long."""
    return text if text.isascii() and text.isprintable() else text.translate(SIGNS)


def ends_shown(text: str) -> str:
    """The text with a visible sign for each space at its ends, where a cell of a list would hide it; as long."""
    inner = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return text if inner == text else f"{'␣' * before}{inner}{'␣' * (len(text) - before - len(inner))}"


def harmless(text: str) -> str:
    """The text as it is shown, and as a spreadsheet takes it for no formula."""
    text = shown(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def print_error(line: str) -> None:
    """Say it on the standard error, in the program's name; the terminal may be gone."""
    if sys.stderr is None:  # closed; print would take the standard output for it
        return
    with suppress(OSError):
        print(shown(f"backoffice: {brief(line)}"), file=sys.stderr)


def brief(text: str, most: int = 1_000) -> str:
    """The text, without its middle where it is longer than `most`."""
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def fit_to_cells(text: str, width: int, *, right: bool = False) -> str:
    """The text as shown in exactly `width` cells, cut with an ellipsis or padded."""
    text = shown(text[: width * 8])
    cells = cell_len(text)
    if cells > width:
        return set_cell_size(text, width - 1) + "…" if width else ""
    return " " * (width - cells) + text if right else text + " " * (width - cells)


def cells_of(text: str) -> int:
    """The cells that the text takes as it is shown."""
    return cell_len(shown(text))


def names(items: Sequence[str], width: int) -> str:
    """As many names as fit in `width` cells, then how many more: `CMS editor, Media, +2`."""
    for count in range(min(len(items), width // 2 + 1), 0, -1):  # each takes two cells for ", "
        rest = f", +{len(items) - count}" if count < len(items) else ""
        line = ", ".join(items[:count]) + rest
        if cell_len(shown(line)) <= width:
            return line
    return (
        fit_to_cells(items[0], max(width - 4, 1)).rstrip() + f", +{len(items) - 1}"
        if len(items) > 1
        else "".join(items)
    )


def were(count: int, noun: str) -> str:
    """`1 user was`, `12 users were`: what was done follows."""
    return f"{plural(count, noun)} {'was' if count == 1 else 'were'}"


def with_name(sentence: str, name: str) -> str:
    """A message with what it is about: `Group was updated successfully. Catalog`, `Role couldn't be found: Media`."""
    if not name:
        return sentence
    return f"{sentence} {name}" if sentence.endswith((".", "!")) else f"{sentence}: {name}"


def counted(names: Sequence[str], changed: int, done: str, otherwise: str) -> str:
    """What became of so many of the names: `2 of 3 users added to “Sales”; 1 was already in it.`, of one its name."""
    if len(names) == 1:
        return f"{names[0]} was {done if changed else otherwise}."
    if changed == len(names):
        return f"{plural(changed, 'user')} {done}."
    rest = len(names) - changed
    return f"{changed:,} of {plural(len(names), 'user')} {done}; {rest:,} {'was' if rest == 1 else 'were'} {otherwise}."


def full_name(first_name: str, last_name: str) -> str:
    """Both names of a user, or the one there is."""
    return " ".join(filter(None, (first_name, last_name)))


def date(time: datetime | None, width: int) -> str:
    """The day of a time, as lists show it in so many cells; with the time of day where it fits."""
    if time is None:
        return MISSING
    return f"{time:%Y-%m-%d %H:%M}" if width >= DATE_AND_TIME else f"{time:%Y-%m-%d}"
