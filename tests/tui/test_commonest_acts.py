"""The table of the commonest acts in .github/docs/keys.md: the keys that it names do what it says, and are as many."""

import re

from tests.documents import table
from tests.tui.conftest import Person, Sql, Start
from tui.keymap.keys import named

PASSWORD = "Change-me-1234"


def rows() -> dict[str, tuple[list[str], int]]:
    """The keys and texts of each act, in order, and how many keys the table says that these are."""
    acts = table(".github/docs/keys.md", "| act | keys | how many |")
    return {act: (re.findall(r"`[^`]+`|[A-Z]+", keys), int(count)) for act, keys, count in acts}


async def do(person: Person, act: str, *texts: str) -> None:
    """Do what the table says of an act, with these texts."""
    steps, _ = rows()[act]
    left = [*texts]
    for step in steps:
        if step.startswith("`"):
            await person.press(named(step.strip("`")))
        else:
            await person.type(left.pop(0))
    assert not left


def test_the_table_counts_its_keys() -> None:
    acts = rows()
    assert len(acts) == 10
    for act, (steps, count) in acts.items():
        assert sum(step.startswith("`") for step in steps) == count, act


async def test_a_user_is_opened_by_name(shop, start: Start) -> None:
    async with start() as person:
        await person.press("ctrl+p")
        await person.type("bert@")
        await person.wait(lambda: person.page.query_one("CommandList").option_count == 1, "the user alone")
        await person.press("enter")  # the palette lists what it found a little later than keys come
        await person.see("Edit User", "bert@shop.example")


async def test_a_group_with_two_roles(shop, start: Start, sql: Sql) -> None:
    async with start() as person:
        await do(person, "create a group with two roles", "Night shift", "cms", "returns")
        await person.hear("Group was created successfully. Night shift")
    assert sql(
        "SELECT COUNT(*) FROM spy_acl_groups_has_roles JOIN spy_acl_group ON id_acl_group = fk_acl_group "
        "WHERE name = 'Night shift'"
    ) == [(2,)]


async def test_a_user_with_a_password(shop, start: Start) -> None:
    async with start(section="1") as person:
        texts = ("nora@shop.example", PASSWORD, PASSWORD, "Nora", "Owl", "sales")
        await do(person, "create a user with a password", *texts)
        await person.hear("User was created successfully. nora@shop.example")


async def test_another_password(shop, start: Start, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) VALUES (1, 3)")
    async with start(section="1") as person:
        await do(person, "give the highlighted user another password")
        await person.hear("User was updated successfully. anna@shop.example")


async def test_a_deactivation(shop, start: Start) -> None:
    async with start(section="1") as person:
        await do(person, "deactivate a user", "anna")
        await person.hear("User was deactivated successfully. anna@shop.example")


async def test_a_user_into_a_group(shop, start: Start) -> None:
    async with start(section="1") as person:
        await do(person, "add the highlighted user to a group", "sales")
        await person.hear("anna@shop.example was added to “Sales”.")


async def test_a_rule(shop, start: Start) -> None:
    async with start(section="3") as person:
        await person.press("enter")
        await person.wait(lambda: person.focus == "bundle", "the role's page")
        await do(person, "add a rule to a role", "sales/*/*")
        await person.hear("Rule successfully added. allow sales/*/*")


async def test_the_reason_of_a_verdict(shop, start: Start) -> None:
    async with start(section="1") as person:
        await do(person, "see why the highlighted user may not open a path", "sales/order/list")
        await person.see("✘ denied  sales/order/list", "Denied: the user is in no")


async def test_five_users_into_a_group(shop, start: Start, sql: Sql) -> None:
    for name in ("dora", "emil"):
        sql(
            "INSERT INTO spy_user (first_name, last_name, username, password, status) VALUES (?, 'E', ?, '!', 0)",
            name,
            f"{name}@shop.example",
        )
    async with start(section="1") as person:
        await do(person, "add five users to a group", "sales")
        await person.hear("5 users added to “Sales”.")


async def test_the_newest_sign_in_first(shop, start: Start, sql: Sql) -> None:
    sql("UPDATE spy_user SET last_login = '2026-05-0' || id_user || ' 10:00:00'")
    async with start(section="1") as person:
        await do(person, "see who signed in last")
        await person.see("\n>✗ carla@shop.example")
        assert "carla@" in person.screen.splitlines()[3]
        assert "↓" in person.line("Last Login")
