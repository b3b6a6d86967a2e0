"""Adding and removing users, on a group's page and in the list of users: what is written, said and refused."""

from typing import get_args

import pytest

from models import memberships, users
from models.errors import NotFound
from models.memberships import Edited
from tests.conftest import Shop

ON_SERVERS = True

LONG_AGO = "2020-01-01 00:00:00"

on_each_side = pytest.mark.parametrize("edited", get_args(Edited))


@pytest.fixture
def night(shop: Shop) -> int:
    (group,) = shop.groups("Night shift")
    return group


def pairs(shop: Shop) -> list[tuple[int, int]]:
    """Every membership, as group and user."""
    return shop.sql("SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group ORDER BY 1, 2")


@on_each_side
def test_users_are_added_once_each(shop: Shop, night: int, edited: Edited) -> None:
    ids = shop.users("a@spryker.com", "b@spryker.com", "c@spryker.com")
    assert memberships.add(ids[:2], [night], edited=edited) == 2
    assert memberships.add([ids[1], ids[2], ids[2]], [night], edited=edited) == 1
    assert memberships.add([], [night], edited=edited) == 0
    assert pairs(shop) == [(night, user) for user in ids]


@on_each_side
def test_thousands_of_users_are_added_and_removed_at_once(shop: Shop, night: int, edited: Edited) -> None:
    ids = shop.users(*(f"{number}@spryker.com" for number in range(3_000)))
    assert memberships.add(ids, [night], edited=edited) == 3_000
    assert users.members(night).count() == 3_000
    assert memberships.remove(ids, [night], edited=edited) == 3_000
    assert users.members(night).count() == 0


def test_several_users_are_added_to_several_groups_and_removed(shop: Shop, night: int) -> None:
    first, other = shop.users("sonia@spryker.com", "other@spryker.com")
    (day,) = shop.groups("Day shift")
    shop.join(night, first)
    shop.join(day, first)
    shop.join(1, *shop.users("admin@spryker.com"))
    assert memberships.add([first, other], [night, 1]) == 2
    assert memberships.add([first, other], [night, day]) == 1
    everywhere = [(group, user) for group in (1, night, day) for user in (first, other)]
    assert set(everywhere) <= set(pairs(shop))
    assert memberships.remove([other, 999], [1, day, 999]) == 1
    assert memberships.remove([other], [1, day]) == 0
    assert set(everywhere) & set(pairs(shop)) == {(1, first), (night, first), (day, first), (night, other)}


def test_who_would_leave_is_known_before_and_for_whom_it_is_the_last_group(shop: Shop, night: int) -> None:
    first, other, outside = shop.users("sonia@spryker.com", "other@spryker.com", "outside@spryker.com")
    (day,) = shop.groups("Day shift")
    shop.join(night, first, other)
    shop.join(day, first)
    assert memberships.find_leavers([first, other, outside], [night]) == ({first, other}, 1)
    assert memberships.find_leavers([first, other, outside], [night, day]) == ({first, other}, 2)
    assert memberships.find_leavers([first, outside], [day]) == ({first}, 0)
    assert [memberships.count_in_no_other_group(ids) for ids in ([night], [day], [night, day])] == [1, 0, 2]


@pytest.mark.parametrize(("edited", "table"), [("group", "spy_acl_group"), ("users", "spy_user")])
def test_the_side_that_is_edited_gets_the_time_and_no_other_row(
    shop: Shop, night: int, edited: Edited, table: str
) -> None:
    user, member = shop.users("sonia@spryker.com", "member@spryker.com")
    shop.join(night, member)

    def changed() -> list[str]:
        """The tables with rows that were changed, as often as there are such rows; forgets it."""
        tables = ("spy_acl_group", "spy_user")
        query = "SELECT updated_at FROM {} WHERE updated_at IS NOT NULL AND updated_at != '" + LONG_AGO + "'"
        rows = [name for name in tables for _ in shop.sql(query.format(name))]
        for name in tables:
            shop.sql(f"UPDATE {name} SET updated_at = '{LONG_AGO}'")
        return rows

    changed()
    memberships.add([user, member], [night], edited=edited)
    assert changed() == [table]
    memberships.add([user, member], [night], edited=edited)
    assert changed() == []
    memberships.remove([user], [night], edited=edited)
    assert changed() == [table]


@on_each_side
def test_a_group_or_user_that_is_missing_changes_none_of_the_others(shop: Shop, night: int, edited: Edited) -> None:
    (user,) = shop.users("sonia@spryker.com")
    missing: list[tuple[list[int], list[int], str]] = [
        ([user, 999], [night], "User"),
        ([user], [night, 999], "Group"),
        ([], [999], "Group"),
    ]
    for user_ids, group_ids, noun in missing:
        with shop.untouched(), pytest.raises(NotFound, match=f"^{noun} couldn't be found$"):
            memberships.add(user_ids, group_ids, edited=edited)


@pytest.mark.parametrize(("group", "user"), [(1, 1), (1, 999), (999, 1)], ids=["no member", "no user", "no group"])
def test_removing_who_is_not_in_the_group_is_said_on_its_page_alone(shop: Shop, group: int, user: int) -> None:
    shop.users("a@spryker.com")
    with shop.untouched():
        with pytest.raises(NotFound, match=r"^User and group are not found\.$"):
            memberships.remove([user], [group], edited="group")
        assert memberships.remove([user], [group]) == 0
