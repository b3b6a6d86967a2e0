"""The database goes away and comes back while the program runs; a database that is marked production."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.tui.conftest import Sql, Start
from tui import app as program


class Line:
    """A line to a server that can be cut and mended."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._open: list[socket.socket] = []
        self._listen(0)

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    @property
    def url(self) -> str:
        who = f"{self._parts.username}:{self._parts.password}"
        return self._parts._replace(netloc=f"{who}@127.0.0.1:{self.port}").geturl()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((self._parts.hostname, self._parts.port))
            self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=[source, target], daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            end.close()

    def cut(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self._listen(self.port)


@pytest.fixture(params=servers.KINDS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    line = Line(servers.reset(request.param))
    yield line
    line.cut()


async def test_a_server_that_goes_away_is_said_so_and_nothing_typed_is_lost(
    start: Start, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.1)
    async with start(to=line.url) as person:
        await person.press("n")
        await person.see("Create new Group", "root_role")
        await person.type("Night shift")
        await person.press("tab", "space")
        await person.see("1 of 1")
        line.cut()
        await person.press("ctrl+s")
        await person.see("The database cannot be reached", "[no connection]", "Night shift")
        line.mend()
        await person.see("The database is back. What you typed can be saved now.")
        await person.miss("[no connection]")
        await person.press("ctrl+s")
        await person.see("Group was created successfully.", "Edit Group")


async def test_a_list_that_could_not_be_read_is_read_by_itself_once_the_server_is_back(
    start: Start, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.1)
    async with start(to=line.url) as person:
        line.cut()
        await person.press("r")
        await person.see("The database cannot be reached", "to try again", "[no connection]")
        line.mend()
        await person.see("> Administrators group (root_group)", "The database is back.")


async def test_an_embedded_file_that_is_gone_for_a_while_is_found_again(
    start: Start, shop: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.1)
    async with start() as person:
        await person.see("4 groups")
        await person.answered()
        program.close_database()
        away = shutil.move(file, file.with_name("away.db"))
        await person.press("r")
        await person.see("The database cannot be reached", "[no connection]")
        shutil.move(away, file)
        await person.see("Content team", "The database is back.")


async def test_production_says_so_and_asks_for_the_typed_name(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        person.app.opened = replace(person.app.opened, mark="production")
        await person.press("down", "down", "e")
        await person.see(" PRODUCTION ", "Edit Group")
        await person.press("escape", "d")
        await person.see("Delete the group “Sales”?", "This is production. Type Sales to go on.")
        await person.type("sales")
        await person.press("enter", "enter")
        await person.see("! That is not it.")
        await person.replace("Sales")
        await person.miss("That is not it.")
        assert sql("SELECT count(*) FROM spy_acl_group WHERE name = 'Sales'") == [(1,)]
        await person.press("enter", "y")
        await person.see("Group was deleted successfully.")
    assert sql("SELECT count(*) FROM spy_acl_group WHERE name = 'Sales'") == [(0,)]


async def test_what_the_database_would_delete_along_is_named(start: Start, shop: None, sql: Sql) -> None:
    sql("CREATE TABLE spy_acl_entity_rule (id INTEGER PRIMARY KEY, fk_acl_role INTEGER NOT NULL "
        "REFERENCES spy_acl_role (id_acl_role) ON DELETE CASCADE)")  # fmt: skip
    sql("INSERT INTO spy_acl_entity_rule (fk_acl_role) VALUES (3), (3)")
    sql("CREATE TABLE other (fk INTEGER NOT NULL REFERENCES spy_acl_role (id_acl_role))")
    sql("INSERT INTO other VALUES (4)")
    async with start(section="3") as person:
        await person.press("down", "d")
        await person.see(
            "Delete the role “Order support”?", "The database deletes along: 2 rows of spy_acl_entity_rule."
        )
        await person.press("escape", "down", "d")
        await person.see("It cannot be deleted: other still refers to it.")
