import asyncio
import shutil
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot

from models import passwords
from models.db import tables
from models.db.connection import close_database, open_database
from models.errors import Unreachable
from tests import servers
from tests.conftest import Shop
from tui import reconnect, type_ahead
from tui.app import BackOffice
from tui.config import SAMPLE, Source, read_settings, shop_settings
from tui.dialogs import dialog

PATIENCE = 10.0
"""Seconds after which a text that was waited for counts as never coming."""


_PRINTED = {"space": " ", "asterisk": "*", "slash": "/", "question_mark": "?", "exclamation_mark": "!"}
"""What the keys print whose names are not what they print."""


class Person:
    """Someone at the keyboard: presses keys, and waits until something is on the screen."""

    def __init__(self, app: BackOffice, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> str:
        """The screen as text, a line a row."""
        visible_screen_stack.set(self.app._background_screens)  # what stands around a dialog
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def line(self, text: str) -> str:
        """The first line of the screen that has the text."""
        return next((line for line in self.screen.splitlines() if text in line), "")

    @property
    def page(self) -> Any:
        """The page or dialog on top, with whatever its class has."""
        return self.app.screen

    @property
    def focused(self) -> Any:
        """The widget that has the focus, likewise."""
        return self.app.focused

    @property
    def focus(self) -> str | None:
        """The id of what has the focus."""
        return self.app.focused.id if self.app.focused is not None else None

    def value(self, id: str) -> Any:
        """What a field of the page holds."""
        return self.page.query_one(f"#{id}").value

    async def press(self, *keys: str) -> None:
        """Press keys, each when what the one before did is done; `Pilot.press` sleeps for each, this does not."""
        for key in keys:
            await self.wait(lambda: getattr(self.app.screen, "shown_at", True), "the question's first frame")
            self.strike(key)
            await self.settle()

    def strike(self, key: str) -> None:
        """Press a key and wait for nothing."""
        character = _PRINTED.get(key, key if len(key) == 1 else None)
        self.app.post_message(Key(_character_to_key(key) if len(key) == 1 else key, character))

    async def settle(self) -> None:
        """Wait until no widget has anything left to do; what is read in threads may still come."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._is_idle:
                await self.pilot._wait_for_screen()  # what is being handled is in no queue any more
                if self._is_idle:
                    break
            await asyncio.sleep(0.001)  # threads that the key waits for need the interpreter too

    @property
    def _is_idle(self) -> bool:
        """Whether nothing waits to be handled."""
        pumps = [self.app, *self.app.screen.walk_children(with_self=True)]
        return not self.app.type_ahead and not any(pump.message_queue_size for pump in pumps if pump.is_running)

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def paste(self, text: str) -> None:
        assert self.app.focused is not None
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def replace(self, text: str) -> None:
        """Put another text into the field that has the focus."""
        await self.press("end", "ctrl+u")
        if text:
            await self.paste(text)

    async def wait(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"never came: {what}\n{self.screen}")
            await self.pilot.pause(0.01)

    async def see(self, *texts: str) -> None:
        for text in texts:
            await self.wait(partial(self._has, text), text)

    async def hear(self, *messages: str) -> None:
        """Wait until each message is told, in however many lines."""
        for message in messages:
            await self.wait(partial(lambda text: text in self.told, message), message)

    @property
    def told(self) -> list[str]:
        """The messages that are on the screen, whole."""
        return [notification.message for notification in self.app._notifications]

    async def miss(self, *texts: str) -> None:
        """Wait until none of the texts is on the screen any more."""
        for text in texts:
            await self.wait(partial(self._has_not, text), f"the end of {text}")

    def _has(self, text: str) -> bool:
        return text in self.screen

    def _has_not(self, text: str) -> bool:
        return text not in self.screen

    @staticmethod
    async def answered() -> None:
        """Wait until no thread asks the database, or is about to: who closes it under one may crash the process."""
        end = time.monotonic() + 2  # a thread that a test holds back asks nothing
        while tables.database.obj._in_use or (_questions and time.monotonic() < end):
            await asyncio.sleep(0.001)


_questions: set[Future[Any]] = set()
"""What was asked in threads and is not answered."""


class _Threads(ThreadPoolExecutor):
    """The threads of a test's event loop."""

    def submit(self, *args: Any, **options: Any) -> Future[Any]:
        question = super().submit(*args, **options)
        _questions.add(question)
        question.add_done_callback(_questions.discard)
        return question


def late(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> threading.Event:
    """Let a function of a module or class wait until the event is set, which lets its answers through."""
    answering, answer = threading.Event(), getattr(owner, name)

    def slow(*args: object, **options: object) -> object:
        assert answering.wait(30)
        return answer(*args, **options)

    monkeypatch.setattr(owner, name, slow)
    return answering


def away(*_: object, **__: object) -> None:
    """In place of a function that asks the database: it cannot be reached."""
    raise Unreachable("The database cannot be reached.")


@contextmanager
def lost(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[None]:
    """While the database is away, as a function of a module or class finds; it is asked again at once."""
    monkeypatch.setattr(reconnect, "RECONNECT_INTERVAL_S", 0.05)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(reconnect, "ping", away)
        meanwhile.setattr(owner, name, away)
        yield


async def open_first_group(person: Person) -> None:
    """Open Content team of `shop`."""
    await person.press("enter")
    await person.see("Edit Group", "[x] CMS editor")


def is_first(person: Person, name: str) -> bool:
    found = person.page.query_one("CommandList")
    return (
        bool(found.option_count) and found.highlighted == 0 and f"{name}\n" in str(found.get_option_at_index(0).prompt)
    )


async def find_group(person: Person, name: str) -> None:
    """Open a group by the palette."""
    await person.press("ctrl+p")
    await person.type(name)
    await person.wait(partial(is_first, person, name), "the group first")
    await person.press("enter")
    await person.see("Edit Group")
    await person.wait(lambda: person.focus == "title", "the focus in TITLE")


Start = Callable[..., AbstractAsyncContextManager[Person]]
Sql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and state of nobody who lets go of each key, in a usual terminal, of a program that waits longer."""
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 8.0)
    monkeypatch.setattr(dialog, "KEY_REPEAT_S", 0)
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("BACKOFFICE_DATABASE", "BACKOFFICE_HISTORY", "SPRYKER_DB_ENGINE", "NO_COLOR", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def location(file: Path, request: pytest.FixtureRequest) -> str:
    """The database that `start` opens: the file, or a shop on a server where the test asks for one of its kind."""
    kind = getattr(request, "param", "sqlite")
    return str(file) if kind == "sqlite" else servers.reset(kind)


@pytest.fixture
def sql(file: Path) -> Sql:
    """Ask the database file directly, past our own code."""

    def ask(statement: str, *parameters: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(file, timeout=5)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            with connection:
                return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    return ask


def _leave_undrawn(compositor: Compositor, **_: object) -> None:
    """In place of drawing a frame, a fifth of a test's time: nobody sees it; `Person.screen` draws what it reads."""
    compositor._dirty_regions.clear()


@pytest.fixture
def start(location: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start the program on the database; its first page, or that of another section, is on the screen."""
    is_drawn = request.node.get_closest_marker("slow") or request.config.getoption("update_snapshots")
    if not is_drawn:  # README.md's pictures are frames
        monkeypatch.setattr(Compositor, "render_update", _leave_undrawn)

    @asynccontextmanager
    async def run(
        size: tuple[int, int] = (80, 24),
        first: str = "\n>",
        section: str = "",
        me: str = "",
        to: str = "",
        source: Source = SAMPLE,
        **options: Any,
    ) -> AsyncIterator[Person]:
        settings = read_settings()
        settings.password_cost, settings.me = passwords.LOWEST_COST, me
        chosen, problems = shop_settings(settings)
        settings.problems += problems.values()
        opened = open_database(to or location, settings=chosen, **options)
        app = BackOffice(opened, settings, source)
        asyncio.get_running_loop().set_default_executor(_Threads())
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                person = Person(app, pilot)
                await person.see("Users / User Groups", first)
                if section:
                    await person.press(section)
                    await person.see({"1": "Users / Users", "3": "Users / User Roles", "4": "Users / Access"}[section])
                    await person.wait(
                        lambda: person.page.records.window.is_loaded and person.page.records.status, "the list"
                    )
                yield person
        finally:
            await Person.answered()

    yield run
    close_database()


@pytest.fixture(scope="session")
def prepared(fresh: Path) -> Path:
    """An embedded database with some roles, groups and users, for tests to copy."""
    path = Path(shutil.copy(fresh, fresh.with_name("prepared.db")))
    shop = Shop(str(path))
    shop.insert("spy_acl_role", "name, created_at", [(name, "2026-03-01 09:00:00") for name in ROLES])
    for day, name in enumerate(GROUPS, 10):
        (group,) = shop.insert("spy_acl_group", "name, created_at", [(name, f"2026-03-{day} 09:00:00")])
        shop.hold(group, 2)
    columns = "first_name, last_name, username, password, status"
    people = [(name, "Example", f"{name.lower()}@shop.example", "!", status) for status, name in enumerate(USERS)]
    shop.insert("spy_user", columns, people)
    return path


ROLES = ("CMS editor", "Order support", "Returns desk")
GROUPS = ("Content team", "Sales", "Äpfel")
USERS = ("Anna", "Bert", "Carla")
"""The first is active, the second deactivated, the third deleted."""


@pytest.fixture
def shop(file: Path, prepared: Path) -> None:
    """A shop with some roles, groups and users in the database file."""
    shutil.copy(prepared, file)
