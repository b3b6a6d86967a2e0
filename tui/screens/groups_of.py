"""The groups that hold a role, or that a user is in."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from models.groups import GroupRow
from models.listing import Listing
from tui.screens.columns import group_columns
from tui.text import shown
from tui.widgets.lines import KeyLine
from tui.widgets.record_list import RecordList


class GroupsOf(ModalScreen[int | None]):
    """Shows groups to choose one from; returns its id."""

    BINDINGS = [
        Binding("enter,e", "choose", "Edit Group", tooltip="Open the highlighted group", id="groups_of.choose"),
        Binding("escape,q", "cancel", "Back", tooltip="Go back", id="groups_of.cancel"),
    ]

    def __init__(self, title: str, listing: Listing[GroupRow]) -> None:
        super().__init__()
        self._title = title
        self._groups = RecordList(listing, group_columns(), noun="group", empty="There is none.")

    def compose(self) -> ComposeResult:
        """The list under its title."""
        with Vertical(classes="dialog -large"):
            yield Static(Content(shown(self._title)), classes="question")
            yield self._groups
        yield KeyLine()

    @on(RecordList.Selected)
    def action_choose(self) -> None:
        """Return the highlighted group."""
        if self._groups.current:
            self.dismiss(self._groups.current.id)

    def action_cancel(self) -> None:
        """Return none."""
        self.dismiss(None)
