"""A gate forbids what a change lets somebody open, and lets all else through."""

import pytest

from models.access.compute_impact import compute_impact
from models.access.gates import find_new_access, forbidden
from models.access.impact import NEW, AccessChange
from models.access.regions import Scope
from models.db.tables import Permission, Status
from tests.conftest import Shop
from tests.models.access.texts import at

CMS = {2: [(at("cms/*/*"), Permission.ALLOW)]}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Anna and Tom are in Catalog, whose role Editor allows sales but one path; Tom is deactivated; Empty has Media."""
    editor, media = shop.roles("Editor", "Media")
    shop.rules(editor, "allow sales/*/*", "deny sales/order/delete")
    catalog, empty = shop.groups("Catalog", "Empty")
    shop.hold(catalog, editor)
    shop.hold(empty, media)
    anna, tom = shop.users("anna@shop.example", "tom@shop.example")
    shop.join(catalog, anna, tom)
    shop.sql("UPDATE spy_user SET status = 1 WHERE id_user = ?", tom)
    return shop


def opened_by(change: AccessChange) -> set[str]:
    return set(map(str, find_new_access(change, compute_impact(change))))


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        (AccessChange(), set()),
        (AccessChange(added_rules=CMS), {"cms/*/*"}),
        (AccessChange(added_rules={2: [(at("sales/order/*"), Permission.ALLOW)]}), set()),
        (AccessChange(added_rules={2: [(at("cms/*/*"), Permission.DENY)]}), set()),
        (AccessChange(removed_rules=[3]), {"sales/order/delete"}),
        (AccessChange(statuses={2: Status.DEACTIVATED}), set()),
    ],
)
def test_new_is_what_somebody_gains(shop: Shop, change: AccessChange, opened: set[str]) -> None:
    assert opened_by(change) == opened


def test_all_that_a_user_may_open_is_new_who_is_let_in(shop: Shop) -> None:
    assert "sales/order/(everything else)" in opened_by(AccessChange(statuses={2: Status.ACTIVE}))
    assert "cms/*/*" in opened_by(AccessChange(statuses={2: Status.ACTIVE}, added_rules=CMS))


def test_a_group_without_users_counts_as_if_it_had_one(shop: Shop) -> None:
    assert opened_by(AccessChange(added_rules={3: CMS[2]})) == {"cms/*/*"}
    new = AccessChange(added_rules={NEW: CMS[2]}, added_roles={NEW: [NEW]})
    assert "cms/*/*" in opened_by(new)
    assert opened_by(AccessChange(added_rules={3: CMS[2]}, deleted_groups=[3])) == set()
    assert opened_by(AccessChange(added_rules=CMS, leaving={2: [1, 2]})) == {"cms/*/*"}


@pytest.mark.parametrize(
    ("never", "excepted", "stopped"),
    [
        ([], None, []),
        ([], [], ["cms/*/*", "sales/order/(everything else)"]),
        ([], ["cms/*/*"], ["sales/order/(everything else)"]),
        ([], ["cms/page/*", "sales/*/*"], ["cms/*/*"]),
        ([], ["*/*/*"], []),
        (["cms/page/list"], None, ["cms/*/*"]),
        (["cms/page/list"], ["*/*/*"], ["cms/*/*"]),
        (["sales/order/delete"], None, []),
        (["sales/order/list"], None, ["sales/order/(everything else)"]),
        (["*/order/*"], None, ["cms/*/*", "sales/order/(everything else)"]),
        (["user/*/*"], None, []),
    ],
)
def test_what_a_gate_names_is_forbidden(never: list[str], excepted: list[str] | None, stopped: list[str]) -> None:
    new = [Scope(("sales", "order", frozenset({"delete"}))), Scope(("cms",))]
    paths = None if excepted is None else list(map(at, excepted))
    assert list(map(str, forbidden(new, never=list(map(at, never)), excepted=paths))) == stopped
