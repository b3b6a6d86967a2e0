"""The one-line parts of every page: where you are, the sections, and the keys that work here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events, getters
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.app_base import AppBase
from tui.keymap.keys import in_order, keys_of, printed
from tui.text import fit_to_cells, shown
from tui.workers import is_still_there

if TYPE_CHECKING:
    from textual.binding import ActiveBinding


NAME_CELLS, LEAST_NAME_CELLS = 20, 8
"""Cells that the database's name keeps beside the pages above, and beside the page's own name."""

OWN_PAGE_CELLS = 50
"""Cells of a page's own name, if it is that of a record, from which on the page above it says more."""


class TopLine(Widget):
    """Line 1: the breadcrumb, whether its form is unsaved, which database is being changed, its mark and its state."""

    DEFAULT_CSS = "TopLine { height: 1; padding: 0 1; text-style: bold; background: $panel; }"
    app = getters.app(AppBase)
    unsaved = reactive(False)
    """Whether the page has a form with unsaved changes."""

    def __init__(self, breadcrumb: str) -> None:
        super().__init__()
        self._breadcrumb = breadcrumb

    def on_mount(self) -> None:
        """Follow the state of the database; the app forgets the line with its page, as it would not a watcher."""
        self.app.top_lines.add(self)

    def show(self, breadcrumb: str) -> None:
        """Say that this is where you are now."""
        self._breadcrumb = breadcrumb
        self.refresh()

    def render(self) -> Content:
        """All of it, in the width there is; where that is too little, the page's own name is cut last.

        First what can be said shorter is, then the name of the database is cut, then the pages above are left out.
        """
        opened, source = self.app.opened, self.app.source
        mark = f" {shown(source.mark).upper()} " if source.mark else ""
        name, sign = shown(opened.name), "*" if self.app.only_ascii else "•"
        own_page = f"… / {self._breadcrumb.split(' / ', 2)[-1]}"
        if cell_len(own_page) > OWN_PAGE_CELLS:
            own_page = self._breadcrumb
        unsaved = "unsaved" if self.app.only_ascii else "• unsaved"
        for page, changed, state, least in (
            (self._breadcrumb, unsaved, self._state(is_short=False), cell_len(name)),
            (self._breadcrumb, unsaved, self._state(is_short=True), NAME_CELLS),
            (own_page, unsaved, self._state(is_short=True), LEAST_NAME_CELLS),
            (own_page, sign, self._state(is_short=True), LEAST_NAME_CELLS),
        ):
            changed = f"{changed}   " * self.unsaved
            width = self.size.width - len(changed) - cell_len(mark) - bool(mark) - len(state)
            if cell_len(page) + 2 + min(cell_len(name), least) <= width:
                break
        name = fit_to_cells(name, min(cell_len(name), max(LEAST_NAME_CELLS, width - cell_len(page) - 2)))
        left = fit_to_cells(page, max(0, width - cell_len(name) - 1))
        return Content.assemble(
            left,
            " ",
            changed,
            (mark, "bold reverse $text-error" if source.is_production else "reverse"),
            " " * bool(mark),
            name,
            state,
        )

    def _state(self, *, is_short: bool) -> str:
        """Of the database."""
        app = self.app
        state = "  [read-only]" * app.opened.read_only + self._lock(is_short=is_short)
        state += "  [not recorded]" * app.unrecorded
        return state + ("  [no connection]" * (not app.reachable) or "  [waiting]" * app.waiting)

    def _lock(self, *, is_short: bool) -> str:
        """Whether changes are allowed, of a database where that depends; by the clock on the wall."""
        until = self.app.unlocked_until
        if until is not None:
            return f"  {'' if is_short else 'changes allowed '}until {until.astimezone():%H:%M}"
        return "  [locked]" * self.app.is_locked


@dataclass(frozen=True)
class Item:
    """A part of a line that can be clicked: its text, its style, and the key it stands for."""

    text: str
    style: str
    key: str
    is_kept: bool = False
    """Whether others are left out before it."""


class ItemLine(Widget):
    """A line of items side by side."""

    DEFAULT_CSS = "ItemLine { height: 1; padding: 0 1; }"
    app = getters.app(AppBase)

    def items(self) -> list[Item]:
        """What is on the line, in order; those that do not fit are left out from the end."""
        raise NotImplementedError

    def _placed(self) -> list[tuple[int, Item]]:
        placed, x = [], 0
        for item in self.items():
            if x + cell_len(item.text) > self.size.width:
                break
            placed.append((x, item))
            x += cell_len(item.text) + 2
        return placed

    def render(self) -> Content:
        return Content("  ").join(Content.styled(item.text, item.style) for _, item in self._placed())

    def on_click(self, event: events.Click) -> None:
        for x, item in self._placed():
            if x <= event.x - self.gutter.left < x + cell_len(item.text):
                self.press(item.key)

    def press(self, key: str) -> None:
        """Do what the key of a clicked item does."""
        self.app.simulate_key(key)


