"""The history as lists show it: read from the ends of its files, as far as it is looked at."""

import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from models.changes import history
from models.changes.history import Record, Wanted
from models.db.given_rows import InMemoryRows
from models.db.opened import opened
from models.db.paging import PAGE, Key, Sort
from models.db.sqlite import has_words

OUTSIDE = "Changed outside this program"

READ_AT_ONCE = 500
"""Records that are read between two chances for another thread to read some."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A record as lists show it."""

    id: int
    """Its place, the newest first."""
    record_id: str
    """Empty for what is no record: what was changed outside this program."""
    at: datetime | None
    """In the shop's zone."""
    who: str
    text: str
    """What was changed, and how that ended where it was not written."""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.record_id} {self.who} {self.text} {self.reason}"


class HistoryRows(InMemoryRows[HistoryRow]):
    """The records that are wanted, the newest first; what was read is kept."""

    is_in_memory = False

    def __init__(self, folder: Path, wanted: Wanted | None = None) -> None:
        super().__init__([])
        self._folder, self._wanted = folder, wanted
        self._loaded: list[HistoryRow] = []
        self._source: Iterator[Record] | None = None
        self._lock = threading.Lock()
        self._is_opening = False

    def open(self) -> bool:
        """Read the first page, however long the files are; meanwhile `page` gives what was found. Raises Unavailable.

        Whether there is anything.
        """
        self._is_opening = True
        try:
            while len(self._loaded) < PAGE and self._read_on(1):
                pass
        finally:
            self._is_opening = False
        return bool(self._loaded)

    @property
    def read(self) -> int:
        """How many were read so far."""
        return len(self._loaded)

    def put_first(self, outside: str) -> None:
        """Put what was changed outside this program before all records."""
        with self._lock:
            rows = [HistoryRow(0, "", None, "", f"{OUTSIDE}: {outside}"), *self._loaded]
            self._loaded = [replace(row, id=place) for place, row in enumerate(rows)]

    def key(self, row: HistoryRow, sort: Sort) -> Key:
        """Its place."""
        return (None, row.id)

    def page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[HistoryRow]:
        """At most `limit` rows after the key, or before it. Raises Unavailable."""
        if backwards:
            end = self.count() if after is None else after[1] + including
            return self._loaded[max(0, end - limit) : end]
        start = 0 if after is None else after[1] + (not including)
        while len(self._loaded) < start + limit and not self._is_opening:
            if not self._read_on(start + limit - len(self._loaded)):
                break
        return self._loaded[start : start + limit]

    def around(self, sort: Sort, limit: int, row: HistoryRow | int) -> tuple[list[HistoryRow], int]:
        """Rows around a row or place, and which of them it is."""
        key = (None, row if isinstance(row, int) else row.id)
        before = self.page(sort, limit // 2, key, backwards=True)
        rows = before + self.page(sort, limit - limit // 2, key, including=True)
        return rows, max(0, min(len(before), len(rows) - 1))

    def rows(self, ids: Sequence[int]) -> list[HistoryRow]:
        """The rows at these places, as far as they were read."""
        return [self._loaded[id] for id in ids if id < len(self._loaded)]

    def count(self) -> int:
        """How many there are; reads all."""
        while self._read_on(READ_AT_ONCE):
            pass
        return len(self._loaded)

    def find(self, text: str, sort: Sort) -> Generator[list[int], None, None]:
        """The places of the rows that contain each word of the text, in batches."""
        words, start = text.casefold(), 0
        while start < len(self._loaded) or self._read_on(READ_AT_ONCE):
            rows = self._loaded[start:]
            start += len(rows)
            yield [row.id for row in rows if has_words(str(row), words)]

    def _read_on(self, count: int) -> bool:
        """Read so many records more; false where there are no more. Raises Unavailable."""
        with self._lock:
            if self._source is None:
                self._source = history.records(self._folder, self._wanted)
            before = len(self._loaded)
            for record in islice(self._source, count):
                self._loaded.append(_row(len(self._loaded), record))
            return len(self._loaded) > before


def _row(place: int, record: Record) -> HistoryRow:
    at = record.at.astimezone(opened().settings.zone).replace(tzinfo=None)
    text = record.summary if record.outcome == "written" else f"[{record.outcome}] {record.summary}"
    return HistoryRow(place, record.id, at, record.who, text, str(record.intent.get("reason") or ""))
