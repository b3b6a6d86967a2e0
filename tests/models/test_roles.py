"""Every change to a role and its rules, the messages word for word, and that a refused one writes nothing."""

from collections.abc import Callable
from datetime import datetime

import pytest

from models import groups, role_rules, roles, validation
from models.access.rules import Path
from models.db import tables
from models.db.paging import Sort
from models.db.tables import Permission
from models.errors import Invalid, NotFound, Refused, Unavailable
from models.role_rules import RuleRow
from models.roles import InUse, RoleRecord
from models.validation import BLANK, too_long
from tests.conftest import Shop, unseen, unwritable, utc_now

ON_SERVERS = True

ALLOW, DENY = Permission.ALLOW, Permission.DENY
HOSTILE = [
    *(
        "[red]x[/]",
        "'; DROP TABLE spy_acl_role; --",
        "%s {} \\n",
        "שלום",
        "e\u0301 店 👨\u200d👩\u200d👧",
        "a\u202eb",
        "*",
    ),
]


def refused(shop: Shop, save: Callable[[], object]) -> dict[str, str]:
    """The messages of a change that is refused, having written nothing."""
    with shop.untouched(), pytest.raises(Invalid) as invalid:
        save()
    return invalid.value.fields


def written(shop: Shop, role: int) -> list[str]:
    """The role's rules in the order they were added, each as in `deny user/edit/update`."""
    columns = "type, bundle, controller, action"
    rows = shop.sql(f"SELECT {columns} FROM spy_acl_rule WHERE fk_acl_role = ? ORDER BY id_acl_rule", role)
    return [f"{('allow', 'deny')[permission]} {'/'.join(parts)}" for permission, *parts in rows]


@pytest.fixture
def role(shop: Shop) -> int:
    """A role with two rules, last changed some time ago."""
    id = roles.create("Order support")
    shop.rules(id, "allow sales/*/*", "deny sales/delete/index")
    for table in ("spy_acl_role", "spy_acl_rule"):
        shop.sql(f"UPDATE {table} SET created_at = '2020-01-01 00:00:00', updated_at = '2020-01-01 00:00:00'")
    return id


def rule_row(role: int, id: int) -> RuleRow:
    """A rule as the role's page shows it."""
    return role_rules.listing(role).rows([id])[0]


def changed(shop: Shop, table: str, id: int) -> tuple[bool, bool]:
    """Whether created_at and updated_at are another than they were."""
    (row,) = shop.sql(f"SELECT created_at, updated_at FROM spy_acl_{table} WHERE id_acl_{table} = ?", id)
    return row[0] != "2020-01-01 00:00:00", row[1] != "2020-01-01 00:00:00"


# Create and rename


def test_create_writes_the_role_without_rules(shop: Shop) -> None:
    before = utc_now().replace(microsecond=0)
    id = roles.create(" Order support\n")
    (row,) = shop.sql("SELECT name, reference, created_at, updated_at FROM spy_acl_role WHERE id_acl_role = ?", id)
    assert row[:2] == ("Order support", None)
    assert row[2] == row[3]
    assert before <= datetime.fromisoformat(row[2]) <= utc_now()
    assert written(shop, id) == []
    assert roles.get(id) == RoleRecord(id, "Order support")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_is_stored_to_the_letter(shop: Shop, name: str) -> None:
    if problem := unwritable(shop, name):
        assert refused(shop, lambda: roles.create(name)) == {"name": problem}
        return
    id = roles.create(f" \t{name}\u200b")
    assert shop.sql("SELECT name FROM spy_acl_role WHERE id_acl_role = ?", id) == [name]
    assert roles.get(id).name == name


NAMES = [
    ("", BLANK),
    (" \t\u200b", BLANK),
    ("x" * 256, too_long(255)),
    ("root_role", 'Role with name "root_role" already exists!'),
    (" root_role ", 'Role with name "root_role" already exists!'),
]


@pytest.mark.parametrize(("name", "message"), NAMES, ids=ascii)
def test_a_name_that_cannot_be_taken_is_refused_on_every_way(shop: Shop, role: int, name: str, message: str) -> None:
    baseline = roles.get(role)
    assert refused(shop, lambda: roles.create(name)) == {"name": message}
    assert refused(shop, lambda: roles.rename(baseline, name)) == {"name": message}
    assert refused(shop, lambda: roles.clone(role, name)) == {"name": message}
    assert refused(shop, lambda: roles.check(None, name)) == {"name": message}
    assert refused(shop, lambda: roles.check(baseline, name)) == {"name": message}


