"""Users / Users."""

from collections.abc import Awaitable, Mapping, Sequence

from textual import work
from textual.binding import Binding

from models import groups, user_status, users
from models.access.impact import AccessChange
from models.db.tables import Status
from models.errors import USER_NOT_FOUND, Refused, ShopError
from models.user_status import status_name
from models.users import UserRow
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.keymap.actions import Action, has_row, writable
from tui.keymap.keys import key_of
from tui.lists.editable_list import EditableListPage, can_change_current
from tui.lists.found_in import found_in
from tui.lists.list_page import SELECT_KEYS
from tui.lists.regroup import add_to_groups, remove_from_groups
from tui.widgets.column_layout import Column
from tui.widgets.columns import status_sign, user_columns
from tui.widgets.record_list import RecordList
from tui.wording.consequences import status_consequences, status_question
from tui.wording.success import users_were
from tui.workers import run_busy

_FILTERS = (None, Status.ACTIVE, Status.DEACTIVATED, Status.DELETED)


class UsersPage(EditableListPage[UserRow]):
    """The list of users."""

    breadcrumb = "Users / Users"
    kind = "user"
    not_found = USER_NOT_FOUND
    BINDINGS = [
        Binding("n", "create", "Create User", tooltip="Create a user", id="page.create"),
        Action(
            "t",
            "activate",
            "Activate / deactivate",
            tooltip="Activate or deactivate it, or all that are selected",
            id="users.status",
            enabled=can_change_current,
        ),
        Action(
            "a",
            "add",
            "Add to groups",
            tooltip="Add it, or all that are selected, to groups",
            id="users.add",
            enabled=can_change_current,
        ),
        Action(
            "x",
            "remove",
            "Remove from groups",
            tooltip="Remove it, or all that are selected, from groups",
            id="users.remove",
            enabled=can_change_current,
        ),
        Action(
            "w",
            "access",
            "Access",
            tooltip="Show permissions and reasons",
            id="users.access",
            enabled=lambda page: has_row(page.records.current),
        ),
        Binding(
            "f", "filter(1)", "Filter", tooltip="Show all, active, deactivated or deleted users", id="users.filter"
        ),
        Binding("F", "filter(-1)", "Filter back", tooltip="The same the other way", show=False, id="users.filter_back"),
        Action(
            "o",
            "open_groups",
            "Groups",
            tooltip="Show the user's groups",
            show=False,
            id="users.groups",
            enabled=lambda page: has_row(page.records.current),
        ),
        Action(
            "f4",
            "set_password",
            "Password",
            tooltip="Set the user's password",
            show=False,
            id="users.password",
            enabled=can_change_current,
        ),
        Action(
            "i",
            "import",
            "Import",
            tooltip="Import users from CSV",
            show=False,
            id="users.import",
            enabled=writable,
        ),
    ]

    @property
    def single_keys(self) -> Mapping[str, str]:  # type: ignore[override]
        """What is done to one user, in order of use."""
        row = self.records.current
        toggle = "Activate" if row is not None and row.status != Status.ACTIVE else "Deactivate"
        return {
            "users.status": toggle,
            "users.add users.remove": "Groups",
            "users.access": "Access",
            "page.search": "Search",
            "users.filter": "Filter",
            "page.sort page.reverse": "Sort",
            "page.delete": "Delete",
            **SELECT_KEYS,
            "users.groups": "Show groups",
            "users.password": "Password",
            "users.import": "Import",
        }

    bulk_keys = {"users.add users.remove": "Groups", "users.status": "Activate / deactivate"}

    def make_list(self) -> RecordList[UserRow]:
        self._filter: Status | None = None
        return RecordList(
            users.with_status(None),
            self.columns(),
            noun="user",
            empty=self._nobody(),
            is_multiple=True,
            sign=status_sign,
        )

    def columns(self) -> list[Column[UserRow]]:
        return user_columns(is_beside_preview=self.is_beside_preview)

    @property
    def status(self) -> str:
        """Of the highlighted user the columns that a search found, and the status where nothing else names it."""
        row = self.records.current
        if row is None:
            return super().status
        columns = found_in(row, self.records.window.search_text)
        status = f"{super().status}, here in {columns}" if columns else super().status
        if columns or (self.preview and self.preview.display) or self.records.shows("Status"):
            return status
        return f"highlighted: {row.status_label}   {status}"

    def _nobody(self) -> str:
        if self._filter is None:
            return f"No users yet (press {key_of(self, 'page.create')})."
        return f"No {status_name(self._filter).lower()} users ({key_of(self, 'users.filter')} shows others)."

    def label(self, row: UserRow) -> str:
        return row.email

    async def clone(self, row: UserRow) -> None:
        """Open the form of a new user with the groups, the language and the marks of this one."""
        from tui.forms.user import UserPage

        page = UserPage(None, like=row.id)
        page.provisional_name = row.email
        self.records.reload(await self.app.push_screen_wait(page))

    def delete_question(self, rows: list[UserRow]) -> Question:
        """Names the users; their rows stay."""
        rows = [row for row in rows if row.status != Status.DELETED]
        if not rows:
            raise Refused("Already deleted.")
        ids = [row.id for row in rows]
        user_status.check_status(ids, Status.DELETED)
        return Question(
            status_question(rows, Status.DELETED),
            *status_consequences(rows, Status.DELETED),
            yes=Status.DELETED.verb.capitalize(),
            destroys=self.labels(rows),
            change=_to_status(rows, Status.DELETED),
        )

    def delete(self, rows: list[UserRow]) -> str:
        return self._set_status(rows, Status.DELETED)

    def _set_status(self, rows: list[UserRow], status: Status) -> str:
        changed = user_status.set_status([row.id for row in rows], status)
        return users_were(f"{status.verb}d", [row.email for row in rows], changed)

    def action_filter(self, steps: int) -> None:
        self._show_only(_FILTERS[(_FILTERS.index(self._filter) + steps) % len(_FILTERS)])

    @property
    def is_filtered(self) -> bool:
        """Whether users of one status alone are shown."""
        return self._filter is not None

    def clear_filter(self) -> None:
        """Show users of any status."""
        self._show_only(None)

    def _show_only(self, status: Status | None) -> None:
        """Show users of a status, or all; what the filter hides is unselected."""
        self.records.clear_selection()
        self._filter = status
        self.records.empty = self._nobody()
        self.records.window.count = None  # of others
        self.records.window.show(users.with_status(self._filter))
        self.records.noun = "user" if self._filter is None else f"{status_name(self._filter).lower()} user"

    @work
    async def action_activate(self) -> None:
        """Deactivate the users if any of them is active, else activate them."""

        async def toggle() -> str | None:
            rows = await run_busy(self.target_rows())
            several = len(rows) > 1
            active = [row for row in rows if row.status == Status.ACTIVE]
            status = Status.DEACTIVATED if active else Status.ACTIVE
            rows = active or rows  # those who were deleted stay so
            deleted = sum(row.status == Status.DELETED for row in rows)
            ids = [row.id for row in rows]
            details = await run_busy(lambda: status_consequences(rows, status))
            note = None
            if several or deleted or details or (active and self._on_production):
                await run_busy(lambda: user_status.check_status(ids, status))
                question = Question(
                    status_question(rows, status),
                    *details,
                    yes=status.verb.capitalize(),
                    change=_to_status(rows, status),
                )
                if not await self.app.push_screen_wait(question):
                    return None
                note = question.note
            return await make_change(self.app, lambda: self._set_status(rows, status), note)

        await self._change(toggle())

    @property
    def _on_production(self) -> bool:
        """Whether the database is marked production, where a question comes before anybody is shut out."""
        return self.app.source.is_production

    @work
    async def action_add(self) -> None:
        await self._change(add_to_groups(self))

    @work
    async def action_remove(self) -> None:
        await self._change(remove_from_groups(self))

    async def _change(self, change: Awaitable[str | None]) -> None:
        """Make a change, show its message or why it failed, and reload the list."""
        name = self.target_name
        try:
            message = await change
        except ShopError as error:
            await self.refused(error, name)
        else:
            if message is None:
                return
            self.records.clear_selection()
            self.app.notify_done(message)
        self.records.reload()

    @work
    async def action_open_groups(self) -> None:
        """Show the groups the user is in, and open the one selected."""
        from tui.dialogs.groups_of import open_one_of

        user = self.records.current
        if user is not None and await open_one_of(self.app, f"Groups of {user.email}", groups.of_user(user.id)):
            self.records.reload()

    def action_access(self) -> None:
        if self.records.current is not None:
            self.app.open_record("access", self.records.current.id)

    @work
    async def action_set_password(self) -> None:
        """Ask for the highlighted user's new password."""
        from tui.dialogs.set_password import SetPassword

        user = self.records.current
        if user is None:
            return
        try:
            record = await run_busy(lambda: users.get(user.id))
        except ShopError as error:
            await self.refused(error, user.email)
            self.records.reload()
        else:
            await self.app.push_screen_wait(SetPassword(record))

    @work
    async def action_import(self) -> None:
        from tui.forms.csv_import import ImportPage

        await self.app.push_screen_wait(ImportPage())
        self.records.reload()


def _to_status(rows: Sequence[UserRow], status: Status) -> AccessChange:
    return AccessChange(statuses={row.id: status for row in rows})
