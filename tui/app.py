"""The program: its sections, theme and the keys that work anywhere; nothing of a page."""

import gc
import os
import signal
import sys
import threading
from asyncio import Event, Task, create_task, get_running_loop, run, sleep, to_thread, wait_for
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual import constants, events, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.geometry import Offset, Size
from textual.message_pump import MessagePump
from textual.notifications import Notify
from textual.screen import Screen

from models.db.connection import Opened, close_database, ping
from models.db.transactions import is_write_pending
from models.errors import ShopError
from tui import navigation, workers
from tui.app_base import AppBase, Kind
from tui.config import Settings, config_file, drafts_folder, remember, remembered
from tui.keymap.keys import SETS, keys_of, printed
from tui.terminal.capabilities import MAX_PASTED, clipboard, colours, fits, has_job_control, only_ascii
from tui.terminal.plain import NoColours, OnlyAscii
from tui.text import plural, print_error, shown, with_name
from tui.widgets.toast import SUCCESS_S, WARNING_S, Lasting, Messages
from tui.workers import KEY_WAIT_S, is_busy, run_in_thread, wait_until_idle

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from models.access.rules import Path as AccessPath
    from models.groups import GroupRow
    from tui.widgets.too_small import TooSmall


def _finder(name: str) -> "Callable[[], type[Provider]]":
    def load() -> "type[Provider]":
        from tui import palette

        found: type[Provider] = getattr(palette, name)
        return found

    return load


RECONNECT_INTERVAL_S = 2.0
"""Seconds between two tries to reach a database that went away."""

THREAD_SWITCH_INTERVAL_S = 0.001
"""Seconds that a thread at work may keep a key waiting each time it has to be run; Python's own 0.005 add up."""

EXIT_TIMEOUT_S = 3.0
"""Seconds that leaving may take once the program was ended from outside."""

PENDING_READS_TIMEOUT_S = 0.5
"""Seconds that a program that was left waits for answers of the database that nobody needs any more."""

NO_SHELL = "No shell to return to: nothing could resume the program once it is suspended."
TOO_LONG = f"The pasted text was refused: it is too long (at most {MAX_PASTED:,} characters)."

_MARKS = {"error": "! ", "warning": "Note: "}
"""What stands before a toast that tells of no success."""


