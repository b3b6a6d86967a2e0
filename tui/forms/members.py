"""The users of a group: listed, added and removed, each of which takes effect at once."""

from collections.abc import Sequence

from textual import work

from models import memberships, users
from models.access.impact import AccessChange, merchants_note
from models.errors import GROUP_NOT_FOUND, USER_NOT_FOUND, NotFound, Refused, ShopError
from models.groups import GroupRecord
from models.text import plural
from models.users import UserRow
from tui.dialogs.pick import Pick
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.forms.form_page import FormPage
from tui.keymap.actions import Action, can_change, has_row, writable
from tui.keymap.keys import key_of
from tui.text import counted, full_name, names, with_name
from tui.widgets.column_layout import Column
from tui.widgets.columns import date_column, status_sign
from tui.widgets.record_list import RecordList
from tui.wording.questions import last_group_warning
from tui.wording.success import user_removed
from tui.workers import run_busy


class Members(RecordList[UserRow]):
    """The users of the group on a page."""

    BINDINGS = [
        Action(
            "enter,e",
            "open",
            "Edit",
            tooltip="Open the highlighted user",
            id="members.edit",
            enabled=lambda members: has_row(members.current),
        ),
        Action(
            "a",
            "add",
            "Add users",
            tooltip="Add users to this group",
            id="members.add",
            enabled=lambda members: writable(members.screen),
        ),
        Action(
            "d,delete,x",
            "remove",
            "Remove",
            tooltip="Remove the highlighted user from this group, after a question",
            id="members.remove",
            enabled=lambda members: can_change(members.screen, members.current),
        ),
        Action(
            "escape",
            "clear_selection",
            "Clear",
            tooltip="Clear the selection",
            id="members.clear",
            enabled=lambda members: bool(members.window.selected),  # else Escape is the page's
        ),
    ]

    def __init__(self, page: FormPage, group_id: int) -> None:
        super().__init__(
            users.members(group_id),
            [
                Column("E-mail", lambda row, _: row.email, share=3),
                Column(
                    "Name",
                    lambda row, _: full_name(row.first_name, row.last_name),
                    share=2,
                    most=24,
                    spare=1,
                    parts=[
                        Column("First Name", lambda row, _: row.first_name),
                        Column("Last Name", lambda row, _: row.last_name),
                    ],
                ),
                Column("Status", lambda row, _: row.status_label, width=11, style=lambda row: status_sign(row)[1]),
                date_column("Last Login", lambda row: row.last_login, spare=2),
            ],
            noun="user",
            empty="",
            copied=lambda row: row.email,
            is_multiple=True,
            sign=status_sign,
            id="users",
        )
        self._page = page
        add = key_of(self, "members.add")
        self.empty = f"Users assigned to this group will be shown here. Tab here, then press {add} to add users."

    @property
    def _group(self) -> GroupRecord:
        group: GroupRecord = self._page.record
        return group

    def action_clear_selection(self) -> None:
        self.window.clear_selection()

    def action_open(self) -> None:
        self._edit_current()

    @work
    async def _edit_current(self) -> None:
        if user := self.current:
            self.reload(await self.app.visit_record("user", user.id, name=user.email))

    @work
    async def action_add(self) -> None:
        id, name = self._group.id, self._group.label
        selected = await self.app.push_screen_wait(
            Pick.users(f"Add users to “{name}”", "Add", lambda ids: AccessChange(joining={id: list(ids)}))
        )
        if not selected:
            return
        ids, emails = [*selected], [*selected.values()]
        try:
            with self._page.hold_open():
                merchants, added = await make_change(
                    self.app, lambda: (memberships.count_merchants(ids), memberships.add(ids, [id], edited="group"))
                )
        except ShopError as error:
            self._notify_failure(error, emails)
        else:
            otherwise = "already in it" if len(emails) > 1 else f"already in “{name}”"
            message = counted(emails, added, f"added to “{name}”", otherwise)
            self.notify(message + (f" {merchants_note(merchants)}." if merchants else ""))
        self.reload()

    @work
    async def action_remove(self) -> None:
        """Remove the selected users, or the highlighted one, after a question."""
        ids, group = self.window.target_ids, self._group
        emails = [user.email for user in self.window.rows if user.id in ids]
        try:
            members = await run_busy(lambda: users.listing.rows(ids))
            if not members:
                raise NotFound(USER_NOT_FOUND)
            await run_busy(lambda: memberships.check_remove(ids, [group.id], edited="group"))
            _, last = await run_busy(lambda: memberships.find_leavers(ids, [group.id]))
            question = removal_question(group, members, last)
            if not await self.app.push_screen_wait(question):
                return
            emails = [user.email for user in members]
            with self._page.hold_open():
                removed = await make_change(
                    self.app, lambda: memberships.remove(ids, [group.id], edited="group"), question.note
                )
        except ShopError as error:
            self._notify_failure(error, emails)
        else:
            self.window.clear_selection()
            if len(emails) == 1:
                self.notify(user_removed(emails[0]))
            else:
                self.notify(counted(emails, removed, f"removed from “{group.label}”", "not in it any more"))
        self.reload()

    def _notify_failure(self, error: ShopError, emails: Sequence[str]) -> None:
        """Show why users were not added or removed: one user by the e-mail, several by how many."""
        name = ""
        if isinstance(error, NotFound | Refused):
            of_users = emails[0] if len(emails) == 1 else plural(len(emails), "user")
            name = self._group.label if str(error) == GROUP_NOT_FOUND else of_users
        self.notify(with_name(str(error), name), severity="warning" if isinstance(error, NotFound) else "error")


def removal_question(group: GroupRecord, members: list[UserRow], last: int) -> Question:
    """Names the users who are removed; `last` of them are in no other group."""
    if len(members) == 1:
        (user,) = members
        who = f"{full_name(user.first_name, user.last_name)} ({user.email})"
    else:
        who = f"{len(members):,} users ({names([user.email for user in members], 60)})"
    destroys = {user.id: user.email for user in members}
    change = AccessChange(leaving={group.id: [*destroys]})
    question = f"Remove {who} from the group “{group.label}”?"
    return Question(question, *last_group_warning(len(members), last), yes="Remove", destroys=destroys, change=change)
