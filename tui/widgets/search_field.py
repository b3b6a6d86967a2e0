"""The field of a list's search."""

from textual.binding import Binding

from tui.widgets.field import Field


class SearchField(Field):
    """Where `/` searches, as you type."""

    DEFAULT_CSS = "SearchField { width: 26; margin-right: 2; }  .-normal SearchField { width: 16; }"
    SCOPED_CSS = False
    BINDINGS = [
        Binding("enter,down", "screen.leave_search", "To the list", tooltip="Go to what was found", id="search.leave"),
        Binding("escape", "screen.end_search", "Clear", tooltip="Clear the search and show all", id="search.clear"),
    ]

    def place_cursor(self) -> None:
        """Put the terminal's own cursor where the field's is, after the field was moved."""
        if self.has_focus:
            self.app.cursor_position = self.cursor_screen_offset
