"""The line over a list."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.widgets.lines import Sections

if TYPE_CHECKING:
    from tui.widgets.search_field import SearchField


PADDING_CELLS = 3
"""Cells left and right of the sections and of the status."""


class SearchLine(Horizontal):
    """The sections, the field of the search while it is open, and what the list says of itself."""

    def __init__(self) -> None:
        self._status = Static(id="list-status")
        self._shown = ""
        self.field: SearchField | None = None
        self._sections = Sections()
        super().__init__(self._sections, self._status, id="sections")

    def show(self, status: str, hint: str = "") -> None:
        """Show what the list says of itself, after a hint where that takes nothing from the sections."""
        with_hint = f"{hint}   {status}"
        if hint and self._sections.needed_cells + cell_len(with_hint) + PADDING_CELLS <= self.size.width:
            status = with_hint
        if status != self._shown:
            self._shown = status
            self._status.update(Content(status))

    def open(self) -> None:
        """Open the search, or go back to it."""
        if self.field is None:
            from tui.widgets.search_field import SearchField

            self.field = SearchField(id="search", placeholder="search")
            self.mount(self.field, before=self._status)
        self.field.focus()

    async def on_click(self, event: events.Click) -> None:
        """Open the search: the hint of its key is what is clicked."""
        if event.widget is self._status:
            await self.screen.run_action("search")

    async def close(self) -> None:
        """Close the search."""
        if self.field is not None:
            field, self.field = self.field, None
            await field.remove()
