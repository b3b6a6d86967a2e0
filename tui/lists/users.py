"""Users / Users."""

from collections.abc import Awaitable, Callable, Sequence

from textual import work
from textual.binding import Binding

from models import groups, memberships, users
from models.access.impact import AccessChange, merchants_note
from models.db.tables import Status
from models.errors import GROUP_NOT_FOUND, USER_NOT_FOUND, NotFound, Refused, ShopError
from models.users import UserRow
from tui.dialogs.pick import Pick
from tui.dialogs.question import PRODUCTION, Question, last_group_warning
from tui.forms.user import unassigned
from tui.keymap.keys import key_of
from tui.lists.list_page import ListPage
from tui.text import counted, plural, were, with_name
from tui.widgets.columns import user_columns
from tui.widgets.record_list import RecordList
from tui.workers import run_busy

_FILTERS = (None, Status.ACTIVE, Status.DEACTIVATED, Status.DELETED)
_DONE = {Status.ACTIVE: "activated", Status.DEACTIVATED: "deactivated", Status.DELETED: "deleted"}
_DO = {Status.ACTIVE: "Activate", Status.DEACTIVATED: "Deactivate", Status.DELETED: "Delete"}


class UsersPage(ListPage[UserRow]):
    """The list of users."""

    breadcrumb = "Users / Users"
    kind = "user"
    gone = USER_NOT_FOUND
    BINDINGS = [
        Binding("n", "create", "Create User", tooltip="Create a user", id="page.create"),
        Binding("t", "activate", "(De)activate", tooltip="Deactivate or activate it, or all marked", id="users.status"),
        Binding("f", "filter", "Filter", tooltip="Show all, active, deactivated or deleted users", id="users.filter"),
        Binding("a", "add", "Add to groups", tooltip="Put it, or all marked, into groups", show=False, id="users.add"),
        Binding(
            "x",
            "remove",
            "Remove from groups",
            tooltip="Take it, or all marked, out of groups",
            show=False,
            id="users.remove",
        ),
        Binding("o", "open_groups", "Groups", tooltip="Show the groups it is in", show=False, id="users.groups"),
        Binding("w", "access", "Access", tooltip="Show what it may do, and why", show=False, id="users.access"),
        Binding(
            "i", "mass_entry", "Mass entry", tooltip="Create users from a CSV file", show=False, id="users.mass_entry"
        ),
    ]

    def make_list(self) -> RecordList[UserRow]:
        """E-mail, First Name, Last Name, Groups, Last Login, Status."""
        self._filter: Status | None = None
        return RecordList(
            users.listing,
            user_columns(),
            noun="user",
            empty=self._nobody(),
            marking=True,
        )

    def _nobody(self) -> str:
        create = f"Press {key_of(self, 'page.create')} to create one"
        if self._filter is None:
            return f"There is no user yet. {create}."
        return f"There is no such user. {create}, {key_of(self, 'users.filter')} to show others."

    def label(self, row: UserRow) -> str:
        """The user's e-mail."""
        return row.email

    def delete_question(self, rows: list[UserRow]) -> Question:
        """Names the users, and says that the rows stay."""
        rows = [row for row in rows if row.status != Status.DELETED]
        if not rows:
            raise Refused("This is deleted already.")
        ids = [row.id for row in rows]
        users.check_status(ids, Status.DELETED)
        return Question(
            f"Delete {self.named(rows, 'user')}?",
            "They can no longer sign in. The rows stay in the list as deleted, with their groups."
            if len(rows) > 1
            else "This user can no longer sign in. The row stays in the list as deleted, with its groups.",
            *unassigned(users.picking_lists(ids, Status.DELETED)),
            yes="Delete",
            destroys=self.labels(rows),
            change=_to_status(rows, Status.DELETED),
        )

    def delete(self, rows: list[UserRow]) -> str:
        """Set the users' status to deleted."""
        return self._set_status(rows, Status.DELETED)

    def _set_status(self, rows: list[UserRow], status: Status) -> str:
        changed = users.set_status([row.id for row in rows], status)
        if len(rows) == 1:
            return with_name(f"User was {_DONE[status]} successfully.", rows[0].email)
        return f"{were(changed, 'user')} {_DONE[status]} successfully."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what cannot be done now."""
        if action == "clone":
            return False
        if action in ("activate", "add", "remove", "mass_entry"):
            nobody = self.records.current is None and action != "mass_entry"
            return None if self.read_only or nobody else True
        if action in ("open_groups", "access"):
            return None if self.records.current is None else True
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Show the next status only."""
        self._show_only(_FILTERS[(_FILTERS.index(self._filter) + 1) % len(_FILTERS)])

    @property
    def is_filtered(self) -> bool:
        """Whether users of one status alone are shown."""
        return self._filter is not None

    def clear_filter(self) -> None:
        """Show users of any status."""
        self._show_only(None)

    def _show_only(self, status: Status | None) -> None:
        """Show users of a status, or all; nothing that is not shown stays marked."""
        self.records.unmark()
        self._filter = status
        self.records.empty = self._nobody()
        self.records.count = None  # of others
        self.records.show(users.with_status(self._filter))
        self.records.noun = "user" if self._filter is None else f"{users.STATUS_NAMES[self._filter].lower()} user"

    @work
    async def action_activate(self) -> None:
        """Deactivate the users if any of them is active, else activate them."""

        async def toggle() -> str | None:
            rows = await run_busy(self.chosen_rows())
            several = len(rows) > 1
            active = [row for row in rows if row.status == Status.ACTIVE]
            status = Status.DEACTIVATED if active else Status.ACTIVE
            rows = active or rows  # those who were deleted stay so
            deleted = sum(row.status == Status.DELETED for row in rows)
            ids = [row.id for row in rows]
            freed = unassigned(await run_busy(lambda: users.picking_lists(ids, status)))
            if several or deleted or freed or (active and self._on_production):
                await run_busy(lambda: users.check_status(ids, status))
                if deleted and not several:
                    asked = f"Activate the deleted user “{rows[0].email}” again?"
                else:
                    asked = f"{_DO[status]} {self.named(rows, 'user')}?"
                details = [f"{plural(deleted, 'deleted user')} can sign in again then."] * (several and deleted > 0)
                question = Question(asked, *details, *freed, yes=_DO[status], change=_to_status(rows, status))
                if not await self.app.push_screen_wait(question):
                    return None
            return await run_busy(lambda: self._set_status(rows, status))

        await self._change(toggle())

    @property
    def _on_production(self) -> bool:
        """Whether the database is marked production, where one key alone shuts nobody out."""
        return self.app.opened.mark.casefold() == PRODUCTION

    @work
    async def action_add(self) -> None:
        """Put the users into groups."""
        await self._change(self._regroup("Add", "to", memberships.add))

    @work
    async def action_remove(self) -> None:
        """Take the users out of groups."""
        await self._change(self._regroup("Remove", "from", memberships.remove))

    async def _regroup(self, verb: str, where: str, change: Callable[[list[int], list[int]], int]) -> str | None:
        rows = await run_busy(self.chosen_rows())
        ids = [row.id for row in rows]

        def effect(groups: Sequence[int]) -> AccessChange:
            of_each = dict.fromkeys(groups, ids)
            return AccessChange(joining=of_each) if where == "to" else AccessChange(leaving=of_each)

        offered = groups.of_user(ids[0]) if verb == "Remove" and len(ids) == 1 else groups.listing
        picker = Pick.groups(f"{verb} {self.named(rows, 'user')} {where} groups", verb, effect, offered)
        taken = await self.app.push_screen_wait(picker)
        if not taken:
            return None
        chosen, last = [*taken], 0
        named = f"“{taken[chosen[0]]}”" if len(chosen) == 1 else plural(len(chosen), "group")
        if verb == "Remove":  # of those who are in one
            members, last = await run_busy(lambda: memberships.find_leavers(ids, chosen))
            rows = [row for row in rows if row.id in members]
            if not rows:
                raise Refused("None of them is in a group that was taken.")
            ids = [row.id for row in rows]
        if len(rows) > 1 or last:
            if verb == "Remove":
                await run_busy(lambda: memberships.check_remove(ids, chosen))
            destroys = self.labels(rows) if verb == "Remove" else None
            asked = f"the group {named}" if len(chosen) == 1 else named
            question = Question(
                f"{verb} {self.named(rows, 'user')} {where} {asked}?",
                *last_group_warning(len(rows), last),
                yes=verb,
                destroys=destroys,
                change=effect(chosen),
            )
            if not await self.app.push_screen_wait(question):
                return None
        try:
            merchants, changed = await run_busy(lambda: (memberships.count_merchants(ids), change(ids, chosen)))
        except NotFound as error:
            raise NotFound(with_name(str(error), named)) if str(error) == GROUP_NOT_FOUND else error from None
        emails, them = [row.email for row in rows], "it" if len(chosen) == 1 else "all of them"
        if verb == "Remove":
            return counted(emails, changed, f"removed from {named}", f"not in {them if len(emails) > 1 else named}")
        message = counted(emails, changed, f"added to {named}", f"already in {them if len(emails) > 1 else named}")
        return f"{message} {merchants_note(merchants)}." if merchants else message

    async def _change(self, change: Awaitable[str | None]) -> None:
        """Make a change, and say what it did or why it did not; the list is read anew."""
        name = self.chosen_name
        try:
            message = await change
        except ShopError as error:
            await self.refused(error, name)
        else:
            if message is None:
                return
            self.records.unmark()
            self.notify(message)
        self.records.reload()

    @work
    async def action_open_groups(self) -> None:
        """Show the groups the user is in, and open the one chosen."""
        from tui.dialogs.groups_of import open_one_of

        user = self.records.current
        if user is not None and await open_one_of(self.app, f"Groups of {user.email}", groups.of_user(user.id)):
            self.records.reload()

    def action_access(self) -> None:
        """Show what the user may do, and why."""
        if self.records.current is not None:
            self.app.open_record("access", self.records.current.id)

    @work
    async def action_mass_entry(self) -> None:
        """Create users from a CSV file."""
        from tui.forms.csv_import import ImportPage

        await self.app.push_screen_wait(ImportPage())
        self.records.reload()


def _to_status(rows: Sequence[UserRow], status: Status) -> AccessChange:
    return AccessChange(statuses={row.id: status for row in rows})
