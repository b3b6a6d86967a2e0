"""A field with a few values to choose from, on one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.text import fit_to_cells


class Choice(Widget, can_focus=True):
    """One of some values, each with the word that stands for it; Space and the arrows change it, so does its letter."""

    DEFAULT_CSS = """
    Choice { height: 1; background: $surface; }
    Choice:focus { text-style: reverse; }
    """
    BINDINGS = [
        Binding("space,right,down", "turn(1)", "Change", tooltip="Choose the next value", id="choice.next"),
        Binding("left,up", "turn(-1)", "Back", tooltip="Choose the value before", show=False, id="choice.previous"),
        Binding("enter", "app.focus_next", "Next field", tooltip="Go to the next field", show=False, id="choice.leave"),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        choice: "Choice"

        @property
        def control(self) -> "Choice":
            """The field, for `@on` selectors."""
            return self.choice

    def __init__(self, options: Sequence[tuple[Any, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = list(options)
        self._index = 0

    @property
    def value(self) -> Any:
        """The value chosen."""
        return self._options[self._index][0]

    @value.setter
    def value(self, value: Any) -> None:
        values = [option for option, _ in self._options]
        if value not in values:
            self._options.append((value, "Unknown"))
            values.append(value)
        self._turn_to(values.index(value))

    def set_options(self, options: Sequence[tuple[Any, str]]) -> None:
        """Offer other values; the one chosen stays where it is among them."""
        value = self.value
        self._options = list(options)
        self._index = next((index for index, (option, _) in enumerate(self._options) if option == value), 0)
        self.refresh()

    def action_turn(self, by: int) -> None:
        self._turn_to((self._index + by) % len(self._options))

    def on_key(self, event: events.Key) -> None:
        if event.character is None or not event.character.isalnum():
            return
        event.stop()
        event.prevent_default()
        count = len(self._options)
        for index in ((self._index + step) % count for step in range(1, count + 1)):
            if self._options[index][1].casefold().startswith(event.character.casefold()):
                self._turn_to(index)
                return

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters choose, whatever they mean elsewhere on the page."""
        return character is not None and character.isalnum()

    def on_click(self) -> None:
        self.action_turn(1)

    def _turn_to(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.refresh()
            self.post_message(self.Changed(self))

    def render(self) -> Content:
        return Content(fit_to_cells(f"◄ {self._options[self._index][1]} ►", self.size.width))


class CheckBox(Choice):
    """Yes or no, with its label beside it."""

    DEFAULT_CSS = """
    CheckBox { height: auto; }
    """

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__([(False, "no"), (True, "yes")], id=id)
        self._label = label

    def render(self) -> Content:
        text = f"[{'x' if self.value else ' '}] {self._label}"
        return Content(text.ljust(self.size.width))
