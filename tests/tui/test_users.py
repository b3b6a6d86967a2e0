"""Users, by keys: the list, Create new User, Edit User, several at once, their groups, passwords that nobody sees."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.widget import Widget

from models import users, validation
from models.db.connection import open_database
from tests.conftest import Shop, verifies
from tests.tui.conftest import Person, Sql, Start, late
from tui.widgets.field import Field

PASSWORD = "Night-owl-2026"
ROOT, CONTENT, SALES = 1, 2, 3
ANNA, BERT, CARLA = 1, 2, 3
"""The users of the shop: active, deactivated and deleted, in that order of e-mails and ids; none is in a group."""


async def fields(person: Person, **values: str) -> None:
    """Fill fields of the form, whichever has the focus."""
    for id, value in values.items():
        person.app.screen.query_one(f"#{id}").focus()
        await person.settle()
        await person.replace(value)


async def take_group(person: Person, name: str) -> None:
    """Select a group in the form, or unselect it."""
    person.app.screen.query_one("#groups").focus()
    await person.settle()
    await person.press("ctrl+u")
    await person.type(name)
    await person.see("1 found")
    await person.wait(lambda: name.casefold() in person.focused.current.label.casefold(), name)
    await person.press("enter")


async def open_user(person: Person, email: str = "anna@shop.example") -> None:
    """Open the user's page from the list."""
    await person.wait(lambda: person.line(">").endswith(email) or f" {email} " in person.line(">"), email)
    await person.press("enter")
    await person.see("Users / Users / Edit User")
    await person.wait(lambda: person.value("email") == email, "the user's e-mail")


def is_language(person: Person, text: str) -> bool:
    return f"◄ {text} ►" in person.line("Interface language")


def drawn(person: Person) -> str:
    """Everything that any widget of any open page draws, whether it is in view or not, and how each names itself."""
    texts = [person.screen]
    for screen in person.app.screen_stack:
        for widget in [screen, *screen.walk_children(Widget)]:
            texts += [repr(widget), str(widget)]
            texts += [strip.text for strip in widget.render_lines(widget.size.region)] if widget.size else []
            if isinstance(widget, Field):
                texts += [str(widget._value), widget.placeholder]
    return "\n".join(texts)


def agents(person: Person, email: str) -> list[str]:
    """What the list's last columns say of a user."""
    row = person.line(email).partition("│")[0]
    return [word for word in row.split() if word in ("Yes", "No")]


def statuses(sql: Sql) -> list[object]:
    return [status for (status,) in sql("SELECT status FROM spy_user ORDER BY id_user")]


# The list


