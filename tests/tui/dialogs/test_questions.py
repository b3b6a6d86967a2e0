"""Questions: what cannot be taken back is read and answered at any size, and no stray key answers."""

import threading
from dataclasses import replace

import pytest

from models.access.impact import AccessChange
from models.errors import Unavailable
from tests.tui.conftest import Person, Sql, Start
from tui.app import BackOffice
from tui.dialogs import dialog, impact_line
from tui.widgets.too_small import TooSmall
from tui.wording.questions import words_to_type

LONG = "A very long group name " * 11 + "ÄÖ"


async def ask_to_delete(person: Person) -> None:
    person.app.source = replace(person.app.source, mark="production")
    await person.press("d")
    await person.see("Delete the group “A very long", "PRODUCTION: type 3 (the id of “A")
    await person.wait(lambda: person.page.query_one("ImpactLine").impact, "the effect")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_a_production_question_about_a_long_name_is_read_and_answered_at_any_size(
    start: Start, shop: None, sql: Sql, size: tuple[int, int]
) -> None:
    sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 3", LONG)
    sql("INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (2, 'cms', '*', '*', 0)")
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (3, 1)")
    async with start(size=size) as person:
        await ask_to_delete(person)
        read = person.screen
        for _ in range(12):
            await person.press("pagedown")
            await person.pilot.pause(0.05)  # the next frame
            read += person.screen
            assert "PRODUCTION: type 3" in person.screen
            assert any(line.split()[1:3] == ["Delete", "Cancel"] for line in person.screen.splitlines())
        for part in ("ÄÖ”?", "Roles: CMS editor.", "1 user will lose this group.", "no group left", "cms/*/*"):
            assert part in read, read
        through_all_fields = ["enter"] * (1 if size == (40, 12) else 2)  # the reason has no room there
        await person.type("A very")
        await person.press(*through_all_fields)
        await person.see("! Does not match.", "PRODUCTION: type 3")
        await person.replace("3")
        await person.press(*through_all_fields)
        await person.miss("PRODUCTION")
    assert sql("SELECT count(*) FROM spy_acl_group WHERE id_acl_group = 3") == [(0,)]


@pytest.mark.parametrize(
    ("records", "to_type"),
    [
        ({17: "Sales"}, "Sales"),
        ({17: "x" * 30}, "x" * 30),
        ({17: "x" * 31}, "17"),
        ({17: "Äpfel"}, "17"),
        ({17: "two  spaces"}, "17"),
        ({17: " "}, "17"),
        ({17: ""}, "17"),
        ({17: "a\x1bb"}, "17"),
        ({1: "Sales", 2: "Äpfel", 3: "B"}, "delete 3"),
        ({}, ""),
    ],
)
def test_what_is_to_be_typed_is_a_plain_name_else_the_id_and_of_several_the_verb_and_the_count(
    records: dict[int, str], to_type: str
) -> None:
    words, label = words_to_type("Delete", records)
    assert words == to_type
    assert f"type {to_type}" in label
    assert ("(the id of “" in label) == (to_type == "17")


async def test_several_are_deleted_on_production_by_the_verb_and_their_count(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start() as person:
        person.app.source = replace(person.app.source, mark="production")
        await person.press("space", "down", "space", "d")
        await person.see("PRODUCTION: type delete 2 to confirm")
        await person.type("delete 2")
        await person.press("enter", "enter")
        await person.miss("PRODUCTION: type")
    assert sql("SELECT count(*) FROM spy_acl_group") == [(2,)]


def strike(person: Person, *keys: str) -> None:
    """Press keys without waiting for anything."""
    for key in keys:
        person.strike(key)


async def test_keys_pressed_before_a_question_is_on_the_screen_do_not_answer_it(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start() as person:
        strike(person, "d", "y", "enter", "left", "enter", "y")
        await person.see("Delete the group “Content team”?")
        await person.pilot.pause(0.1)
        await person.see("Delete the group “Content team”?")
        assert sql("SELECT count(*) FROM spy_acl_group") == [(4,)]
        await person.press("y")
        await person.miss("Delete the group")
    assert sql("SELECT count(*) FROM spy_acl_group") == [(3,)]


async def test_the_key_that_opened_a_question_does_not_answer_it_while_it_is_held(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog, "KEY_REPEAT_S", 1.0)
    async with start() as person:
        await person.press("n", "x")
        for _ in range(4):
            await person.press("escape")
        await person.see("Discard changes?")
        monkeypatch.setattr(dialog, "KEY_REPEAT_S", 0)
        await person.press("escape")
        await person.miss("Discard changes?")
        assert person.value("title") == "x"


async def test_what_is_typed_ahead_goes_to_the_picker_that_a_key_opens(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        strike(person, "a", *"sales", "enter", "enter")
        await person.wait(lambda: "Sales" in person.line(">● anna@shop.example"), "the group of Anna")
    assert sql("SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group") == [(3, 1)]


async def test_the_screen_is_redrawn_over_dialogs_the_palette_and_help_too(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    redrawn: list[str] = []
    monkeypatch.setattr(BackOffice, "action_redraw", lambda app: redrawn.append(type(app.screen).__name__))
    async with start() as person:
        for key in ("d", "c", "question_mark", "ctrl+p"):
            await person.press(key)
            await person.wait(lambda: person.app.screen.is_modal, "the dialog")
            await person.press("ctrl+l")
            await person.wait(lambda: len(redrawn) > 0 and redrawn[-1] == type(person.app.screen).__name__, "the frame")
            await person.press("escape")
            await person.wait(lambda: not person.app.screen.is_modal, "the page")
    assert redrawn == ["Question", "AskName", "Help", "Palette"]


@pytest.mark.parametrize("key", ["d", "enter"])
async def test_an_effect_that_fails_after_its_page_or_dialog_was_closed_ends_nothing(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    answering = threading.Event()

    def failing(_: object) -> object:
        assert answering.wait(30)
        raise Unavailable("Database error: no.")

    monkeypatch.setattr(impact_line, "compute_impact", failing)
    async with start() as person:
        await person.press(key)
        if key == "d":
            await person.see("Delete the group")
            await person.press("escape")
        else:
            await person.see("Edit Group", "[x] CMS editor")
            await person.press("tab", "down", "space", "escape")
            await person.see("Discard changes?")
            await person.press("y")
        await person.see("/ to search")
        answering.set()
        await Person.answered()
        await person.pilot.pause(0.1)
        await person.press("down")
        await person.see("> Administrators group")


async def test_what_is_told_to_the_widgets_of_a_page_that_was_closed_meanwhile_ends_nothing(
    start: Start, shop: None
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        page = person.page
        effect, key_line, picker = (page.query_one(name) for name in ("ImpactLine", "KeyLine", "PickList"))
        cover = TooSmall()
        await page.mount(cover)
        await person.press("escape")
        await person.see("/ to search")
        await person.wait(lambda: not effect.is_attached, "the end of the page")
        effect.show(AccessChange(removed_rules=[1]))
        effect.show(None)
        key_line.update_keys()
        picker.action_clear()
        picker._filter("x")
        cover.render()
        await person.press("down")
        await person.see("> Administrators group")
