"""What a change would do, before it is saved, against the rules by the book before and after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import role_rules, user_status
from models.access import explain, verdicts
from models.access.compute_impact import compute_impact
from models.access.impact import NEW, NOBODY, AccessChange
from models.access.rules import Path, parse_rule
from models.db.tables import Permission, Status, database
from tests.conftest import Shop, change_settings
from tests.models.access import by_the_book
from tests.models.access.by_the_book import Rule, all_paths, allows
from tests.models.access.texts import text

ON_SERVERS = True

part = st.sampled_from(["*", "*", "user", "index", "application"])
rule = st.tuples(st.sampled_from(["allow", "allow", "deny"]), part, part, part)
NUMBERS = range(3)
"""So many roles, groups and users at most, each known by its number from 0."""
numbers = st.frozensets(st.sampled_from(NUMBERS))


@dataclass(frozen=True)
class Book:
    """A shop as plain values: rules by role, roles by group, groups and whether they can sign in by user."""

    rules: dict[int, list[Rule]]
    roles: dict[int, frozenset[int]]
    groups: dict[int, frozenset[int]]
    active: dict[int, bool]

    def rules_of(self, user: int) -> list[list[Rule]]:
        """In the order of the groups."""
        groups = sorted(group for group in self.groups[user] if group in self.roles)
        return [[rule for role in sorted(self.roles[group]) for rule in self.rules[role]] for group in groups]

    def administers(self, user: int) -> bool:
        return self.active[user] and by_the_book.administers(self.rules_of(user))


def each(values: Any) -> Any:
    return st.fixed_dictionaries({number: values for number in NUMBERS})


books = st.builds(Book, each(st.lists(rule, max_size=3)), each(numbers), each(numbers), each(st.booleans()))
SHIFT = 10
"""Numbers become ids by this, well past those that an installer's rows have."""


def arrange(shop: Shop, book: Book) -> None:
    for table in ("spy_acl_group", "spy_acl_role", "spy_user"):
        shop.sql(f"DELETE FROM {table}")
    ids = [(number + SHIFT, str(number)) for number in NUMBERS]
    shop.insert("spy_acl_role", "id_acl_role, name", ids)
    shop.insert("spy_acl_group", "id_acl_group, name", ids)
    people = [(id, f"{name}@x.example", "F", "L", "!", int(not book.active[id - SHIFT])) for id, name in ids]
    shop.insert("spy_user", "id_user, username, first_name, last_name, password, status", people)
    for number in NUMBERS:
        shop.rules(number + SHIFT, *map(text, book.rules[number]))
        shop.hold(number + SHIFT, *(role + SHIFT for role in book.roles[number]))
        for group in book.groups[number]:
            shop.join(group + SHIFT, number + SHIFT)


def as_change(shop: Shop, before: Book, after: Book) -> AccessChange:
    """The differences, as pages give them: all rules of a role are removed and added again where they differ."""
    roles = [role for role in NUMBERS if before.rules[role] != after.rules[role]]

    def moved(old: Book, new: Book) -> dict[int, list[int]]:
        """The users who are in a group of one book and not in that of the other, by group."""
        return {
            group + SHIFT: [user + SHIFT for user in NUMBERS if group in new.groups[user] - old.groups[user]]
            for group in NUMBERS
        }

    def given(old: Book, new: Book) -> dict[int, list[int]]:
        """The roles that a group holds in one book and not in the other, by group."""
        return {group + SHIFT: [role + SHIFT for role in new.roles[group] - old.roles[group]] for group in after.roles}

    return AccessChange(
        added_roles=given(before, after),
        removed_roles=given(after, before),
        removed_rules=[
            id for id, role in shop.sql("SELECT id_acl_rule, fk_acl_role FROM spy_acl_rule") if role - SHIFT in roles
        ],
        added_rules={role + SHIFT: [new(text(rule)) for rule in after.rules[role]] for role in roles},
        joining=moved(before, after),
        leaving=moved(after, before),
        deleted_groups=[group + SHIFT for group in NUMBERS if group not in after.roles],
        statuses={
            user + SHIFT: Status.ACTIVE if after.active[user] else Status.DEACTIVATED
            for user in NUMBERS
            if before.active[user] != after.active[user]
        },
    )


