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
from models.db.given_rows import InMemoryRows, RowsByIds
from models.db.paging import Listing
from models.db.tables import group_label
from models.users import UserRow
from tui.access.computed_page import ComputedPage
from tui.access.explained import Explained, Explanation, heading, page_sentences, why
from tui.access.path_field import PathField, PathRow
from tui.widgets.column_layout import Column
from tui.widgets.columns import status_sign
from tui.widgets.computed_list import ComputedList
from tui.widgets.page import Opening
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence
from tui.workers import is_still_there


@dataclass(frozen=True)
class PathVerdicts:
    """The users and groups that may open a path, and those that may not (by whether they may), each with the reason."""

    path: Path
    users: Mapping[bool, Listing[UserRow]]
    sign_in_counts: Mapping[bool, tuple[int, int]]
    """How many of these users can sign in at all, and how many cannot."""
    of_user: Mapping[int, VerdictGroup]
    groups: Mapping[bool, Listing[GroupVerdict]]


VIEWS = (("allowed", "user"), ("denied", "user"), ("allowed", "group"), ("denied", "group"))


class WhoMayPage(ComputedPage[Any]):
    """Users, or groups, that may open a path, or may not, each with the rule that decides."""

    CSS_PATH = "access.tcss"
    AUTO_FOCUS = "#path"
    breadcrumb = "Users / Access / Who may"
    BINDINGS = [
        Binding("enter,e", "edit", "Open", tooltip="Show the user's permissions, or open the group", id="page.edit"),
        Binding(
            "f",
            "filter(1)",
            "Filter",
            tooltip="Switch between users and groups, allowed and denied",
            id="who_may.filter",
        ),
        Binding(
            "F", "filter(-1)", "Filter back", tooltip="The same the other way", show=False, id="who_may.filter_back"
        ),
        Binding("p", "path", "Path", tooltip="Enter another path", id="who_may.path"),
    ]

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self._path = path
        self._verdicts: PathVerdicts | None = None
        self._view = 0

    @property
    def place(self) -> Opening:
        return Opening(WhoMayPage, now=(self._path,))

    def make_list(self) -> RecordList[Any]:
        empty = "Enter a path: bundle/controller/action (* matches anything), or paste a URL."
        return ComputedList(
            InMemoryRows([]), [Column("E-mail", lambda row, _: "")], noun="allowed user", empty=empty, id="who"
        )

    def content(self) -> list[Widget]:
        super().content()
        self._row, self._explained = PathRow(), Explained(self.records)
        note = verdicts.order_note()
        return [self._row, *[Static(note, classes="about", markup=False)] * bool(note), self._explained]

    def on_mount(self) -> None:
        """A path that is known is in the field, and need not be entered."""
        if self._path is not None:
            self._row.path.value = str(self._path)
            self.records.focus()

    @on(PathField.Entered)
    def _path_entered(self, message: PathField.Entered) -> None:
        self._path = message.path
        self.records.focus()
        self.recompute()

    async def compute(self) -> None:
        """Compute who may open the path; a newer path replaces it."""
        path = self._path
        if path is None:
            return
        self.search_line.show("Calculating…")
        verdicts = await self.latest.run(lambda: verdicts_on(path))
        if verdicts is not None and is_still_there(self):
            self._verdicts = verdicts
            self._show_view()

    def _show_view(self) -> None:
        if self._verdicts is None:
            return
        verdict, what = VIEWS[self._view]
        allowed, of_user = verdict == "allowed", self._verdicts.of_user
        listing: Listing[Any] = self._verdicts.users[allowed] if what == "user" else self._verdicts.groups[allowed]
        columns: list[Column[Any]] = [
            Column("E-mail", lambda row, _: row.email, share=4),
            Column("Status", lambda row, _: row.status_label, width=11, spare=1, style=lambda row: status_sign(row)[1]),
            Column("Rule", lambda row, _: _rule(of_user[row.id].decision), most=18, share=3),
            Column("Group", lambda row, _: group_label(of_user[row.id].group_name or ""), most=13, share=3),
        ]
        if what == "group":
            columns = [
                Column("Group", lambda row, _: group_label(row.name), share=4),
                Column("Rule", lambda row, _: _rule(row.decision), share=6),
            ]
        empty = f"No {verdict} {what}s for {self._verdicts.path}."
        sign = status_sign if what == "user" else None
        self.records.set_source(listing, columns, noun=f"{verdict} {what}", empty=empty, sign=sign)

    @property
    def status(self) -> str:
        """Of users who may, or may not, how many can sign in at all."""
        verdict, what = VIEWS[self._view]
        if self._path is None:
            return ""
        if (
            what == "group"
            or self._verdicts is None
            or not self.records.window.count
            or self.records.window.search_text
        ):
            return super().status
        can_sign_in, cannot_sign_in = self._verdicts.sign_in_counts[verdict == "allowed"]
        return f"{verdict}: {can_sign_in:,} can sign in, {cannot_sign_in:,} cannot"

    @on(RecordList.Changed, "#who")
    def _explain(self) -> None:
        row, verdicts = self.records.current, self._verdicts
        if row is None or verdicts is None:
            self._explained.show_text("Why")
        elif isinstance(row, GroupVerdict):
            decision, rule = row.decision, row.decision.rule
            ids = (rule.role_id or None, rule.id or None) if rule else (None, None)
            reasons = [Sentence(row.reason, None, row.id, *ids), *page_sentences(verdicts.path)]
            self._explained.show_text(heading(verdicts.path, decision.allowed), *reasons)
        else:
            path = verdicts.of_user[row.id].path
            self._explained.explain(lambda: _why(row.id, path))

    async def visit(self, id: int) -> None:
        """Show what the user may do; or the group."""
        assert self._verdicts is not None
        if VIEWS[self._view][1] == "group":
            await self.app.visit_record("group", id)
        else:
            await self.app.visit_record("access", id, path=self._verdicts.of_user[id].path)

    def action_filter(self, steps: int) -> None:
        self._view = (self._view + steps) % len(VIEWS)
        self._show_view()

    def action_path(self) -> None:
        self._row.path.focus()


def verdicts_on(path: Path) -> PathVerdicts:
    """Who may open a path (with `*` parts: all that match)."""
    verdict_groups = verdicts.users_by_verdict(path)
    groups = verdicts.group_verdicts(path)
    user_rows: dict[bool, Listing[UserRow]] = {}
    group_rows: dict[bool, Listing[GroupVerdict]] = {}
    sign_in_counts: dict[bool, tuple[int, int]] = {}
    for allowed in True, False:
        ids = [id for group in verdict_groups if group.decision.allowed is allowed for id in group.users]
        user_rows[allowed] = RowsByIds(users.listing, ids)
        able = sign_in.count_able_to_sign_in(ids)
        sign_in_counts[allowed] = (able, len(ids) - able)
        group_rows[allowed] = InMemoryRows([each for each in groups if each.decision.allowed is allowed])
    of_user = {id: group for group in verdict_groups for id in group.users}
    return PathVerdicts(path, user_rows, sign_in_counts, of_user, group_rows)


def _why(id: int, path: Path) -> Explanation:
    return why(explain.of_user(id), path, path)


def _rule(decision: Decision) -> str:
    """The rule that decided."""
    return str(decision.rule) if decision.rule else "no rule matches"