def terminal_driver(full_output: bool) -> "type[Driver] | None":
    """The driver, which sends only what changed; None where Textual has another for this system, or is told one."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    if full_output:
        from tui.terminal.driver import TerminalDriver

        return TerminalDriver
    from tui.terminal.thin_line import ThinLine

    return ThinLine


class BackOffice(AppBase):
    """The Back Office's Users section over the opened database."""

    TITLE = "Back Office"
    CSS_PATH = "backoffice.tcss"
    MODES = {"users": navigation.users_page, "roles": navigation.roles_page, "access": navigation.access_page}
    DEFAULT_MODE = "groups"
    ALLOW_SELECT = False
    """Selected text would be of no use, and a mouse press on a widget that is being removed would end the program."""
    COMMANDS = App.COMMANDS | {_finder(name) for name in ("FindGroup", "FindRole", "FindUser")}
    BINDINGS = [
        Binding("1", "section('users')", "Users", tooltip="Go to Users", show=False, id="app.users"),
        Binding("2", "section('groups')", "User Groups", tooltip="Go to User Groups", show=False, id="app.groups"),
        Binding("3", "section('roles')", "User Roles", tooltip="Go to User Roles", show=False, id="app.roles"),
        Binding("4", "section('access')", "Access", tooltip="Go to Access", show=False, id="app.access"),
        Binding("question_mark,f1", "help", "Help", tooltip="Show the keys of this page", id="app.help"),
        Binding(
            "ctrl+p",
            "command_palette",
            "Palette",
            tooltip="Find a record by name, or a command",
            show=False,
            id="app.palette",
            priority=True,
        ),
        Binding(
            "escape",
            "clear_messages",
            "Clear messages",
            tooltip="Clear the messages",
            show=False,
            id="app.clear_messages",
            priority=True,
        ),
        Binding(
            "ctrl+l",
            "redraw",
            "Redraw",
            tooltip="Redraw the screen",
            show=False,
            id="app.redraw",
            priority=True,  # in dialogs, the palette and help too
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            tooltip="Back to the shell; fg comes back",
            show=False,
            id="app.suspend",
        ),
        Binding("q", "quit", "Quit", tooltip="Leave the program", show=False, id="app.leave"),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", tooltip="Leave the program", show=False, id="app.quit", priority=True),
    ]

    def __init__(
        self,
        opened: Opened,
        settings: Settings,
        *,
        drafts: bool = True,
        rows: "Callable[[], list[GroupRow]] | None" = None,
    ) -> None:
        if not os.environ.get("NO_COLOR"):
            os.environ.pop("NO_COLOR", None)  # an empty one says nothing, which Textual does not know
        count = colours(os.environ)
        self._few_colours = few = count <= 16
        self.top_lines = WeakSet()
        super().__init__(
            driver_class=terminal_driver(settings.full_output),
            css_path=[self.CSS_PATH, "few_colours.tcss"] if few else None,
            ansi_color=few or None,
        )
        self.opened = opened
        self._drafts = drafts  # a throw-away shop keeps none
        self._rows = rows  # of the first page, where they were asked for already
        self._kept = False
        self._warned = False  # that a change is under way
        self._quitting: Screen[bool] | None = None  # the question whether to
        self.forms = set()
        self._settings = settings
        self._failure: Exception | None = None
        self._typed: deque[events.Key | events.Paste] = deque()
        self.last_key = None
        self._handling: Task[None] | None = None
        self._covers: list[TooSmall] = []
        self._messages = Messages()
        self.animation_level = "none"
        workers.when_unreachable, workers.when_waiting = self._lost, self._wait
        self.no_color = not count
        self._gates: list[LineFilter] = [NoColours()] if self.no_color else []
        if settings.ascii or only_ascii(os.environ):
            self._gates.append(OnlyAscii())
        if settings.theme and settings.theme not in self.available_themes:
            settings.problems.append(f"theme: “{settings.theme}” is not a theme")
        themes = [remembered("theme"), settings.theme, self.theme]
        self.theme = next(theme for theme in themes if theme in self.available_themes)
        if settings.key_set not in SETS:
            names = " or ".join(SETS)
            settings.problems.append(f"key_set: “{settings.key_set}” is not a set of keys, which are {names}")
        self._key_set = SETS.get(settings.key_set, {})
        self.keys = {**self._key_set, **settings.keys}

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor stands, which input methods, magnifiers and screen readers follow.

        In the field or on the row that has the focus, asked for with each frame: what Textual's fields say of it while
        they are filled or not laid out yet is not true, and is not kept.
        """
        focused = self.focused
        if focused is None:
            return Offset(0, 0)
        offset: Offset = getattr(focused, "cursor_screen_offset", focused.region.offset)
        return offset

    @cursor_position.setter
    def cursor_position(self, position: Offset) -> None:
        pass

    def validate_theme(self, theme: str) -> str:
        """Where there are 16 colours, a theme of them: those of others would be hard to tell apart."""
        chosen = self.available_themes.get(theme)
        if chosen is None or chosen.ansi or not self._few_colours:
            return theme
        return "ansi-dark" if chosen.dark else "ansi-light"

    def run_until_left(self) -> int:
        """Run the program and close the database; the exit code, with one line on what went wrong where it did."""
        sys.setswitchinterval(THREAD_SWITCH_INTERVAL_S)
        try:
            return run(self._until_left())
        finally:
            close_database()

    async def _until_left(self) -> int:
        # What goes wrong in a thread or task beside the program is never printed over its screen, with its source code.
        get_running_loop().set_exception_handler(lambda *_: None)
        threading.excepthook = lambda _: None
        sys.unraisablehook = lambda _: None
        try:
            await self.run_async()
        except Exception as failure:  # one of the app itself, which Textual does not handle
            self.keep_drafts()
            self._failure = self._failure or failure
        if is_write_pending():
            print_error("a change was being saved; whether it is written is not known.")
        if self._kept:
            print_error("what was not saved is kept, and offered at the next start.")
        code = self.return_code or 0
        if self._failure is not None:
            from traceback import extract_tb

            # Where it happened, and no values: a message may quote what was typed.
            error = getattr(self._failure, "error", self._failure)  # a worker's failure wraps what went wrong in it
            frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
            where = " at ".join([type(error).__name__, *frames[-1:]])
            print_error(f"stopped by a mistake of its own ({where}).")
            code = 1
        self._end_within(PENDING_READS_TIMEOUT_S, code)
        return code

    @staticmethod
    def _end_within(seconds: float, code: int) -> None:
        """End the program after so long, whatever it still waits for."""
        end = Timer(seconds, os._exit, [code])
        end.daemon = True
        end.start()

    def get_default_screen(self) -> Screen[Any]:
        """The first page; as one of the `MODES`, Textual would read its style sheets three times."""
        from tui.lists.groups import GroupsPage

        self.add_mode(self.DEFAULT_MODE, GroupsPage)
        return GroupsPage(self._rows)

    def on_load(self) -> None:
        """Take the keys of the settings before the first page is made."""
        self.set_keymap(self.keys)

    def on_mount(self) -> None:
        """Say what there is to say about the start; remember the theme from now on."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))  # Textual alone draws nothing
        self.theme_changed_signal.subscribe(self, lambda theme: remember("theme", theme.name))
        if self.opened.created:
            self.notify(with_name("A new embedded database was created.", self.opened.name))
        self._say_problems(self._settings.problems)
        if self._settings.keys:
            self._check_keys()
        for ending in (signal.SIGTERM, signal.SIGHUP):  # even if ignored: without a terminal there is nothing to do
            get_running_loop().add_signal_handler(ending, self._end, ending)
        if self._drafts and not self.opened.read_only and any(drafts_folder().glob("*.json")):
            self._offer_drafts()

    # The database went away: every page says so, and it is asked again until it answers.

    def watch_reachable(self) -> None:
        """Show the state on every page."""
        for line in self.top_lines:
            if line.is_attached:
                line.refresh()

    watch_waiting = watch_reachable

    def _wait(self, waiting: bool) -> None:
        self.waiting = waiting

    def _lost(self) -> None:
        if self.reachable and self.is_running:
            self.reachable = False
            self._find_again()

    @work
    async def _find_again(self) -> None:
        """Ask every so often; once the database is back, read what could not be read."""
        while not self.reachable:
            await sleep(RECONNECT_INTERVAL_S)
            with suppress(ShopError):
                await to_thread(ping)
                self.reachable = True
        typed = [form for form in self.forms if form.unsaved]
        self.notify("The database is back." + (" What you typed can be saved now." if typed else ""))
        from tui.widgets.record_list import RecordList

        for screen in {screen for stack in self._screen_stacks.values() for screen in stack}:
            for records in screen.query(RecordList):
                if records.failure:
                    records.action_reload()

    # Ended from outside: the terminal may be gone, and nobody there to be asked.

    def _end(self, ending: signal.Signals) -> None:
        """Keep what was typed, and leave; at once, where the terminal takes no more."""
        self.keep_drafts()
        code = 128 + ending
        self._end_within(EXIT_TIMEOUT_S, code)
        self.exit(return_code=code)

    def end_without_terminal(self) -> None:
        """Leave as on a hangup: the terminal cannot be read or written any more."""
        if self.return_code is None:
            self._end(signal.SIGHUP)

    def keep_drafts(self) -> None:
        """Write the forms that are not saved to files, once, to be offered at the next start."""
        if self._drafts and self.forms:
            from tui.drafts import keep

            self._drafts = False
            self._kept = keep(self.forms) > 0

    @work
    async def _offer_drafts(self) -> None:
        from tui.dialogs.draft import DraftQuestion
        from tui.drafts import kept

        drafts, unreadable = await run_in_thread(kept)
        if unreadable:
            files = plural(unreadable, "file")
            self.notify(f"{files} in {drafts_folder()} cannot be read as unsaved changes.", severity="warning")
        for draft in drafts:
            answer = await self.push_screen_wait(DraftQuestion(draft))
            if answer == "open":
                if draft.section != self.current_mode:
                    await self.switch_mode(draft.section)
                await self.push_screen(navigation.draft_page(draft), self._show_changes)
            elif answer == "delete":
                draft.drop()

    @work
    async def _check_keys(self) -> None:
        """Name the changed keys that cannot be as the settings say, and leave them as they were."""

        def check() -> dict[str, str]:
            from tui import key_table

            return key_table.check(type(self), changes, self._key_set)

        changes = self._settings.keys
        wrong = await run_in_thread(check)
        self.keys = {**self._key_set, **{id: keys for id, keys in changes.items() if id not in wrong}}
        self.set_keymap(self.keys)
        self._say_problems([f"[keys] {id}: {why}" for id, why in wrong.items()])

    def _say_problems(self, problems: Sequence[str]) -> None:
        """Say what in the config file is not as it could be understood."""
        if problems:
            self.notify(f"{config_file()}: {'; '.join(problems)}.", severity="warning")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through before it is written."""
        return [*super().get_line_filters(), *self._gates]

    def copy(self, text: str) -> None:
        """Put a text into the terminal's clipboard, and say so: as it is on the screen, never a control code."""
        copied = shown(text)
        self.copy_to_clipboard(copied)
        begin = copied if len(copied) <= 60 else copied[:59] + "…"
        note = "" if copied == text else " What cannot be seen in it was copied as the signs shown."
        self.notify(f"“{begin}” was sent to the terminal's clipboard.{note}")

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text into the terminal's clipboard, also through tmux and screen; our own fields get it as it is."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(clipboard(shown(text), os.environ))

    def on_ready(self) -> None:
        """See whether the first page fits, and each that comes; collect garbage again, of what is made from now on."""
        self._cover(self.size)
        self.screen_change_signal.subscribe(self, lambda _: self._cover(self.size))
        if not gc.isenabled():  # the command line put it off
            gc.freeze()
            gc.enable()

    def post_display_hook(self) -> None:
        """Tell a dialog that asks that it is on the screen; keep messages off the focus."""
        if not self.screen_stack:
            return
        after_frame = getattr(self.screen, "after_frame", None)
        if after_frame is not None:
            after_frame()
        self._place_messages()

    def on_resize(self, event: events.Resize) -> None:
        """See whether a page still fits."""
        if self._dom_ready:
            self._cover(event.size)

    def _cover(self, size: Size) -> None:
        """Say over the page what it needs, while the terminal is too small for it."""
        if fits(*size):
            while self._covers:
                self._covers.pop().remove()
        elif not any(cover.parent is self.screen for cover in self._covers):  # a closed page took its own along
            from tui.widgets.too_small import TooSmall

            self._covers.append(TooSmall())
            self.screen.mount(self._covers[-1])

    # Textual hands a key to the widget that has the focus at that moment, and a key that moves the focus or opens a
    # page takes a few steps to do so: in a burst of keys, as a slow line delivers them, those typed after it would go
    # to the wrong place ("Tab Space" put the space into the title). So one key is handled to its end before the next.

    async def on_event(self, event: events.Event) -> None:
        """Keep keys and pastes in a queue of their own; what cannot be seen takes none but those that quit."""
        if self._covers and isinstance(event, events.InputEvent | events.Paste):
            if isinstance(event, events.Key) and event.key in keys_of(self, "app.quit"):
                self.action_quit()
        elif isinstance(event, events.Paste) and len(event.text) > MAX_PASTED:
            self.notify(TOO_LONG, severity="warning")
        elif isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            if len(self._typed) == 1:
                await self._handle_typed()
        else:
            await super().on_event(event)

    async def _handle_typed(self) -> None:
        target, screen, event = self.focused or self.screen, self.screen, self._typed[0]
        is_stray = getattr(screen, "is_stray", None)  # of a dialog that asks
        if is_stray is not None and is_stray(event):
            self.call_later(self._take_next)
            return
        if isinstance(event, events.Key):
            self.last_key = event
            self._take_away(self._messages.read_before(event))
            if screen.is_modal and event.key in keys_of(self, "app.clear_messages"):  # it cancels, and they were seen
                self._take_away(self._messages.seen_before(event))
        await super().on_event(event)
        self._handling = create_task(self._until_handled(target, screen))

    async def _until_handled(self, target: DOMNode, screen: Screen[Any]) -> None:
        """Wait until the key has done all it does; then take the next.

        It has bubbled through all that may want it, the app at last; what it asked of the database is answered; and
        the page that it opened is there. A slow database holds the next key for `KEY_WAIT_S` only.
        """
        end = monotonic() + KEY_WAIT_S
        await self._passed(target.ancestors_with_self)
        while (is_busy() or self.screen is not screen) and (left := end - monotonic()) > 0:
            screen = self.screen
            await wait_until_idle(left)
            await self._passed(self.screen.walk_children(with_self=True))
        self.call_later(self._take_next)

    async def _passed(self, nodes: Iterable[DOMNode]) -> None:
        """Wait until each of the nodes has handled what it was sent so far."""
        for node in nodes:
            passed = Event()
            if isinstance(node, MessagePump) and node.call_later(passed.set):
                with suppress(TimeoutError):  # a widget that the key removed answers no more
                    await wait_for(passed.wait(), 0.2)

    async def _take_next(self) -> None:
        self._typed.popleft()
        if self._typed:
            await self._handle_typed()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of variables; none of either may reach the screen.
        self._failure = self._failure or self._exception or RuntimeError()
        self.keep_drafts()
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """Give up as on any other failure: what Textual would print has source code in it."""
        self._fatal_error()

    def notify(self, message: str, **options: Any) -> None:
        """Show a toast; its text is data, never markup, and how grave it is stands before it and says how long."""
        mark = _MARKS.get(options.get("severity", ""), "")
        options["timeout"] = WARNING_S if mark else SUCCESS_S
        toast = Lasting(shown(mark + message), **options)
        self._messages.add(toast, self.size)
        self._take_away(self._messages.too_many(self.size))
        self._place_messages()
        self.post_message(Notify(toast))

    def _place_messages(self) -> None:
        """Above the key line; where they would cover the field or row that has the focus, below the breadcrumb.

        A dialog makes room for them.
        """
        if self.screen_stack and any(self._messages):
            is_top = not self.screen.is_modal and self._messages.would_cover(self.cursor_position.y, self.size)
            self.screen.query("ToastRack").set_class(is_top, "-top")

    @property
    def lines_of_messages(self) -> int:
        """How many lines of a dialog's screen the messages take."""
        return self._messages.lines(self.size, self.screen.has_class("-short"))

    def _take_away(self, messages: Iterable[Lasting]) -> None:
        for message in messages:
            self._messages.remove(message)
            message.timeout = 0  # should it be on its way to the screen still
            self._unnotify(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for the messages while one stays until then; in a dialog it cancels at once."""
        if action == "clear_messages":
            seen = self._messages.seen_before(self.last_key) if self.last_key else []
            return not self.screen.is_modal and not all(message.is_success for message in seen)
        return super().check_action(action, parameters)

    def action_clear_messages(self) -> None:
        """Take the messages away that were seen."""
        if self.last_key is not None:
            self._take_away(self._messages.seen_before(self.last_key))

    def get_key_display(self, binding: Binding) -> str:
        """The key as it is printed on keyboards and in shells: `ctrl+s`, `?`, `F1`."""
        return binding.key_display or printed(binding.key)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers besides records."""
        for mode, title in self.SECTIONS:
            yield SystemCommand(f"Go to {title}", f"Open Users / {title}", lambda mode=mode: self.action_section(mode))
        yield SystemCommand("Theme", "Choose the colours, light or dark; remembered", self.action_change_theme)
        yield SystemCommand("Help", "Show the keys of this page", self.action_help)
        yield SystemCommand("Quit", "Leave the program", self.action_quit)

    async def action_section(self, mode: str) -> None:
        """Open a section as it was left; its list shows what was changed in the others meanwhile."""
        if mode != self.current_mode:
            await self.switch_mode(mode)
            self._show_changes(None)

    def open_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "AccessPath | None" = None
    ) -> None:
        """Open a record's page over the one that is shown, and come back to it."""
        self.open_page(navigation.record_page(kind, id, name=name, rule=rule, path=path))

    async def visit_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "AccessPath | None" = None
    ) -> int | None:
        """Open a record's page, and wait until it is closed."""
        return await self.push_screen_wait(navigation.record_page(kind, id, name=name, rule=rule, path=path))

    def open_page(self, page: Screen[Any]) -> None:
        """Open a page over the one that is shown, and come back to it."""
        self.run_worker(self._visit(page))

    async def _visit(self, page: Screen[Any]) -> None:
        id = await self.push_screen_wait(page)
        self._show_changes(id if getattr(page, "section", None) == self.current_mode else None)

    def _show_changes(self, id: int | None) -> None:
        from tui.lists.list_page import ListPage

        if isinstance(self.screen, ListPage) and self.screen.is_mounted:
            records = self.screen.records
            if records.loaded:  # else its first rows are on their way
                records.reload(id)

    def action_command_palette(self) -> None:
        """Open the palette."""
        from tui.palette import Palette

        if not isinstance(self.screen, Palette):
            # Without an id, which the one just closed may still hold.
            self.push_screen(Palette(placeholder="Search for groups, roles, users, commands…"))

    def search_themes(self) -> None:
        """Choose a theme, in the palette."""
        from textual.theme import ThemeProvider

        from tui.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_help(self) -> None:
        """Show the keys of the page."""
        from tui.dialogs.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def action_suspend_process(self) -> None:
        """Suspend the program where a shell can resume it."""
        if self._driver is not None and self._driver.can_suspend and not has_job_control():
            self.notify(NO_SHELL, severity="warning")
        else:
            super().action_suspend_process()

    def action_redraw(self) -> None:
        """Draw the whole screen anew, whatever another program left on the terminal."""
        if (redraw := getattr(self._driver, "redraw", None)) is not None:
            redraw()
        self.refresh(layout=True)

    @work
    async def action_quit(self) -> None:  # type: ignore[override]
        """Leave the program; asks before a form is lost, and says so once where a change is under way."""
        from tui.dialogs.question import Question

        warned, self._warned = self._warned, is_write_pending()
        if self._warned and not warned:
            self.notify("A change is being saved. Quit again to leave without knowing how it ends.", severity="warning")
            return
        unsaved = [form for form in self.forms if form.unsaved]
        if unsaved and self.screen is self._quitting and self._covers:
            return  # the question was not seen
        if unsaved and self.screen is not self._quitting:
            names = [form.breadcrumb for form in unsaved]
            self._quitting = Question("Quit without saving?", "Not saved yet: " + "; ".join(names) + ".", yes="Quit")
            if not await self.push_screen_wait(self._quitting):
                return
        self.exit()
