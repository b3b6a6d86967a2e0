"""What every dialog has: its place over the page, and the keys that work in it."""

from typing import TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.widgets.lines import KeyLine

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """Something asked or shown over the page; returns the answer."""

    CSS_PATH = "dialog.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]
    BINDINGS = [
        Binding(
            "question_mark,f1", "app.help", "Help", tooltip="Show the keys of this page", show=False, id="dialog.help"
        ),
        Binding("pageup", "scroll(-1)", "Page up", tooltip="Scroll the details up", show=False, id="dialog.page_up"),
        Binding(
            "pagedown", "scroll(1)", "Page down", tooltip="Scroll the details down", show=False, id="dialog.page_down"
        ),
    ]
    large = False
    """Whether it takes most of the page, as lists do."""

    def compose(self) -> ComposeResult:
        """The dialog's own content in its frame, and the key line in place of the page's."""
        yield Vertical(*self.content(), classes="dialog -large" if self.large else "dialog")
        yield KeyLine()

    def content(self) -> list[Widget]:
        """What stands in the frame, from top to bottom."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Details are scrolled where they are more than fit."""
        return action != "scroll" or any(details.max_scroll_y for details in self.query(".details"))

    def action_scroll(self, pages: int) -> None:
        """Scroll the details."""
        for details in self.query(".details"):
            details.scroll_relative(y=pages * details.size.height, animate=False)
