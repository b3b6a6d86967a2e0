"""The program: its sections, theme and the keys that work anywhere; nothing of a page."""

import sys
from asyncio import Event, Task, create_task, wait_for
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import constants, events, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import Screen

from models import access, passwords
from models.database import Opened, close_database
from tui.settings import Settings, remember, remembered
from tui.text import shown

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from tui.screens.form_page import FormPage


def _groups() -> Screen[Any]:
    from tui.screens.groups import GroupsPage

    return GroupsPage()


def _finder(name: str) -> "Callable[[], type[Provider]]":
    def load() -> "type[Provider]":
        from tui import palette

        found: type[Provider] = getattr(palette, name)
        return found

    return load


def _users() -> Screen[Any]:
    from tui.screens.users import UsersPage

    return UsersPage()


def _roles() -> Screen[Any]:
    from tui.screens.roles import RolesPage

    return RolesPage()


def thin_line() -> "type[Driver] | None":
    """The driver that sends only what changed; None where Textual has another one for this system, or is told one."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from tui.thin_line import ThinLine

    return ThinLine


_KEYS = {"question_mark": "?", "slash": "/", "escape": "esc", "delete": "del", "asterisk": "*"}
"""Keys whose names in the bindings are not what is printed on them."""


class BackOffice(App[None]):
    """The Back Office's Users section over the opened database."""

    TITLE = "Back Office"
    CSS_PATH = "backoffice.tcss"
    MODES = {"users": _users, "groups": _groups, "roles": _roles}
    SECTIONS = (("1", "users", "Users"), ("2", "groups", "User Groups"), ("3", "roles", "User Roles"))
    DEFAULT_MODE = "groups"
    COMMANDS = App.COMMANDS | {_finder(name) for name in ("FindGroup", "FindRole", "FindUser")}
    BINDINGS = [
        Binding("1", "section('users')", "Users", tooltip="Go to Users", show=False, id="app.users"),
        Binding("2", "section('groups')", "User Groups", tooltip="Go to User Groups", show=False, id="app.groups"),
        Binding("3", "section('roles')", "User Roles", tooltip="Go to User Roles", show=False, id="app.roles"),
        Binding("question_mark,f1", "help", "Help", tooltip="Show the keys of this page", id="app.help"),
        Binding("ctrl+l", "redraw", "Redraw", tooltip="Draw the screen anew", show=False, id="app.redraw"),
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

    def __init__(self, opened: Opened, settings: Settings) -> None:
        super().__init__(driver_class=None if settings.full_output else thin_line())
        self.opened = opened
        self.forms: set[FormPage] = set()
        self._settings = settings
        self._failure: Exception | None = None
        self._typed: deque[events.Event] = deque()
        self._handling: Task[None] | None = None
        self.animation_level = "none"
        access.me = settings.me
        passwords.COST = settings.password_cost
        theme = remembered("theme") or settings.theme
        if theme in self.available_themes:
            self.theme = theme
        elif theme and theme == settings.theme:
            settings.problems.append(f"theme: “{theme}” is not a theme")

    def run_until_left(self) -> int:
        """Run the program and close the database; the exit code, with one line on what went wrong where it did."""
        try:
            self.run()
        finally:
            close_database()
        if self._failure is not None:
            from traceback import extract_tb

            # Where it happened, and no values: a message may quote what was typed.
            error = getattr(self._failure, "error", self._failure)  # a worker's failure wraps what went wrong in it
            frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
            where = " at ".join([type(error).__name__, *frames[-1:]])
            print(f"backoffice: stopped by a mistake of its own ({where}).", file=sys.stderr)
            return 1
        return self.return_code or 0

    def on_mount(self) -> None:
        """Say what there is to say about the start; remember the theme from now on."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))  # Textual alone draws nothing
        self.theme_changed_signal.subscribe(self, lambda theme: remember("theme", theme.name))
        if self.opened.created:
            self.notify("A new embedded database was created.")
        for problem in self._settings.problems:
            self.notify(problem, severity="warning", timeout=15)

    # Textual hands a key to the widget that has the focus at that moment, and a key that moves the focus or opens a
    # page takes a few steps to do so: in a burst of keys, as a slow line delivers them, those typed after it would go
    # to the wrong place ("Tab Space" put the space into the title). So one key is handled to its end before the next.

    async def on_event(self, event: events.Event) -> None:
        """Keep keys and pastes in a queue of their own."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            if len(self._typed) == 1:
                await self._handle_typed()
        else:
            await super().on_event(event)

    async def _handle_typed(self) -> None:
        target = self.focused or self.screen
        await super().on_event(self._typed[0])
        self._handling = create_task(self._until_handled(target))

    async def _until_handled(self, target: DOMNode) -> None:
        """Wait until the key has bubbled through all that may want it, the app at last; then take the next."""
        for node in target.ancestors_with_self:
            passed = Event()
            if isinstance(node, MessagePump) and node.call_later(passed.set):
                with suppress(TimeoutError):  # a widget that the key removed answers no more
                    await wait_for(passed.wait(), 0.2)
        self.call_later(self._take_next)

    async def _take_next(self) -> None:
        self._typed.popleft()
        if self._typed:
            await self._handle_typed()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of variables; none of either may reach the screen.
        self._failure = self._exception
        self._close_messages_no_wait()

    def notify(self, message: str, **options: Any) -> None:
        """Show a toast; its text is data, never markup."""
        super().notify(shown(message), **(options | {"markup": False}))

    def get_key_display(self, binding: Binding) -> str:
        """The key as it is printed on keyboards and in shells: `ctrl+s`, `?`, `F1`."""
        if binding.key_display:
            return binding.key_display
        return _KEYS.get(binding.key, binding.key.upper() if binding.key[1:].isdigit() else binding.key)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers besides records."""
        for _, mode, title in self.SECTIONS:
            yield SystemCommand(f"Go to {title}", f"Open Users / {title}", lambda mode=mode: self.action_section(mode))
        yield SystemCommand("Theme", "Choose the colours, light or dark; remembered", self.action_change_theme)
        yield SystemCommand("Help", "Show the keys of this page", self.action_help)
        yield SystemCommand("Quit", "Leave the program", self.action_quit)

    async def action_section(self, mode: str) -> None:
        """Open a section as it was left; its list shows what was changed in the others meanwhile."""
        if mode != self.current_mode:
            await self.switch_mode(mode)
            self._show_changes(None)

    @work
    async def open_page(self, page: Screen[int | None]) -> None:
        """Open a record's page over the one that is shown, and come back to it."""
        self._show_changes(await self.push_screen_wait(page))

    def _show_changes(self, id: int | None) -> None:
        from tui.screens.list_page import ListPage

        if isinstance(self.screen, ListPage) and self.screen.is_mounted:
            records = self.screen.records
            if records.rows or records.failure:  # else its first rows are on their way
                records.reload(id)

    def action_command_palette(self) -> None:
        """Open the palette."""
        from tui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())  # without an id, which the one just closed may still hold

    def search_themes(self) -> None:
        """Choose a theme, in the palette."""
        from textual.theme import ThemeProvider

        from tui.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_help(self) -> None:
        """Show the keys of the page."""
        from tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def action_redraw(self) -> None:
        """Draw the whole screen anew, whatever another program left on the terminal."""
        if (redraw := getattr(self._driver, "redraw", None)) is not None:
            redraw()
        self.refresh(layout=True)

    @work
    async def action_quit(self) -> None:  # type: ignore[override]
        """Leave the program; asks before a form is lost."""
        from tui.screens.question import Question

        unsaved = [form for form in self.forms if form.unsaved]
        if unsaved and not isinstance(self.screen, Question):
            names = [form.breadcrumb for form in unsaved]
            question = Question("Quit without saving?", "Not saved yet: " + "; ".join(names) + ".", yes="Quit")
            if not await self.push_screen_wait(question):
                return
        self.exit()
