"""Users / Access."""

from textual.binding import Binding

from models import users
from models.users import UserRow
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.lists.editable_list import EditableListPage
from tui.lists.list_page import ListPage
from tui.widgets.column_layout import Column
from tui.widgets.columns import status_sign, user_columns
from tui.widgets.record_list import RecordList


class AccessPage(ListPage[UserRow]):
    """The list of users, each of which opens the user's access; and the other views of access."""

    breadcrumb = "Users / Access"
    kind = "access"
    open_label = "Access"
    single_keys = {"access.who_may": "Who may", "access.findings": "Findings", "access.compare_marked": "Compare"}
    bulk_keys = {"access.compare_marked": "Compare"}
    BINDINGS = [
        Binding("enter,e", "edit", "Access", tooltip="Show permissions and reasons", id="page.edit"),
        Binding("p", "who_may", "Who may", tooltip="Show who may open a path", id="access.who_may"),
        Action(
            "c",
            "compare",
            "Compare",
            tooltip="Compare the two selected users",
            id="access.compare_marked",
            enabled=lambda page: len(page.records.window.selected) == 2 or page.select_two,
        ),
        Binding("f", "findings", "Findings", tooltip="Show findings", id="access.findings"),
    ]

    def make_list(self) -> RecordList[UserRow]:
        create = key_of(self, "page.create", EditableListPage)
        empty = f"No users yet (press {key_of(self, 'app.users')}, then {create})."
        return RecordList(users.listing, self.columns(), noun="user", empty=empty, is_multiple=True, sign=status_sign)

    def columns(self) -> list[Column[UserRow]]:
        columns = user_columns(is_beside_preview=self.is_beside_preview)
        return [column for column in columns if column.title in ("E-mail", "Groups", "Status")]

    def label(self, row: UserRow) -> str:
        return row.email

    def action_who_may(self) -> None:
        from tui.access.who_may import WhoMayPage

        self.app.open_page(WhoMayPage())

    @property
    def select_two(self) -> str:
        """What is to be done before users can be compared."""
        return f"select two users first, with {key_of(self.records, 'list.mark')}"

    def action_compare(self) -> None:
        from tui.access.comparison import ComparisonPage

        one, other = sorted(self.records.window.selected)
        self.app.open_page(ComparisonPage(one, other))

    def action_findings(self) -> None:
        from tui.access.findings import FindingsPage

        self.app.open_page(FindingsPage())
