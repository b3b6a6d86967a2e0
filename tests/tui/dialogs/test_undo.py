"""Undo in the screens: a question says what it does, Cancel is the default, and what was changed since is shown."""

from pathlib import Path

import pytest

from models import groups
from models.changes import history
from models.changes.journal import Journal
from models.db.connection import open_database
from tests.tui.conftest import Sql, Start


@pytest.fixture
def journal(location: str, shop: None, home: Path) -> Journal:
    """Changes are recorded where the program looks for them."""
    journal = Journal(home / "state" / "backoffice" / "history")
    open_database(location, recorder=journal)
    return journal


async def test_z_asks_what_to_undo_and_a_message_names_it(start: Start, journal: Journal, sql: Sql) -> None:
    async with start(first="> Content team", recorder=journal) as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?")
        await person.press("y")
        await person.see("Group was deleted successfully. Content team (z undoes)")
        await person.press("z")
        await person.see("Undo “Content team: group deleted; role CMS editor", "Effect: Nobody's access changes.")
        await person.see("Content team: group created; role CMS editor added.", "Undo (y)", "Cancel (n)")
        await person.press("enter")
        await person.see("Users / User Groups", "3 groups")
        await person.press("z", "y")
        await person.see("Undone: Content team: group deleted; role CMS editor removed.", "4 groups")
    assert sql("SELECT id_acl_group FROM spy_acl_group WHERE name = 'Content team'") == [(2,)]


async def test_z_again_makes_the_change_again(start: Start, journal: Journal, sql: Sql) -> None:
    groups.update(groups.get(2), "Content", [2])
    async with start(first="> Content", recorder=journal) as person:
        await person.press("z", "y")
        await person.see("Undone: ", "> Content team")
        await person.press("z")
        await person.see("Undo “Content: title Content → Content team”")
        await person.press("y")
        await person.see("> Content  ")
    assert len([*history.records(journal.folder)]) == 3


async def test_what_was_changed_since_is_shown_and_stays_unless_it_is_overwritten(
    start: Start, journal: Journal, sql: Sql
) -> None:
    groups.update(groups.get(2), "Content", [2])
    sql("UPDATE spy_acl_group SET name = 'Editors' WHERE id_acl_group = 2")
    async with start(first="> Editors", recorder=journal) as person:
        await person.press("z")
        await person.see("This was changed again since.", "before  Content", "theirs  Editors", "yours   Content team")
        await person.press("enter")
        await person.see("> Editors")
        await person.press("z", "m")
        await person.see("Editors: title Editors → Content team.")
        await person.press("y")
        await person.see("Undone: ", "> Content team")


async def test_what_cannot_come_back_and_that_nothing_was_changed_is_said(start: Start, journal: Journal) -> None:
    async with start(recorder=journal) as person:
        await person.press("z")
        await person.see("No change of yours to this database is recorded.")


async def test_the_palette_has_undo(start: Start, journal: Journal) -> None:
    groups.update(groups.get(2), "Content", [2])
    async with start(first="> Content", recorder=journal) as person:
        await person.press("ctrl+p")
        await person.see("Search groups")
        await person.type("undo")
        await person.see("Undo")
        await person.wait(lambda: person.page.query_one("CommandList").option_count == 1, "Undo alone")
        await person.press("enter")
        await person.see("Undo “Content team: title Content team → Content”")


async def test_where_nothing_is_recorded_no_message_speaks_of_undo(start: Start, shop: None) -> None:
    async with start(first="> Content team") as person:
        await person.press("d", "y")
        await person.see("Group was deleted successfully. Content team")
        assert "undoes" not in person.screen


async def test_z_in_the_history_takes_the_highlighted_change_back(start: Start, journal: Journal) -> None:
    groups.update(groups.get(2), "Content", [2])
    groups.update(groups.get(3), "Sales team", [2])
    async with start(first="> Content", recorder=journal) as person:
        await person.press("H")
        await person.see("1 change", "> ", "Content team: title")
        await person.press("z")
        await person.see("Undo “Content team: title Content team → Content”")
        await person.press("y")
        await person.see("Undone: Content team: title", "2 changes")
        await person.press("escape")
        await person.see("> Content team", "Sales team")


async def test_a_saved_user_is_told_with_the_key_that_undoes_and_a_saved_group_stays_open_without(
    start: Start, journal: Journal
) -> None:
    async with start(first="> Content team", recorder=journal) as person:
        await person.press("enter")
        await person.see("Edit Group")
        await person.type("X")
        await person.press("ctrl+s")
        await person.see("Group was updated successfully.")
        await person.miss("undoes")
        await person.press("escape", "1", "enter")
        await person.see("Edit User", "First Name")
        await person.press("tab", "tab", "tab")
        await person.type("X")
        await person.press("tab", "tab", "space", "ctrl+s")
        await person.see("User was updated successfully. ", "(z undoes)")
