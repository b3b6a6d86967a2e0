"""What is changed in the screens is recorded, and the first line says where it is not."""

from pathlib import Path

from models.changes import history
from models.changes.journal import Journal
from tests.tui.conftest import Person, Sql, Start


async def create_role(person: Person, name: str) -> None:
    await person.press("3", "n")
    await person.see("Create new Role")
    await person.type(name)
    await person.press("ctrl+s")


async def test_the_first_line_says_whether_changes_are_recorded(start: Start, shop: None, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    async with start(recorder=Journal(folder, is_own=False)) as person:
        await person.see("[not recorded]")
        folder.mkdir()
        await create_role(person, "Media")
        await person.see("successfully added.")
        await person.miss("[not recorded]")
    (record,) = history.records(folder)
    assert (record.summary, record.outcome) == ("Media: role created", "written")


async def test_a_change_that_has_to_be_recorded_and_cannot_be_is_refused(
    start: Start, shop: None, sql: Sql, tmp_path: Path
) -> None:
    async with start(recorder=Journal(tmp_path / "nowhere", is_own=False, is_required=True)) as person:
        await create_role(person, "Media")
        await person.see("The change cannot be recorded", "[not recorded]")
    assert sql("SELECT count(*) FROM spy_acl_role WHERE name = 'Media'") == [(0,)]


async def test_a_syslog_that_is_not_reached_is_said_once(start: Start, shop: None, tmp_path: Path) -> None:
    async with start(recorder=Journal(tmp_path, uses_syslog=True)) as person:
        await create_role(person, "Media")
        await person.see("syslog: ")