@pytest.mark.slow
@settings(max_examples=300)
@given(books, books, numbers, st.sets(st.sampled_from(["rules", "roles", "groups", "active"]), min_size=1))
def test_an_impact_has_each_path_that_each_user_gains_or_loses_and_no_other(
    shop: Shop, before: Book, other: Book, deleted: frozenset[int], changed: set[str]
) -> None:
    """Any change at all, from one random shop to another."""
    after = Book(**{name: getattr(other if name in changed else before, name) for name in vars(before)})
    if "roles" in changed:
        for group in deleted:
            after.roles.pop(group, None)
    arrange(shop, before)
    impact = compute_impact(as_change(shop, before, after))
    asked = all_paths(*before.rules.values(), *after.rules.values(), by_the_book.WHITELIST)
    for user in NUMBERS:
        effects = [effect for effect in impact.shared if user + SHIFT in effect.users]
        assert len(effects) <= 1
        for path in asked:
            old, new = (allows(path, book.rules_of(user)) for book in (before, after))
            gained = any(scope.covers(Path(*path.split("/"))) for effect in effects for scope in effect.gained)
            lost = any(scope.covers(Path(*path.split("/"))) for effect in effects for scope in effect.lost)
            assert (gained, lost) == (new and not old, old and not new), path
    for ids, expected in (
        (impact.shut_out, [u for u in NUMBERS if before.active[u] and not after.active[u]]),
        (impact.let_in, [u for u in NUMBERS if after.active[u] and not before.active[u]]),
        (impact.losing_pages, [u for u in NUMBERS if before.administers(u) and not after.administers(u)]),
        (impact.gaining_pages, [u for u in NUMBERS if after.administers(u) and not before.administers(u)]),
    ):
        assert [id - SHIFT for id in ids] == expected
    for effect in impact.shared:
        assert effect.barred_count == sum(not after.active[id - SHIFT] for id in effect.users)


# In words


@dataclass(frozen=True)
class Desk:
    """A shop with a role and a group of Sales, with two users in it, one more user, and an admin in root_group."""

    shop: Shop
    role: int
    rule: int
    group: int
    one: int
    two: int
    other: int
    admin: int


@pytest.fixture
def desk(shop: Shop) -> Desk:
    (role,) = shop.roles("Sales")
    (rule,) = shop.rules(role, "allow sales/*/*")
    (group,) = shop.groups("Sales")
    shop.hold(group, role)
    one, two, other, admin = shop.users(*(f"{name}@x.example" for name in ("one", "two", "other", "admin")))
    shop.join(group, one, two)
    shop.join(1, admin)
    return Desk(shop, role, rule, group, one, two, other, admin)


def new(text: str) -> tuple[Path, Permission]:
    """A rule that is not saved yet, as in `allow sales/*/*`."""
    rule = parse_rule(text)
    assert rule.permission is not None
    return rule.path, rule.permission


def summary(**change: Any) -> str:
    return compute_impact(AccessChange(**change)).summary


def test_the_gains_and_losses_of_a_group_come_with_the_number_of_users(desk: Desk) -> None:
    (cms,) = desk.shop.roles("CMS")
    desk.shop.rules(cms, "allow cms-gui/*/*", "deny cms-gui/page/delete")
    assert summary(added_roles={desk.group: [cms]}) == (
        "2 users gain cms-gui/(everything else)/*, cms-gui/page/(everything else)"
    )
    assert summary(added_roles={desk.group: [cms]}, removed_roles={desk.group: [desk.role]}) == (
        "2 users gain cms-gui/(everything else)/*, cms-gui/page/(everything else); 2 users lose sales/*/*"
    )
    assert summary(added_roles={desk.group: [desk.role]}, removed_roles={desk.group: [cms]}) == NOBODY
    assert summary(added_roles={NEW: [cms]}) == NOBODY


def test_members_who_join_or_leave_gain_or_lose_what_the_group_gives(desk: Desk) -> None:
    assert summary(joining={desk.group: [desk.other, desk.one]}) == "1 user gains application/*/*, sales/*/*"
    assert summary(leaving={desk.group: [desk.one, desk.two]}) == "2 users lose application/*/*, sales/*/*"
    assert summary(deleted_groups=[desk.group]) == "2 users lose application/*/*, sales/*/*"


