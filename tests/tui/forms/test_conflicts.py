"""A colleague changes the record while its form is being filled: what the page says, and what each choice does."""

import pytest

from tests.conftest import verifies
from tests.tui.conftest import Person, Sql, Start

SECRET = "Mine-owl-2026!"
TITLE = "SELECT name FROM spy_acl_group WHERE id_acl_group = 2"
HELD = "SELECT fk_acl_role FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2"
USER = "SELECT first_name, last_name, status FROM spy_user WHERE id_user = 1"
CMS, ORDERS, RETURNS = 2, 3, 4
"""The roles of the shop; its group 2, Content team, holds the first."""


async def retitle(person: Person, sql: Sql) -> None:
    """Give the first group another title, and let a colleague give it one more; save."""
    await person.press("enter")
    await person.see("Edit Group", "[x] CMS editor")
    await person.replace("Mine")
    sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = 2")
    await person.press("ctrl+s")
    await person.see("Someone else changed this group.", "before  Content team", "theirs  Theirs", "yours   Mine")


async def edit_user(person: Person, sql: Sql, theirs: str) -> None:
    """Change Anna's first name, and let a colleague change her too; save."""
    await person.see(">● anna@shop.example")
    await person.press("enter")
    await person.wait(lambda: person.value("email") == "anna@shop.example", "the user's e-mail")
    person.app.screen.query_one("#first_name").focus()
    await person.settle()
    await person.replace("Annabel")
    sql(f"UPDATE spy_user SET {theirs} WHERE id_user = 1")
    await person.press("ctrl+s")
    await person.see("Someone else changed this user.")


