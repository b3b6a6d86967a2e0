"""What a change would do before it is saved: whose verdicts change, on which paths, and who can sign in no more."""

import gc
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from itertools import product
from operator import and_
from typing import Any, NamedTuple

from peewee import chunked

from models.access import decision, safeguards
from models.access.decision import (
    Grants,
    GroupRules,
    chain,
    is_staff,
    opens_user_pages,
    read_grants,
    root_groups,
    users_by_groups,
)
from models.access.regions import Memo, Scope, changes
from models.access.rules import AccessRule, Path
from models.db.connection import read_connection
from models.db.rows import BATCH, values_where
from models.db.tables import (
    GroupRole,
    Membership,
    MerchantUser,
    Permission,
    Rule,
    Status,
    User,
    neighbours,
    tuples,
)

NEW = 2**62
"""The id of a group, role or user that is not saved yet: as its own will, it comes after all others."""

NOBODY = "Nobody's access changes."

SHOWN = 3
"""How many scopes a summary names before it counts the rest."""


@dataclass(frozen=True)
class AccessChange:
    """A change that is not saved yet, as its differences from what the database holds; several may go together.

    What is not in the database (any more) changes nothing. A new group has the id `NEW`.
    """

    added_roles: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Roles that a group would get, by group."""
    removed_roles: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Roles that a group would lose, by group."""
    added_rules: Mapping[int, Collection[tuple[Path, Permission]]] = field(default_factory=dict)
    """Rules that a role would get, by role. A changed rule is one removed and one added."""
    removed_rules: Collection[int] = ()
    """Rules that their roles would lose, by id."""
    joining: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Users who would be put into a group, by group."""
    leaving: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Users who would be taken out of a group, by group."""
    deleted_groups: Collection[int] = ()
    deleted_roles: Collection[int] = ()
    statuses: Mapping[int, Status] = field(default_factory=dict)
    """The status that a user would get, by user (a deletion is a status)."""
    warehouse: Mapping[int, bool] = field(default_factory=dict)
    """Whether a user would be a warehouse user, who cannot sign in, by user."""
    new_users: Mapping[int, str] = field(default_factory=dict)
    """What users are called who are not saved yet, by the ids they have here: `NEW` and those that follow."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Users for whom the same paths change, and those: what they gain and what they lose."""

    users: tuple[int, ...]
    """Their ids, upwards; `users.listing.rows` reads a page of them."""
    barred: int
    """How many of them cannot sign in (after the change)."""
    gained: tuple[Scope, ...]
    lost: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do. Verdicts are those of the rules; whether a user can sign in stands beside them."""

    effects: tuple[Effect, ...]
    """By what changes; most users first. Together, every user whose verdict on some path changes."""
    shut_out: tuple[int, ...]
    """Users who could no longer sign in."""
    let_in: tuple[int, ...]
    """Users who could sign in, and cannot now."""
    losing_pages: tuple[int, ...]
    """Users who can sign in and open all of the user pages, and no longer could."""
    gaining_pages: tuple[int, ...]
    """Users who could sign in and open all of the user pages, and cannot now."""
    new_users: Mapping[int, str] = field(default_factory=dict)
    """The new users of the change."""
    merchants: tuple[int, ...] = ()
    """Merchants' users who would be put into a group."""
    me: bool = False
    """Whether the user named in the setting `current_user_email` is one of `losing_pages`."""

    def __bool__(self) -> bool:
        return bool(self.effects or self.shut_out or self.let_in or self.merchants)

    @property
    def lines(self) -> list[str]:
        """The effects in words, each as in `3 users gain sales/*/*`; empty where nobody is affected."""
        found = []
        for verb, side in (("gain", "gained"), ("lose", "lost")):
            for scopes, users, barred in self._by_users(side):
                found.append(f"{_users(users)} {verb}{'s' * (users == 1)} {_named(scopes)}{_of_them(users, barred)}")
        for ids, what in (
            (self.shut_out, "can no longer sign in"),
            (self.let_in, "can now sign in"),
            (self.losing_pages, "can no longer open the user pages"),
            (self.gaining_pages, "can now open the user pages"),
        ):
            if ids:
                found.append(f"{_users(len(ids))} {what}")
        if self.merchants:
            found = [*(found or [NOBODY.rstrip(".")]), merchants_note(len(self.merchants))]
        return found

    @property
    def summary(self) -> str:
        """The effects in one line of words."""
        return "; ".join(self.lines) or NOBODY

    def _by_users(self, side: str) -> list[tuple[list[str], int, int]]:
        """What the same users gain (or lose), how many users, and how many of them cannot sign in; most first."""

        @cache
        def told(scope: Scope) -> tuple[int, bool, str]:
            return len(scope.parts), scope.is_named, str(scope)

        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, effect in enumerate(self.effects):
            for text in dict.fromkeys([text for _, _, text in sorted(map(told, getattr(effect, side)))]):
                places[text].append(place)
        alike: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
        for text, found in places.items():
            alike[tuple(found)].append(text)
        counted = [
            (texts, sum(len(self.effects[place].users) for place in found), sum(self.effects[p].barred for p in found))
            for found, texts in alike.items()
        ]
        return sorted(counted, key=lambda found: -found[1])


