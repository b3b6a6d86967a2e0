"""The main flow, by keys: list, Create Group, Edit Group, its users, and back."""

import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from models.db.connection import close_database
from tests.tui.conftest import Sql, Start, is_first, open_first_group
from tui.text import shown


async def test_a_fresh_start_creates_a_group_with_a_role_by_keys_alone(start: Start, sql: Sql) -> None:
    async with start() as person:
        await person.see("Administrators group (root_group)", "root_role", "1 group")
        await person.press("n")
        await person.see("Users / User Groups / Create new Group", "Type to filter, Enter selects", "root_role")
        await person.type("Night shift")
        await person.press("tab", "space")
        await person.see("[x] root_role")
        await person.press("ctrl+s")
        await person.see("Group was created successfully.", "Users / User Groups / Edit Group")
        await person.see("Users assigned to this group will be shown here.")
        await person.press("escape")
        await person.see("> Night shift", "2 groups")
    holders = "SELECT name FROM spy_acl_group JOIN spy_acl_groups_has_roles ON id_acl_group = fk_acl_group"
    assert sql(f"{holders} WHERE fk_acl_role = 1") == [("root_group",), ("Night shift",)]


async def test_errors_stand_under_their_fields_all_at_once_and_go_when_the_field_is_right(
    start: Start, shop: None, sql: Sql
) -> None:
    before = sql("SELECT count(*) FROM spy_acl_group")
    async with start() as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.press("ctrl+s")
        await person.see("! This value should not be blank.", "! At least one role must be selected.")
        assert person.app.focused is not None and person.app.focused.id == "title"
        await person.type("Sales")
        await person.see("! Group name already in use", "! At least one role must be selected.")
        await person.type(" north")
        await person.miss("! Group name already in use")
        await person.press("tab", "space")
        await person.miss("! At least one role")
    assert sql("SELECT count(*) FROM spy_acl_group") == before


async def test_saving_twice_quickly_writes_once(start: Start, sql: Sql) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("root_role")
        await person.press("T", "tab", "space", "ctrl+s", "ctrl+s", "ctrl+s")
        await person.see("Group was created successfully.")
        await person.press("escape")
        await person.see("2 groups")
    assert sql("SELECT count(*) FROM spy_acl_group") == [(2,)]


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_quitting_asks_before_a_form_is_lost(start: Start, shop: None, key: str) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.press("x", key)
        await person.see("Quit without saving?", "Create new Group")
        await person.press("n")
        await person.miss("Quit without saving?")
        await person.press("escape")
        await person.see("Discard changes?")
        await person.press(key)
        await person.see("Quit without saving?", "Create new Group")
        assert person.app.is_running


