"""Merchants' users belong in the Merchant Portal: they cannot sign in to the Back Office, and every answer says so."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import memberships, user_status
from models.access import explain, sign_in
from models.access.compute_impact import compute_impact
from models.access.impact import AccessChange
from models.access.rules import Path
from models.db import connection
from models.db.statements import tuples
from models.db.tables import Status, User
from models.errors import Refused
from models.tools.findings import FINDINGS
from tests.conftest import Shop, change_settings
from tests.models.access.by_the_book import signs_in

ON_SERVERS = True

ROOT = 1
MERCHANT = "merchant user, for the Merchant Portal"
PATH = Path("sales", "index", "index")


def make_merchants(shop: Shop, *users: int) -> None:
    """Make these users a merchant's."""
    shop.insert("spy_merchant", "id_merchant, name, merchant_reference", [(1, "Fruits", "MER1")])
    rows = [(number, 1, user) for number, user in enumerate(users, 1)]
    shop.insert("spy_merchant_user", "id_merchant_user, fk_merchant, fk_user", rows)


@dataclass(frozen=True)
class Portal:
    """A whole shop: an admin and a merchant's user are in a group that opens all, another merchant's user in none."""

    shop: Shop
    group: int
    admin: int
    merchant: int
    lone: int


@pytest.fixture
def portal(shop: Shop) -> Portal:
    whole = shop.whole()
    admin, merchant, lone = whole.users("admin@x.example", "merchant@x.example", "lone@x.example")
    (group,) = whole.groups("Admins")
    whole.hold(group, 1)
    whole.join(group, admin, merchant)
    make_merchants(whole, merchant, lone)
    return Portal(whole, group, admin, merchant, lone)


def barred(user: int) -> str:
    return explain.of_user(user).answer(PATH).barred


def test_a_note_says_that_a_merchants_user_cannot_sign_in(portal: Portal) -> None:
    answer = explain.of_user(portal.merchant).answer(PATH)
    assert answer.allowed and not answer.can_sign_in
    assert answer.notes == [f"Cannot sign in: {MERCHANT}."]
    assert barred(portal.admin) == ""
    people = sign_in.user_summaries([portal.admin, portal.merchant, portal.lone])
    assert [(person.email, person.barred) for person in people] == [
        ("admin@x.example", ""),
        ("lone@x.example", MERCHANT),
        ("merchant@x.example", MERCHANT),
    ]


def test_a_merchants_user_in_the_group_with_the_reference_root_group_can_sign_in(portal: Portal) -> None:
    portal.shop.join(ROOT, portal.merchant)
    assert barred(portal.merchant) == ""
    portal.shop.sql("UPDATE spy_acl_group SET reference = 'admins', name = 'root_group' WHERE id_acl_group = 1")
    assert barred(portal.merchant) == MERCHANT  # the name alone does not count
    portal.shop.sql("UPDATE spy_acl_group SET reference = 'root_group' WHERE id_acl_group = ?", portal.group)
    assert barred(portal.merchant) == ""


def test_where_groups_have_no_reference_no_merchants_user_can_sign_in(portal: Portal) -> None:
    portal.shop.join(ROOT, portal.merchant)
    portal.shop.sql("ALTER TABLE spy_acl_group RENAME COLUMN reference TO former")
    try:
        portal.shop.reopen()
        assert barred(portal.merchant) == MERCHANT
        assert compute_impact(AccessChange(joining={ROOT: [portal.lone]})).let_in == ()
        with pytest.raises(Refused):
            user_status.set_status([portal.admin], Status.DEACTIVATED)
    finally:
        portal.shop.sql("ALTER TABLE spy_acl_group RENAME COLUMN former TO reference")


def test_a_shop_without_merchants_knows_none(shop: Shop) -> None:
    (user,) = shop.users("admin@x.example")
    assert barred(user) == "" and memberships.count_merchants([user]) == 0


def test_a_merchants_user_is_not_the_last_admin(portal: Portal) -> None:
    with portal.shop.untouched(), pytest.raises(Refused):
        user_status.set_status([portal.admin], Status.DEACTIVATED)
    with portal.shop.untouched(), pytest.raises(Refused):
        memberships.remove([portal.admin], [portal.group])
    memberships.add([portal.merchant], [ROOT])
    assert user_status.set_status([portal.admin], Status.DEACTIVATED) == 1
    with pytest.raises(Refused):
        memberships.remove([portal.merchant], [ROOT])


def test_findings_on_who_can_sign_in_leave_merchants_users_out(portal: Portal) -> None:
    (never,) = [finding for finding in FINDINGS if finding.title == "Active users who never signed in"]
    listing = never.rows()
    assert [row.email for row in listing.page(listing.default_sort, 9)] == ["admin@x.example"]
    assert never.count() == 1


