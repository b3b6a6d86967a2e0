"""Who may do what, and why, in words; the worked examples by name."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import role_rules, user_status
from models.access import explain, verdicts
from models.access.compute_impact import compute_impact
from models.access.decision import Decision
from models.access.impact import AccessChange
from models.access.rules import Path, parse_path, parse_rule
from models.access.shop_rules import rule_problems
from models.access.sign_in import count_able_to_sign_in, sign_in_conditions
from models.db.connection import read_connection
from models.db.opened import ShopSettings, opened
from models.db.statements import tuples
from models.db.tables import Permission, Status, User
from models.errors import NotFound
from tests.conftest import Shop, change_settings
from tests.models.access.by_the_book import KINDS, WHITELIST, all_paths, allows
from tests.models.access.test_impact import NUMBERS, SHIFT, Book, arrange, books, part
from tests.models.access.texts import at

ON_SERVERS = True


def member(shop: Shop, *groups: tuple[str, str, list[str]]) -> int:
    """A user in groups, each with a role of such rules; the groups are asked in this order."""
    (user,) = shop.users("sonia@spryker.com")
    for group, role, rules in groups:
        (role_id,) = shop.roles(role)
        shop.rules(role_id, *rules)
        (group_id,) = shop.groups(group)
        shop.hold(group_id, role_id)
        shop.join(group_id, user)
    return user


def sentences(user: int, path: str) -> list[str]:
    return explain.of_user(user).answer(at(path)).sentences


def in_another_order(shop: Shop, verdict: str) -> str:
    may = ", which PostgreSQL may change at any time" if shop.kind == "postgres" else ""
    return f"Depends on group order{may}: could be {verdict}."


# Worked examples


def test_the_guides_example_everything_but_creating_attributes(shop: Shop) -> None:
    """A role with allow */*/* and deny product-attribute-gui/attribute/create."""
    rules = ["allow */*/*", "deny product-attribute-gui/attribute/create"]
    user = explain.of_user(member(shop, ("Developers", "Everything but attributes", rules)))
    leaves = {str(leaf.scope): leaf.allowed for leaf in user.tree().leaves()}
    assert leaves == {
        "product-attribute-gui/attribute/create": False,
        "product-attribute-gui/attribute/(everything else)": True,
        "product-attribute-gui/(everything else)/*": True,
        "(everything else)/*/*": True,
    }
    assert user.answer(at("product-attribute-gui/attribute/create")).sentences == [
        "Group “Developers” denies it via role “Everything but attributes”:"
        " deny product-attribute-gui/attribute/create.",
        "Overrides allow */*/* of role “Everything but attributes” in group “Developers”:"
        " a deny overrides an allow of the same group.",
    ]


def test_the_example_of_a_default_rule(shop: Shop) -> None:
    user = member(shop, ("Locked", "Nothing", ["deny */*/*"]))
    assert sentences(user, "security-gui/login/index") == [
        "A default rule allows it to everyone: allow security-gui/*/*.",
        "Overrides deny */*/* of role “Nothing” in group “Locked”: default rules are evaluated first.",
    ]


def test_the_example_of_a_user_without_groups(shop: Shop) -> None:
    assert sentences(member(shop), "application/index/index") == ["Denied: the user is in no group."]


def test_the_example_of_the_whitelist(shop: Shop) -> None:
    user = member(shop, ("First", "None", []), ("Second", "No start page", ["deny application/*/*"]))
    assert sentences(user, "application/index/index") == [
        "The whitelist allows it, and the first group, “First”, does not deny it: allow application/*/*.",
        "Overrides deny application/*/* of role “No start page” in group “Second”:"
        " a later group cannot revoke what an earlier one allows.",
        in_another_order(shop, "denied"),
        "The menu may hide it: it applies the rules of all groups together.",
    ]


def test_the_example_of_a_deny_against_the_whitelist(shop: Shop) -> None:
    assert sentences(member(shop, ("First", "No start page", ["deny application/*/*"])), "application/index/index") == [
        "Group “First” denies it via role “No start page”: deny application/*/*.",
        "Overrides allow application/*/* of the whitelist: a group's deny overrides the whitelist.",
    ]


def test_the_example_of_a_deny_of_an_earlier_group(shop: Shop) -> None:
    user = member(shop, ("Earlier", "No users", ["deny user/*/*"]), ("Later", "All", ["allow */*/*"]))
    answer = explain.of_user(user).answer(at("user/edit/update"))
    assert not answer.allowed and answer.order_dependent
    assert answer.sentences == [
        "Group “Earlier” denies it via role “No users”: deny user/*/*.",
        "Overrides allow */*/* of role “All” in group “Later”:"
        " a deny of an earlier group overrides an allow of a later one.",
        in_another_order(shop, "allowed"),
    ]


def test_the_example_of_an_allow_of_an_earlier_group(shop: Shop) -> None:
    user = member(shop, ("Earlier", "All", ["allow */*/*"]), ("Later", "No users", ["deny user/*/*"]))
    assert sentences(user, "user/edit/update") == [
        "Group “Earlier” allows it via role “All”: allow */*/*.",
        "Overrides deny user/*/* of role “No users” in group “Later”:"
        " a later group cannot revoke what an earlier one allows.",
        in_another_order(shop, "denied"),
        "The menu may hide it: it applies the rules of all groups together.",
    ]


