"""The known pages that a rule is about: said beside its fields, and picked for them."""

from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from models.access.labels import label_of, page_problem
from models.access.rules import ANY, Path
from models.db.given_rows import InMemoryRows
from models.pages.known import known_pages
from models.text import plural
from tui.app_base import AppBase
from tui.dialogs.pick import Pick
from tui.keymap.keys import key_of
from tui.text import shown
from tui.widgets.column_layout import Column
from tui.widgets.pick_list import PickList


class PageLine(Static):
    """What the pages are called that a rule matches, and how many there are."""

    def show(self, path: Path | None) -> None:
        """Show it for the path that is entered; nothing as long as that may be the beginning of a known one."""
        pages, text, style = known_pages(), f"{key_of(self, 'role.pages')} picks a known page", "$text-muted"
        if path is not None and pages:
            text, style = "", ""
            if problem := page_problem(path):
                if not pages.has_beginning(path.parts):
                    text, style = f"! {problem}", "$text-warning"
            elif ANY in path.parts:
                count = plural(sum(1 for _ in pages.matching(path.parts)), "known page")
                text = "   ".join(filter(None, (label_of(path), count)))
            else:
                text = label_of(path) or "a known page without a label"
        self.update(Content.styled(shown(text), style))


@dataclass(frozen=True, slots=True)
class PageRow:
    """A known page in a picker."""

    id: int
    path: str
    label: str

    def __str__(self) -> str:
        return f"{self.path} {self.label}"


async def pick_page(app: AppBase) -> Path | None:
    """A known page that a person picks, by its path or label; None where none is picked (in a worker)."""
    pages = known_pages()
    paths = sorted(pages.paths, key=lambda path: path not in pages.labels)  # those that people know by name first
    rows = [PageRow(place, path, pages.labels.get(path, "")) for place, path in enumerate(paths)]
    columns = [
        Column[PageRow]("Page", lambda row, _: row.path, share=2),
        Column[PageRow]("Label", lambda row, _: row.label, most=40, share=3),
    ]
    listing = InMemoryRows(rows)
    picker = PickList(listing, columns, lambda row: row.path, noun="known page", empty="")
    picked = await app.push_screen_wait(Pick("Pick a known page for the rule", "Pick", picker, most=1))
    return next((Path(*path.split("/")) for path in picked.values()), None)
