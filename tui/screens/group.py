"""Users / User Groups / Create new Group and Edit Group."""

from textual import on, work
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from models import groups, roles, users
from models.errors import NotFound, ShopError
from models.groups import GroupRecord
from models.roles import RoleRow
from models.users import UserRow
from tui.screens.add_users import AddUsers
from tui.screens.form_page import FormPage
from tui.screens.page import in_thread
from tui.screens.question import Question
from tui.text import plural
from tui.widgets.field import Field, FormRow
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.record_list import Column, RecordList


class Members(RecordList[UserRow]):
    """The users of a group, where they are added and removed."""

    BINDINGS = [
        Binding("a", "screen.add_users", "Add users", tooltip="Add users to this group", id="members.add"),
        Binding(
            "d,delete",
            "screen.remove_user",
            "Remove",
            tooltip="Remove the highlighted user from this group, after a question",
            id="members.remove",
        ),
    ]


class GroupPage(FormPage):
    """The form of a group and, once it exists, its users."""

    AUTO_FOCUS = "#title"

    def __init__(self, id: int | None) -> None:
        super().__init__(id)
        self._record: GroupRecord | None = None
        self.breadcrumb = f"Users / User Groups / {'Create new Group' if id is None else 'Edit Group'}"

    def content(self) -> list[Widget]:
        """Title and roles; the users below them, or beside them on a wide terminal."""
        self._title = Field(id="title")
        self._roles: PickList[RoleRow] = PickList(
            roles.listing,
            [Column("Name", lambda row, _: row.name)],
            lambda row: row.name,
            noun="role",
            empty="A group needs a role, and there is none yet. Create one first, in User Roles.",
            id="roles",
        )
        self._pane = Vertical(id="pane")
        self._pane.display = False
        return [
            Container(
                Vertical(
                    FormRow("Title", self._title, field="title"),
                    PickerRow("Assigned Roles", self._roles, "none yet: take at least one", field="roles"),
                    id="form",
                ),
                self._pane,
                id="body",
            ),
            Horizontal(
                Button("Save", id="save", compact=True), Button("Cancel", id="cancel", compact=True), classes="buttons"
            ),
        ]

    # The form

    def entered(self) -> tuple[str, tuple[int, ...]]:
        """The title and the roles taken."""
        return self._title.value, tuple(sorted(self._roles.taken))

    def load(self) -> GroupRecord:
        """Read the group."""
        assert self.record_id is not None
        return groups.get(self.record_id)

    def show_record(self, record: GroupRecord | None) -> None:
        """Fill the form; a group that exists has its users beside it."""
        self._record = record
        if record is None:
            return
        self._title.value = record.name
        self._title.disabled = record.is_root
        if record.is_root and (self.focused is None or self.focused is self._title):
            self._roles.focus()
        self._roles.take(record.roles)
        if not self._pane.children:
            self.say_where("Users / User Groups / Edit Group")
            self._show_users(record.id)

    def check(self, entered: tuple[str, tuple[int, ...]]) -> None:
        """Check title and roles."""
        groups.check(self._record, *entered)

    def write(self, entered: tuple[str, tuple[int, ...]]) -> str:
        """Create the group, or write what differs."""
        if self._record is None:
            self.record_id = groups.create(*entered)
            return "Group was created successfully."
        return "Group was updated successfully." if groups.update(self._record, *entered) else ""

    # Its users

    def _show_users(self, id: int) -> None:
        self._users: RecordList[UserRow] = Members(
            users.members(id),
            [
                Column("First Name", lambda row, _: row.first_name, share=3),
                Column("Last Name", lambda row, _: row.last_name, share=3),
                Column("E-mail", lambda row, _: row.email, share=7),
                Column("Status", lambda row, _: row.status_label, width=11),
            ],
            noun="user",
            empty="Users assigned to this group will be shown here. Press a to add users.",
            id="users",
        )
        self._users_line = Static("", id="users-line")
        self._pane.display = True
        self._pane.mount(FormRow("Users", self._users_line, self._users, field="users", tall=True))

    @on(RecordList.Changed, "#users")
    def _users_changed(self) -> None:
        status = self._users.status
        self._users_line.update(Content("none yet" if status == "0 users" else status))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what cannot be done now."""
        if action == "add_users":
            return None if self.read_only else True
        if action == "remove_user":
            return None if self.read_only or self._users.current is None else True
        return super().check_action(action, parameters)

    @work
    async def action_add_users(self) -> None:
        """Add users, several at once; takes effect at once."""
        assert self.record_id is not None
        id = self.record_id
        chosen = await self.app.push_screen_wait(AddUsers())
        if not chosen:
            return
        try:
            added = await in_thread(lambda: groups.add_users(id, chosen))
        except ShopError as error:
            self.notify(str(error), severity="error")
        else:
            already = len(chosen) - added
            message = f"{plural(added, 'user')} {'was' if added == 1 else 'were'} added to the group."
            self.notify(message + (f" {already} already in it." if already else ""))
        self._users.reload()

    @work
    async def action_remove_user(self) -> None:
        """Remove the highlighted user, after a question; takes effect at once."""
        assert self._record is not None
        user, group = self._users.current, self._record
        if user is None:
            return
        try:
            groups_left = await in_thread(lambda: users.count_groups(user.id) - 1)
            question = Question(
                f"Remove {user.first_name} {user.last_name} ({user.email}) from the group “{group.label}”?",
                *(["This is the user's last group: without one, the user may open nothing."] * (groups_left < 1)),
                yes="Remove",
            )
            if not await self.app.push_screen_wait(question):
                return
            await in_thread(lambda: groups.remove_users(group.id, [user.id]))
        except NotFound as error:
            self.notify(str(error), severity="warning")
        except ShopError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify("The User was removed from the group.")
        self._users.reload()
