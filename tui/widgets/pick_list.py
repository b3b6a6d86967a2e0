"""A list to take records from: typing filters it, Space takes the highlighted one or gives it back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from textual import events, work
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from models.listing import HasId, Listing
from tui.text import fit, names, shown
from tui.widgets.field import FormRow
from tui.widgets.record_list import Column, RecordList

R = TypeVar("R", bound=HasId)


class PickList(RecordList[R], inherit_bindings=False):
    """A record list whose rows are taken and given back; what is typed is its filter, drawn where headings stand."""

    DEFAULT_CSS = """
    PickList > .pick-list--filter { color: $text-muted; }
    PickList:focus > .pick-list--filter { color: $text; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick-list--filter"}
    BINDINGS = [
        Binding("space", "take", "Take", tooltip="Take the highlighted one, or give it back", id="pick.take"),
        Binding("up", "move(-1)", "Up", tooltip="Move up one row", show=False, id="pick.up"),
        Binding("down", "move(1)", "Down", tooltip="Move down one row", show=False, id="pick.down"),
        Binding("pageup", "page(-1)", "Page up", tooltip="Move up one page", show=False, id="pick.page_up"),
        Binding("pagedown", "page(1)", "Page down", tooltip="Move down one page", show=False, id="pick.page_down"),
        Binding("home", "jump(False)", "First", tooltip="Go to the first row", show=False, id="pick.first"),
        Binding("end", "jump(True)", "Last", tooltip="Go to the last row", show=False, id="pick.last"),
        Binding(
            "backspace",
            "shorten",
            "Shorten filter",
            tooltip="Delete the filter's last letter",
            show=False,
            id="pick.shorten",
        ),
        Binding("ctrl+u", "clear", "Clear filter", tooltip="Delete the whole filter", show=False, id="pick.clear_all"),
        Binding("enter", "app.focus_next", "Next field", tooltip="Go to the next field", show=False, id="pick.next"),
        Binding("escape", "clear", "Clear filter", tooltip="Show all again", id="pick.clear"),
    ]

    @dataclass
    class Taken(Message):
        """Something was taken or given back."""

        list: "PickList[Any]"

        @property
        def control(self) -> "PickList[Any]":
            """The list, for `@on` selectors."""
            return self.list

    _lead = 6
    _clearing = "pick.clear"
    _spaces = False  # a space in a name need not be typed

    def __init__(
        self,
        listing: Listing[R],
        columns: Sequence[Column[R]],
        label: Callable[[R], str],
        *,
        noun: str,
        empty: str,
        id: str | None = None,
    ) -> None:
        super().__init__(listing, columns, noun=noun, empty=empty, id=id)
        self._label = label
        self.taken: dict[int, str] = {}
        self._names: dict[int, str] = {}

    def take(self, ids: Iterable[int], names: Mapping[int, str] = MappingProxyType({})) -> None:
        """Show these records as the ones taken, by these names; it knows those of records taken before."""
        self._names |= names
        self.taken = {id: self._names[id] for id in sorted(ids, key=lambda id: self._names[id].casefold())}
        self.refresh()
        self.post_message(self.Taken(self))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the page where there is no filter to clear."""
        return bool(self.searched) if action == "clear" else super().check_action(action, parameters)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are the filter's, whatever they mean elsewhere on the page."""
        return key != "space" and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Type the filter."""
        if event.character is not None and self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self._filter(self.searched + event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the filter."""
        event.stop()
        self._filter(self.searched + " ".join(event.text.split()))

    def action_shorten(self) -> None:
        """Delete the filter's last letter."""
        self._filter(self.searched[:-1])

    def action_clear(self) -> None:
        """Show all again."""
        self._filter("")

    @work
    async def action_take(self) -> None:
        """Take the highlighted record, or give it back."""
        if not await self.settled() or (row := self.current) is None:
            return
        if self.taken.pop(row.id, None) is None:
            self._names[row.id] = self.taken[row.id] = self._label(row)
        self.refresh()
        self.post_message(self.Taken(self))

    def action_select(self) -> None:
        """A second click takes, too."""
        self.action_take()

    def _filter(self, text: str) -> None:
        current = self.current
        self.search(text, at=current.id if current and not text else None)
        self.refresh()
        self.refresh_bindings()

    def render_line(self, y: int) -> Strip:
        """The filter, then a line for each visible row."""
        if y:
            return super().render_line(y)
        if not self.searched:
            return self._line(fit("> type to filter", self.size.width), "pick-list--filter")
        room = max(0, self.size.width - len(self.status) - 1)
        typed = f"> {shown(self.searched)}{'_' * self.has_focus}"
        return self._line(f"{fit(typed, room)} {self.status}", "pick-list--filter")

    def _marks(self, row: R, current: bool) -> str:
        return f"{'>' if current else ' '} [{'x' if row.id in self.taken else ' '}] "


class Chosen(Widget):
    """The names taken in a picker, on one line, whatever its filter shows: `CMS editor, Media, +2      4 of 12`."""

    DEFAULT_CSS = "Chosen { height: 1; }"

    def __init__(self, none: str) -> None:
        super().__init__()
        self._none = none
        self._names: list[str] = []
        self._count: int | None = None

    def show(self, taken: Mapping[int, str], count: int | None) -> None:
        """Show these names, and how many there are to choose from."""
        self._names, self._count = list(taken.values()), count
        self.refresh()

    def render(self) -> Content:
        """The line, as plain text."""
        width = self.size.width
        count = "" if self._count is None else f" {len(self._names):,} of {self._count:,}"
        text = names(self._names, max(1, width - len(count))) if self._names else self._none
        return Content(fit(text, max(0, width - len(count))) + count)


class PickerRow(FormRow):
    """The row of a form that picks records: the line of what is taken, the error, and the list to take from."""

    def __init__(self, label: str, list: "PickList[Any]", none: str, *, field: str) -> None:
        self.list, self._chosen = list, Chosen(none)
        super().__init__(label, self._chosen, list, field=field, tall=True)

    def on_pick_list_taken(self) -> None:
        """Keep the line true."""
        self._show()

    def on_record_list_changed(self) -> None:
        """Keep the line true."""
        self._show()

    def _show(self) -> None:
        self._chosen.show(self.list.taken, self.list.count)
