"""F4 on a user of the list: another password, typed or generated and shown once."""

import pytest

from tests.conftest import verifies
from tests.tui.conftest import Sql, Start

PASSWORD = "Change-me-1234"


@pytest.fixture(autouse=True)
def member(shop, sql: Sql) -> None:
    """Anna is in a group."""
    sql("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) VALUES (1, 3)")


def stored(sql: Sql) -> str:
    ((hash,),) = sql("SELECT password FROM spy_user WHERE username = 'anna@shop.example'")
    return str(hash)


async def test_four_keys_generate_a_password_show_it_once_and_set_it(shop, start: Start, sql: Sql):
    async with start(section="1") as person:
        await person.press("f4", "f4")
        await person.see("New password (shown only once):")
        lines = person.screen.splitlines()
        at = next(place for place, line in enumerate(lines) if "New password (shown only once):" in line)
        password = next(line.strip(" │") for line in lines[at + 1 :] if line.strip(" │"))
        await person.wait(lambda: person.screen.count("┌") == 1, "one frame, which covers the dialog below")
        await person.press("enter")
        await person.miss(password)
        await person.press("enter")
        await person.hear("User was updated successfully. anna@shop.example")
        await person.see(">● anna@shop.example", "n Create")
        assert verifies(password, stored(sql))
        assert password not in person.screen


async def test_a_typed_password_is_checked_and_never_shown(shop, start: Start, sql: Sql):
    async with start(section="1") as person:
        await person.press("f4")
        await person.see("New password of anna@shop.example")
        await person.type("Short1!")
        await person.see("Still needed: 12 to 128 characters")
        await person.press("ctrl+s")
        await person.see("! ")
        await person.replace(PASSWORD)
        await person.press("enter")
        await person.paste(f"{PASSWORD}5")
        await person.press("enter")
        await person.see("The password fields must match.")
        assert stored(sql) == "!"
        await person.press("backspace", "enter")
        await person.hear("User was updated successfully. anna@shop.example")
        assert verifies(PASSWORD, stored(sql))
        assert PASSWORD not in person.screen


async def test_no_password_is_no_change(shop, start: Start, sql: Sql):
    async with start(section="1") as person:
        await person.press("f4", "ctrl+s")
        await person.see("! Enter a password, or generate one.")
        await person.press("escape")
        await person.see("n Create")
        assert stored(sql) == "!"


async def test_a_user_who_is_gone_is_said(shop, start: Start, sql: Sql):
    async with start(section="1") as person:
        sql("DELETE FROM spy_user WHERE username = 'anna@shop.example'")
        await person.press("f4")
        await person.hear("! User couldn't be found: anna@shop.example")
        await person.miss("> ● anna@")


async def test_a_password_that_someone_else_set_meanwhile_is_not_overwritten(shop, start: Start, sql: Sql):
    async with start(section="1") as person:
        await person.press("f4")
        await person.paste(PASSWORD)
        await person.press("tab")
        await person.paste(PASSWORD)
        sql("UPDATE spy_user SET password = 'theirs' WHERE username = 'anna@shop.example'")
        await person.press("enter")
        await person.wait(lambda: person.told, "the conflict")
        assert "Someone else changed" in person.told[0] and stored(sql) == "theirs"
