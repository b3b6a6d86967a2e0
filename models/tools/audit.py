"""What an admin should look at: users, groups, roles and rules that do nothing, too much, or not what one thinks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from peewee import SQL, fn

from models import groups, roles, users
from models.access.decision import GroupRules, as_one, can_sign_in, chain, read_grants, users_by_groups
from models.access.explain import unknown_rules
from models.access.regions import Scope, tree
from models.access.rules import ANY, RULE_COLUMNS, AccessRule, idle_reasons, rule_from_row
from models.db.connection import read_connection
from models.db.opened import now
from models.db.paging import InMemoryRows, Listing
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Membership, Permission, Role, Rule, User, group_label

INACTIVE_AFTER = timedelta(days=180)
"""How long a user has not signed in before that is a finding."""


@dataclass(frozen=True, slots=True)
class RuleFound:
    """A rule that counts for nothing, which knows its role, and the reason."""

    id: int
    rule: AccessRule
    reason: str

    def __str__(self) -> str:
        return f"{self.rule} of role “{self.rule.role}”: {self.reason}"


@dataclass(frozen=True, slots=True)
class OrderFound:
    """Groups whose order decides for the users who are in exactly these: `scope` is the first where it does.

    `id` is that of one of the users, whose page shows more.
    """

    id: int
    users: tuple[int, ...]
    groups: tuple[str, ...]
    scope: Scope

    def __str__(self) -> str:
        return f"{self.scope} for {len(self.users):,} in {', '.join(self.groups)}"


@dataclass(frozen=True)
class Finding:
    """One kind of thing to look at. `rows` is asked for where it is opened: it may read the whole shop.

    `subject` says what its rows are: users (`UserRow`), groups (`GroupRow`), roles (`RoleRow`), rules (`RuleFound`) or
    orders (`OrderFound`).
    """

    title: str
    subject: str
    rows: Callable[[], Listing[Any]]

    def count(self) -> int:
        """How many there are."""
        return self.rows().count()


def _without(listing: Callable[..., Listing[Any]], id: Any, field: Any) -> Callable[[], Listing[Any]]:
    """The rows of a listing that no row of a linking table names in `field`."""
    linking = field.model.select(SQL("1")).where(field == id)
    return partial(listing, ~fn.EXISTS(linking))


def _never_signed_in() -> Listing[Any]:
    return users.where(*can_sign_in(), User.last_login.is_null())


def _long_away() -> Listing[Any]:
    return users.where(*can_sign_in(), User.last_login < now() - INACTIVE_AFTER)


def _full_access() -> Listing[Any]:
    """None where there is only one: somebody has to have it."""

    def having(permission: Permission, *where: Any) -> Any:
        return fn.EXISTS(Rule.select(SQL("1")).where(Rule.role == Role.id, Rule.permission == permission, *where))

    everything = [field == ANY for field in (Rule.bundle, Rule.controller, Rule.action)]
    found = roles.where(having(Permission.ALLOW, *everything), ~having(Permission.DENY))
    return found if found.count() > 1 else InMemoryRows([])


def _idle() -> Listing[RuleFound]:
    """Only roles with two rules or more are read."""
    several = Rule.select(Rule.role).group_by(Rule.role).having(fn.COUNT(SQL("*")) > 1)
    query = Rule.select(*RULE_COLUMNS).join(Role).where(Rule.role.in_(several)).order_by(Rule.role, Rule.id)
    with read_connection():
        rows = tuples(query)
    found = []
    for _, lines in groupby(map(rule_from_row, rows), attrgetter("role_id")):
        rules = [rule for rule in lines if rule.permission is not None]
        reasons = idle_reasons(rules)
        found += [RuleFound(rule.id, rule, reasons[rule.id]) for rule in rules if rule.id in reasons]
    return InMemoryRows(found)


def _unknown() -> Listing[RuleFound]:
    return InMemoryRows(
        [RuleFound(rule.id, rule, "counts for nothing: no shop writes its type") for rule in unknown_rules()]
    )


def _orders() -> Listing[OrderFound]:
    with read_connection():
        sets = {held: ids for held, ids in users_by_groups().items() if len(held) > 1}
        grants = read_grants(set().union(*sets))
    found = []
    for held, ids in sets.items():
        scope = order_scope(grants.groups(held))
        if scope is not None:
            names = tuple([group_label(grants.names[id]) for id in held])
            found.append(OrderFound(ids[0], tuple(ids), names, scope))
    return InMemoryRows(sorted(found, key=lambda row: -len(row.users)))


def order_scope(held: Sequence[GroupRules]) -> Scope | None:
    """The first scope where another order of these groups would give another verdict; None where none does.

    That is where one of them alone allows what all of them together, as one group, deny.
    """
    if len(held) < 2 or all(rule.allows for group in held for rule in group.rules):
        return None
    for leaf in tree(chain([as_one(held)]), *[chain([group]) for group in held]).leaves():
        if leaf.verdicts and not leaf.verdicts[0] and any(leaf.verdicts):
            return leaf.scope
    return None


FINDINGS = (
    Finding("Users without groups", "users", _without(users.where, User.id, Membership.user)),
    Finding("Users who can sign in and never did", "users", _never_signed_in),
    Finding("Users who can sign in and did not for 180 days", "users", _long_away),
    Finding("Groups without users", "groups", _without(groups.where, Group.id, Membership.group)),
    Finding("Roles without groups", "roles", _without(roles.where, Role.id, GroupRole.role)),
    Finding("Roles without rules", "roles", _without(roles.where, Role.id, Rule.role)),
    Finding("Roles with full access, where one should do", "roles", _full_access),
    Finding("Rules that can never matter", "rules", _idle),
    Finding("Rules of an unknown type", "rules", _unknown),
    Finding("Verdicts that depend on the order of groups", "orders", _orders),
)
"""Every kind of finding, in the order of the page."""
