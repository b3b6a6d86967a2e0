"""All keys of a page, in words."""

from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.dialog import Dialog
from tui.keymap.keys import in_order


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
        self._lines: dict[str, list[str]] = {}
        active = sorted(in_order(page.active_bindings), key=lambda active: not active.binding.show)
        for _node, binding, enabled, tooltip in active:
            if binding.id:  # the others are Textual's own, for editing a field and the like
                words = tooltip + ("" if enabled else " (not now)")
                self._lines.setdefault(words, []).append(page.app.get_key_display(binding))

    def content(self) -> list[Widget]:
        lines = [
            Horizontal(Static(Content(", ".join(keys)), classes="keys"), Static(Content(words)), classes="line")
            for words, keys in self._lines.items()
        ]
        return [Static("Keyboard shortcuts", classes="question"), VerticalScroll(*lines)]

    def action_down(self) -> None:
        self.query_one(VerticalScroll).scroll_down()

    def action_up(self) -> None:
        self.query_one(VerticalScroll).scroll_up()
