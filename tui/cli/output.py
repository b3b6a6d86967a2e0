"""Lists and records as they are printed: for a terminal, a pipe, a spreadsheet or a program."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from rich.cells import cell_len

from models.db.paging import Listing, R, Sort
from models.db.streaming import stream_rows
from tui.text import DATE_AND_TIME, MISSING, date, ends_shown, fit_to_cells, harmless, shown

Record = Mapping[str, Any]
"""A record by the keys that it has in JSON; times are `datetime`s."""

BETWEEN = "|"
"""Between several names in one cell, as the CSV import reads them."""


def stream_asked(options: argparse.Namespace, listing: Listing[R]) -> Iterator[list[R]]:
    """The rows of a list that the options ask for, a batch at a time."""
    name, _, way = (options.sort or listing.default_sort.by).partition(":")
    return stream_rows(listing, Sort(name, way == "desc"), options.search, options.limit)


def print_list(
    options: argparse.Namespace, batches: Iterator[list[Record]], keys: Sequence[str], table: Mapping[str, str]
) -> None:
    """Print a list as the options say, a batch at a time.

    `keys` are the columns; of these a table for a terminal has only those of `table`, under its headings.
    """
    if options.json:
        _print_json(chain.from_iterable(batches))
    elif options.csv:
        _print_csv(chain.from_iterable(batches), keys)
    elif sys.stdout.isatty():
        _print_table(batches, table)
    else:
        print(*keys, sep="\t")
        for record in chain.from_iterable(batches):
            print(*(shown(_plain(record[key])) for key in keys), sep="\t")


def print_record(options: argparse.Namespace, record: Record) -> None:
    """Print one record: a line for each key, more where it has several values."""
    if options.json:
        print(as_json(record))
        return
    width = max(map(len, record))
    for key, value in record.items():
        lines = value if isinstance(value, list) else [value]
        for place, line in enumerate(lines or [None]):
            print(f"{'' if place else key:{width}}  {shown(_plain(line))}".rstrip())


def as_json(value: Any) -> str:
    """The value in JSON, on one line, in ASCII; times in ISO 8601."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(default=lambda time: time.isoformat(timespec="seconds"))


def _print_json(records: Iterable[Record]) -> None:
    before = "[\n"
    for record in records:
        print(before + as_json(record), end="")
        before = ",\n"
    print("[]" if before == "[\n" else "\n]")


def _print_csv(records: Iterable[Record], keys: Sequence[str]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([harmless(_plain(record[key])) for key in keys] for record in records)


def _plain(value: Any) -> str:
    """A value as text; empty where there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return BETWEEN.join(map(str, value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "" if value is None else str(value)


def _print_table(batches: Iterator[list[Record]], table: Mapping[str, str]) -> None:
    """As wide as the terminal at most; the columns are as wide as the first rows need."""
    lines = ([[_for_eyes(record[key]) for key in table] for record in batch] for batch in batches)
    first = [[*table.values()], *next(lines, [])]
    widths = _fitting([max(cell_len(cells[place]) for cells in first) for place in range(len(table))])
    for cells in chain(first, chain.from_iterable(lines)):
        print("  ".join(fit_to_cells(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _fitting(widths: list[int]) -> list[int]:
    """The widths, the widest ones narrower where the terminal has no room for all."""
    room = max(os.get_terminal_size(sys.stdout.fileno()).columns - 2 * (len(widths) - 1), 4 * len(widths))
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _for_eyes(value: Any) -> str:
    """A value as pages show it."""
    if isinstance(value, list):
        return shown(", ".join(map(str, value)))
    if isinstance(value, datetime):
        return date(value, DATE_AND_TIME)
    return MISSING if value is None else ends_shown(shown(str(value)))
