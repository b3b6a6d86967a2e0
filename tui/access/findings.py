"""Users / Access: what an admin should look at."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.access.labels import with_label
from models.db.given_rows import InMemoryRows
from models.db.paging import HasId
from models.errors import ShopError
from models.tools.findings import Finding, OrderFinding, PageFinding, RuleFinding, findings
from tui.access.computed_page import ComputedPage
from tui.app_base import Kind
from tui.text import names, shown
from tui.widgets.column_layout import Column
from tui.widgets.columns import group_columns, role_columns, status_sign, user_columns
from tui.widgets.computed_list import ComputedList
from tui.widgets.page import Opening
from tui.widgets.record_list import RecordList
from tui.workers import is_still_there

R = TypeVar("R", bound=HasId)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A kind of finding, and how many there are: None until they are counted, a text if they cannot be."""

    id: int
    finding: Finding
    count: int | str | None = None

    def __str__(self) -> str:
        return self.finding.title

    @property
    def count_text(self) -> str:
        """The count in words."""
        if isinstance(self.count, int):
            return f"{self.count:,}" if self.count else "none"
        return self.count or "…"


class WithSentence(ComputedPage[R], Generic[R]):
    """A list with a sentence about the highlighted row under it."""

    CSS_PATH = "access.tcss"

    def content(self) -> list[Widget]:
        self._sentence = Static(classes="about")
        return [*super().content(), self._sentence]

    def sentence(self, row: R) -> str:
        """What there is to say about a row."""
        raise NotImplementedError

    @on(RecordList.Changed)
    def _show_sentence(self) -> None:
        row = self.records.current
        self._sentence.update(Content(shown(self.sentence(row))) if row is not None else "")


class FindingsPage(WithSentence[FindingRow]):
    """Every kind of finding with its count."""

    breadcrumb = "Users / Access / Findings"
    BINDINGS = [Binding("enter,e", "edit", "List", tooltip="Show findings", id="page.edit")]

    @property
    def place(self) -> Opening:
        return Opening(FindingsPage)

    def make_list(self) -> RecordList[FindingRow]:
        self._rows = [FindingRow(place, finding) for place, finding in enumerate(findings())]
        columns = [
            Column[FindingRow]("Finding", lambda row, _: str(row), share=0),
            Column[FindingRow]("Count", lambda row, _: f"{row.count_text:>5}", indented=True),
        ]
        return ComputedList(InMemoryRows(self._rows), columns, noun="kind", empty="", copied=str)

    def sentence(self, row: FindingRow) -> str:
        return row.finding.about

    async def compute(self) -> None:
        counted = len(self._rows)  # those about pages come once these are known
        self._rows += [FindingRow(place, each) for place, each in enumerate(findings()) if place >= counted]
        for row in self._rows:
            try:
                count: int | str | None = await self.latest.run(row.finding.count)
            except ShopError as error:
                count = str(error)
            if count is None or not is_still_there(self):
                return
            self._rows[row.id] = replace(row, count=count)
            self.records.window.show(InMemoryRows(self._rows))

    async def visit(self, id: int) -> None:
        await self.app.push_screen_wait(FindingPage(self._rows[id].finding))


class FindingPage(WithSentence[Any]):
    """The findings of one kind."""

    BINDINGS = [Binding("enter,e", "edit", "Open", tooltip="Open the record", id="page.edit")]

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self.breadcrumb = f"Users / Access / {finding.title}"

    @property
    def place(self) -> Opening:
        return Opening(FindingPage, (self._finding,))

    def make_list(self) -> RecordList[Any]:
        columns, noun = _KINDS[self._finding.subject]
        return ComputedList(InMemoryRows([]), columns(), noun=noun, empty="")

    def sentence(self, row: Any) -> str:
        """That of a rule, an order or a page itself; what the kind means for the others."""
        if not isinstance(row, RuleFinding | OrderFinding | PageFinding):
            return self._finding.about
        return str(row) if str(row).endswith("?") else f"{row}."

    async def compute(self) -> None:
        rows = await self.latest.run(self._finding.rows)
        if rows is None or not is_still_there(self):
            return
        columns, noun = _KINDS[self._finding.subject]
        sign = status_sign if self._finding.subject == "users" else None
        self.records.set_source(rows, columns(), noun=noun, empty="Nothing to show.", sign=sign)

    async def visit(self, id: int) -> None:
        """Open the record; of a rule its role, of an order or a page the access of one of the users."""
        row = self.records.current
        if isinstance(row, RuleFinding):
            await self.app.visit_record("role", row.rule.role_id, rule=row.id)
        elif isinstance(row, OrderFinding):
            await self.app.visit_record("access", row.id, path=row.scope.path)
        elif isinstance(row, PageFinding):
            await self.app.visit_record("access", row.users[0], path=row.requests[0])
        else:
            await self.app.visit_record(_RECORDS[self._finding.subject], id)


def _rule_columns() -> list[Column[RuleFinding]]:
    return [
        Column("Rule", lambda row, _: str(row.rule), share=3),
        Column("Role", lambda row, _: row.rule.role, share=2),
        Column("Why", lambda row, _: row.reason, share=3),
    ]


def _order_columns() -> list[Column[OrderFinding]]:
    return [
        Column("Paths", lambda row, _: str(row.scope), share=3),
        Column("Users", lambda row, _: f"{len(row.users):,}", width=7, right=True),
        Column("Groups, in the order they are asked", lambda row, width: names(row.groups, width), share=4),
    ]


def _page_columns() -> list[Column[PageFinding]]:
    return [
        Column("Page", lambda row, _: with_label(row.page), share=4),
        Column("Denied", lambda row, width: names([request.action for request in row.requests], width), share=3),
        Column("Users", lambda row, _: f"{len(row.users):,}", width=7, right=True),
    ]


_KINDS: dict[str, tuple[Callable[[], list[Column[Any]]], str]] = {
    "users": (user_columns, "user"),
    "groups": (group_columns, "group"),
    "roles": (role_columns, "role"),
    "rules": (_rule_columns, "rule"),
    "orders": (_order_columns, "order"),
    "pages": (_page_columns, "page"),
}
"""The columns for each kind of record, and its noun."""

_RECORDS: dict[str, Kind] = {"users": "user", "groups": "group", "roles": "role"}
