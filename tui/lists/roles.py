"""Users / User Roles."""

from textual.binding import Binding

from models import roles
from models.access.impact import AccessChange
from models.errors import ROLE_NOT_FOUND, ShopError
from models.roles import InUse, RoleRow
from tui.dialogs.ask_name import AskName
from tui.dialogs.question import Question
from tui.keymap.keys import key_of
from tui.lists.editable_list import EditableListPage
from tui.widgets.column_layout import Column
from tui.widgets.columns import role_columns
from tui.widgets.record_list import RecordList
from tui.wording.consequences import role_deletion_consequences
from tui.wording.questions import named
from tui.wording.success import role_added, roles_removed


class RolesPage(EditableListPage[RoleRow]):
    """The list of user roles."""

    breadcrumb = "Users / User Roles"
    kind = "role"
    not_found = ROLE_NOT_FOUND
    BINDINGS = [Binding("n", "create", "Create Role", tooltip="Create a user role", id="page.create")]

    def make_list(self) -> RecordList[RoleRow]:
        return RecordList(
            roles.listing,
            self.columns(),
            noun="role",
            empty=f"No user roles yet (press {key_of(self, 'page.create')}).",
            is_multiple=True,
        )

    def columns(self) -> list[Column[RoleRow]]:
        return role_columns()

    def label(self, row: RoleRow) -> str:
        return row.name

    def delete_question(self, rows: list[RoleRow]) -> Question:
        """Names the roles and how many rules go with them."""
        ids = [row.id for row in rows]
        return Question(
            f"Delete {named(self.labels(rows).values(), 'role')}?",
            *role_deletion_consequences(ids),
            yes="Delete",
            destroys=self.labels(rows),
            change=AccessChange(deleted_roles=ids),
        )

    def delete(self, rows: list[RoleRow]) -> str:
        roles.delete(*[row.id for row in rows])
        return roles_removed([row.name for row in rows])

    async def refused(self, error: ShopError, name: str) -> None:
        """Offers to open the first group that holds the role."""
        if not isinstance(error, InUse):
            await super().refused(error, name)
            return
        id, group = error.groups[0]
        question = Question(str(error), yes=f"Open {group}", no="Back")
        if await self.app.push_screen_wait(question):
            await self.app.visit_record("group", id)

    def clone_question(self, row: RoleRow) -> AskName:
        """The new role's name."""
        return AskName(
            f"Clone the role “{row.name}” with its rules",
            "Name",
            f"{row.name} (copy)",
            lambda name: self._clone(row.id, name),
            role_added,
            row.name,
        )

    def _clone(self, id: int, name: str) -> int:
        """Clone a role (in a thread), and warn of what the copy lacks."""
        copy = roles.clone(id, name)
        if missing := roles.missing_in_copy(id, copy):
            self.notify(missing, severity="warning")
        return copy
