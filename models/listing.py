"""Pages of rows, by key: as fast at a million rows as at a hundred, and the same way for every list."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from peewee import SQL, Expression, Field, ModelSelect, Node, SqliteDatabase, fn
from peewee import _StringField as StringField

from models.database import fold, reading
from models.tables import shop, tuples

CHUNK = 5_000
"""How many rows a search looks at between two chances to stop; about 5 ms of work."""

LAST_CHARACTER = chr(0x10FFFF)
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
    the expressions that a search looks into.
    """

    def __init__(
        self,
        query: "Callable[[], ModelSelect[Any]]",
        id: Field,
        orders: Mapping[str, Field],
        searched: Callable[[], Sequence[Node]],
        build: Callable[[Sequence[tuple[Any, ...]]], list[R]],
        fill: Callable[[list[R]], list[R]] | None = None,
    ) -> None:
        self._query, self._id, self.orders, self._searched = query, id, orders, searched
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
        with reading():
            return self._page(sort, limit, after, backwards=backwards, including=including)

    def around(self, sort: Sort, limit: int, row: R | int) -> tuple[list[R], int]:
        """About `limit` rows around a row or record id, and which of them it is.

        Where the row itself is gone, the one that follows stands in for it; for an unknown id, the first of all.
        """
        with reading():
            if isinstance(row, int):
                found = self._build(tuples(self._query().where(self._id == row)))
                if not found:
                    return self._page(sort, limit), 0
                row = found[0]
            key = self.key(row, sort)
            before = self._page(sort, limit // 2, key, backwards=True)
            return before + self._page(sort, limit - limit // 2, key, including=True), len(before)

    def rows(self, ids: Sequence[int]) -> list[R]:
        """The rows of these records, in the order of `ids`; those that are gone are left out."""
        with reading():
            found = {row.id: row for row in self._build(tuples(self._query().where(self._id.in_(ids))))}
        return [found[id] for id in ids if id in found]

    def fill(self, rows: list[R]) -> list[R]:
        """The same rows with their counts, in the same order."""
        if self._fill is None or not rows:
            return rows
        with reading():
            return self._fill(rows)

    def count(self) -> int:
        """How many rows the list has."""
        with reading():
            return int(self._query().select(fn.COUNT(SQL("*"))).scalar())

    def find(self, text: str, sort: Sort, *, spaces: bool = True) -> Generator[list[int], None, None]:
        """The ids of the rows that contain `text`, without case, in batches (some empty), so that a caller can stop.

        In an order by a text, those that begin with it come first, found by index; then those that contain it
        elsewhere, in the list's order. Where `spaces` is false, spaces count on neither side.
        """
        needle = fold(text, spaces)
        with reading():
            begins = self._begins(self.orders[sort.by], text) if needle else None
            if begins is not None:
                yield from self._walk(sort, begins, indexed=True)
            matches = self._matches(needle, spaces)
            yield from self._walk(sort, matches if begins is None else matches & ~begins, indexed=False)

    def _page(
        self, sort: Sort, limit: int, after: Key | None = None, *, backwards: bool = False, including: bool = False
    ) -> list[R]:
        rows: list[tuple[Any, ...]] = []
        stretches = self._stretches(sort)
        if backwards:
            stretches.reverse()
        if after is not None:
            stretches = stretches[stretches.index(after[0] is None and len(stretches) == 2) :]
        for missing in stretches:
            query = self._query().order_by(*self._terms(sort, missing, backwards)).limit(limit - len(rows))
            rows += tuples(query.where(self._beyond(sort, missing, after, backwards, including)))
            if len(rows) >= limit:
                break
            after = None
        if backwards:
            rows.reverse()
        return self._build(rows)

    def _stretches(self, sort: Sort) -> list[bool]:
        """The queries that a walk through the list takes, each told by whether the value is missing in its rows.

        Rows without a value come last, whichever way the list is sorted; in a query of their own, so that an index
        on the column can answer both.
        """
        return [False, True] if self.orders[sort.by].null else [False]

    def _terms(self, sort: Sort, missing: bool, backwards: bool) -> list[Any]:
        field = self.orders[sort.by]
        columns = [self._id] if missing or field is self._id else [_ordered(field), self._id]
        descending = sort.descending != backwards
        return [column.desc() if descending else column.asc() for column in columns]

    def _beyond(self, sort: Sort, missing: bool, key: Key | None, backwards: bool, including: bool) -> Any:
        """The condition of a stretch's rows beyond the key, or of all its rows without one."""
        field = self.orders[sort.by]
        condition: Any = field.is_null(missing) if field.null else EVERY_ROW
        if key is None:
            return condition
        column, (value, id) = _ordered(field), key
        if sort.descending != backwards:
            past = self._id <= id if including else self._id < id
            at_or_past, strictly_past = column <= value, column < value
        else:
            past = self._id >= id if including else self._id > id
            at_or_past, strictly_past = column >= value, column > value
        if missing or field is self._id:
            return past & condition
        # The first part says nothing new, but without it MySQL reads the whole index.
        return at_or_past & (strictly_past | past) & condition

    def _walk(self, sort: Sort, condition: Any, *, indexed: bool) -> Generator[list[int], None, None]:
        """The ids of the rows that meet the condition, in the list's order, in batches.

        Where an index finds them (`indexed`), a batch is so many rows found; else so many rows looked at.
        """
        for missing in self._stretches(sort):
            last: Key | None = None
            more = True
            while more:
                ahead = self._query().select(self.orders[sort.by], self._id)
                ahead = ahead.order_by(*self._terms(sort, missing, False))
                ahead = ahead.where(self._beyond(sort, missing, last, False, False))
                if indexed:
                    found = tuples(ahead.where(condition).limit(CHUNK))
                    more = len(found) == CHUNK
                    last = (found[-1][0], found[-1][1]) if more else None
                else:
                    end = tuples(ahead.offset(CHUNK - 1).limit(1))
                    more = bool(end)
                    last = (end[0][0], end[0][1]) if end else None
                    upto = self._beyond(sort, missing, last, True, True)
                    found = tuples(ahead.where(condition & upto))
                yield [id for _, id in found]

    def _begins(self, field: Field, text: str) -> Any:
        """The condition that an index answers: the order's own text begins with `text`. None in other orders."""
        if not isinstance(field, StringField):
            return None
        column = _ordered(field)
        return (column >= text) & (column < text + LAST_CHARACTER)

    def _matches(self, needle: str, spaces: bool) -> Any:
        return fn.text_contains(needle, spaces, *self._searched())


def _ordered(field: Field) -> Any:
    """The field as lists sort it: in SQLite without case, as the other databases' usual collations do."""
    if isinstance(field, StringField) and isinstance(shop.obj, SqliteDatabase):
        return Expression(field, "COLLATE", SQL("NOCASE"))
    return field
