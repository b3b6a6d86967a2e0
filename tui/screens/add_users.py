"""The picker that adds users to a group."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from models import users
from models.users import UserRow
from tui.widgets.lines import KeyLine
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.record_list import Column


class AddUsers(ModalScreen[list[int]]):
    """Picks users by name or e-mail, several at once; returns their ids, none where it was cancelled."""

    BINDINGS = [
        Binding("ctrl+s,f2", "add", "Add", tooltip="Add the users taken", id="add_users.add", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Add nobody", id="add_users.cancel"),
    ]
    AUTO_FOCUS = "PickList"

    def compose(self) -> ComposeResult:
        """The picker, its buttons, and its keys in words."""
        self._list: PickList[UserRow] = PickList(
            users.listing,
            [
                Column("Name", lambda row, _: f"{row.first_name} {row.last_name}", share=2),
                Column("E-mail", lambda row, _: row.email, share=3),
                Column("Status", lambda row, _: row.status_label, width=11),
            ],
            lambda row: row.email,
            noun="user",
            empty="There is no user yet.",
        )
        with Vertical(classes="dialog -large"):
            yield PickerRow("Add users", self._list, "type to find, space takes", field="users")
            with Horizontal(classes="buttons"):
                yield Button("Add (ctrl+s)", id="add", compact=True)
                yield Button("Cancel (esc)", id="cancel", compact=True)
        yield KeyLine()

    def action_add(self) -> None:
        """Return the users taken."""
        self.dismiss(list(self._list.taken))

    def action_cancel(self) -> None:
        """Return nobody."""
        self.dismiss([])

    @on(Button.Pressed, "#add")
    def _add_pressed(self) -> None:
        self.action_add()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_cancel()
