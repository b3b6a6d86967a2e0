"""Users / User Groups."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.screen import Screen

from models import groups
from models.errors import GROUP_NOT_FOUND
from models.groups import GroupRow
from tui.keymap.keys import key_of
from tui.lists.editable_list import EditableListPage
from tui.widgets.column_layout import Column
from tui.widgets.columns import group_columns
from tui.widgets.record_list import RecordList
from tui.wording.success import groups_were

if TYPE_CHECKING:
    from tui.dialogs.question import Question


class GroupsPage(EditableListPage[GroupRow]):
    """The list of user groups."""

    breadcrumb = "Users / User Groups"
    kind = "group"
    not_found = GROUP_NOT_FOUND
    BINDINGS = [Binding("n", "create", "Create Group", tooltip="Create a user group", id="page.create")]

    def __init__(self, rows: Callable[[], list[GroupRow]] | None = None) -> None:
        super().__init__()
        self._rows = rows

    def make_list(self) -> RecordList[GroupRow]:
        return RecordList(
            groups.listing,
            self.columns(),
            noun="group",
            empty=f"No user groups yet (press {key_of(self, 'page.create')}).",
            copied=lambda row: row.name,
            rows=self._rows,
            is_multiple=True,
        )

    def columns(self) -> list[Column[GroupRow]]:
        return group_columns(is_beside_preview=self.is_beside_preview)

    def label(self, row: GroupRow) -> str:
        return row.label

    def delete_question(self, rows: list[GroupRow]) -> "Question":
        """Names the groups, their roles and how many users lose them."""
        from models.access.impact import AccessChange
        from tui.dialogs.question import Question
        from tui.wording.consequences import group_deletion_consequences
        from tui.wording.questions import named

        ids = [row.id for row in rows]
        return Question(
            f"Delete {named(self.labels(rows).values(), 'group')}?",
            *group_deletion_consequences(ids),
            yes="Delete",
            destroys=self.labels(rows),
            change=AccessChange(deleted_groups=ids),
        )

    def delete(self, rows: list[GroupRow]) -> str:
        groups.delete(*[row.id for row in rows])
        return groups_were("deleted", [*self.labels(rows).values()])

    def clone_question(self, row: GroupRow) -> Screen[int | None]:
        """The new group's title."""
        from tui.dialogs.ask_name import AskName

        return AskName(
            f"Clone the group “{row.label}” with its roles, without its users",
            "Title",
            f"{row.name} (copy)",
            lambda title: groups.clone(row.id, title),
            lambda title: groups_were("created", [title]),
            row.label,
        )
