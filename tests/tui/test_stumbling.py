"""The database goes away and comes back while the program runs; a database that is marked production."""

import gc
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from models.db import tables
from models.db.connection import close_database, open_database
from tests import servers
from tests.proxy import Line
from tests.tui.conftest import Person, Sql, Start
from tests.tui.terminal.tmux import Terminal, backoffice, needs_tmux
from tui import reconnect
from tui.widgets.lines import TopLine


@pytest.fixture(params=servers.KINDS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    line = Line(servers.reset(request.param))
    yield line
    line.shut()


async def test_a_server_that_goes_away_is_said_so_and_nothing_typed_is_lost(
    start: Start, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnect, "RECONNECT_INTERVAL_S", 0.1)
    async with start(to=line.url) as person:
        await person.press("n")
        await person.see("Create new Group", "root_role")
        await person.type("Night shift")
        await person.press("tab", "space")
        await person.see("1 of 1")
        line.shut()
        await person.press("ctrl+s")
        await person.see("The database cannot be reached", "[no connection]", "Night shift")
        line.open_again()
        await person.see("The database is back. Unsaved changes can be saved now.")
        await person.miss("[no connection]", "The database cannot be reached")
        await person.press("ctrl+s")
        await person.see("Group was created successfully.", "Edit Group")


async def test_a_list_that_could_not_be_read_is_read_by_itself_once_the_server_is_back(
    start: Start, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnect, "RECONNECT_INTERVAL_S", 0.1)
    async with start(to=line.url) as person:
        line.shut()
        await person.press("r")
        await person.see("The database cannot be reached", "to try again", "[no connection]")
        line.open_again()
        await person.see("> Administrators group (root_group)", "The database is back.")


async def test_a_search_that_failed_finds_again_once_the_server_is_back(
    start: Start, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnect, "RECONNECT_INTERVAL_S", 0.1)
    async with start(to=line.url) as person:
        await person.press("slash")
        await person.type("root")
        await person.see("1 found")
        await person.press("enter")
        line.shut()
        await person.press("r")
        await person.see("The database cannot be reached", "to try again")
        line.open_again()
        await person.see("The database is back.", "> Administrators group (root_group)", "1 found")


async def test_an_embedded_file_that_is_gone_for_a_while_is_found_again(
    start: Start, shop: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnect, "RECONNECT_INTERVAL_S", 0.1)
    async with start() as person:
        await person.see("4 groups")
        await person.answered()
        tables.database.close_all()
        away = shutil.move(file, file.with_name("away.db"))
        await person.press("r")
        await person.see("The database cannot be reached", "[no connection]")
        shutil.move(away, file)
        await person.see("Content team", "The database is back.")


async def test_a_row_that_cannot_be_decoded_is_listed_among_the_others_and_opens(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_group SET name = CAST(x'53616cff6573' AS TEXT) WHERE name = 'Sales'")
    sql("UPDATE spy_acl_role SET name = x'52657475726eff' WHERE name = 'Returns desk'")
    async with start() as person:
        await person.see("Sal\ufffdes", "Content team", "4 groups")
        await person.press("down", "down", "e")
        await person.see("Edit Group", "Sal\ufffdes", "Return\ufffd")


@pytest.mark.slow
async def test_pages_that_were_left_leave_nothing_behind_that_waits_for_the_database(start: Start, shop: None) -> None:
    def top_lines() -> int:
        gc.collect()
        return sum(isinstance(thing, TopLine) for thing in gc.get_objects())

    async def visit(person: Person, times: int) -> int:
        for _ in range(times):
            await person.press("enter")
            await person.see("Edit Group")
            await person.press("escape")
            await person.see("4 groups")
        return top_lines()

    async with start() as person:
        few = await visit(person, 1)
        assert await visit(person, 5) <= few + 2, "only the last pages may still be among them"


async def test_a_change_after_the_file_was_replaced_is_refused_and_the_form_stays(
    start: Start, shop: None, file: Path
) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("Create new Group", "root_role")
        Path(shutil.copy(file, file.with_name("copy.db"))).replace(file)
        await person.type("Late shift")
        await person.press("tab", "space")
        await person.press("ctrl+s")
        await person.see("The file was replaced while it was open.", "Create new Group", "Late shift")
        await person.miss("created successfully")


@needs_tmux
def test_leaving_does_not_wait_for_a_server_that_answers_no_more(tmp_path: Path, line: Line) -> None:
    """Its driver would wait for 30 seconds."""
    with closing(Terminal(tmp_path)) as terminal:
        terminal.run(*backoffice("--database", line.url))
        terminal.see("> Administrators group (root_group)", "1 group")
        line.hold()
        terminal.press("r", "q")
        terminal.see("exit:0")
        assert terminal.screen.split() == ["exit:0"]


@pytest.mark.slow
@needs_tmux
def test_leaving_while_a_change_is_saved_is_asked_twice(tmp_path: Path, file: Path) -> None:
    open_database(str(file))
    close_database()
    with closing(Terminal(tmp_path)) as terminal, closing(sqlite3.connect(file)) as colleague:
        terminal.run(*backoffice("--database", str(file)))
        terminal.see("1 group")
        terminal.press("n")
        terminal.see("Create new Group", "root_role")
        colleague.execute("BEGIN IMMEDIATE")
        terminal.press("type:Late", "C-s", "C-q")
        terminal.see("Still saving. Press again to quit")
        terminal.press("C-q")
        terminal.see("Quit without saving?")
        terminal.press("y")
        terminal.see("backoffice: a change was still being saved; it is unknown whether it was written", "exit:0")


async def test_production_says_so_and_asks_for_the_typed_name(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        person.app.source = replace(person.app.source, mark="production")
        await person.press("down", "down", "e")
        await person.see(" PRODUCTION ", "Edit Group")
        await person.press("escape", "d")
        await person.see("Delete the group “Sales”?", "PRODUCTION: type Sales to confirm")
        await person.type("sales")
        await person.press("enter", "enter")
        await person.see("! Does not match.")
        await person.replace("Sales")
        await person.miss("Does not match.")
        assert sql("SELECT count(*) FROM spy_acl_group WHERE name = 'Sales'") == [(1,)]
        await person.press("enter", "enter")
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
        await person.see("Delete the role “Order support”?", "Also deleted: 2 rows of spy_acl_entity_rule.")
        await person.press("escape", "down", "d")
        await person.see("It cannot be deleted: other still refers to it.")
