"""A new password, shown once."""

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.dialog import GuardedDialog


class ShownOnce(GuardedDialog[None]):
    """Shows a password that was made, with a key that copies it; it is nowhere to be seen afterwards."""

    BINDINGS = [
        Binding("y", "copy", "Copy", tooltip="Copy the password to the clipboard", id="shown_once.copy"),
        Binding("escape,enter,q", "close", "Close", tooltip="Close (not shown again)", id="shown_once.close"),
    ]

    def __init__(self, password: str) -> None:
        super().__init__()
        self._password = password

    def content(self) -> list[Widget]:
        return [
            Static("New password (shown only once):", classes="question"),
            Static(Content(self._password)),
            Static("Both password fields are filled in. Save the form to set it.", classes="hint"),
        ]

    def action_copy(self) -> None:
        """Copy it with the terminal's own means (OSC 52)."""
        self.app.copy_to_clipboard(self._password)
        self.notify("The password was sent to the terminal's clipboard.")

    def action_close(self) -> None:
        self.dismiss(None)
