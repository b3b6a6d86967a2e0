"""F8 copies the command of a form's unsaved change, elsewhere that of the person's last change."""

import shlex
import threading
from pathlib import Path

import pytest

from models import groups
from models.changes import command, shell_words
from models.changes.journal import Journal
from models.db import unlock
from models.db.change import Change
from models.db.connection import open_database
from tests.tui.conftest import Person, Sql, Start, find_group
from tui.cli.grammar import build_parser
from tui.cli.session import may_write
from tui.config import UNTIL_UNLOCKED, Source


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
    command_of, threads = command.command_of, list[threading.Thread]()

    def find(change: Change) -> str:
        threads.append(threading.current_thread())
        return command_of(change)

    monkeypatch.setattr(command, "command_of", find)
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


@pytest.mark.parametrize(
    ("copied", "on_locked"),
    [
        ("backoffice roles add X", "backoffice --database=-x roles add X --write --reason '...'"),
        ("backoffice roles add -- -x", "backoffice --database=-x roles add --write --reason '...' -- -x"),
        (
            "backoffice undo 01K && backoffice users delete a@b.de",
            "backoffice --database=-x undo 01K --write --reason '...' && "
            "backoffice --database=-x users delete a@b.de --write --reason '...'",
        ),
    ],
)
def test_on_a_locked_database_a_command_has_what_that_needs(copied: str, on_locked: str) -> None:
    assert shell_words.on_database(copied, "-x", is_locked=True) == on_locked


async def test_a_copied_command_for_a_locked_database_is_whole_but_for_the_reason(
    start: Start, shop: None, location: str
) -> None:
    source = Source(location, name="live", read_only=UNTIL_UNLOCKED)
    async with start(section="3", source=source, until_unlocked=True) as person:
        unlock.unlock("ticket 12", 15)
        person.app.unlocking.follow()
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Press desk")
        command = await copied(person)
    assert command == "backoffice --database live roles add 'Press desk' --write --reason '...'"
    _, *words = shlex.split(command)
    assert not may_write(build_parser().parse_args(words))
    assert may_write(build_parser().parse_args([*words[:-1], "ticket 12"]))


async def test_f8_says_why_no_command_does_a_change(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Create new Role")
        person.page.query_one("#name").value = "Press\u3164desk"
        await person.press("f8")
        await person.see("No command does this: “Press�desk” has invisible characters")
        assert not person.app.clipboard


@pytest.mark.parametrize("name", ["&&", "a && b", "it's && ' && x", "' && '"])
def test_a_name_with_what_stands_between_commands_is_one_word(name: str) -> None:
    both = shell_words.AND.join([shell_words.line("groups rename", [name, "B"])] * 2)
    assert shell_words.is_ours(both)
    assert shell_words.on_database(both, "") == both
    assert shell_words.on_database(both, "x").count(f"--database x groups rename {shlex.quote(name)} B") == 2


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