async def test_the_list_shows_each_user_with_groups_last_login_and_status(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (3, 1)")
    sql("UPDATE spy_user SET last_login = '2026-05-01 10:00:00' WHERE id_user = 2")
    async with start(size=(96, 24), section="1") as person:
        await person.see("E-mail ↑", "Name", "Groups", "Last Login", "Status", "3 users")
        await person.see("Content team, Sales")
        assert person.line("● anna@").split()[-2:] == ["N/A", "Active"]
        assert person.line("○ bert@").split()[-3:] == ["2026-05-01", "10:00", "Deactivated"]
        assert person.line("✗ carla@").split()[-2:] == ["N/A", "Deleted"]


async def test_a_wide_list_tells_who_is_an_agent_where_the_shop_has_the_marks(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_user SET is_agent = 1 WHERE id_user = 1")
    sql("UPDATE spy_user SET is_merchant_agent = 1 WHERE id_user = 2")
    async with start(size=(200, 24), section="1") as person:
        await person.see("Agent Customer  Agent Merchant")
        assert agents(person, "● anna@") == ["Yes", "No"]
        assert agents(person, "○ bert@") == ["No", "Yes"]
    sql("ALTER TABLE spy_user DROP COLUMN is_merchant_agent")
    async with start(size=(200, 24), section="1") as person:
        await person.see("Agent Customer")
        assert "Agent Merchant" not in person.screen
        assert agents(person, "● anna@") == ["Yes"]


@pytest.mark.parametrize(
    ("width", "section", "row", "login"),
    [
        (120, "1", ">● anna@shop.example", "2026-06-08 14:10"),
        (64, "1", ">● anna@shop.example", "2026-06-08"),
        (100, "2", "> Content team", "2026-06-08 14:10"),
        (64, "2", "> Content team", "2026-06-08"),
        (80, "3", "> CMS editor", "2026-06-08 14:10"),
        (60, "3", "> CMS editor", "2026-06-08"),
    ],
)
async def test_times_of_day_are_shown_where_there_is_room(
    start: Start, shop: None, sql: Sql, width: int, section: str, row: str, login: str
) -> None:
    sql("UPDATE spy_user SET last_login = '2026-06-08 14:10:30'")
    sql("UPDATE spy_acl_group SET created_at = '2026-06-08 14:10:30'")
    sql("UPDATE spy_acl_role SET created_at = '2026-06-08 14:10:30'")
    async with start(size=(width, 24), section=section if section != "2" else "") as person:
        await person.see(row)
        assert login in person.line(row)
        assert ("14:10" in person.line(row)) is ("14:10" in login)


@pytest.mark.parametrize("text", ["BERT@", "bert exa", "t example"])
async def test_the_search_looks_into_email_and_both_names(start: Start, shop: None, text: str) -> None:
    async with start(section="1") as person:
        await person.press("slash")
        await person.paste(text)
        await person.see("1 found", ">○ bert@shop.example")
        await person.miss("anna@")
        await person.press("escape")
        await person.see("3 users", "anna@")


async def test_the_search_finds_the_names_of_groups_and_says_in_which_column(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) VALUES (2, 3), (3, 3), (3, 1)")
    async with start(section="1") as person:
        await person.press("slash")
        await person.paste("sales")
        await person.see("2 found, here in Groups", ">○ bert@shop.example")
        await person.type(" carla")
        await person.see("1 found, here in E-mail, Groups", ">✗ carla@shop.example")
        await person.press("ctrl+u")
        await person.paste("administrators")
        await person.see("1 found, here in Groups", ">✗ carla@shop.example")
        await person.press("ctrl+u")
        await person.paste("anna")
        await person.see("1 found, here in E-mail", ">● anna@shop.example")


async def test_f_shows_all_then_active_deactivated_and_deleted_users(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        for status, email in (("active", "anna"), ("deactivated", "bert"), ("deleted", "carla")):
            await person.press("f")
            await person.see(f"1 {status} user", f"{email}@")
            assert len(person.page.records.window.rows) == 1
        await person.press("f")
        await person.see("3 users", "anna@", "bert@", "carla@")
        await person.press("F")
        await person.see("1 deleted user")


async def test_a_filter_that_finds_nobody_says_what_to_do(start: Start, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.see("No users yet (press n).")
        await person.press("f")
        await person.see("No active users (f shows others).")


async def test_s_offers_each_column_and_S_the_other_way_and_missing_logins_come_last_both_ways(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_user SET last_login = '2026-05-01 10:00:00' WHERE id_user = 2")
    async with start(size=(100, 24), section="1") as person:
        await person.press("S")
        await person.see("E-mail ↓")
        for number, title in enumerate(("First Name", "Last Name", "Last Login", "Status"), 2):
            await person.press("s", str(number))
            for arrow in "↓↑" if title == "Last Login" else "↑↓":  # a date newest first
                await person.see(f"{title} {arrow}")
                if title == "Last Login":
                    await person.wait(lambda: "bert@" in person.screen.splitlines()[3], "who signed in first")
                await person.press("S")
        await person.press("s")
        await person.see("1  E-mail", "5  Status ↑")
        await person.press("escape", "s", "j", "j", "j", "k", "k", "k", "enter")
        await person.see("E-mail ↑")
        await person.press("s", "1")
        await person.see("E-mail ↓")


async def test_a_list_with_few_orders_goes_through_them(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("s")
        await person.see("Created At ↑")
        await person.press("s")
        await person.see("Name ↑")


# Create new User and Edit User


async def test_a_new_user_is_created_with_every_field(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("n")
        await person.see("Users / Users / Create new User", "0 of 4", "◄ en_US ►")
        assert person.focus == "email"
        await fields(person, email="  nora@shop.example ", password=PASSWORD, repeated=PASSWORD)
        await fields(person, first_name="Nora", last_name="Owl")
        await person.press("tab")
        assert person.focus == "groups"
        person.app.screen.query_one("#is_agent").focus()
        await person.press("space")
        person.app.screen.query_one("#locale").focus()
        await person.press("d")
        await person.see("[x] This user is an agent in Storefront", "[ ] This user is an agent in Merchant Portal")
        await person.see("[ ] This user is a warehouse user", "◄ de_DE ►")
        await take_group(person, "Sales")
        await person.press("ctrl+s")
        await person.see(">● nora@shop.example", "4 users")
        await person.hear("User was created successfully. nora@shop.example")
        assert person.page.breadcrumb == "Users / Users"
        await person.press("enter")
        await person.see("Users / Users / Edit User", "Leave empty to keep the current password")
        assert person.value("password") == person.value("repeated") == ""
    (row,) = sql(
        "SELECT username, first_name, last_name, is_agent, locale_name, status, password, uuid IS NOT NULL "
        "FROM spy_user JOIN spy_locale ON fk_locale = id_locale"
    )
    assert row[:6] == ("nora@shop.example", "Nora", "Owl", 1, "de_DE", 0) and row[7]
    assert verifies(PASSWORD, str(row[6]))
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(SALES, 4)]


@pytest.mark.parametrize("keys", [("slash", *"bert", "enter"), ("f", "f")])
async def test_a_new_user_is_highlighted_though_a_search_or_filter_would_hide_them(
    start: Start, shop: None, keys: tuple[str, ...]
) -> None:
    async with start(section="1") as person:
        await person.press(*keys)
        await person.see(">○ bert@shop.example")
        await person.miss("anna@shop.example")
        await person.press("n")
        await person.see("Create new User", "0 of 4")
        await fields(person, email="nora@shop.example", password=PASSWORD, repeated=PASSWORD)
        await fields(person, first_name="Nora", last_name="Owl")
        await take_group(person, "Sales")
        await person.press("ctrl+s")
        await person.see(">● nora@shop.example", "anna@shop.example", "4 users")


async def test_errors_stand_under_their_fields_all_at_once_and_go_when_the_field_is_right(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(size=(120, 40), section="1") as person:
        await person.press("n")
        await person.see("0 of 4")
        await person.press("ctrl+s")
        await person.see("! At least one group must be", " selected.")
        assert person.screen.count("! This value should not be blank.") == 4
        assert person.focus == "email"
        await person.type("anna@shop.example")
        await person.see("! User with email", '"anna@shop.example" already')
        await person.press("backspace")
        await person.miss("! User with email")
        await person.replace("nobody")
        await person.see("! This value is not a valid email")
        await fields(person, password="short", repeated="other", first_name="a/b", last_name="<x>")
        await person.see("! This value is too short. It", "! The password fields must match.")
        await person.see("! This value must not contain any")
        await fields(person, password="no-digits-or-Upper", repeated="no-digits-or-Upper")
        await person.see("! Your password must include at")
        await person.miss("! The password fields must match.")
        await fields(person, email="nora@shop.example", password=PASSWORD, repeated=PASSWORD)
        await fields(person, first_name="Nora", last_name="Owl")
        await take_group(person, "Sales")
        await person.wait(lambda: "! " not in person.screen, "the end of all errors")
    assert sql("SELECT count(*) FROM spy_user") == [(3,)]


async def test_a_language_that_is_not_active_stays_with_those_who_have_it(start: Start, shop: None, sql: Sql) -> None:
    sql("UPDATE spy_locale SET is_active = 0 WHERE locale_name = 'de_DE'")
    sql("UPDATE spy_user SET fk_locale = CASE id_user WHEN 1 THEN 46 ELSE 66 END")
    async with start(section="1") as person:
        for email, texts in (("anna@shop.example", ["de_DE", "en_US"]), ("bert@shop.example", ["en_US", "en_US"])):
            await open_user(person, email)
            person.app.screen.query_one("#locale").focus()
            for text in texts:
                await person.wait(partial(is_language, person, text), text)
                await person.press("right")
            await person.press("escape")
            if "de_DE" in texts:
                await person.see("3 users")
                await person.press("j")


@pytest.mark.parametrize(
    ("setting", "offered"),
    [("", ["en_US", "de_DE", "en_US"]), ('languages = ["fr_FR", "de_AT", "xx_XX"]', ["fr_FR", "de_AT", "fr_FR"])],
)
async def test_of_a_whole_shops_languages_two_are_offered_or_those_of_the_setting(
    start: Start, file: Path, home: Path, setting: str, offered: list[str]
) -> None:
    open_database(str(file))
    whole = Shop(str(file)).whole()
    config = home / "config" / "backoffice" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(setting)
    async with start(section="1", to=whole.location) as person:
        await person.press("n")
        await person.see("Users / Users / Create new User", "0 of 1")
        person.app.screen.query_one("#locale").focus()
        for language in offered:
            await person.wait(
                partial(lambda name: f"◄ {name} ►" in person.line("Interface language"), language), language
            )
            await person.press("right")


async def test_a_language_that_the_setting_does_not_name_stays_with_those_who_have_it(
    start: Start, shop: None, file: Path
) -> None:
    whole = Shop(str(file)).whole()
    whole.sql("UPDATE spy_user SET fk_locale = (SELECT id_locale FROM spy_locale WHERE locale_name = 'fr_FR')")
    async with start(section="1", to=whole.location) as person:
        await open_user(person)
        person.app.screen.query_one("#locale").focus()
        for language in ("fr_FR", "en_US", "de_DE", "fr_FR"):
            await person.wait(
                partial(lambda name: f"◄ {name} ►" in person.line("Interface language"), language), language
            )
            await person.press("left")


async def test_what_was_typed_wrong_stays_when_a_save_is_refused(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("n")
        await person.see("0 of 4")
        await fields(person, email="nobody", password="short", repeated="x", first_name="", last_name="O:wl")
        await person.press("ctrl+s")
        await person.see("! This value is not a valid email")
        kept = [person.value(id) for id in ("email", "password", "repeated", "first_name", "last_name")]
        assert kept == ["nobody", "short", "x", "", "O:wl"]


async def test_only_what_differs_is_written_and_an_empty_password_keeps_the_old_one(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await open_user(person)
        await person.see("Content team")
        await person.press("ctrl+s")
        await person.hear("No changes to save. anna@shop.example")
        await open_user(person)
        sql("UPDATE spy_user SET password = 'set by a colleague' WHERE id_user = 1")
        await fields(person, first_name="Annabel")
        await person.press("ctrl+s")
        await person.hear(
            "User was updated successfully. anna@shop.example",
            "Someone else changed “anna@shop.example”, too. Password: changed by them.",
        )
        await person.see(">● anna@shop.example", "3 users")
    row = "SELECT first_name, last_name, password, status FROM spy_user WHERE id_user = 1"
    assert sql(row) == [("Annabel", "Example", "set by a colleague", 0)]
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(CONTENT, ANNA)]


async def test_a_new_password_is_stored_as_a_hash_and_the_fields_are_empty_again(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await open_user(person)
        await fields(person, password=PASSWORD)
        await person.press("ctrl+s")
        await person.see("! The password fields must match.")
        await fields(person, repeated=PASSWORD)
        await person.press("ctrl+s")
        await person.hear("User was updated successfully. anna@shop.example")
        await open_user(person)
        assert person.value("password") == person.value("repeated") == ""
    ((hash,),) = sql("SELECT password FROM spy_user WHERE id_user = 1")
    assert verifies(PASSWORD, str(hash))


async def test_the_last_group_cannot_be_given_back_on_a_users_page(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await open_user(person)
        await person.see("Content team")
        await take_group(person, "Content")
        await person.press("ctrl+s")
        await person.see("! At least one group must be selected.")
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(CONTENT, ANNA)]


async def test_a_typed_password_shows_how_far_it_is_and_never_itself(start: Start, shop: None) -> None:
    async with start(size=(120, 40), section="1") as person:
        await person.press("n")
        await person.see("0 of 4")
        await fields(person, password="Zq7")
        await person.see("Still needed: 12 to 128 characters")
        await person.see("(done:", "upper-case")
        assert "Zq7" not in drawn(person)
        await fields(person, password=PASSWORD, repeated=PASSWORD)
        await person.see("Done: 12 to 128 characters", "•" * len(PASSWORD))
        assert PASSWORD not in drawn(person) and PASSWORD not in repr(person.page.form_value())
        await person.press("ctrl+s")
        await person.see("! This value should not be blank.")
        assert PASSWORD not in drawn(person)
        await fields(person, password=PASSWORD + "é")
        await person.see("Still needed: no other characters")
        assert PASSWORD not in drawn(person)


async def test_a_made_password_is_shown_once_and_is_in_both_fields(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("n")
        await person.see("0 of 4")
        await person.press("f4")
        await person.see("New password (shown only once):")
        await person.wait(lambda: person.app.screen_stack[-2].query_one("#repeated", Field).value, "the password")
        made = person.app.screen_stack[-2].query_one("#password", Field).value
        await person.see(made)
        assert validation.password_problem(made) is None
        await person.press("y")
        await person.see("sent to the terminal's clipboard")
        await person.press("enter")
        await person.miss("shown this once", made)
        assert person.value("password") == person.value("repeated") == made
        assert made not in drawn(person)


# Status


async def test_t_deactivates_and_activates_with_the_back_offices_words(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.see(">● anna@")
        await person.press("t")
        await person.hear("User was deactivated successfully. anna@shop.example")
        await person.wait(lambda: "Deactivated" in person.line(">○ anna@"), "Deactivated")
        assert statuses(sql) == [1, 1, 2]
        await person.press("t")
        await person.hear("User was activated successfully. anna@shop.example")
        await person.wait(lambda: "Active" in person.line(">● anna@"), "Active")
    assert statuses(sql) == [0, 1, 2]


async def test_on_production_t_asks_who_is_to_be_deactivated(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        person.app.source = replace(person.app.source, mark="Production")
        await person.press("t")
        await person.see("Deactivate the user “anna@shop.example”?")
        assert person.focus == "no" and not person.app.screen.query("#typed")
        await person.press("enter")
        await person.miss("Deactivate the user")
        assert statuses(sql) == [0, 1, 2]
        await person.press("t")
        await person.see("Deactivate the user")
        await person.press("y")
        await person.hear("User was deactivated successfully. anna@shop.example")
        await person.press("t")  # which shuts nobody out
        await person.hear("User was activated successfully. anna@shop.example")
    assert statuses(sql) == [0, 1, 2]


async def test_of_users_some_of_whom_are_in_the_group_already_it_says_how_many_were_added(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await person.press("space", "space", "space", "a")
        await person.see("Add 3 users:")
        await person.press("space", "ctrl+s")
        await person.see("the group “Content team”?")
        await person.press("y")
        await person.hear("2 of 3 users added to “Content team”; 1 was already in it.")
        await person.press("g", "a")
        await person.see("Add the user “anna@shop.example” to groups")
        await person.press("space", "ctrl+s")
        await person.hear("anna@shop.example was already in “Content team”.")


async def test_deleting_asks_and_keeps_the_row_as_deleted(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await person.see(">● anna@")
        await person.press("d")
        await person.see("Delete the user “anna@shop.example”?", "They stay listed as Deleted", "reactivated.")
        await person.press("enter")
        await person.miss("Delete the user")
        assert statuses(sql) == [0, 1, 2]
        await person.press("d")
        await person.see("Delete the user")
        await person.press("y")
        await person.see("3 users")
        await person.hear("User was deleted successfully. anna@shop.example")
        await person.wait(lambda: "Deleted" in person.line(">✗ anna@"), "Deleted")
    assert statuses(sql) == [2, 1, 2]
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(CONTENT, ANNA)]
    assert sql("SELECT count(*) FROM spy_user_archive") == [(0,)]


async def test_a_deleted_user_is_activated_again_only_after_a_question(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("G")
        await person.see(">✗ carla@")
        await person.press("t")
        await person.see("Reactivate deleted user “carla@shop.example”?")
        await person.press("enter")
        await person.miss("Reactivate deleted user")
        assert statuses(sql) == [0, 1, 2]
        await person.press("t")
        await person.see("Reactivate deleted user")
        await person.press("y")
        await person.see("User was activated successfully.")
    assert statuses(sql) == [0, 1, 0]


async def test_a_form_reactivates_a_deleted_user_only_after_a_question(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.see(">● anna@")
        await person.press("G", "enter")
        await person.see("Edit User", "◄ Deleted ►")
        person.page.query_one("#status").focus()
        await person.press("a", "ctrl+s")
        await person.see("Reactivate deleted user “carla@shop.example”?")
        await person.press("n")
        await person.miss("Reactivate deleted user")
        assert statuses(sql) == [0, 1, 2]
        await person.press("ctrl+s")
        await person.see("Reactivate deleted user")
        await person.press("y")
        await person.hear("User was updated successfully. carla@shop.example")
    assert statuses(sql) == [0, 1, 0]


async def test_a_user_without_groups_is_edited_and_gets_a_password(start: Start, shop: None, sql: Sql) -> None:
    """To let somebody in at night comes before the question of what they may do."""
    sql("DELETE FROM spy_acl_user_has_group")
    async with start(section="1") as person:
        await open_user(person)
        await person.see("None selected")
        await person.miss("at least one required")
        await fields(person, last_name="Changed")
        await person.press("ctrl+s")
        await person.hear("User was updated successfully. anna@shop.example")
        await person.press("f4")
        await person.see("New password of anna@shop.example")
        await person.type(PASSWORD)
        await person.press("tab")
        await person.type(PASSWORD)
        await person.press("ctrl+s")
        await person.miss("New password of")
    ((last_name, hash),) = sql("SELECT last_name, password FROM spy_user WHERE id_user = 1")
    assert last_name == "Changed" and verifies(PASSWORD, str(hash))


@pytest.mark.parametrize("way", ["list", "form", "marked"])
async def test_i_myself_can_be_neither_deactivated_nor_deleted(start: Start, shop: None, sql: Sql, way: str) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1", me="anna@shop.example") as person:
        if way == "form":
            await open_user(person)
            person.app.screen.query_one("#status").focus()
            await person.press("d")
            await person.see("◄ Deactivated ►")
            await person.press("ctrl+s")
            await person.hear("! User was not deactivated. anna@shop.example")
        else:
            who = "3 users" if way == "marked" else "anna@shop.example"
            if way == "marked":
                await person.press("asterisk")
                await person.see("3 selected")
            await person.press("t")
            await person.hear(f"! User was not deactivated. {who}")
            await person.press("d")
            await person.hear(f"! User was not deleted. {who}")  # at once: nothing is asked that would be refused
    assert statuses(sql) == [0, 1, 2]


async def test_the_last_admin_can_be_neither_deactivated_nor_deleted_nor_put_out(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (1, 1)")
    async with start(size=(120, 40), section="1") as person:
        for times, key in enumerate(("t", "d"), 1):  # at once: nothing is asked that would be refused
            await person.press(key)
            await person.wait(lambda: person.screen.count("Refused: no active user") == times, f"{key} refused")  # noqa: B023
            assert "Delete the user" not in person.screen
        await person.press("x")
        await person.see("Remove the user “anna@shop.example” from groups")
        await person.type("admin")
        await person.see("1 found")
        await person.press("enter", "ctrl+s")
        await person.miss("Type to filter")
        await person.pilot.pause()
    assert statuses(sql) == [0, 1, 2]
    assert sql("SELECT * FROM spy_acl_user_has_group") == [(ROOT, ANNA)]


# Several at once


async def test_marked_users_are_deactivated_together_after_one_question_with_one_message(
    start: Start, shop: None, sql: Sql
) -> None:
    for number in range(4):
        sql(
            "INSERT INTO spy_user (first_name, last_name, username, password) VALUES ('D', 'E', ?, '!')",
            f"d{number}@x.yz",
        )
    async with start(section="1") as person:
        await person.press("space", "space")
        await person.see("2 selected", " ●◆anna@", ">✗ carla@")
        await person.press("asterisk")
        await person.see("7 selected")
        await person.press("t")
        await person.see("Deactivate 5 users: anna@shop.example, d0@x.yz, d1@x.yz", "and 2 more?")
        await person.press("enter")
        await person.miss("Deactivate 5")
        assert statuses(sql) == [0, 1, 2, 0, 0, 0, 0]
        await person.press("t")
        await person.see("Deactivate 5")
        await person.press("y")
        await person.see("5 users were deactivated successfully.", "7 users")
        assert person.screen.count("successfully") == 1
        assert statuses(sql) == [1, 1, 2, 1, 1, 1, 1]
        await person.press("asterisk", "t")
        await person.see("Activate 7 users", "1 deleted user can sign in again then.")
        await person.press("y")
        await person.see("7 users were activated successfully.")
    assert statuses(sql) == [0] * 7


async def test_marks_are_taken_away_one_by_one_all_at_once_and_by_escape(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("space", "k", "space")
        await person.see("3 users")
        await person.press("asterisk")
        await person.see("3 selected")
        await person.press("asterisk")
        await person.see("3 users")
        await person.press("j", "space")
        await person.see("1 selected")
        await person.press("escape")
        await person.see("3 users")


async def test_the_star_marks_only_what_the_search_shows(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("slash")
        await person.type("bert")
        await person.see("1 found")
        await person.press("enter", "asterisk")
        await person.see("1 selected")
        await person.press("d")
        await person.see("Delete the user “bert@shop.example”?")


async def test_who_is_deleted_already_is_not_deleted_again(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("G", "d")
        await person.see(">✗ carla@shop.example")
        await person.hear("! Already deleted. carla@shop.example")
        await person.press("asterisk", "d")
        await person.see("Delete 2 users: anna@shop.example, bert@shop.example?")
    assert statuses(sql) == [0, 1, 2]


async def test_the_star_marks_only_what_the_filter_shows(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("f")
        await person.see("1 active user")
        await person.press("asterisk")
        await person.see("1 selected")


async def test_several_users_are_put_into_groups_and_taken_out_of_them(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("space", "space", "a")
        await person.see("Add 2 users: anna@shop.example,", "Type to filter, Enter selects")
        await person.press("space", "down", "down", "space")
        await person.see("2 of 4")
        await person.press("ctrl+s")
        await person.see(" to 2")
        await person.press("y")
        await person.hear("2 users added to 2 groups.")
        members = "SELECT fk_user FROM spy_acl_user_has_group GROUP BY fk_user HAVING count(*) = 2 ORDER BY fk_user"
        assert sql(members) == [(ANNA,), (BERT,)]
        await person.press("asterisk")
        await person.see("3 selected")
        await person.press("x")
        await person.see("Remove 3 users: anna@shop.example,", "0 of 2")
        await person.press("space", "ctrl+s")
        await person.see("Remove 2 users: anna@shop.example, bert@shop.example", "“Content team”?")
        await person.press("y")
        await person.hear("2 users removed from “Content team”.")
    assert sql("SELECT count(*) FROM spy_acl_user_has_group") == [(2,)]


async def test_nobody_is_put_into_groups_when_none_is_taken(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("a")
        await person.see("Type to filter")
        await person.press("escape")
        await person.miss("Type to filter")
    assert sql("SELECT count(*) FROM spy_acl_user_has_group") == [(0,)]


# From a user to its groups, and back


@pytest.mark.parametrize("way", ["o", "f3"])
async def test_a_users_groups_are_one_key_away_and_escape_leads_back(
    start: Start, shop: None, sql: Sql, way: str
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (3, 1)")
    async with start(section="1") as person:
        if way == "f3":
            await open_user(person)
        await person.press(way)
        await person.see("Groups of anna@shop.example", "> Content team", "Sales")
        await person.press("down", "enter")
        await person.see("Users / User Groups / Edit Group", "anna@shop.example")
        assert person.value("title") == "Sales"
        await person.press("escape")
        await person.see("Users / Users / Edit User" if way == "f3" else ">● anna@shop.example")


async def test_enter_in_a_groups_users_pane_opens_the_user_and_escape_leads_back(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (2, 2)")
    async with start() as person:
        await person.see("> Content team")
        await person.press("enter")
        await person.see("Edit Group", "anna@shop.example")
        await person.press("tab", "tab", "down")
        await person.press("enter")
        await person.see("Users / Users / Edit User")
        await person.wait(lambda: person.value("email") == "bert@shop.example", "Bert")
        await fields(person, last_name="Renamed")
        await person.press("ctrl+s")
        await person.see("Users / User Groups / Edit Group", "Renamed")
        await person.hear("User was updated successfully. bert@shop.example")
        assert person.page.query_one("#users").current.email == "bert@shop.example"


async def test_a_saved_user_leads_back_to_the_access_page_it_was_opened_from(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="4") as person:
        await person.press("enter")
        await person.see("Users / Access / anna@shop.example")
        await person.press("tab", "u")
        await person.see("Users / Users / Edit User")
        await person.wait(lambda: person.value("email") == "anna@shop.example", "Anna")
        await fields(person, email="annabel@shop.example")
        await person.press("ctrl+s")
        await person.see("Users / Access / annabel@shop.example")
        await person.hear("User was updated successfully. annabel@shop.example")


async def test_a_user_saved_while_another_section_is_shown_is_closed_once_theirs_is_opened(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(section="1") as person:
        await open_user(person)
        await fields(person, last_name="Renamed")
        person.app.screen.query_one("#is_agent").focus()
        written = late(monkeypatch, users, "update")
        person.strike("ctrl+s")
        await person.pilot.pause(0.05)
        await person.app.switch_mode("groups")
        written.set()
        await person.hear("User was updated successfully. anna@shop.example")
        await person.press("1")
        await person.see(">● anna@shop.example", "3 users")
        assert person.page.breadcrumb == "Users / Users"


async def test_the_last_group_of_a_user_is_not_taken_away_without_a_word(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (3, 1)")
    async with start(section="1") as person:
        await person.press("x")
        await person.see("Remove the user “anna@shop.example” from groups", "0 of 2")
        assert "Äpfel" not in person.screen
        await person.press("space", "ctrl+s")
        await person.hear("anna@shop.example was removed from “Content team”.")
        await person.press("x")
        await person.see("0 of 1")
        await person.press("space", "ctrl+s")
        await person.see("The user will have no group left")
        await person.press("enter")
        await person.miss("no group left")
    assert sql("SELECT fk_user FROM spy_acl_user_has_group") == [(1,)]


async def test_what_the_filter_hides_is_not_marked_any_more(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("asterisk")
        await person.see("3 selected")
        await person.press("f")
        await person.see("1 active user")
        await person.press("d")
        await person.see("Delete the user “anna@shop.example”?")


@pytest.mark.parametrize(
    ("size", "heading"),
    [
        ((200, 30), "E-mail ↑ First Name Last Name Groups Last Login Status Agent Customer Agent Merchant"),
        ((120, 30), "E-mail ↑ Name Groups Last Login"),
        ((80, 24), "E-mail ↑ Name Groups Last Login Status"),
        ((60, 20), "E-mail ↑ Name Groups Last Login"),
        ((40, 12), "E-mail ↑ Name"),
    ],
)
async def test_in_a_narrow_terminal_a_list_keeps_the_columns_that_tell_rows_apart(
    start: Start, shop: None, size: tuple[int, int], heading: str
) -> None:
    async with start(section="1", size=size) as person:
        await person.see(">● anna@shop.example")
        assert " ".join(person.line("E-mail").partition("│")[0].split()) == heading


@pytest.fixture
def picking(shop: None, sql: Sql) -> None:
    """Anna is a warehouse user with three picking lists, Bert one without any."""
    sql("UPDATE spy_user SET is_warehouse_user = 1, uuid = 'u-' || id_user WHERE id_user < 3")
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1), (2, 2)")
    sql("CREATE TABLE spy_picking_list (id_picking_list INTEGER PRIMARY KEY, user_uuid TEXT, status TEXT)")
    for status in ("ready-for-picking", "picking-started", "ready-for-picking"):
        sql("INSERT INTO spy_picking_list (user_uuid, status) VALUES ('u-1', ?)", status)


UNASSIGNED = "3 picking lists (2 ready-for-picking, 1 picking-started)"
PICKERS = "SELECT count(*) FROM spy_picking_list WHERE user_uuid = 'u-1'"


@pytest.mark.parametrize("key", ["t", "d"])
async def test_picking_lists_are_counted_before_their_user_loses_them(
    start: Start, picking: None, sql: Sql, key: str
) -> None:
    verb = {"t": "Deactivate", "d": "Delete"}[key]
    async with start(size=(120, 30), section="1") as person:
        await person.see(">● anna@")
        await person.press(key)
        await person.see(f"{verb} the user “anna@shop.example”?", UNASSIGNED)
        await person.press("n")
        await person.miss(UNASSIGNED)
        assert sql(PICKERS) == [(3,)]
        await person.press("space", "space", key)  # with Bert
        await person.see(f"{verb} 2 users" if key == "d" else f"{verb} the user", UNASSIGNED)
        await person.press("y")
        await person.see("successfully")
        assert sql(PICKERS) == [(0,)]


async def test_a_warehouse_user_without_picking_lists_is_not_asked_about_them(
    start: Start, picking: None, sql: Sql
) -> None:
    sql("UPDATE spy_user SET status = 0")
    async with start(section="1") as person:
        await person.press("j")
        await person.see(">● bert@")
        await person.press("t")
        await person.see("User was deactivated successfully.")


async def test_edit_user_asks_nothing_before_a_status_that_is_refused(start: Start, picking: None, sql: Sql) -> None:
    sql("UPDATE spy_user SET is_warehouse_user = 0 WHERE id_user = 1")
    sql("INSERT INTO spy_acl_user_has_group VALUES (1, 1)")
    async with start(size=(120, 40), section="1", me="anna@shop.example") as person:
        await open_user(person, "anna@shop.example")
        person.app.screen.query_one("#status").focus()
        await person.press("right", "ctrl+s")
        await person.see("User was not deactivated.")
        assert "will lose access to user" not in person.screen
    assert statuses(sql)[0] == 0


async def test_edit_user_asks_before_a_status_takes_picking_lists_away(start: Start, picking: None, sql: Sql) -> None:
    async with start(size=(120, 40), section="1") as person:
        await open_user(person, "anna@shop.example")
        person.app.screen.query_one("#status").focus()
        await person.press("right", "ctrl+s")
        await person.see("Deactivate the user “anna@shop.example”?", UNASSIGNED)
        await person.press("escape")
        await person.miss(UNASSIGNED)
        assert statuses(sql)[0] == 0
        assert person.value("status") == 1
        await person.press("ctrl+s")
        await person.see(UNASSIGNED)
        await person.press("y")
        await person.see("User was updated successfully.")
    assert statuses(sql)[0] == 1
    assert sql(PICKERS) == [(0,)]


async def test_edit_user_asks_before_somebody_is_deactivated_in_production(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (3, 1)")
    async with start(size=(120, 40), section="1") as person:
        person.app.source = replace(person.app.source, mark="production")
        await open_user(person, "anna@shop.example")
        person.app.screen.query_one("#status").focus()
        await person.press("right", "ctrl+s")
        await person.see("Deactivate the user “anna@shop.example”?")
        await person.press("escape")
        await person.miss("Deactivate the user")
        assert statuses(sql)[0] == 0
        await person.press("ctrl+s")
        await person.see("Deactivate the user")
        await person.press("y")
        await person.see("User was updated successfully.")
    assert statuses(sql)[0] == 1


async def test_c_begins_a_new_user_with_the_groups_language_and_marks_of_another(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) VALUES (2, 3), (2, 4)")
    sql("UPDATE spy_user SET is_agent = 1, fk_locale = (SELECT id_locale FROM spy_locale WHERE locale_name = 'de_DE')")
    async with start(section="1") as person:
        await person.press("j", "c")
        await person.see("Users / Users / Create new User", "2 of 4", "◄ de_DE ►", "[x] This user is an agent in Store")
        assert person.focus == "email" and not person.page.unsaved and not person.value("email")
        await fields(person, email="nora@shop.example", password=PASSWORD, repeated=PASSWORD)
        await fields(person, first_name="Nora", last_name="Owl")
        await person.press("ctrl+s")
        await person.hear("User was created successfully. nora@shop.example")
        await person.see(">● nora@shop.example", "4 users")
    assert sql(
        "SELECT status, is_agent, is_warehouse_user, locale_name, GROUP_CONCAT(fk_acl_group) FROM spy_user "
        "JOIN spy_locale ON id_locale = fk_locale JOIN spy_acl_user_has_group ON fk_user = id_user "
        "WHERE username = 'nora@shop.example'"
    ) == [(0, 1, None, "de_DE", "3,4")]


async def test_a_user_to_clone_who_is_gone_is_said(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        sql("DELETE FROM spy_user WHERE id_user = 1")
        await person.press("c")
        await person.hear("! User couldn't be found: anna@shop.example")
        await person.see(">○ bert@shop.example", "2 users")
