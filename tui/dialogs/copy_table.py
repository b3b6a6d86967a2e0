"""Copies the table of a list: the selected rows, or all that are listed, to the clipboard or to a file."""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from models.db.streaming import stream_rows, stream_some
from models.errors import ShopError
from models.text import plural
from tui.app_base import AppBase
from tui.dialogs.menu import Menu
from tui.table_formats import FORMATS, Format
from tui.terminal.capabilities import MAX_COPIED
from tui.widgets.record_list import RecordList
from tui.workers import run_in_thread

_WHOLE = 1_000_000
"""Cells of a column in which each value is whole."""


async def copy_table(app: AppBase) -> None:
    """Ask for a format and copy the table of the list that has the focus (in a worker)."""
    records = app.focused
    if not isinstance(records, RecordList):
        return
    names = f"{records.columns[0].title}s" if records.columns[0].title else FORMATS[0].name
    options = [(format, format.name if place else f"{names} only") for place, format in enumerate(FORMATS)]
    window = records.window
    rows = plural(len(window.selected), "selected row") if window.selected else "all rows listed"
    chosen = await app.push_screen_wait(Menu(f"Copy {rows} as", options))
    if chosen is None:
        return
    table = _Table(records)
    try:
        copied = await run_in_thread(lambda: _text_or_file(table.lines(chosen), f"{records.noun}s", chosen.suffix))
    except (ShopError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        app.notify(f"The table was not copied: {reason}.", severity="error")
    else:
        what = f"{plural(table.count, 'row')}, as {chosen.name}"
        if isinstance(copied, Path):
            app.notify(f"{what}: too long for the clipboard, written to {copied}")
        else:
            app.copy_lines(copied)
            app.notify(f"{what}: sent to the terminal's clipboard.")


class _Table:
    """The table of a list as it is now; `count` is how many of its rows were read."""

    def __init__(self, records: "RecordList[Any]") -> None:
        window = records.window
        self._columns = [part for column in records.columns for part in column.parts or [column]]
        self._name = records.copied
        self._of = (window.listing, window.sort)
        self._selected, self._search = window.selected, window.search_text
        self.count = 0

    def lines(self, format: Format) -> Iterator[str]:
        """Its lines in a format (in a thread)."""
        is_list_of_names = format is FORMATS[0]
        headings = [column.title for column in self._columns]
        return format.lines(
            headings, ([self._name(row)] if is_list_of_names else self._cells(row) for row in self._rows())
        )

    def _rows(self) -> Iterator[Any]:
        batches = stream_some(*self._of, self._selected) if self._selected else stream_rows(*self._of, self._search)
        for row in chain.from_iterable(batches):
            self.count += 1
            yield row

    def _cells(self, row: Any) -> list[str]:
        return [column.value(row, _WHOLE) for column in self._columns]


def _text_or_file(lines: Iterator[str], name: str, suffix: str) -> list[str] | Path:
    """All lines, or where they are too long for a clipboard, the new file that they were written to."""
    read, size = [], 0
    for line in lines:
        read.append(line)
        size += len(line.encode(errors="replace"))
        if size > MAX_COPIED:
            return _write_new(chain(read, lines), f"{name.replace(' ', '-')}-{datetime.now():%Y-%m-%d-%H%M}", suffix)
    return read


def _write_new(lines: Iterator[str], name: str, suffix: str) -> Path:
    """Write a new file in the working folder, which only its owner can read; its path."""
    for number in count(1):
        path = Path.cwd() / f"{name}{f'-{number}' if number > 1 else ''}.{suffix}"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.writelines(lines)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path
    raise AssertionError
