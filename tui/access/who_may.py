"""Users / Access: a path first, then who may open it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from models import users
from models.access import explain, sign_in, verdicts
from models.access.decision import Decision
from models.access.rules import Path
from models.access.verdicts import GroupVerdict, VerdictGroup
from models.db.paging import InMemoryRows, Listing, RowsByIds
from models.db.tables import group_label
from models.users import UserRow
from tui.access.access_tree import VERDICTS
from tui.access.computed_page import ComputedPage
from tui.access.explained import Explained, Explanation, why
from tui.access.path_field import PathField, PathRow
from tui.widgets.column_layout import Column
from tui.widgets.computed_list import ComputedList
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence
from tui.workers import is_still_there


@dataclass(frozen=True)
class Found:
    """Who may open a path, and who may not; of each user, what was decided."""

    path: Path
    users: Mapping[bool, Listing[UserRow]]
    can: Mapping[bool, tuple[int, int]]
    """How many of these users can sign in at all, and how many cannot."""
    decided: Mapping[int, VerdictGroup]
    groups: Mapping[bool, Listing[GroupVerdict]]


VIEWS = (("allowed", "user"), ("denied", "user"), ("allowed", "group"), ("denied", "group"))


class WhoMayPage(ComputedPage[Any]):
    """Users, or groups, that may open a path, or may not, each with the rule that decides."""

    CSS_PATH = "access.tcss"
    AUTO_FOCUS = "#path"
    breadcrumb = "Users / Access / Who may"
    BINDINGS = [
        Binding("enter,e", "edit", "Open", tooltip="Show all that the user may do, or open the group", id="page.edit"),
        Binding("f", "filter", "Filter", tooltip="Show users or groups, who may or who may not", id="who_may.filter"),
        Binding("p", "path", "Path", tooltip="Say another path", id="who_may.path"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: Path | None = None
        self._found: Found | None = None
        self._view = 0

    def make_list(self) -> RecordList[Any]:
        """Who, and why."""
        empty = "Say a path: bundle/controller/action, * for any part; or paste an address of the web pages."
        return ComputedList(
            InMemoryRows([]), [Column("E-mail", lambda row, _: "")], noun="allowed user", empty=empty, id="who"
        )

    def content(self) -> list[Widget]:
        """Where the path is typed, who may open it, and why."""
        sections, _ = super().content()
        self._row, self._explained = PathRow(), Explained(self.records)
        note = verdicts.order_note()
        return [sections, self._row, *[Static(note, classes="about", markup=False)] * bool(note), self._explained]

    @on(PathField.Entered)
    def _path_entered(self, message: PathField.Entered) -> None:
        self._asked = message.path
        self.records.focus()
        self.recompute()

    async def compute(self) -> None:
        """Say who may open the path; a newer path replaces the older."""
        asked = self._asked
        if asked is None:
            return
        self._status.update("working it out …")
        found = await self.latest.run(lambda: who(asked))
        if found is not None and is_still_there(self):
            self._found = found
            self._show_view()

    def _show_view(self) -> None:
        if self._found is None:
            return
        verdict, what = VIEWS[self._view]
        allowed, decided = verdict == "allowed", self._found.decided
        listing: Listing[Any] = self._found.users[allowed] if what == "user" else self._found.groups[allowed]
        columns: list[Column[Any]] = [
            Column("E-mail", lambda row, _: row.email, share=4),
            Column("Status", lambda row, _: row.status_label, width=11),
            Column("Rule", lambda row, _: _rule(decided[row.id].decision), share=3),
            Column("Group", lambda row, _: group_label(decided[row.id].group_name or ""), share=3),
        ]
        if what == "group":
            columns = [
                Column("Group", lambda row, _: group_label(row.name), share=4),
                Column("Rule", lambda row, _: _rule(row.decision), share=6),
            ]
        empty = f"There is no {verdict} {what} for {self._found.path}."
        self.records.set_source(listing, columns, noun=f"{verdict} {what}", empty=empty)

    @property
    def status(self) -> str:
        """Of users who may, or may not, how many can sign in at all."""
        verdict, what = VIEWS[self._view]
        if what == "group" or self._found is None or not self.records.window.count or self.records.window.search_text:
            return super().status
        able, barred = self._found.can[verdict == "allowed"]
        return f"{verdict}: {able:,} can sign in, {barred:,} cannot"

    @on(RecordList.Changed, "#who")
    def _explain(self) -> None:
        row, found = self.records.current, self._found
        if row is None or found is None:
            self._explained.show_text("Why")
        elif isinstance(row, GroupVerdict):
            decision, rule = row.decision, row.decision.rule
            ids = (rule.role_id or None, rule.id or None) if rule else (None, None)
            heading = f"{found.path}: {VERDICTS[decision.allowed][2:]}"
            self._explained.show_text(heading, Sentence(row.reason, None, row.id, *ids))
        else:
            path = found.decided[row.id].path
            self._explained.explain(lambda: _why(row.id, path))

    async def visit(self, id: int) -> None:
        """Show what the user may do; or the group."""
        assert self._found is not None
        if VIEWS[self._view][1] == "group":
            await self.app.visit_record("group", id)
        else:
            await self.app.visit_record("access", id, path=self._found.decided[id].path)

    def action_filter(self) -> None:
        """Show the next view."""
        self._view = (self._view + 1) % len(VIEWS)
        self._show_view()

    def action_path(self) -> None:
        """Go to the path's field."""
        self._row.path.focus()


def who(asked: Path) -> Found:
    """Who may open a path (with `*` parts: all that match)."""
    alike = verdicts.users_by_verdict(asked)
    groups = verdicts.group_verdicts(asked)
    of_users: dict[bool, Listing[UserRow]] = {}
    of_groups: dict[bool, Listing[GroupVerdict]] = {}
    can: dict[bool, tuple[int, int]] = {}
    for allowed in True, False:
        ids = [id for some in alike if some.decision.allowed is allowed for id in some.users]
        of_users[allowed] = RowsByIds(users.listing, ids)
        able = sign_in.count_able_to_sign_in(ids)
        can[allowed] = (able, len(ids) - able)
        of_groups[allowed] = InMemoryRows([group for group in groups if group.decision.allowed is allowed])
    return Found(asked, of_users, can, {id: some for some in alike for id in some.users}, of_groups)


def _why(id: int, path: Path) -> Explanation:
    return why(explain.of_user(id), path, path)


def _rule(decision: Decision) -> str:
    """The rule that decided."""
    return str(decision.rule) if decision.rule else "no rule matches"
