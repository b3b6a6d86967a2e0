"""In a picker the selected ones come first, each record once, whichever way and however far one goes."""

from typing import NamedTuple

import pytest

from models.db.given_rows import InMemoryRows
from models.db.paging import Sort
from tests.tui.conftest import Sql, Start
from tui.widgets.selected_first import SelectedFirst


class Row(NamedTuple):
    id: int


ALL = SelectedFirst(InMemoryRows([Row(id) for id in range(40)]))
SORT = Sort("")


@pytest.mark.parametrize("first", [(), (7,), (38, 2, 20), (99, 5), tuple(range(39, 14, -1)), tuple(range(40))])
@pytest.mark.parametrize("limit", [1, 3, 10, 100])
def test_pages_on_and_back_have_each_record_once_the_first_ones_first(
    monkeypatch: pytest.MonkeyPatch, first: tuple[int, ...], limit: int
) -> None:
    monkeypatch.setattr(ALL, "first", first)
    expected = [id for id in first if id < 40] + [id for id in range(40) if id not in first]
    on = ALL.page(SORT, limit)
    while page := ALL.page(SORT, limit, ALL.key(on[-1], SORT)):
        on += page
    assert [row.id for row in on] == expected
    back = ALL.page(SORT, limit, backwards=True)
    while page := ALL.page(SORT, limit, ALL.key(back[0], SORT), backwards=True):
        back = page + back
    assert [row.id for row in back] == expected


@pytest.mark.parametrize("id", [38, 2, 20, 0, 3, 39])
def test_the_rows_around_a_record_are_its_neighbours(monkeypatch: pytest.MonkeyPatch, id: int) -> None:
    monkeypatch.setattr(ALL, "first", (38, 2, 20))
    expected = [38, 2, 20] + [each for each in range(40) if each not in (38, 2, 20)]
    rows, index = ALL.around(SORT, 10, id)
    start = expected.index(rows[0].id)
    assert rows[index].id == id and [row.id for row in rows] == expected[start : start + len(rows)]


async def test_the_roles_of_a_group_come_first_and_stay_where_they_are_while_one_selects(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_groups_has_roles SET fk_acl_role = (SELECT max(id_acl_role) FROM spy_acl_role)")
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "> [x]")
        names = [line for line in person.screen.splitlines() if "[x]" in line or "[ ]" in line]
        assert len(names) == 4 and [line for line in names if "[x]" in line] == names[:1]
        await person.press("tab", "down", "down", "space")
        await person.see("2 of 4")
        moved = [line for line in person.screen.splitlines() if "[x]" in line or "[ ]" in line]
        assert "> [x]" in moved[2] and moved[2].removesuffix(" new").split() == [">", "[x]", *names[2].split()[2:]]
        await person.press("ctrl+s")
        await person.hear("Group was updated successfully. Content team")
        await person.wait(
            lambda: (
                ["[x]" in line for line in person.screen.splitlines() if "[x]" in line or "[ ]" in line]
                == [True, True, False, False]
            ),
            "the selected ones first",
        )


async def test_a_role_far_down_a_long_list_is_first_and_no_longer_there(start: Start, shop: None, sql: Sql) -> None:
    for number in range(250):
        sql("INSERT INTO spy_acl_role (name) VALUES (?)", f"Role {number:03}")
    sql("UPDATE spy_acl_groups_has_roles SET fk_acl_role = (SELECT max(id_acl_role) - 3 FROM spy_acl_role)")
    async with start(size=(80, 24)) as person:
        await person.press("enter")
        await person.see("Edit Group", "> [x] Role 246", "[ ] CMS editor")
        await person.press("tab", "end")
        await person.see("Role 244", "Role 245", "Role 247")
        assert person.screen.count("Role 246") == 1  # in the line of those selected
