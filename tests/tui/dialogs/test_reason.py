"""The reason for a change, in the screens: it can be typed in questions, and is asked for where the settings say so."""

from dataclasses import replace

import pytest

from models.changes import history
from models.changes.journal import Journal
from tests.tui.conftest import Sql, Start, open_first_group
from tests.tui.dialogs.test_undo import journal
from tui.config import Source

__all__ = ["journal"]


PRODUCTION = Source("", mark="production")
ASKING = replace(PRODUCTION, asks_reason=True)


def reasons(journal: Journal) -> list[str | None]:
    return [record.intent["reason"] for record in history.records(journal.folder)]


async def test_a_question_on_production_takes_a_reason_or_none(start: Start, journal: Journal) -> None:
    async with start(first="> Content team", recorder=journal, source=PRODUCTION) as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?", "PRODUCTION: type Content team", "Enter Next field")
        await person.type("Content team")
        await person.press("enter")
        await person.see("Reason (optional)", "Enter Delete")
        await person.type("ticket 12")
        await person.press("enter")
        await person.see("Group was deleted successfully.")
        await person.press("j", "d")
        await person.see("PRODUCTION: type Sales")
        await person.type("Sales")
        await person.press("enter", "enter")
        await person.see("Group was deleted successfully. Sales")
    assert reasons(journal) == [None, "ticket 12"]


async def test_elsewhere_no_question_asks_for_a_reason(start: Start, journal: Journal) -> None:
    async with start(first="> Content team", recorder=journal) as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?")
        await person.miss("Reason")


async def test_where_a_reason_is_needed_a_question_is_not_answered_without(start: Start, journal: Journal) -> None:
    async with start(first="> Content team", recorder=journal, source=ASKING) as person:
        await person.press("d")
        await person.see("Reason", "PRODUCTION: type Content team")
        await person.type("Content team")
        await person.press("enter", "enter")
        await person.see("A reason is needed here.")
        await person.type("ticket 12")
        await person.press("enter")
        await person.see("Group was deleted successfully.")
    assert reasons(journal) == ["ticket 12"]


@pytest.mark.parametrize("reason", ["ticket 12", ""])
async def test_where_a_reason_is_needed_a_save_asks_for_it(
    start: Start, journal: Journal, sql: Sql, reason: str
) -> None:
    async with start(first="> Content team", recorder=journal, source=ASKING) as person:
        await person.press("enter")
        await person.see("Edit Group")
        await person.type("X")
        await person.press("ctrl+s")
        await person.see("Why?", "production keeps the reason")
        if reason:
            await person.press("enter")
            await person.see("A reason is needed here.")
            await person.type(reason)
            await person.press("enter")
            await person.see("Group was updated successfully.")
        else:
            await person.press("escape")
            await person.miss("Why?")
            await person.see("unsaved")
            assert not person.told
    assert reasons(journal) == ([reason] if reason else [])
    assert bool(sql("SELECT 1 FROM spy_acl_group WHERE name = 'Content teamX'")) is bool(reason)


async def test_enter_on_cancel_cancels_the_question_for_a_reason(start: Start, journal: Journal) -> None:
    async with start(first="> Content team", recorder=journal, source=ASKING) as person:
        await open_first_group(person)
        await person.type("X")
        await person.press("ctrl+s")
        await person.see("Why?", "Enter Save")
        await person.type("ticket 12")
        await person.press("tab", "tab", "enter")
        await person.miss("Why?")
    assert not reasons(journal)


async def test_enter_in_a_reason_goes_to_the_button_that_destroys_where_nothing_else_is_typed(
    start: Start, journal: Journal
) -> None:
    async with start(first="> Content team", recorder=journal, source=replace(ASKING, mark="staging")) as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?")
        await person.type("ticket 12")
        await person.press("enter")
        assert person.focus == "yes"
        await person.press("enter")
        await person.see("Group was deleted successfully.")
    assert reasons(journal) == ["ticket 12"]


async def test_no_dialog_jumps_where_an_error_appears(start: Start, journal: Journal) -> None:
    async with start(first="> Content team", recorder=journal, source=ASKING) as person:
        await person.press("d")
        await person.see("PRODUCTION: type Content team")
        before = person.page.query_one(".dialog").region
        await person.press("enter", "enter")
        await person.see("! Does not match.")
        assert person.page.query_one(".dialog").region == before
