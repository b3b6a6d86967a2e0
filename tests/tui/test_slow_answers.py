"""A database that answers late, while somebody goes on typing: nothing typed is lost, and no key fails."""

import pytest

from models import groups, roles, users
from models.errors import Unreachable
from models.listing import Listing
from tests.tui.conftest import Sql, Start, late
from tui import app as program


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys hardly wait for what the key before asked."""
    monkeypatch.setattr(program, "PATIENCE", 0.05)


async def test_what_is_typed_while_the_form_is_saved_stays_to_be_saved(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        answering = late(monkeypatch, groups, "update")
        await person.type("A")
        await person.press("ctrl+s")
        await person.type("BC")
        assert person.value("title") == "Content teamABC"
        answering.set()
        await person.see("Group was updated successfully.")
        assert person.value("title") == "Content teamABC" and person.app.screen.unsaved
        assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == [("Content teamA",)]
        await person.press("ctrl+s")
        await person.wait(lambda: not person.app.screen.unsaved, "the second save")
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == [("Content teamABC",)]


async def test_the_next_rule_can_be_typed_while_the_one_before_is_added(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="3") as person:
        await person.press("enter")
        await person.see("Edit Role", "This role has no rules yet")
        answering = late(monkeypatch, roles, "add_rule")
        for part in ("sales", "*", "*"):
            await person.type(part)
            await person.press("enter")
        await person.press("enter")
        person.app.screen.query_one("#bundle").focus()
        await person.settle()
        await person.replace("customer")
        answering.set()
        await person.see("Rule successfully added.", "> sales")
        assert person.value("bundle") == "customer"
    assert sql("SELECT bundle FROM spy_acl_rule WHERE fk_acl_role = 2") == [("sales",)]


async def test_a_save_that_takes_long_says_so_until_it_is_done(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        assert "[waiting]" not in person.screen
        answering = late(monkeypatch, groups, "update")
        await person.type("A")
        await person.press("ctrl+s")
        await person.see("sqlite:shop.db  [waiting]")
        answering.set()
        await person.see("Group was updated successfully.")
        await person.miss("[waiting]")


@pytest.mark.parametrize(("section", "module"), [("1", users), ("2", groups), ("3", roles)])
async def test_before_its_record_is_there_a_form_takes_no_key_for_it(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch, section: str, module: object
) -> None:
    async with start(section="" if section == "2" else section) as person:
        answering = late(monkeypatch, module, "get")
        await person.press("enter")
        await person.see("Edit ")
        await person.press("X", "f3", "f5", "ctrl+s")
        assert person.app.is_running and "X" not in person.screen
        answering.set()
        first = person.app.screen.first
        await person.wait(lambda: person.app.screen._kept and person.app.screen.query_one(first).value, "the record")
        await person.see("ctrl+s Save")
        assert not person.app.screen.unsaved
        await person.press("escape")
        await person.see("/ to search")


async def test_a_group_that_is_created_and_cannot_be_read_again_is_created(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = groups.get

    def once(id: int) -> groups.GroupRecord:
        monkeypatch.setattr(groups, "get", get)
        raise Unreachable("The database cannot be reached: it is away.")

    async with start() as person:
        await person.press("n")
        await person.see("Create new Group", "CMS editor")
        await person.wait(lambda: person.focus == "title", "the focus in TITLE")
        await person.type("Night shift")
        await person.press("tab", "space")
        await person.see("1 of 4")
        monkeypatch.setattr(groups, "get", once)
        await person.press("ctrl+s")
        await person.see("Group was created successfully.", "it is away", "> Night shift")
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group > 4") == [("Night shift",)]


async def test_keys_go_on_while_all_rows_are_being_marked(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = late(monkeypatch, Listing, "find")
    async with start() as person:
        await person.press("asterisk", "j", "question_mark")
        await person.see("Keys of this page")
        await person.press("escape")
        await person.see("> Administrators group")
        answering.set()
        await person.see("4 marked")
