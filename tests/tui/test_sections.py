"""What users, groups and roles have in common, by keys."""

from typing import NamedTuple

import pytest

from tests.tui.conftest import Person, Sql, Start


class Section(NamedTuple):
    """A section of `shop`, and the record that its list begins with: its column, and its field in a form."""

    key: str
    page: str
    noun: str
    record: str
    table: str
    column: str
    field: str


USERS = Section("1", "Users / Users", "User", "anna@shop.example", "spy_user", "username", "email")
GROUPS = Section("", "Users / User Groups", "Group", "Content team", "spy_acl_group", "name", "title")
ROLES = Section("3", "Users / User Roles", "Role", "CMS editor", "spy_acl_role", "name", "name")

each_section = pytest.mark.parametrize("section", [USERS, GROUPS, ROLES], ids=lambda section: section.noun)


def is_on(person: Person, record: str) -> bool:
    """Whether the record is highlighted in the list."""
    return any(line.startswith(">") and record in line for line in person.screen.splitlines())


@each_section
async def test_escape_asks_before_something_typed_is_lost_and_leads_back(
    start: Start, shop: None, section: Section
) -> None:
    async with start(section=section.key) as person:
        await person.press("n")
        await person.see(f"{section.page} / Create new {section.noun}")
        await person.wait(lambda: person.page.is_loaded, "the form")
        await person.press("x", "escape")
        await person.see("Discard changes?")
        await person.press("enter")
        await person.miss("Discard changes?")
        assert person.value(section.field) == "x"
        await person.press("escape")
        await person.see("Discard changes?")
        await person.press("y")
        await person.wait(lambda: is_on(person, section.record), section.record)
        await person.press("n")
        await person.wait(lambda: person.focus == section.field, "the form")
        await person.press("escape")
        await person.wait(lambda: is_on(person, section.record), section.record)


@each_section
@pytest.mark.parametrize("moment", ["open", "save"])
async def test_a_record_that_is_gone_meanwhile_is_said_so(
    start: Start, shop: None, sql: Sql, section: Section, moment: str
) -> None:
    async with start(section=section.key) as person:
        await person.wait(lambda: is_on(person, section.record), section.record)
        if moment == "save":
            await person.press("enter")
            await person.wait(lambda: person.value(section.field) == section.record, "the record")
            await person.type("x")
        sql("DELETE FROM spy_acl_groups_has_roles")
        sql(f"DELETE FROM {section.table} WHERE {section.column} = ?", section.record)
        await person.press("enter" if moment == "open" else "ctrl+s")
        await person.hear(f"! {section.noun} couldn't be found: {section.record}")
        await person.wait(lambda: not is_on(person, section.record), "another record")
        assert person.page.breadcrumb == section.page


@each_section
async def test_a_read_only_database_is_shown_and_not_changed(
    start: Start, shop: None, sql: Sql, section: Section
) -> None:
    before = sql(f"SELECT * FROM {section.table}")
    async with start(section=section.key, read_only=True) as person:
        await person.see("[read-only]")
        await person.wait(lambda: is_on(person, section.record), section.record)
        await person.press("n", "c", "d", "t", "a", "x", "i")
        await person.pilot.pause()
        assert person.page.breadcrumb == section.page
        await person.press("enter")
        await person.wait(lambda: person.value(section.field) == section.record, "the record")
        await person.type("x")
        await person.press("f4", "ctrl+s")
        await person.pilot.pause()
        assert person.page.breadcrumb == f"{section.page} / Edit {section.noun}"
    assert sql(f"SELECT * FROM {section.table}") == before
