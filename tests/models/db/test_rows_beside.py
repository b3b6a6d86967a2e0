"""Rows of other parts of a whole shop that go along with ours: data rules, links for a new password, references."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models import groups, roles, user_status, users
from models.db.tables import Status
from models.errors import Invalid, Unavailable
from models.tools import check
from models.user_form import UserForm
from tests.conftest import Shop, change_settings

ON_SERVERS = True
PASSWORD = "Change-me-123"
ANNA = UserForm("anna@shop.example", "Anna", "Example", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)
DATA_RULES = (
    "SELECT entity, fk_acl_entity_segment, scope, permission_mask FROM spy_acl_entity_rule WHERE fk_acl_role = ?"
)
PAGE_RULES = "SELECT bundle, controller, action, type FROM spy_acl_rule WHERE fk_acl_role = ? ORDER BY id_acl_rule"


@pytest.fixture(autouse=True)
def cheap() -> None:
    change_settings(password_cost=10)


@pytest.fixture
def whole(shop: Shop) -> Shop:
    return shop.whole()


def number(shop: Shop, table: str) -> str:
    return f"nextval('{table}_pk_seq')" if shop.kind == "postgres" else "NULL"


def add(shop: Shop, table: str, key: str, **values: object) -> None:
    """Add a row to a table of another part, whose ids are given as the shop gives them."""
    marks = ", ".join("?" * len(values))
    names = ", ".join([key, *values])
    shop.sql(f"INSERT INTO {table} ({names}) VALUES ({number(shop, table)}, {marks})", *values.values())


def ruled(shop: Shop) -> int:
    """A role with rules on pages and on data."""
    (role,) = shop.roles("Merchant staff")
    shop.rules(role, "allow sales/*/*", "deny sales/index/index")
    segment = f"SELECT {number(shop, 'spy_acl_entity_segment')}, 'Merchant 5', 'merchant-5'"
    shop.sql(f"INSERT INTO spy_acl_entity_segment (id_acl_entity_segment, name, reference) {segment}")
    (segment,) = shop.sql("SELECT id_acl_entity_segment FROM spy_acl_entity_segment")
    for entity, scope, mask in ("spy_sales_order", 1, 2), ("spy_merchant", 0, 15), ("spy_merchant", 1, 1):
        rule = {"fk_acl_role": role, "entity": entity, "scope": scope, "permission_mask": mask}
        in_segment = {"fk_acl_entity_segment": segment} if scope else {}
        add(shop, "spy_acl_entity_rule", "id_acl_entity_rule", **rule, **in_segment)
    return role


# A role's data rules


def test_a_clone_of_a_role_has_its_data_rules(whole: Shop) -> None:
    role, (other,) = ruled(whole), whole.roles("Other")
    rule = {"fk_acl_role": other, "entity": "spy_store", "scope": 0, "permission_mask": 1}
    add(whole, "spy_acl_entity_rule", "id_acl_entity_rule", **rule)
    before = whole.sql("SELECT count(*) FROM spy_acl_entity_rule")
    copy = roles.clone(role, "Merchant staff 2")
    assert sorted(whole.sql(DATA_RULES, copy), key=repr) == sorted(whole.sql(DATA_RULES, role), key=repr)
    assert len(whole.sql(DATA_RULES, copy)) == 3
    assert whole.sql("SELECT count(*) FROM spy_acl_entity_rule") == [before[0] + 3]
    assert whole.sql(PAGE_RULES, copy) == whole.sql(PAGE_RULES, role)
    assert roles.missing_in_copy(role, copy) == ""


def test_the_copies_of_data_rules_have_what_is_in_columns_of_the_shops_own(whole: Shop) -> None:
    role = ruled(whole)
    quote = "`" if whole.kind == "mariadb" else '"'
    name, added = f"{quote}100 % select{quote}", ("created_at", "updated_at")
    try:
        whole.sql(f"ALTER TABLE spy_acl_entity_rule ADD COLUMN {name} VARCHAR(20)")
        for column in added:
            whole.sql(f"ALTER TABLE spy_acl_entity_rule ADD COLUMN {column} TIMESTAMP NULL")
        whole.sql(f"UPDATE spy_acl_entity_rule SET {name} = 'ours', created_at = '2020-02-02 02:02:02'")
        whole.reopen()
        copy = roles.clone(role, "Merchant staff 2")
        found = whole.sql(f"SELECT {name}, created_at, updated_at FROM spy_acl_entity_rule WHERE fk_acl_role = {copy}")
        assert len(found) == 3
        for text, *times in found:
            assert text == "ours"
            assert all(abs(datetime.fromisoformat(time) - now()).total_seconds() < 10 for time in times)
    finally:
        for column in (name, *added):
            whole.sql(f"ALTER TABLE spy_acl_entity_rule DROP COLUMN {column}")


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def test_a_clone_is_made_where_the_database_refuses_data_rules_and_they_are_named(whole: Shop) -> None:
    role = ruled(whole)
    with whole.refusing("INSERT", "spy_acl_entity_rule"):
        copy = roles.clone(role, "Merchant staff 2")
    assert roles.get(copy).name == "Merchant staff 2"
    assert whole.sql(PAGE_RULES, copy) == whole.sql(PAGE_RULES, role)
    assert whole.sql(DATA_RULES, copy) == []
    expected = "Data rules were not copied (refused by the database): spy_merchant, spy_sales_order."
    assert roles.missing_in_copy(role, copy) == expected


@contextmanager
def without_right(shop: Shop, right: str, table: str) -> Iterator[None]:
    shop.sql(f"REVOKE {right} ON {table} FROM CURRENT_USER")
    try:
        yield
    finally:
        shop.sql(f"GRANT {right} ON {table} TO CURRENT_USER")


@pytest.mark.postgres
@pytest.mark.parametrize("right", ["INSERT", "SEQUENCE"])
def test_a_user_without_the_right_to_add_data_rules_can_clone_a_role(whole: Shop, right: str) -> None:
    role = ruled(whole)
    table, right = (
        ("SEQUENCE spy_acl_entity_rule_pk_seq", "ALL") if right == "SEQUENCE" else ("spy_acl_entity_rule", right)
    )
    with without_right(whole, right, table):
        assert {finding.what: finding.found for finding in check.check(whole.location)}["may write"] == "yes"
        copy = roles.clone(role, "Merchant staff 2")
        assert "spy_merchant, spy_sales_order" in roles.missing_in_copy(role, copy)
    assert whole.sql(PAGE_RULES, copy) == whole.sql(PAGE_RULES, role)


@pytest.mark.postgres
def test_a_user_who_cannot_read_data_rules_is_told_that_they_may_be_missing(whole: Shop) -> None:
    role = ruled(whole)
    with without_right(whole, "ALL", "spy_acl_entity_rule"):
        whole.reopen()
        copy = roles.clone(role, "Merchant staff 2")
        assert roles.missing_in_copy(role, copy) == "Data rules may be missing: spy_acl_entity_rule cannot be read."


def test_data_rules_of_another_shape_may_be_missing(whole: Shop) -> None:
    whole.sql("ALTER TABLE spy_acl_entity_rule RENAME COLUMN scope TO reach")
    try:
        whole.reopen()
        copy = roles.clone(1, "Admins")
        assert roles.missing_in_copy(1, copy) == "Data rules may be missing: spy_acl_entity_rule cannot be read."
    finally:
        whole.sql("ALTER TABLE spy_acl_entity_rule RENAME COLUMN reach TO scope")


def test_a_role_without_data_rules_misses_none(whole: Shop) -> None:
    with whole.refusing("INSERT", "spy_acl_entity_rule"):
        copy = roles.clone(1, "Admins")
    assert roles.missing_in_copy(1, copy) == ""


def test_a_shop_without_data_rules_misses_none(shop: Shop) -> None:
    assert roles.missing_in_copy(1, roles.clone(1, "Admins")) == ""


def test_a_clone_whose_name_is_refused_copies_nothing(whole: Shop) -> None:
    role = ruled(whole)
    with whole.untouched(), pytest.raises(Invalid):
        roles.clone(role, "root_role")
    assert len(whole.sql("SELECT entity FROM spy_acl_entity_rule")) == 3


# Links for a new password


def links(shop: Shop, user: int) -> None:
    for status, code in enumerate(("active", "expired", "used")):
        link = {"fk_user": user, "code": f"{code}-{user}", "status": status}
        stamps = {"created_at": "2020-02-02 02:02:02", "updated_at": "2020-02-02 02:02:02"}
        add(shop, "spy_auth_reset_password", "id_auth_reset_password", **link, **stamps)


def statuses(shop: Shop) -> dict[str, tuple[int, bool]]:
    """The status of each link, and whether it was changed just now."""
    found = shop.sql("SELECT code, status, updated_at FROM spy_auth_reset_password")
    return {code: (status, datetime.fromisoformat(at).year > 2020) for code, status, at in found}


def test_a_new_password_expires_the_users_open_links(whole: Shop) -> None:
    anna, bert = users.create(ANNA), users.create(replace(ANNA, email="bert@shop.example"))
    for user in anna, bert:
        links(whole, user)
    before = statuses(whole)
    shown = users.get(anna)
    assert users.update(shown, replace(shown.form, first_name="Anne"))
    assert statuses(whole) == before
    shown = users.get(anna)
    assert users.update(shown, replace(shown.form, password=PASSWORD + "x", repeated=PASSWORD + "x"))
    assert statuses(whole) == before | {f"active-{anna}": (1, True)}


def test_links_stay_open_where_the_new_password_is_not_written(whole: Shop) -> None:
    anna = users.create(ANNA)
    links(whole, anna)
    before, shown = statuses(whole), users.get(anna)
    with whole.refusing("UPDATE", "spy_user"), pytest.raises(Exception, match="no"):
        users.update(shown, replace(shown.form, password=PASSWORD + "x", repeated=PASSWORD + "x"))
    assert statuses(whole) == before


def test_links_that_have_no_time_are_expired_too(whole: Shop) -> None:
    anna = users.create(ANNA)
    links(whole, anna)
    whole.sql("ALTER TABLE spy_auth_reset_password RENAME COLUMN updated_at TO changed_at")
    try:
        whole.reopen()
        shown = users.get(anna)
        assert users.update(shown, replace(shown.form, password=PASSWORD + "x", repeated=PASSWORD + "x"))
        assert sorted(whole.sql("SELECT status FROM spy_auth_reset_password")) == [1, 1, 2]
    finally:
        whole.sql("ALTER TABLE spy_auth_reset_password RENAME COLUMN changed_at TO updated_at")


@pytest.mark.postgres
def test_the_right_to_expire_links_is_asked_for(whole: Shop) -> None:
    with without_right(whole, "UPDATE", "spy_auth_reset_password"):
        found = {finding.what: finding.found for finding in check.check(whole.location)}["may write"]
    assert found.startswith("no: the database user may not")


# References


def test_references_by_which_other_parts_find_groups_and_roles(whole: Shop) -> None:
    merchants, plain, empty = whole.groups("Merchant 5", "Plain", "Empty")
    (role,) = whole.roles("Viewer")
    whole.sql("UPDATE spy_acl_group SET reference = '__MERCHANT_5' WHERE id_acl_group = ?", merchants)
    whole.sql("UPDATE spy_acl_group SET reference = '' WHERE id_acl_group = ?", empty)
    whole.sql("UPDATE spy_acl_role SET reference = 'product-viewer' WHERE id_acl_role = ?", role)
    assert groups.references(merchants, plain, empty) == {"Merchant 5": "__MERCHANT_5"}
    assert roles.references(role) == {"Viewer": "product-viewer"}


def test_an_older_shop_has_no_references(shop: Shop) -> None:
    older = shop.older()
    assert groups.references(*older.groups("Night shift")) == roles.references(1) == {}


# Picking lists


UUIDS = {"anna@shop.example": "a-1", "bert@shop.example": "b-2", "carla@shop.example": "c-3", "dora@shop.example": None}


@pytest.fixture
def picking(whole: Shop) -> list[int]:
    """Two warehouse users with picking lists, one user who is none, and one warehouse user without a uuid."""
    ids = whole.users(*UUIDS)
    no, yes = ("false", "true") if whole.kind == "postgres" else (0, 1)
    for id, (email, uuid) in zip(ids, UUIDS.items(), strict=True):
        mark = no if email.startswith("carla") else yes
        whole.sql(f"UPDATE spy_user SET uuid = ?, status = 0, is_warehouse_user = {mark} WHERE id_user = ?", uuid, id)
    lists = [("a-1", "picking-started"), ("a-1", "ready-for-picking"), ("a-1", "ready-for-picking"), ("b-2", "done")]
    for user, status in (*lists, ("c-3", "done"), (None, "ready-for-picking"), ("x-9", "done")):
        stamps = {"created_at": "2020-02-02 02:02:02", "updated_at": "2020-02-02 02:02:02"}
        row = {"fk_warehouse": 1, "user_uuid": user, "status": status, **stamps}
        add(whole, "spy_picking_list", "id_picking_list", **row)
    return ids


def pickers(shop: Shop) -> list[str | None]:
    return list(shop.sql("SELECT user_uuid FROM spy_picking_list ORDER BY id_picking_list"))


BEFORE = ["a-1", "a-1", "a-1", "b-2", "c-3", None, "x-9"]


@pytest.mark.parametrize("status", [Status.DEACTIVATED, Status.DELETED])
def test_who_picks_no_more_loses_their_picking_lists(whole: Shop, picking: list[int], status: Status) -> None:
    anna, bert, carla, dora = picking
    assert user_status.picking_lists([anna], status) == {"ready-for-picking": 2, "picking-started": 1}
    assert list(user_status.picking_lists([anna], status)) == ["ready-for-picking", "picking-started"]
    assert user_status.picking_lists(picking, status) == {"ready-for-picking": 2, "picking-started": 1, "done": 1}
    assert user_status.picking_lists([carla, dora], status) == {}
    assert user_status.picking_lists(picking, Status.ACTIVE) == {}
    user_status.set_status([anna], status)
    assert pickers(whole) == [None, None, None, *BEFORE[3:]]
    assert whole.sql("SELECT count(*) FROM spy_picking_list WHERE updated_at = '2020-02-02 02:02:02'") == [4]
    assert user_status.picking_lists([anna], status) == {}
    user_status.set_status([bert, carla, dora], status)
    assert pickers(whole) == [None, None, None, None, *BEFORE[4:]]


def test_who_is_activated_keeps_their_picking_lists(whole: Shop, picking: list[int]) -> None:
    whole.sql("UPDATE spy_user SET status = 1")
    user_status.set_status(picking, Status.ACTIVE)
    assert pickers(whole) == BEFORE


def test_a_status_that_is_set_in_the_form_unassigns_picking_lists_too(whole: Shop, picking: list[int]) -> None:
    whole.join(1, *picking)
    shown = users.get(picking[0])
    assert users.update(shown, replace(shown.form, first_name="Anne"))
    assert pickers(whole) == BEFORE
    shown = users.get(picking[0])
    assert users.update(shown, replace(shown.form, status=Status.DEACTIVATED))
    assert pickers(whole) == [None, None, None, *BEFORE[3:]]


def test_picking_lists_stay_with_who_could_not_be_deactivated(whole: Shop, picking: list[int]) -> None:
    with whole.refusing("UPDATE", "spy_picking_list"), pytest.raises(Unavailable):
        user_status.set_status(picking[:1], Status.DEACTIVATED)
    assert whole.sql("SELECT status FROM spy_user WHERE id_user = ?", picking[0]) == [0]
    assert pickers(whole) == BEFORE


@pytest.mark.parametrize("column", ["spy_user.uuid", "spy_picking_list.user_uuid"])
def test_a_shop_that_cannot_tell_whose_picking_lists_they_are_has_none(
    whole: Shop, picking: list[int], column: str
) -> None:
    table, _, name = column.partition(".")
    whole.sql(f"ALTER TABLE {table} RENAME COLUMN {name} TO other")
    try:
        whole.reopen()
        assert user_status.picking_lists(picking, Status.DELETED) == {}
        user_status.set_status(picking, Status.DELETED)
    finally:
        whole.sql(f"ALTER TABLE {table} RENAME COLUMN other TO {name}")
    assert pickers(whole) == BEFORE
