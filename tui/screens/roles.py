"""Users / User Roles."""

from textual.binding import Binding

from models import roles
from models.errors import ShopError
from models.roles import InUse, RoleRow
from tui.keys import key_of
from tui.screens.ask_name import AskName
from tui.screens.list_page import ListPage
from tui.screens.question import Question
from tui.screens.role import RolePage
from tui.text import day, plural
from tui.widgets.record_list import Column, RecordList


class RolesPage(ListPage[RoleRow]):
    """The list of user roles."""

    breadcrumb = "Users / User Roles"
    gone = roles.GONE
    BINDINGS = [Binding("n", "create", "Create Role", tooltip="Create a user role", id="page.create")]

    def make_list(self) -> RecordList[RoleRow]:
        """Name, Groups, Rules, Created at."""
        return RecordList(
            roles.listing,
            [
                Column("Name", lambda row, _: row.name, sort="name"),
                Column("Groups", lambda row, _: "…" if row.groups is None else f"{row.groups:,}", width=7, right=True),
                Column("Rules", lambda row, _: rules_of(row), width=18),
                Column("Created at", lambda row, _: day(row.created_at), width=12, sort="created_at"),
            ],
            noun="role",
            empty=f"There is no user role yet. Press {key_of(self, 'page.create')} to create one.",
        )

    def page_of(self, id: int | None) -> RolePage:
        """Create new Role, or Edit Role."""
        return RolePage(id)

    def label(self, row: RoleRow) -> str:
        """The role's name."""
        return row.name

    def delete_question(self, rows: list[RoleRow]) -> Question:
        """Names the roles and how many rules go with them."""
        along = roles.check_delete(*[row.id for row in rows])
        rules = sum((row.allows or 0) + (row.denies or 0) for row in roles.listing.fill(rows))
        return Question(
            f"Delete {self.named(rows, 'role')}?",
            "No group holds it." if len(rows) == 1 else "No group holds them.",
            f"{plural(rules, 'rule')} will go with {'it' if len(rows) == 1 else 'them'}.",
            *self.going_along(along),
            yes="Delete",
            destroys=self.to_type(rows),
        )

    def delete(self, rows: list[RoleRow]) -> str:
        """Delete the roles."""
        roles.delete(*[row.id for row in rows])
        return "Role was successfully removed." if len(rows) == 1 else f"{len(rows):,} roles were successfully removed."

    async def refused(self, error: ShopError) -> None:
        """Offers to open the first group that holds the role."""
        if not isinstance(error, InUse):
            await super().refused(error)
            return
        id, name = error.groups[0]
        question = Question(str(error), yes=f"Open {name}", no="Back")
        if await self.app.push_screen_wait(question):
            from tui.screens.group import GroupPage

            await self.app.push_screen_wait(GroupPage(id))

    def clone_question(self, row: RoleRow) -> AskName:
        """The new role's name."""
        return AskName(
            f"Clone the role “{row.name}” with its rules",
            "Name",
            f"{row.name} (copy)",
            lambda name: roles.clone(row.id, name),
        )


def rules_of(row: RoleRow) -> str:
    """How many rules a role has: `12 allow, 1 deny`."""
    if row.allows is None or row.denies is None:
        return "…"
    return (
        ", ".join(f"{count:,} {word}" for count, word in ((row.allows, "allow"), (row.denies, "deny")) if count)
        or "none"
    )
