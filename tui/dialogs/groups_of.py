"""The groups that hold a role, or that a user is in."""

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.db.paging import Listing
from models.groups import GroupRow
from tui.app_base import AppBase
from tui.dialogs.dialog import Dialog
from tui.text import shown
from tui.widgets.columns import group_columns
from tui.widgets.record_list import RecordList


class GroupsOf(Dialog[int | None]):
    """Shows groups to choose one from; returns its id."""

    large = True

    BINDINGS = [
        Binding("enter,e", "choose", "Edit Group", tooltip="Open the group", id="groups_of.choose"),
        Binding("f5", "reload", "Reload list", tooltip="Reload list", show=False, id="groups_of.reload"),
        Binding("escape,q", "cancel", "Back", tooltip="Go back", id="groups_of.cancel"),
    ]

    def __init__(self, title: str, listing: Listing[GroupRow]) -> None:
        super().__init__()
        self._title_text = title
        self._groups = RecordList(
            listing, group_columns(), noun="group", empty="Nothing to show.", copied=lambda row: row.name
        )

    def content(self) -> list[Widget]:
        return [Static(Content(shown(self._title_text)), classes="question"), self._groups]

    @on(RecordList.Opened)
    def action_choose(self) -> None:
        if self._groups.current:
            self.dismiss(self._groups.current.id)

    def action_reload(self) -> None:
        self._groups.reload()

    def action_cancel(self) -> None:
        self.dismiss(None)


async def open_one_of(app: AppBase, title: str, listing: Listing[GroupRow]) -> bool:
    """Show groups and open the one that is selected (in a worker); whether one was."""
    id = await app.push_screen_wait(GroupsOf(title, listing))
    if id is not None:
        await app.visit_record("group", id)
    return id is not None
