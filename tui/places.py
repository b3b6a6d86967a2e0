"""Where a person has been: lists of sections, and pages, gone back to and forward again as in a browser."""

from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from tui.app_base import AppBase, Kind
from tui.widgets.page import Opening, Page

MAX_PLACES = 100
"""Places that are kept."""


@dataclass(frozen=True)
class Place:
    """A page that is open in a section, by what it is of; without that, the section's list, as it was left there."""

    section: str
    page: tuple[Kind, int] | Opening | None


class Places:
    """The places in the order they were visited, and which of them this is."""

    def __init__(self, app: AppBase) -> None:
        self._app = app
        self._visited: list[Place] = []
        self._index = -1
        self._page: tuple[str, Page[Any]] | None = None  # the page that was shown last, and its section
        self._is_going = False

    def arrive(self, screen: Screen[Any]) -> None:
        """Keep the place that is shown now, and the one before: its record may have been created there."""
        if self._is_going or screen is not self._app.screen or not isinstance(screen, Page):
            return
        section = self._app.current_mode
        before, self._page = self._page, (section, screen)
        if before is not None and before[1].place is not None:
            self._visit(Place(before[0], before[1].place))
        if screen is self._app.screen_stack[0] or screen.place is not None:
            self._visit(Place(section, screen.place))

    def _visit(self, place: Place) -> None:
        if place in self._visited[self._index : self._index + 1]:
            self._visited[self._index] = place  # it may show something else by now
        else:
            self._visited[self._index + 1 :] = [place]
            del self._visited[:-MAX_PLACES]
            self._index = len(self._visited) - 1

    async def go(self, steps: int) -> None:
        """Go so many places forward, or back (in a worker); a note says where there is none.

        Pages in the way are closed as Escape closes them: it is asked before unsaved changes are lost.
        """
        self.arrive(self._app.screen)  # at its record, where that was created here
        index = self._index + steps
        if not 0 <= index < len(self._visited):
            self._app.note("nowhere further back" if steps < 0 else "nowhere further forward")
            return
        self._is_going = True
        try:
            is_there = await self._open(self._visited[index])
        finally:
            self._is_going = False
        if is_there:
            self._index, self._page = index, None
        else:
            self.arrive(self._app.screen)

    async def _open(self, place: Place) -> bool:
        """Show a place; false where a page in the way stays."""
        app = self._app
        await app.action_section(place.section)
        open_pages = [page for page in app.screen_stack if isinstance(page, Page)]
        if place.page is not None:
            open_pages = [page for page in open_pages if page.place == place.page]
        if not open_pages:
            assert place.page is not None
            if isinstance(place.page, Opening):
                app.open_page(place.page.open())
            else:
                app.open_record(*place.page)
            return True
        while (page := app.screen) is not open_pages[0]:
            assert isinstance(page, Page)
            await page.go_back()
            if app.screen is page:
                return False
        return True
