"""`Y`: a list's table, in a format that is asked for, to the clipboard or to a file."""

import json
import stat
from pathlib import Path

import pytest

from tests.tui.conftest import Person, Sql, Start
from tui.dialogs import copy_table
from tui.terminal.terminal_app import TerminalApp


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, an empty one."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the clipboard."""
    texts: list[str] = []
    monkeypatch.setattr(TerminalApp, "copy_lines", lambda self, lines: texts.append("".join(lines)))
    return texts


async def heard(person: Person, text: str) -> None:
    await person.wait(lambda: any(text in message for message in person.told), text)


async def copy_as(person: Person, format: str) -> None:
    await person.press("Y")
    await person.see("Markdown")
    number = person.line(f"  {format}").split(format)[0].split()[-1]
    await person.press(number)


async def test_names_alone_are_copied_one_a_line_of_the_selected_rows_in_the_order_of_the_list(
    shop, start: Start, copied: list[str]
):
    async with start(section="1") as person:
        await person.press("S", "g", "space", "j", "space")
        await person.see("2 selected")
        await copy_as(person, "E-mails only")
        await heard(person, "2 rows, as Names: sent to the terminal's clipboard.")
        assert copied == ["carla@shop.example\nanna@shop.example\n"]


async def test_a_search_copies_all_that_it_found_and_markdown_takes_every_cell_for_text(
    shop, start: Start, copied: list[str], sql: Sql
):
    sql("UPDATE spy_acl_group SET name = 'a|b <i>*' WHERE name = 'Sales'")
    async with start() as person:
        await person.press("slash")
        await person.type("a|b")
        await person.see("1 found")
        await person.press("enter")
        await copy_as(person, "Markdown")
        await heard(person, "1 row, as Markdown")
        headings, rule, row = copied[0].splitlines()
        assert headings == "| Name | Roles | Users | Created At |"
        assert rule == "| --- | --- | --- | --- |"
        assert row == r"| a\|b \<i\>\* | CMS editor | 0 | 2026-03-11 09:00 |"


@pytest.mark.parametrize("format", ["CSV", "TSV"])
async def test_a_spreadsheet_takes_no_cell_for_a_formula(shop, start: Start, copied: list[str], sql: Sql, format: str):
    sql("UPDATE spy_acl_group SET name = '=cmd\t\n' WHERE name = 'Sales'")
    async with start() as person:
        await copy_as(person, format)
        await heard(person, f"4 rows, as {format}")
        assert "\n'=cmd␉␊" in copied[0]
        assert len(copied[0].splitlines()) == 5


async def test_json_has_the_text_itself_by_heading(shop, start: Start, copied: list[str], sql: Sql):
    sql("UPDATE spy_acl_group SET name = '=Sales\x1b' WHERE name = 'Sales'")
    async with start() as person:
        await copy_as(person, "JSON")
        await heard(person, "4 rows, as JSON")
        assert {"=Sales\x1b"} < {row["Name"] for row in json.loads(copied[0])}


async def test_what_is_too_long_for_a_clipboard_goes_to_a_new_file_for_its_owner_alone(
    shop, start: Start, copied: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copy_table, "MAX_COPIED", 50)
    async with start(size=(200, 24), section="1") as person:
        for _ in range(2):
            await copy_as(person, "CSV")
            await heard(person, "3 rows, as CSV: too long for the clipboard, written to ")
            await person.press("escape")
        await person.wait(lambda: len([*folder.iterdir()]) == 2, "two files")
        first, second = sorted(folder.iterdir(), key=lambda path: len(path.name))
        assert first.name.startswith("users-20") and second.name == f"{first.stem}-2.csv"
        assert first.read_text() == second.read_text()
        assert first.read_text().startswith("E-mail,First Name,Last Name,Groups,Last Login,Status")
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
        assert not copied


async def test_a_folder_that_takes_no_file_is_said(shop, start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copy_table, "MAX_COPIED", 50)
    async with start(section="1") as person:
        folder.rmdir()
        await copy_as(person, "CSV")
        await heard(person, "The table was not copied: No such file or directory.")


async def test_escape_copies_nothing(shop, start: Start, copied: list[str]):
    async with start(section="1") as person:
        await person.press("Y")
        await person.see("Markdown")
        await person.press("escape")
        await person.miss("Markdown")
        assert not copied
