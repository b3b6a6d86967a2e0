"""How often the main flow asks a server: each statement is one more wait on a line that is far away."""

from collections.abc import Iterator

import pytest

from tests import servers
from tests.proxy import Line
from tests.tui.conftest import Person, Start


@pytest.fixture(params=servers.KINDS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """A line to a shop with two groups, of which one has a user, and two roles."""
    url = servers.reset(request.param)
    connection, kind = servers.session(url), request.param
    servers.insert(connection, kind, "spy_acl_role", "name", [("Order support",)])
    servers.insert(connection, kind, "spy_acl_group", "name", [("Night shift",)])
    users = [("ada@shop.example", "Ada", "Owl", "!", 0)]
    servers.insert(connection, kind, "spy_user", "username, first_name, last_name, password, status", users)
    servers.insert(connection, kind, "spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(2, 2)])
    servers.insert(connection, kind, "spy_acl_user_has_group", "fk_acl_group, fk_user", [(2, 1)])
    line = Line(url)
    yield line
    line.shut()


async def test_each_step_of_the_main_flow_asks_the_server_no_more_than_it_needs(start: Start, line: Line) -> None:
    """The numbers are exact, with what the preview of a list asks; one more in a step is found in the next at last."""

    async def asked(person: Person, number: int, *texts: str) -> None:
        await person.see(*texts)
        await person.wait(lambda: len(line.statements) >= number, f"{number} statements, not {line.statements}")
        await person.settle()
        await person.answered()
        assert len(line.statements) == number, "\n".join(line.statements)
        line.statements.clear()

    async with start(to=line.url, first="> Night shift") as person:
        await asked(person, 8 if line.url.startswith("postgres") else 6, "2 groups", "Users 1")
        await person.press("3")
        await asked(person, 4, "> Order support", "2 roles", "Groups Night shift")
        await person.press("2")
        await asked(person, 5, "> Night shift", "2 groups")
        await person.press("enter")
        await asked(person, 4, "Edit Group", "[x] Order support", "ada@shop.example")
        await person.press("escape")
        await asked(person, 5, "> Night shift", "2 groups")
        await person.press("n")
        await asked(person, 2, "Create new Group", "[ ] Order support")
        await person.type("Day shift")
        await person.press("tab", "space", "ctrl+s")
        await asked(person, 9, "Edit Group", "none yet")
        await person.press("escape")
        await asked(person, 5, "> Day shift", "3 groups")
