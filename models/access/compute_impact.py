"""Computes the impact of a change before it is saved; nothing is written."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from itertools import product
from operator import and_
from typing import Any, NamedTuple

from peewee import chunked

from models.access import safeguards
from models.access.decision import GroupRules, allows_user_pages, build_chain
from models.access.grants import Grants, read_grants, read_users_by_groups
from models.access.impact import NEW, AccessChange, Impact, SharedImpact
from models.access.regions import Memo, Scope, ScopeDiff, compare_chains
from models.access.rules import AccessRule, Path
from models.access.sign_in import is_staff, read_root_groups, read_statuses, staff_conditions
from models.db.connection import read_connection
from models.db.opened import opened
from models.db.rows import values_where
from models.db.statements import BATCH, tuples
from models.db.tables import GroupRole, Membership, MerchantUser, Permission, Rule, Status, User
from models.garbage import paused_garbage_collection


def compute_impact(change: AccessChange) -> Impact:
    """The impact of a change. Only users who are in a group that changes, or who change themselves, are read."""
    with read_connection(), paused_garbage_collection():
        users_by_state, merchants = _affected_users(change)
        groups = {group for state in users_by_state for group in (*state.groups_before, *state.groups_after)}
        grants = read_grants(_saved(groups), set().union(*change.added_roles.values()))
        impact = _compare_states(users_by_state, grants, change)
        loses = safeguards.includes_current_user(impact.losing_pages)
        return replace(impact, merchants=tuple(merchants), current_user_loses_pages=loses)


def _saved(ids: Iterable[int]) -> set[int]:
    """Those of the ids that are in the database."""
    return {id for id in ids if id < NEW}


class _State(NamedTuple):
    """What some users have in common, before and after a change: their groups, and whether they can sign in."""

    groups_before: tuple[int, ...]
    groups_after: tuple[int, ...]
    could_sign_in: bool
    can_sign_in: bool


class _Users(NamedTuple):
    """Users by their groups; those who cannot sign in whatever their groups are; and those who are merchants'."""

    by_groups: dict[tuple[int, ...], list[int]]
    barred: set[int]
    merchants: set[int]


def _affected_users(change: AccessChange) -> tuple[dict[_State, list[int]], list[int]]:
    """The users whose access may change, by their state; and the merchants' users who would be added to a group."""
    joining, leaving = _groups_by_user(change.joining), _groups_by_user(change.leaving)
    named = {*joining, *leaving, *change.statuses, *change.warehouse, *change.new_users}
    deleted = set(change.deleted_groups)
    users = _read_users(_conditions(change, named - change.new_users.keys()))
    can_as_staff = _can_sign_in_as_staff(change)
    users.by_groups.setdefault((), []).extend(change.new_users)
    users.barred.update(change.new_users)
    root_groups = read_root_groups() if users.merchants else set()
    barred_elsewhere = users.barred | users.merchants if users.merchants else users.barred
    users_by_state: defaultdict[_State, list[int]] = defaultdict(list)
    for groups, ids in users.by_groups.items():
        remaining = tuple([group for group in groups if group not in deleted])
        barred_before = barred_elsewhere if root_groups.isdisjoint(groups) else users.barred
        barred_after = barred_elsewhere if root_groups.isdisjoint(remaining) else users.barred
        for user in named.intersection(ids):
            groups_after = tuple(sorted((set(remaining) | joining[user]) - leaving[user] - deleted))
            is_barred_merchant = user in users.merchants and root_groups.isdisjoint(groups_after)
            can = not is_barred_merchant and can_as_staff.get(user, user not in users.barred)
            users_by_state[_State(groups, groups_after, user not in barred_before, can)].append(user)
        for could, can in product((True, False), repeat=2):
            if could is not can and barred_before is barred_after:
                continue
            others = [
                user
                for user in ids
                if (user in barred_before) is not could and (user in barred_after) is not can and user not in named
            ]
            if others:
                users_by_state[_State(groups, remaining, could, can)] += others
    return users_by_state, sorted(users.merchants & set().union(*change.joining.values()))


def _groups_by_user(users_by_group: Mapping[int, Collection[int]]) -> defaultdict[int, set[int]]:
    groups_by_user: defaultdict[int, set[int]] = defaultdict(set)
    for group, users in users_by_group.items():
        for user in users:
            groups_by_user[user].add(group)
    return groups_by_user


def _conditions(change: AccessChange, named: set[int]) -> Iterator[Any]:
    """The conditions that together match every user whose access may change; the change names some of them itself."""
    groups = {*_groups_with_other_rules(change), *change.deleted_groups}
    roles = {*change.added_rules, *change.deleted_roles} | values_where(Rule.role, change.removed_rules, by=Rule.id)
    for batch in chunked(sorted(named), BATCH):
        yield User.id.in_(batch)
    for batch in chunked(sorted(groups), BATCH):
        yield User.id.in_(Membership.select(Membership.user).where(Membership.group.in_(batch)))
    for batch in chunked(sorted(roles), BATCH):
        with_role = GroupRole.select(GroupRole.group).where(GroupRole.role.in_(batch))
        yield User.id.in_(Membership.select(Membership.user).where(Membership.group.in_(with_role)))


