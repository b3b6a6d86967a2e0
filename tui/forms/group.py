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

from models import groups, memberships, roles, users, validation
from models.access.impact import AccessChange, merchants_note
from models.db.tables import group_label
from models.errors import GROUP_NOT_FOUND, USER_NOT_FOUND, FieldChange, NotFound, Refused, ShopError
from models.groups import GroupRecord
from models.roles import RoleRow
from models.users import UserRow
from tui.dialogs.pick import Pick
from tui.dialogs.question import Question, last_group_warning
from tui.forms.form_page import FormPage, by_id
from tui.keymap.keys import key_of
from tui.shape import Shape, are_names, is_id, is_text
from tui.text import counted, names, plural, with_name
from tui.widgets.field import Field, FormRow
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.record_list import Column, RecordList
from tui.workers import run_busy

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
                    PickerRow("Assigned Roles", self._roles, "None selected (at least one required)", field="roles"),
                    id="form",
                ),
                self._pane,
                id="body",
            ),
            self.buttons(),
        ]

    # The form

    @property
    def record_name(self) -> str:
        """The group's title."""
        return self._record.label if self._record else self._title_field.value.strip()

    def form_value(self) -> tuple[str, tuple[int, ...]]:
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

    def write(self, entered: tuple[str, tuple[int, ...]]) -> tuple[str, Sequence[FieldChange]]:
        """Create the group, or write what differs."""
        if self._record is None:
            self.record_id = groups.create(*entered)
            return with_name("Group was created successfully.", validation.trimmed(entered[0])), ()
        saved = groups.update(self._record, *entered)
        done = with_name("Group was updated successfully.", group_label(validation.trimmed(entered[0])))
        return done if saved else "", saved.meanwhile

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
        kept, names = self.form_value(), by_id(values["roles"])
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
            with self.hold_open():
                merchants, added = await run_busy(
                    lambda: (memberships.count_merchants([*chosen]), memberships.add([*chosen], [id], edited="group"))
                )
        except ShopError as error:
            self._say_failure(error, [*chosen.values()])
        else:
            otherwise = "already in it" if len(chosen) > 1 else f"already in “{name}”"
            message = counted([*chosen.values()], added, f"added to “{name}”", otherwise)
            self.notify(message + (f" {merchants_note(merchants)}." if merchants else ""))
        self._users.reload()

    @on(RecordList.Selected, "#users")
    @work
    async def action_edit_user(self) -> None:
        """Open the highlighted user, and come back."""
        if user := self._users.current:
            self._users.reload(await self.app.visit_record("user", user.id, name=user.email))

    @work
    async def action_remove_user(self) -> None:
        """Remove the marked users, or the highlighted one, after a question; takes effect at once."""
        assert self._record is not None
        chosen, group = self._users.chosen, self._record
        emails = [user.email for user in self._users.rows if user.id in chosen]
        try:
            members = await run_busy(lambda: users.listing.rows(chosen))
            if not members:
                raise NotFound(USER_NOT_FOUND)
            await run_busy(lambda: memberships.check_remove(chosen, [group.id]))
            _, last = await run_busy(lambda: memberships.find_leavers(chosen, [group.id]))
            if not await self.app.push_screen_wait(removal_question(group, members, last)):
                return
            emails = [user.email for user in members]
            with self.hold_open():
                removed = await run_busy(lambda: memberships.remove(chosen, [group.id], edited="group"))
        except ShopError as error:
            self._say_failure(error, emails)
        else:
            self._users.unmark()
            if len(emails) == 1:
                self.notify(with_name("The User was removed from the group.", emails[0]))
            else:
                self.notify(counted(emails, removed, f"removed from “{group.label}”", "not in it any more"))
        self._users.reload()

    def _say_failure(self, error: ShopError, emails: Sequence[str]) -> None:
        """Say why users were not added or removed, and who: one by the e-mail, several by how many."""
        assert self._record is not None
        name = ""
        if isinstance(error, NotFound | Refused):
            users = emails[0] if len(emails) == 1 else plural(len(emails), "user")
            name = self._record.label if str(error) == GROUP_NOT_FOUND else users
        self.notify(with_name(str(error), name), severity="warning" if isinstance(error, NotFound) else "error")


def removal_question(group: GroupRecord, members: list[UserRow], last: int) -> Question:
    """Names who is removed, and says for how many of them it is their last group."""
    if len(members) == 1:
        (user,) = members
        who = f"{user.first_name} {user.last_name} ({user.email})"
    else:
        who = f"{len(members):,} users ({names([user.email for user in members], 60)})"
    destroys = {user.id: user.email for user in members}
    change = AccessChange(leaving={group.id: [*destroys]})
    question = f"Remove {who} from the group “{group.label}”?"
    return Question(question, *last_group_warning(len(members), last), yes="Remove", destroys=destroys, change=change)
