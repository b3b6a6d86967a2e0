"""History in the screens: of one record and of all, with what was changed outside, each change before and after."""

from pathlib import Path

import pytest

from models import groups, lookup, roles
from models.changes import history, undo
from models.changes.journal import Journal
from models.db.connection import open_database
from tests.tui.conftest import Sql, Start, lost
from tui.history import history as history_page


@pytest.fixture
def made(location: str, shop: None, home: Path) -> Journal:
    """A group was made with this program and changed, and a role."""
    journal = Journal(home / "state" / "backoffice" / "history")
    open_database(location, recorder=journal)
    groups.update(groups.get(groups.create("Catalog", [2])), "Catalog team", [2, 3])
    roles.create("Media")
    return journal


async def test_h_shows_what_was_changed_in_the_highlighted_record_and_enter_all_values(
    start: Start, made: Journal
) -> None:
    async with start(first="> Catalog team") as person:
        await person.press("H")
        await person.see("Users / History / Catalog team", "2 changes", "Catalog: group created; role CMS editor added")
        await person.see("> ", "Catalog: title Catalog → Catalog team; ", "@")
        await person.press("enter")
        await person.see("Users / History / Change", "Record", "Field", "Before", "After")
        await person.see("group Catalog", "title", "Catalog team", "role", "Order support")
        await person.see("Command: backoffice groups add-role Catalog 'Order support' && backoffice")
        await person.press("escape", "escape")
        await person.see("Users / User Groups", "> Catalog team")


LONG_NAMES = [" ".join(f"{letter}{number}" for number in range(100, 142)) for letter in "AB"]


async def test_a_change_between_the_longest_names_is_read_whole_and_its_undo_says_its_effect(
    start: Start, made: Journal
) -> None:
    groups.update(groups.get(2), LONG_NAMES[0], [2])
    groups.update(groups.get(2), LONG_NAMES[1], [2])
    async with start(first="> B100") as person:
        await person.press("H")
        await person.see("2 changes")
        await person.press("enter")
        await person.see("Users / History / Change", "> A100")
        read = []
        for row in person.page.records.window.rows:
            assert row.text.rstrip() in person.line(">")
            read.append(row.text)
            await person.press("down")
        for word in " ".join(LONG_NAMES).split():
            assert "\n".join(read).count(word) >= 3  # in the summary, in the command, before or after
        await person.press("z")
        await person.see("Undo “A100", "Effect: Nobody's access changes.", "A141.")


async def test_what_was_changed_outside_stands_first(start: Start, made: Journal, sql: Sql) -> None:
    sql("UPDATE spy_acl_group SET name = 'Catalogue' WHERE name = 'Catalog team'")
    async with start(first="> Catalogue") as person:
        await person.press("H")
        await person.see("Changed outside this program: group Catalog", "3 changes")
        await person.press("enter")
        await person.see("Catalog team", "Catalogue")


async def test_the_history_of_one_record_does_not_repeat_its_name(start: Start, made: Journal) -> None:
    id, _ = lookup.find_one("group", "Catalog team")
    groups.update(groups.get(id), "Catalog team", [3])
    async with start(first="> Catalog team") as person:
        await person.press("H")
        await person.see("3 changes", "  role CMS editor removed")


async def test_f7_in_a_form_shows_its_records_history(start: Start, made: Journal) -> None:
    async with start(first="> Catalog team") as person:
        await person.press("enter")
        await person.see("Edit Group", "Catalog team")
        await person.press("f7")
        await person.see("Users / History / Catalog team", "2 changes")
        await person.press("escape")
        await person.see("Edit Group")


async def test_the_palette_opens_the_history_of_all_which_can_be_searched(start: Start, made: Journal) -> None:
    async with start() as person:
        await person.press("ctrl+p")
        await person.see("Search groups")
        await person.type("history of")
        await person.see("Show what was changed with this program")
        await person.miss("Go to", "Choose a theme", "when and by whom")
        await person.press("enter")
        await person.see("Users / History", "3 changes", "Media: role created")
        await person.press("/")
        await person.type("media created")
        await person.miss("Catalog")
        await person.see("Media: role created")


async def test_a_shop_without_a_history_says_so(start: Start, shop: None) -> None:
    async with start(first="> Content team") as person:
        await person.press("H")
        await person.see("Nothing was changed with this program yet.")


async def test_the_effect_that_the_screen_told_is_recorded(start: Start, made: Journal, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (2, 'sales', '*', '*', 0)")
    member = "SELECT id_acl_group, 1 FROM spy_acl_group WHERE name = 'Catalog team'"
    sql(f"INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) {member}")
    async with start(first="> Catalog team", recorder=made) as person:
        await person.press("d")
        await person.see("Effect", "1 user loses")
        await person.press("y")
        await person.see("Group was deleted successfully.")
    record = next(history.records(made.folder))
    assert record.summary.startswith("Catalog team: group deleted")
    assert record.intent["effect"][0].startswith("1 user loses ")


async def test_a_change_whose_end_is_not_recorded_is_looked_up(start: Start, made: Journal, home: Path) -> None:
    (file,) = made.folder.glob("*.jsonl")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))  # its outcome
    async with start() as person:
        await person.press("3")
        await person.see("> ", "Media")
        await person.press("j")
        await person.see("> Media")
        await person.press("H")
        await person.see("[unknown] Media: role created")
        await person.press("enter")
        await person.see("How it ended is not recorded. Its rows are as it would have written them.")


async def test_the_page_of_a_change_undoes_it_and_copies_its_command(start: Start, made: Journal, sql: Sql) -> None:
    async with start(first="> Catalog team") as person:
        await person.press("H")
        await person.see("Catalog: title Catalog → Catalog team; ")
        await person.press("enter")
        await person.see("Users / History / Change", "z Undo")
        await person.press("f8")
        await person.see("“backoffice groups add-role Catalog 'Order support'")
        await person.press("z")
        await person.see("Undo “Catalog: title Catalog → Catalog team")
        await person.press("y")
        await person.see("Undone: Catalog: title Catalog → Catalog team")
        await person.press("escape")
        await person.see("Users / History / Catalog team", "3 changes")
    assert sql("SELECT COUNT(*) FROM spy_acl_group WHERE name = 'Catalog'") == [(1,)]


async def test_an_undo_while_the_database_is_away_fails_in_the_list_and_ends_nothing(
    start: Start, made: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(first="> Catalog team") as person:
        await person.press("H")
        await person.see("Catalog: title Catalog → Catalog team; ")
        with lost(monkeypatch, history_page, "outside_changes"), lost(monkeypatch, undo, "plan"):
            await person.press("z")
            await person.see("Users / History / Catalog team", "The database cannot be reached. Press r to try again.")
        await person.see("2 changes", "Catalog: title Catalog → Catalog team; ")


@pytest.mark.parametrize(("key", "name"), [("z", "Undo"), ("f8", "Copy command")])
async def test_a_key_for_a_recorded_change_says_so_where_there_is_none(
    start: Start, made: Journal, sql: Sql, key: str, name: str
) -> None:
    sql("UPDATE spy_acl_group SET name = 'Catalogue' WHERE name = 'Catalog team'")
    async with start(first="> Catalogue") as person:
        await person.press("H")
        await person.see("Changed outside this program: group Catalog", "3 changes")
        await person.press("home", key)
        await person.see(f"{name}: no recorded change here")
        await person.press("enter")
        await person.see("Users / History / Change", "Catalogue")
        await person.miss("no recorded change here")
        await person.press(key)
        await person.see(f"{name}: no recorded change here")
