"""Who may do what, and why, in words; the worked examples by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import role_rules, user_status
from models.access import explain
from models.access.decision import Decision, can_sign_in, use_rules
from models.access.impact import AccessChange, preview
from models.access.rules import Path, parse_path, parse_rule
from models.db.connection import read_connection
from models.db.tables import Permission, Status, User, tuples
from models.errors import Invalid, NotFound
from tests.conftest import Shop
from tests.models.access.by_the_book import KINDS, WHITELIST, all_paths, allows
from tests.models.access.test_impact import NUMBERS, SHIFT, Book, arrange, books, part

ON_SERVERS = True


def at(path: str) -> Path:
    return Path(*path.split("/"))


def member(shop: Shop, *held: tuple[str, str, list[str]]) -> int:
    """A user in groups, each with a role of such rules; the groups are asked in this order."""
    (user,) = shop.users("sonia@spryker.com")
    for group, role, rules in held:
        (role_id,) = shop.roles(role)
        shop.rules(role_id, *rules)
        (group_id,) = shop.groups(group)
        shop.hold(group_id, role_id)
        shop.join(group_id, user)
    return user


def said(user: int, path: str) -> list[str]:
    return explain.of_user(user).answer(at(path)).sentences


def in_another_order(shop: Shop, verdict: str) -> str:
    may = ", which PostgreSQL may give at any time," if shop.kind == "postgres" else ""
    return f"In another order of the user's groups{may} it would be {verdict}."


# Worked examples


def test_the_guides_example_everything_but_creating_attributes(shop: Shop) -> None:
    """A role with allow */*/* and deny product-attribute-gui/attribute/create."""
    rules = ["allow */*/*", "deny product-attribute-gui/attribute/create"]
    user = explain.of_user(member(shop, ("Developers", "Everything but attributes", rules)))
    leaves = {str(leaf.scope): leaf.allowed for leaf in user.tree().leaves()}
    assert leaves == {
        "product-attribute-gui/attribute/create": False,
        "product-attribute-gui/attribute/(any other)": True,
        "product-attribute-gui/(any other)/*": True,
        "(any other)/*/*": True,
    }
    assert user.answer(at("product-attribute-gui/attribute/create")).sentences == [
        "Group “Developers” denies it: its role “Everything but attributes” has"
        " deny product-attribute-gui/attribute/create.",
        "It beats allow */*/* of role “Everything but attributes” in group “Developers”:"
        " a deny beats an allow of the same group.",
    ]


def test_the_example_of_a_default_rule(shop: Shop) -> None:
    user = member(shop, ("Locked", "Nothing", ["deny */*/*"]))
    assert said(user, "security-gui/login/index") == [
        "A default rule allows it to everyone: allow security-gui/*/*.",
        "It beats deny */*/* of role “Nothing” in group “Locked”: default rules are asked first.",
    ]


def test_the_example_of_a_user_without_groups(shop: Shop) -> None:
    assert said(member(shop), "application/index/index") == ["The user is in no group."]


def test_the_example_of_the_whitelist(shop: Shop) -> None:
    user = member(shop, ("First", "None", []), ("Second", "No start page", ["deny application/*/*"]))
    assert said(user, "application/index/index") == [
        "The whitelist allows it, and the first group, “First”, does not deny it: allow application/*/*.",
        "It beats deny application/*/* of role “No start page” in group “Second”:"
        " a later group takes back nothing that an earlier one allows.",
        in_another_order(shop, "denied"),
        "The menu may hide it, since that goes by the rules of all groups at once.",
    ]


def test_the_example_of_a_deny_against_the_whitelist(shop: Shop) -> None:
    assert said(member(shop, ("First", "No start page", ["deny application/*/*"])), "application/index/index") == [
        "Group “First” denies it: its role “No start page” has deny application/*/*.",
        "It beats allow application/*/* of the whitelist: a group's deny beats the whitelist.",
    ]


def test_the_example_of_a_deny_of_an_earlier_group(shop: Shop) -> None:
    user = member(shop, ("Earlier", "No users", ["deny user/*/*"]), ("Later", "All", ["allow */*/*"]))
    answer = explain.of_user(user).answer(at("user/edit/update"))
    assert not answer.allowed and answer.order_dependent
    assert answer.sentences == [
        "Group “Earlier” denies it: its role “No users” has deny user/*/*.",
        "It beats allow */*/* of role “All” in group “Later”:"
        " a deny of an earlier group beats an allow of a later one.",
        in_another_order(shop, "allowed"),
    ]


