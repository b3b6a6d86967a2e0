"""Users / User Groups / Create new Group and Edit Group."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models import groups, roles, users
from models.errors import Change, NotFound, ShopError
from models.groups import GroupRecord
from models.preview import Change as AccessChange
from models.roles import RoleRow
from models.users import UserRow
from tui.asking import ask
from tui.keys import key_of
from tui.screens.form_page import FormPage, by_id
from tui.screens.pick import Pick
from tui.screens.question import Question, losing_all
from tui.shape import Shape, are_names, is_id, is_text
from tui.text import names, were
from tui.widgets.field import Field, FormRow
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.record_list import Column, RecordList

if TYPE_CHECKING:
    from tui.drafts import Draft


class Members(RecordList[UserRow]):
    """The users of a group, where they are added and removed."""

    BINDINGS = [
        Binding("enter,e", "screen.edit_user", "Edit", tooltip="Open the highlighted user", id="members.edit"),
        Binding("a", "screen.add_users", "Add users", tooltip="Add users to this group", id="members.add"),
        Binding(
            "d,delete",
            "screen.remove_user",
            "Remove",
            tooltip="Remove the highlighted user from this group, after a question",
            id="members.remove",
        ),
        Binding("escape", "unmark", "Clear", tooltip="Clear the marks", id="members.clear"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the page where there are no marks to clear."""
        return bool(self.marked) if action == "unmark" else super().check_action(action, parameters)

    def action_unmark(self) -> None:
        """Clear the marks."""
        self.unmark()


