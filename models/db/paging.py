"""Pages of rows, by key: as fast at a million rows as at a hundred, and the same way for every list."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from peewee import SQL, Field, ModelSelect, Node, fn

from models.db.connection import read_connection
from models.db.opened import opened
from models.db.search import contains, prefix_conditions
from models.db.statements import tuples

PAGE = 100
"""Rows that a list reads at once."""

SCANNED_ROWS = 5_000
"""Rows that a search scans between two chances to stop; about 5 ms of work."""

SERVER_SCANNED_ROWS = 50_000
"""The same on a server, where each chunk is a round trip and the work is not ours."""

SERVER_MATCHES = 1_000
"""Matches by index that are read from a server at a time: a driver may need 4 ms, in which no other thread runs."""

FIRST_MATCHES = 100
"""Matches by index that a search yields at first, so that a page of them is shown at once."""

EVERY_ROW = SQL("1 = 1")


class HasId(Protocol):
    """A row that knows its record's id."""

    @property
    def id(self) -> int:
        """The record's id."""


R = TypeVar("R", bound=HasId)
Key = tuple[Any, int]
"""Where a row stands in an order: the value it is sorted by, then its id."""


@dataclass(frozen=True)
class Sort:
    """An order of a list: one of the listing's `orders`, and which way."""

    by: str
    descending: bool = False


