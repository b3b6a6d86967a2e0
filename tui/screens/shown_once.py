"""A new password, shown once."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.widgets.lines import KeyLine


class ShownOnce(ModalScreen[None]):
    """Shows a password that was made, with a key that copies it; it is nowhere to be seen afterwards."""

    BINDINGS = [
        Binding("y", "copy", "Copy", tooltip="Copy the password to the clipboard", id="shown_once.copy"),
        Binding("escape,enter,q", "close", "Close", tooltip="Close; it is not shown again", id="shown_once.close"),
    ]

    def __init__(self, password: str) -> None:
        super().__init__()
        self._password = password

    def compose(self) -> ComposeResult:
        """The password, and what to do with it."""
        with Vertical(classes="dialog"):
            yield Static("The new password, shown this once:", classes="question")
            yield Static(Content(self._password))
            yield Static("It is in both password fields now; save the form to set it.", classes="hint")
        yield KeyLine()

    def action_copy(self) -> None:
        """Copy it with the terminal's own means (OSC 52)."""
        self.app.copy_to_clipboard(self._password)
        self.notify("The password was sent to the terminal's clipboard.")

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
