"""A database that answers late, while somebody goes on typing: nothing typed is lost, and no key fails."""

from pathlib import Path

import pytest

from models import groups, memberships, role_rules, roles, users
from models.db.paging import Listing
from models.errors import Unreachable
from models.tools import csv_import
from tests.tui.conftest import Sql, Start, find_group, late, open_first_group
from tui import type_ahead


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys hardly wait for what the key before asked."""
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 0.05)


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
        assert person.value("title") == "Content teamABC" and person.page.unsaved
        assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == [("Content teamA",)]
        await person.press("ctrl+s")
        await person.wait(lambda: not person.page.unsaved, "the second save")
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == [("Content teamABC",)]


async def test_the_next_rule_can_be_typed_while_the_one_before_is_added(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="3") as person:
        await person.press("enter")
        await person.see("Edit Role", "This role has no rules yet")
        answering = late(monkeypatch, role_rules, "add")
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
        await person.press("X", "f3", "f5", "f9", "ctrl+s")
        assert person.app.is_running and "X" not in person.screen
        answering.set()
        await person.wait(lambda: person.page.is_loaded, "the record")
        await person.see("ctrl+s Save")
        assert not person.page.unsaved
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
        await person.see("Keyboard shortcuts")
        await person.press("escape")
        await person.see("> Administrators group")
        answering.set()
        await person.see("4 selected")


@pytest.mark.parametrize("lost", ["import", "a record that is gone"])
async def test_a_form_that_is_not_saved_stays_over_a_page_that_ends(
    start: Start, shop: None, sql: Sql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 0.05)
    async with start(section="1" if lost == "import" else "") as person:
        if lost == "import":
            file = tmp_path / "new.csv"
            file.write_text("x@shop.example,X,Y,Sales\n")
            going_on = late(monkeypatch, csv_import, "write")
            await person.press("i")
            await person.see("Import users from CSV")
            await person.paste(str(file))
            await person.press("enter")
            await person.see("1 user can be created")
            await person.press("ctrl+s")
            await person.see("Create 1 user?")
            await person.press("y")
        else:
            await open_first_group(person)
            going_on = late(monkeypatch, groups, "update")
            await person.type("X")
            sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2")
            sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
            await person.press("ctrl+s")
        await find_group(person, "Sales")
        await person.type(" and more")
        going_on.set()
        await person.see("created successfully" if lost == "import" else "Group couldn't be found")
        await person.see("Sales and more")
        await person.press(*["escape"] * (1 + (lost != "import")))  # the first takes the error away
        await person.see("Discard changes?")
        await person.press("y")
        await person.see("Users / Users" if lost == "import" else "Users / User Groups", "/ to search")


async def test_a_page_stays_until_it_is_known_how_its_change_ended(
    start: Start, shop: None, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 0.05)
    async with start() as person:
        added, cloned = late(monkeypatch, memberships, "add"), late(monkeypatch, groups, "clone")
        await open_first_group(person)
        await person.see("Users assigned to this group")
        person.app.screen.query_one("#users").focus()
        await person.press("a")
        await person.see("> [ ] ● anna@")
        await person.press("space")
        await person.see("[x] ● anna@")
        await person.press("ctrl+s", "escape")
        await person.see("Still saving.", "Edit Group")
        added.set()
        await person.hear("anna@shop.example was added to “Content team”.")
        await person.press("escape", "escape")  # the first takes the note away
        await person.see("/ to search")
        await person.press("c")
        await person.see("Clone the group")
        await person.press("ctrl+s", "escape")
        await person.see("Clone the group")
        cloned.set()
        await person.see("Edit Group")
        await person.press("escape", "escape")
        await person.see("5 groups")


async def test_nothing_is_made_or_typed_in_a_form_that_is_not_filled_yet(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type_ahead, "KEY_WAIT_S", 0.05)
    async with start(section="1") as person:
        answered = late(monkeypatch, users, "get")
        await person.press("enter")
        await person.see("Edit User")
        await person.press("f4", "tab", "X", "tab", "X")
        assert "shown this once" not in person.screen and person.focus is None
        answered.set()
        await person.see("anna@shop.example", "Anna")
        assert not person.page.unsaved and person.value("password") == ""
