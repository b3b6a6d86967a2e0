"""Each kind of finding, in a shop that has it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models import role_rules
from models.db.opened import now
from models.pages.known import set_known_pages
from models.pages.reading import read_pages
from models.tools.findings import findings
from tests.conftest import Shop
from tests.shop_code import small_shop

ON_SERVERS = True


def findings_of(shop: Shop, title: str) -> list[Any]:
    (finding,) = [finding for finding in findings() if finding.title == title]
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
    assert [finding.title for finding in findings() if finding.count()] == ["Groups without users"]


# With the shop's code at hand

TYPOS, REQUESTS = "Rules that match no known page", "Pages whose own requests are denied"


@pytest.fixture
def code(tmp_path: Path) -> None:
    """The pages of the shop are known."""
    set_known_pages(read_pages(small_shop(tmp_path / "code").root, tmp_path))


def test_findings_about_pages_are_there_where_pages_are_known(shop: Shop) -> None:
    assert not {TYPOS, REQUESTS} & {finding.title for finding in findings()}


def test_a_rule_that_matches_no_known_page_is_a_typo(staff: Shop, code: None) -> None:
    staff.rules(2, "allow acl/grup/*", "deny Acl/group/index", "allow acl/*/index", "allow */*/update", "deny */nil/*")
    assert [str(row).partition(": ")[2] for row in findings_of(staff, TYPOS)] == [
        "matches no page of this shop: typo?"
    ] * 4
    assert [str(row).partition(" of ")[0] for row in findings_of(staff, TYPOS)] == [
        "allow sales/*/*",
        "allow acl/grup/*",
        "deny Acl/group/index",
        "deny */nil/*",
    ]


def requests_of(shop: Shop) -> list[tuple[str, list[str], tuple[int, ...]]]:
    rows = findings_of(shop, REQUESTS)
    return [(str(row.page), [request.action for request in row.requests], row.users) for row in rows]


def test_a_page_that_is_allowed_and_whose_own_requests_are_not(staff: Shop, code: None) -> None:
    staff.rules(2, "allow acl/role/index", "allow acl/role/delete", "deny acl/role/create")
    assert requests_of(staff) == [("acl/role/index", ["table"], (1, 2))]
    (row,) = findings_of(staff, REQUESTS)
    assert str(row) == ("acl/role/index (Users Control / Roles): allowed to 2 users, to whom its table is denied")
    staff.rules(2, "allow acl/role/table")
    assert requests_of(staff) == []


@pytest.mark.parametrize(
    "rules",
    [
        ["allow acl/group/*", "deny acl/group/table"],  # on purpose
        ["allow acl/*/*", "deny acl/*/delete", "deny acl/group/edit"],
        ["allow acl/role/table", "allow acl/role/create"],  # no page of it
        ["allow */*/*"],
        ["deny */*/*"],
    ],
)
def test_what_is_denied_by_its_name_and_what_belongs_to_no_page_is_no_finding(
    rules: list[str], staff: Shop, code: None
) -> None:
    staff.rules(2, *rules)
    assert requests_of(staff) == []


def test_the_rules_of_all_groups_of_a_user_count_together(staff: Shop, code: None) -> None:
    pages, tables = staff.roles("Pages", "Tables")
    staff.rules(pages, "allow */*/index", "allow acl/group/*")
    staff.rules(tables, "allow */*/table", "allow acl/role/*")
    first, second = staff.groups("Pages", "Tables")
    staff.hold(first, pages)
    staff.hold(second, tables)
    staff.join(first, 1, 3)
    staff.join(second, 1)
    assert requests_of(staff) == [
        ("acl/role/index", ["create", "delete", "table"], (3,)),
        ("user/index/index", ["table"], (3,)),
    ]