def test_an_impact_says_that_a_merchants_user_joins_a_group(portal: Portal) -> None:
    impact = compute_impact(AccessChange(joining={portal.group: [portal.lone]}))
    assert impact.merchants == (portal.lone,) and impact.let_in == ()
    assert impact.summary == f"1 user gains */*/* (cannot sign in); 1 is a {MERCHANT}"
    impact = compute_impact(AccessChange(joining={ROOT: [portal.lone, portal.merchant]}))
    assert impact.summary == (
        "1 user gains */*/*; 2 users can now sign in; 2 users can now open the user pages; "
        "2 are merchant users, for the Merchant Portal"
    )
    (empty,) = portal.shop.groups("Empty")
    assert (
        compute_impact(AccessChange(joining={empty: [portal.merchant]})).summary
        == f"Nobody's access changes; 1 is a {MERCHANT}"
    )
    assert compute_impact(AccessChange(leaving={portal.group: [portal.merchant]})).merchants == ()
    assert memberships.count_merchants([portal.admin, portal.merchant, portal.lone]) == 2


@dataclass(frozen=True)
class SignInBook:
    """Users by number: their status, mark, whether they are a merchant's, and groups, of which 0 is root_group."""

    statuses: tuple[int, ...]
    warehouse: tuple[bool, ...]
    merchant: tuple[bool, ...]
    groups: tuple[frozenset[int], ...]
    warehouse_may: bool

    def sign_in(self) -> list[int]:
        return [
            number
            for number in NUMBERS
            if signs_in(
                self.statuses[number],
                warehouse=self.warehouse[number],
                merchant=self.merchant[number],
                references=["root_group" if group == 0 else None for group in self.groups[number]],
                warehouse_may=self.warehouse_may,
            )
        ]


NUMBERS = range(4)
SHIFT = 10


def four(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(*[values] * len(NUMBERS))


books = st.builds(
    SignInBook,
    four(st.sampled_from([0, 0, 1, 2])),
    four(st.sampled_from([False, False, True])),
    four(st.booleans()),
    four(st.frozensets(st.integers(0, 2))),
    st.booleans(),
)


@settings(max_examples=60)
@given(
    books, books, st.frozensets(st.integers(0, 2)), st.frozensets(st.sampled_from(["statuses", "warehouse", "groups"]))
)
def test_who_can_sign_in_and_who_could_after_a_change_are_those_by_the_book(
    portal: Portal, before: SignInBook, other: SignInBook, deleted: frozenset[int], changed: frozenset[str]
) -> None:
    """Any change of status, mark, memberships and groups."""
    shop = portal.shop
    for table in ("spy_merchant_user", "spy_merchant", "spy_acl_group", "spy_user"):
        shop.sql(f"DELETE FROM {table}")
    rows = [(group + SHIFT, str(group), None if group else "root_group") for group in range(3)]
    shop.insert("spy_acl_group", "id_acl_group, name, reference", rows)
    people = [
        (n + SHIFT, f"{n}@x.example", "F", "L", "!", before.statuses[n], before.warehouse[n] or None) for n in NUMBERS
    ]
    columns = "id_user, username, first_name, last_name, password, status, is_warehouse_user"
    shop.insert("spy_user", columns, people)
    make_merchants(shop, *(n + SHIFT for n in NUMBERS if before.merchant[n]))
    for number in NUMBERS:
        for group in before.groups[number]:
            shop.join(group + SHIFT, number + SHIFT)
    change_settings(default_rules="marketplace" if before.warehouse_may else "suite")
    could = before.sign_in()
    ids = [number + SHIFT for number in NUMBERS]
    with connection.read_connection():
        query = User.select(User.id).where(*sign_in.sign_in_conditions())
        assert {id for (id,) in tuples(query)} == {number + SHIFT for number in could}
    assert [person.id - SHIFT for person in sign_in.user_summaries(ids) if not person.barred] == could
    assert [number for number in NUMBERS if not barred(number + SHIFT)] == could

    values = {name: getattr(other if name in changed else before, name) for name in ("statuses", "warehouse", "groups")}
    values["groups"] = tuple(groups - deleted for groups in values["groups"])
    after = SignInBook(**values, merchant=before.merchant, warehouse_may=before.warehouse_may)
    joined = [(g, n) for n in NUMBERS for g in after.groups[n] - before.groups[n]]
    left = [(g, n) for n in NUMBERS for g in before.groups[n] - after.groups[n] - deleted]
    impact = compute_impact(
        AccessChange(
            joining={g + SHIFT: [n + SHIFT for group, n in joined if group == g] for g in range(3)},
            leaving={g + SHIFT: [n + SHIFT for group, n in left if group == g] for g in range(3)},
            deleted_groups=[group + SHIFT for group in deleted],
            statuses={n + SHIFT: Status(after.statuses[n]) for n in NUMBERS if after.statuses[n] != before.statuses[n]},
            warehouse={n + SHIFT: after.warehouse[n] for n in NUMBERS if after.warehouse[n] != before.warehouse[n]},
        )
    )
    assert [id - SHIFT for id in impact.shut_out] == sorted(set(could) - set(after.sign_in()))
    assert [id - SHIFT for id in impact.let_in] == sorted(set(after.sign_in()) - set(could))
    assert [id - SHIFT for id in impact.merchants] == sorted({n for _, n in joined if before.merchant[n]})
