"""What every page has: where you are, which database it is, and the keys that work here."""

from typing import TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tui.widgets.lines import KeyLine, TopLine

Result = TypeVar("Result")


class Page(Screen[Result]):
    """A page of the Back Office; `breadcrumb` is its text there."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next", tooltip="Go to the next field", show=False, id="page.next"),
        Binding(
            "shift+tab", "app.focus_previous", "Previous", tooltip="Go back a field", show=False, id="page.previous"
        ),
    ]
    breadcrumb = ""

    def compose(self) -> ComposeResult:
        """The first line, the page's own content, and the key line."""
        yield TopLine(self.breadcrumb)
        yield from self.content()
        yield KeyLine()

    def content(self) -> "list[Widget]":
        """What stands between the first and the last line."""
        raise NotImplementedError

    @property
    def read_only(self) -> bool:
        """Whether the database refuses writes."""
        return bool(self.app.opened.read_only)  # type: ignore[attr-defined]


def close(screen: Screen[Result], result: Result) -> None:
    """Dismiss a screen after something was waited for, with whatever was opened over it meanwhile.

    In a section that was left meanwhile it stays as it is.
    """
    app = screen.app
    if screen in app.screen_stack:
        while app.screen is not screen:
            app.pop_screen()
        screen.dismiss(result)
