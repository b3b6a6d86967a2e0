"""A terminal that becomes too small while something is typed."""

import pytest
from textual.geometry import Size

from models import groups
from tests.tui.conftest import Sql, Start, late


async def test_while_it_is_too_small_no_key_does_anything_and_all_comes_back(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("Create new Group", "0 of 4")
        await person.type("Late")
        before = person.screen
        await person.pilot.resize_terminal(30, 8)
        await person.see("Needs 40x12, has 30x8.")
        assert "Late" not in person.screen
        await person.type("unseen")
        await person.press("ctrl+s", "escape")
        await person.pilot.resize_terminal(20, 5)
        await person.see("20x5.")
        await person.pilot.resize_terminal(80, 24)
        await person.miss("Needs")
        assert person.screen == before
        await person.type(" shift")
        await person.see("Late shift")


async def test_a_question_that_comes_while_it_is_too_small_is_covered_too(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("Create new Group")
        await person.type("Late")
        await person.pilot.resize_terminal(80, 11)
        await person.see("Needs 40x12, has 80x11.")
        await person.press("ctrl+q")
        await person.wait(lambda: type(person.app.screen).__name__ == "Question", "the question")
        await person.see("Needs 40x12, has 80x11.", "A question waits here.")
        await person.press("y", "ctrl+q")
        assert person.app.is_running and not person.app._exit
        await person.pilot.resize_terminal(80, 12)
        await person.see("Quit without saving?")
        await person.miss("Needs")
        await person.press("n")
        await person.see("Late", "Create new Group")


async def test_a_page_that_an_answer_closes_while_it_is_too_small_ends_nothing(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as person:
        answering = late(monkeypatch, groups, "get")
        person.strike("enter")
        await person.wait(lambda: type(person.page).__name__ == "GroupPage", "the group's page")
        await person.pilot.resize_terminal(30, 8)
        await person.see("Needs 40x12, has 30x8.")
        sql("DELETE FROM spy_acl_group WHERE name = 'Content team'")
        answering.set()
        await person.wait(lambda: type(person.page).__name__ == "GroupsPage", "the list")
        await person.see("Needs 40x12, has 30x8.")
        await person.answered()
        await person.pilot.resize_terminal(30, 9)
        await person.see("has 30x9.")
        await person.pilot.resize_terminal(80, 24)
        await person.miss("Needs")
        await person.press("down")
        await person.see("> ")


@pytest.mark.parametrize("what", ["deletion", "conflict"])
async def test_at_40x12_all_that_can_be_answered_is_in_sight(start: Start, shop: None, sql: Sql, what: str) -> None:
    for number in range(30):
        sql("INSERT INTO spy_acl_role (name) VALUES (?)", f"Role number {number}")
    sql("INSERT INTO spy_acl_groups_has_roles SELECT 2, id_acl_role FROM spy_acl_role WHERE id_acl_role > 4")
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (2, 1)")
    async with start(size=(40, 12)) as person:
        if what == "deletion":
            await person.press("d")
            await person.see("Delete the group", "Delete (y)", "Cancel (n)")
            before = person.screen
            await person.press("pagedown")
            await person.wait(lambda: person.screen != before, "more of the details")
        else:
            await person.press("enter")
            await person.wait(lambda: person.focus == "title", "the focus in TITLE")
            await person.replace("Mine")
            sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = 2")
            await person.press("ctrl+s")
            await person.see("Keep both (b)", "Keep theirs (t)", "Overwrite with mine (m)", "Back (Esc)")


async def test_a_terminal_that_becomes_too_small_while_the_program_ends_is_no_failure(start: Start, shop: None) -> None:
    async with start() as person:
        person.app.exit()
        person.app.covers.resize(Size(20, 5))
        assert not person.app.covers.is_covered
