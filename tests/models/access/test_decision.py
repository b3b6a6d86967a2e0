"""The Back Office's verdict, sentence by sentence; and that no change leaves a shop without anyone to administer it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import groups, memberships, role_rules, roles, user_status, users
from models.access import explain
from models.access.decision import Decision, GroupRules, chain_of_every_order, decide, first_match, use_rules
from models.access.rules import AccessRule, Path, idle_reasons, parse_path
from models.db.tables import Permission, Status
from models.errors import Invalid, NotFound, Refused
from tests.conftest import Shop
from tests.models.access.by_the_book import DEFAULT, WHITELIST, allows

ON_SERVERS = True

ALLOW, DENY = Permission.ALLOW, Permission.DENY


def at(path: str) -> Path:
    return Path(*path.split("/"))


def lines(*rules: str) -> list[AccessRule]:
    """Rules as in `deny user/edit/update`, with ids from 1."""
    return [
        AccessRule(at(path), Permission[permission.upper()], id)
        for id, (permission, path) in enumerate((rule.split() for rule in rules), 1)
    ]


def allowed(path: str, *held: list[str]) -> bool:
    return decide(at(path), [GroupRules(id, lines(*rules)) for id, rules in enumerate(held, 1)]).allowed


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


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/product-attribute-gui/attribute/create", "product-attribute-gui/attribute/create"),
        ("/user", "user/index/index"),
        ("/acl/group", "acl/group/index"),
        (" user/edit/update/ ", "user/edit/update"),
        ("https://shop.example/product-attribute-gui/attribute/create?x=1", "product-attribute-gui/attribute/create"),
        ("https://backoffice.example/user/edit/update?back=https://backoffice.example/sales", "user/edit/update"),
        ("/user/edit/update?back=https://backoffice.example/sales", "user/edit/update"),
        ("/user/edit#https://backoffice.example/sales", "user/edit/index"),
        ("*/*/*", "*/*/*"),
    ],
)  # fmt: skip
def test_an_addresss_missing_parts_are_index(text: str, path: str) -> None:
    assert str(parse_path(text)) == path


@pytest.mark.parametrize("text", ["", " / ", "a/b/c/d", "https://backoffice.example", "https://", "?x=/a/b"])
def test_what_is_no_path_is_said(text: str) -> None:
    with pytest.raises(Invalid) as invalid:
        parse_path(text)
    assert list(invalid.value.fields) == ["path"]


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


def test_a_deny_takes_back_what_the_whitelist_allows() -> None:
    assert not allowed("application/index/index", ["deny application/*/*"])


def test_a_deny_beats_an_allow_within_a_group_in_any_order_of_its_rules() -> None:
    assert not allowed("user/edit/update", ["deny user/*/*", "allow user/edit/update"])
    assert not allowed("user/edit/update", ["allow user/edit/update", "deny user/*/*"])


def test_a_deny_of_an_earlier_group_beats_an_allow_of_a_later_one() -> None:
    assert not allowed("user/edit/update", ["deny user/*/*"], ["allow */*/*"])
    assert not allowed("user/edit/update", ["allow user/edit/update", "deny user/*/*"], [], ["allow */*/*"])


def test_an_allow_of_an_earlier_group_is_not_taken_back_by_a_later_one() -> None:
    assert allowed("user/edit/update", ["allow */*/*"], ["deny user/*/*"])
    assert allowed("user/edit/update", [], ["allow */*/*"], ["deny */*/*"])


def test_no_group_that_allows_is_a_denial() -> None:
    assert not allowed("user/edit/update", ["allow acl/*/*"], [], ["deny sales/*/*"])


def test_the_verdict_names_the_rule_and_the_group_that_decided() -> None:
    first, second = lines("allow acl/*/*"), lines("deny user/edit/*", "allow user/*/*")
    held = [GroupRules(7, first), GroupRules(9, second)]
    assert decide(at("acl/role/update"), held) == Decision(True, first[0], 7)
    assert decide(at("user/index/index"), held) == Decision(True, second[1], 9)
    assert decide(at("user/edit/update"), held) == Decision(False, second[0], 9)
    assert decide(at("sales/index/index"), held) == Decision(False)
    assert decide(at("acl/index/denied"), held).group is None


SHOPS_QUERY = (
    "SELECT spy_acl_group.* FROM spy_acl_group INNER JOIN spy_acl_user_has_group ON (spy_acl_group.id_acl_group = "
    "spy_acl_user_has_group.fk_acl_group) WHERE spy_acl_user_has_group.fk_user = ?"
)


def analyze(shop: Shop) -> None:
    """Have PostgreSQL read the tables as a whole, in the order of their rows: they are small once packed."""
    if shop.kind == "postgres":
        shop.sql("VACUUM (FULL, ANALYZE) spy_acl_group, spy_acl_user_has_group")


def test_for_one_user_the_groups_are_asked_in_the_order_that_the_shops_own_query_gives(shop: Shop) -> None:
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
    assert answer.order_dependent and ("PostgreSQL may give" in answer.beside[0]) is (shop.kind == "postgres")
    assert explain.of_email("sonia@spryker.com").answer(at("user/index/index")).allowed
    assert bool(explain.order_note()) is (shop.kind == "postgres")


def test_the_groups_are_asked_in_the_order_of_their_ids(shop: Shop) -> None:
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
    assert (verdict.allowed, verdict.group, verdict.rule and verdict.rule.role) == (False, earlier, "Denying")


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


def test_a_user_that_is_gone_is_said(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"^User couldn't be found$"):
        explain.of_user(1).decide(at("user/index/index"))


def test_a_rule_of_a_type_that_no_shop_writes_counts_for_nothing(shop: Shop) -> None:
    (user,) = shop.users("sonia@spryker.com")
    shop.join(1, user)
    shop.sql("UPDATE spy_acl_rule SET type = 7")
    assert not explain.of_user(user).decide(at("user/index/index")).allowed


part = st.sampled_from(["*", "user", "index", "application"])
rule = st.tuples(st.sampled_from(["allow", "deny"]), part, part, part)
path = st.tuples(*[st.sampled_from(["user", "index", "application", "acl", "denied"])] * 3).map("/".join)


@settings(max_examples=1_000)
@given(st.lists(st.lists(rule, max_size=4), max_size=4), path)
def test_the_verdict_is_that_of_the_rules_by_the_book(held: list[list[tuple[str, str, str, str]]], asked: str) -> None:
    ours = [[f"{permission} {'/'.join(parts)}" for permission, *parts in rules] for rules in held]
    assert allowed(asked, *ours) == allows(asked, held)


@pytest.mark.embedded
@settings(max_examples=200)
@given(
    st.lists(st.lists(rule, max_size=3), min_size=1, max_size=4),
    st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=4),
    st.sets(st.integers(0, 3)),
    path,
)
def test_the_verdict_read_from_a_shop_is_that_by_the_book(
    shop: Shop,
    role_rules: list[list[tuple[str, str, str, str]]],
    group_roles: list[set[int]],
    user_groups: set[int],
    asked: str,
) -> None:
    """Small shops of random roles, the groups that hold them, and one user in some of those."""
    for table in ("spy_acl_group", "spy_acl_role", "spy_user"):
        shop.sql(f"DELETE FROM {table}")
    role_ids = shop.roles(*(f"Role {number}" for number in range(len(role_rules))))
    for id, rules in zip(role_ids, role_rules, strict=True):
        shop.rules(id, *(f"{permission} {'/'.join(parts)}" for permission, *parts in rules))
    group_ids = shop.groups(*(f"Group {number}" for number in range(len(group_roles))))
    (user,) = shop.users("sonia@spryker.com")
    held = []
    for number, (id, numbers) in enumerate(zip(group_ids, group_roles, strict=True)):
        known = [role for role in numbers if role < len(role_ids)]
        shop.hold(id, *(role_ids[role] for role in known))
        if number in user_groups:
            shop.join(id, user)
            held.append([one for role in known for one in role_rules[role]])
    assert explain.of_user(user).decide(at(asked)).allowed == allows(asked, held)


# Rules that can never matter


def test_a_rule_that_can_never_matter_is_told_with_the_reason() -> None:
    def reasons(*rules: str) -> dict[int, str]:
        return idle_reasons(lines(*rules))

    assert reasons("allow user/edit/update", "deny user/*/*") == {1: "no effect: deny user/*/* takes all of it"}
    assert reasons("allow user/edit/update", "allow user/*/*") == {1: "no effect: allow user/*/* covers it"}
    assert reasons("deny user/edit/update", "deny */*/update") == {1: "no effect: deny */*/update covers it"}
    assert reasons("allow user/*/*", "deny user/*/*") == {1: "no effect: deny user/*/* takes all of it"}
    assert reasons("allow */*/*", "deny user/edit/update") == {}
    assert reasons("deny user/edit/update", "allow user/*/*") == {}
    assert reasons("allow user/*/update", "allow user/edit/*") == {}
    assert reasons("allow user/edit/update", "allow User/*/*") == {}
    assert reasons("deny user/*/*", "deny user/*/*") == {2: "no effect: deny user/*/* covers it"}  # the web pages may
    assert reasons(*["allow a/b/c"] * 3) == dict.fromkeys((2, 3), "no effect: allow a/b/c covers it")


@settings(max_examples=300)
@given(st.lists(rule, max_size=5), st.lists(rule, max_size=3), path)
def test_without_the_idle_rules_of_a_role_every_verdict_is_the_same(
    rules: list[tuple[str, str, str, str]], elsewhere: list[tuple[str, str, str, str]], asked: str
) -> None:
    written = [f"{permission} {'/'.join(parts)}" for permission, *parts in rules]
    idle = idle_reasons(lines(*written))
    left = [one for id, one in enumerate(rules, 1) if id not in idle]
    assert allows(asked, [rules, elsewhere]) == allows(asked, [left, elsewhere])
    assert allows(asked, [elsewhere, rules]) == allows(asked, [elsewhere, left])


# The last who can administer the shop

LAST = (
    "That would leave nobody who can open the user pages: no active user would be allowed all of "
    "user/index/index, user/edit/update, acl/group/edit, acl/role/update."
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
    shown = users.get(user)
    return users.update(shown, replace(shown.form, **fields))


def change_rule(staff: Staff, bundle: str, permission: Permission) -> object:
    (shown,) = role_rules.listing(staff.all_pages).rows([staff.rule])
    return role_rules.change(shown, bundle, "*", "*", permission)


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
    found: Callable[[Staff], object] = request.param
    return found


def test_the_last_admin_is_kept(staff: Staff, change: Callable[[Staff], object]) -> None:
    with staff.shop.untouched(), pytest.raises(Refused) as refused:
        change(staff)
    assert str(refused.value) == LAST


@pytest.mark.embedded
def test_it_may_be_changed_while_another_admin_remains(staff: Staff, change: Callable[[Staff], object]) -> None:
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
def test_who_has_the_user_pages_in_one_order_of_their_groups_alone_counts_where_the_order_is_fixed(
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


@settings(max_examples=300)
@given(st.lists(st.lists(rule, max_size=3), max_size=4), path, st.sampled_from([[], ["deny user/*/*"]]))
def test_what_is_allowed_in_every_order_is_what_no_permutation_of_the_groups_denies(
    held: list[list[tuple[str, str, str, str]]], asked: str, whitelist: list[str]
) -> None:
    use_rules(None, ["allow application/*/*", *whitelist])
    listed = [WHITELIST[0], *(("deny", "user", "*", "*") for _ in whitelist)]
    groups = [
        GroupRules(id, lines(*(f"{permission} {'/'.join(parts)}" for permission, *parts in rules)))
        for id, rules in enumerate(held, 1)
    ]
    always = all(allows(asked, order, DEFAULT, listed) for order in permutations(held))
    assert first_match(at(asked), chain_of_every_order(groups)).allowed is always


@pytest.mark.embedded
def test_a_shop_that_had_none_may_be_changed_freely(staff: Staff, change: Callable[[Staff], object]) -> None:
    """Here the one admin is denied a page that nobody else may open either."""
    staff.shop.rules(staff.all_pages, "deny acl/group/edit")
    before = staff.shop.dump()
    assert change(staff) is not False
    assert staff.shop.dump() != before


@pytest.mark.parametrize("missing", ["user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update"])
def test_who_lacks_one_of_the_four_pages_is_no_admin(staff: Staff, missing: str) -> None:
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
def test_an_older_shop_without_the_mark_for_warehouse_users_is_guarded_too(staff: Staff) -> None:
    staff.shop.sql("ALTER TABLE spy_user DROP COLUMN is_warehouse_user")
    staff.shop.reopen()
    with staff.shop.untouched(), pytest.raises(Refused):
        user_status.set_status([staff.admin], Status.DEACTIVATED)
