"""A menu: one of a few values, chosen by its number or with the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events, on
from textual.binding import Binding
from textual.widget import Widget

from models.db.given_rows import InMemoryRows
from tui.dialogs.dialog import Dialog
from tui.widgets.column_layout import Column
from tui.widgets.record_list import RecordList

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Line:
    """A value with its number."""

    id: int
    label: str


class Menu(Dialog[T | None], Generic[T]):
    """Offers at most nine values with their labels; returns the one chosen."""

    BINDINGS = [
        Binding("enter", "choose", "Choose", tooltip="Choose the highlighted one", id="menu.choose"),
        Binding("escape,q", "cancel", "Cancel", tooltip="Cancel", id="menu.cancel"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[T, str]]) -> None:
        super().__init__()
        self._values = [value for value, _ in options]
        lines = [_Line(number, label) for number, (_, label) in enumerate(options, 1)]
        column = Column[_Line](title, lambda line, _: f"{line.id}  {line.label}")
        self._lines = RecordList(InMemoryRows(lines), [column], noun="choice", empty="")
        self._lines.styles.height = 1 + len(lines)

    def content(self) -> list[Widget]:
        return [self._lines]

    def on_key(self, event: events.Key) -> None:
        """Choose by number."""
        if event.character and event.character in "123456789"[: len(self._values)]:
            event.stop()
            self._choose(int(event.character))

    @on(RecordList.Opened)
    def action_choose(self) -> None:
        if self._lines.current is not None:
            self._choose(self._lines.current.id)

    def _choose(self, number: int) -> None:
        self.dismiss(self._values[number - 1])

    def action_cancel(self) -> None:
        self.dismiss(None)