async def test_roles_of_both_are_merged_without_a_question_and_the_toast_says_so(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        sql("INSERT INTO spy_acl_groups_has_roles VALUES (2, ?)", ORDERS)
        await person.press("tab")
        await person.type("returns")
        await person.wait(lambda: person.focused.current and person.focused.current.name == "Returns desk", "the role")
        await person.press("enter", "ctrl+s")
        changed = "Someone else changed “Content team”, too. Assigned Roles: added Order support."
        await person.hear("Group was updated successfully. Content team", changed)
        await person.see("CMS editor, Order support, Returns desk")
        assert not person.page.unsaved
    assert sql(HELD) == [(CMS,), (ORDERS,), (RETURNS,)]


async def test_who_saves_without_a_change_is_told_what_others_changed(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = 2")
        await person.press("ctrl+s")
        await person.hear("No changes to save. Theirs", "Someone else changed “Theirs”, too. Title: Theirs.")
        assert person.value("title") == "Theirs"


async def test_escape_goes_back_to_the_form_and_the_next_save_asks_again(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await retitle(person, sql)
        assert person.focus == "back"
        await person.press("escape")
        await person.miss("Someone else changed")
        assert person.value("title") == "Mine"
        await person.press("ctrl+s")
        await person.see("Someone else changed this group.")
    assert sql(TITLE) == [("Theirs",)]


async def test_both_cannot_be_kept_where_they_touch(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await retitle(person, sql)
        await person.see("not possible: both changed Title")
        await person.press("b")
        await person.see("Someone else changed this group.")
        assert person.app.screen.query_one("#both").disabled


async def test_take_theirs_drops_mine(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await retitle(person, sql)
        await person.press("t")
        dropped = "Your changes were discarded; this is the group as someone else saved it."
        await person.hear(f"{dropped} Theirs")
        assert person.value("title") == "Theirs" and not person.page.unsaved
        await person.press("ctrl+s")
        await person.hear("No changes to save. Theirs")
    assert sql(TITLE) == [("Theirs",)]


async def test_put_mine_over_it_writes_mine(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await retitle(person, sql)
        await person.see("overwrites their Title")
        await person.press("m")
        await person.see("Group was updated successfully.")
        assert person.value("title") == "Mine" and not person.page.unsaved
    assert sql(TITLE) == [("Mine",)]


async def test_a_third_change_while_the_question_stands_is_asked_about_again(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start() as person:
        await retitle(person, sql)
        sql("UPDATE spy_acl_group SET name = 'Third' WHERE id_acl_group = 2")
        await person.press("m")
        await person.see("before  Theirs", "theirs  Third", "yours   Mine")
        await person.press("m")
        await person.see("Group was updated successfully.")
    assert sql(TITLE) == [("Mine",)]


async def test_a_choice_that_cannot_be_written_is_mended_in_the_form(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await retitle(person, sql)
        sql("UPDATE spy_acl_group SET name = 'Mine' WHERE id_acl_group = 3")
        await person.press("m")
        await person.see("! Group name already in use")
        assert person.value("title") == "Mine"
        await person.type(" too")
        await person.press("ctrl+s")
        await person.see("Group was updated successfully.")
    assert sql(TITLE) == [("Mine too",)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("b", ("Annabel", "Theirs", 1)),
        ("enter", ("Annabel", "Theirs", 1)),
        ("m", ("Annabel", "Example", 0)),
        ("t", ("Anna", "Theirs", 1)),
    ],
)
async def test_fields_that_do_not_touch_can_be_kept_as_both(
    start: Start, shop: None, sql: Sql, key: str, expected: tuple[object, ...]
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await edit_user(person, sql, "last_name = 'Theirs', status = 1")
        await person.see("First Name", "yours   Annabel", "theirs  Theirs", "theirs  Deactivated")
        await person.see("overwrites their Last Name, Status", "keeps their changes and yours")
        assert person.focus == "both"
        await person.press(key)
        if key == "t":
            dropped = "Your changes were discarded; this is the user as someone else saved it."
            await person.hear(f"{dropped} anna@shop.example")
            assert person.value("first_name") == expected[0] and person.value("last_name") == expected[1]
            assert person.value("status").value == expected[2]
        else:
            await person.hear("User was updated successfully. anna@shop.example")
            await person.see(">○ anna@shop.example" if expected[2] else ">● anna@shop.example", "3 users")
    assert sql(USER) == [expected]


async def test_a_password_of_mine_is_named_never_shown_and_goes_with_their_change(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await person.press("enter")
        await person.wait(lambda: person.value("email") == "anna@shop.example", "the user's e-mail")
        await person.press("tab")
        await person.paste(SECRET)
        await person.press("tab")
        await person.paste(SECRET)
        sql("UPDATE spy_user SET last_name = 'Theirs' WHERE id_user = 1")
        await person.press("ctrl+s")
        await person.see("Someone else changed this user", "yours   changed by you", "theirs  Theirs")
        assert SECRET not in person.screen
        await person.press("b")
        await person.see("User was updated successfully.")
    ((last_name, hash),) = sql("SELECT last_name, password FROM spy_user WHERE id_user = 1")
    assert last_name == "Theirs" and verifies(SECRET, str(hash))


async def test_hostile_text_of_theirs_is_shown_as_text(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await edit_user(person, sql, "last_name = '[red]x[/]' || char(27) || '[2J'")
        await person.see("theirs  [red]x[/]␛[2J")


# Rules


async def open_rule(person: Person, sql: Sql) -> None:
    """Take the one rule of CMS editor into the form, and type another action."""
    await person.see("> CMS editor")
    await person.press("enter")
    await person.see("Edit Role", "1 rule")
    await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")
    person.app.screen.query_one("#rules").focus()
    await person.settle()
    await person.press("e")
    await person.see("Change Rule")
    await person.press("tab", "tab")
    await person.replace("mine")


RULE = "SELECT bundle, controller, action, type FROM spy_acl_rule WHERE fk_acl_role = 2"


@pytest.fixture
def ruled(shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', 'page', 'view', 0, 2)")


@pytest.mark.parametrize(
    ("key", "said", "expected"),
    [
        ("b", "Rule successfully updated.", ("cms", "page", "mine", 1)),
        ("m", "Rule successfully updated.", ("cms", "page", "mine", 0)),
        ("t", "Your changes were discarded", ("cms", "page", "view", 1)),
    ],
)
async def test_a_rule_that_someone_else_changed_is_asked_about(
    start: Start, ruled: None, sql: Sql, key: str, said: str, expected: tuple[object, ...]
) -> None:
    async with start(section="3") as person:
        await open_rule(person, sql)
        sql("UPDATE spy_acl_rule SET type = 1 WHERE fk_acl_role = 2")
        await person.press("enter", "enter")
        await person.see("Someone else changed this rule.", "Action", "yours   mine", "Permission", "theirs  deny")
        await person.press(key)
        await person.see(said, "Add Rule")
        assert person.value("action") == "" and not person.page.unsaved
    assert sql(RULE) == [expected]


async def test_escape_from_the_question_about_a_rule_loses_nothing(start: Start, ruled: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_rule(person, sql)
        sql("UPDATE spy_acl_rule SET action = 'theirs' WHERE fk_acl_role = 2")
        await person.press("enter", "enter")
        await person.see("not possible: both changed Action")
        await person.press("escape")
        await person.miss("Someone else changed")
        assert person.value("action") == "mine" and "Change Rule" in person.screen


async def test_a_rule_that_someone_else_deleted_can_be_added_anew(start: Start, ruled: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_rule(person, sql)
        sql("DELETE FROM spy_acl_rule WHERE fk_acl_role = 2")
        await person.press("enter", "enter")
        await person.see("Someone else deleted this rule.", "Add Rule", "This role has no rules yet")
        assert person.value("bundle") == "cms" and person.value("action") == "mine"
        await person.press("enter")
        await person.see("Rule successfully added.")
    assert sql(RULE) == [("cms", "page", "mine", 0)]


async def test_quitting_asks_before_the_change_of_a_rule_is_lost(start: Start, ruled: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_rule(person, sql)
        await person.press("ctrl+q")
        await person.see("Quit without saving?", "Edit Role")


# Lists


GONE = {
    "1": ("spy_user", "anna@shop.example", "User couldn't be found", "dtax"),
    "2": ("spy_acl_group", "Content team", "Group couldn't be found", "d"),
    "3": ("spy_acl_role", "CMS editor", "Role couldn't be found", "d"),
}


@pytest.mark.parametrize(("section", "key"), [(section, key) for section in GONE for key in f"e{GONE[section][3]}"])
async def test_a_row_that_someone_else_deleted_is_said_so_and_goes(
    start: Start, shop: None, sql: Sql, section: str, key: str
) -> None:
    table, name, said, _ = GONE[section]
    async with start(section="" if section == "2" else section) as person:
        await person.see(f">● {name}" if section == "1" else f"> {name}")
        sql("DELETE FROM spy_acl_groups_has_roles")
        sql(f"DELETE FROM {table} WHERE {name!r} IN ({'username' if section == '1' else 'name'})")
        await person.press(key)
        await person.hear(f"! {said}: {name}")
        records = person.page.records
        await person.wait(lambda: name not in map(person.page.label, records.window.rows), "the end of the row")
        assert person.app.is_running


async def test_a_role_and_group_deleted_meanwhile_cannot_be_cloned(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.see("> Content team")
        sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
        await person.press("c")
        await person.see("Clone the group")
        await person.press("enter")
        await person.hear("! Group couldn't be found: Content team")


async def test_reload_shows_what_others_changed_added_and_deleted(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.see("> Content team", "4 groups")
        sql("UPDATE spy_acl_group SET name = 'Copy team' WHERE id_acl_group = 2")
        sql("DELETE FROM spy_acl_group WHERE id_acl_group = 3")
        sql("INSERT INTO spy_acl_group (name) VALUES ('Booking'), ('Care')")
        await person.press("r")
        await person.see("> Copy team", "Booking", "Care", "5 groups")
        await person.miss("Sales", "Content team")


async def test_a_user_deleted_meanwhile_is_said_so_in_the_group_too(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start() as person:
        await person.press("enter")
        await person.see("anna@shop.example")
        await person.press("tab", "tab")
        sql("DELETE FROM spy_acl_user_has_group")
        sql("DELETE FROM spy_user WHERE id_user = 1")
        await person.press("d")
        await person.see("will be shown here")
        await person.hear("Note: User couldn't be found: anna@shop.example")