def test_the_example_of_an_allow_of_an_earlier_group(shop: Shop) -> None:
    user = member(shop, ("Earlier", "All", ["allow */*/*"]), ("Later", "No users", ["deny user/*/*"]))
    assert said(user, "user/edit/update") == [
        "Group “Earlier” allows it: its role “All” has allow */*/*.",
        "It beats deny user/*/* of role “No users” in group “Later”:"
        " a later group takes back nothing that an earlier one allows.",
        in_another_order(shop, "denied"),
        "The menu may hide it, since that goes by the rules of all groups at once.",
    ]


def test_the_example_of_a_path_that_no_group_allows(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]), ("Other", "Cms", ["deny cms-gui/*/*"]))
    assert said(user, "user/index/index") == ["No group allows it: no rule of theirs matches."]


def test_rules_that_agree_with_the_verdict_are_told_apart_from_those_it_beats(shop: Shop) -> None:
    user = explain.of_user(member(shop, ("One", "All", ["allow */*/*", "allow sales/*/*"])))
    answer = user.answer(at("sales/index/index"))
    assert [str(matched) for matched in answer.agreeing] == ["allow sales/*/* of role “All” in group “One”"]
    assert answer.beaten == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("status = 1", "deactivated"),
        ("status = 2", "deleted"),
        ("status = 9", "the status is unknown"),
        ("is_warehouse_user = true", "a warehouse user"),
    ],
)
def test_whether_the_user_can_sign_in_at_all_is_said_beside(shop: Shop, values: str, reason: str) -> None:
    user = member(shop, ("All", "All", ["allow */*/*"]))
    shop.sql(f"UPDATE spy_user SET {values}")
    answer = explain.of_user(user).answer(at("sales/index/index"))
    assert answer.allowed and not answer.can_sign_in
    assert answer.beside == [f"The user cannot sign in: {reason}."]


def test_the_administrators_group_is_named_as_everywhere(shop: Shop) -> None:
    (user,) = shop.users("admin@spryker.com")
    shop.join(1, user)
    assert said(user, "user/index/index") == [
        "Group “Administrators group (root_group)” allows it: its role “root_role” has allow */*/*."
    ]


# What a shop may hold


def test_a_rule_of_an_unknown_type_is_ignored_and_said_and_hides_no_other(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["deny sales/*/*", "allow sales/*/*"]))
    shop.sql("UPDATE spy_acl_rule SET type = 7 WHERE type = 1")
    assert said(user, "sales/index/index") == [
        "Group “One” allows it: its role “Sales” has allow sales/*/*.",
        "Ignored: unknown type sales/*/* of role “Sales” in group “One”.",
    ]
    assert [rule.role for rule in explain.unknown_rules()] == ["Sales"]