def test_all_paths_are_one_scope_though_default_rules_allow_some_of_them_anyway(desk: Desk) -> None:
    assert summary(joining={1: [desk.other]}) == "1 user gains */*/*; 1 user can now open the user pages"
    assert summary(leaving={1: [desk.admin]}) == "1 user loses */*/*; 1 user can no longer open the user pages"


def test_rules_of_a_role_that_groups_hold_take_effect_on_their_users(desk: Desk) -> None:
    assert summary(added_rules={desk.role: [new("deny sales/order/*")]}) == "2 users lose sales/order/*"
    assert summary(added_rules={desk.role: [new("allow sales/order/*")]}) == NOBODY
    assert summary(removed_rules=[desk.rule]) == "2 users lose sales/*/*"
    changed = {"removed_rules": [desk.rule], "added_rules": {desk.role: [new("allow refund/*/*")]}}
    assert summary(**changed) == "2 users gain refund/*/*; 2 users lose sales/*/*"
    assert summary(deleted_roles=[desk.role]) == "2 users lose sales/*/*"


def test_users_who_cannot_sign_in_are_counted_separately(desk: Desk) -> None:
    user_status.set_status([desk.one], Status.DEACTIVATED)
    assert summary(removed_rules=[desk.rule]) == "2 users lose sales/*/* (1 of them cannot sign in)"
    user_status.set_status([desk.two], Status.DELETED)
    assert summary(removed_rules=[desk.rule]) == "2 users lose sales/*/* (cannot sign in)"
    assert summary(statuses={desk.one: Status.ACTIVE, desk.other: Status.DELETED}) == (
        "1 user can no longer sign in; 1 user can now sign in"
    )
    assert summary(warehouse={desk.admin: True}) == (
        "1 user can no longer sign in; 1 user can no longer open the user pages"
    )


def test_a_new_user_gains_what_the_groups_give(desk: Desk) -> None:
    new = {NEW: "the new user"}
    gained = "1 user gains application/*/*, sales/*/*; 1 user can now sign in"
    assert summary(joining={desk.group: [NEW]}, new_users=new) == gained
    assert summary(new_users=new) == "1 user can now sign in"


def test_of_several_new_users_each_gains_what_their_own_groups_give(desk: Desk) -> None:
    ids = nora, omar, paula = range(NEW, NEW + 3)
    impact = compute_impact(
        AccessChange(
            joining={desk.group: [nora, omar]}, new_users=dict(zip(ids, ("nora", "omar", "paula"), strict=True))
        )
    )
    assert [effect.users for effect in impact.shared] == [(nora, omar)]
    assert impact.let_in == (nora, omar, paula)
    assert impact.summary == "2 users gain application/*/*, sales/*/*; 3 users can now sign in"


def test_a_role_that_someone_else_added_meanwhile_remains(desk: Desk) -> None:
    (cms,) = desk.shop.roles("CMS")
    desk.shop.rules(cms, "allow cms-gui/*/*", "allow sales/*/*")
    change = {"removed_roles": {desk.group: [desk.role]}}
    assert summary(**change) == "2 users lose sales/*/*"
    desk.shop.hold(desk.group, cms)
    assert summary(**change) == NOBODY


def test_a_new_group_comes_after_all_others(desk: Desk) -> None:
    (deny,) = desk.shop.roles("No sales")
    desk.shop.rules(deny, "deny sales/*/*")
    assert summary(added_roles={NEW: [deny]}, joining={NEW: [desk.one]}) == NOBODY