def test_the_example_of_a_path_that_no_group_allows(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]), ("Other", "Cms", ["deny cms-gui/*/*"]))
    assert sentences(user, "user/index/index") == ["Denied: none of the groups' rules match."]


def test_rules_that_agree_with_the_verdict_are_separate_from_overridden_ones(shop: Shop) -> None:
    user = explain.of_user(member(shop, ("One", "All", ["allow */*/*", "allow sales/*/*"])))
    answer = user.answer(at("sales/index/index"))
    assert [str(matched) for matched in answer.agreeing] == ["allow sales/*/* of role “All” in group “One”"]
    assert answer.overridden == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("status = 1", "deactivated"),
        ("status = 2", "deleted"),
        ("status = 9", "unknown status"),
        ("is_warehouse_user = true", "warehouse user"),
    ],
)
def test_a_note_says_why_the_user_cannot_sign_in(shop: Shop, values: str, reason: str) -> None:
    user = member(shop, ("All", "All", ["allow */*/*"]))
    shop.sql(f"UPDATE spy_user SET {values}")
    answer = explain.of_user(user).answer(at("sales/index/index"))
    assert answer.allowed and not answer.can_sign_in
    assert answer.notes == [f"Cannot sign in: {reason}."]


def test_the_administrators_group_has_its_usual_label(shop: Shop) -> None:
    (user,) = shop.users("admin@spryker.com")
    shop.join(1, user)
    assert sentences(user, "user/index/index") == [
        "Group “Administrators group (root_group)” allows it via role “root_role”: allow */*/*."
    ]


# Unusual rows


def test_a_rule_of_unknown_type_is_listed_as_ignored_and_hides_no_other(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["deny sales/*/*", "allow sales/*/*"]))
    shop.sql("UPDATE spy_acl_rule SET type = 7 WHERE type = 1")
    assert sentences(user, "sales/index/index") == [
        "Group “One” allows it via role “Sales”: allow sales/*/*.",
        "Ignored: unknown rule type sales/*/* of role “Sales” in group “One”.",
    ]
    assert [rule.role for rule in verdicts.unknown_rules()] == ["Sales"]


