"""What pages know of the app, and the app of its dialogs; importing it brings no page along."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakSet

from textual import events
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from models.db.connection import Opened
from tui.config import Source
from tui.drafts import Form
from tui.keymap.keys import key_of, printed
from tui.messages import Messages
from tui.stylesheet import ParsedOnce
from tui.terminal.terminal_app import TerminalApp
from tui.text import shown

if TYPE_CHECKING:  # a start takes none of it
    from models.access.rules import Path

Kind = Literal["group", "role", "user", "access"]
"""What a page is of; `access` is what a user may do, and why."""

Result = TypeVar("Result")

READ_ONLY = "read-only"

_MAX_QUOTED = 60
"""Characters of a copied text that the message about it repeats."""


class AppBase(TerminalApp):
    """What pages and widgets may ask of the app."""

    SECTIONS = (("users", "Users"), ("groups", "User Groups"), ("roles", "User Roles"), ("access", "Access"))

    keys: Mapping[str, str]
    """The keys that differ from those in the code, by the ids of their bindings."""
    may_change: Callable[[], Awaitable[bool]]
    """Asks to unlock the database where it is locked (in a worker); whether changes are allowed."""
    follow_lock: Callable[[], None]
    """Shows whether changes are allowed, where that is another by now."""
    reachable = reactive(True, bindings=False)
    """Whether the database answered when it was asked last."""
    waiting = reactive(False, bindings=False)
    """Whether the database is slow to answer what the next key waits for."""
    unlocked_until: "reactive[datetime | None]" = reactive(None, repaint=False, bindings=False)
    """Until when changes to a database are allowed that is locked without that; None while it is, or never was."""
    unrecorded = reactive(False, bindings=False)
    """Whether the last change could not be recorded, or the next one cannot."""

    def __init__(self, opened: Opened, source: Source, *, full_output: bool, ascii_only: bool) -> None:
        self.top_lines: WeakSet[Widget] = WeakSet()
        """The first lines of the pages, which show the state of the connection."""
        super().__init__(full_output=full_output, ascii_only=ascii_only)
        self.stylesheet = ParsedOnce(self.get_css_variables())
        self.opened, self.source = opened, source
        self.history_folder: File | None = None
        """Where changes are recorded; None where nothing is."""
        self.forms: set[Form] = set()
        """The forms that are open."""
        self.last_key: events.Key | None = None
        """The key that is being handled, or was last."""
        self.messages = Messages(self)

    @abstractmethod
    def record_page(
        self, kind: Kind, id: int | None, *, name: str, rule: int | None, path: "Path | None"
    ) -> Screen[int | None]:
        """The page of a record."""

    @abstractmethod
    def reload_list(self, id: int | None) -> None:
        """Reload the list that is shown, if one is, and go to a record in it."""

    @abstractmethod
    def note(self, text: str) -> None:
        """Say in the last line why a key did nothing, until the next key; nothing any more without a text."""

    @property
    def is_locked(self) -> bool:
        """Whether changes are locked until somebody allows them."""
        return self.source.is_locked and self.unlocked_until is None

    @property
    def why_unwritable(self) -> str:
        """Why nothing can be changed now, as the last line says it; empty where it can."""
        if self.opened.read_only:
            return READ_ONLY
        if self.is_locked:
            return f"locked: {key_of(self, 'app.unlock')} unlocks"
        return ""

    @abstractmethod
    async def action_section(self, mode: str) -> None:
        """Open a section as it was left."""

    @abstractmethod
    def history_page(self, folder: File, kind: Kind | None, id: int, *, name: str) -> Screen[None]:
        """The page of all recorded changes, or of those to a record."""

    def open_history(self, kind: Kind | None = None, id: int = 0, name: str = "") -> None:
        """Open the history of a record, or all of it, over the page that is shown."""
        if self.history_folder is not None:
            self.open_page(self.history_page(self.history_folder, kind, id, name=name))

    def open_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "Path | None" = None
    ) -> None:
        """Open the page of a record, or without `id` the one that creates it, over the page that is shown.

        `name` is what messages call the record until it is read. A role opens at a `rule`, a user's access at a `path`.
        """
        page = self.record_page(kind, id, name=name, rule=rule, path=path)
        self.run_worker(self._visit(page, listed_in=f"{kind}s"))

    async def visit_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "Path | None" = None
    ) -> int | None:
        """Open the page as `open_record` does and wait until it is closed (in a worker); the record to come back to."""
        return await self.push_screen_wait(self.record_page(kind, id, name=name, rule=rule, path=path))

    def open_page(self, page: Screen[Any]) -> None:
        """Open any other page over the one that is shown, and come back to it."""
        self.run_worker(self._visit(page))

    async def _visit(self, page: Screen[Any], *, listed_in: str = "") -> None:
        id = await self.push_screen_wait(page)
        self.reload_list(id if self.current_mode == listed_in else None)

    @property
    def unsaved_forms(self) -> list[Form]:
        """The forms with changes that closing them now would lose."""
        return [form for form in self.forms if form.unsaved]

    def watch_reachable(self) -> None:
        for line in self.top_lines:
            if line.is_attached:
                line.refresh()

    watch_waiting = watch_unrecorded = watch_unlocked_until = watch_reachable

    def notify(self, message: str, **options: Any) -> None:
        """Show a message."""
        self.messages.show(message, **options)

    def notify_done(self, message: str, *, closing: Screen[Any] | None = None) -> None:
        """Show what was done, and the key that takes it back where that works on the page that is shown then.

        That is the page below one that is `closing`.
        """
        *_, page = [screen for screen in self.screen_stack if screen is not closing]
        key = getattr(page, "undo_key", "")
        self.notify(f"{message} ({key} undoes)" if key else message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for the messages while one stays until then; in a dialog it cancels at once."""
        if action == "clear_messages":
            return not self.screen.is_modal and self.last_key is not None and self.messages.stay_after(self.last_key)
        if action == "unlock":
            return self.source.is_locked
        return super().check_action(action, parameters)

    def action_clear_messages(self) -> None:
        if self.last_key is not None:
            self.messages.clear(self.last_key)

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard, and say so: as it is on the screen, never a control code."""
        copied = shown(text)
        self.copy_to_clipboard(copied)
        begin = copied if len(copied) <= _MAX_QUOTED else copied[: _MAX_QUOTED - 1] + "…"
        note = "" if copied == text else " Invisible characters were copied as the signs shown."
        self.notify(f"“{begin}” was sent to the terminal's clipboard.{note}")

    def get_key_display(self, binding: Binding) -> str:
        """The key as it is printed on keyboards and in shells: `ctrl+s`, `?`, `F1`, `Enter`."""
        return binding.key_display or printed(binding.key)


class DialogBase(ModalScreen[Result]):
    """A dialog as the app knows it: told of each frame, and asked about each key."""

    def after_frame(self) -> None:
        """A frame was written: what the dialog shows now is on the screen."""

    def is_stray(self, event: events.Key | events.Paste) -> bool:
        """Whether a key or paste is not meant for the dialog."""
        return False
