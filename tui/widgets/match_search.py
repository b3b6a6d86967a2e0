"""One search through a listing: the ids that it finds, in the order of the list."""

import threading
from array import array
from collections.abc import Callable
from contextlib import closing
from typing import Any

from models.db.paging import PAGE, Listing, Sort
from tui.workers import KEY_WAIT_S


class MatchSearch:
    """What a search for a text has found so far, and which span of it the rows in memory are.

    It is made for one text and one order; another text, or the same one again, is another search. `wanted` is the
    record that the cursor goes to where it is found.
    """

    def __init__(self, text: str, wanted: int | None = None) -> None:
        self.text, self.wanted = text, wanted
        self.ids = array("q")
        self.first = self.last = 0
        self._page = (0, 0)
        self.is_running = True
        self._stopped = threading.Event()
        self._rows_displayed = threading.Event()

    def stop(self) -> None:
        """Tell the scan that nobody waits for what it finds."""
        self._stopped.set()
        self._rows_displayed.set()

    def rows_displayed(self) -> None:
        """Tell the scan that its first rows are displayed, or never will be."""
        self._rows_displayed.set()

    def scan(self, listing: Listing[Any], sort: Sort, report: Callable[[list[int]], object]) -> bool:
        """Look through the listing and report ids as they are found (in a thread); false where it was stopped.

        It goes on once the first rows are displayed: a driver's work would hold up theirs.
        """
        with closing(listing.find(self.text, sort)) as batches:
            for ids in batches:
                if self._stopped.is_set():
                    return False
                if ids:
                    report(ids)
                    self._rows_displayed.wait(KEY_WAIT_S)
        return True

    def span_around(self, index: int) -> tuple[int, int]:
        """From where to where a page of the matches reaches that has this one in its middle."""
        first = max(0, index - PAGE // 2)
        return first, min(first + PAGE, len(self.ids))

    def page_beside(self, backwards: bool) -> list[int]:
        """The page of ids that comes before, or after, those in memory."""
        if backwards:
            first, last = max(0, self.first - PAGE), self.first
        else:
            first, last = self.last, min(self.last + PAGE, len(self.ids))
        self._page = first, last
        return self.ids[first:last].tolist()

    def note_extension(self, backwards: bool, dropped: int) -> None:
        """The rows of that page were added to those in memory, and so many dropped at the other end."""
        first, last = self._page
        if backwards:
            self.first, self.last = first, self.last - dropped
        else:
            self.first, self.last = self.first + dropped, last
