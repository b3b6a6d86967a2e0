"""The Back Office's verdict, sentence by sentence."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import groups, memberships, role_rules, roles
from models.access import explain, verdicts
from models.access.decision import Decision, GroupRules, build_chain_for_any_order, decide, first_match
from models.db.tables import Permission
from models.errors import NotFound
from tests.conftest import Shop, change_settings
from tests.models.access.by_the_book import DEFAULT, WHITELIST, Rule, allows
from tests.models.access.texts import at, lines, text

ON_SERVERS = True

ALLOW, DENY = Permission.ALLOW, Permission.DENY


def allowed(path: str, *groups: list[str]) -> bool:
    return decide(at(path), [GroupRules(id, lines(*rules)) for id, rules in enumerate(groups, 1)]).allowed


# A rule and a path


@pytest.mark.parametrize("rule", ["user/edit/update", "*/edit/update", "user/*/update", "user/edit/*", "*/*/*"])
def test_a_rule_matches_where_each_part_is_equal_or_any(rule: str) -> None:
    assert allowed("user/edit/update", [f"allow {rule}"])


@pytest.mark.parametrize(
    "rule", ["acl/edit/update", "user/index/*", "*/*/create", "User/edit/update", "user/edit/upd*", "user/edit/updat"]
)
def test_a_part_that_differs_even_in_case_does_not_match(rule: str) -> None:
    assert not allowed("user/edit/update", [f"allow {rule}"])


def test_any_in_the_path_itself_is_a_part_like_others() -> None:
    assert not allowed("user/edit/*", ["allow user/edit/update"])


# The decision


def test_the_guides_worked_example(shop: Shop) -> None:
    """A role with allow */*/* and deny product-attribute-gui/attribute/create."""
    role = roles.create("Everything but attributes")
    role_rules.add(role, "*", "*", "*", ALLOW)
    role_rules.add(role, "product-attribute-gui", "attribute", "create", DENY)
    (user,) = shop.users("sonia@spryker.com")
    memberships.add([user], [groups.create("Developers", [role])])
    assert not explain.of_user(user).decide(at("product-attribute-gui/attribute/create")).allowed
    for path in ("product-attribute-gui/attribute/edit", "product-attribute-gui/view/create", "user/edit/update"):
        assert explain.of_user(user).decide(at(path)).allowed


DEFAULT_PATHS = [
    "security-merchant-portal-gui/a/b", "security-gui/login/index", "multi-factor-auth/a/b",
    "multi-factor-auth-merchant-portal/a/b", "_profiler/a/b", "agent-security-merchant-portal-gui/a/b",
    "acl/index/denied", "health-check/index/index", "api/rest/anything",
]  # fmt: skip


@pytest.mark.parametrize("path", DEFAULT_PATHS)
def test_the_default_rules_hold_for_everyone(path: str) -> None:
    assert allowed(path)
    assert allowed(path, [])
    assert allowed(path, ["deny */*/*"])


@pytest.mark.parametrize(
    "path", ["acl/index/index", "acl/group/denied", "health-check/index/other", "api/other/index", "security/gui/index"]
)
def test_the_default_rules_allow_no_more_than_they_name(path: str) -> None:
    assert not allowed(path)
    assert not allowed(path, [])


def test_a_user_without_groups_is_denied_even_what_the_whitelist_allows() -> None:
    assert not allowed("application/index/index")
    assert not allowed("user/index/index")


def test_the_whitelist_holds_for_everyone_in_a_group_even_one_without_rules() -> None:
    assert allowed("application/index/index", [])
    assert not allowed("user/index/index", [])


def test_a_groups_deny_overrides_the_whitelist() -> None:
    assert not allowed("application/index/index", ["deny application/*/*"])


def test_a_deny_overrides_an_allow_within_a_group_in_any_order_of_its_rules() -> None:
    assert not allowed("user/edit/update", ["deny user/*/*", "allow user/edit/update"])
    assert not allowed("user/edit/update", ["allow user/edit/update", "deny user/*/*"])


