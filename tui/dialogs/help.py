"""All keys of a page, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from textual import events
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.dialog import Dialog
from tui.keymap.actions import Action
from tui.keymap.keys import in_order
from tui.text import shown

TWO_COLUMNS_CELLS = 100
"""Cells of the terminal from which on the keys stand in two columns."""

GAP_CELLS = 3
GROUPS = ("This page", "Lists", "Anywhere")
_LISTS, _ANYWHERE = ("list.", "pick."), ("app.", "dialog.", "page.next", "page.previous")


@dataclass
class Entry:
    """What keys do, in which of the `GROUPS`."""

    group: str
    words: str
    keys: list[str]

    def matches(self, text: str) -> bool:
        """Whether the words, or a key, contain each word of the text."""
        own = f"{self.words} {' '.join(self.keys)}".casefold()
        return all(word in own for word in text.casefold().split())


class KeyTable(Widget):
    """Keys, in bold, and beside them what they do; one widget, as there are some thirty lines."""

    DEFAULT_CSS = "KeyTable { height: auto; }"

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries
        self._filter = ""

    def show_matches(self, text: str) -> None:
        """Show the keys that match the text."""
        self._filter = text
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        """The lines, in two columns where there is room."""
        if self.app.size.width < TWO_COLUMNS_CELLS:
            return [line for block in self._blocks(width) for line in block]
        column = (width - GAP_CELLS) // 2
        blocks = list(self._blocks(column))
        half = sum(map(len, blocks)) / 2
        left: list[Content] = []
        right: list[Content] = []
        for block in blocks:
            (left if not right and len(left) < half else right).extend(block)
        if right and not right[0].plain:
            del right[0]  # the gap before a heading
        return [
            Content.assemble(one.pad_right(column + GAP_CELLS - one.cell_length), other)
            for one, other in zip_longest(left, right, fillvalue=Content(""))
        ]

    def _blocks(self, width: int) -> Iterator[list[Content]]:
        """The lines of each entry, the first of a group under its heading."""
        left, before = 14 if width < 60 else 20, ""
        for entry in self._entries:
            if not entry.matches(self._filter):
                continue
            block: list[Content] = []
            if entry.group != before:
                block = [*[Content("")] * bool(before), Content.styled(entry.group, "bold underline")]
                before = entry.group
            keys = Content.styled(", ".join(entry.keys), "bold").wrap(left - 1)
            words = Content(entry.words).wrap(max(1, width - left))
            for key, text in zip_longest(keys, words, fillvalue=Content("")):
                block.append(Content.assemble(key.pad_right(left - key.cell_length), text))
            yield block
        if not before:
            yield [Content("Nothing found.")]


class Help(Dialog[None]):
    """The keys that work on the page below, from the same bindings that do the work. Typing filters them."""

    BINDINGS = [
        Action(
            "escape",
            "clear_filter",
            "Clear filter",
            tooltip="Show all keys again",
            id="help.clear",
            enabled=lambda help: bool(help.filter),
        ),
        Binding("escape,question_mark,f1,enter", "dismiss", "Close", tooltip="Close help", id="help.close"),
        Binding("down", "down", "Down", tooltip="Scroll down", show=False, id="help.down"),
        Binding("up", "up", "Up", tooltip="Scroll up", show=False, id="help.up"),
        Binding(
            "backspace", "shorten", "Shorten", tooltip="Delete the filter's last letter", show=False, id="help.shorten"
        ),
    ]
    AUTO_FOCUS = "VerticalScroll"
    large = True

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        self.filter = ""
        entries: dict[str, Entry] = {}
        active = sorted(in_order(page.active_bindings), key=lambda active: not active.binding.show)
        for _node, binding, enabled, tooltip in active:
            if binding.id:  # the others are Textual's own, for editing a field and the like
                words = tooltip + ("" if enabled else " (not now)")
                entry = entries.setdefault(words, Entry(_group(binding.id), words, []))
                entry.keys.append(page.app.get_key_display(binding))
        self._table = KeyTable(sorted(entries.values(), key=lambda entry: GROUPS.index(entry.group)))

    def content(self) -> list[Widget]:
        self._title_line = Static(classes="question")
        self._show_filter("")
        return [self._title_line, VerticalScroll(self._table)]

    def on_key(self, event: events.Key) -> None:
        if event.character is not None and event.is_printable:
            event.stop()
            self._show_filter(self.filter + event.character)

    def action_shorten(self) -> None:
        self._show_filter(self.filter[:-1])

    def action_clear_filter(self) -> None:
        self._show_filter("")

    def _show_filter(self, text: str) -> None:
        self.filter = text
        hint = Content.styled(f"/ {shown(text)}_" if text else "type to filter", "not bold $text-muted")
        self._title_line.update(Content.assemble("Keyboard shortcuts   ", hint))
        self._table.show_matches(text)
        self.refresh_bindings()

    def action_down(self) -> None:
        self.query_one(VerticalScroll).scroll_down()

    def action_up(self) -> None:
        self.query_one(VerticalScroll).scroll_up()


def _group(id: str) -> str:
    """Where a binding works."""
    if id.startswith(_LISTS):
        return GROUPS[1]
    return GROUPS[2] if id.startswith(_ANYWHERE) else GROUPS[0]
