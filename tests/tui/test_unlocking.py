"""A database that is read-only until it is unlocked: how that is asked, seen and over again."""

import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from models.changes import history
from models.changes.journal import Journal
from models.db.opened import opened
from tests import servers
from tests.tui.conftest import Person, Sql, Start, is_first, open_first_group
from tui.app import BackOffice
from tui.config import UNTIL_UNLOCKED, Source

NAMES = "SELECT name FROM spy_acl_group ORDER BY id_acl_group"


def locked(minutes: Any = 15, name: str = "production") -> dict[str, Any]:
    """What `start` takes so that its database is locked."""
    source = Source("", name=name, mark="production", read_only=UNTIL_UNLOCKED, unlock_minutes=minutes)
    return {"source": source, "until_unlocked": True}


async def answer(person: Person, *, name: str = "production", reason: str = "ticket 12") -> None:
    """Answer the question that is on the screen."""
    await person.see(f"Allow changes to {name} for", "Reason")
    await person.type(name)
    await person.press("enter")
    await person.type(reason)
    await person.press("enter")


async def unlock(person: Person) -> None:
    await person.press("W")
    await answer(person)
    await person.see(" until ")


def first_line(person: Person) -> str:
    return person.screen.splitlines()[0]


async def test_a_key_that_changes_something_says_in_the_last_line_how_to_unlock(shop: None, start: Start) -> None:
    async with start(section="1", **locked()) as person:
        assert first_line(person).endswith("[locked]")
        for key, words in (("d", "Delete"), ("t", "Activate / deactivate"), ("f4", "Password"), ("n", "Create User")):
            await person.press(key)
            await person.see(f"\n {words}: locked: W unlocks")
        assert not person.told


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_last_line_names_the_key_that_unlocks(shop: None, start: Start, size: tuple[int, int]) -> None:
    async with start(size=size, **locked()) as person:
        for section in "2134":
            await person.press(section)
            await person.see("W Unlock  ? Help")


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            120,
            " Users / User Groups / Create new Group +• unsaved +PRODUCTION  sqlite:shop.db  changes allowed until .*",
        ),
        (80, " … / Create new Group +• unsaved    PRODUCTION  sqlite:shop.db  until .*"),
        (60, " … / Create new Gr.*… •    PRODUCTION  sqlite:…  until .*"),
    ],
)
async def test_the_first_line_keeps_the_page_and_the_database_while_changes_are_allowed(
    shop: None, start: Start, width: int, line: str
) -> None:
    async with start(size=(width, 24), **locked()) as person:
        await unlock(person)
        await person.press("n")
        await person.see("Create new Gr")
        await person.type("A")
        await person.see("•")
        assert re.fullmatch(line, first_line(person))


async def test_w_asks_for_the_name_and_a_reason_and_the_first_line_says_until_when(
    shop: None, start: Start, sql: Sql
) -> None:
    async with start(**locked()) as person:
        await person.press("W")
        await person.see("Allow changes to production for 15 minutes?", "This is recorded, with the reason.")
        await person.type("prod")
        await person.press("ctrl+s")
        await person.see("Does not match.")
        await person.type("uction")
        await person.press("ctrl+s")
        await person.see("Enter a reason.")
        await person.miss("Does not match.")
        before = datetime.now() + timedelta(minutes=15)
        await person.type("ticket 12")
        await person.press("enter")
        await person.see("changes allowed until")
        told = first_line(person).rpartition(" until ")[2]
        assert told in {f"{before:%H:%M}", f"{datetime.now() + timedelta(minutes=15):%H:%M}"}
        await person.press("n")
        await person.see("Create new G")


async def test_an_unlock_is_in_the_history_with_its_reason(shop: None, start: Start, home: Any) -> None:
    folder = home / "history"
    async with start(**locked(), recorder=Journal(folder)) as person:
        person.app.history_folder = folder
        await unlock(person)
        (record,) = history.records(folder)
        assert (record.intent["change"], record.intent["reason"]) == ("database.unlock", "ticket 12")
        person.app.open_history()
        await person.see("Users / History", "changes allowed for 15 minutes")
        await person.press("z")
        await person.see("This changed nothing in the shop: there is nothing to undo.")


async def test_escape_leaves_it_locked(shop: None, start: Start) -> None:
    async with start(**locked()) as person:
        await person.press("W")
        await person.see("Allow changes")
        await person.type("production")
        await person.press("escape")
        await person.miss("Allow changes")
        assert first_line(person).endswith("[locked]")


@pytest.mark.parametrize("location", ["sqlite", *servers.KINDS], indirect=True)
async def test_w_once_more_locks_at_once_and_the_database_refuses_again(shop: None, start: Start) -> None:
    async with start(**locked()) as person:
        await unlock(person)
        await person.press("W")
        await person.see("[locked]")
        assert not person.told
        await person.press("n")
        await person.see("Create Group: locked: W unlocks")
        lock = opened().lock
        assert lock is not None and not lock.dialect.database._connections


@pytest.mark.parametrize("location", ["sqlite", *servers.KINDS], indirect=True)
async def test_in_a_form_save_asks_the_same_and_saves_then(shop: None, start: Start) -> None:
    async with start(**locked()) as person:
        await person.press("enter")
        await person.see("Edit Group")
        await person.wait(lambda: person.focus is not None, "the form")
        await person.press("ctrl+s")
        await answer(person)
        await person.see("No changes to save.")
        await person.press("escape", "escape", "n")
        await person.see("Create new G")
        await person.type("Night shift")
        await person.press("tab", "space", "ctrl+s")
        await person.hear("Group was created successfully. Night shift")


