"""Keys that come in a burst, as a slow line delivers them, do what they would do one by one."""

import pytest

from models import groups
from tests.tui.conftest import Person, Sql, Start, late
from tui import type_ahead, workers


def strike(person: Person, *keys: str) -> None:
    """Press keys without waiting for anything."""
    for key in keys:
        person.strike(key)


async def test_the_main_flow_typed_ahead(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        strike(person, "n", *"Day", "tab", "space", "down", "space", "ctrl+s", "escape", "n", *"Eve", "tab", "space")
        strike(person, "ctrl+s", "tab", "a", *"bert", "enter", "enter")
        await person.see("Edit Group", "Bert")
        await person.hear("bert@shop.example was added to “Eve”.")
    held = "SELECT name, count(*) FROM spy_acl_group JOIN spy_acl_groups_has_roles ON fk_acl_group = id_acl_group"
    assert sql(f"{held} WHERE name IN ('Day', 'Eve') GROUP BY name") == [("Day", 2), ("Eve", 1)]


async def test_marked_users_are_regrouped_typed_ahead(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        strike(person, "space", "space", "a", "space", "ctrl+s")
        await person.see("Add 2 users", "team”?")
        await person.press("y")
        strike(person, "asterisk", "x", "space", "ctrl+s")
        await person.see("Remove 2 users", "team”?")
        await person.press("y")
        await person.hear("2 users removed from “Content team”.")
    assert sql("SELECT * FROM spy_acl_user_has_group") == []


async def test_a_slow_answer_holds_the_next_key_for_a_moment_only(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", workers.KEY_WAIT_S)
    async with start() as person:
        answered = late(monkeypatch, groups, "get")
        strike(person, "enter", "escape", "1")
        await person.see("anna@shop.example")
        answered.set()