def preview(change: AccessChange) -> Preview:
    """What a change would do; nothing is written. Only those who are in a group that changes, or change, are read."""
    with read_connection(), _undisturbed():
        users, merchants = _affected(change)
        ids = {group for state in users for group in (*state.before, *state.after)} - {NEW}
        now = read_grants(ids, set().union(*change.added_roles.values()))
        found = _compared(users, now, change)
        return replace(found, merchants=tuple(merchants), me=safeguards.includes_current_user(found.losing_pages))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector: a preview makes many objects and no cycles.

    It would go through all objects of the program again and again, and hold up the keys meanwhile. At the end what was
    made counts as old, so that it is not gone through all at once then.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


class _State(NamedTuple):
    """What is alike for some users: the groups they are in and whether they can sign in, before a change and after."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    could: bool
    can: bool


def _affected(change: AccessChange) -> tuple[dict[_State, list[int]], list[int]]:
    """The users whose access may change, by their state; and those merchants' users who would join a group."""
    joining, leaving = _by_user(change.joining), _by_user(change.leaving)
    named = {*joining, *leaving, *change.statuses, *change.warehouse, *change.new_users}
    deleted = set(change.deleted_groups)
    states: defaultdict[_State, list[int]] = defaultdict(list)
    found = _read_users(_conditions(change, named - change.new_users.keys()))
    signing_in = _signing_in(change)
    found.sets.setdefault((), []).extend(change.new_users)
    found.barred.update(change.new_users)
    shut = {True: found.barred, False: found.barred | found.merchants if found.merchants else found.barred}
    exempting = root_groups() if found.merchants else set()
    for held, users in found.sets.items():
        kept = tuple([group for group in held if group not in deleted])
        before, now = (shut[not exempting.isdisjoint(groups)] for groups in (held, kept))
        for user in named.intersection(users):
            after = tuple(sorted((set(kept) | joining[user]) - leaving[user] - deleted))
            let_in = user not in found.merchants or not exempting.isdisjoint(after)
            can = let_in and signing_in.get(user, user not in found.barred)
            states[_State(held, after, user not in before, can)].append(user)
        for could, can in product((True, False), repeat=2):
            if could is not can and before is now:
                continue
            others = [u for u in users if (u in before) is not could and (u in now) is not can and u not in named]
            if others:
                states[_State(held, kept, could, can)] += others
    return states, sorted(found.merchants & set().union(*change.joining.values()))


