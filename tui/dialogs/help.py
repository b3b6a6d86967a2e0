"""All keys of a page, in words."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.dialog import Dialog
from tui.keymap.keys import in_order


class KeyTable(Widget):
    """Keys, in bold, and beside them what they do; one widget, as there are some thirty lines."""

    DEFAULT_CSS = "KeyTable { height: auto; }"

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._keys = keys

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        """As many as it takes to wrap what is too long for its column."""
        left = 12 if self.screen.has_class("-short") else 20
        lines = []
        for words, keys in self._keys.items():
            columns = Content.styled(", ".join(keys), "bold").wrap(left - 1), Content(words).wrap(max(1, width - left))
            for key, text in zip_longest(*columns, fillvalue=Content("")):
                lines.append(Content.assemble(key.pad_right(left - key.cell_length), text))
        return lines


class Help(Dialog[None]):
    """The keys that work on the page below, from the same bindings that do the work."""

    BINDINGS = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", tooltip="Close help", id="help.close"),
        Binding("j", "down", "Down", tooltip="Scroll down", show=False, id="help.down"),
        Binding("k", "up", "Up", tooltip="Scroll up", show=False, id="help.up"),
    ]
    AUTO_FOCUS = "VerticalScroll"
    large = True

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        keys: dict[str, list[str]] = {}
        active = sorted(in_order(page.active_bindings), key=lambda active: not active.binding.show)
        for _node, binding, enabled, tooltip in active:
            if binding.id:  # the others are Textual's own, for editing a field and the like
                words = tooltip + ("" if enabled else " (not now)")
                keys.setdefault(words, []).append(page.app.get_key_display(binding))
        self._keys = KeyTable(keys)

    def content(self) -> list[Widget]:
        return [Static("Keyboard shortcuts", classes="question"), VerticalScroll(self._keys)]

    def action_down(self) -> None:
        self.query_one(VerticalScroll).scroll_down()

    def action_up(self) -> None:
        self.query_one(VerticalScroll).scroll_up()
