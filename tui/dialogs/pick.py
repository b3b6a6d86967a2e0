"""A picker over the page: users to add to a group, or groups for users."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from models import groups, users
from models.access import safeguards
from models.access.impact import AccessChange
from models.db.paging import Listing
from models.groups import GroupRow
from tui.dialogs.dialog import Dialog, under_label
from tui.dialogs.impact_line import SHOW_IMPACT, ImpactLine, ShowsImpact
from tui.dialogs.question import confirm_self_lockout
from tui.keymap.keys import key_of
from tui.text import full_name
from tui.widgets.button import Button
from tui.widgets.column_layout import Column
from tui.widgets.columns import group_columns, status_sign
from tui.widgets.pick_list import PickerRow, PickList
from tui.workers import is_still_there

Changing = Callable[[Sequence[int]], AccessChange]


class Pick(ShowsImpact, Dialog[Mapping[int, str]]):
    """Picks records, several at once; returns their names by their ids, none where it was cancelled.

    `change` gives the change of access for the selected ids: its effect is shown below them.
    """

    BINDINGS = [
        Binding("ctrl+s,f2", "accept", "Confirm", tooltip="Confirm the selection", id="pick.accept", priority=True),
        Binding(
            "enter",
            "accept",
            "Confirm",
            tooltip="Confirm the selection, while the filter is empty",
            show=False,
            id="pick.confirm",
        ),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel", id="pick.cancel"),
        SHOW_IMPACT,
    ]
    AUTO_FOCUS = "PickList"
    large = True

    def __init__(
        self, title: str, verb: str, list: "PickList[Any]", change: Changing | None = None, most: int | None = None
    ) -> None:
        super().__init__()
        self._title_text, self._verb, self._list, self._most = title, verb, list, most
        self._change, self.impact_line, self._confirming = change, ImpactLine("Effect"), False
        self.may_have_effect = change is not None

    @classmethod
    def users(cls, title: str, verb: str, change: Changing | None = None, most: int | None = None) -> "Pick":
        """A picker of users, by name or e-mail; of at most so many."""
        columns = [
            Column[users.UserRow]("E-mail", lambda row, _: row.email, share=3),
            Column[users.UserRow]("Name", lambda row, _: full_name(row.first_name, row.last_name), share=2),
            Column[users.UserRow](
                "Status", lambda row, _: row.status_label, width=11, spare=1, style=lambda row: status_sign(row)[1]
            ),
        ]
        empty = "No users yet."
        picker = PickList(users.listing, columns, lambda row: row.email, noun="user", empty=empty, sign=status_sign)
        return cls(title, verb, picker, change, most)

    @classmethod
    def groups(
        cls, title: str, verb: str, change: Changing | None = None, listing: "Listing[GroupRow]" = groups.listing
    ) -> "Pick":
        """A picker of groups, by name."""
        empty = "No groups yet." if listing is groups.listing else "This user is in no group."
        picker = PickList(listing, group_columns(), lambda row: row.label, noun="group", empty=empty)
        return cls(title, verb, picker, change)

    @property
    def why_unchanged(self) -> str:
        return "nothing is selected"

    def content(self) -> list[Widget]:
        return [
            *under_label(self._title_text, PickerRow("", self._list, field="picked", is_needed=False)),
            self.impact_line,
            Horizontal(
                Button(self._verb, key=key_of(self, "pick.accept"), id="accept", runs="accept"),
                Button("Cancel", key=key_of(self, "pick.cancel"), id="cancel", runs="cancel"),
                classes="buttons",
            ),
        ]

    @on(PickList.SelectionChanged)
    def _show_change(self) -> None:
        selected = [*self._list.selected]
        self.impact_line.show(self._change(selected) if self._change and selected else None)

    def action_accept(self) -> None:
        """Return those selected, unless they are none or too many."""
        selected, key = len(self._list.selected), key_of(self._list, "pick.take")
        if not selected:
            self.app.note(f"nothing selected: {key} selects the highlighted row")
        elif self._most is not None and selected > self._most:
            self.app.note(f"select {self._most} only: {key} unselects the highlighted row")
        elif self._change and safeguards.current_user_email():
            self._confirm()
        else:
            self.dismiss(dict(self._list.selected))

    @work
    async def _confirm(self) -> None:
        if not self._confirming:
            self._confirming, selected = True, dict(self._list.selected)
            if await confirm_self_lockout(self.impact_line) and is_still_there(self):
                self.dismiss(selected)
            self._confirming = False

    def action_cancel(self) -> None:
        self.dismiss({})