def _by_user(users_by_group: Mapping[int, Collection[int]]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for group, users in users_by_group.items():
        for user in users:
            found[user].add(group)
    return found


def _conditions(change: AccessChange, named: set[int]) -> Iterator[Any]:
    """The conditions that together find every user whose access may change."""
    groups = {*_differing(change), *change.deleted_groups}
    roles = {*change.added_rules, *change.deleted_roles} | values_where(Rule.role, change.removed_rules, by=Rule.id)
    for batch in chunked(sorted(named), BATCH):
        yield User.id.in_(batch)
    for batch in chunked(sorted(groups), BATCH):
        yield User.id.in_(Membership.select(Membership.user).where(Membership.group.in_(batch)))
    for batch in chunked(sorted(roles), BATCH):
        holding = GroupRole.select(GroupRole.group).where(GroupRole.role.in_(batch))
        yield User.id.in_(Membership.select(Membership.user).where(Membership.group.in_(holding)))


def _roles_after(now: Grants, change: AccessChange) -> dict[int, frozenset[int]]:
    """The roles that the groups would hold which would get or lose some."""
    groups = {*change.added_roles, *change.removed_roles}
    return {
        id: now.roles.get(id, frozenset())
        .union(change.added_roles.get(id, ()))
        .difference(change.removed_roles.get(id, ()))
        for id in groups
    }


def _differing(change: AccessChange) -> list[int]:
    """The groups whose new roles have other rules than those they hold now."""
    groups = {*change.added_roles, *change.removed_roles} - {NEW}
    now = read_grants(groups, set().union(*change.added_roles.values()))
    then = _roles_after(now, change)

    def rules(roles: Collection[int]) -> set[tuple[Path, Permission | None]]:
        return {(rule.path, rule.permission) for role in roles for rule in now.rules.get(role, ())}

    return [group for group in groups if rules(now.roles.get(group, ())) != rules(then[group])]


class _Found(NamedTuple):
    """Users by the groups they are in; who of them cannot sign in, whatever these are; and who are merchants'."""

    sets: dict[tuple[int, ...], list[int]]
    barred: set[int]
    merchants: set[int]


def _read_users(conditions: Iterable[Any]) -> _Found:
    """The users that meet any of the conditions."""
    sets: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    barred: set[int] = set()
    merchants: set[int] = set()
    seen: set[int] = set()
    for condition in conditions:
        for held, users in users_by_groups(condition).items():
            fresh = [user for user in users if user not in seen] if seen else users
            sets[held] += fresh
            seen.update(fresh)
        barred.update(id for (id,) in tuples(User.select(User.id).where(condition, ~reduce(and_, is_staff()))))
        if MerchantUser in neighbours:
            query = MerchantUser.select(MerchantUser.user).join(User).where(condition)
            merchants.update(id for (id,) in tuples(query))
    return _Found(sets, barred, merchants)


def _signing_in(change: AccessChange) -> dict[int, bool]:
    """Whether the users could sign in who are new, or whose status or mark would change."""
    named = {*change.statuses, *change.warehouse} - change.new_users.keys()
    found: dict[int, tuple[int, bool]] = dict.fromkeys(change.new_users, (Status.ACTIVE, False))
    marks = [User._meta.fields[name] for name in ("is_warehouse_user",) if name in User._meta.fields]
    for batch in chunked(sorted(named), BATCH):
        for id, status, *marked in tuples(User.select(User.id, User.status, *marks).where(User.id.in_(batch))):
            found[id] = (status, any(marked))
    return {
        id: change.statuses.get(id, status) == Status.ACTIVE
        and (decision.warehouse_users_sign_in or not change.warehouse.get(id, warehouse))
        for id, (status, warehouse) in found.items()
    }


def _after(now: Grants, change: AccessChange) -> Callable[[Iterable[int]], list[GroupRules]]:
    """The groups as the change would have them; those that it does not touch are the same objects as now."""
    removed, deleted = set(change.removed_rules), set(change.deleted_roles)
    rules = dict(now.rules)
    for role, lines in now.rules.items():
        if role in deleted:
            rules[role] = ()
        elif any(rule.id in removed for rule in lines):
            rules[role] = tuple([rule for rule in lines if rule.id not in removed])
    for role, added in change.added_rules.items():
        rules[role] = (*rules.get(role, ()), *[AccessRule(path, permission, NEW) for path, permission in added])
    roles = _roles_after(now, change)
    then = Grants(now.names, now.roles | roles, rules)
    other = {role for role in {*rules} if rules[role] is not now.rules.get(role)}
    touched = {id for id, held in then.roles.items() if id in roles or held & other}
    known = {*now.names, NEW}
    return lambda ids: [(then if id in touched else now).group(id) for id in ids if id in known]


def _compared(users: Mapping[_State, list[int]], now: Grants, change: AccessChange) -> Preview:
    """Each state's paths before and after, once for all users who are in it."""
    then = _after(now, change)
    effects: defaultdict[_Changed, list[tuple[bool, list[int]]]] = defaultdict(list)
    shut_out, let_in, losing, gaining = [], [], [], []
    known: Memo = {}
    for state, ids in users.items():
        before, after = chain(now.groups(state.before)), chain(then(state.after))
        differing = changes(before, after, known)
        if any(differing):
            effects[differing].append((state.can, ids))
        if state.could and not state.can:
            shut_out += ids
        elif state.can and not state.could:
            let_in += ids
        had = state.could and opens_user_pages(before)
        has = state.can and opens_user_pages(after)
        if had and not has:
            losing += ids
        elif has and not had:
            gaining += ids
    found = [
        Effect(
            tuple(sorted(user for _, ids in some for user in ids)),
            sum(len(ids) for can, ids in some if not can),
            gained,
            lost,
        )
        for (gained, lost), some in effects.items()
    ]
    found.sort(key=lambda effect: (-len(effect.users), effect.users))
    return Preview(
        tuple(found),
        tuple(sorted(shut_out)),
        tuple(sorted(let_in)),
        tuple(sorted(losing)),
        tuple(sorted(gaining)),
        change.new_users,
    )


_Changed = tuple[tuple[Scope, ...], tuple[Scope, ...]]
"""What users gain and what they lose."""


def _users(count: int) -> str:
    return f"{count:,} user{'s' * (count != 1)}"


def _of_them(users: int, barred: int) -> str:
    """What is to be said beside a verdict: who of the users cannot sign in at all."""
    if not barred:
        return ""
    return " (cannot sign in)" if barred == users else f" ({barred:,} of them cannot sign in)"


def _named(scopes: Sequence[str]) -> str:
    """The first few of the scopes, and how many more there are."""
    more = f" and {len(scopes) - SHOWN:,} more" if len(scopes) > SHOWN else ""
    return ", ".join(scopes[:SHOWN]) + more


def merchants_note(count: int) -> str:
    """What to say where so many of the users who are put into a group are a merchant's; empty where none is."""
    if not count:
        return ""
    whose = "is a merchant's user" if count == 1 else "are merchants' users"
    return f"{count:,} {whose}, for the Merchant Portal"