def test_who_is_gone_is_said(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_user(9)
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_email("nobody@spryker.com")


def test_a_shop_may_have_rules_of_its_own(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    use_rules(["allow refund/*/*", "deny refund/x/*"], ["deny sales/secret/*"])
    assert said(user, "security-gui/login/index") == ["No group allows it: no rule of the group matches."]
    assert said(user, "refund/index/index") == ["A default rule allows it to everyone: allow refund/*/*."]
    assert said(user, "refund/x/index") == [
        "A default rule denies it to everyone: deny refund/x/*.",
        "It beats allow refund/*/* of the default rules: the shop's own denies hold for every group.",
    ]
    assert said(user, "sales/secret/index")[0] == "The whitelist denies it to everyone: deny sales/secret/*."


@pytest.mark.parametrize(
    "wrong", [["sales/*/*"], ["allow sales"], ["allow a/b/c/d"], ["maybe a/b/c"], ["allow a//c"], [7], "allow a/b/c"]
)
def test_a_wrong_rule_of_its_own_is_said_and_none_is_taken(shop: Shop, wrong: object) -> None:
    user = member(shop)
    with pytest.raises(Invalid) as invalid:
        use_rules(wrong, ["also wrong"])
    assert list(invalid.value.fields) == ["default_rules", "whitelist_rules"]
    assert explain.of_user(user).decide(at("security-gui/login/index")).allowed


@pytest.mark.embedded
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_shop_has_its_default_rules_and_says_whether_warehouse_users_sign_in(shop: Shop, kind: str) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    shop.sql("UPDATE spy_user SET is_warehouse_user = true")
    use_rules(kind, None)
    rules, warehouse_may = KINDS[kind]
    for path in all_paths(*(rules for rules, _ in KINDS.values()), WHITELIST):
        assert explain.of_user(user).decide(at(path)).allowed == allows(path, [[("allow", "sales", "*", "*")]], rules)
    assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in is warehouse_may
    with read_connection():
        assert [id for (id,) in tuples(User.select(User.id).where(*can_sign_in()))] == [user] * warehouse_may
    assert bool(preview(AccessChange(warehouse={user: False})).let_in) is not warehouse_may


@pytest.mark.embedded
def test_beside_rules_of_its_own_a_shop_says_itself_whether_warehouse_users_sign_in(shop: Shop) -> None:
    user = member(shop, ("One", "Sales", ["allow sales/*/*"]))
    shop.sql("UPDATE spy_user SET is_warehouse_user = true")
    for may in True, False:
        use_rules(["allow refund/*/*"], None, may)
        assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in is may
    for kind in None, "suite", "b2c":
        with pytest.raises(Invalid, match=r"^warehouse_users_sign_in: holds beside a list of default_rules"):
            use_rules(kind, None, True)
        assert not explain.of_user(user).answer(at("sales/index/index")).can_sign_in
    use_rules("b2b", None, True)
    assert explain.of_user(user).answer(at("sales/index/index")).can_sign_in


def test_an_unknown_kind_of_shop_is_said(shop: Shop) -> None:
    with pytest.raises(Invalid) as invalid:
        use_rules("b2x", None)
    assert invalid.value.fields == {
        "default_rules": "default_rules: “b2x” is not a kind of shop, which are suite, b2b, b2c, marketplace"
    }


# Who, and which groups


def said_of(decision: Decision) -> tuple[object, ...]:
    """A verdict with what decided it, the rule by its id."""
    return decision.allowed, decision.group, decision.rule and (decision.rule.id, str(decision.rule))


@pytest.mark.slow
@settings(max_examples=150)
@given(books, st.tuples(part, part, part))
def test_who_may_and_which_groups_may_are_those_by_the_book(
    shop: Shop, book: Book, asked: tuple[str, str, str]
) -> None:
    arrange(shop, book)
    path = Path(*asked)
    every = [p for p in all_paths(*book.rules.values(), [("allow", *asked)]) if path.covers(at(p))]
    found = {user: alike for alike in explain.users_by_verdict(path) for user in alike.users}
    assert sorted(found) == [number + SHIFT for number in NUMBERS]
    for number in NUMBERS:
        alike, rules = found[number + SHIFT], book.rules_of(number)
        assert alike.decision.allowed == all(allows(p, rules) for p in every)
        assert said_of(explain.of_user(number + SHIFT).decide(alike.path)) == said_of(alike.decision)
    for verdict in explain.groups_for(path):
        rules = [[rule for role in sorted(book.roles[verdict.id - SHIFT]) for rule in book.rules[role]]]
        assert verdict.decision.allowed == all(allows(p, rules) for p in every)


def test_who_may_comes_with_the_deciding_rule_and_most_users_first(shop: Shop) -> None:
    sonia = member(shop, ("Sales", "Sales", ["allow sales/*/*", "deny sales/order/delete"]))
    admin, lone, other = shop.users("admin@spryker.com", "lone@spryker.com", "other@spryker.com")
    shop.join(1, admin)
    found = explain.users_by_verdict(at("sales/*/*"))
    assert [(some.users, str(some.path), some.decision.allowed, some.group) for some in found] == [
        ((lone, other), "sales/*/*", False, None),
        ((sonia,), "sales/order/delete", False, "Sales"),
        ((admin,), "sales/*/*", True, "root_group"),
    ]
    assert found[1].reason == "Group “Sales” denies it: its role “Sales” has deny sales/order/delete."
    assert [(group.name, group.decision.allowed) for group in explain.groups_for(at("sales/index/index"))] == [
        ("root_group", True),
        ("Sales", True),
    ]


def test_of_users_it_is_counted_how_many_can_sign_in(shop: Shop) -> None:
    active, deactivated, warehouse, other = shop.users("a@x.de", "b@x.de", "c@x.de", "d@x.de")
    shop.sql("UPDATE spy_user SET status = 1 WHERE id_user = ?", deactivated)
    shop.sql("UPDATE spy_user SET is_warehouse_user = true WHERE id_user = ?", warehouse)
    found = [[active, deactivated, warehouse, other], [deactivated, warehouse], [active], []]
    assert [explain.able_to_sign_in(ids) for ids in found] == [2, 0, 1, 0]


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


def test_what_is_read_once_stays_as_it_was(shop: Shop) -> None:
    """A page shows one state of the shop, whatever others change meanwhile."""
    user = explain.of_email("sonia@spryker.com") if member(shop, ("One", "Sales", ["allow sales/*/*"])) else None
    assert user is not None
    user_status.set_status([user.id], Status.DELETED)
    role_rules.add(user.groups[0].rules[0].role_id, "sales", "*", "*", Permission.DENY)
    assert user.answer(parse_path("sales")).allowed and user.answer(parse_path("sales")).can_sign_in
    assert not explain.of_user(user.id).answer(parse_path("sales")).allowed
    assert str(parse_rule(" ALLOW  sales/*/* ")) == "allow sales/*/*"
