"""Rows of a listing of any length, read a page at a time by key."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from models.db.paging import PAGE, HasId, Listing, Sort
from models.errors import ShopError
from tui.widgets.loaded_rows import LoadedRows
from tui.workers import busy, run_in_thread

R = TypeVar("R", bound=HasId)
T = TypeVar("T")


class PagedRows(LoadedRows[R], Generic[R]):
    """Keeps the rows near the cursor in memory, never the whole listing; the database is not read on the event loop.

    `start` runs a coroutine function beside what is going on. `redraw` is called where other rows may be in view,
    `changed` where also the current row, or what is known of the list, may be another. What was asked before the last
    reload is dropped when it comes.
    """

    def __init__(
        self,
        listing: Listing[R],
        *,
        start: Callable[[Callable[[], Awaitable[None]]], object],
        redraw: Callable[[], object],
        changed: Callable[[], object],
        rows_above: Callable[[R], int] = lambda _: 0,
        first_page: Callable[[], list[R]] | None = None,
    ) -> None:
        super().__init__(rows_above)
        self.listing = listing
        self.sort: Sort = listing.default_sort
        self.count: int | None = None
        self.failure = ""
        self.is_loaded = self.is_extending = False
        self.shows_counts = True
        """Whether what the listing's `fill` counts is shown."""
        self._start, self._redraw, self._changed = start, redraw, changed
        self._first_page = first_page  # it was asked for before there was a list
        self._current_before_failure: R | None = None
        self._generation = 0
        self._settled = asyncio.Event()  # the rows are those that were asked for last
        self._is_jumping = False  # to the first or last rows, which are on their way
        self._one_count = asyncio.Lock()

    @property
    def current_or_last(self) -> R | None:
        """The row under the cursor, or the one that was when the rows could not be read."""
        return self.current or (self._current_before_failure if self.failure else None)

    # What is asked of it

    def reload(self, at: int | None = None, *, to_first: bool = False) -> None:
        """Read the rows again, with the cursor on the record `at`, on the first row, or where it was."""
        self._restart(None if to_first else self.current_or_last if at is None else at)

    def show(self, listing: Listing[R]) -> None:
        self.listing = listing
        self.reload()

    def move_to(self, index: int) -> None:
        """Put the cursor on this row of those in memory, and read on before the view comes to their end."""
        super().move_to(index)
        self._prefetch()

    def resize(self, height: int) -> None:
        """Have so many rows in view."""
        super().resize(height)
        self._prefetch()

    def has_end(self, end: bool) -> bool:
        """Whether the very last row, or the first, is in memory."""
        return not self._is_jumping and (self.at_end if end else self.at_start)

    def read_end(self, end: bool) -> None:
        """Read the very last rows, or the first, and go to the outermost."""
        self._is_jumping = self.is_extending = True
        self._generation += 1
        read = self._read_and_count if self.count is None else self._read
        self._start(partial(read, self._generation, None, end))

    async def wait_loaded(self) -> bool:
        """Wait for the rows that were asked for last, as the next key does; false where others are by now."""
        generation = self._generation
        with busy():
            await self._settled.wait()
        return generation == self._generation

    def fail(self, error: ShopError) -> None:
        """Show why there are no rows, until they are read again; what else was asked for is dropped."""
        self._generation += 1
        self._current_before_failure = self.current_or_last
        self.rows, self.failure, self.is_loaded, self._is_jumping = [], str(error), True, False
        self.count = None
        self._settled.set()
        self._redraw()
        self._changed()

    def close(self) -> None:
        """Drop what is still on its way."""
        self._generation += 1

    # Reading

    def _restart(self, at: R | int | None) -> None:
        self._generation += 1
        self.is_extending = True  # until the new rows are there, nothing is added to those that they replace
        self._settled.clear()
        self._begin(at)

    def _begin(self, at: R | int | None) -> None:
        """Start to read around this row, or from the first one on."""
        self._start(partial(self._read_and_count, self._generation, at))

    async def _ask(self, generation: int, question: Callable[[], T], *, in_thread: bool = False) -> T | None:
        """The answer of the listing; None where it is no longer wanted, or failed (then the reason is shown).

        A page of rows that are in memory takes no thread, a scan of them does.
        """
        try:
            if self.listing.is_in_memory and not in_thread:
                answer = question()
            else:
                answer = await run_in_thread(question)
        except ShopError as error:
            if generation == self._generation:
                self.fail(error)
            return None
        return answer if generation == self._generation else None

    async def _read_and_count(self, generation: int, at: R | int | None, end: bool = False) -> None:
        """Show rows, then how many there are in all, where these are not all."""
        await self._read(generation, at, end)
        if not self._is_whole:
            await self._recount(generation)

    async def _read(self, generation: int, at: R | int | None, end: bool = False) -> None:
        if generation != self._generation:
            return
        with busy():
            rows = await (self._read_outermost(generation, end) if at is None else self._read_around(generation, at))
        self.merge_counts(await self._filled(generation, rows))

    async def _read_outermost(self, generation: int, end: bool) -> list[R]:
        """Show the first rows, or the last ones."""
        question = self._first_page or partial(self.listing.page, self.sort, PAGE, backwards=end)
        self._first_page = None
        rows = await self._ask(generation, question)
        if rows is None:
            return []
        is_whole = len(rows) < PAGE
        self.at_start, self.at_end = is_whole or not end, is_whole or end
        self._show(rows, len(rows) - 1 if end else 0)
        return rows

    async def _read_around(self, generation: int, at: R | int) -> list[R]:
        """Show the rows around one."""
        before = self.current
        around = await self._ask(generation, partial(self._around, at))
        if around is None:
            return []
        rows, index = around
        half = PAGE // 2
        self.at_start, self.at_end = index < half, len(rows) - index < PAGE - half
        if self.current and before and self.current.id != before.id:  # the cursor was moved meanwhile
            index = next((place for place, row in enumerate(rows) if row.id == self.current.id), index)
        self._show(rows, index)
        return rows

    def _around(self, at: R | int) -> tuple[list[R], int]:
        """The rows around one (in a thread), and which of them it is; the whole list, where that was in memory."""
        if self._is_whole:
            rows = self.listing.page(self.sort, PAGE)
            wanted = at if isinstance(at, int) else at.id
            index = next((place for place, row in enumerate(rows) if row.id == wanted), None)
            if index is not None and len(rows) < PAGE:
                return rows, index
        return self.listing.around(self.sort, PAGE, at)

    @property
    def _is_whole(self) -> bool:
        """Whether the rows in memory are all that the listing has."""
        return self.is_loaded and not self.failure and self.at_start and self.at_end

    def _show(self, rows: list[R], cursor: int) -> None:
        """Show these rows of the listing; of a whole one, it is known how many there are."""
        if self.at_start and self.at_end:
            self.count = len(rows)
        self.replace(rows, cursor)

    def replace(self, rows: list[R], cursor: int) -> None:
        """Show these rows instead."""
        super().replace(rows, cursor)
        self.failure, self.is_loaded = "", True
        self.is_extending = self._is_jumping = False
        self._settled.set()
        self._redraw()
        self._changed()

    def _prefetch(self) -> None:
        """Read on before the view comes to an end of the rows."""
        if self.is_extending or not self.rows or self.failure:
            return
        if self.lacks_after or self.lacks_before:
            self.is_extending = True
            self._start(partial(self._extend, self._generation, not self.lacks_after))

    async def _extend(self, generation: int, backwards: bool) -> None:
        """Add the rows before or after those in memory."""
        if generation != self._generation or not self.rows:
            return
        extended = self.rows
        rows = await self._ask(generation, self._page_beside(backwards))
        if rows is None or self.rows is not extended:
            return
        dropped = self.prepend(rows) if backwards else self.append(rows)
        self._note_extension(backwards, len(rows), dropped)
        self.is_extending = False
        self._redraw()
        self.merge_counts(await self._filled(generation, rows))

    def _page_beside(self, backwards: bool) -> Callable[[], list[R]]:
        """What reads the page before, or after, the rows in memory."""
        key = self.listing.key(self.rows[0 if backwards else -1], self.sort)
        return partial(self.listing.page, self.sort, PAGE, key, backwards=backwards)

    def _note_extension(self, backwards: bool, added: int, dropped: int) -> None:
        """Know whether the rows reach to the start, or the end, now."""
        if backwards:
            self.at_start = added < PAGE
        else:
            self.at_end = added < PAGE

    async def _filled(self, generation: int, rows: list[R]) -> list[R]:
        """The rows with what is slow to count, where it is shown; none where they are not wanted, or it failed."""
        if not rows or not self.shows_counts:
            return []
        return await self._ask(generation, partial(self.listing.fill, rows)) or []

    def merge_counts(self, filled: list[R]) -> None:
        """Show what was counted for rows that are shown already."""
        if filled and self.update(filled):
            self._redraw()
            self._changed()

    async def _recount(self, generation: int) -> None:
        async with self._one_count:  # a slow one is not asked again for each letter of a search
            if generation != self._generation:
                return
            count = await self._ask(generation, self.listing.count)
        if count is not None and count != self.count:
            self.count = count
            self._changed()
