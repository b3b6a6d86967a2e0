"""The driver for slow lines: Textual's own, but of each frame only the cells are sent that differ from those shown."""

from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message

from tui.terminal.cells import Cells, harmless
from tui.terminal.driver import TerminalDriver

if TYPE_CHECKING:
    from textual.app import App

_RESET = "\x1b[m\x1b[r\x1b[?6l\x1b[4l\x1b(B\x0f\x1b[?25l"
"""Plain style; all of the screen scrolls, places count from its corner, text replaces text, and no cursor shows."""

_MODES = "\x1b[?7l\x1b[?2004h" + "".join(f"\x1b[?{mode}h" for mode in (1000, 1003, 1015, 1006))
"""Lines do not wrap, pastes are marked, and the mouse is reported, as LinuxDriver asks for it when it starts."""


class ThinLine(TerminalDriver):
    """Input, modes, suspending and resuming are Textual's; only what is written takes another way."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        self._cells = Cells()
        self._size_reported = self._size_applied = (0, 0)

    def redraw(self) -> None:
        """Send everything with the next frame, whatever another program did to the terminal."""
        super().write(_RESET + _MODES)
        self._cells.forget()

    def write(self, data: str) -> None:
        if not harmless(data):  # these come from the input's thread too, and touch nothing here
            if self._size_applied is not self._size_reported:
                self._size_applied = self._size_reported
                self._cells.resize(*self._size_reported)
            data = self._cells.follow(data)
        if data:
            super().write(data)

    # Textual asks for the size when it starts, comes back from a suspension, and after every SIGWINCH; a terminal that
    # reports its size in band does so with a message. The size may be what it was, for it was another one meanwhile:
    # the screen is not what it was then, but Textual draws nothing by itself. These run in a signal's handler and in
    # the input's thread: they only leave a note.

    def terminal_size(self) -> tuple[int, int]:
        """The columns and lines to use now; what the terminal shows is not known any more."""
        self._note_size(*super().terminal_size())
        return self._size_reported

    def process_message(self, message: Message) -> None:
        """Hand a message from the terminal on."""
        if isinstance(message, events.Resize) and message.size != self._size_reported:
            self._note_size(message.size.width, message.size.height)
        super().process_message(message)

    def _note_size(self, width: int, height: int) -> None:
        self._size_reported = (width, height)
        if any(self._size_applied):
            self.loop.call_soon_threadsafe(self.app.refresh)