async def test_edit_writes_only_what_differs_and_says_when_nothing_does(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.see("> Content team")
        await person.press("enter")
        await person.see("Edit Group", "1 of 4", "none yet")
        await person.press("ctrl+s")
        await person.hear("No changes to save. Content team")
        assert sql("SELECT updated_at FROM spy_acl_group WHERE name = 'Content team'") == [(None,)]
        await person.press("tab")
        await person.type("returns")
        await person.see("1 found")
        await person.press("enter")
        await person.see("CMS editor, Returns desk")
        await person.press("ctrl+s")
        await person.see("Group was updated successfully.")
        await person.hear("Group was updated successfully. Content team")
    assert sql("SELECT fk_acl_role FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2") == [(2,), (4,)]


async def test_root_group_keeps_its_title_and_cannot_be_deleted(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.see("Administrators group")
        await person.press("j")
        await person.see("> Administrators group")
        await person.press("d")
        await person.see("cannot be deleted")
        await person.press("enter")
        await person.see("Edit Group", "[x] root_role")
        assert person.app.screen.query_one("#title").disabled
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 1") == [("root_group",)]


async def test_delete_asks_with_cancel_as_default_and_archives_the_row(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (2, 2)")
    async with start() as person:
        await person.see("> Content team")
        await person.press("d")
        await person.see(
            "Delete the group “Content team”?",
            "Roles: CMS editor.",
            "2 users will lose this group.",
            "2 users will have no group left",
        )
        await person.press("enter")
        await person.miss("Delete the group")
        assert sql("SELECT count(*) FROM spy_acl_group WHERE id_acl_group = 2") == [(1,)]
        await person.press("d")
        await person.see("Delete the group")
        await person.press("y")
        await person.see("3 groups", "> Administrators")
        await person.hear("Group was deleted successfully. Content team")
    assert sql("SELECT name FROM spy_acl_group_archive") == [("Content team",)]
    assert sql("SELECT count(*) FROM spy_acl_user_has_group") == [(0,)]


async def test_users_are_added_several_at_once_and_removed_after_a_question(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Users assigned to this group will be shown here.")
        await person.press("tab", "tab", "a")
        await person.see("Add users", "anna@shop.example", "Deactivated", "Deleted")
        await person.press("space", "down", "space")
        await person.see("anna@shop.example, bert@shop.example")
        await person.press("ctrl+s")
        await person.see("2 users", "Bert")
        await person.hear("2 users added to “Content team”.")
        await person.press("a")
        await person.see("Add users", "Carla")
        await person.press("space", "down", "down", "space", "ctrl+s")
        await person.see("3 users")
        await person.hear("1 of 2 users added to “Content team”; 1 was already in it.")
        await person.press("a", "space", "ctrl+s")
        await person.hear("anna@shop.example was already in “Content team”.")
        await person.press("G", "d")
        await person.see("Remove Carla Example")
        await person.press("y")
        await person.see("2 users")
        await person.hear("The User was removed from the group. carla@shop.example")
        await person.press("g")
        await person.press("d")
        await person.see("Remove Anna Example (anna@shop.example)", "The user will have no group left")
        await person.press("y")
        await person.see("1 user", ">○ bert@")
        await person.hear("The User was removed from the group. anna@shop.example")
    assert sql("SELECT fk_user FROM spy_acl_user_has_group WHERE fk_acl_group = 2") == [(2,)]


async def test_a_user_removed_by_someone_else_meanwhile(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start() as person:
        await person.press("enter")
        await person.see("anna@shop.example")
        await person.press("tab", "tab", "x")
        await person.see("Remove Anna")
        sql("DELETE FROM spy_acl_user_has_group")
        await person.press("y")
        await person.see("will be shown here")
        await person.hear("Note: User and group are not found. anna@shop.example")


async def test_without_any_role_the_page_says_that_one_is_needed_first(start: Start, shop: None, sql: Sql) -> None:
    sql("DELETE FROM spy_acl_role")
    async with start() as person:
        await person.press("n")
        await person.see("A group needs a role, and there is none yet.")


async def test_the_palette_finds_a_group_by_name_and_opens_it(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("ctrl+p")
        await person.see("Make a copy under a new name")
        await person.type("sal")
        await person.miss("Make a copy")
        await person.wait(partial(is_first, person, "Sales"), "the group first")
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        assert person.value("title") == "Sales"


async def test_the_palette_leaves_out_the_middle_of_a_long_name(start: Start, shop: None, sql: Sql) -> None:
    sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 2", f"Sales {'x' * 200} abroad")
    async with start() as person:
        await person.press("ctrl+p")
        await person.see("Search groups")
        await person.type("sales x")
        await person.see(f"Sales {'x' * 24} … {'x' * 23} abroad")


HOSTILE = [
    "[red]x[/]",
    "[@click=app.quit]leave[/]",
    "'; DROP TABLE spy_acl_group; --",
    "مجموعة المسؤولين",
    "管理者グループ 🧑‍🚀",
    "e\u0301\u0302\u0303",
    "%_\\*",
]


@pytest.mark.parametrize("title", HOSTILE)
async def test_hostile_titles_are_stored_to_the_letter_and_shown_as_text(start: Start, sql: Sql, title: str) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("root_role")
        await person.paste(title)
        await person.press("tab", "space", "ctrl+s")
        await person.see("Group was created successfully.")
        await person.press("escape")
        await person.see(f"> {shown(title)}")
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == [(title,)]


@pytest.mark.parametrize(
    ("size", "locale"), [((80, 24), "C.UTF-8"), ((60, 20), "C.UTF-8"), ((80, 24), "en_US.ISO-8859-1")]
)
async def test_the_first_line_says_that_a_form_is_unsaved_until_it_is_saved_or_as_before(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    async with start(size=size) as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        assert "unsaved" not in person.screen
        await person.type("X")
        await person.wait(lambda: "unsaved" in person.screen.splitlines()[0], "unsaved")
        assert ("• unsaved" in person.screen) is (locale == "C.UTF-8")
        await person.press("backspace")
        await person.miss("unsaved")
        await person.type("X")
        await person.see("unsaved")
        await person.press("ctrl+s")
        await person.hear("Group was updated successfully. Content teamX")
        await person.miss("unsaved")


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b"])
async def test_a_paste_of_several_lines_is_refused_whole(start: Start, text: str) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("root_role")
        await person.type("kept")
        await person.paste(text)
        await person.see("A text of several lines was pasted")
        assert person.value("title") == "kept"
        await person.type("!")
        await person.miss("A text of several lines")


@pytest.mark.parametrize("text", ["x" * 10_000, "a\x1b[31mb", "a\x00b", "be\x07ll", "a\x9bb"])
async def test_what_cannot_be_stored_is_refused_with_the_reason_and_kept_in_the_field(start: Start, text: str) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("root_role")
        await person.paste(text)
        await person.press("tab", "space", "ctrl+s")
        await person.see("! ")
        assert person.value("title") == text
        assert not any(
            ord(character) < 32 or 127 <= ord(character) < 160 for character in person.screen.replace("\n", "")
        )


async def test_escape_codes_already_in_the_database_never_reach_the_terminal(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 2", "A\x1b[2J\x07\u202eevil")
    async with start() as person:
        await person.see("A␛[2J␇�evil")


async def test_resizing_loses_nothing_typed(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.type("Half a title")
        for size in ((120, 40), (60, 20), (40, 10), (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.pilot.pause()
        await person.see("Half a title", "CMS editor")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_the_users_of_a_group_have_their_label_in_any_size(
    start: Start, shop: None, size: tuple[int, int]
) -> None:
    async with start(size=size) as person:
        await person.press("enter")
        await person.see("none yet")
        above, line = (" ".join(each.split()) for each in person.screen.partition("none yet")[0].splitlines()[-2:])
        assert "Users" in (line, *above.split()[-1:])


async def test_form_and_users_stand_side_by_side_on_a_wide_terminal(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(size=(120, 40)) as person:
        await person.press("enter")
        await person.see("anna@shop.example", "1 user")
        assert "Content team" in person.line("Title") and "Users" in person.line("Title")


@pytest.mark.parametrize("size", [(80, 40), (120, 40), (200, 50)])
async def test_where_there_is_room_the_rules_of_the_highlighted_role_are_shown(
    start: Start, shop: None, sql: Sql, size: tuple[int, int]
) -> None:
    rule = "INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (3, 'sales', '*', '*', 0)"
    sql(rule)
    async with start(size=size) as person:
        await open_first_group(person)
        await person.press("tab", "down")
        await person.see("> [ ] Order support", "Rules       allow sales/*/*")


async def test_read_only_adds_no_user_to_a_group(start: Start, shop: None, sql: Sql) -> None:
    async with start(read_only=True) as person:
        await open_first_group(person)
        await person.press("tab", "tab", "a")
        await person.pilot.pause()
        assert "Edit Group" in person.screen and "Add users to" not in person.screen
    assert sql("SELECT * FROM spy_acl_user_has_group") == []


async def test_a_locked_database_is_said_so_and_what_was_typed_stays(
    start: Start, shop: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.db.sqlite.BUSY_TIMEOUT_S", 0.05)
    async with start() as person:
        await person.press("n")
        await person.see("CMS editor")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await person.type("Kept")
        await person.press("tab", "space", "ctrl+s")
        await person.see("locked by another program", "Create new Group", "Kept")
        other.execute("ROLLBACK")
        other.close()
        await person.press("ctrl+s")
        await person.see("Group was created successfully.")


async def test_the_theme_is_remembered(start: Start, home: Path) -> None:
    async with start() as person:
        person.app.theme = "textual-light"
        await person.pilot.pause()
    close_database()
    async with start() as person:
        assert person.app.theme == "textual-light"


async def test_an_unknown_setting_is_named_and_the_rest_holds(start: Start, home: Path) -> None:
    folder = home / "config" / "backoffice"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('theme = "textual-light"\ncolour = "red"\n')
    async with start(size=(120, 24)) as person:
        await person.see("unknown setting “colour”")
        assert person.app.theme == "textual-light"


async def test_help_lists_the_keys_of_the_page_in_words(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("question_mark")
        await person.see("Keyboard shortcuts", "Delete it, or all that are selected (asks", "Search as you type")
        await person.press("escape", "n")
        await person.see("Create new Group")
        await person.press("question_mark")
        assert person.value("title") == "?"
        await person.press("f1")
        await person.see("Keyboard shortcuts", "Save the form")


async def test_help_has_the_pages_keys_first_and_two_columns_where_there_is_room(start: Start, shop: None) -> None:
    async with start(size=(120, 40)) as person:
        await person.press("question_mark")
        await person.see("This page", "Lists", "Anywhere")
        lines = person.screen.splitlines()
        assert any("Create a user group" in line and "Select all" in line for line in lines)
        assert person.screen.index("This page") < person.screen.index("Lists")


async def test_typing_filters_the_keys_of_help_and_escape_shows_all_again(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("question_mark")
        await person.type("a copy")
        await person.see("/ a copy_", "Make a copy under a new name")
        await person.miss("Create a user group")
        await person.type("q")
        await person.see("Nothing found.")
        await person.press("backspace")
        await person.see("Make a copy under a new name")
        await person.press("escape")
        await person.see("Create a user group", "type to filter")
        await person.press("escape")
        await person.miss("Keyboard shortcuts")


async def test_a_colon_opens_the_palette_and_it_does_what_the_page_can_do(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press(":")
        await person.wait(lambda: type(person.page).__name__ == "Palette", "the palette")
        await person.type("create group")
        await person.see("Create a user group   n")
        await person.miss("Make a copy")  # which was found by the first letters
        await person.wait(lambda: person.page.query_one("CommandList").highlighted == 0, "the first one found")
        await person.press("enter")
        await person.see("Create new Group")
        await person.press(":")
        assert person.value("title") == ":"


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


async def test_a_picker_says_what_is_missing(start: Start, shop: None) -> None:
    async with start() as person:
        await open_first_group(person)
        person.app.screen.query_one("#users").focus()
        await person.press("a")
        await person.see("> [ ] ● anna@")
        await person.press("ctrl+s")
        await person.see("nothing selected: Space selects the highlighted row", "> [ ] ● anna@")


async def test_a_paste_that_a_production_question_refuses_is_said(start: Start, shop: None) -> None:
    async with start() as person:
        person.app.source = replace(person.app.source, mark="production")
        await person.press("d")
        await person.see("PRODUCTION: type ")
        await person.paste("a\nb")
        await person.see("! A text of several lines was pasted")


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
        await person.see("9,003 selected")
        await person.press("d")
        await person.see("Remove 9,003 users (anna@shop.example, bert@shop.example, ")


async def test_the_question_before_a_deletion_says_what_finds_the_group_by_its_reference(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_group SET reference = '__MERCHANT_5' WHERE name = 'Sales'")
    async with start(size=(100, 30)) as person:
        await person.press("j", "j", "d")
        await person.see("Delete the group “Sales”?", "Other parts of the shop find this group by its reference")
        text = " ".join(person.screen.replace("│", " ").split())
        assert "by its reference “__MERCHANT_5”. Deleting it removes their access, for example merchants'." in text
        await person.press("escape", "k", "k", "d")
        await person.see("Delete the group “Content team”?")
        await person.miss("reference")
        await person.press("escape", "space", "j", "space", "d")
        await person.see("Delete 2 groups: Content team, Sales?", "1 group of these", "Sales (“__MERCHANT_5”)")


async def test_what_takes_the_last_admin_away_is_refused_before_it_is_asked(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (2, '*', '*', '*', 0)")
    sql("INSERT INTO spy_acl_user_has_group SELECT id_acl_group, 1 FROM spy_acl_group WHERE name = 'Content team'")
    sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = 1")
    members = sql("SELECT * FROM spy_acl_user_has_group")
    async with start(size=(120, 40)) as person:
        await person.press("d")
        await person.see("Refused: no active user could manage users any more")
        assert "Delete the group" not in person.screen
        await person.press("enter")
        await person.see("Edit Group", "anna@shop.example")
        person.app.screen.query_one("#users").focus()
        await person.press("d")
        await person.wait(lambda: person.screen.count("Refused: no active user") == 2, "the removal refused")
        assert "Remove Anna" not in person.screen
    assert sql("SELECT * FROM spy_acl_user_has_group") == members


async def test_users_are_not_asked_about_who_would_be_the_last_admin_taken_out_of_a_group(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (1, 1)")
    async with start(size=(120, 40), section="1") as person:
        await person.see(">● anna@")
        await person.press("x")
        await person.see("Remove the user “anna@shop.example” from groups")
        await person.type("admin")
        await person.see("1 found")
        await person.press("enter", "ctrl+s")
        await person.see("Refused: no active user could manage users any more")
        assert "The user will have no group left" not in person.screen
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(1, 1)]
