"""The driver for slow lines: Textual's own, but of each frame only the cells are sent that differ from those shown."""

from typing import TYPE_CHECKING, Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.cells import Cells, harmless

if TYPE_CHECKING:
    from textual.app import App


class ThinLine(LinuxDriver):
    """Input, modes, suspending and resuming are Textual's; only what is written takes another way."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        self._cells = Cells()
        self._told = self._known = (0, 0)

    def redraw(self) -> None:
        """Send everything with the next frame, whatever the terminal shows."""
        self._cells.forget()

    def write(self, data: str) -> None:
        """Send what of it the terminal does not show yet."""
        if not harmless(data):  # these come from the input's thread too, and touch nothing here
            if self._known is not self._told:
                self._known = self._told
                self._cells.resize(*self._told)
            data = self._cells.follow(data)
        if data:
            super().write(data)

    # Textual asks for the size when it starts, comes back from a suspension, and after every SIGWINCH; a terminal that
    # reports its size in band does so with a message. Each may come twice with the same size, and the screen be
    # different all the same; Textual then draws nothing. These run in a signal's handler and in the input's thread.

    def _get_terminal_size(self) -> tuple[int, int]:
        size = super()._get_terminal_size()
        self._resized(*size)
        return size

    def process_message(self, message: Message) -> None:
        """Hand a message from the terminal on."""
        if isinstance(message, events.Resize):
            self._resized(*message.size)
        super().process_message(message)

    def _resized(self, width: int, height: int) -> None:
        self._told = (width, height)
        self._loop.call_soon_threadsafe(self._app.refresh)
