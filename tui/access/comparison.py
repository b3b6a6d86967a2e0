"""Users / Access: two users, where they differ."""

from dataclasses import dataclass, replace

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.access import explain
from models.access.explain import UserAccess
from models.access.labels import with_label
from models.access.regions import Scope
from models.db.given_rows import InMemoryRows
from models.errors import NotFound
from tui.access.access_tree import verdict_column
from tui.access.computed_page import ComputedPage
from tui.access.explained import Explained, Explanation, about, sentences
from tui.text import cells_of, shown, with_name
from tui.widgets.column_layout import Column
from tui.widgets.computed_list import ComputedList
from tui.widgets.page import Opening
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence
from tui.workers import is_still_there


@dataclass(frozen=True, slots=True)
class Difference:
    """Paths that only one of the two may open: the first one, or the other."""

    id: int
    scope: Scope
    first: bool

    def __str__(self) -> str:
        return str(self.scope)


PLACES = ("First", "Second")
"""How the two are called where there is no room for their e-mails."""

LEAST_PATH_CELLS = 40
"""Cells of the list that e-mails as headings leave to the paths and the gaps."""


class ComparisonPage(ComputedPage[Difference]):
    """The paths that only one of two users may open, and why."""

    CSS_PATH = "access.tcss"
    breadcrumb = "Users / Access / Compare"
    BINDINGS = [Binding("enter", "edit", "Why", tooltip="Go to the reasons", id="page.edit")]

    def __init__(self, one: int, other: int) -> None:
        super().__init__()
        self._ids = (one, other)
        self._users: tuple[UserAccess, ...] = ()

    @property
    def place(self) -> Opening:
        return Opening(ComparisonPage, self._ids)

    def make_list(self) -> RecordList[Difference]:
        return ComputedList(InMemoryRows([]), [_PATH], noun="difference", empty="", copied=str, id="differences")

    def content(self) -> list[Widget]:
        """Who the two are, where they differ, and why."""
        super().content()
        self._about = [Static(classes="about") for _ in self._ids]
        self._explained = Explained(self.records)
        return [*self._about, self._explained]

    async def compute(self) -> None:
        compared = await self.latest.run(self._compare)
        if compared is None or not is_still_there(self):
            return
        self._users, differences = compared
        for line, user, place in zip(self._about, self._users, PLACES, strict=True):
            line.update(Content.assemble((f"{place:8}{shown(user.email)}   ", "bold $text"), about(user)))
        self.records.set_source(
            InMemoryRows(differences), self._columns(), noun="difference", empty="Both have the same access."
        )

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit_columns)

    def _fit_columns(self) -> None:
        if self._users:
            self.records.set_columns(self._columns())

    def _columns(self) -> list[Column[Difference]]:
        """The path and both verdicts, headed by whole e-mails where there is room for them."""
        titles = tuple(shown(user.email) for user in self._users)
        if self.records.size.width < LEAST_PATH_CELLS + sum(map(cells_of, titles)):
            titles = PLACES
        one, other = titles
        return [_PATH, verdict_column(one, lambda row: row.first), verdict_column(other, lambda row: not row.first)]

    def _compare(self) -> tuple[tuple[UserAccess, ...], list[Difference]]:
        one, other = map(self._read, self._ids)
        scopes = [(scope, side == 0) for side, only in enumerate(explain.compare(one, other)) for scope in only]
        scopes.sort(key=lambda each: str(each[0]))
        return (one, other), [Difference(place, *each) for place, each in enumerate(scopes)]

    def _read(self, id: int) -> UserAccess:
        try:
            return explain.of_user(id)
        except NotFound as error:
            known = next((user.email for user in self._users if user.id == id), "")
            raise NotFound(with_name(str(error), known)) from None

    @on(RecordList.Changed, "#differences")
    def _explain(self) -> None:
        difference, users = self.records.current, self._users
        if difference is None:
            self._explained.show_text("Why")
        else:
            self._explained.explain(lambda: _why(difference.scope, users))

    async def open(self, id: int | None) -> None:
        """Go to the reasons."""
        self._explained.why.focus()


_PATH = Column[Difference]("Path", lambda row, _: with_label(row.scope), share=2)


def _why(scope: Scope, users: tuple[UserAccess, ...]) -> Explanation:
    """The reasons of both, one after the other."""
    reasons: list[Sentence] = []
    for user in users:
        answer = user.answer(scope.path)
        first, *rest = sentences(user, answer)
        reasons += [replace(first, text=f"{user.email}: {first.text}"), *rest]
    return str(scope), reasons
