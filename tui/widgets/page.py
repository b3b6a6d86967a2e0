"""What every page has: where you are, which database it is, and the keys that work here."""

from typing import TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tui.app_base import AppBase
from tui.keymap.actions import check_enabled
from tui.widgets.lines import KeyLine, TopLine

Result = TypeVar("Result")

STILL_SAVING = "It is still being saved. You can leave once that is done."


class Page(Screen[Result]):
    """A page of the Back Office; `breadcrumb` is its text there."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]
    app = getters.app(AppBase)
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next", tooltip="Go to the next field", show=False, id="page.next"),
        Binding(
            "shift+tab", "app.focus_previous", "Previous", tooltip="Go back a field", show=False, id="page.previous"
        ),
    ]
    check_action = check_enabled
    breadcrumb = ""
    called = ""
    """What the page that opens this one calls its record: messages name it so until it is read."""
    ended: "tuple[Result] | None" = None
    """What it returns as soon as nothing is over it that would be lost."""

    def on_screen_resume(self) -> None:
        """Close late, where something not saved was over the page when it was to close."""
        if self.ended is not None:
            self.dismiss(*self.ended)

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
        return self.app.opened.read_only


def close(screen: Screen[Result], result: Result) -> None:
    """Dismiss a screen after something was waited for, with whatever was opened over it meanwhile.

    Under a form that is not saved a page waits for that; in a section that was left meanwhile it stays as it is.
    """
    app = screen.app
    if screen in app.screen_stack:
        above = app.screen_stack[app.screen_stack.index(screen) + 1 :]
        if isinstance(screen, Page) and any(getattr(page, "unsaved", False) for page in above):
            screen.ended = (result,)
            return
        for _ in above:
            app.pop_screen()
        screen.dismiss(result)