class Sections(ItemLine):
    """The sections of the Back Office's Users, the open one marked."""

    DEFAULT_CSS = "Sections { width: 1fr; }"

    def press(self, key: str) -> None:
        """Open a section: in a field its key would be a letter."""
        modes = (mode for mode, _ in self.app.SECTIONS if key in keys_of(self, f"app.{mode}"))
        self.run_worker(self.app.run_action(f"app.section('{next(modes)}')"))

    def items(self) -> list[Item]:
        """One for each section; where they do not all fit, the key alone of those that are not open."""
        fit_all = self.needed_cells <= self.size.width
        return [
            Item(text if fit_all or is_open else printed(key), "reverse" if is_open else "", key)
            for text, key, is_open in self._sections()
        ]

    @property
    def needed_cells(self) -> int:
        """The cells that all of them take."""
        return sum(cell_len(text) + 2 for text, _, _ in self._sections()) - 2

    def _sections(self) -> list[tuple[str, str, bool]]:
        return [
            (f"{printed(key)} {title}", key, mode == self.app.current_mode)
            for mode, title in self.app.SECTIONS
            for key in keys_of(self, f"app.{mode}")[:1]
        ]


_FILLING = ("app.unlock", "app.palette", "app.leave")
"""Keys that stand in the last line where it has room, after those of the page."""


def _is_last(key: "ActiveBinding") -> tuple[bool, bool]:
    """Help stands after all others, before it the effect where there is none."""
    return key.binding.id == "app.help", key.binding.id == "effect.show" and not key.enabled


class KeyLine(ItemLine):
    """The last line: the keys that do something here, from the same bindings that do it; in parentheses if not now."""

    DEFAULT_CSS = "KeyLine { dock: bottom; background: $panel; }"
    note = reactive("")
    """What is said in place of the keys."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[Item] | None = None  # unknown until they are drawn: one key may change them several times

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.update_keys())

    def render(self) -> Content:
        return Content.styled(shown(self.note), "bold") if self.note else super().render()

    def items(self) -> list[Item]:
        """The keys that fit, help always among them, and while changes are locked the key that allows them."""
        if self._items is None:
            self._items = list(self._key_items())
        room = self.size.width
        fitting: list[Item] = []
        for item in sorted(self._items, key=lambda item: item.is_kept, reverse=True):
            if cell_len(item.text) <= room:
                room -= cell_len(item.text) + 2
                fitting.append(item)
        return [item for item in self._items if item in fitting]

    def update_keys(self) -> None:
        """Show the keys as they work now."""
        if is_still_there(self) and self.screen.is_active:
            self._items = None
            self.refresh()

    def _key_items(self) -> Iterator[Item]:
        """Those that the page has words for, in its order; then the others, help last."""
        active: dict[str, ActiveBinding] = {}
        for each in in_order(self.screen.active_bindings):
            active.setdefault(each.binding.id or each.binding.action, each)
        labels: Mapping[str, str] = getattr(self.screen, "key_labels", {})
        for ids, label in labels.items():
            if keys := [active.pop(id) for id in ids.split() if id in active]:
                yield self._item(keys, label)
        filling = [active[id] for id in _FILLING if id in active]
        others: dict[str, ActiveBinding] = {}
        for each in [*[each for each in active.values() if each.binding.show], *filling]:
            others.setdefault(each.binding.action, each)
        for each in sorted(others.values(), key=_is_last):
            is_lock = each.binding.id == "app.unlock"
            label = ("Unlock" if self.app.is_locked else "Lock") if is_lock else each.binding.description
            yield self._item([each], label, is_kept=each.binding.id == "app.help" or (is_lock and self.app.is_locked))

    def _item(self, keys: "Sequence[ActiveBinding]", label: str, *, is_kept: bool = False) -> Item:
        text = f"{'/'.join(self.app.get_key_display(each.binding) for each in keys)} {shown(label)}"
        return Item(*(text, "") if keys[0].enabled else (f"({text})", "dim"), keys[0].binding.key, is_kept)
