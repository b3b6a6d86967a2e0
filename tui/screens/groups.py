"""Users / User Groups."""

from models import groups
from models.errors import Refused
from models.groups import GroupRow
from tui.screens.group import GroupPage
from tui.screens.list_page import ListPage
from tui.screens.question import Question
from tui.text import MISSING, names, plural
from tui.widgets.record_list import Column, RecordList


class GroupsPage(ListPage[GroupRow]):
    """The list of user groups."""

    breadcrumb = "Users / User Groups"

    def make_list(self) -> RecordList[GroupRow]:
        """Name, Roles, Users, Created At."""
        return RecordList(
            groups.listing,
            [
                Column("Name", lambda row, _: row.label, share=7, sort="name"),
                Column("Roles", lambda row, width: names(row.roles, width), share=4),
                Column("Users", lambda row, _: "…" if row.users is None else f"{row.users:,}", width=7, right=True),
                Column("Created At", lambda row, _: created(row), width=12, sort="created_at"),
            ],
            noun="group",
            empty="There is no user group yet. Press n to create one.",
        )

    def page_of(self, id: int | None) -> GroupPage:
        """Create new Group, or Edit Group."""
        return GroupPage(id)

    def delete_question(self, row: GroupRow) -> Question:
        """Names the group, its roles and how many users lose it."""
        group = groups.get(row.id)
        if group.is_root:
            raise Refused(groups.ROOT_KEPT)
        users = groups.count_users(row.id)
        return Question(
            f"Delete the group “{group.label}”?",
            f"Its roles: {names(list(group.roles.values()), 300) or 'none'}.",
            f"{plural(users, 'user')} will lose it." if users else "No user is in it.",
            yes="Delete",
        )

    def delete(self, row: GroupRow) -> str:
        """Delete the group."""
        groups.delete(row.id)
        return "Group was deleted successfully."


def created(row: GroupRow) -> str:
    """The day a group was created."""
    return MISSING if row.created_at is None else f"{row.created_at:%Y-%m-%d}"
