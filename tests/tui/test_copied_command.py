"""F8 copies the command of a form's unsaved change, elsewhere that of the person's last change."""

import threading
from pathlib import Path

import pytest

from models import groups
from models.changes import command, shell_words
from models.changes.journal import Journal
from models.db.change import Change
from models.db.connection import open_database
from tests.tui.conftest import Person, Sql, Start, find_group
from tui.config import Source


async def copied(person: Person) -> str:
    person.app.clipboard = ""
    await person.press("f8")
    await person.wait(lambda: person.app.clipboard, "the copied command")
    return person.app.clipboard


async def test_f8_copies_the_command_of_the_change_that_is_not_saved_yet(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await find_group(person, "Content team")
        before = sql("SELECT * FROM spy_acl_group")
        await person.replace("Content & more")
        assert await copied(person) == "backoffice groups rename 'Content team' 'Content & more'"
        assert sql("SELECT * FROM spy_acl_group") == before and person.page.unsaved
        await person.replace("root_group")
        await person.press("f8")
        await person.see("already in use")


async def test_the_command_is_found_off_the_event_loop_since_that_asks_the_database_for_languages(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_command, threads = command.find_command, list[threading.Thread]()

    def find(change: Change) -> str | None:
        threads.append(threading.current_thread())
        return find_command(change)

    monkeypatch.setattr(command, "find_command", find)
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Press desk")
        assert await copied(person) == "backoffice roles add 'Press desk'"
    assert threads and threading.main_thread() not in threads


async def test_a_command_names_the_database_of_the_settings_that_is_open(start: Start, shop: None) -> None:
    """Where it is run, another may be the default."""
    async with start(source=Source("", name="the one")) as person:
        await find_group(person, "Content team")
        await person.replace("backoffice")
        assert await copied(person) == "backoffice --database 'the one' groups rename 'Content team' backoffice"


def test_each_of_several_commands_names_it() -> None:
    both = "backoffice roles add -- -x && backoffice users delete backoffice"
    named = "backoffice --database live roles add -- -x && backoffice --database live users delete backoffice"
    assert shell_words.on_database(both, "live") == named


async def test_f8_never_copies_a_password(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT OR IGNORE INTO spy_acl_user_has_group SELECT 1, id_user FROM spy_user")
    async with start(section="1") as person:
        await person.press("enter")
        await person.see("Edit User")
        email = person.value("email")
        await person.press("f4")
        await person.see("password")
        await person.press("escape")
        await person.wait(lambda: person.page.unsaved, "the new password in the form")
        assert await copied(person) == f"backoffice users set-password {email} --password-stdin"


async def test_f8_copies_the_command_of_a_new_record_and_keeps_the_form_new(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Press desk")
        assert await copied(person) == "backoffice roles add 'Press desk'"
        assert person.page.record_id is None
        assert sql("SELECT count(*) FROM spy_acl_role WHERE name = 'Press desk'") == [(0,)]
        await person.press("ctrl+s")
        await person.see("Edit Role")
        await person.type("cms")
        await person.press("enter", "*", "enter", "*")
        assert await copied(person) == "backoffice roles allow 'Press desk' 'cms/*/*'"


async def test_f8_elsewhere_copies_the_command_of_my_last_change(start: Start, shop: None, tmp_path: Path) -> None:
    async with start(section="3", recorder=Journal(tmp_path / "state" / "backoffice" / "history")) as person:
        await person.press("f8")
        await person.see("No change of yours to this database is")
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Press desk")
        await person.press("ctrl+s")
        await person.see("Edit Role")
        assert await copied(person) == "backoffice roles add 'Press desk'"
        await person.press("escape", "escape")
        await person.miss("Edit Role")
        await person.press("1")
        await person.see("Users / Users")
        assert await copied(person) == "backoffice roles add 'Press desk'"
        await person.press("space", "down", "space", "t")
        await person.see("Deactivate the user “anna@shop.example”?")
        await person.press("y")
        await person.see("User was deactivated")
        assert await copied(person) == "backoffice users deactivate anna@shop.example"


async def test_f8_in_the_history_copies_the_command_of_the_highlighted_change(
    start: Start, shop: None, tmp_path: Path, location: str
) -> None:
    open_database(location, recorder=Journal(tmp_path / "state" / "backoffice" / "history"))
    id = groups.create("Catalog", [2])
    groups.update(groups.get(id), "Catalog team", [2])
    async with start(first="> Catalog team") as person:
        await person.press("H")
        await person.see("2 changes")
        await person.press("down")
        assert await copied(person) == "backoffice groups add Catalog --role 'CMS editor'"


async def test_what_another_wrote_into_a_record_in_place_of_a_command_is_not_copied(
    start: Start, shop: None, tmp_path: Path, location: str
) -> None:
    folder = tmp_path / "state" / "backoffice" / "history"
    open_database(location, recorder=Journal(folder))
    groups.create("Catalog", [2])
    (file,) = folder.glob("*.jsonl")
    file.write_text(file.read_text().replace("--role 'CMS editor'", "; reboot"))
    async with start(first="> Catalog") as person:
        await person.press("H")
        await person.see("1 change")
        await person.press("f8")
        await person.see("What this record has is no command")
        assert not person.app.clipboard


async def test_in_a_sample_shop_nothing_is_recorded(start: Start, shop: None) -> None:
    async with start() as person:
        person.app.history_folder = None
        await person.press("f8")
        await person.see("No change is recorded here.")
