"""Sentences in a list, each wrapped over as many lines as it needs, with the records that it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from models.db.given_rows import InMemoryRows
from tui.app_base import Kind
from tui.keymap.actions import Action
from tui.text import shown
from tui.widgets.column_layout import Column
from tui.widgets.record_list import RecordList


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the ids of what it names: None where it names none."""

    text: str
    user: int | None = None
    group: int | None = None
    role: int | None = None
    rule: int | None = None
    style: str = ""
    """The component class of the list in which it is drawn."""

    @property
    def opens(self) -> Kind | None:
        """What it opens: `role`, else `group`, else `user`; None where it names none."""
        return next((kind for kind in ("role", "group", "user") if getattr(self, kind) is not None), None)


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """A line of a sentence."""

    id: int
    text: str
    sentence: Sentence


class Sentences(RecordList[SentenceLine]):
    """Shows sentences under a heading; the cursor is on one of their lines."""

    BINDINGS = [
        Action(
            "enter",
            "open",
            "Open",
            tooltip="Open the role, group or user named here",
            id="why.open",
            enabled=lambda sentences: bool(sentences.sentence and sentences.sentence.opens),
        )
    ]

    def __init__(self, heading: str, *, id: str | None = None) -> None:
        super().__init__(
            InMemoryRows([]),
            [_column("")],
            noun="line",
            empty="",
            copied=lambda line: line.sentence.text,
            id=id,
        )
        self._sentences: Sequence[Sentence] = ()
        self._width = 0
        self._set_heading(heading)

    def explain(self, heading: str, sentences: Sequence[Sentence]) -> None:
        """Show these sentences instead."""
        self._sentences = sentences
        self._set_heading(heading)
        self._wrap()

    @property
    def sentence(self) -> Sentence | None:
        """The one under the cursor."""
        return self.current.sentence if self.current else None

    def on_resize(self) -> None:
        if self.size.width != self._width:
            self._wrap()

    def _set_heading(self, heading: str) -> None:
        self.set_columns([_column(heading)])

    def _wrap(self) -> None:
        self._width = self.size.width
        width = max(10, self._width - self.marker_cells - 3)
        lines: list[SentenceLine] = []
        for sentence in self._sentences:
            for index, line in enumerate(Content(shown(sentence.text)).wrap(width)):
                lines.append(SentenceLine(len(lines), "  " * bool(index) + line.plain.rstrip(), sentence))
        self.window.listing = InMemoryRows(lines)
        self.reload(0)


def _column(heading: str) -> Column[SentenceLine]:
    return Column(heading, lambda line, _: line.text, style=lambda line: line.sentence.style, indented=True)
