"""Keys that the settings change, and the sets that come with the program."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.conftest import Start
from tui import key_table
from tui.app import BackOffice
from tui.keymap import keys

Configure = Callable[[str], None]


@pytest.fixture
def configure(home: Path) -> Configure:
    def write(text: str) -> None:
        folder = home / "config" / "backoffice"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(text, encoding="utf-8")

    return write


async def test_a_changed_key_works_and_is_what_every_text_says(start: Start, configure: Configure) -> None:
    configure(
        """
        [keys]
        "page.create" = "ctrl+n"
        page.search = "Z"
        members.add = ["+", "insert"]
        form.save = "F10"
        form.back = "f11"
        app.users = "f12"
        app.help = "f1"
        question.yes = "j"
        list.reload = "R"
        """
    )
    async with start() as person:
        await person.see("ctrl+n Create  Enter Edit", "Z Search", "F1 Help", "Z to search", "F12 Users")
        await person.press("n", "slash", "1")
        assert "Users / User Groups" in person.screen and person.focus != "search"
        await person.press("ctrl+n")
        await person.see("Create new Group", "F10 Save  F11 Back")
        await person.type("Night shift")
        await person.press("tab", "space", "f10")
        await person.see("Group was created successfully.", "will be shown here. Tab here,", "press + to")
        await person.press("tab", "insert")
        await person.see("Add users", "Add (ctrl+s)", "Cancel (Esc)")
        await person.press("escape", "f11")
        await person.see("> Night shift")
        await person.press("d")
        await person.see("Delete (j)", "Cancel (n)", "j Delete")
        await person.press("j")
        await person.see("Group was deleted successfully.")
        await person.press("f1")
        await person.see("ctrl+n ", "Create a user group")
        await person.press("escape", "f12")
        await person.see("Users / Users", "No users yet (press ctrl+n).")


async def test_a_click_on_a_section_opens_it_whatever_its_key_is(start: Start, configure: Configure) -> None:
    configure('[keys]\n"app.roles" = "f12"')
    async with start() as person:
        line = person.line("F12 User Roles")
        await person.pilot.click(offset=(line.index("F12"), 1))
        await person.see("Users / User Roles", "> root_role")


async def test_what_the_keys_table_says_wrongly_is_named_and_the_rest_holds(
    start: Start, shop: None, configure: Configure
) -> None:
    configure(
        """
        [keys]
        page.nonsense = "x"
        page.create = "ctl+x"
        page.edit = 7
        page.delete = "s"
        form.save = "slash"
        page.sort = "Z"
        """
    )
    async with start(size=(200, 24)) as person:
        await person.see("page.create", "page.nonsense")
        said = " ".join(person.screen.replace("▌", "").split())
        assert "[keys] page.create: unknown key “ctl+x”; [keys] page.edit must be a text or a list of texts." in said
        assert "[keys] page.nonsense: unknown id; " in said
        assert "[keys] form.save: also works in text fields, where a letter is text." in said
        await person.see("n Create  Enter Edit", "Z/S Sort")
        assert "page.delete" not in person.screen
        await person.press("s")
        await person.see("Delete the group")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"page.delete": "n"}, {"page.delete": "n is already used by page.create"}),
        ({"page.sort": "j"}, {"page.sort": "j is already used by list.down"}),
        ({"users.groups": "x"}, {"users.groups": "x is already used by users.remove"}),
        ({"form.back": "f1"}, {"form.back": "F1 is already used by app.help"}),
        ({"page.next": "ctrl+w"}, {"page.next": "ctrl+w is already used by Delete left to start of word"}),
        ({"list.up": "Z", "list.down": "Z"}, {"list.up": "Z is already used by list.down"}),
        ({"list.up": "j", "list.down": "k"}, {}),
        ({"members.add": "s"}, {}),
        ({"page.sort": "a"}, {"page.sort": "a is already used by users.add"}),
    ],
)
def test_a_key_clashes_with_another_only_where_both_can_be_meant(
    changes: dict[str, str], wrong: dict[str, str]
) -> None:
    assert key_table.check(BackOffice, changes, {}) == wrong


def test_every_key_is_in_the_table_for_the_config_file() -> None:
    texts = [path.read_text() for path in Path(key_table.__file__).parent.rglob("*.py")]
    ids = {id for text in texts for id in re.findall(r'id="([a-z_]+[.][a-z_]+)"', text)}
    listed = {line.split('"')[1] for line in key_table.as_settings(BackOffice, {}) if '"' in line}
    assert len(ids) > 100
    assert ids <= listed


def test_the_sets_that_come_with_the_program_are_right() -> None:
    chains = key_table._chains(BackOffice)
    bindings = {binding.id: binding for chain in chains for part in chain for binding in part if binding.id}
    for name, key_set in keys.SETS.items():
        assert not set(key_set) - set(bindings), name
        assert all(keys.named(key) == key for change in key_set.values() for key in change.split(","))
    back = {id for id, binding in bindings.items() if "escape" in binding.key.split(",")}
    assert all("ctrl+g" in keys.SETS["emacs"].get(id, "").split(",") for id in back), "ctrl+g goes back everywhere"
    assert {"ctrl+s"} <= set(bindings["form.save"].key.split(",")) and "form.save" not in keys.SETS["emacs"]


def test_every_key_of_the_program_can_be_changed_and_says_what_it_is_for() -> None:
    ours = [binding for chain in key_table._chains(BackOffice) for part in chain for binding in part if binding.tooltip]
    assert all(binding.id and binding.description for binding in ours if binding.system is False)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *[("x", "x"), ("?", "question_mark"), ("esc", "escape"), ("F5", "f5"), ("ctrl+x", "ctrl+x"), ("+", "plus")],
        *[("shift+n", "N"), ("ctrl+alt+up", "alt+ctrl+up"), ("ctrl++", "ctrl+plus"), (" del ", "delete")],
        *[
            ("space", "space"),
            ("PgUp", "pageup"),
            ("ctrl+Enter", "ctrl+enter"),
            ("Esc", "escape"),
            ("Ä", "Ä"),
            ("ctl+x", ""),
            ("foo", ""),
            ("", ""),
            ("ctrl+", ""),
        ],
    ],
)
def test_a_key_is_named_as_people_write_it(written: str, key: str) -> None:
    assert keys.named(written) == key


async def test_the_emacs_set_is_printed_and_the_vim_keys_are_gone(
    start: Start, shop: None, configure: Configure
) -> None:
    configure('key_set = "emacs"')
    async with start() as person:
        await person.press("k", "j", "ctrl+n")
        assert "> Content team" not in person.line("Content team")
        await person.press("ctrl+p", "enter")
        await person.see("ctrl+s Save  ctrl+g Back")
        await person.press("ctrl+n", "ctrl+n")
        await person.wait(lambda: person.focus == "roles", "the roles: ctrl+n moves in them")
        await person.press("ctrl+g")
        await person.press("slash")
        await person.type("nothing")
        await person.see("ctrl+g shows all again.")
        await person.press("ctrl+g", "alt+x")
        await person.see("Search groups, roles")
        await person.type("cms")
        await person.see("CMS editor")
        await person.press("ctrl+n", "ctrl+p", "ctrl+g")
        await person.see("n Create")