def test_a_name_has_up_to_255_characters(shop: Shop) -> None:
    assert len(roles.get(roles.create(f" {'店' * 255} ")).name) == 255


def test_control_characters_within_a_name_are_refused(shop: Shop) -> None:
    for character in "\n\t\x00\x1b\x9b\u2028\ud800":
        message = refused(shop, lambda character=character: roles.create(f"a{character}b"))["name"]  # type: ignore[misc]
        assert f"U+{ord(character):04X}" in message


def test_a_name_is_unique_to_the_letter_but_on_mariadb(shop: Shop, role: int) -> None:
    if shop.kind == "mariadb":
        in_use = {"name": 'Role with name "ORDER SUPPORT" already exists!'}
        assert refused(shop, lambda: roles.create("ORDER SUPPORT")) == in_use
        assert roles.rename(roles.get(role), "ORDER SUPPORT")
    else:
        assert roles.get(roles.create("ORDER SUPPORT")).name == "ORDER SUPPORT"


def test_a_name_taken_between_check_and_insert_gets_the_same_message(
    shop: Shop, role: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline = roles.get(roles.create("Returns desk"))
    in_use = {"name": 'Role with name "Order support" already exists!'}
    for act in (
        lambda: roles.create("Order support"),
        lambda: roles.rename(baseline, "Order support"),
        lambda: roles.clone(role, "Order support"),
    ):
        unseen(monkeypatch, validation)
        assert refused(shop, act) == in_use


def test_rename_writes_the_name_and_the_time_and_leaves_the_rules(shop: Shop, role: int) -> None:
    before = written(shop, role)
    assert roles.rename(roles.get(role), " Order help ")
    assert roles.get(role) == RoleRecord(role, "Order help")
    assert changed(shop, "role", role) == (False, True)
    assert written(shop, role) == before


def test_the_same_name_writes_nothing(shop: Shop, role: int) -> None:
    (padded,) = shop.roles(" padded ")
    with shop.untouched():
        assert not roles.rename(roles.get(role), " Order support ")
        assert not roles.rename(roles.get(padded), "padded")
        assert not roles.rename(roles.get(1), "root_role")


# root_role


def test_root_role_can_be_neither_renamed_nor_deleted(shop: Shop, role: int) -> None:
    for act in (
        lambda: roles.rename(roles.get(1), "Admins"),
        lambda: roles.check(roles.get(1), "Admins"),
        lambda: roles.delete(1),
        lambda: roles.delete(role, 1),
        lambda: roles.check_delete(1),
    ):
        with shop.untouched(), pytest.raises(Refused, match=r"^You are not allowed to edit the root role\.$"):
            act()


def test_root_role_may_be_cloned_and_its_rules_changed(shop: Shop) -> None:
    assert written(shop, roles.clone(1, "Admins")) == ["allow */*/*"]
    role_rules.add(1, "sales", "*", "*", DENY)
    assert written(shop, 1) == ["allow */*/*", "deny sales/*/*"]


def test_only_root_role_is_the_root_role() -> None:
    assert RoleRecord(1, "root_role").is_root
    assert not RoleRecord(1, "Root_Role").is_root


# Clone


def test_a_clone_has_the_same_rules_in_the_same_order_and_no_groups(shop: Shop, role: int) -> None:
    shop.rules(role, "allow customer/*/*", "deny */*/delete", "allow a/b/c")
    shop.hold(1, role)
    id = roles.clone(role, " Returns desk ")
    assert roles.get(id) == RoleRecord(id, "Returns desk")
    assert written(shop, id) == written(shop, role)
    assert changed(shop, "role", id) == (True, True)
    assert shop.sql("SELECT fk_acl_group FROM spy_acl_groups_has_roles WHERE fk_acl_role = ?", id) == []
    role_rules.remove(shop.sql("SELECT max(id_acl_rule) FROM spy_acl_rule")[0])
    assert len(written(shop, role)) == 5


def test_a_thousand_rules_are_cloned(shop: Shop, role: int) -> None:
    shop.rules(role, *(f"allow bundle-{number}/*/*" for number in range(1_000)))
    assert written(shop, roles.clone(role, "Returns desk")) == written(shop, role)


def test_clone_is_one_transaction(shop: Shop, role: int) -> None:
    with shop.refusing("INSERT", "spy_acl_rule"), shop.untouched(), pytest.raises(Unavailable, match="error: no"):
        roles.clone(role, "Returns desk")


# Delete

ROLE = "id_acl_role, name, reference, created_at, updated_at"
RULE = "id_acl_rule, fk_acl_role, action, bundle, controller, type, created_at, updated_at"


def test_delete_archives_the_role_and_its_rules_column_for_column(shop: Shop, role: int) -> None:
    shop.sql("UPDATE spy_acl_role SET reference = 'orders', updated_at = NULL WHERE id_acl_role = ?", role)
    (row,) = shop.sql(f"SELECT {ROLE} FROM spy_acl_role WHERE id_acl_role = ?", role)
    rules = shop.sql(f"SELECT {RULE} FROM spy_acl_rule WHERE fk_acl_role = ? ORDER BY 1", role)
    before = utc_now().replace(microsecond=0)
    roles.delete(role)
    (archived,) = shop.sql(f"SELECT {ROLE}, archived_at FROM spy_acl_role_archive")
    assert archived[:-1] == row
    archived_rules = shop.sql(f"SELECT {RULE}, archived_at FROM spy_acl_rule_archive ORDER BY 1")
    assert [rule[:-1] for rule in archived_rules] == rules
    for *_, archived_at in [archived, *archived_rules]:
        assert before <= datetime.fromisoformat(archived_at) <= utc_now()
    assert shop.sql("SELECT name FROM spy_acl_role") == ["root_role"]
    assert shop.sql("SELECT bundle FROM spy_acl_rule") == ["*"]


def test_several_are_deleted_all_or_none(shop: Shop, role: int) -> None:
    other = roles.create("Returns desk")
    for ids, error in ((role, 999), NotFound), ((role, 1), Refused):
        with shop.untouched(), pytest.raises(error):
            roles.delete(*ids)
    roles.delete(role, other)
    assert shop.sql("SELECT id_acl_role FROM spy_acl_role_archive") == [role, other]


def test_archive_rows_with_the_same_ids_are_replaced(shop: Shop, role: int) -> None:
    """As the shop does it; a file from before AUTOINCREMENT can hold some."""
    shop.insert("spy_acl_role_archive", "id_acl_role, name", [(role, "An earlier one")])
    id = shop.sql("SELECT max(id_acl_rule) FROM spy_acl_rule")[0]
    columns = "id_acl_rule, fk_acl_role, action, bundle, controller, type"
    shop.insert("spy_acl_rule_archive", columns, [(id, 99, "an", "earlier", "one", 0)])
    roles.delete(role)
    assert shop.sql("SELECT name FROM spy_acl_role_archive") == ["Order support"]
    assert shop.sql("SELECT bundle FROM spy_acl_rule_archive") == ["sales", "sales"]


def test_delete_is_one_transaction(shop: Shop, role: int) -> None:
    with shop.refusing("DELETE", "spy_acl_role"), shop.untouched(), pytest.raises(Unavailable, match="error: no"):
        roles.delete(role)


def test_a_role_in_use_is_not_deleted_and_the_groups_are_named(shop: Shop, role: int) -> None:
    night, day = shop.groups("Night shift", "Day shift")
    for group in (night, day):
        shop.hold(group, role)
    for act in (lambda: roles.delete(role), lambda: roles.check_delete(role)):
        with shop.untouched(), pytest.raises(InUse) as in_use:
            act()
        assert in_use.value.groups == [(day, "Day shift"), (night, "Night shift")]
        assert in_use.value.more == 0
        assert str(in_use.value) == (
            "Unable to delete because role has groups assigned. Assigned to: Day shift, Night shift."
        )
    groups.delete(night, day)
    roles.delete(role)


def test_of_many_groups_the_first_ten_are_named_and_how_many_more(shop: Shop, role: int) -> None:
    ids = shop.groups(*(f"group {number:04}" for number in range(1_243)))
    for id in ids:
        shop.hold(id, role)
    with shop.untouched(), pytest.raises(InUse) as in_use:
        roles.delete(role)
    assert in_use.value.groups == [(id, f"group {number:04}") for number, id in enumerate(ids[:10])]
    assert in_use.value.more == 1_233
    assert str(in_use.value).endswith("group 0008, group 0009 and 1,233 more.")


def test_a_group_that_holds_two_of_the_roles_is_named_once(shop: Shop, role: int) -> None:
    other = roles.create("Returns desk")
    (night,) = shop.groups("Night shift")
    shop.hold(night, role, other)
    with shop.untouched(), pytest.raises(InUse) as in_use:
        roles.delete(role, other)
    assert (in_use.value.groups, in_use.value.more) == ([(night, "Night shift")], 0)


# Rules


def test_a_rule_is_added_at_once(shop: Shop, role: int) -> None:
    id = role_rules.add(role, " customer\t", "\u200bedit ", " * ", DENY)
    (row,) = shop.sql(f"SELECT {RULE} FROM spy_acl_rule WHERE id_acl_rule = ?", id)
    assert row[:-2] == (id, role, "*", "customer", "edit", 1)
    assert changed(shop, "rule", id) == (True, True)
    assert changed(shop, "role", role) == (False, False)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_rule_is_stored_to_the_letter(shop: Shop, role: int, text: str) -> None:
    if problem := unwritable(shop, text):
        messages = dict.fromkeys(("bundle", "controller", "action"), problem)
        assert refused(shop, lambda: role_rules.add(role, text, text, text, ALLOW)) == messages
        return
    id = role_rules.add(role, text, text, text, ALLOW)
    assert shop.sql("SELECT bundle, controller, action FROM spy_acl_rule WHERE id_acl_rule = ?", id) == [(text,) * 3]


PARTS = [
    (("", " ", "\t"), {"bundle": BLANK, "controller": BLANK, "action": BLANK}),
    (("sales", "", "*"), {"controller": BLANK}),
    (("x" * 61, "x" * 61, "x" * 46), {"bundle": too_long(60), "controller": too_long(60), "action": too_long(45)}),
    (("x" * 60, "x" * 60, "x" * 46), {"action": too_long(45)}),
]


@pytest.mark.parametrize(("parts", "messages"), PARTS, ids=["blank", "one blank", "all too long", "action too long"])
def test_everything_wrong_with_a_rule_is_told_at_once(
    shop: Shop, role: int, parts: tuple[str, str, str], messages: dict[str, str]
) -> None:
    rule = rule_row(role, shop.rules(role, "allow customer/*/*")[0])
    assert refused(shop, lambda: role_rules.add(role, *parts, ALLOW)) == messages
    assert refused(shop, lambda: role_rules.change(rule, *parts, ALLOW)) == messages


def test_a_rule_takes_60_60_and_45_characters(shop: Shop, role: int) -> None:
    role_rules.add(role, " " + "店" * 60, "x" * 60, "x" * 45 + " ", ALLOW)
    assert written(shop, role)[-1] == f"allow {'店' * 60}/{'x' * 60}/{'x' * 45}"


def test_an_older_shop_takes_45_characters_everywhere(shop: Shop) -> None:
    older = shop.older()
    messages = {"bundle": too_long(45), "controller": too_long(45), "action": too_long(45)}
    assert refused(older, lambda: role_rules.add(1, "x" * 46, "x" * 46, "x" * 46, ALLOW)) == messages
    role_rules.add(1, "x" * 45, "x" * 45, "x" * 45, ALLOW)


def test_the_same_rule_twice_on_one_role_is_refused(shop: Shop, role: int) -> None:
    same = {"bundle": "This role already has this rule."}
    assert refused(shop, lambda: role_rules.add(role, "sales ", " *", "*", ALLOW)) == same
    other = roles.create("Returns desk")
    for role_id, parts, permission in (
        (other, ("sales", "*", "*"), ALLOW),
        (role, ("sales", "*", "*"), DENY),
        (role, ("Sales", "*", "*"), ALLOW),
        (role, ("sales", "*", "index"), ALLOW),
    ):
        role_rules.add(role_id, *parts, permission)
    rule = rule_row(role, role_rules.add(role, "customer", "*", "*", ALLOW))
    assert refused(shop, lambda: role_rules.change(rule, "sales", "delete", "index", DENY)) == same


def test_a_rule_is_changed_in_place(shop: Shop, role: int) -> None:
    first, second = shop.sql("SELECT id_acl_rule FROM spy_acl_rule WHERE fk_acl_role = ? ORDER BY 1", role)
    assert role_rules.change(rule_row(role, first), " customer", "edit", "* ", DENY)
    assert written(shop, role) == ["deny customer/edit/*", "deny sales/delete/index"]
    assert changed(shop, "rule", first) == (False, True)
    assert changed(shop, "rule", second) == (False, False)
    assert role_rules.change(rule_row(role, first), "customer", "edit", "*", ALLOW)
    assert written(shop, role)[0] == "allow customer/edit/*"


def test_a_rule_changed_to_itself_writes_nothing(shop: Shop, role: int) -> None:
    rule = shop.sql("SELECT min(id_acl_rule) FROM spy_acl_rule WHERE fk_acl_role = ?", role)[0]
    with shop.untouched():
        assert not role_rules.change(rule_row(role, rule), " sales ", "*", "*", ALLOW)


def test_a_removed_rule_is_archived(shop: Shop, role: int) -> None:
    shop.sql("UPDATE spy_acl_rule SET updated_at = NULL")
    (rule,) = shop.sql(f"SELECT {RULE} FROM spy_acl_rule WHERE bundle = 'sales' ORDER BY 1 LIMIT 1")
    role_rules.remove(rule[0])
    assert shop.sql(f"SELECT {RULE} FROM spy_acl_rule_archive") == [rule]
    assert shop.sql("SELECT count(*) FROM spy_acl_rule_archive WHERE archived_at IS NOT NULL") == [1]
    assert written(shop, role) == ["deny sales/delete/index"]


def test_what_is_gone_is_said(shop: Shop, role: int) -> None:
    baseline = roles.get(role)
    rule = shop.rules(role, "allow customer/*/*")[0]
    roles.delete(role)
    for act in (
        lambda: roles.get(role),
        lambda: roles.rename(baseline, "Order help"),
        lambda: roles.rename(baseline, "Order support"),
        lambda: roles.check(baseline, "Order help"),
        lambda: roles.clone(role, "Order help"),
        lambda: roles.delete(role),
        lambda: roles.check_delete(role),
        lambda: role_rules.add(role, "*", "*", "*", ALLOW),
    ):
        with shop.untouched(), pytest.raises(NotFound, match=r"^Role couldn't be found$"):
            act()
    missing = RuleRow(rule, Path("sales", "*", "*"), ALLOW)
    for act in lambda: role_rules.change(missing, "*", "*", "*", ALLOW), lambda: role_rules.remove(rule):
        with shop.untouched(), pytest.raises(NotFound, match=r"^Rule couldn't be found$"):
            act()


# Lists and completion


def test_the_list_of_rules_says_which_can_never_matter(shop: Shop, role: int) -> None:
    shop.rules(role, "allow sales/delete/index", "allow sales/edit/index")
    listing = role_rules.listing(role)
    rows = listing.fill(listing.page(Sort("id"), 10))
    assert [(str(row.path), row.idle) for row in rows] == [
        ("sales/*/*", ""),
        ("sales/delete/index", ""),
        ("sales/delete/index", "overridden by deny sales/delete/index"),
        ("sales/edit/index", "covered by allow sales/*/*"),
    ]


def test_a_rule_of_a_type_that_no_shop_writes_is_shown_without_permission(shop: Shop, role: int) -> None:
    shop.sql("UPDATE spy_acl_rule SET type = 7 WHERE bundle = 'sales' AND controller = '*'")
    listing = role_rules.listing(role)
    first, second = listing.fill(listing.page(Sort("id"), 10))
    assert first == RuleRow(first.id, Path("sales", "*", "*"), None)
    assert second.permission is DENY


def test_the_list_of_roles_counts_groups_and_rules(shop: Shop, role: int) -> None:
    shop.hold(1, role)
    rows = roles.listing.fill(roles.listing.page(Sort("name"), 10))
    assert [(row.name, row.groups, row.allows, row.denies) for row in rows] == [
        ("Order support", 1, 1, 1),
        ("root_role", 1, 1, 0),
    ]


def test_completion_names_what_the_shops_rules_name(shop: Shop, role: int) -> None:
    other = roles.create("Returns desk")
    shop.rules(role, "allow sales/edit/index", "allow sales/edit/*", "deny customer/view/show")
    shop.rules(other, "deny sales/edit/save", "allow */everywhere/*", "allow Sales/*/*")
    if shop.kind == "mariadb":  # to which Sales and sales are one
        assert [name.lower() for name in role_rules.existing_values("bundle")] == ["customer", "sales"]
    else:
        assert role_rules.existing_values("bundle") == ["Sales", "customer", "sales"]
    assert role_rules.existing_values("controller") == ["delete", "edit", "everywhere", "view"]
    assert role_rules.existing_values("controller", "sales") == ["delete", "edit"]
    assert role_rules.existing_values("action", "sales", "edit") == ["index", "save"]
    assert role_rules.existing_values("action", "sales") == ["index", "save"]
    assert role_rules.existing_values("action", "", "view") == ["show"]
    for nowhere in ("unknown", "\ud800", "sales\0", "\U0001f600"):
        assert (
            role_rules.existing_values("controller", nowhere)
            == role_rules.existing_values("action", "sales", nowhere)
            == []
        )


def test_changes_give_their_connections_back(shop: Shop) -> None:
    with pytest.raises(Invalid):
        roles.create("")
    roles.create("Order support")
    assert tables.database.is_closed()
