"""What the program needs of Textual and Textual keeps private: each name, why it is needed, what would replace it."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver
    from textual.notifications import Notification

    _App = App[None]
else:
    _App = object


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
