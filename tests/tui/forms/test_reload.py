"""F5 shows what is in the database now, on every page."""

import pytest

from tests.tui.conftest import Sql, Start, open_first_group


async def test_a_form_is_reloaded_with_its_lists(shop, start: Start, sql: Sql):
    async with start() as person:
        await open_first_group(person)
        sql("UPDATE spy_acl_group SET name = 'Editors' WHERE name = 'Content team'")
        sql("INSERT INTO spy_acl_role (name) VALUES ('Zebra')")
        sql(
            "INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) "
            "SELECT id_user, id_acl_group FROM spy_user, spy_acl_group "
            "WHERE username LIKE 'anna%' AND spy_acl_group.name = 'Editors'"
        )
        await person.press("f5")
        await person.see("Editors", "Zebra", "anna@shop.example")
        assert not person.page.unsaved


async def test_unsaved_changes_are_asked_about(shop, start: Start):
    async with start() as person:
        await open_first_group(person)
        await person.type("x")
        await person.press("f5")
        await person.see("Discard changes?")
        await person.press("n")
        await person.see("Content teamx")
        await person.press("f5")
        await person.see("Discard changes?")
        await person.press("y")
        await person.miss("Content teamx")
        await person.see("Content team", "1 of 4")
        assert not person.page.unsaved


async def test_a_record_that_is_gone_is_said(shop, start: Start, sql: Sql):
    async with start() as person:
        await open_first_group(person)
        sql("DELETE FROM spy_acl_group WHERE name = 'Content team'")
        await person.press("f5")
        await person.hear("! Group couldn't be found: Content team")
        await person.see("n Create")


async def test_a_rule_that_is_entered_is_discarded_with_the_name(shop, start: Start):
    async with start(section="3") as person:
        await person.press("enter")
        await person.see("Edit Role")
        await person.type("sales")
        await person.press("f5")
        await person.see("Discard changes?")
        await person.press("y")
        await person.miss("Discard changes?")
        await person.wait(lambda: not person.value("bundle"), "an empty form")


@pytest.mark.parametrize(
    ("section", "keys"), [("1", []), ("1", ["slash"]), ("4", []), ("4", ["enter"]), ("4", ["enter", "tab"])]
)
async def test_lists_are_read_again_wherever_the_focus_is(shop, start: Start, section: str, keys: list[str], sql: Sql):
    async with start(section=section) as person:
        await person.press(*keys)
        await person.see("anna@shop.example")
        sql("UPDATE spy_user SET username = 'anne@shop.example' WHERE username LIKE 'anna%'")
        await person.press("f5")
        await person.see("anne@shop.example")
