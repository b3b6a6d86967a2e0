"""The app: its sections, and the keys and commands that work anywhere; nothing of a page."""

import gc
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import SystemCommand
from textual.screen import Screen

from models.db.connection import Opened
from models.db.opened import opened
from tui import navigation, workers
from tui.app_base import AppBase, DialogBase
from tui.config import SAMPLE, Settings, Source
from tui.covers import Covers
from tui.key_notes import KeyNotes
from tui.keymap.app_keys import APP_KEYS
from tui.keymap.keys import keys_of
from tui.known_pages import show_known_pages
from tui.lifecycle import Lifecycle
from tui.other_databases import OtherDatabases
from tui.places import Places
from tui.preferences import Preferences
from tui.reconnect import Reconnect
from tui.state import history_folder
from tui.text import with_name
from tui.type_ahead import TypeAhead
from tui.unlocking import Unlocking

if TYPE_CHECKING:
    from models.groups import GroupRow


class BackOffice(AppBase):
    """The Back Office's Users section over the opened database."""

    TITLE = "Back Office"
    CSS_PATH = "backoffice.tcss"
    MODES = {"users": navigation.users_page, "roles": navigation.roles_page, "access": navigation.access_page}
    DEFAULT_MODE = "groups"
    ALLOW_SELECT = False
    """Selected text would be of no use, and a mouse press on a widget that is being removed would end the program."""
    record_page = staticmethod(navigation.record_page)
    history_page = staticmethod(navigation.history_page)
    BINDINGS = APP_KEYS

    def __init__(
        self,
        opened: Opened,
        settings: Settings,
        source: Source = SAMPLE,
        *,
        drafts: bool = True,
        options: Sequence[str] = (),
        rows: "Callable[[], list[GroupRow]] | None" = None,
    ) -> None:
        super().__init__(opened, source, full_output=settings.full_output, ascii_only=settings.ascii)
        self.history_folder = history_folder(settings)[0] if drafts else None  # a sample shop has none
        self._settings = settings
        self._first_rows = rows  # of the first page, where they were asked for already
        self.covers = Covers(self)
        self.type_ahead = TypeAhead(self, super().on_event)
        self.reconnect = Reconnect(self)
        workers.observer.set(self.reconnect)
        self.lifecycle = Lifecycle(self, self.covers, saves_drafts=drafts)
        self.end_without_terminal = self.lifecycle.end_without_terminal  # the driver calls it
        self.animation_level = "none"
        self.preferences = Preferences(self, settings, source.theme)
        self.places = Places(self)
        self.key_notes = KeyNotes(self)
        self.unlocking = Unlocking(self)
        others = settings.databases if drafts else {}  # a sample shop is left by quitting
        self.other_databases = OtherDatabases(self, self.lifecycle, others, options)
        self.may_change, self.follow_lock = self.unlocking.ask, self.unlocking.follow

    def get_default_screen(self) -> Screen[Any]:
        """The first page; as one of the `MODES`, Textual would read its style sheets three times."""
        from tui.lists.groups import GroupsPage

        self.add_mode(self.DEFAULT_MODE, GroupsPage)
        return GroupsPage(self._first_rows)

    def on_load(self) -> None:
        self.set_keymap(self.keys)

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))  # Textual alone draws nothing
        self.places.arrive(self.screen)
        self.screen_change_signal.subscribe(self, self.places.arrive, immediate=True)
        if self.opened.created:
            self.notify(with_name("New embedded database created.", self.opened.name))
        self.preferences.follow()
        self.lifecycle.handle_signals()
        self.lifecycle.offer_drafts()

    def on_ready(self) -> None:
        """Cover pages that do not fit; collect garbage again, of what is made from now on."""
        self.covers.start()
        if not gc.isenabled():  # the command line put it off
            gc.freeze()
            gc.enable()
        if (recorder := opened().recorder) is not None:
            self.run_worker(workers.run_in_thread(recorder.check))
        self.run_worker(show_known_pages(self, self._settings))

    def on_resize(self, event: events.Resize) -> None:
        self.covers.resize(event.size)

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes; a page that cannot be seen gets none, only quitting works."""
        if self.covers.is_covered and isinstance(event, events.InputEvent | events.Paste):
            if isinstance(event, events.Key) and event.key in keys_of(self, "app.quit"):
                await self.action_quit()
        elif isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.type_ahead.add(event)
        else:
            await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Say why a key that nothing took does not work now."""
        self.key_notes.explain(event)

    def note(self, text: str) -> None:
        self.key_notes.show(text)

    def post_display_hook(self) -> None:
        """Tell a dialog that it is on the screen; keep messages off the focus."""
        if self.screen_stack:
            if isinstance(self.screen, DialogBase):
                self.screen.after_frame()
            self.messages.place()

    def failed(self, failure: Exception) -> None:
        """Take note of a failure that ends the program."""
        self.lifecycle.fail(failure)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        from tui.palette import commands

        yield from commands(self, screen)
        yield from self.other_databases.commands()

    def reload_list(self, id: int | None) -> None:
        """Reload the list that is shown, if one is, and go to a record in it."""
        from tui.lists.list_page import ListPage

        if isinstance(self.screen, ListPage) and self.screen.is_mounted:
            records = self.screen.records
            if records.window.is_loaded:  # else its first rows are on their way
                records.reload(id)

    async def action_section(self, mode: str) -> None:
        """Open a section as it was left, its list reloaded: something may have changed in the others."""
        if mode == self.current_mode:
            return
        was_open = False
        with suppress(KeyError):
            was_open = bool(self.get_screen_stack(mode))
        await self.switch_mode(mode)
        if was_open:
            self.reload_list(None)

    def action_go(self, steps: int) -> None:
        """Go to where the person was before, or forward again."""
        self.run_worker(self.places.go(steps))

    def action_command_palette(self) -> None:
        from tui.palette import PROVIDERS, Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(providers=PROVIDERS, placeholder="Search groups, roles, users and commands…"))

    def action_help(self) -> None:
        from tui.dialogs.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    async def action_copy_table(self) -> None:
        """Copy the table of the list that has the focus, in a format that is asked for."""
        from tui.dialogs.copy_table import copy_table

        self.run_worker(copy_table(self))

    def action_copy_command(self) -> None:
        """Copy the command of the person's last change."""
        from tui.copied_command import copy_last

        self.run_worker(copy_last(self))

    def action_unlock(self) -> None:
        """Allow changes after a question, or no longer."""
        self.run_worker(self.unlocking.turn())

    async def action_quit(self) -> None:
        """Exit, unless someone wants to save first."""
        self.run_worker(self.lifecycle.quit())
