"""Each kind of finding, in a shop that has it."""

from datetime import timedelta
from typing import Any

import pytest

from models import role_rules
from models.db.opened import now
from models.tools.findings import FINDINGS
from tests.conftest import Shop

ON_SERVERS = True


def findings_of(shop: Shop, title: str) -> list[Any]:
    (finding,) = [finding for finding in FINDINGS if finding.title == title]
    listing = finding.rows()
    rows = listing.page(listing.default_sort, 100)
    assert finding.count() == len(rows)
    return rows


@pytest.fixture
def staff(shop: Shop) -> Shop:
    """Two users in a group of two, and one who is in none; nobody has signed in."""
    (role,) = shop.roles("Sales")
    shop.rules(role, "allow sales/*/*")
    one, two, _ = shop.users("one@x.example", "two@x.example", "lone@x.example")
    (group,) = shop.groups("Sales")
    shop.hold(group, role)
    shop.join(group, one, two)
    return shop


def test_users_without_groups(staff: Shop) -> None:
    assert [row.email for row in findings_of(staff, "Users without groups")] == ["lone@x.example"]


def test_groups_without_users(staff: Shop) -> None:
    assert [row.name for row in findings_of(staff, "Groups without users")] == ["root_group"]


def test_roles_without_groups_and_roles_without_rules(staff: Shop) -> None:
    staff.roles("Idle")
    assert [row.name for row in findings_of(staff, "Roles without groups")] == ["Idle"]
    assert [row.name for row in findings_of(staff, "Roles without rules")] == ["Idle"]


def test_users_who_never_signed_in_or_not_for_180_days(staff: Shop) -> None:
    """Only of those who can sign in."""
    for id, days in ((1, 179), (2, 181)):
        staff.sql("UPDATE spy_user SET last_login = ? WHERE id_user = ?", str(now() - timedelta(days=days)), id)
    assert [row.email for row in findings_of(staff, "Active users who never signed in")] == ["lone@x.example"]
    assert [row.email for row in findings_of(staff, "Active users, no sign-in for 180 days")] == ["two@x.example"]
    staff.sql("UPDATE spy_user SET status = 2")
    assert not findings_of(staff, "Active users who never signed in")
    assert not findings_of(staff, "Active users, no sign-in for 180 days")


def test_two_roles_with_full_access_are_a_finding_and_one_is_not(staff: Shop) -> None:
    title = "More than one role with full access"
    (nearly,) = staff.roles("Nearly all")
    staff.rules(nearly, "allow */*/*", "deny sales/*/*")
    assert not findings_of(staff, title)
    (all_pages,) = staff.roles("All")
    staff.rules(all_pages, "allow */*/*")
    assert [row.name for row in findings_of(staff, title)] == ["All", "root_role"]


def test_rules_without_effect(staff: Shop) -> None:
    staff.rules(2, "allow sales/order/*", "allow cms-gui/*/*")
    assert [str(row) for row in findings_of(staff, "Rules without effect")] == [
        "allow sales/order/* of role “Sales”: covered by allow sales/*/*"
    ]


def test_of_identical_rules_of_a_role_the_later_one_has_no_effect(staff: Shop) -> None:
    rules = staff.rules(2, "deny cms-gui/*/*", "deny cms-gui/*/*", "deny Cms-gui/*/*")
    assert [row.id for row in findings_of(staff, "Rules without effect")] == [rules[1]]
    page = role_rules.listing(2)
    rows = page.fill(page.page(page.default_sort, 10))
    assert {row.id: row.idle for row in rows if row.idle} == {rules[1]: "covered by deny cms-gui/*/*"}


def test_rules_of_an_unknown_type_hide_no_other_finding(staff: Shop) -> None:
    staff.rules(2, "allow sales/order/*", "allow cms-gui/*/*")
    staff.sql("UPDATE spy_acl_rule SET type = 7 WHERE bundle = 'cms-gui'")
    assert [str(row) for row in findings_of(staff, "Rules of an unknown type")] == [
        "unknown rule type cms-gui/*/* of role “Sales”: unknown rule type"
    ]
    assert len(findings_of(staff, "Rules without effect")) == 1


def test_verdicts_that_depend_on_the_order_of_groups(staff: Shop) -> None:
    title = "Results that depend on group order"
    (role,) = staff.roles("No orders")
    staff.rules(role, "deny sales/order/*", "deny cms-gui/*/*")
    (group,) = staff.groups("No orders")
    staff.hold(group, role)
    assert not findings_of(staff, title)
    staff.join(group, 1, 3)
    (row,) = findings_of(staff, title)
    assert (row.users, row.groups, str(row.scope)) == ((1,), ("Sales", "No orders"), "sales/order/*")


def test_a_newly_installed_shop_has_one_finding(shop: Shop) -> None:
    assert [finding.title for finding in FINDINGS if finding.count()] == ["Groups without users"]
