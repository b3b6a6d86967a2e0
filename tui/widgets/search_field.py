"""The field of a list's search."""

from textual.binding import Binding

from tui.widgets.field import Field


class SearchField(Field):
    """Where `/` searches, as you type."""

    DEFAULT_CSS = "SearchField { width: 26; margin-right: 2; }"
    BINDINGS = [
        Binding("enter,down", "screen.leave_search", "To the list", tooltip="Go to what was found", id="search.leave"),
        Binding("escape", "screen.end_search", "Clear", tooltip="Clear the search and show all", id="search.clear"),
    ]
