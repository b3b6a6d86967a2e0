"""Users / Access: what one user may do, and why."""

from collections.abc import Sequence

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from models.access import explain
from models.access.explain import UserAccess
from models.access.rules import Path
from models.errors import NotFound, ShopError
from tui.access.access_tree import AccessTree, TreeLine, lines_of, verdict_counts
from tui.access.explained import MIXED, Explained, about, why, why_mixed
from tui.access.other_users import UserList, WhoElse
from tui.access.path_field import PathField, PathRow
from tui.app_base import Kind
from tui.dialogs.pick import Pick
from tui.keymap.keys import key_of
from tui.lists.search_line import SearchLine
from tui.widgets.computed_list import ComputedList
from tui.widgets.lines import TopLine
from tui.widgets.page import VAST_CELLS, WIDE_CELLS, Page, close, describe_error
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence
from tui.workers import is_still_there, run_busy


class UserAccessPage(Page[int | None]):
    """A user's verdicts on all paths as a tree, and why each of them is so."""

    CSS_PATH = "access.tcss"
    AUTO_FOCUS = "AccessTree"
    breadcrumb = "Users / Access"
    key_labels = {
        "tree.toggle": "Expand",
        "why.open": "Open",
        "access.path": "Path",
        "access.compare": "Compare",
        "why.group": "Group",
        "why.role": "Role",
        "why.user": "User",
    }
    BINDINGS = [
        Binding("slash", "path", "Path", tooltip="Enter a path or URL to go to", id="access.path"),
        Binding("p", "who_may", "Who may", tooltip="Show who may open the highlighted path", id="access.who_may_this"),
        Binding("c", "compare", "Compare", tooltip="Compare with another user", id="access.compare"),
        Binding("escape", "back", "Back", tooltip="Leave the field, or go back", id="access.back"),
    ]

    def __init__(self, id: int, path: Path | None = None) -> None:
        super().__init__()
        self._user_id = id
        self._user: UserAccess | None = None
        self._path = path
        self._path_line: int | None = None
        self._explained_for: object = None

    @property
    def place(self) -> tuple[Kind, int]:
        return ("access", self._user_id)

    def content(self) -> list[Widget]:
        """The groups, the path to go to, and the tree with the reasons below it or beside it."""
        self._row, self._about = PathRow(), Static(classes="about")
        self._tree = AccessTree(id="tree")
        self._explained = Explained(self._tree)
        self._columns = Horizontal(self._explained, id="columns")
        self._users: UserList | None = None
        self._who_else: WhoElse | None = None
        return [self._about, self._row, self._columns]

    def second_line(self) -> Widget:
        self._search_line = SearchLine()
        return self._search_line

    def on_resize(self) -> None:
        """The other users stand beside it where there is room."""
        if self._users is None and self.size.width >= WIDE_CELLS:
            self._users = UserList(self._user_id)
            self._columns.mount(self._users, before=self._explained)
        if self._who_else is None and self.size.width >= VAST_CELLS:
            self._who_else = WhoElse()
            self._columns.mount(self._who_else)
            self._line_changed()

    @on(UserList.Chosen)
    def _choose_user(self, message: UserList.Chosen) -> None:
        """Show the access of another user, at the same path."""
        if message.id != self._user_id:
            self._user_id = message.id
            self._compute()

    def on_mount(self) -> None:
        self._compute()

    def action_reload(self) -> None:
        self._compute()

    def show_known_pages(self) -> None:
        self._compute()

    @on(ComputedList.Stale)
    @on(Explained.CameBack)
    @work(exclusive=True)
    async def _compute(self) -> None:
        try:
            user, lines = await run_busy(self._read)
        except NotFound as error:
            name = self._user.email if self._user else self.provisional_name
            self.notify(describe_error(error, name), severity="error")
            close(self, None)
            return
        except ShopError as error:
            if is_still_there(self):
                self._tree.window.fail(error)
            return
        if not is_still_there(self):
            return
        place = self._tree.window.current_or_last
        is_on_path_line = self._path_line is None or (place is not None and place.id == self._path_line)
        self._user, self._explained_for = user, None
        self.query_one(TopLine).show(f"Users / Access / {user.email}")
        self._about.update(about(user))
        self._search_line.show(verdict_counts(lines))
        self._tree.show_lines(lines)
        if not is_on_path_line:  # the person has gone on from there
            self._path = self._path_line = None
        if self._path is not None:
            self._path_line = self._tree.go_to(self._path)

    def _read(self) -> tuple[UserAccess, Sequence[TreeLine]]:
        user = explain.of_user(self._user_id)
        return user, lines_of(user.tree())

    @on(PathField.Entered)
    def _path_entered(self, message: PathField.Entered) -> None:
        self._path = message.path
        if self._user is not None:
            self._path_line, self._explained_for = self._tree.go_to(message.path), None
            self._tree.focus()

    @on(RecordList.Changed, "#tree")
    def _line_changed(self) -> None:
        line, user = self._tree.current, self._user
        self.refresh_bindings()
        if line is None or user is None:
            return
        if self._who_else is not None:
            self._who_else.show(user.id, line.scope.path)
        path = self._path if line.id == self._path_line else None
        if self._explained_for != (line.id, path):
            self._explained_for = (line.id, path)
            self._explain(user, line, path)

    def _explain(self, user: UserAccess, line: TreeLine, path: Path | None) -> None:
        if line.branch.below and path is None:
            opens = Sentence(f"{MIXED}. Press {key_of(self._tree, 'tree.toggle')} to expand.", user.id)
            self._explained.explain(lambda: why_mixed(user, line.branch, opens))
        else:
            self._explained.explain(lambda: why(user, path or line.scope.path, path or line.scope))

    def action_path(self) -> None:
        self._row.path.focus()

    def action_who_may(self) -> None:
        from tui.access.who_may import WhoMayPage

        line = self._tree.current
        if line is not None:
            path = line.scope.path if line.scope.is_named else None
            self.app.open_page(WhoMayPage(self._path if line.id == self._path_line else path))

    def action_back(self) -> None:
        if self.focused is self._row.path:
            self._tree.focus()
        else:
            self.dismiss(None)

    @work
    async def action_compare(self) -> None:
        from tui.access.comparison import ComparisonPage

        if self._user is None:
            return
        picker = Pick.users(f"Compare {self._user.email} with another user", "Compare", most=1)
        for other in await self.app.push_screen_wait(picker):
            await self.app.push_screen_wait(ComparisonPage(self._user_id, other))
            self._compute()
