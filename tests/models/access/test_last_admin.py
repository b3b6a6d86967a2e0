"""No change leaves a shop without someone to administer it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from models import groups, memberships, role_rules, user_status, users
from models.db.tables import Permission, Status
from models.errors import Refused
from tests.conftest import Shop

ON_SERVERS = True

ALLOW, DENY = Permission.ALLOW, Permission.DENY


LAST = (
    "Refused: no active user could manage users any more "
    "(needs user/index/index, user/edit/update, acl/group/edit, acl/role/update)."
)


@dataclass
class Staff:
    """A shop whose only admin is in group `admins` by role `all_pages`; group `denying`, with a smaller id, denies."""

    shop: Shop
    admin: int
    colleague: int
    denying: int
    admins: int
    no_users: int
    all_pages: int
    rule: int


@pytest.fixture
def staff(shop: Shop) -> Staff:
    admin, colleague = shop.users("admin@spryker.com", "colleague@spryker.com")
    all_pages, no_users = shop.roles("All pages", "No users")
    (rule,) = shop.rules(all_pages, "allow */*/*")
    shop.rules(no_users, "deny user/*/*")
    denying, admins = shop.groups("Denying", "Admins")
    shop.hold(denying, no_users)
    shop.hold(admins, all_pages)
    shop.join(admins, admin)
    return Staff(shop, admin, colleague, denying, admins, no_users, all_pages, rule)


def edit(user: int, **fields: Any) -> object:
    record = users.get(user)
    return users.update(record, replace(record.form, **fields))


def change_rule(staff: Staff, bundle: str, permission: Permission) -> object:
    (rule,) = role_rules.listing(staff.all_pages).rows([staff.rule])
    return role_rules.change(rule, bundle, "*", "*", permission)


CHANGES: dict[str, Callable[[Staff], object]] = {
    "the group gets other roles": lambda a: groups.update(groups.get(a.admins), "Admins", [a.no_users]),
    "the group gets a role that denies": lambda a: groups.update(
        groups.get(a.admins), "Admins", [a.all_pages, a.no_users]
    ),
    "the group is deleted": lambda a: groups.delete(a.admins),
    "several groups are deleted": lambda a: groups.delete(a.denying, a.admins),
    "the admin is removed from the group": lambda a: memberships.remove([a.admin, a.colleague], [a.admins]),
    "the admin is added to an earlier group that denies": lambda a: memberships.add([a.admin], [a.denying]),
    "several users are added to an earlier group that denies": lambda a: memberships.add(
        [a.admin, a.colleague], [a.denying]
    ),
    "several users are removed from groups": lambda a: memberships.remove([a.admin], [a.admins, a.denying]),
    "the admin is deactivated": lambda a: user_status.set_status([a.colleague, a.admin], Status.DEACTIVATED),
    "the admin is deleted": lambda a: user_status.set_status([a.admin], Status.DELETED),
    "the admin's status is edited": lambda a: edit(a.admin, status=Status.DEACTIVATED),
    "the admin's groups are edited": lambda a: edit(a.admin, groups=frozenset({a.denying})),
    "the admin's groups get an earlier one that denies": lambda a: edit(
        a.admin, groups=frozenset({a.denying, a.admins}), last_name="Changed"
    ),
    "the admin becomes a warehouse user": lambda a: edit(a.admin, marks=frozenset({"is_warehouse_user"})),
    "a deny is added": lambda a: role_rules.add(a.all_pages, "acl", "role", "*", DENY),
    "the rule becomes narrower": lambda a: change_rule(a, "user", ALLOW),
    "the rule becomes a deny": lambda a: change_rule(a, "*", DENY),
    "the rule is removed": lambda a: role_rules.remove(a.rule),
}


@pytest.fixture(params=list(CHANGES.values()), ids=list(CHANGES))
def change(request: pytest.FixtureRequest) -> Callable[[Staff], object]:
    """Each kind of change that can take the user pages from the last who has them."""
    act: Callable[[Staff], object] = request.param
    return act


def test_a_change_that_leaves_no_admin_is_refused(staff: Staff, change: Callable[[Staff], object]) -> None:
    with staff.shop.untouched(), pytest.raises(Refused) as refused:
        change(staff)
    assert str(refused.value) == LAST


@pytest.mark.embedded
def test_the_change_is_possible_while_another_admin_remains(staff: Staff, change: Callable[[Staff], object]) -> None:
    staff.shop.join(1, *staff.shop.users("another@spryker.com"))
    before = staff.shop.dump()
    assert change(staff) is not False
    assert staff.shop.dump() != before


@pytest.mark.embedded
@pytest.mark.parametrize(
    "values",
    ["status = 1", "status = 2", "is_warehouse_user = true"],
    ids=["deactivated", "deleted", "warehouse user"],
)
def test_an_admin_who_cannot_sign_in_does_not_count(
    staff: Staff, change: Callable[[Staff], object], values: str
) -> None:
    (other,) = staff.shop.users("another@spryker.com")
    staff.shop.join(1, other)
    staff.shop.sql(f"UPDATE spy_user SET {values} WHERE id_user = ?", other)
    with staff.shop.untouched(), pytest.raises(Refused):
        change(staff)


@pytest.mark.server
def test_an_admin_in_only_one_order_of_their_groups_counts_where_the_order_is_fixed(
    staff: Staff,
) -> None:
    """The colleague's group that allows has a smaller id than the one that denies."""
    (later,) = staff.shop.groups("Later")
    staff.shop.hold(later, staff.no_users)
    staff.shop.join(staff.admins, staff.colleague)
    staff.shop.join(later, staff.colleague)
    if staff.shop.kind == "postgres":
        with staff.shop.untouched(), pytest.raises(Refused):
            user_status.set_status([staff.admin], Status.DEACTIVATED)
    else:
        assert user_status.set_status([staff.admin], Status.DEACTIVATED) == 1


