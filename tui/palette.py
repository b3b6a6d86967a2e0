"""The palette (ctrl+p) finds groups, roles and users by name and opens them, and runs commands."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any, cast

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widgets import Input

from models import groups, roles, users
from models.db.paging import Listing
from models.errors import ShopError
from models.text import plural
from tui.app_base import AppBase, Kind
from tui.keymap.keys import in_order, is_step, key_of
from tui.text import brief, full_name, shown
from tui.widgets.field import ShowControls
from tui.widgets.lines import KeyLine
from tui.workers import run_in_thread


class Palette(CommandPalette):
    """Textual's palette, which does not mind a key that comes before its list was drawn for the first time.

    Nothing in it blinks, for over a slow line each blink is a frame, and what is pasted into it commands no terminal.
    """

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.cursor_blink = False
        field.highlighter = ShowControls(field)

    BINDINGS = [
        Binding("up", "command_list('cursor_up')", "Up", tooltip="Move up", show=False, id="palette.up"),
        Binding("down", "cursor_down", "Down", tooltip="Move down", show=False, id="palette.down"),
        Binding("pageup", "page('up')", "Page up", tooltip="Move up a page", show=False, id="palette.page_up"),
        Binding(
            "pagedown", "page('down')", "Page down", tooltip="Move down a page", show=False, id="palette.page_down"
        ),
        Binding("escape", "escape", "Close", tooltip="Close palette", id="palette.close"),
    ]

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield KeyLine()

    async def action_page(self, way: str) -> None:
        """Move by a page; there is none before the list was drawn for the first time."""
        with suppress(KeyError):
            await self.run_action(f"command_list('page_{way}')")


def commands(app: AppBase, screen: Screen[Any]) -> Iterator[SystemCommand]:
    """What is offered besides records: what the page can do now, and what works anywhere."""
    yield from (of_page := list(_commands_of_page(app, screen)))
    yield from _commands_anywhere(app)
    if app.history_folder is not None and not app.why_unwritable and all(each.title != "Undo" for each in of_page):
        yield SystemCommand("Undo", "Take your last change back (asks first)", partial(_undo_last, app))


def _commands_of_page(app: AppBase, screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Each with its first key."""
    first_keys = {each.binding.id: each for each in reversed(in_order(screen.active_bindings))}
    for id, (node, binding, enabled, tooltip) in reversed(first_keys.items()):
        if enabled and id and not id.startswith("app.") and not is_step(binding):
            run = partial(app.run_action, binding.action, node)
            yield SystemCommand(binding.description, f"{tooltip}   {app.get_key_display(binding)}", run)


def _commands_anywhere(app: AppBase) -> Iterator[SystemCommand]:
    for mode, title in app.SECTIONS:
        yield SystemCommand(f"Go to {title}", f"Open Users / {title}", partial(app.action_section, mode))
    if app.history_folder is not None:
        yield SystemCommand("History of all changes", "Show what was changed with this program", app.open_history)
    if app.source.is_locked:
        turn, key = partial(app.run_action, "app.unlock"), key_of(app, "app.unlock")
        if app.is_locked:
            minutes = plural(app.source.unlock_minutes, "minute")
            yield SystemCommand("Unlock", f"Allow changes for {minutes} (asks first)   {key}", turn)
        else:
            yield SystemCommand("Lock", f"Allow no further changes   {key}", turn)
    yield SystemCommand("Theme", "Choose a theme (remembered)", partial(_search_themes, app))
    yield SystemCommand("Help", "Keyboard shortcuts", partial(app.run_action, "app.help"))
    yield SystemCommand("Quit", "Quit the program", partial(app.run_action, "app.quit"))


def _undo_last(app: AppBase) -> None:
    from tui.dialogs.undo import undo_last  # and all of the history with it

    app.run_worker(undo_last(app))


def _search_themes(app: AppBase) -> None:
    app.push_screen(Palette(providers=[ThemeProvider], placeholder="Search themes…"))


FIRST = 1_000.0
"""The score of the first record found; those of commands are small."""

MAX_RECORDS = 10
"""How many records of a kind the palette offers; who wants more searches the list."""


MAX_NAME = 60
"""Characters of a record's name and e-mail that are shown; the middle of longer ones is left out."""


class RecordSearch(Provider):
    """Finds the records of a kind that contain what is typed."""

    listing: Listing[Any]
    kind: Kind
    noun: str
    label: Callable[[Any], str]
    """How a record found is shown, made of its row."""

    async def search(self, query: str) -> Hits:
        """The first records that contain the text; those that begin with it first."""
        stop = threading.Event()

        def find() -> list[Any]:
            ids: list[int] = []
            with closing(self.listing.find(query, self.listing.default_sort)) as batches:
                for batch in batches:
                    ids += batch
                    if stop.is_set() or len(ids) >= MAX_RECORDS:
                        break
            return self.listing.rows(ids[:MAX_RECORDS])

        try:
            rows = await run_in_thread(find)
        except ShopError:
            return
        finally:
            stop.set()
        for place, row in enumerate(rows):
            name = shown(self.label(row))
            score = FIRST - place  # in the order they were found, before commands that have the letters somewhere
            yield Hit(score, Content(brief(name, MAX_NAME)), lambda row=row: self._open(row), text=name, help=self.noun)

    def _open(self, row: Any) -> None:
        cast(AppBase, self.app).open_record(self.kind, row.id, name=self.label(row))


def _search(listing: Listing[Any], kind: Kind, noun: str, label: Callable[[Any], str]) -> type[RecordSearch]:
    """The search of a kind; Textual takes a class for each."""
    of_kind = {"listing": listing, "kind": kind, "noun": noun, "label": staticmethod(label)}
    return type("RecordSearch", (RecordSearch,), of_kind)


PROVIDERS = {
    *App.COMMANDS,
    _search(groups.listing, "group", "User group", lambda row: row.label),
    _search(roles.listing, "role", "User role", lambda row: row.name),
    _search(users.listing, "user", "User", lambda row: f"{full_name(row.first_name, row.last_name)}  {row.email}"),
}
"""What the palette searches: the records, and the commands of the app."""
