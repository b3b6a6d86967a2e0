"""A page that is closed while what it asked for is still on its way."""

import time
from typing import Any

import pytest

from models import groups, roles, users
from models.tools import csv_import
from tests.tui.conftest import Sql, Start
from tui import type_ahead


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0005, 0.002, 0.003])
@pytest.mark.parametrize(
    ("section", "module", "call"),
    [("1", users, "get"), ("2", groups, "get"), ("3", roles, "get"), ("1", csv_import, "read")],
)
async def test_an_answer_that_comes_while_its_page_is_taken_down_harms_nothing(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch, section: str, module: object, call: str, after: float
) -> None:
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 0.1)  # the key that closes the page does not wait for its answer
    page: list[Any] = []
    answer = getattr(module, call)

    def slow(argument: object) -> object:
        try:
            return answer(argument)
        finally:
            while not (page and not page[0].display):
                time.sleep(0.0002)
            time.sleep(after)  # its widgets go one after the other

    async with start(section="" if section == "2" else section) as person:
        monkeypatch.setattr(module, call, slow)
        if call == "read":
            await person.press("i")
            await person.type("/nowhere")
            page_class = "ImportPage"
        else:
            page_class = {"1": "UserPage", "2": "GroupPage", "3": "RolePage"}[section]
        person.strike("enter")
        await person.wait(lambda: type(person.app.screen).__name__ == page_class, page_class)
        await person.pilot.pause(0.05)
        page.append(person.app.screen)
        await person.press("escape")
        await person.see("/ to search")
        await person.pilot.pause(0.05)
        assert person.app.is_running


@pytest.mark.parametrize("after", [0.0005, 0.002, 0.003, 0.006])
async def test_a_page_closed_while_its_form_is_saved_has_saved_it(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch, after: float
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        await person.type("!")
        page, get = person.app.screen, groups.get

        def slow(id: int) -> groups.GroupRecord:
            while page.display:
                time.sleep(0.0002)
            time.sleep(after)
            return get(id)

        monkeypatch.setattr(groups, "get", slow)
        person.strike("ctrl+s")
        await person.wait(lambda: sql("SELECT 1 FROM spy_acl_group WHERE name = 'Content team!'"), "the save")
        await person.app.pop_screen()
        await person.press("r")
        await person.see("> Content team!")