def test_records_that_were_deleted_meanwhile_have_no_impact(desk: Desk) -> None:
    missing = 9_999
    changes: list[dict[str, Any]] = [
        {"added_roles": {missing: [desk.role]}}, {"added_roles": {desk.group: [missing]}},
        {"removed_roles": {missing: [desk.role]}}, {"removed_roles": {desk.group: [missing]}},
        {"joining": {missing: [desk.other]}}, {"joining": {desk.group: [missing]}}, 
        {"leaving": {missing: [desk.one, missing]}},
        {"removed_rules": [missing]}, {"added_rules": {missing: [new("allow */*/*")]}}, 
        {"statuses": {missing: Status.DELETED}},
        {"deleted_groups": [missing]}, {"deleted_roles": [missing]}, {"warehouse": {missing: True}},
    ]  # fmt: skip
    for change in changes:
        assert summary(**change) == NOBODY, change


def test_many_scopes_are_counted_after_the_widest(desk: Desk) -> None:
    rules = [new(f"allow bundle-{number}/*/*") for number in range(9)] + [new("allow a/b/c")]
    assert summary(added_rules={desk.role: rules}) == (
        "2 users gain bundle-0/*/*, bundle-1/*/*, bundle-2/*/* and 7 more"
    )


def test_the_impact_says_whether_the_current_user_would_lose_the_user_pages(desk: Desk) -> None:
    losing = AccessChange(leaving={1: [desk.admin]})
    assert not compute_impact(losing).current_user_loses_pages
    change_settings(current_user_email="admin@x.example")
    assert compute_impact(losing).current_user_loses_pages
    assert not compute_impact(AccessChange(leaving={desk.group: [desk.one]})).current_user_loses_pages


def test_the_change_does_what_its_impact_says(desk: Desk) -> None:
    before = explain.of_user(desk.one)
    (effect,) = compute_impact(AccessChange(added_rules={desk.role: [new("deny sales/order/*")]})).shared
    role_rules.add(desk.role, "sales", "order", "*", Permission.DENY)
    assert explain.compare(before, explain.of_user(desk.one)) == (effect.lost, effect.gained)
    assert effect.users == (desk.one, desk.two)


# The rows that are read


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    statements: list[str] = []
    execute = database.obj.execute_sql

    def counting(sql: str, *parameters: Any) -> Any:
        statements.append(sql)
        return execute(sql, *parameters)

    monkeypatch.setattr(database.obj, "execute_sql", counting)
    yield statements
    monkeypatch.setattr(database.obj, "execute_sql", execute)


def crowd(shop: Shop, users: int, count: int) -> None:
    """So many users in Sales, each in one of so many further groups, each with a role and a rule of its own."""
    numbers = range(100, 100 + count)
    shop.insert("spy_acl_role", "id_acl_role, name", [(id, f"Role {id}") for id in numbers])
    shop.insert("spy_acl_group", "id_acl_group, name", [(id, f"Group {id}") for id in numbers])
    shop.insert("spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(id, id) for id in numbers])
    rules = [(id, f"bundle-{id}", "*", "*", 0) for id in numbers]
    shop.insert("spy_acl_rule", "fk_acl_role, bundle, controller, action, type", rules)
    people = shop.users(*(f"{number}@x.example" for number in range(users)))
    links = [(group, user) for user in people for group in (2, 100 + user % count)]
    shop.insert("spy_acl_user_has_group", "fk_acl_group, fk_user", links)


QUESTIONS: dict[str, Callable[[Desk], object]] = {
    "the roles of a group": lambda desk: compute_impact(AccessChange(removed_roles={desk.group: [desk.role]})),
    "a rule": lambda desk: compute_impact(AccessChange(removed_rules=[desk.rule])),
    "a deleted group": lambda desk: compute_impact(AccessChange(deleted_groups=[desk.group])),
    "who": lambda desk: verdicts.users_by_verdict(Path("sales", "*", "*")),
    "the groups for a path": lambda desk: verdicts.group_verdicts(Path("sales", "*", "*")),
    "one user": lambda desk: explain.of_user(desk.one),
}


@pytest.mark.parametrize(("people", "count"), [(0, 0), (100, 10), (1_500, 1_500)])
def test_the_rows_are_read_in_a_handful_of_queries_whatever_the_sizes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, people: int, count: int
) -> None:
    if people:
        crowd(desk.shop, people, count)
    asked = {}
    for name, ask in QUESTIONS.items():
        with counted(monkeypatch) as statements:
            ask(desk)
        asked[name] = len(statements)
    assert asked and max(asked.values()) <= 10, asked
