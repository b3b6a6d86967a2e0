"""A list to select records from: typing filters it, Enter selects the highlighted one or unselects it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from rich.cells import cell_len
from textual import events, on, work
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from models.db.paging import HasId, Listing
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.text import fit_to_cells, names, shown
from tui.widgets.column_layout import Column
from tui.widgets.field import FormRow
from tui.widgets.record_list import RecordList
from tui.widgets.row_lines import Sign
from tui.widgets.selected_first import SelectedFirst
from tui.workers import is_still_there

R = TypeVar("R", bound=HasId)


MARK_CELLS = len(" removed ")


class PickList(RecordList[R], inherit_bindings=False):
    """A record list whose rows are selected and unselected; what is typed is its filter, drawn where headings stand.

    All that is typed is the filter, spaces too, once it has begun.
    """

    DEFAULT_CSS = """
    PickList > .pick-list--filter { color: $text-muted; }
    PickList:focus > .pick-list--filter { color: $text; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick-list--filter"}
    BINDINGS = [
        Action(  # with a filter Space is a letter of it; without one Enter and Escape belong to the page
            "space",
            "toggle_current",
            "Select",
            tooltip="Select or unselect the highlighted one",
            id="pick.take",
            enabled=lambda picker: not picker.window.search_text,
        ),
        Action(
            "enter",
            "toggle_match",
            "Select",
            tooltip="Select or unselect what the filter found, and clear it",
            id="pick.take_found",
            enabled=lambda picker: bool(picker.window.search_text),
        ),
        Binding("up", "move(-1)", "Up", tooltip="Move up one row", show=False, id="pick.up"),
        Binding("down", "move(1)", "Down", tooltip="Move down one row", show=False, id="pick.down"),
        Binding("pageup", "page(-1)", "Page up", tooltip="Move up one page", show=False, id="pick.page_up"),
        Binding("pagedown", "page(1)", "Page down", tooltip="Move down one page", show=False, id="pick.page_down"),
        Binding("home", "jump(False)", "First", tooltip="Go to the first row", show=False, id="pick.first"),
        Binding("end", "jump(True)", "Last", tooltip="Go to the last row", show=False, id="pick.last"),
        Binding("f5", "reload", "Reload list", tooltip="Reload list", show=False, id="pick.reload"),
        Binding(
            "backspace",
            "shorten",
            "Shorten filter",
            tooltip="Delete the filter's last letter",
            show=False,
            id="pick.shorten",
        ),
        Binding("ctrl+u", "clear", "Clear filter", tooltip="Delete the whole filter", show=False, id="pick.clear_all"),
        Action(
            "escape",
            "clear",
            "Clear filter",
            tooltip="Show all again",
            id="pick.clear",
            enabled=lambda picker: bool(picker.window.search_text),
        ),
    ]

    @dataclass
    class SelectionChanged(Message):
        """Something was selected or unselected."""

        list: "PickList[Any]"

        @property
        def control(self) -> "PickList[Any]":
            """The list, for `@on` selectors."""
            return self.list

    marker_cells, sign_cells = 6, 2
    has_headings = False
    clear_binding = "pick.clear"

    def __init__(
        self,
        listing: Listing[R],
        columns: Sequence[Column[R]],
        label: Callable[[R], str],
        *,
        noun: str,
        empty: str,
        sign: Sign[R] | None = None,
        id: str | None = None,
    ) -> None:
        self._ordered = SelectedFirst(listing)
        super().__init__(self._ordered, columns, noun=noun, empty=empty, sign=sign, id=id)
        self._label = label
        self.selected: dict[int, str] = {}
        """The names of the selected records by their ids."""
        self._names: dict[int, str] = {}
        self._saved: Collection[int] | None = None

    def set_saved(self, ids: Collection[int]) -> None:
        """Mark the rows that are selected besides these, or are not any more: a save makes them so."""
        self._saved = ids
        self.refresh()

    def set_selected(self, ids: Iterable[int], names: Mapping[int, str] = MappingProxyType({})) -> None:
        """Select these records and no others, and show them first, by these names; it knows those selected before."""
        self._names |= names
        self.selected = {id: self._names[id] for id in sorted(ids, key=lambda id: self._names[id].casefold())}
        self._put_first(tuple(self.selected))
        self.refresh()
        self.post_message(self.SelectionChanged(self))

    def _put_first(self, ids: tuple[int, ...]) -> None:
        """Show these first, until others are set; the rows are not read again where all of them are in memory."""
        window, before, self._ordered.first = self.window, self._ordered.first, ids
        if ids == before or window.search_text:
            return
        if before or not (window.rows and window.at_start and window.at_end):
            window.reload(None if window.cursor else next(iter(ids), None))
            return
        current = window.current if window.cursor else None
        places = {id: place for place, id in enumerate(ids)}
        rows = sorted(window.rows, key=lambda row: places.get(row.id, len(ids)))
        window.replace(rows, rows.index(current) if current else 0)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are the filter's, whatever they mean elsewhere on the page; so are spaces that follow one."""
        return character is not None and character.isprintable() and (key != "space" or bool(self.window.search_text))

    def on_key(self, event: events.Key) -> None:
        if event.character is not None and self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self._filter(self.window.search_text + event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._filter(self.window.search_text + " ".join(event.text.split()))

    def action_shorten(self) -> None:
        self._filter(self.window.search_text[:-1])

    def action_clear(self) -> None:
        self._filter("")

    @work
    async def action_toggle_current(self) -> None:
        """Select the highlighted record, or unselect it; then the filter that found it is done with."""
        if not await self.window.wait_loaded() or not is_still_there(self) or (row := self.current) is None:
            return
        if self.selected.pop(row.id, None) is None:
            self._names[row.id] = self.selected[row.id] = self._label(row)
        self.refresh()
        self.post_message(self.SelectionChanged(self))
        if self.window.search_text:
            self._filter("")

    def action_toggle_match(self) -> None:
        """Select the highlighted record of those that the filter found, or unselect it."""
        self.action_toggle_current()

    def action_open(self) -> None:
        self.action_toggle_current()

    def _filter(self, text: str) -> None:
        if not is_still_there(self):
            return
        current = self.current
        self.window.search(text, at=current.id if current and not text else None)
        self.refresh()
        self.refresh_bindings()

    @on(RecordList.Changed)
    def _draw_status(self) -> None:
        """The filter's line says how many are found, and whether these are all."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        if y:
            return super().render_line(y)
        if not self.window.search_text:
            return self._strip(
                fit_to_cells(f"Type to filter, {key_of(self, 'pick.take_found')} selects", self.size.width),
                "pick-list--filter",
            )
        room = max(0, self.size.width - len(self.status) - 1)
        typed = f"/ {shown(self.window.search_text)}{'_' * self.has_focus}"
        return self._strip(f"{fit_to_cells(typed, room)} {self.status}", "pick-list--filter")

    def _markers(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        yield f"{'>' if is_current else ' '} [{'x' if row.id in self.selected else ' '}] ", None
        if self._sign is not None:
            yield self._sign(row)
            yield " ", None

    def _parts(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """What stands on its line, the last of it in the way of a mark."""
        if self._saved is None or (row.id in self._saved) == (row.id in self.selected):
            yield from super()._parts(row, is_current)
            return
        mark, style = ("removed", "bad") if row.id in self._saved else ("new", "good")
        room = self.size.width - MARK_CELLS
        for text, part_style in super()._parts(row, is_current):
            cells = cell_len(text)
            yield (text if cells <= room else fit_to_cells(text.rstrip(), room)), part_style
            room = max(0, room - cells)
        yield " " * room + f" {mark}", f"record-list--{style}"


class SelectionSummary(Widget):
    """The names selected in a picker, on one line, whatever its filter shows: `CMS editor, Media, +2      4 of 12`."""

    DEFAULT_CSS = "SelectionSummary { height: 1; }"

    def __init__(self, *, is_needed: bool) -> None:
        super().__init__()
        self.is_needed = is_needed
        self._names: list[str] = []
        self._count: int | None = None

    def show(self, names: Iterable[str], count: int | None) -> None:
        self._names, self._count = list(names), count
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        count = "" if self._count is None else f" {len(self._names):,} of {self._count:,}"
        none = f"None selected{' (at least one required)' * self.is_needed}"
        text = names(self._names, max(1, width - len(count))) if self._names else none
        return Content(fit_to_cells(text, max(0, width - len(count))) + count)


class PickerRow(FormRow):
    """The row of a form that picks records: the line of what is selected, the error, and the list to select from."""

    def __init__(self, label: str, list: "PickList[Any]", *, field: str, is_needed: bool = True) -> None:
        self.list, self._summary = list, SelectionSummary(is_needed=is_needed)
        super().__init__(label, self._summary, list, field=field, tall=True)

    def show_needed(self, is_needed: bool) -> None:
        """Say where none is selected whether one is required."""
        self._summary.is_needed = is_needed
        self._summary.refresh()

    @on(PickList.SelectionChanged)
    @on(PickList.Changed)
    def _show_summary(self) -> None:
        self._summary.show(self.list.selected.values(), self.list.window.count)
