"""`[` and `]`: back to where the person was, and forward again."""

import pytest

from tests.tui.conftest import Person, Start, open_first_group


async def at_list(person: Person, breadcrumb: str) -> None:
    await person.wait(lambda: person.line("Users / ").startswith(f" {breadcrumb} "), breadcrumb)


@pytest.mark.parametrize("keys", [("left_square_bracket", "right_square_bracket"), ("alt+left", "alt+right")])
async def test_a_person_goes_back_and_forward_between_records_and_lists(shop, start: Start, keys: tuple[str, str]):
    back, forward = keys
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "tab", "1")  # in a field it would be a digit
        await person.see("anna@shop.example")
        await person.press("w")
        await person.see("Users / Access / anna@shop.example")
        await person.press(back)
        await person.see("Users / Users ", "a/x Groups")
        await person.press(back)
        await person.see("Edit Group")
        await person.press("tab", back)
        await person.see("Users / User Groups ", "n Create")
        await person.press(forward)
        await person.see("Edit Group", "[x] CMS editor")
        await person.press("tab", "tab", forward)
        await person.see("a/x Groups")
        await person.press(forward)
        await person.see("Users / Access / anna@shop.example")
        await person.press(forward)
        await person.see("Users / Access / anna@shop.example")


async def test_a_list_is_as_it_was_left(shop, start: Start):
    async with start(section="1") as person:
        await person.press("S", "slash")
        await person.type("example a")
        await person.see("3 found")
        await person.press("enter", "j", "enter")
        await person.see("Edit User")
        await person.press("alt+left")
        await person.see("E-mail ↓", "3 found", ">○ bert@shop.example")


async def test_a_record_is_a_place_once_it_is_created(shop, start: Start):
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Tester")
        await person.press("ctrl+s")
        await person.see("Edit Role")
        await person.press("alt+left")
        await person.see("n Create")
        await person.press("alt+right")
        await person.see("Edit Role", "Tester")


async def test_unsaved_changes_are_asked_about_and_keep_the_page(shop, start: Start):
    async with start() as person:
        await open_first_group(person)
        await person.type("x")
        await person.press("alt+left")
        await person.see("Discard changes?")
        await person.press("n")
        await person.miss("Discard changes?")
        await person.see("Edit Group", "unsaved")
        await person.press("alt+left")
        await person.see("Discard changes?")
        await person.press("y")
        await person.see("n Create")


async def test_going_somewhere_else_forgets_the_way_forward(shop, start: Start):
    async with start() as person:
        await open_first_group(person)
        await person.press("alt+left")
        await person.see("n Create")
        await person.press("3")
        await person.see("Users / User Roles")
        await person.press("alt+right")
        await person.see("Users / User Roles")
        await person.press("alt+left", "alt+left")
        await person.see("Users / User Groups ", "nowhere further back")


async def test_a_record_that_is_gone_is_said_and_the_list_stays(shop, start: Start, sql):
    async with start() as person:
        await open_first_group(person)
        await person.press("alt+left")
        await person.see("n Create")
        sql("DELETE FROM spy_acl_group WHERE name = 'Content team'")
        await person.press("alt+right")
        await person.hear("! Group couldn't be found")
        await person.see("n Create")


async def test_pages_that_are_no_records_are_places_too(shop, start: Start):
    async with start(section="4") as person:
        await person.press("p")
        await person.see("Users / Access / Who may")
        await person.paste("cms-gui/index/index")
        await person.see("allowed user")
        await person.press("alt+left")
        await at_list(person, "Users / Access")
        await person.press("right_square_bracket")
        await person.see("Users / Access / Who may", "cms-gui/index/index", "allowed user")
        await person.press("left_square_bracket", "f")
        await person.see("Users / Access / Findings", "Groups without users")
        await person.press("enter")
        await person.miss("Users / Access / Findings")
        finding = person.screen.splitlines()[0]
        await person.press("left_square_bracket")
        await person.see("Users / Access / Findings")
        await person.press("left_square_bracket", "space", "j", "space", "c")
        await person.see("Users / Access / Compare", "anna@shop.example")
        await person.press("1", "i")
        await person.see("Import users from CSV")
        for place in ("Users / Users ", "Users / Access / Compare"):
            await person.press("alt+left")
            await person.see(place)
        assert finding.startswith(" Users / Access / ")