@pytest.mark.embedded
def test_a_shop_without_an_admin_may_be_changed_freely(staff: Staff, change: Callable[[Staff], object]) -> None:
    """Here the one admin is denied a page that nobody else may open either."""
    staff.shop.rules(staff.all_pages, "deny acl/group/edit")
    before = staff.shop.dump()
    assert change(staff) is not False
    assert staff.shop.dump() != before


@pytest.mark.parametrize("missing", ["user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update"])
def test_a_user_who_may_not_open_one_of_the_four_pages_is_no_admin(staff: Staff, missing: str) -> None:
    (partly,) = staff.shop.roles("Partly")
    pages = {"user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update"} - {missing}
    staff.shop.rules(partly, *(f"allow {page}" for page in pages))
    (group,) = staff.shop.groups("Partly")
    staff.shop.hold(group, partly)
    staff.shop.join(group, staff.colleague)
    with staff.shop.untouched(), pytest.raises(Refused):
        user_status.set_status([staff.admin], Status.DEACTIVATED)
    staff.shop.rules(partly, f"allow {missing}")
    assert user_status.set_status([staff.admin], Status.DEACTIVATED) == 1


def test_the_four_pages_may_come_from_several_groups(staff: Staff) -> None:
    user_pages, acl_pages = staff.shop.roles("User pages", "Acl pages")
    staff.shop.rules(user_pages, "allow user/*/*")
    staff.shop.rules(acl_pages, "allow */group/edit", "allow acl/role/*")
    one, other = staff.shop.groups("One", "Other")
    staff.shop.hold(one, user_pages)
    staff.shop.hold(other, acl_pages)
    for group in (one, other):
        staff.shop.join(group, staff.colleague)
    assert user_status.set_status([staff.admin], Status.DELETED) == 1
    with pytest.raises(Refused):
        memberships.remove([staff.colleague], [one])


def test_the_last_of_many_members_is_found(staff: Staff) -> None:
    """Members are looked through in batches; the one who can sign in stands after the first."""
    many = staff.shop.users(*(f"{number}@spryker.com" for number in range(1_000)))
    staff.shop.join(staff.admins, *many)
    staff.shop.join(staff.denying, *many[:-1])
    assert user_status.set_status([staff.admin], Status.DEACTIVATED) == 1
    with staff.shop.untouched(), pytest.raises(Refused):
        user_status.set_status(many[900:], Status.DELETED)


@pytest.mark.embedded
def test_an_older_shop_without_the_warehouse_column_is_protected_too(staff: Staff) -> None:
    staff.shop.sql("ALTER TABLE spy_user DROP COLUMN is_warehouse_user")
    staff.shop.reopen()
    with staff.shop.untouched(), pytest.raises(Refused):
        user_status.set_status([staff.admin], Status.DEACTIVATED)
