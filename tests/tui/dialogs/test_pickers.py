"""Pickers: what is typed is the filter, Enter selects what it found, and nothing else is selected."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from models import groups
from models.db.paging import Listing, Sort
from tests.tui.conftest import Person, Sql, Start, late, open_first_group
from tui import type_ahead, workers


def strike(person: Person, *keys: str) -> None:
    """Press keys without waiting for anything."""
    for key in keys:
        person.strike(key)


def add_group(sql: Sql, name: str) -> None:
    sql("INSERT INTO spy_acl_group (name, created_at) VALUES (?, '2026-03-13 09:00:00')", name)


def groups_of(sql: Sql, email: str) -> list[object]:
    held = "SELECT name FROM spy_acl_user_has_group JOIN spy_acl_group ON id_acl_group = fk_acl_group"
    rows = sql(f"{held} JOIN spy_user ON id_user = fk_user WHERE username = ? ORDER BY name", email)
    return [name for (name,) in rows]


async def test_a_name_with_a_space_is_typed_into_the_filter_and_selects_what_it_names(
    start: Start, shop: None, sql: Sql
) -> None:
    add_group(sql, "Sales team")
    async with start(section="1") as person:
        await person.press("enter")
        await person.wait(lambda: person.focus == "email", "the focus in E-MAIL")
        while person.focus != "groups":
            await person.press("tab")
        await person.type("Sales team")
        await person.see("/ Sales team_", "1 found", "> [ ] Sales team", "None selected")
        await person.press("enter")
        await person.see("Type to filter, Enter selects", "> [x] Sales team", "Sales team           ")
        await person.press("ctrl+s")
        await person.see("User was updated successfully.")
    assert groups_of(sql, "anna@shop.example") == ["Sales team"]


async def test_enter_after_letters_waits_for_what_they_find(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that takes longer than keys wait: what an older filter found is never selected."""
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", workers.KEY_WAIT_S / 10)
    async with start(section="1") as person:
        await person.press("a")
        await person.see("0 of 4", "> [ ] Content team")
        finding = late(monkeypatch, type(groups.listing), "find")
        strike(person, *"sal", "enter")
        await person.see("/ sal_")
        await person.pilot.pause(0.3)
        assert "0 of 4" in person.screen
        finding.set()
        await person.see("1 of 4", "[x] Sales", "Type to filter, Enter selects")
        await person.press("enter")
        await person.wait(lambda: "Sales" in person.line(">● anna@shop.example"), "the group of Anna")
    assert groups_of(sql, "anna@shop.example") == ["Sales"]


async def test_enter_where_nothing_is_found_selects_nothing_and_confirms_nothing(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("a")
        await person.see("0 of 4")
        await person.press("space")
        await person.see("1 of 4")
        await person.type("nothing of the kind")
        await person.see("0 found", "Nothing found for")
        await person.press("enter")
        await person.see("1 of 4", "0 found")
        await person.press("escape")
        await person.see("Type to filter, Enter selects", "1 of 4")
        await person.press("escape")
        await person.miss("1 of 4")


async def test_space_selects_and_enter_confirms_a_dialog_while_nothing_is_typed(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(section="1") as person:
        await person.press("a")
        await person.see("0 of 4")
        await person.press("enter")
        await person.see("nothing selected: ")
        await person.press("space")
        await person.see("> [x] Content team")
        await person.press("space", "down", "down", "space", "enter")
        await person.wait(lambda: "Sales" in person.line(">● anna@shop.example"), "the group of Anna")
    assert groups_of(sql, "anna@shop.example") == ["Sales"]


async def test_enter_goes_to_the_next_field_of_a_form_while_nothing_is_typed(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n", "tab")
        await person.wait(lambda: person.focus == "roles", "the focus on the roles")
        await person.type("returns")
        await person.see("1 found")
        await person.press("enter")
        await person.see("Type to filter, Enter selects", "> [x] Returns desk")
        assert person.focus == "roles"
        await person.press("enter")
        assert person.focus == "save"


async def test_selecting_what_is_selected_already_unselects_it(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n", "tab")
        for word, count in (("returns", 1), ("editor", 2), ("desk", 1)):
            await person.type(word)
            await person.see("1 found")
            await person.press("enter")
            await person.see(f"{count} of 4", "Type to filter, Enter selects")
        await person.see("> [ ] Returns desk", "[x] CMS editor")


async def test_a_form_s_picker_marks_what_a_save_would_change(shop: None, start: Start) -> None:
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "space")
        await person.see("[ ] CMS editor")
        assert person.line("[ ] CMS editor").endswith(" removed")
        await person.press("down", "space")
        await person.see(" new")
        await person.press("up", "space", "down", "space")
        await person.miss(" new", " removed")


async def test_a_picker_of_users_shows_e_mail_name_and_status_with_its_sign(shop: None, start: Start) -> None:
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "tab", "a")
        await person.see("> [ ] ● anna@shop.example", "[ ] ○ bert@shop.example")
        assert "Anna" in person.line("anna@shop.example")


async def test_a_filter_says_when_all_is_found(start: Start, shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    find, found_all = Listing.find, threading.Event()

    def slow(listing: Listing[Any], text: str, sort: Sort) -> Iterator[list[int]]:
        yield from find(listing, text, sort)
        assert found_all.wait(30)

    monkeypatch.setattr(Listing, "find", slow)
    async with start() as person:
        await open_first_group(person)
        await person.press("tab")
        await person.type("c")
        await person.see("/ c_", "1 found…")
        found_all.set()
        await person.miss("found…")
        await person.see("1 found")