def test_a_deny_of_an_earlier_group_overrides_an_allow_of_a_later_one() -> None:
    assert not allowed("user/edit/update", ["deny user/*/*"], ["allow */*/*"])
    assert not allowed("user/edit/update", ["allow user/edit/update", "deny user/*/*"], [], ["allow */*/*"])


def test_an_allow_of_an_earlier_group_is_not_overridden_by_a_later_one() -> None:
    assert allowed("user/edit/update", ["allow */*/*"], ["deny user/*/*"])
    assert allowed("user/edit/update", [], ["allow */*/*"], ["deny */*/*"])


def test_a_path_that_no_group_allows_is_denied() -> None:
    assert not allowed("user/edit/update", ["allow acl/*/*"], [], ["deny sales/*/*"])


def test_the_verdict_names_the_rule_and_the_group_that_decided() -> None:
    first, second = lines("allow acl/*/*"), lines("deny user/edit/*", "allow user/*/*")
    in_groups = [GroupRules(7, first), GroupRules(9, second)]
    assert decide(at("acl/role/update"), in_groups) == Decision(True, first[0], 7)
    assert decide(at("user/index/index"), in_groups) == Decision(True, second[1], 9)
    assert decide(at("user/edit/update"), in_groups) == Decision(False, second[0], 9)
    assert decide(at("sales/index/index"), in_groups) == Decision(False)
    assert decide(at("acl/index/denied"), in_groups).group_id is None


SHOPS_QUERY = (
    "SELECT spy_acl_group.* FROM spy_acl_group INNER JOIN spy_acl_user_has_group ON (spy_acl_group.id_acl_group = "
    "spy_acl_user_has_group.fk_acl_group) WHERE spy_acl_user_has_group.fk_user = ?"
)


def analyze(shop: Shop) -> None:
    """Have PostgreSQL read the tables as a whole, in the order of their rows: they are small once packed."""
    if shop.kind == "postgres":
        shop.sql("VACUUM (FULL, ANALYZE) spy_acl_group, spy_acl_user_has_group")


def test_the_groups_of_one_user_are_evaluated_in_the_order_of_the_shops_own_query(shop: Shop) -> None:
    """Whatever the order in which the user joined them; on PostgreSQL that is seldom the order of the ids."""
    ids = shop.groups(*(f"Group {number}" for number in range(20)))
    (user,) = shop.users("sonia@spryker.com")
    for id in sorted(ids, key=lambda id: id * 7 % 23):
        shop.join(id, user)
    analyze(shop)
    given = [row[0] for row in shop.sql(SHOPS_QUERY, user)]
    assert [group.id for group in explain.of_user(user).groups] == given
    assert (given == sorted(given)) is (shop.kind != "postgres")
    denying, allowing = shop.roles("Denying", "Allowing")
    shop.rules(denying, "deny user/*/*")
    shop.rules(allowing, "allow user/*/*")
    shop.hold(given[0], allowing)
    shop.hold(min(given[1:]), denying)
    answer = explain.of_user(user).answer(at("user/index/index"))
    assert answer.allowed and answer.group and answer.group.id == given[0]
    assert answer.order_dependent and ("PostgreSQL may change" in answer.notes[0]) is (shop.kind == "postgres")
    assert explain.of_email("sonia@spryker.com").answer(at("user/index/index")).allowed
    assert bool(verdicts.order_note()) is (shop.kind == "postgres")


def test_groups_are_evaluated_in_the_order_of_their_ids(shop: Shop) -> None:
    """Whatever the order in which the user joined them; but on PostgreSQL."""
    if shop.kind == "postgres":
        return
    denying, allowing = shop.roles("Denying", "Allowing")
    shop.rules(denying, "deny user/*/*")
    shop.rules(allowing, "allow */*/*")
    earlier, later = shop.groups("Earlier", "Later")
    shop.hold(earlier, denying)
    shop.hold(later, allowing)
    (user,) = shop.users("sonia@spryker.com")
    shop.join(later, user)
    assert explain.of_user(user).decide(at("user/index/index")).allowed
    shop.join(earlier, user)
    verdict = explain.of_user(user).decide(at("user/index/index"))
    assert (verdict.allowed, verdict.group_id, verdict.rule and verdict.rule.role) == (False, earlier, "Denying")


