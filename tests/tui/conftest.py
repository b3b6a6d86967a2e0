import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from models.database import close_database, open_database
from tui.app import BackOffice
from tui.settings import read_settings

PATIENCE = 10.0
"""Seconds after which a text that was waited for counts as never coming."""


class Person:
    """Someone at the keyboard: presses keys, and waits until something is on the screen."""

    def __init__(self, app: BackOffice, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> str:
        """The screen as text, a line a row."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def line(self, text: str) -> str:
        """The first line of the screen that has the text."""
        return next((line for line in self.screen.splitlines() if text in line), "")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        for character in text:
            await self.pilot.press("space" if character == " " else character)

    async def wait(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"never came: {what}\n{self.screen}"
            await self.pilot.pause(0.01)

    async def see(self, *texts: str) -> None:
        for text in texts:
            await self.wait(lambda text=text: text in self.screen, text)

    async def miss(self, *texts: str) -> None:
        """Wait until none of the texts is on the screen any more."""
        for text in texts:
            await self.wait(lambda text=text: text not in self.screen, f"the end of {text}")


Start = Callable[..., AbstractAsyncContextManager[Person]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and state of nobody."""
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("BACKOFFICE_DATABASE", raising=False)
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def sql(file: Path) -> Callable[..., list[tuple[object, ...]]]:
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


@pytest.fixture
def start(file: Path) -> Iterator[Start]:
    """Start the program on the database file; its first page is on the screen."""

    @asynccontextmanager
    async def run(size: tuple[int, int] = (80, 24), first: str = "\n>", **options: bool) -> AsyncIterator[Person]:
        opened = open_database(str(file), **options)
        app = BackOffice(opened, read_settings())
        async with app.run_test(size=size, notifications=True) as pilot:
            person = Person(app, pilot)
            await person.see("Users / User Groups", first)
            yield person

    yield run
    close_database()


@pytest.fixture
def shop(file: Path, sql: Callable[..., object]) -> None:
    """A shop with some roles, groups and users in the database file."""
    open_database(str(file))
    close_database()
    for name in ("CMS editor", "Order support", "Returns desk"):
        sql("INSERT INTO spy_acl_role (name, created_at) VALUES (?, '2026-03-01 09:00:00')", name)
    for day, name in enumerate(("Content team", "Sales", "Äpfel"), 10):
        sql("INSERT INTO spy_acl_group (name, created_at) VALUES (?, ?)", name, f"2026-03-{day} 09:00:00")
        sql("INSERT INTO spy_acl_groups_has_roles SELECT max(id_acl_group), 2 FROM spy_acl_group")
    for status, first in enumerate(("Anna", "Bert", "Carla")):
        sql(
            "INSERT INTO spy_user (first_name, last_name, username, password, status) VALUES (?, 'Example', ?, '!', ?)",
            first,
            f"{first.lower()}@shop.example",
            status,
        )