class GroupPage(FormPage):
    """The form of a group and, once it exists, its users."""

    first = "#title"
    section = "groups"

    def __init__(self, id: int | None, draft: "Draft | None" = None) -> None:
        super().__init__(id, draft)
        self._record: GroupRecord | None = None
        self.breadcrumb = f"Users / User Groups / {'Create new Group' if id is None else 'Edit Group'}"

    def content(self) -> list[Widget]:
        """Title and roles; the users below them, or beside them on a wide terminal."""
        self._title_field = Field(id="title")
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
                    FormRow("Title", self._title_field, field="title"),
                    PickerRow("Assigned Roles", self._roles, "none yet: take at least one", field="roles"),
                    id="form",
                ),
                self._pane,
                id="body",
            ),
            self.buttons(),
        ]

    # The form

    def entered(self) -> tuple[str, tuple[int, ...]]:
        """The title and the roles taken."""
        return self._title_field.value, tuple(sorted(self._roles.taken))

    def load(self) -> GroupRecord | None:
        """Read the group."""
        return None if self.record_id is None else groups.get(self.record_id)

    def show_record(self, record: GroupRecord | None) -> None:
        """Fill the form; a group that exists has its users beside it."""
        self._record = record
        if record is None:
            return
        self._title_field.value = record.name
        self._title_field.disabled = record.is_root
        if record.is_root and (self.focused is None or self.focused is self._title_field):
            self._roles.focus()
        self._roles.take(record.roles, record.roles)
        if not self._pane.children:
            self.say_where("Users / User Groups / Edit Group")
            self._show_users(record.id)

    def check(self, entered: tuple[str, tuple[int, ...]]) -> None:
        """Check title and roles."""
        groups.check(self._record, *entered)

    def write(self, entered: tuple[str, tuple[int, ...]]) -> tuple[str, Sequence[Change]]:
        """Create the group, or write what differs."""
        if self._record is None:
            self.record_id = groups.create(*entered)
            return "Group was created successfully.", ()
        saved = groups.update(self._record, *entered)
        return "Group was updated successfully." if saved else "", saved.meanwhile

    def change(self) -> AccessChange | None:
        """Other roles for the group's users."""
        taken = self._roles.taken.keys()
        if self._record is None or not taken or taken == self._record.roles.keys():
            return None
        id, held = self._record.id, self._record.roles.keys()
        return AccessChange(added_roles={id: sorted(taken - held)}, removed_roles={id: sorted(held - taken)})

    def fill(self, entered: tuple[str, tuple[int, ...]]) -> None:
        """Put title and roles into the form."""
        self._title_field.value, roles = entered
        self._roles.take(roles)

    draft_shape: ClassVar[dict[str, Shape]] = {
        "shown": (None, {"id": is_id, "name": is_text, "roles": are_names}),
        "name": is_text,
        "roles": are_names,
    }

    def draft(self) -> dict[str, Any]:
        """The group as it was shown; title and roles as typed."""
        shown = asdict(self._record) if self._record else None
        return {"shown": shown, "name": self._title_field.value, "roles": self._roles.taken}

    def restore(self, values: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
        """Fill the form with those of a draft."""
        if shown := values["shown"]:
            self.show_record(GroupRecord(shown["id"], shown["name"], by_id(shown["roles"])))
        kept, names = self.entered(), by_id(values["roles"])
        self._title_field.value = values["name"]
        self._roles.take(names, names)
        return kept

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
            empty="",
            copied=lambda row: row.email,
            marking=True,
            id="users",
        )
        add = key_of(self._users, "members.add")
        self._users.empty = f"Users assigned to this group will be shown here. Tab here, then press {add} to add users."
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
        if action == "edit_user":
            return None if self._users.current is None else True
        return super().check_action(action, parameters)

    @work
    async def action_add_users(self) -> None:
        """Add users, several at once; takes effect at once."""
        assert self._record is not None
        id, name = self._record.id, self._record.label
        chosen = await self.app.push_screen_wait(
            Pick.users(f"Add users to “{name}”", "Add", lambda taken: AccessChange(joining={id: list(taken)}))
        )
        if not chosen:
            return
        try:
            with self.staying():
                added = await ask(lambda: groups.add_users(id, [*chosen]))
        except ShopError as error:
            self.notify(str(error), severity="error")
        else:
            already = len(chosen) - added
            message = f"{were(added, 'user')} added to the group."
            self.notify(message + (f" {already} already in it." if already else ""))
        self._users.reload()

    @on(RecordList.Selected, "#users")
    @work
    async def action_edit_user(self) -> None:
        """Open the highlighted user, and come back."""
        from tui.screens.user import UserPage

        if self._users.current:
            self._users.reload(await self.app.push_screen_wait(UserPage(self._users.current.id)))

    @work
    async def action_remove_user(self) -> None:
        """Remove the marked users, or the highlighted one, after a question; takes effect at once."""
        assert self._record is not None
        chosen, group = self._users.chosen, self._record
        try:
            members = await ask(lambda: users.listing.rows(chosen))
            if not members:
                raise NotFound(users.GONE)
            _, last = await ask(lambda: users.leaving([group.id], chosen))
            if not await self.app.push_screen_wait(removal_question(group, members, last)):
                return
            with self.staying():
                removed = await ask(lambda: groups.remove_users(group.id, chosen))
        except NotFound as error:
            self.notify(str(error), severity="warning")
        except ShopError as error:
            self.notify(str(error), severity="error")
        else:
            self._users.unmark()
            one = "The User was removed from the group."
            self.notify(one if removed == 1 else f"{removed:,} users were removed from the group.")
        self._users.reload()


def removal_question(group: GroupRecord, members: list[UserRow], last: int) -> Question:
    """Names who is removed, and says for how many of them it is their last group."""
    if len(members) == 1:
        (user,) = members
        who, to_type = f"{user.first_name} {user.last_name} ({user.email})", user.email
    else:
        who, to_type = f"{len(members):,} users ({names([user.email for user in members], 60)})", str(len(members))
    change = AccessChange(leaving={group.id: [user.id for user in members]})
    question = f"Remove {who} from the group “{group.label}”?"
    return Question(question, *losing_all(len(members), last), yes="Remove", destroys=to_type, change=change)
