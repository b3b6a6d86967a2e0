"""Whole lists for programs that read them: a page after the other, in constant memory however many rows there are."""

from collections.abc import Collection, Iterator
from contextlib import closing

from peewee import chunked

from models.db.paging import Listing, R, Sort
from models.db.statements import BATCH

ROWS = 5_000
"""Rows that are read at once: in an order without an index, each time takes a sort of all."""


def stream_rows(listing: Listing[R], sort: Sort, search: str = "", limit: int | None = None) -> Iterator[list[R]]:
    """The rows of a list, with their counts, a few hundred at a time.

    With `search` those that contain each of its words; those that begin with it come first.
    """
    left = limit
    for rows in _found(listing, sort, search) if search.strip() else _pages(listing, sort, limit):
        for batch in chunked(rows[:left], BATCH):
            yield listing.fill(batch)
        if left is not None and (left := left - len(rows)) <= 0:
            return


def stream_some(listing: Listing[R], sort: Sort, ids: Collection[int]) -> Iterator[list[R]]:
    """The rows of these records, with their counts, in the order of the list, a few hundred at a time."""
    left = set(ids)
    with closing(listing.find("", sort)) as batches:
        for batch in batches:
            for some in chunked([id for id in batch if id in left], BATCH):
                yield listing.fill(listing.rows(some))
            left.difference_update(batch)
            if not left:
                return


def _pages(listing: Listing[R], sort: Sort, limit: int | None) -> Iterator[list[R]]:
    size = ROWS if limit is None else min(ROWS, limit)
    rows = listing.page(sort, size)
    while rows:
        yield rows
        rows = listing.page(sort, size, listing.key(rows[-1], sort)) if len(rows) == size else []


def _found(listing: Listing[R], sort: Sort, search: str) -> Iterator[list[R]]:
    with closing(listing.find(search, sort)) as batches:
        for ids in batches:
            for some in chunked(ids, BATCH):
                yield listing.rows(some)