async def test_a_form_stays_as_typed_where_unlocking_is_given_up(shop: None, start: Start, sql: Sql) -> None:
    async with start(**locked()) as person:
        await open_first_group(person)
        await person.type(" W")
        await person.press("ctrl+s")
        await person.see("Allow changes")
        await person.press("escape")
        await person.miss("Allow changes")
        assert person.value("title") == "Content team W" and person.page.unsaved
        await person.press("ctrl+s")
        await answer(person)
        await person.hear("Group was updated successfully. Content team W")
        assert ("Content team W",) in sql(NAMES)


async def test_a_rule_is_added_only_after_the_same_question(shop: None, start: Start, sql: Sql) -> None:
    async with start(section="3", **locked()) as person:
        await person.press("enter")
        await person.see("Edit Role", "Bundle")
        await person.wait(lambda: person.focus is not None, "the focus")
        person.page.query_one("#bundle").focus()
        await person.type("cms/page/list")
        await person.press("enter")
        await person.see("Allow changes")
        assert sql("SELECT count(*) FROM spy_acl_rule WHERE bundle = 'cms'") == [(0,)]
        await answer(person)
        await person.see("Add the rule")
        await person.press("y")
        await person.hear("Rule successfully added. allow cms/page/list")


async def test_when_the_time_is_over_forms_stay_as_typed_and_nothing_more_is_written(
    shop: None, start: Start, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(**locked(minutes=1)) as person:
        await unlock(person)
        await open_first_group(person)
        await person.type("!")
        await over(person)
        assert person.value("title") == "Content team!" and person.page.unsaved
        await person.press("ctrl+s")
        await person.see("Allow changes to production for 1 minute?")
        assert ("Content team",) in sql(NAMES)


async def over(person: Person) -> None:
    """Let the time be over: as if the clock on the wall were set a day on."""
    lock = opened().lock
    assert lock is not None and lock._end is not None
    lock._end = lock._end[0] - 24 * 3600, lock._end[1]
    person.app.unlocking._time_is_over(lock._end[1])
    await person.see("[locked]")
    await person.hear("Note: Changes are no longer allowed. W allows them again.")


@pytest.mark.parametrize("again", [True, False])
async def test_a_reason_typed_while_the_time_ends_is_kept_where_changes_are_allowed_again(
    shop: None, start: Start, sql: Sql, home: Path, again: bool
) -> None:
    recorder = Journal(home / "history")
    async with start(first="> Content team", recorder=recorder, **locked()) as person:
        await unlock(person)
        await person.press("d")
        await person.see("Delete the group “Content team”?", "Reason (optional)")
        person.page.query_one("#reason").focus()
        await person.type("ticket 13")
        await over(person)
        person.page.query_one("#typed").focus()
        await person.type("Content team")
        await person.press("enter", "enter")
        if again:
            await answer(person)
            await person.see("Group was deleted successfully.")
        else:
            await person.see("Allow changes")
            await person.press("escape")
            await person.miss("Allow changes")
            assert not person.told and ("Content team",) in sql(NAMES)
    reasons = [record.intent["reason"] for record in history.records(recorder.folder)]
    assert reasons == (["ticket 13", "ticket 12", "ticket 12"] if again else ["ticket 12"])


async def test_one_frame_shows_that_the_time_is_over_and_none_comes_before(
    shop: None, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[str] = []
    async with start(**locked(minutes=1 / 60)) as person:
        real = BackOffice.post_display_hook

        def note(app: BackOffice) -> None:
            real(app)
            if "Allow changes" not in person.screen and frames[-1:] != [person.screen]:
                frames.append(person.screen)

        await person.press("W")
        await person.see("Allow changes")
        await person.type("production")
        await person.press("enter")
        await person.type("x")
        monkeypatch.setattr(BackOffice, "post_display_hook", note)
        await person.press("enter")
        await person.see("[locked]")
        await person.settle()
        unlocked, over, *_ = frames  # then the message
        assert "changes allowed until" in unlocked and " n Create" in unlocked
        assert "[locked]" in over and "(n Create)" in over and "W Unlock" in over


async def choose(person: Person, command: str, help: str) -> None:
    """Choose a command of the palette once it is the first there."""
    await person.press("ctrl+p")
    await person.type(command)
    await person.see(help)
    await person.wait(partial(is_first, person, command), "the command first")
    await person.press("enter")


async def test_the_palette_offers_to_unlock_and_to_lock(shop: None, start: Start) -> None:
    async with start(**locked()) as person:
        await choose(person, "Unlock", "Allow changes for 15 minutes (asks first)   W")
        await answer(person)
        await person.see("changes allowed until")
        await choose(person, "Lock", "Allow no further changes   W")
        await person.see("[locked]")


async def test_a_database_without_a_lock_has_no_such_key(shop: None, start: Start) -> None:
    async with start() as person:
        await person.press("W")
        await person.press("question_mark")
        await person.see("Keyboard shortcuts")
        await person.type("unlock")
        await person.miss("Open the highlighted one")
        assert "Allow changes" not in person.screen


async def test_a_database_without_a_name_is_unlocked_by_the_one_on_the_first_line(shop: None, start: Start) -> None:
    async with start(**locked(name="")) as person:
        await person.press("W")
        await answer(person, name="sqlite:shop.db")
        await person.see("changes allowed until")
