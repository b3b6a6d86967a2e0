"""What every page has: where you are, which database it is, and the keys that work here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from models.errors import Conflict, NotFound, Refused, ShopError
from tui.app_base import AppBase, Kind
from tui.keymap.actions import Action, check_enabled
from tui.text import with_name
from tui.widgets.lines import KeyLine, Sections, TopLine

Result = TypeVar("Result")

WIDE_CELLS, VAST_CELLS = 120, 180
"""Cells of a page from which on two parts of it, or three and more, stand side by side."""

STILL_SAVING = "Still saving. You can leave once this is done."


@dataclass(frozen=True)
class Opening:
    """How a page that is not a record's is opened again; two are the same whose pages are of the same.

    `now` is what such a page shows by now.
    """

    page: "Callable[..., Page[Any]]"
    of: tuple[Any, ...] = ()
    now: tuple[Any, ...] = field(default=(), compare=False)

    def open(self) -> "Page[Any]":
        """A new page like the one there was."""
        return self.page(*self.of, *self.now)


class Page(Screen[Result]):
    """A page of the Back Office; a subclass has its `breadcrumb` and its content."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (WIDE_CELLS, "-wide"), (VAST_CELLS, "-vast")]
    app = getters.app(AppBase)
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", tooltip="Next field", show=False, id="page.next"),
        Binding(
            "shift+tab",
            "app.focus_previous",
            "Previous field",
            tooltip="Previous field",
            show=False,
            id="page.previous",
        ),
        Action(
            "f5",
            "reload",
            "Reload",
            tooltip="Reload what is shown",
            show=False,
            id="page.reload",
            priority=True,
            enabled=lambda page: page.can_reload or "nothing to reload yet",
        ),
    ]
    check_action = check_enabled
    breadcrumb = ""
    provisional_name = ""
    """How messages name the page's record until it is loaded: as the page that opened this one does."""
    pending_result: "tuple[Result] | None" = None
    """Of a page that closes as soon as no unsaved form is over it."""

    def on_screen_resume(self) -> None:
        if self.pending_result is not None:
            self.dismiss(*self.pending_result)

    def compose(self) -> ComposeResult:
        set_size_classes(self)
        yield TopLine(self.breadcrumb)
        yield self.second_line()
        yield from self.content()
        yield KeyLine()

    def second_line(self) -> Widget:
        """The sections, the open one marked, and whatever the page has beside them."""
        return Sections()

    def content(self) -> "list[Widget]":
        """What stands between the second and the last line."""
        raise NotImplementedError

    def set_breadcrumb(self, breadcrumb: str) -> None:
        """Show another breadcrumb."""
        self.breadcrumb = breadcrumb
        self.query_one(TopLine).show(breadcrumb)

    @property
    def place(self) -> "tuple[Kind, int] | Opening | None":
        """The record that this is the page of, once it is created, or how else it is opened again; None of a list."""
        return None

    async def go_back(self) -> None:
        """Close the page, unless there is a reason that it stays (in a worker)."""
        self.dismiss(None)

    @property
    def can_reload(self) -> bool:
        """Whether there is something to reload."""
        return True

    def action_reload(self) -> object:
        """Show what is in the database now."""
        raise NotImplementedError

    def show_known_pages(self) -> None:
        """The pages of the shop are known from now on: show what they are called, if the page says so of any."""

    @property
    def read_only(self) -> bool:
        """Whether the database refuses writes."""
        return self.app.opened.read_only


def set_size_classes(screen: Screen[Any]) -> None:
    """Give a screen the classes of its size before it has widgets: with its first resize all would be styled again."""
    sizes = zip(screen.app.size, (screen.HORIZONTAL_BREAKPOINTS, screen.VERTICAL_BREAKPOINTS), strict=True)
    fitting = ([name for least, name in breakpoints or () if size >= least] for size, breakpoints in sizes)
    screen.add_class(*[names[-1] for names in fitting if names])


def close(screen: Screen[Result], result: Result) -> None:
    """Dismiss a screen after something was awaited, with whatever was opened over it meanwhile.

    A page under an unsaved form waits until that is closed; in a section that was left meanwhile it stays open.
    """
    app = screen.app
    if screen in app.screen_stack:
        above = app.screen_stack[app.screen_stack.index(screen) + 1 :]
        if isinstance(screen, Page) and any(getattr(page, "unsaved", False) for page in above):
            screen.pending_result = (result,)
            return
        for _ in above:
            app.pop_screen()
        screen.dismiss(result)


def describe_error(error: ShopError, name: str) -> str:
    """Why something was not done, with the record's name if the record is the reason."""
    return with_name(str(error), name if isinstance(error, Conflict | NotFound | Refused) else "")
