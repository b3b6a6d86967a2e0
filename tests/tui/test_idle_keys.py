"""A key that does nothing now says why in the last line, until the next key, and never as a message."""

from tests.tui.conftest import Person, Start, open_first_group


def last_line(person: Person) -> str:
    return person.screen.splitlines()[-1]


async def test_a_read_only_database_is_said_until_the_next_key(shop, start: Start):
    async with start(section="1", read_only=True) as person:
        for key, words in (("d", "Delete"), ("t", "Activate / deactivate"), ("f4", "Password"), ("n", "Create User")):
            await person.press(key)
            await person.see(f"\n {words}: read-only")
        await person.press("j")
        await person.wait(lambda: "Enter Edit" in last_line(person), "the keys again")
        assert not person.told


async def test_an_empty_list_says_that_no_row_is_highlighted(start: Start):
    async with start(section="1") as person:
        await person.see("No users yet")
        for key in ("enter", "w", "d"):
            await person.press(key)
            await person.see(": no row is highlighted")
        assert not [message for message in person.told if "row" in message]


async def test_a_dialog_says_it_in_its_own_last_line(shop, start: Start):
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "tab", "d")
        await person.see("Remove: no row is highlighted")
        await person.press("a")
        await person.see("[ ] ● anna@")
        await person.press("ctrl+s")
        await person.see("nothing selected: Space selects the highlighted row")
        await person.press("down")
        await person.see("Esc Cancel")
        assert not person.told


async def test_the_ends_of_the_way_back_are_said(shop, start: Start):
    async with start() as person:
        await person.press("left_square_bracket")
        await person.see("nowhere further back")
        await person.press("right_square_bracket")
        await person.see("nowhere further forward")


async def test_letters_in_a_field_are_no_keys(shop, start: Start):
    async with start(read_only=True) as person:
        await person.press("slash")
        await person.type("dn")
        await person.see("0 found")
        assert "read-only" not in last_line(person)
