"""The highlighted record in short, beside its list or below it, by keys."""

import pytest

from models import previews
from tests.tui.conftest import Person, Sql, Start, late, lost
from tui.widgets.preview import Fact, Summary, brief_lines, whole_lines


def shown(person: Person) -> str:
    """What the preview draws."""
    preview = person.page.preview
    return "\n".join(strip.text.rstrip() for strip in preview.render_lines(preview.size.region)) if preview.size else ""


async def test_the_preview_follows_the_cursor_and_tells_what_was_changed(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with start(size=(120, 30)) as person:
        await person.wait(lambda: "● anna@shop.example" in shown(person), "the users of the first group")
        assert "CMS editor" in shown(person) and "│ Content team" in person.screen
        await person.press("j")
        await person.wait(lambda: "root_role" in shown(person), "the next group")
        await person.press("k")
        await person.wait(lambda: "anna@" in shown(person), "the first group")
        sql("UPDATE spy_user SET status = 2 WHERE id_user = 1")
        await person.press("r")
        await person.wait(lambda: "✗ anna@shop.example" in shown(person), "her new status")


@pytest.mark.parametrize(
    ("size", "lines"), [((80, 23), 0), ((80, 24), 2), ((109, 29), 2), ((80, 30), 8), ((110, 20), 17), ((120, 40), 37)]
)
async def test_there_is_as_much_of_it_as_there_is_room(
    start: Start, shop: None, size: tuple[int, int], lines: int
) -> None:
    async with start(size=size, section="1") as person:
        await person.wait(lambda: person.page.preview.size.height == lines, "the preview's lines")
        if lines:
            await person.wait(lambda: "anna@shop.example   ● Active" in shown(person), "the user")
        assert "Active" in person.screen


async def test_a_user_is_told_with_groups_roles_what_they_open_and_how_long_they_were_away(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 0, 2)")
    sql("UPDATE spy_user SET last_login = '2020-01-01 10:00:00'")
    async with start(size=(80, 30), section="1") as person:
        await person.see(
            "May open    cms", "Groups      Content team", "Last login  2020-01-01 10:00", "! no sign-in for"
        )


async def test_a_role_is_told_with_its_rules_and_groups(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', '*', '*', 1, 2)")
    async with start(size=(80, 30), section="3") as person:
        await person.see("Rules       deny cms/*/*", "Groups      Content team, Sales")


async def test_keys_go_on_while_a_preview_is_read_and_only_the_last_counts(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(size=(120, 30)) as person:
        await person.wait(lambda: "Content team" in shown(person), "the first group")
        answering = late(monkeypatch, previews, "of_group")
        await person.press("j")
        await person.pilot.pause(0.15)
        await person.press("j", "j")
        await person.see("> Äpfel")
        assert "Content team" in shown(person)
        answering.set()
        await person.wait(lambda: "Äpfel" in shown(person), "the last group")


async def test_a_preview_that_cannot_be_read_takes_nothing_away(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(size=(120, 30)) as person:
        await person.wait(lambda: "Content team" in shown(person), "the first group")
        with lost(monkeypatch, previews, "of_group"):
            await person.press("G")
            await person.see("> Äpfel", "[no connection]")
            await person.settle()
            assert "Content team" in shown(person)


async def test_the_columns_follow_a_terminal_that_is_resized(start: Start, shop: None) -> None:
    async with start(size=(80, 24), section="1") as person:
        await person.see("Groups   Last Login")
        await person.pilot.resize_terminal(120, 24)
        await person.wait(lambda: "│ anna@shop.example" in person.screen, "the preview")
        await person.pilot.resize_terminal(80, 24)
        await person.see("Status")


def test_text_of_the_database_is_data_and_no_value_is_divided() -> None:
    summary = Summary(
        "[bold]x\x1b[2J", [Fact("Roles", ["[red]a b", "漢字漢字漢字", "long " * 20])], ["about"], "● Active"
    )
    for width in (20, 40):
        for lines in (brief_lines(summary, width), whole_lines(summary, width, 8)):
            assert all(line.cell_length <= width for line in lines)
            assert not any("\x1b" in line.plain for line in lines)
    assert whole_lines(summary, 14, 8)[1].plain == "● Active"  # not cut by what there is no room for
    assert "[bold]x␛[2J" in whole_lines(summary, 60, 8)[0].plain
    assert "[red]a b," in whole_lines(summary, 60, 8)[3].plain


def test_two_lines_have_all_facts_whole_where_these_fit_on_both_and_never_cut_a_warning() -> None:
    facts = [Fact("Rules", ["allow product-management/*/*", "allow category-gui/*/*"]), Fact("Groups", ["Catalog"])]
    first, second = brief_lines(Summary("Catalog editor", facts), 80)
    assert first.plain == "Catalog editor  Rules allow product-management/*/*, allow category-gui/*/*"
    assert second.plain == "Groups Catalog"
    facts = [Fact("Groups", ["Marketing"]), Fact("May open", ["a" * 30, "b" * 30]), Fact("Last login", ["x" * 16])]
    lines = brief_lines(Summary("a@b.c", facts, warning="no sign-in for 176 days"), 80)
    assert lines[1].plain.endswith("! no sign-in for 176 days")


def test_where_there_is_little_room_the_longest_fact_is_cut_and_a_warning_stays() -> None:
    rules = [f"allow bundle-{number}/*/*" for number in range(30)]
    lines = whole_lines(Summary("x", [Fact("Rules", rules), Fact("Users", ["a"])], warning="take care"), 40, 8)
    assert len(lines) == 8
    assert lines[-1].plain == "! take care"
    assert lines[-3].plain.endswith("…") and lines[-2].plain.startswith("Users")
