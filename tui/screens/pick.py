"""A picker over the page: users to add to a group, or groups for users."""

from typing import Any

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from models import groups, users
from tui.keys import key_of
from tui.screens.columns import group_columns
from tui.screens.dialog import Dialog
from tui.widgets.button import Button
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.record_list import Column


class Pick(Dialog[list[int]]):
    """Picks records, several at once; returns their ids, none where it was cancelled."""

    BINDINGS = [
        Binding("ctrl+s,f2", "accept", "Take these", tooltip="Go on with those taken", id="pick.accept", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Do nothing", id="pick.cancel"),
    ]
    AUTO_FOCUS = "PickList"
    large = True

    def __init__(self, title: str, verb: str, list: "PickList[Any]") -> None:
        super().__init__()
        self._title_text, self._verb, self._list = title, verb, list

    @classmethod
    def users(cls, title: str, verb: str) -> "Pick":
        """A picker of users, by name or e-mail."""
        columns = [
            Column[users.UserRow]("Name", lambda row, _: f"{row.first_name} {row.last_name}", share=2),
            Column[users.UserRow]("E-mail", lambda row, _: row.email, share=3),
            Column[users.UserRow]("Status", lambda row, _: row.status_label, width=11),
        ]
        empty = "There is no user yet."
        return cls(title, verb, PickList(users.listing, columns, lambda row: row.email, noun="user", empty=empty))

    @classmethod
    def groups(cls, title: str, verb: str) -> "Pick":
        """A picker of groups, by name."""
        empty = "There is no group yet."
        picker = PickList(groups.listing, group_columns(), lambda row: row.label, noun="group", empty=empty)
        return cls(title, verb, picker)

    def content(self) -> list[Widget]:
        """The picker and its buttons."""
        return [
            PickerRow(
                self._title_text, self._list, f"type to find, {key_of(self._list, 'pick.take')} takes", field="picked"
            ),
            Horizontal(
                Button(f"{self._verb} ({key_of(self, 'pick.accept')})", id="accept"),
                Button(f"Cancel ({key_of(self, 'pick.cancel')})", id="cancel"),
                classes="buttons",
            ),
        ]

    def action_accept(self) -> None:
        """Return those taken."""
        self.dismiss(list(self._list.taken))

    def action_cancel(self) -> None:
        """Return none."""
        self.dismiss([])

    @on(Button.Pressed, "#accept")
    def _accept_pressed(self) -> None:
        self.action_accept()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_cancel()
