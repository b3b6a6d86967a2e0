"""What the screens know of the shop's pages where its code is at hand; without it they are as ever."""

from functools import partial
from pathlib import Path

import pytest

from models.pages import reading
from tests.conftest import Shop
from tests.shop_code import ShopCode, entry, small_shop
from tests.tui.conftest import Person, Sql, Start, late

EDIT_GROUP = "Users Control / Groups / Edit Group"


@pytest.fixture
def code(tmp_path: Path, shop: None, monkeypatch: pytest.MonkeyPatch) -> ShopCode:
    """The working folder is in a shop's code."""
    code = small_shop(tmp_path / "code")
    monkeypatch.chdir(code.root / "src")
    return code


async def open_role(person: Person) -> None:
    """Open CMS editor, once pages are known."""
    await person.press("enter")
    await person.see("Edit Role", "Page            F4 picks a known page")


def is_suggested(person: Person, text: str) -> bool:
    return bool(person.focused._suggestion == text)


async def test_rule_fields_complete_from_known_pages_with_their_label_beside(start: Start, code: ShopCode) -> None:
    async with start(section="3", first="\n>") as person:
        await open_role(person)
        for begin, completed in ("ac", "acl"), ("gr", "group"), ("ed", "edit"):
            await person.type(begin)
            await person.wait(partial(is_suggested, person, completed), f"the rest of {completed}")
            await person.press("right", "enter")
        await person.see(f"Page            {EDIT_GROUP}")


async def test_what_matches_no_known_page_is_said_once_it_cannot_become_one_and_saved_all_the_same(
    start: Start, code: ShopCode, sql: Sql
) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("acl/gro")
        await person.miss("picks", "typo?")
        await person.type("w/edit")
        await person.see("! matches no page of this shop: typo?")
        await person.press("enter")
        await person.see(
            "Rule successfully added.", "allow, matches no pag", "highlighted: matches no page of this shop: typo?"
        )
        assert sql("SELECT bundle, controller, action FROM spy_acl_rule WHERE fk_acl_role = 2") == [
            ("acl", "grow", "edit")
        ]


async def test_of_several_pages_it_is_said_how_many_and_what_they_have_in_common(start: Start, code: ShopCode) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("acl")
        await person.see("Users Control / …   12 known pages")
        await person.press("enter")
        await person.type("group")
        await person.see("Users Control / Groups   7 known pages")
        await person.press("enter")
        await person.type("table")
        await person.see("a known page without a label")


async def test_f4_picks_a_page_by_its_label(start: Start, code: ShopCode) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.press("f4")
        await person.see("Pick a known page for the rule", "of 20")
        await person.type("edit group")
        await person.see("1 found")
        await person.press("enter")
        await person.see("acl/group/edit  ")
        await person.press("enter")
        await person.wait(lambda: person.focus == "permission", "the focus in Permission")
        await person.see(f"Page            {EDIT_GROUP}")
        await person.press("enter")
        await person.see("Rule successfully added. allow acl/group/edit", f"highlighted: {EDIT_GROUP}")


async def test_labels_stand_in_trees_and_reasons_and_a_path_is_found_by_its_label(start: Start, code: ShopCode) -> None:
    shop = Shop(str(code.root.parent / "shop.db"))
    shop.rules(2, "allow acl/group/*", "deny acl/group/edit")
    shop.join(2, 1)
    async with start(section="4", first="\n>", size=(120, 40)) as person:
        await person.wait(lambda: "anna@" in person.line(">"), "anna")
        await person.press("enter")
        await person.see("▸ acl   Users Control / …", "a URL or a label")
        await person.press("slash")
        await person.type("users control / groups / ed")
        await person.wait(partial(is_suggested, person, EDIT_GROUP), "the label")
        await person.press("right", "enter")
        await person.see("✘ denied  acl/group/edit", "Page: Users Control / Gro", "edit   Edit Group")


async def test_the_impact_of_a_rule_says_what_its_page_is_called(start: Start, code: ShopCode) -> None:
    shop = Shop(str(code.root.parent / "shop.db"))
    shop.join(2, 1)
    async with start(section="3", size=(120, 40)) as person:
        await open_role(person)
        await person.paste("acl/group/edit")
        await person.see(f"+ 1 user gains acl/group/edit ({EDIT_GROUP})")


async def test_a_page_is_there_before_the_code_is_read_and_shows_it_then(
    start: Start, code: ShopCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    Shop(str(code.root.parent / "shop.db")).rules(2, "allow acl/grup/edit")
    answering = late(monkeypatch, reading, "read_pages")
    try:
        async with start(section="3") as person:
            await person.press("enter")
            await person.see("Edit Role", "> acl")
            await person.miss("picks", "no pag", "F4 Pages")
            answering.set()
            await person.see("picks", "allow, matches no pag", "F4 Pages")
    finally:
        answering.set()


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_findings_about_pages_come_once_these_are_known(
    size: tuple[int, int], start: Start, code: ShopCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    Shop(str(code.root.parent / "shop.db")).rules(2, "allow acl/group/index")
    answering = late(monkeypatch, reading, "read_pages")
    try:
        async with start(section="4", size=size) as person:
            await person.press("f")
            await person.see("Results that depend")
            await person.miss("Rules that match no known page")
            answering.set()
            await person.see("Rules that match no known page")
            await person.wait(lambda: person.line("Pages whose").endswith(("none", "1")), "all counts")
            await person.press("end")
            await person.see("missed.")
    finally:
        answering.set()


async def test_a_wrong_shop_root_is_said_and_nothing_else_changes(start: Start, shop: None, home: Path) -> None:
    file = home / "config" / "backoffice" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('shop_root = "/no/such/folder"\n')
    async with start(section="3") as person:
        await person.see("Note: the shop's code: /no/such/folder: no such folder")
        await person.press("enter")
        await person.see("Edit Role", "Bundle")
        await person.press("f4")
        await person.miss("Pick a known page", "picks")


async def test_hostile_labels_are_text(start: Start, code: ShopCode) -> None:
    code.navigation("config/Zed", entry("a", "[red]x[/]&#x9b;31m", "acl/group/edit"))
    async with start(section="3") as person:
        await open_role(person)
        await person.paste("acl/group/edit")
        await person.see("Page            [red]x[/]�31m")
        await person.press("f4")
        await person.see("[red]x[/]�31m")
