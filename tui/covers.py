"""What stands over a page while the terminal is too small for it."""

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.geometry import Size

from tui.terminal.capabilities import fits

if TYPE_CHECKING:
    from tui.widgets.too_small import TooSmall


class Covers:
    """Covers each page that comes while the terminal is too small, until it is large enough again."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._covers: list[TooSmall] = []
        self._is_started = False

    @property
    def is_covered(self) -> bool:
        """Whether what is on the page cannot be seen."""
        return bool(self._covers)

    def start(self) -> None:
        """See whether the first page fits, which is there now, and each that comes."""
        self._is_started = True
        self.resize(self._app.size)
        self._app.screen_change_signal.subscribe(self._app, lambda _: self.resize(self._app.size))

    def resize(self, size: Size) -> None:
        """Cover the page or show it again, as the terminal's size is now."""
        if fits(*size):
            while self._covers:
                self._covers.pop().remove()
        elif (
            self._is_started
            and self._app.screen.is_attached  # not while the program ends
            and not any(cover.parent is self._app.screen for cover in self._covers)
        ):
            from tui.widgets.too_small import TooSmall  # a closed page took its own along

            self._covers.append(TooSmall())
            self._app.screen.mount(self._covers[-1])