def test_a_user_who_no_longer_exists_is_reported(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_user(9)
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_email("nobody@spryker.com")


def test_a_shop_may_have_rules_of_its_own(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    rules = ("allow refund/*/*", "deny refund/x/*")
    change_settings(default_rules=rules, whitelist_rules=("deny sales/secret/*",))
    assert sentences(user, "security-gui/login/index") == ["Denied: none of this group's rules match."]
    assert sentences(user, "refund/index/index") == ["A default rule allows it to everyone: allow refund/*/*."]
    assert sentences(user, "refund/x/index") == [
        "A default rule denies it to everyone: deny refund/x/*.",
        "Overrides allow refund/*/* of the default rules: the shop's own denies apply to every group.",
    ]
    assert sentences(user, "sales/secret/index")[0] == "The whitelist denies it to everyone: deny sales/secret/*."


@pytest.mark.parametrize(
    "wrong", [["sales/*/*"], ["allow sales"], ["allow a/b/c/d"], ["maybe a/b/c"], ["allow a//c"], [7], "allow a/b/c"]
)
def test_an_invalid_rule_is_reported(wrong: Any) -> None:
    rules = tuple(wrong) if isinstance(wrong, list) else wrong
    problems = rule_problems(ShopSettings(default_rules=rules, whitelist_rules=("also wrong",)))
    assert list(problems) == ["default_rules", "whitelist_rules"]


@pytest.mark.embedded
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_shop_has_its_default_rules_and_says_whether_warehouse_users_sign_in(shop: Shop, kind: str) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    shop.sql("UPDATE spy_user SET is_warehouse_user = true")
    change_settings(default_rules=kind)
    rules, warehouse_may = KINDS[kind]
    for path in all_paths(*(rules for rules, _ in KINDS.values()), WHITELIST):
        assert explain.of_user(user).decide(at(path)).allowed == allows(path, [[("allow", "sales", "*", "*")]], rules)
    assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in is warehouse_may
    with read_connection():
        assert [id for (id,) in tuples(User.select(User.id).where(*sign_in_conditions()))] == [user] * warehouse_may
    assert bool(compute_impact(AccessChange(warehouse={user: False})).let_in) is not warehouse_may


@pytest.mark.embedded
def test_a_shop_with_its_own_rules_sets_whether_warehouse_users_sign_in(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    shop.sql("UPDATE spy_user SET is_warehouse_user = true")
    for may in True, False:
        change_settings(default_rules=("allow refund/*/*",), warehouse_users_sign_in=may)
        assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in is may
    for kind in "suite", "b2c":
        change_settings(default_rules=kind, warehouse_users_sign_in=True)
        (problem,) = rule_problems(opened().settings).values()
        assert problem.startswith("warehouse_users_sign_in: only used with a list of default_rules")
        assert not explain.of_user(user).answer(at("sales/index/index")).can_sign_in
    change_settings(default_rules="b2b", warehouse_users_sign_in=True)
    assert not rule_problems(opened().settings)
    assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in


def test_an_unknown_kind_of_shop_is_reported() -> None:
    assert rule_problems(ShopSettings(default_rules="b2x")) == {
        "default_rules": "default_rules: unknown kind of shop “b2x” (suite, b2b, b2c, marketplace)"
    }


# Who, and which groups


def summarize(decision: Decision) -> tuple[object, ...]:
    """A verdict with what decided it, the rule by its id."""
    return decision.allowed, decision.group_id, decision.rule and (decision.rule.id, str(decision.rule))


@pytest.mark.slow
@settings(max_examples=150)
@given(books, st.tuples(part, part, part))
def test_who_may_and_which_groups_may_are_those_by_the_book(
    shop: Shop, book: Book, asked: tuple[str, str, str]
) -> None:
    arrange(shop, book)
    path = Path(*asked)
    every = [p for p in all_paths(*book.rules.values(), [("allow", *asked)]) if path.covers(at(p))]
    verdict_of = {user: verdict for verdict in verdicts.users_by_verdict(path) for user in verdict.users}
    assert sorted(verdict_of) == [number + SHIFT for number in NUMBERS]
    for number in NUMBERS:
        verdict, rules = verdict_of[number + SHIFT], book.rules_of(number)
        assert verdict.decision.allowed == all(allows(p, rules) for p in every)
        assert summarize(explain.of_user(number + SHIFT).decide(verdict.path)) == summarize(verdict.decision)
    for group in verdicts.group_verdicts(path):
        rules = [[rule for role in sorted(book.roles[group.id - SHIFT]) for rule in book.rules[role]]]
        assert group.decision.allowed == all(allows(p, rules) for p in every)


def test_who_may_comes_with_the_deciding_rule_and_most_users_first(shop: Shop) -> None:
    sonia = member(shop, ("Sales", "Sales", ["allow sales/*/*", "deny sales/order/delete"]))
    admin, lone, other = shop.users("admin@spryker.com", "lone@spryker.com", "other@spryker.com")
    shop.join(1, admin)
    groups = verdicts.users_by_verdict(at("sales/*/*"))
    assert [(group.users, str(group.path), group.decision.allowed, group.group_name) for group in groups] == [
        ((lone, other), "sales/*/*", False, None),
        ((sonia,), "sales/order/delete", False, "Sales"),
        ((admin,), "sales/*/*", True, "root_group"),
    ]
    assert groups[1].reason == "Group “Sales” denies it via role “Sales”: deny sales/order/delete."
    assert [(group.name, group.decision.allowed) for group in verdicts.group_verdicts(at("sales/index/index"))] == [
        ("root_group", True),
        ("Sales", True),
    ]


def test_users_who_can_sign_in_are_counted(shop: Shop) -> None:
    active, deactivated, warehouse, other = shop.users("a@x.de", "b@x.de", "c@x.de", "d@x.de")
    shop.sql("UPDATE spy_user SET status = 1 WHERE id_user = ?", deactivated)
    shop.sql("UPDATE spy_user SET is_warehouse_user = true WHERE id_user = ?", warehouse)
    batches = [[active, deactivated, warehouse, other], [deactivated, warehouse], [active], []]
    assert [count_able_to_sign_in(ids) for ids in batches] == [2, 0, 1, 0]


def test_two_users_are_compared_where_they_differ(shop: Shop) -> None:
    sonia = member(shop, ("Sales", "Sales", ["allow sales/*/*", "allow refund/*/*"]))
    (michele,) = shop.users("michele@spryker.com")
    (role,) = shop.roles("Cms")
    shop.rules(role, "allow cms-gui/*/*", "allow sales/*/*", "deny sales/order/delete")
    (group,) = shop.groups("Cms")
    shop.hold(group, role)
    shop.join(group, michele)
    only_sonia, only_michele = explain.compare(explain.of_user(sonia), explain.of_user(michele))
    assert [str(scope) for scope in only_sonia] == ["refund/*/*", "sales/order/delete"]
    assert [str(scope) for scope in only_michele] == ["cms-gui/*/*"]


def test_access_once_read_does_not_change(shop: Shop) -> None:
    """A page shows one state of the shop, whatever others change meanwhile."""
    user = explain.of_email("sonia@spryker.com") if member(shop, ("One", "Sales", ["allow sales/*/*"])) else None
    assert user is not None
    user_status.set_status([user.id], Status.DELETED)
    role_rules.add(user.groups[0].rules[0].role_id, "sales", "*", "*", Permission.DENY)
    assert user.answer(parse_path("sales")).allowed and user.answer(parse_path("sales")).can_sign_in
    assert not explain.of_user(user.id).answer(parse_path("sales")).allowed
    assert str(parse_rule(" ALLOW  sales/*/* ")) == "allow sales/*/*"