def _groups_with_other_rules(change: AccessChange) -> list[int]:
    """The groups whose new roles have other rules than their present ones."""
    groups = _saved({*change.added_roles, *change.removed_roles})
    grants = read_grants(groups, set().union(*change.added_roles.values()))
    roles_after = _roles_after(grants, change)

    def rules(roles: Collection[int]) -> set[tuple[Path, Permission | None]]:
        stored = ((rule.path, rule.permission) for role in roles for rule in grants.rules_by_role.get(role, ()))
        added = (rule for role in roles for rule in change.added_rules.get(role, ()))
        return {*stored, *added}

    return [group for group in groups if rules(grants.roles_by_group.get(group, ())) != rules(roles_after[group])]


def _roles_after(grants: Grants, change: AccessChange) -> dict[int, frozenset[int]]:
    """The roles after the change of the groups that get or lose some."""
    return {
        group: grants.roles_by_group.get(group, frozenset())
        .union(change.added_roles.get(group, ()))
        .difference(change.removed_roles.get(group, ()))
        for group in {*change.added_roles, *change.removed_roles}
    }


def _read_users(conditions: Iterable[Any]) -> _Users:
    """The users that meet any of the conditions."""
    by_groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    barred: set[int] = set()
    merchants: set[int] = set()
    seen: set[int] = set()
    for condition in conditions:
        for groups, users in read_users_by_groups(condition).items():
            unseen = [user for user in users if user not in seen] if seen else users
            by_groups[groups] += unseen
            seen.update(unseen)
        not_staff = User.select(User.id).where(condition, ~reduce(and_, staff_conditions()))
        barred.update(id for (id,) in tuples(not_staff))
        if MerchantUser in opened().neighbours:
            query = MerchantUser.select(MerchantUser.user).join(User).where(condition)
            merchants.update(id for (id,) in tuples(query))
    return _Users(by_groups, barred, merchants)


def _can_sign_in_as_staff(change: AccessChange) -> dict[int, bool]:
    """Whether the users who are new, or whose status or mark would change, could sign in, merchants' users aside."""
    statuses = read_statuses({*change.statuses, *change.warehouse} - change.new_users.keys())
    statuses |= dict.fromkeys(change.new_users, (Status.ACTIVE, False))
    return {
        id: is_staff(change.statuses.get(id, status), change.warehouse.get(id, warehouse))
        for id, (status, warehouse) in statuses.items()
    }


def groups_after(grants: Grants, change: AccessChange) -> Callable[[Iterable[int]], list[GroupRules]]:
    """A function that gives groups as they are after the change; unaffected groups are the same objects as before."""
    removed, deleted = set(change.removed_rules), set(change.deleted_roles)
    rules_by_role = dict(grants.rules_by_role)
    for role, rules in grants.rules_by_role.items():
        if role in deleted:
            rules_by_role[role] = ()
        elif any(rule.id in removed for rule in rules):
            rules_by_role[role] = tuple([rule for rule in rules if rule.id not in removed])
    for role, added in change.added_rules.items():
        new_rules = [AccessRule(path, permission, NEW) for path, permission in added]
        rules_by_role[role] = (*rules_by_role.get(role, ()), *new_rules)
    changed_roles = {role for role in rules_by_role if rules_by_role[role] is not grants.rules_by_role.get(role)}
    roles_after = _roles_after(grants, change)
    after = Grants(grants.group_names, grants.roles_by_group | roles_after, rules_by_role)
    affected = {id for id, roles in after.roles_by_group.items() if id in roles_after or roles & changed_roles}
    known = {*grants.group_names, *change.returning_groups}
    return lambda ids: [(after if id in affected else grants).group(id) for id in ids if id in known or id >= NEW]


def _compare_states(users_by_state: Mapping[_State, list[int]], grants: Grants, change: AccessChange) -> Impact:
    """The impact, computed once for all users of each state."""
    after_change = groups_after(grants, change)
    states_by_diff: defaultdict[ScopeDiff, list[tuple[bool, list[int]]]] = defaultdict(list)
    shut_out, let_in, losing, gaining = [], [], [], []
    newly_open: set[Scope] = set()
    memo: Memo = {}
    for state, users in users_by_state.items():
        before = build_chain(grants.groups(state.groups_before))
        after = build_chain(after_change(state.groups_after))
        diff = compare_chains(before, after, memo)
        if any(diff):
            states_by_diff[diff].append((state.can_sign_in, users))
        is_let_in = state.can_sign_in and not state.could_sign_in
        newly_open.update((compare_chains(build_chain([]), after, memo) if is_let_in else diff)[0])
        if state.could_sign_in and not state.can_sign_in:
            shut_out += users
        elif is_let_in:
            let_in += users
        had_pages = state.could_sign_in and allows_user_pages(before)
        has_pages = state.can_sign_in and allows_user_pages(after)
        if had_pages and not has_pages:
            losing += users
        elif has_pages and not had_pages:
            gaining += users
    shared = [
        SharedImpact(
            tuple(sorted(user for _, users in states for user in users)),
            sum(len(users) for can_sign_in, users in states if not can_sign_in),
            gained,
            lost,
        )
        for (gained, lost), states in states_by_diff.items()
    ]
    shared.sort(key=lambda each: (-len(each.users), each.users))
    return Impact(
        tuple(shared),
        shut_out=tuple(sorted(shut_out)),
        let_in=tuple(sorted(let_in)),
        losing_pages=tuple(sorted(losing)),
        gaining_pages=tuple(sorted(gaining)),
        newly_open=frozenset(newly_open),
        new_users=change.new_users,
    )
