"""A window of rows over a listing: what a list shows of it, searched and selected from."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import cached_property, partial
from typing import Generic, TypeVar

from models.db.paging import HasId
from models.errors import ShopError
from tui.widgets.match_search import MatchSearch
from tui.widgets.paged_rows import PagedRows
from tui.workers import busy

R = TypeVar("R", bound=HasId)

COUNTS_WAIT_S = 0.02
"""Seconds that matches wait for what is counted for them, so that both come in one frame; most take 2 ms."""

MAX_SELECTED = 10_000
"""Rows that can be selected at once; who means more narrows the search."""


class RowWindow(PagedRows[R], Generic[R]):
    """Rows of a listing, or those that a search finds in it, as it finds them; and which of them are selected."""

    search_text = ""
    matches: MatchSearch | None = None
    """What the search has found; None without one."""
    selected: frozenset[int] = frozenset()
    """The ids of the records that are selected, whether or not they are in memory."""
    _range_from: int | None = None
    """The record at which the range begins that the cursor selects as it moves."""
    _selected_before: frozenset[int] = frozenset()
    """Those that were selected before that range."""
    _is_extended = False
    """Whether the range ends with the next move that does not extend it."""

    # Search

    def search(self, text: str, *, at: int | None = None) -> None:
        """Show only the rows that contain `text`, the cursor on the first; all of them again without one."""
        if text != self.search_text:
            self.search_text = text
            self._restart(at)

    def read_end(self, end: bool) -> None:
        """Read the very last rows, or the first, of all or of those found so far, and go to the outermost."""
        if self.matches is None:
            super().read_end(end)
        elif self.matches.ids:
            self._go_to_match(len(self.matches.ids) - 1 if end else 0)

    def fail(self, error: ShopError) -> None:
        """Show why there are no rows, until they are read again."""
        self._end_search()
        super().fail(error)

    def close(self) -> None:
        """Drop what is still on its way, and what a search would find."""
        self._end_search()
        super().close()

    def replace(self, rows: list[R], cursor: int) -> None:
        """Show these rows instead."""
        super().replace(rows, cursor)
        if self.matches is not None:
            self.matches.rows_displayed()

    @cached_property
    def _one_scan(self) -> asyncio.Lock:
        """Held by the scan that is under way."""
        return asyncio.Lock()

    def _end_search(self) -> None:
        if self.matches is not None:
            self.matches.stop()
            self.matches = None

    def _restart(self, at: R | int | None) -> None:
        self._end_search()
        super()._restart(at)

    def _begin(self, at: R | int | None) -> None:
        if not self.search_text:
            super()._begin(at)
            return
        self.matches = MatchSearch(self.search_text, at if at is None or isinstance(at, int) else at.id)
        self._start(partial(self._find, self._generation, self.matches))
        if self.count is None:  # of all rows; a search leaves it as it is
            self._start(partial(self._recount, self._generation))

    async def _find(self, generation: int, matches: MatchSearch) -> None:
        """Show what is found as it is found; at most one scan is under way, the one before has been told to stop."""
        loop = asyncio.get_running_loop()
        async with self._one_scan:
            if matches is not self.matches:
                return
            report = partial(self._add_matches, matches)
            scan = partial(matches.scan, self.listing, self.sort, lambda ids: loop.call_soon_threadsafe(report, ids))
            if not await self._ask(generation, scan, in_thread=True):
                return
        matches.is_running = False
        if matches.ids:
            self._prefetch()
            self._changed()
        else:
            self.replace([], 0)

    def _add_matches(self, matches: MatchSearch, ids: list[int]) -> None:
        if matches is not self.matches:
            return
        is_first = not matches.ids
        matches.ids.extend(ids)
        self.at_end = False
        if matches.wanted in ids:
            self._go_to_match(matches.ids.index(matches.wanted))
        elif is_first:
            self._go_to_match(0)
        else:
            self._prefetch()
        self._changed()

    def _go_to_match(self, index: int) -> None:
        self.is_extending = True
        self._start(partial(self._show_matches, self._generation, index))

    async def _show_matches(self, generation: int, index: int) -> None:
        """Show the matches around one of them, in one frame with what is counted for them if that is quick."""
        matches = self.matches
        if matches is None or generation != self._generation:
            return
        first, last = matches.span_around(index)
        rows = await self._ask(generation, partial(self.listing.rows, matches.ids[first:last].tolist()))
        if rows is None:
            return
        filling = asyncio.create_task(self._filled(generation, rows))
        await asyncio.wait([filling], timeout=COUNTS_WAIT_S)
        if generation != self._generation:
            return
        matches.first, matches.last = first, last
        self.at_start, self.at_end = first == 0, False
        counted = filling.result() if filling.done() else []
        self.replace(counted or rows, index - first)
        self._prefetch()
        self.merge_counts(await filling)

    def _prefetch(self) -> None:
        if self.matches is not None and not self.is_extending:
            self.at_end = self.matches.last >= len(self.matches.ids)
        super()._prefetch()

    def _page_beside(self, backwards: bool) -> Callable[[], list[R]]:
        if self.matches is None:
            return super()._page_beside(backwards)
        return partial(self.listing.rows, self.matches.page_beside(backwards))

    def _note_extension(self, backwards: bool, added: int, dropped: int) -> None:
        if self.matches is None:
            super()._note_extension(backwards, added, dropped)
            return
        self.matches.note_extension(backwards, dropped)
        if backwards:
            self.at_start = self.matches.first == 0
        else:
            self.at_end = False

    # Selection

    @property
    def target_ids(self) -> list[int]:
        """The ids of the selected records; where none is selected, that of the current one."""
        if self.selected:
            return sorted(self.selected)
        return [self.current.id] if self.current else []

    def toggle_selected(self) -> None:
        """Select or unselect the current row."""
        self._range_from = None
        if self.current is not None:
            self.selected ^= {self.current.id}

    def toggle_range(self) -> None:
        """Select the current row and those that the cursor passes, until this is asked for again."""
        if self._range_from is not None or self.current is None:
            self._range_from = None
            return
        self._range_from, self._selected_before = self.current.id, self.selected
        self._select_range(self._range_from)

    def extend_to(self, index: int) -> None:
        """Put the cursor on this row of those in memory; what it passes is selected, until it is moved otherwise."""
        if self._range_from is None:
            self.toggle_range()
            self._is_extended = True
        self._move_in_range(index)

    def move_to(self, index: int) -> None:
        """Put the cursor on this row of those in memory; a range that was begun reaches to it."""
        if self._is_extended:
            self._range_from, self._is_extended = None, False
        self._move_in_range(index)

    def _move_in_range(self, index: int) -> None:
        super().move_to(index)
        if self._range_from is not None:
            self._select_range(self._range_from)

    def _select_range(self, first: int) -> None:
        """Select the rows in memory from that of this id to the current one, and those that were selected before."""
        ids = [row.id for row in self.rows]
        start = ids.index(first) if first in ids else self.cursor
        self.selected = self._selected_before.union(ids[min(start, self.cursor) : max(start, self.cursor) + 1])
        self._redraw()
        self._changed()

    def clear_selection(self) -> None:
        """Unselect all."""
        self._range_from, self.selected = None, frozenset()
        self._redraw()
        self._changed()

    async def select_all(self) -> bool:
        """Select all rows of the list, or none where all are selected; false where that are too many."""
        generation, listing, text, sort = self._generation, self.listing, self.search_text, self.sort

        def find() -> set[int]:
            matching: set[int] = set()
            with closing(listing.find(text, sort)) as batches:
                for batch in batches:
                    matching.update(batch)
                    if len(matching) > MAX_SELECTED or generation != self._generation:
                        break
            return matching

        with busy():
            matching = await self._ask(generation, find, in_thread=True)
        if matching is None:
            return True
        if len(matching) > MAX_SELECTED:
            return False
        self.selected = frozenset() if matching <= self.selected else self.selected | matching
        self._redraw()
        self._changed()
        return True