class Listing(Generic[R]):
    """A table's rows in the orders it can be sorted by, a page at a time, and what a search finds in them.

    `query` selects the rows' columns, the id among them. `orders` maps a sort's name to the field it sorts by (the
    row's attribute of the same name holds its value); the first is the default. `build` makes rows of the query's
    tuples; `fill` adds what is slow to count, in a call of its own so that it never holds up a page. `searched` are
    the expressions that a search looks into, `elsewhere` the condition that a word is in what belongs to a row (see
    `contains`); `counted` has as many rows as the query, where it is quicker to count.
    """

    is_in_memory = False
    """Whether its rows are there already: a page of them needs no thread to be read in."""

    def __init__(
        self,
        query: "Callable[[], ModelSelect[Any]]",
        id: Field,
        orders: Mapping[str, Field],
        searched: Callable[[], Sequence[Node]],
        build: Callable[[Sequence[tuple[Any, ...]]], list[R]],
        fill: Callable[[list[R]], list[R]] | None = None,
        counted: "Callable[[], ModelSelect[Any]] | None" = None,
        elsewhere: Callable[[str], Any | None] = lambda _: None,
    ) -> None:
        self._query, self._id, self._searched, self._counted = query, id, searched, counted or query
        self._elsewhere = elsewhere
        self.orders: Mapping[str, Any] = orders
        self._build, self._fill = build, fill

    @property
    def default_sort(self) -> Sort:
        """The first of the orders, upwards."""
        return Sort(next(iter(self.orders)))

    def key(self, row: R, sort: Sort) -> Key:
        """Where `row` stands in `sort`."""
        field = self.orders[sort.by]
        return (row.id if field is self._id else getattr(row, field.name), row.id)

    def page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        """At most `limit` rows that come after the key (from the start without one), in the list's order.

        `backwards` takes those before the key (without one, the last rows); `including` the key's own row too.
        """
        with read_connection():
            return self._page(sort, limit, after, backwards=backwards, including=including)

    def around(self, sort: Sort, limit: int, row: R | int) -> tuple[list[R], int]:
        """About `limit` rows around a row or record id, and which of them it is.

        Where the row itself is deleted, its neighbour stands in for it; for an unknown id, the first of all.
        """
        with read_connection():
            if isinstance(row, int):
                keys = tuples(self._query().select(self.orders[sort.by], self._id).where(self._id == row))
                if not keys:
                    return self._page(sort, limit), 0
                key: Key = (keys[0][0], keys[0][1])
            else:
                key = self.key(row, sort)
            before = self._read(sort, limit // 2, key, backwards=True)
            rows = self._build(before + self._read(sort, limit - limit // 2, key, including=True))
            return rows, max(0, min(len(before), len(rows) - 1))

    def rows(self, ids: Sequence[int]) -> list[R]:
        """The rows of these records, in the order of `ids`; those that are deleted are left out."""
        with read_connection():
            rows = {row.id: row for row in self._build(tuples(self._query().where(self._id.in_(ids))))}
        return [rows[id] for id in ids if id in rows]

    def fill(self, rows: list[R]) -> list[R]:
        """The same rows with their counts, in the same order."""
        if self._fill is None or not rows:
            return rows
        with read_connection():
            return self._fill(rows)

    def count(self) -> int:
        """How many rows the list has."""
        with read_connection():
            return int(self._counted().select(fn.COUNT(SQL("*"))).scalar())

    def find(self, text: str, sort: Sort) -> Generator[list[int], None, None]:
        """The ids of the rows that contain each word of `text`, without case, in any order.

        They come in batches (some empty), so that a caller can stop. In an order by a text, those that begin with the
        whole of it come first, found by index; then the others, in the list's order. The batches are read, and the
        generator closed, in the thread that began it: its connection is that thread's.
        """
        text = text.encode(errors="replace").decode()  # half a character has no UTF-8 form; no row holds one
        with read_connection():
            remaining = contains(self._searched(), text, self._elsewhere)
            for begins in prefix_conditions(self.orders[sort.by], text) if text.strip() else []:
                yield from self._walk(sort, begins, indexed=True)
                remaining &= ~begins
            yield from self._walk(sort, remaining, indexed=False)

    def _page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        return self._build(self._read(sort, limit, after, backwards=backwards, including=including))

    def _read(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[tuple[Any, ...]]:
        """What `_build` makes rows of."""
        rows: list[tuple[Any, ...]] = []
        for where, terms, _ in self._stretches(sort, after, backwards, including):
            rows += tuples(self._query().where(where).order_by(*terms).limit(limit - len(rows)))
            if len(rows) >= limit:
                break
        if backwards:
            rows.reverse()
        return rows

    def _stretches(
        self, sort: Sort, key: Key | None, backwards: bool, including: bool
    ) -> list[tuple[Any, list[Any], bool]]:
        """The conditions and orders of the queries that, one after the other, walk the list from the key on.

        One for the rows that have the key's value, where several can, one for the values beyond it, one for the rows
        without a value, which come last whichever way the list is sorted: an index on the column answers each of them
        on every database, which it would not do for all in one. With each goes whether its order is that of the ids.
        """
        field, dialect = self.orders[sort.by], opened().dialect
        descending = sort.descending != backwards
        by_id = [self._id.desc() if descending else self._id.asc()]
        if key is None:
            past_id: Any = EVERY_ROW
        elif descending:
            past_id = self._id <= key[1] if including else self._id < key[1]
        else:
            past_id = self._id >= key[1] if including else self._id > key[1]
        if field is self._id:
            return [(past_id, by_id, True)]
        column = dialect.ordering(field)
        by_value = [column.desc() if descending else column.asc(), *(by_id if dialect.has_ties(field) else [])]
        missing = key is not None and key[0] is None
        without = [(field.is_null() & past_id if missing else field.is_null(), by_id, True)] if field.null else []
        if key is None or missing:
            with_value = [(field.is_null(False) if field.null else EVERY_ROW, by_value, False)]
        else:
            value = dialect.as_stored(key[0])
            if dialect.has_ties(field):
                beyond = column < value if descending else column > value
                with_value = [((column == value) & past_id, by_id, True), (beyond, by_value, False)]
            elif including:
                with_value = [(column <= value if descending else column >= value, by_value, False)]
            else:
                with_value = [(column < value if descending else column > value, by_value, False)]
        if backwards:
            return with_value if key is not None and not missing else without + with_value
        return without if missing else with_value + without

    def _walk(self, sort: Sort, condition: Any, *, indexed: bool) -> Generator[list[int], None, None]:
        """The ids of the rows that meet the condition, in the list's order, in batches.

        Where an index finds them (`indexed`), a batch is so many matches; else so many rows scanned.
        """
        last: Key | None = None
        is_server = opened().dialect.is_server
        chunk = (SERVER_MATCHES if indexed else SERVER_SCANNED_ROWS) if is_server else SCANNED_ROWS
        size = min(FIRST_MATCHES, chunk) if indexed else chunk
        while True:
            for where, terms, by_id in self._stretches(sort, last, False, False):
                ahead = self._query().select(self.orders[sort.by], self._id).where(where).order_by(*terms)
                if indexed:
                    matches = tuples(ahead.where(condition).limit(size))
                    end = matches[size - 1 :]
                else:
                    end = tuples(ahead.offset(size - 1).limit(1))
                    matching = ahead.where(condition)
                    matches = tuples(matching.where(self._upto(sort, end[0], by_id)) if end else matching)
                yield [id for _, id in matches]
                if end:
                    last, size = (end[0][0], end[0][1]), chunk
                    break
            else:
                return

    def _upto(self, sort: Sort, key: tuple[Any, ...], by_id: bool) -> Any:
        """The condition that ends a chunk at its last row, in a stretch that is sorted by id alone, or not."""
        dialect, id = opened().dialect, key[1]
        value = dialect.as_stored(key[0])
        upto_id = self._id >= id if sort.descending else self._id <= id
        if by_id:
            return upto_id
        column = dialect.ordering(self.orders[sort.by])
        if sort.descending:
            return (column >= value) & ((column > value) | upto_id)
        return (column <= value) & ((column < value) | upto_id)
