"""What the program needs of Textual and Textual keeps private: each name, why it is needed, what would replace it.

No other module uses a private name of Textual or Rich. Each has a test of its own in tests/tui/test_textual_compat.py,
which fails when an upgrade changes it. Nothing large is imported here: the command line reads key names through it.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS as ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS as FUNCTIONAL_KEYS
from textual.keys import _character_to_key

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser
    from textual.app import App
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.drivers.linux_driver import LinuxDriver
    from textual.notifications import Notification
    from textual.widgets import Input

    _App = App[None]
    _Input = Input
else:
    _App = _Input = object

# ANSI_SEQUENCES_KEYS: the key that each older escape sequence stands for. FUNCTIONAL_KEYS: the keys without a character
# in kitty's protocol. Textual's parser takes some of the older ones for keys of kitty's (F11 to F20 among them), and
# types what is neither. To go when it reads both right and drops the rest.


def new_parser() -> "XTermParser":
    """Textual's parser for whole sequences that are known to be right; to go when it is public."""
    from textual._xterm_parser import XTermParser  # late: it takes longer to import than all that is above

    return XTermParser()


def key_name(character: str) -> str:
    """The name of a character's key in bindings, `question_mark` for `?`; to go when textual.keys has it in public."""
    return _character_to_key(character)


def bindings_of(node: "type[DOMNode]") -> "Iterator[tuple[str, Binding]]":
    """The keys of a class, each with its binding, in the order they are declared.

    `BINDINGS` alone does not say what is inherited, and `active_bindings` knows only those under the focus. To go when
    a class can be asked.
    """
    return iter(node._merged_bindings or ())


class ShownInput(_Input):
    """Mixed into an Input whose highlighter shows other characters: counts cells in what is shown.

    Input counts them in its value, where a control character has none, for the cursor, scrolling and clicks. To go when
    it counts what it renders.
    """

    @property
    def displayed(self) -> str:
        """What is shown of the value, character by character."""
        raise NotImplementedError

    def _position_to_cell(self, position: int) -> int:
        return cell_len(self.displayed[:position])

    def _cell_offset_to_index(self, offset: int) -> int:
        text, cells = self.displayed, offset + int(self.scroll_offset.x)
        return next((index for index in range(len(text)) if cell_len(text[: index + 1]) > cells), len(text))


def set_terminal_size(driver: "LinuxDriver", terminal_size: Callable[[], tuple[int, int]]) -> None:
    """Let the driver ask this for the terminal's size: at the start, after a suspension and on each SIGWINCH.

    It hands the answer to the app past `process_message`. To go when sizes can be changed on their way.
    """
    vars(driver)["_get_terminal_size"] = terminal_size


def wrap_output(driver: "LinuxDriver", wrap: Callable[[Any], Any]) -> None:
    """Let the driver write to the terminal through another object, from its next start on.

    A thread of its own writes, and an error there ends nothing. To go when the driver tells of a terminal that is gone.
    """
    driver._file = wrap(driver._file)


def signal_resume(driver: "LinuxDriver") -> None:
    """Let the app publish `app_resume_signal` once the driver has the terminal again.

    For a SIGTSTP handler that stops the whole process group; to go when Textual's does.
    """
    driver._must_signal_resume = True


class WithoutTraceback(_App):
    """Mixed into an App: a failure prints nothing.

    Textual prints a traceback with the values of variables, or source code, and none of either may reach the screen. To
    go when an app can say how it fails.
    """

    @abstractmethod
    def failed(self, failure: Exception) -> None:
        """Take note of a failure that ends the app."""

    def _fatal_error(self) -> None:
        self.failed(self._exception or RuntimeError())
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """Give up as on any other failure."""
        self._fatal_error()


def driver_of(app: "App[Any]") -> "Driver | None":
    """The driver that writes to the app's terminal; None before it is started.

    For what Textual itself never writes, such as a clipboard behind tmux. To go when an app can be asked for it.
    """
    return app._driver


def remove_notification(app: "App[Any]", notification: "Notification") -> None:
    """Take one notification off the screen; to go when `App.clear_notifications` does not take all."""
    app._unnotify(notification)
