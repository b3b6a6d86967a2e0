"""Listings of rows that are given: in memory already, or by their ids."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from models.db.paging import Key, Listing, R, Sort
from models.db.sqlite import has_words


class InMemoryRows(Listing[R]):
    """Rows that are in memory already, in the order given, as a listing."""

    is_in_memory = True

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = {row.id: row for row in rows}
        self._set_order([*self._rows])

    def _set_order(self, ids: Sequence[int]) -> None:
        self._ids, self._places = ids, {id: place for place, id in enumerate(ids)}
        self.orders: Mapping[str, Any] = {"": None}

    def key(self, row: R, sort: Sort) -> Key:
        """Where the row stands."""
        return (None, self._places[row.id])

    def page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        """At most `limit` rows after the key, or before it."""
        rows: list[R] = []  # some of the ids may be deleted: on until there are as many
        if backwards:
            end = len(self._ids) if after is None else after[1] + including
            while end > 0 and len(rows) < limit:
                rows = self.rows(self._ids[max(0, end - limit) : end]) + rows
                end -= limit
            return rows[-limit:]
        start = 0 if after is None else after[1] + (not including)
        while start < len(self._ids) and len(rows) < limit:
            rows += self.rows(self._ids[start : start + limit])
            start += limit
        return rows[:limit]

    def around(self, sort: Sort, limit: int, row: R | int) -> tuple[list[R], int]:
        """Rows around a row or id, and which of them it is; where it is deleted, its neighbour."""
        key = (None, self._places.get(row if isinstance(row, int) else row.id, 0))
        before = self.page(sort, limit // 2, key, backwards=True)
        rows = before + self.page(sort, limit - limit // 2, key, including=True)
        return rows, max(0, min(len(before), len(rows) - 1))

    def rows(self, ids: Sequence[int]) -> list[R]:
        """The rows of these ids."""
        return [self._rows[id] for id in ids if id in self._rows]

    def fill(self, rows: list[R]) -> list[R]:
        """The same rows: nothing is left to count."""
        return rows

    def count(self) -> int:
        """How many rows there are."""
        return len(self._ids)

    def find(self, text: str, sort: Sort) -> Generator[list[int], None, None]:
        """The ids of the rows that contain each word of the text."""
        words = text.casefold()
        yield [id for id, row in self._rows.items() if has_words(str(row), words)]


class RowsByIds(InMemoryRows[R]):
    """Some records of a listing, in the order in which their ids are given; a page of them is read at a time."""

    is_in_memory = False

    def __init__(self, listing: Listing[R], ids: Sequence[int]) -> None:
        self._listing = listing
        self._set_order(ids)

    def rows(self, ids: Sequence[int]) -> list[R]:
        """The rows of these ids, as they are now."""
        return self._listing.rows(ids)

    def fill(self, rows: list[R]) -> list[R]:
        """The same rows with their counts."""
        return self._listing.fill(rows)

    def find(self, text: str, sort: Sort) -> Generator[list[int], None, None]:
        """The ids of those that contain each word of the text, in the order in which the listing finds them."""
        with closing(self._listing.find(text, self._listing.default_sort)) as batches:
            for batch in batches:
                yield [id for id in batch if id in self._places]
