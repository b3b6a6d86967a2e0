"""The field of a list's search."""

from textual import events
from textual.binding import Binding

from tui.widgets.field import Field


class SearchField(Field):
    """Where `/` searches, as you type."""

    DEFAULT_CSS = """
    SearchField { width: 16; margin-right: 2; }
    .-beside SearchField, .-wide SearchField, .-vast SearchField { width: 30; }
    """
    SCOPED_CSS = False
    BINDINGS = [
        Binding("enter,down", "screen.leave_search", "Focus list", tooltip="Focus list", id="search.leave"),
        Binding("escape", "screen.end_search", "Clear", tooltip="Clear search", id="search.clear"),
    ]

    def on_paste(self, event: events.Paste) -> None:
        """Put it on one line; Textual hands it to the field's own `on_paste` next."""
        event.text = " ".join(event.text.splitlines())
