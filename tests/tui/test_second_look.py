"""Mistakes that a second reader found, each by the keys that showed it."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from models import answers, groups, mass_entry, users
from models.errors import Unreachable
from models.listing import Listing
from models.users import UserForm
from tests.tui.conftest import Person, Sql, Start, late
from tui import app as program
from tui.text import names


def away(*_: object, **__: object) -> None:
    raise Unreachable("The database cannot be reached.")


async def open_first_group(person: Person) -> None:
    await person.press("enter")
    await person.see("Edit Group", "[x] CMS editor")


async def find_group(person: Person, name: str) -> None:
    """Open a group by the palette."""
    await person.press("ctrl+p")
    await person.type(name)
    await person.see(f"{name}")
    await person.wait(lambda: person.app.screen.query_one("CommandList").option_count == 1, "the group alone")
    await person.press("enter")
    await person.see("Edit Group")
    await person.wait(lambda: person.focus == "title", "the focus in TITLE")


def test_of_ten_thousand_names_those_that_fit_are_shown() -> None:
    assert names([f"u{number}" for number in range(10_000)], 20) == "u0, u1, u2, +9997"
    assert names(["", "", ""], 4) == ", , "


# Text from the database


async def test_control_codes_in_a_pickers_title_are_shown_as_text(start: Start, shop: None, sql: Sql) -> None:
    sql("UPDATE spy_user SET username = ? WHERE id_user = 1", "a\x1b]0;owned\x07nna@shop.example")
    async with start(section="1") as person:
        await person.press("a")
        await person.see("a␛]0;owned␇nna@shop.example")
        assert not set(person.screen) & {"\x1b", "\x07"}


async def test_control_codes_on_a_button_are_shown_as_text(start: Start, shop: None, sql: Sql) -> None:
    sql("UPDATE spy_acl_group SET name = ? WHERE name = 'Sales'", "A\x1b[31mles")
    sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group <> (SELECT max(id_acl_group) - 1 FROM spy_acl_group)")
    async with start(section="3") as person:
        await person.press("d")
        await person.see("Open A␛[31mles (y)")
        assert "\x1b" not in person.screen


async def test_a_home_folder_of_nobody_is_no_csv_file(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("i")
        await person.see("Mass entry")
        await person.type("~nobody-here/new.csv")
        await person.press("enter")
        await person.see("! ~nobody-here/new.csv: ")


# Lists


async def test_escape_leaves_a_search_in_which_nothing_is_typed(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("slash")
        await person.see("esc Clear")
        await person.press("escape")
        await person.see("/ to search")
        await person.press("slash", "tab", "escape")
        await person.see("/ to search")


async def test_several_lines_pasted_into_a_search_are_one(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("slash")
        await person.paste("Content\nteam")
        await person.see("1 found", "Content team")


async def test_what_the_palette_opens_leaves_the_cursor_of_another_section_alone(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await find_group(person, "Sales")
        await person.press("escape")
        await person.see("Users / Users", "> anna@shop.example")


async def test_an_empty_list_shows_who_was_created_elsewhere(start: Start) -> None:
    form = UserForm("a@shop.example", "A", "B", frozenset([1]), password="Night-owl-2026", repeated="Night-owl-2026")
    async with start(section="4") as person:
        await person.see("There is no user yet")
        await person.press("1")
        await person.see("Users / Users")
        await asyncio.to_thread(users.create, form)
        await person.press("4")
        await person.see("Users / Access", "> a@shop.example")


async def test_another_filter_tells_no_number_before_it_is_counted(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="1") as person:
        counted = late(monkeypatch, Listing, "count")
        await person.press("f")
        await person.miss("bert@shop.example")
        assert "3 active users" not in person.screen
        counted.set()
        await person.see("1 active user")


async def test_after_the_database_was_away_the_cursor_is_where_it_was(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.05)
    monkeypatch.setattr(program, "ping", away)
    async with start(section="1") as person:
        await person.press("down")
        await person.see("> bert@shop.example")
        with monkeypatch.context() as lost:
            lost.setattr(Listing, "around", away)
            await person.press("r")
            await person.see("The database cannot be reached.")
        monkeypatch.setattr(program, "ping", lambda: None)
        await person.see("> bert@shop.example")


@pytest.mark.parametrize(("section", "list", "opened"), [("", "#users", "Edit User"), ("3", "#rules", "Change Rule")])
async def test_a_double_click_opens_a_member_and_a_rule(
    start: Start, shop: None, sql: Sql, section: str, list: str, opened: str
) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (2, 1)")
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 0, 2)")
    async with start(section=section) as person:
        await person.press("enter")
        await person.see("1 rule" if section else "1 user", "> cms" if section else "> Anna")
        await person.pilot.click(list, offset=(5, 1), times=2)
        await person.see(opened)


async def test_marks_of_members_go_with_escape_and_rules_take_none(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (2, 1)")
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 0, 2)")
    async with start() as person:
        await open_first_group(person)
        await person.see("> Anna")
        person.app.screen.query_one("#users").focus()
        await person.press("asterisk")
        await person.see("1 marked", "esc Clear")
        await person.press("escape")
        await person.see("Edit Group", "1 user")
        await person.press("escape", "3")
        await person.see("> CMS editor")
        await person.press("enter")
        await person.see("> cms")
        person.app.screen.query_one("#rules").focus()
        await person.press("asterisk", "space")
        assert "marked" not in person.screen and "1 rule" in person.screen


# Forms and changes


@pytest.mark.parametrize("lost", ["mass entry", "a record that is gone"])
async def test_a_form_that_is_not_saved_stays_over_a_page_that_ends(
    start: Start, shop: None, sql: Sql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(program, "PATIENCE", 0.05)
    async with start(section="1" if lost == "mass entry" else "") as person:
        if lost == "mass entry":
            file = tmp_path / "new.csv"
            file.write_text("x@shop.example,X,Y,Sales\n")
            going_on = late(monkeypatch, mass_entry, "write")
            await person.press("i")
            await person.see("Mass entry")
            await person.paste(str(file))
            await person.press("enter")
            await person.see("1 user can be created")
            await person.press("ctrl+s")
            await person.see("Create 1 user?")
            await person.press("y")
        else:
            await open_first_group(person)
            going_on = late(monkeypatch, groups, "update")
            await person.type("X")
            sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2")
            sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
            await person.press("ctrl+s")
        await find_group(person, "Sales")
        await person.type(" and more")
        going_on.set()
        await person.see("created successfully" if lost == "mass entry" else "Group couldn't be found")
        await person.see("Sales and more")
        await person.press("escape")
        await person.see("Leave without saving?")
        await person.press("y")
        await person.see("Users / Users" if lost == "mass entry" else "Users / User Groups", "/ to search")


async def test_a_page_stays_until_it_is_known_how_its_change_ended(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PATIENCE", 0.05)
    async with start() as person:
        added, cloned = late(monkeypatch, groups, "add_users"), late(monkeypatch, groups, "clone")
        await open_first_group(person)
        await person.see("Users assigned to this group")
        person.app.screen.query_one("#users").focus()
        await person.press("a")
        await person.see("> [ ] Anna")
        await person.press("space")
        await person.see("[x] Anna")
        await person.press("ctrl+s", "escape")
        await person.see("It is still being saved.", "Edit Group")
        added.set()
        await person.see("1 user was added to the group.")
        await person.press("escape")
        await person.see("/ to search")
        await person.press("c")
        await person.see("Clone the group")
        await person.press("ctrl+s", "escape")
        await person.see("Clone the group")
        cloned.set()
        await person.see("Edit Group")
        await person.press("escape")
        await person.see("5 groups")


async def test_nothing_is_made_or_typed_in_a_form_that_is_not_filled_yet(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PATIENCE", 0.05)
    async with start(section="1") as person:
        answered = late(monkeypatch, users, "get")
        await person.press("enter")
        await person.see("Edit User")
        await person.press("f4", "tab", "X", "tab", "X")
        assert "shown this once" not in person.screen and person.focus is None
        answered.set()
        await person.see("anna@shop.example", "Anna")
        assert not person.app.screen.unsaved and person.value("password") == ""


async def test_a_picker_says_what_is_missing(start: Start, shop: None) -> None:
    async with start() as person:
        await open_first_group(person)
        person.app.screen.query_one("#users").focus()
        await person.press("a")
        await person.see("> [ ] Anna")
        await person.press("ctrl+s")
        await person.see("Nothing is taken yet: space takes what is highlighted.", "> [ ] Anna")


async def test_a_paste_that_a_production_question_refuses_is_said(start: Start, shop: None) -> None:
    async with start() as person:
        person.app.opened = replace(person.app.opened, mark="production")
        await person.press("d")
        await person.see("This is production.")
        await person.paste("a\nb")
        await person.see("! A text of several lines was pasted")


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
            await person.see("Keep both (b)", "Take theirs (t)", "Put mine over it (m)", "Back (esc)")


# Access


async def test_y_copies_an_e_mail_of_who_may(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.paste("user/index/index")
        await person.press("f")
        await person.see("> anna@shop.example")
        await person.press("y")
        await person.see("“anna@shop.example” was sent")


async def test_a_users_access_stays_open_where_the_database_is_away(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.05)
    monkeypatch.setattr(program, "ping", away)
    async with start(section="4") as person:
        await person.press("enter")
        await person.see("Users / Access / anna@shop.example", "Verdict")
        await person.press("end")
        line = person.line("> ")
        with monkeypatch.context() as lost:
            lost.setattr(answers, "of_user", away)
            await person.press("r")
            await person.see("The database cannot be reached.", "Users / Access / anna@shop.example")
        monkeypatch.setattr(program, "ping", lambda: None)
        await person.see("The database is back.", line)


async def test_who_may_says_that_it_could_not_be_worked_out(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.see("Users / Access / Who may")
        monkeypatch.setattr(answers, "who", away)
        await person.paste("user/index/index")
        await person.see("The database cannot be reached.")
        await person.miss("working it out")


async def test_a_paste_that_is_no_path_leaves_what_was_typed(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.type("cms-gui/edit/x")
        await person.paste("one\ntwo")
        await person.see("! A text of several lines was pasted", "cms-gui/edit/x")


async def test_what_a_finding_lists_keeps_the_cursor_over_a_page_opened_from_it(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("f")
        await person.see("Findings", "kinds")
        await person.press("enter")
        await person.see("> anna@shop.example")
        await person.press("down", "enter")
        await person.see("Edit User", "bert@shop.example")
        await person.press("escape")
        await person.see("> bert@shop.example")


async def test_of_ten_thousand_members_the_first_are_named_at_once(start: Start, shop: None, file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "INSERT INTO spy_user (first_name, last_name, username, password, status) VALUES ('A', 'B', ?, '!', 0)",
            [(f"user{number:06d}@shop.example",) for number in range(9_000)],
        )
        connection.execute("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) SELECT id_user, 2 FROM spy_user")
    connection.close()
    async with start() as person:
        await open_first_group(person)
        await person.see("9,003 users")
        person.app.screen.query_one("#users").focus()
        await person.press("asterisk")
        await person.see("9,003 marked")
        await person.press("d")
        await person.see("Remove 9,003 users (anna@shop.example, bert@shop.example, ")
