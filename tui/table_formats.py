"""Tables as text, for a clipboard or a file: what takes them may be a spreadsheet, a shell, a page or a program."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tui.text import harmless, shown

Rows = Iterable[Sequence[str]]


@dataclass(frozen=True)
class Format:
    """A way to write a table: its name, the ending of a file's name, and its lines, made of the headings and rows."""

    name: str
    suffix: str
    lines: Callable[[Sequence[str], Rows], Iterator[str]]


def _names(_: Sequence[str], rows: Rows) -> Iterator[str]:
    """The first cell of each row alone, which names the record."""
    return (shown(row[0]) + "\n" for row in rows)


def _tsv(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    for row in (headings, *rows):
        yield "\t".join(map(harmless, row)) + "\n"


def _csv(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in (headings, *rows):
        writer.writerow(map(harmless, row))
        yield line.getvalue()
        line.seek(line.truncate(0))


def _markdown(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    for row in (headings, None, *rows):
        cells = ["---"] * len(headings) if row is None else [_escaped(shown(cell)) for cell in row]
        yield f"| {' | '.join(cells)} |\n"


def _escaped(cell: str) -> str:
    """The cell as Markdown takes it for text."""
    return re.sub(r"([\\`*_\[\]<>|~&#])", r"\\\1", cell)


def _json(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    """A list of objects; the text itself, escaped."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(dict(zip(headings, row, strict=True)))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


FORMATS = (
    Format("Names", "txt", _names),
    Format("TSV", "tsv", _tsv),
    Format("CSV", "csv", _csv),
    Format("Markdown", "md", _markdown),
    Format("JSON", "json", _json),
)
