"""A listing with some of its records before all others, as a picker shows those that are selected."""

from collections.abc import Generator, Sequence
from typing import TypeVar

from models.db.paging import HasId, Key, Listing, Sort

R = TypeVar("R", bound=HasId)


class SelectedFirst(Listing[R]):
    """The records of these ids (`first`), in that order; then the others, in the listing's own."""

    first: tuple[int, ...] = ()

    def __init__(self, listing: Listing[R]) -> None:
        self._listing = listing
        self.is_in_memory, self.orders = listing.is_in_memory, listing.orders

    def key(self, row: R, sort: Sort) -> Key:
        """Where the row stands in the listing."""
        return self._listing.key(row, sort)

    def page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        """At most `limit` rows after the key, or before it."""
        first = self.first
        place = first.index(after[1]) if after is not None and after[1] in first else None
        if place is None and after is not None and not backwards:
            return self._others(self._beside(sort, limit, after, including=including))[:limit]
        if not backwards:
            rows = self._beside(sort, limit, None)
            start = 0 if place is None else place + (not including)
            return [*self._of_ids(first[start:], rows), *self._others(rows)][:limit]
        rows = [] if place is not None else self._beside(sort, limit, after, backwards=True, including=including)
        before = self._others(rows)
        if len(before) < limit:
            end = len(first) if place is None else place + including
            before = self._of_ids(first[:end], rows) + before
        return before[-limit:]

    def around(self, sort: Sort, limit: int, row: R | int) -> tuple[list[R], int]:
        """Rows around a row or id, and which of them it is; for an unknown id, the first of all."""
        if isinstance(row, int):
            matches = self.rows([row])
            if not matches:
                return self.page(sort, limit), 0
            row = matches[0]
        key = self.key(row, sort)
        before = self.page(sort, limit // 2, key, backwards=True)
        rows = before + self.page(sort, limit - limit // 2, key, including=True)
        return rows, max(0, min(len(before), len(rows) - 1))

    def rows(self, ids: Sequence[int]) -> list[R]:
        return self._listing.rows(ids)

    def fill(self, rows: list[R]) -> list[R]:
        return self._listing.fill(rows)

    def count(self) -> int:
        return self._listing.count()

    def find(self, text: str, sort: Sort) -> Generator[list[int], None, None]:
        """As the listing finds them."""
        return self._listing.find(text, sort)

    def _beside(
        self, sort: Sort, limit: int, key: Key | None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        """A page of the listing in which at least so many are not of the first ones, if there are."""
        return self._listing.page(sort, limit + len(self.first), key, backwards=backwards, including=including)

    def _others(self, rows: list[R]) -> list[R]:
        return [row for row in rows if row.id not in self.first]

    def _of_ids(self, ids: Sequence[int], read: list[R]) -> list[R]:
        """The rows of these ids; only those that were not read yet are asked for."""
        rows = {row.id: row for row in read}
        if missing := [id for id in ids if id not in rows]:
            rows |= {row.id: row for row in self.rows(missing)}
        return [rows[id] for id in ids if id in rows]
