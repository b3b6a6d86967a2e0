"""A change in lines of which nothing is cut: sentences, and under them its values in columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from textual.content import Content

from models.changes.details import Detail
from models.db.given_rows import InMemoryRows
from tui.text import fit_to_cells, shown
from tui.widgets.column_layout import GAP, Column
from tui.widgets.computed_list import ComputedList

_HEADINGS = Detail("Record", "Field", "Before", "After")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of the list."""

    id: int
    text: str
    whole: str
    """The sentence, or the value, of which it is a line."""

    def __str__(self) -> str:
        return self.whole


class ChangeLines(ComputedList[ChangeLine]):
    """Shows what is said of a change, and its values, each over as many lines as it needs."""

    def __init__(self) -> None:
        super().__init__(InMemoryRows([]), [_COLUMN], noun="line", empty="", copied=str)
        self._sentences: Sequence[str] = ()
        self._values: Sequence[Detail] = ()
        self._width = 0

    def explain(self, sentences: Sequence[str], values: Sequence[Detail]) -> None:
        """Show these."""
        self._sentences, self._values = sentences, values
        self._wrap()

    def on_resize(self) -> None:
        if self.size.width != self._width and self._sentences:
            self._wrap()

    def _wrap(self) -> None:
        self._width = self.size.width
        lines = [*self._sentence_lines(self._columns_width), *self._value_lines(self._columns_width)]
        rows = [ChangeLine(place, text, whole) for place, (text, whole) in enumerate(lines)]
        self.set_source(InMemoryRows(rows), [_COLUMN], noun="line", empty="Nothing to show.")

    @property
    def _columns_width(self) -> int:
        return max(20, self.size.width - self.marker_cells - 1)

    def _sentence_lines(self, width: int) -> Iterator[tuple[str, str]]:
        for sentence in self._sentences:
            for index, line in enumerate(_wrapped(sentence, width - 2)):
                yield "  " * bool(index) + line, sentence

    def _value_lines(self, width: int) -> Iterator[tuple[str, str]]:
        """Each value in four columns; where they do not fit side by side, the widest give way."""
        table = [_HEADINGS, *self._values] if self._values else []
        texts = [[detail.what, detail.field, detail.before, detail.after] for detail in table]
        widths = [max(cell_len(shown(text)) for text in column) for column in zip(*texts, strict=True)]
        while sum(widths) > width - 3 * len(GAP):
            widths[widths.index(max(widths))] -= 1
        if table:
            yield "", ""
        for detail, row in zip(table, texts, strict=True):
            cells = [_wrapped(text, cells) for text, cells in zip(row, widths, strict=True)]
            for parts in zip_longest(*cells, fillvalue=""):
                yield GAP.join(map(fit_to_cells, parts, widths)), str(detail)


def _wrapped(text: str, width: int) -> list[str]:
    return [line.plain.rstrip() for line in Content(shown(text)).wrap(width)]


_COLUMN = Column[ChangeLine]("Change", lambda line, _: line.text, indented=True)
