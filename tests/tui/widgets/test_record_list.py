"""The list of every page, at sizes where a page of rows is not the whole table."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import users
from models.db import paging
from models.db.connection import close_database, open_database
from models.db.paging import PAGE, Listing
from models.user_form import UserForm
from tests.tui.conftest import Person, Sql, Start, find_group, late, lost, open_first_group
from tui.text import names

MANY = 1_200


@pytest.fixture
def many(file: Path) -> Iterator[None]:
    """A shop of 1,200 groups: `Group 0001` and so on, every tenth with `north` in its name."""
    open_database(str(file))
    close_database()
    connection = sqlite3.connect(file)
    rows = [
        (
            f"Group {number:04} {'north' if number % 10 == 0 else ''}".strip(),
            f"2026-01-01 {number // 60:02}:{number % 60:02}:00",
        )
        for number in range(1, MANY + 1)
    ]
    with connection:
        connection.executemany("INSERT INTO spy_acl_group (name, created_at) VALUES (?, ?)", rows)
    connection.close()
    yield


def shown_numbers(person: Person) -> list[int]:
    """The numbers of the groups on the screen, in order."""
    lines = (line[2:].split() for line in person.screen.splitlines() if line[2:].startswith("Group "))
    return [int(words[1]) for words in lines]


@pytest.mark.slow
async def test_moving_past_the_last_row_reads_on_in_order_to_the_very_end(start: Start, many: None) -> None:
    async with start() as person:
        await person.see("1,201 groups", "> Group 0001")
        seen: list[int] = []
        for _ in range(2 * MANY):
            for number in shown_numbers(person):
                if not seen or number > seen[-1]:
                    seen.append(number)
            if "> Administrators" in person.screen:
                break
            await person.press("pagedown")
            await person.pilot.pause()
        assert seen == list(range(1, MANY + 1))


async def test_the_end_and_the_start_are_one_key_away_and_the_way_back_is_whole(start: Start, many: None) -> None:
    async with start() as person:
        await person.press("G")
        await person.see("> Administrators group (root_group)", "Group 1200")
        window = person.page.records.window
        for _ in range(3 * MANY // 20):
            await person.press("pageup")
            await person.wait(lambda: not window.is_extending, "the rows before")
            numbers = shown_numbers(person)
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert len(window.rows) <= window.MAX_ROWS + PAGE
            if numbers[0] == 1:
                break
        assert "> Group 0001" in person.screen
        await person.press("G", "g")
        await person.see("> Group 0001")


async def test_a_search_shows_each_row_found_once_and_says_how_many(
    start: Start, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 50)
    async with start() as person:
        await person.press("slash")
        await person.type("north")
        await person.see("120 found", "> Group 0010 north")
        await person.press("down")
        await person.press("G")
        await person.see("> Group 1200 north")
        window = person.page.records.window
        for _ in range(12):
            await person.press("pageup")
            await person.wait(lambda: not window.is_extending, "the rows before")
            numbers = shown_numbers(person)
            assert numbers == list(range(numbers[0], numbers[0] + 10 * len(numbers), 10))
        await person.see("> Group 0010 north")
        await person.press("escape")
        await person.see("1,201 groups", "Group 0011")


async def test_matches_at_the_beginning_come_first_and_no_row_comes_twice(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_group (name) VALUES ('After sales')")
    async with start() as person:
        await person.press("slash")
        await person.type("s")
        await person.see("3 found", "> Sales", "After sales", "Administrators")
        rows = [line[2:].split("  ")[0] for line in person.screen.splitlines()[3:6]]
        assert rows == ["Sales", "After sales", "Administrators group (root_group)"]
        assert person.screen.splitlines()[6].strip() == ""


async def test_sorting_keeps_the_cursor_on_its_row_and_puts_missing_dates_last(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_group (name) VALUES ('Dateless')")
    async with start() as person:
        await person.see("> Content team")
        for key, arrow in (("S", "Name ↓"), ("s", "Created At ↑"), ("S", "Created At ↓")):
            await person.press(key)
            await person.see(arrow, "> Content team")
            if "Created" in arrow:
                assert "N/A" in person.screen.splitlines()[7]
        await person.press("s")
        await person.see("Name ↑", "> Content team")


async def test_a_failed_read_shows_the_reason_and_a_key_tries_again(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        sql("ALTER TABLE spy_acl_group RENAME TO elsewhere")
        await person.press("r")
        await person.see("no such table: spy_acl_group", "Press r to try again.")
        sql("ALTER TABLE elsewhere RENAME TO spy_acl_group")
        await person.press("r")
        await person.see("> Content team", "4 groups")


async def test_an_empty_list_says_what_to_do_next(start: Start, shop: None, sql: Sql) -> None:
    sql("DELETE FROM spy_acl_group")
    async with start(first="No user groups yet (press n)."):
        pass


async def test_what_is_changed_in_one_section_is_seen_in_the_next(start: Start, shop: None, sql: Sql) -> None:
    async with start() as person:
        await person.press("3")
        await person.see("CMS editor")
        sql("UPDATE spy_acl_group SET name = 'Renamed' WHERE id_acl_group = 2")
        await person.press("2")
        await person.see("Renamed")


@pytest.mark.parametrize(
    ("width", "sections"),
    [(60, "1  2 User Groups  3  4"), (80, "1 Users  2 User Groups  3 User Roles  4 Access")],
)
async def test_every_section_stays_in_view_beside_a_search(start: Start, shop: None, width: int, sections: str) -> None:
    async with start(size=(width, 20)) as person:
        await person.press("slash", "t", "e", "a", "m")
        await person.wait(lambda: person.line(f" {sections} ").rstrip().endswith("1 found"), "all of the line")


async def test_a_step_made_while_the_list_is_read_anew_is_kept(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = paging.Listing.page

    def slow(*arguments: Any) -> object:
        time.sleep(0.2)
        return page(*arguments)

    async with start() as person:
        await person.see("> Content team")
        monkeypatch.setattr(paging.Listing, "page", slow)
        await person.press("r", "j", "j")
        await person.see("> Sales")
        await person.pilot.pause(0.4)
        assert "> Sales" in person.screen


async def test_what_follows_the_star_at_once_is_done_to_all_that_it_marks(start: Start, shop: None) -> None:
    async with start() as person:
        await person.see("> Content team")
        person.strike("asterisk")
        person.strike("d")
        await person.see("The group root_group cannot be deleted")


def test_of_ten_thousand_names_those_that_fit_are_shown() -> None:
    assert names([f"u{number}" for number in range(10_000)], 20) == "u0, u1, u2, +9997"
    assert names(["", "", ""], 4) == ", , "


async def test_escape_leaves_a_search_in_which_nothing_is_typed(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("slash")
        await person.see("Esc Clear")
        await person.press("escape")
        await person.see("/ to search")
        await person.press("slash", "tab", "escape")
        await person.see("/ to search")


async def test_several_lines_pasted_into_a_search_are_one(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("slash")
        await person.paste("Content\nteam")
        await person.see("1 found", "Content team")


async def test_what_the_palette_opens_leaves_the_cursor_of_another_section_alone(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await find_group(person, "Sales")
        await person.press("escape")
        await person.see("Users / Users", ">● anna@shop.example")


async def test_the_highlighted_row_stays_in_view_where_something_else_takes_lines_from_the_list(
    start: Start, many: None
) -> None:
    async with start() as person:
        await person.see("1,201 groups", "> Group 0001")
        await person.press("pagedown")
        current = person.page.records.current.name
        for height in (14, 10, 6):
            person.page.records.styles.height = height
            await person.wait(lambda: person.page.records.size.height == height, "the lower list")  # noqa: B023
            await person.see(f"> {current}")


async def test_an_empty_list_shows_who_was_created_elsewhere(start: Start) -> None:
    form = UserForm("a@shop.example", "A", "B", frozenset([1]), password="Night-owl-2026", repeated="Night-owl-2026")
    async with start(section="4") as person:
        await person.see("No users yet")
        await person.press("1")
        await person.see("Users / Users")
        await asyncio.to_thread(users.create, form)
        await person.press("4")
        await person.see("Users / Access", ">● a@shop.example")


async def test_another_filter_tells_no_number_before_it_is_counted(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="1") as person:
        read = late(monkeypatch, Listing, "page")
        person.strike("f")
        await person.see("Esc Clear")
        read.set()
        await person.see("1 active user")


async def test_after_the_database_was_away_the_cursor_is_where_it_was(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="1") as person:
        await person.press("down")
        await person.see(">○ bert@shop.example")
        with lost(monkeypatch, Listing, "page"):
            await person.press("r")
            await person.see("The database cannot be reached.")
        await person.see(">○ bert@shop.example")


@pytest.mark.parametrize(("section", "list", "opened"), [("", "#users", "Edit User"), ("3", "#rules", "Change Rule")])
async def test_a_double_click_opens_a_member_and_a_rule(
    start: Start, shop: None, sql: Sql, section: str, list: str, opened: str
) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (2, 1)")
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 0, 2)")
    async with start(section=section) as person:
        await person.press("enter")
        await person.see("1 rule" if section else "1 user", "> cms" if section else ">● anna@shop.example")
        await person.pilot.click(list, offset=(5, 1), times=2)
        await person.see(opened)


async def test_marks_of_members_go_with_escape_and_rules_take_none(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (2, 1)")
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 0, 2)")
    async with start() as person:
        await open_first_group(person)
        await person.see(">● anna@shop.example")
        person.app.screen.query_one("#users").focus()
        await person.press("asterisk")
        await person.see("1 selected", "Esc Clear")
        await person.press("escape")
        await person.see("Edit Group", "1 user")
        await person.press("escape", "3")
        await person.see("> CMS editor")
        await person.press("enter")
        await person.see("> cms")
        person.app.screen.query_one("#rules").focus()
        await person.press("asterisk", "space")
        assert "marked" not in person.screen and "1 rule" in person.screen


async def test_pages_and_half_pages_move_the_cursor(start: Start, many: None) -> None:
    async with start(size=(80, 23)) as person:  # 19 rows
        await person.see("> Group 0001")
        for key, number in (("ctrl+d", 10), ("ctrl+f", 29), ("ctrl+u", 20), ("ctrl+b", 1)):
            await person.press(key)
            await person.see(f"> Group {number:04}")


async def test_v_selects_the_rows_that_the_cursor_passes_until_v_again(start: Start, many: None) -> None:
    async with start() as person:
        await person.see("> Group 0001")
        await person.press("space", "j", "v", "j", "j")
        await person.see("4 selected", " ◆Group 0001", " ◆Group 0003", ">◆Group 0005")
        await person.press("k")
        await person.see("3 selected", "  Group 0005")
        await person.press("v", "j")
        await person.see("3 selected", "> Group 0005")
        await person.press("escape")
        await person.see("1,201 groups")


async def test_shift_and_an_arrow_select_the_rows_passed_until_the_cursor_moves_without(
    start: Start, many: None
) -> None:
    async with start() as person:
        await person.see("> Group 0001")
        await person.press("space", "j", "shift+down", "shift+down", "shift+down", "shift+up")
        await person.see("4 selected", " ◆Group 0001", " ◆Group 0003", ">◆Group 0005", "  Group 0006")
        await person.press("j", "j")
        await person.see("4 selected", "> Group 0007")
        await person.press("shift+up")
        await person.see("6 selected", ">◆Group 0006", " ◆Group 0007")


async def test_a_click_on_the_hint_of_the_search_opens_it(start: Start, many: None) -> None:
    async with start() as person:
        await person.see("/ to search")
        await person.pilot.click("#list-status", offset=(1, 0))
        await person.wait(lambda: person.focus == "search", "the search")


async def test_one_escape_clears_selection_search_and_status_filter_in_turn(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("f")
        await person.see("1 active user")
        await person.press("slash")
        await person.type("anna")
        await person.press("enter", "space")
        await person.see("1 selected")
        await person.press("escape")
        await person.see("1 found")
        await person.press("escape")
        await person.see("1 active user")
        await person.press("escape")
        await person.see("3 users")


async def test_a_click_on_a_heading_sorts_by_it_and_another_the_other_way_round(start: Start, shop: None) -> None:
    async with start(size=(100, 24), section="1") as person:
        await person.see("E-mail ↑", "Name", "Last Login")
        heading = person.line("E-mail")
        for title, shown in (("Last Login", "Last Login ↑"), ("Last Login", "Last Login ↓"), ("Name", "First Name ↑")):
            await person.pilot.click("RecordList", offset=(heading.index(title) + 1, 0))
            await person.see(shown)
            heading = person.line("E-mail")


async def test_the_key_line_has_all_that_can_be_done_to_users_and_the_bulk_keys_first(start: Start, shop: None) -> None:
    async with start(size=(200, 24), section="1") as person:
        await person.see(
            "n Create  Enter Edit  t Deactivate  a/x Groups  w Access  / Search  f Filter  s/S Sort  d Delete",
            "Space/v/* Select  o Show groups  F4 Password  i Import  c Clone  y Copy  r Reload  q Quit  ? Help",
        )
        await person.press("j")
        await person.see("t Activate  ")
        await person.press("space")
        await person.see(" d Delete  a/x Groups  t Activate / deactivate  Esc Unselect  Space/v/* Select")