def test_all_roles_of_a_group_count_together(shop: Shop) -> None:
    one, other = shop.roles("One", "Other")
    shop.rules(one, "allow user/*/*")
    shop.rules(other, "deny user/edit/*")
    (group,) = shop.groups("Both")
    shop.hold(group, one, other)
    (user,) = shop.users("sonia@spryker.com")
    shop.join(group, user)
    assert explain.of_user(user).decide(at("user/index/index")).allowed
    assert not explain.of_user(user).decide(at("user/edit/update")).allowed


def test_a_user_who_no_longer_exists_is_reported(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_user(1).decide(at("user/index/index"))


def test_a_rule_of_unknown_type_has_no_effect(shop: Shop) -> None:
    (user,) = shop.users("sonia@spryker.com")
    shop.join(1, user)
    shop.sql("UPDATE spy_acl_rule SET type = 7")
    assert not explain.of_user(user).decide(at("user/index/index")).allowed


part = st.sampled_from(["*", "user", "index", "application"])
rule = st.tuples(st.sampled_from(["allow", "deny"]), part, part, part)
path = st.tuples(*[st.sampled_from(["user", "index", "application", "acl", "denied"])] * 3).map("/".join)


@settings(max_examples=200)  # ten times as many, with the deciding rule and group, in test_regions
@given(st.lists(st.lists(rule, max_size=4), max_size=4), path)
def test_the_verdict_is_that_of_the_rules_by_the_book(rules_by_group: list[list[Rule]], asked: str) -> None:
    ours = [[text(rule) for rule in rules] for rules in rules_by_group]
    assert allowed(asked, *ours) == allows(asked, rules_by_group)


@pytest.mark.embedded
@settings(max_examples=80)
@given(
    st.lists(st.lists(rule, max_size=3), min_size=1, max_size=4),
    st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=4),
    st.sets(st.integers(0, 3)),
    path,
)
def test_the_verdict_read_from_a_shop_is_that_by_the_book(
    shop: Shop,
    role_rules: list[list[Rule]],
    group_roles: list[set[int]],
    user_groups: set[int],
    asked: str,
) -> None:
    """Small shops of random roles, the groups with these roles, and one user in some of the groups."""
    for table in ("spy_acl_group", "spy_acl_role", "spy_user"):
        shop.sql(f"DELETE FROM {table}")
    role_ids = shop.roles(*(f"Role {number}" for number in range(len(role_rules))))
    for id, rules in zip(role_ids, role_rules, strict=True):
        shop.rules(id, *(text(rule) for rule in rules))
    group_ids = shop.groups(*(f"Group {number}" for number in range(len(group_roles))))
    (user,) = shop.users("sonia@spryker.com")
    rules_by_group = []
    for number, (id, numbers) in enumerate(zip(group_ids, group_roles, strict=True)):
        known = [role for role in numbers if role < len(role_ids)]
        shop.hold(id, *(role_ids[role] for role in known))
        if number in user_groups:
            shop.join(id, user)
            rules_by_group.append([one for role in known for one in role_rules[role]])
    assert explain.of_user(user).decide(at(asked)).allowed == allows(asked, rules_by_group)


@settings(max_examples=100)
@given(st.lists(st.lists(rule, max_size=3), max_size=4), path, st.sampled_from([[], ["deny user/*/*"]]))
def test_a_path_is_allowed_in_every_order_if_no_permutation_of_the_groups_denies_it(
    rules_by_group: list[list[Rule]], asked: str, whitelist: list[str]
) -> None:
    change_settings(whitelist_rules=("allow application/*/*", *whitelist))
    listed = [WHITELIST[0], *(("deny", "user", "*", "*") for _ in whitelist)]
    groups = [GroupRules(id, lines(*(text(rule) for rule in rules))) for id, rules in enumerate(rules_by_group, 1)]
    always = all(allows(asked, order, DEFAULT, listed) for order in permutations(rules_by_group))
    assert first_match(at(asked), build_chain_for_any_order(groups)).allowed is always
