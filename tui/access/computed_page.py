"""A list of what is computed from the database, opened over another page."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.widget import Widget

from models.db.paging import HasId
from models.errors import NotFound, ShopError
from tui.access.explained import Explained
from tui.lists.list_page import ListPage
from tui.widgets.computed_list import ComputedList
from tui.widgets.field import Field
from tui.widgets.page import Page, close
from tui.workers import LatestOnly, is_still_there

R = TypeVar("R", bound=HasId)


class ComputedPage(ListPage[R], Generic[R]):
    """Its rows are computed when the page is opened, on reload, and after a page that was opened from it."""

    HORIZONTAL_BREAKPOINTS = Page.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = []
    BINDINGS = [Binding("escape", "back", "Back", tooltip="Clear the search, or go back", id="page.clear")]

    def __init__(self) -> None:
        super().__init__()
        self.latest = LatestOnly(self)

    async def compute(self) -> None:
        """Run a query in `latest` and show its rows, if there are any. Raises NotFound if a record is missing."""
        raise NotImplementedError

    def content(self) -> list[Widget]:
        """The list without a preview: a page has the reasons beside it, if anything."""
        self.records = self.make_list()
        return [self.records]

    @property
    def key_labels(self) -> Mapping[str, str]:
        """Every key with its own word."""
        return {}

    def on_mount(self) -> None:
        self._recompute()

    @on(ComputedList.Stale)
    @on(Explained.CameBack)
    def _recompute(self) -> None:
        self.recompute()

    @work
    async def recompute(self) -> None:
        """Compute the rows again."""
        try:
            await self.compute()
        except NotFound as error:
            self.notify(str(error), severity="error")
            close(self, None)
        except ShopError as error:
            if is_still_there(self):
                self.records.window.fail(error)

    def show_known_pages(self) -> None:
        self.recompute()

    async def open(self, id: int | None) -> None:
        """Open the highlighted one, then compute the rows again."""
        if id is not None:
            await self.visit(id)
            self.recompute()

    async def visit(self, id: int) -> None:
        """Open the page of the highlighted one, and wait until it is closed."""
        raise NotImplementedError

    async def action_back(self) -> None:
        """Clear the search; then leave the page."""
        if self.records.window.search_text or isinstance(self.focused, Field):
            await self.action_end_search()
        else:
            self.dismiss(None)
