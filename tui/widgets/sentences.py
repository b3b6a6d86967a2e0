"""Sentences in a list: each is told whole, over as many lines as it needs, and knows what it speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding
from textual.content import Content

from models.db.paging import InMemoryRows
from tui.app_base import Kind
from tui.text import shown
from tui.widgets.record_list import Column, RecordList


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the ids of what it names: None where it names none."""

    text: str
    user: int | None = None
    group: int | None = None
    role: int | None = None
    rule: int | None = None

    @property
    def opens(self) -> Kind | None:
        """What it opens: `role`, else `group`, else `user`; None where it names none."""
        return next((what for what in ("role", "group", "user") if getattr(self, what) is not None), None)


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """A line of a sentence."""

    id: int
    text: str
    sentence: Sentence


class Sentences(RecordList[SentenceLine]):
    """Shows sentences under a heading; the cursor is on one of their lines."""

    BINDINGS = [
        Binding("enter", "select", "Open", tooltip="Open the role it names, the group or the user", id="why.open")
    ]

    def __init__(self, heading: str, *, id: str | None = None) -> None:
        super().__init__(
            InMemoryRows([]),
            [Column("", lambda line, _: line.text, indented=True)],
            noun="line",
            empty="",
            copied=lambda line: line.sentence.text,
            id=id,
        )
        self._sentences: Sequence[Sentence] = ()
        self._width = 0
        self._head(heading)

    def explain(self, heading: str, sentences: Sequence[Sentence]) -> None:
        """Show these sentences in place of those before."""
        self._sentences = sentences
        self._head(heading)
        self._wrap()

    @property
    def sentence(self) -> Sentence | None:
        """The one under the cursor."""
        return self.current.sentence if self.current else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What names nothing opens nothing."""
        if action == "select":
            return bool(self.sentence and self.sentence.opens)
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Wrap the sentences anew."""
        if self.size.width != self._width:
            self._wrap()

    def _head(self, heading: str) -> None:
        self.columns = [Column(heading, lambda line, _: line.text, indented=True)]

    def _wrap(self) -> None:
        self._width = self.size.width
        width = max(10, self._width - self._lead - 3)
        lines: list[SentenceLine] = []
        for sentence in self._sentences:
            for place, line in enumerate(Content(shown(sentence.text)).wrap(width)):
                lines.append(SentenceLine(len(lines), "  " * bool(place) + line.plain.rstrip(), sentence))
        self.listing = InMemoryRows(lines)
        self.reload(0)
