"""One record in short, as a list shows it beside the highlighted one."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from models import groups, previews, roles, users
from models.db.opened import now
from models.errors import NotFound
from models.previews import MAX_NAMES
from tests.conftest import Shop

ALLOW, DENY = 0, 1


@pytest.fixture
def sales(shop: Shop) -> int:
    """The group Sales with two roles, four rules and three users; the id of the first of these."""
    (group,) = shop.insert("spy_acl_group", "name, created_at", [("Sales", "2026-03-01 09:00:00")])
    reader, writer = shop.insert("spy_acl_role", "name, created_at", [("Writer", None), ("Reader", None)])
    shop.hold(group, reader, writer)
    rules = [("sales", "*", "*", ALLOW, reader), ("sales", "*", "edit", DENY, reader)]
    rules += [("cms-gui", "*", "*", ALLOW, writer), ("refund", "*", "*", ALLOW, writer)]
    shop.insert("spy_acl_rule", "bundle, controller, action, type, fk_acl_role", rules)
    people = [(f"{name}@shop.example", name, "Owl", "!", 0) for name in ("zoe", "ada", "bob")]
    ids = shop.insert("spy_user", "username, first_name, last_name, password, status", people)
    shop.join(group, *ids)
    return ids[0]


def row(subject: ModuleType, name: str) -> Any:
    """The row of a list that has this name, or this e-mail."""
    rows = subject.listing.fill(subject.listing.page(subject.listing.default_sort, 2 * MAX_NAMES))
    return next(row for row in rows if name in (getattr(row, "name", ""), getattr(row, "email", "")))


def test_a_group_has_its_roles_its_rules_and_its_users(shop: Shop, sales: int) -> None:
    group = previews.of_group(row(groups, "Sales"))
    assert (group.label, group.roles, group.user_count) == ("Sales", ("Reader", "Writer"), 3)
    assert list(map(str, group.rules)) == [
        "allow sales/*/*",
        "deny sales/*/edit",
        "allow cms-gui/*/*",
        "allow refund/*/*",
    ]
    assert [row.email for row in group.users] == ["zoe@shop.example", "ada@shop.example", "bob@shop.example"]


def test_a_role_has_its_rules_and_the_groups_that_hold_it(shop: Shop, sales: int) -> None:
    role = previews.of_role(row(roles, "Reader"))
    assert list(map(str, role.rules)) == ["allow cms-gui/*/*", "allow refund/*/*"]
    assert (role.name, role.groups) == ("Reader", ("Sales",))


def test_a_user_has_groups_roles_and_what_these_open(shop: Shop, sales: int) -> None:
    user = previews.of_user(row(users, "zoe@shop.example"))
    assert (user.email, user.groups, user.roles) == ("zoe@shop.example", ("Sales",), ("Reader", "Writer"))
    assert user.bundles == ("cms-gui", "refund")
    assert user.partly == ("sales",)
    root = shop.insert("spy_user", "username, first_name, last_name, password, status", [("r", "R", "R", "!", 0)])[0]
    shop.join(1, root)
    assert previews.of_user(row(users, "r")).bundles == ("*",)


@pytest.mark.parametrize(("status", "days", "said"), [(0, 171, 171), (0, 89, None), (1, 171, None), (0, None, None)])
def test_long_absence_of_an_active_user_is_told(
    shop: Shop, sales: int, status: int, days: int | None, said: int | None
) -> None:
    time = "NULL" if days is None else f"'{now() - timedelta(days=days, hours=1)}'"
    shop.sql(f"UPDATE spy_user SET status = {status}, last_login = {time} WHERE id_user = {sales}")
    assert previews.of_user(row(users, "zoe@shop.example")).days_inactive == said


def test_of_many_names_and_users_only_some_are_read_and_all_users_counted(shop: Shop, sales: int) -> None:
    people = [(f"u{n}@shop.example", "U", "N", "!", 0) for n in range(2 * MAX_NAMES)]
    shop.join(1, *shop.insert("spy_user", "username, first_name, last_name, password, status", people))
    group = previews.of_group(row(groups, "root_group"))
    assert (len(group.users), group.user_count) == (MAX_NAMES, 2 * MAX_NAMES)


def test_a_user_who_is_gone_is_not_found(shop: Shop, sales: int) -> None:
    gone = row(users, "zoe@shop.example")
    shop.sql(f"DELETE FROM spy_user WHERE id_user = {sales}")
    with pytest.raises(NotFound):
        previews.of_user(gone)
