"""Who may do what, and why: what the Access page and the command line ask, with answers in words."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.access import decision as access
from models.access.decision import (
    Chain,
    Decision,
    GroupRules,
    chain,
    depends_on_order,
    first_match,
    found_among,
    is_order_fixed,
    of_merchants,
    order_for_shop,
    read_grants,
    users_by_groups,
)
from models.access.regions import Branch, Scope, changes, tree, within
from models.access.rules import ANY, RULE_COLUMNS, AccessRule, Path, rule_from_row
from models.db.connection import read_connection
from models.db.tables import Group, Permission, Role, Rule, Status, User, can_hold, group_label, tuples
from models.errors import USER_NOT_FOUND, NotFound

BARRED = {Status.DEACTIVATED: "deactivated", Status.DELETED: "deleted"}
WAREHOUSE = "a warehouse user"
MERCHANT = "a merchant's user, for the Merchant Portal"
ORDER_NOT_FIXED = "Groups in the order of their ids; PostgreSQL may give the shop another."
UNKNOWN_STATUS = "the status is unknown"


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that matches a path, and the group by which the user has it (None for the shop's own rules).

    `why` says why the verdict is not this rule's, where it is not.
    """

    rule: AccessRule
    group: GroupRules | None
    why: str = ""

    def __str__(self) -> str:
        return f"{self.rule} of {_owner(self.rule, self.group)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on a path for one user, and the whole reason.

    `rule` decided, in `group` where it is a group's (both None where nothing allows the path; the whitelist's rules
    have the first group, which has allowed by them). Of the other rules that match, `agreeing` have the same verdict
    and `beaten` the other one: they are beaten by `rule`. `ignored` match and are of an unknown type. `barred` says
    why the user cannot sign in at all, empty where they can.
    """

    path: Path
    allowed: bool
    rule: AccessRule | None
    group: GroupRules | None
    groups: tuple[GroupRules, ...]
    agreeing: tuple[RuleMatch, ...]
    beaten: tuple[RuleMatch, ...]
    ignored: tuple[RuleMatch, ...]
    order_dependent: bool
    barred: str
    order_fixed: bool = True
    """Whether the database always gives the groups in the same order."""

    @property
    def can_sign_in(self) -> bool:
        """Whether the user can sign in at all: is active, no warehouse user, and no merchant's."""
        return not self.barred

    @property
    def reason(self) -> str:
        """What decided, in one sentence."""
        return reason(self.allowed, self.rule, self.group, len(self.groups))

    @property
    def sentences(self) -> list[str]:
        """The whole reason: what decided, what it beat, whether the order of the groups matters, signing in."""
        found = [self.reason]
        found += [f"It beats {matched}: {matched.why}." for matched in self.beaten]
        found += [f"Ignored: {matched}." for matched in self.ignored]
        return found + self.beside

    @property
    def beside(self) -> list[str]:
        """What is to be said beside the verdict: whether the order of the groups matters, the menu, and signing in.

        The shop filters its menu by one gathering of all the groups' rules, in which any deny hides an entry.
        """
        found = []
        if self.order_dependent:
            other = "denied" if self.allowed else "allowed"
            order = "In another order of the user's groups"
            order += "" if self.order_fixed else ", which PostgreSQL may give at any time,"
            found.append(f"{order} it would be {other}.")
            if self.allowed:
                found.append("The menu may hide it, since that goes by the rules of all groups at once.")
        if self.barred:
            found.append(f"The user cannot sign in: {self.barred}.")
        return found


@dataclass(frozen=True)
class UserAccess:
    """A user with all that decides what they may do, read once: nothing here asks the database again."""

    id: int
    email: str
    barred: str
    """Why the user cannot sign in at all; empty where they can."""
    groups: tuple[GroupRules, ...]
    """In the order in which they are asked."""
    order_fixed: bool = True
    """Whether that order is always the same."""

    @cached_property
    def chain(self) -> Chain:
        """The rules in the order in which they are asked."""
        return chain(self.groups)

    def decide(self, path: Path) -> Decision:
        """The verdict on a path."""
        return first_match(path, self.chain)

    def tree(self) -> Branch:
        """The verdicts on all paths."""
        return tree(self.chain)

    def answer(self, path: Path) -> Answer:
        """The verdict on a path, and the whole reason."""
        groups: dict[int | None, GroupRules] = {group.id: group for group in self.groups}
        decision = self.decide(path)
        agreeing, beaten = [], []
        for rule, turn in zip(*self.chain, strict=True):
            if not rule.path.covers(path):
                continue
            if rule.allows is not decision.allowed:
                beaten.append(RuleMatch(rule, groups.get(turn), _why(decision, rule, turn)))
            elif (rule, turn) != (decision.rule, decision.group):
                agreeing.append(RuleMatch(rule, groups.get(turn)))
        return Answer(
            path,
            decision.allowed,
            decision.rule,
            groups.get(decision.group),
            self.groups,
            tuple(agreeing),
            tuple(beaten),
            tuple([found for found in self.unknown if found.rule.path.covers(path)]),
            depends_on_order(path, self.groups),
            self.barred,
            self.order_fixed,
        )

    @property
    def unknown(self) -> list[RuleMatch]:
        """The rules of the user's groups whose type no shop writes; they count for nothing."""
        return [RuleMatch(rule, group) for group in self.groups for rule in group.rules if rule.permission is None]


def of_user(id: int) -> UserAccess:
    """A user's access. Raises NotFound."""
    with read_connection():
        return _read(User.id == id)


def of_email(email: str) -> UserAccess:
    """The access of the user who signs in with this e-mail. Raises NotFound."""
    if not can_hold(email):
        raise NotFound(USER_NOT_FOUND)
    with read_connection():
        return _read(User.email == email)


def compare(one: UserAccess, other: UserAccess) -> tuple[tuple[Scope, ...], tuple[Scope, ...]]:
    """The paths where two users differ: those that only the first may open, and those that only the other may."""
    only_other, only_one = changes(one.chain, other.chain)
    return only_one, only_other


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """Users who have the same verdict on a path, or on all that match it, by the same rule of the same group.

    Where a path with `*` parts was asked, it is the verdict on what no rule names; where that is allowed and some path
    that matches is denied, on that one, `path`.
    """

    path: Path
    decision: Decision
    group: str | None
    """The name of the group by whose rule it was decided."""
    reason: str
    users: tuple[int, ...]
    """Their ids, upwards; `users.listing.rows` reads a page of them."""


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """What a group alone says to a path, or to all that match it."""

    id: int
    name: str
    decision: Decision
    reason: str


def order_note() -> str:
    """What is to be said beside what is worked out for all users at once; empty where there is nothing to say."""
    return "" if is_order_fixed() else ORDER_NOT_FIXED


def users_by_verdict(asked: Path) -> list[VerdictGroup]:
    """All users, by their verdict on a path and its reason: who may and who may not, most users first.

    With `*` parts those may who are allowed every path that matches. Whether they can sign in is another question.
    """
    with read_connection():
        sets = users_by_groups()
        grants = read_grants(set().union(*sets))
    found: defaultdict[tuple[Path, Decision, str | None, str], list[int]] = defaultdict(list)
    for held, users in sets.items():
        path, decision = _every(asked, chain(grants.groups(held)))
        group = None if decision.group is None else grants.group(decision.group)
        says = reason(decision.allowed, decision.rule, group, len(held))
        found[path, decision, group.name if group else None, says] += users
    alike = [VerdictGroup(*verdict, tuple(sorted(users))) for verdict, users in found.items()]
    return sorted(alike, key=lambda some: -len(some.users))


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user by their e-mail; `barred` says why they cannot sign in at all, empty where they can."""

    id: int
    email: str
    barred: str


def user_summaries(ids: Collection[int]) -> list[UserSummary]:
    """These users, by e-mail; those that are gone are left out."""
    with read_connection():
        rows = list(found_among(_users(), User.id, ids))
        merchants = of_merchants(ids)
    return sorted([_person(row, merchants) for row in rows], key=lambda person: person.email)


def able_to_sign_in(ids: Collection[int]) -> int:
    """How many of these users can sign in at all."""
    with read_connection():
        able = User.select(User.id).where(*access.can_sign_in())
        return sum(1 for _ in found_among(able, User.id, ids))


def unknown_rules() -> list[AccessRule]:
    """The rules of the whole shop whose type no shop writes; they count for nothing."""
    query = (
        Rule.select(*RULE_COLUMNS)
        .join(Role)
        .where(Rule.permission.not_in(list(Permission)))
        .order_by(Rule.role, Rule.id)
    )
    with read_connection():
        return [rule_from_row(row) for row in tuples(query.where(Rule.permission.not_in(list(Permission))))]


def groups_for(asked: Path) -> list[GroupVerdict]:
    """Every group, and whether it alone would allow a path (with `*` parts: every path that matches)."""
    with read_connection():
        grants = read_grants([id for (id,) in tuples(Group.select(Group.id))])
    found = []
    for group in grants.groups(sorted(grants.names)):
        _, decision = _every(asked, chain([group]))
        says = reason(decision.allowed, decision.rule, group if decision.group else None, 1)
        found.append(GroupVerdict(group.id, group.name, decision, says))
    return found


def reason(allowed: bool, rule: AccessRule | None, group: GroupRules | None, groups: int) -> str:
    """In one sentence why a path is allowed or denied to a user in so many groups: by which rule of which group."""
    says = "allows" if allowed else "denies"
    if rule is None:
        if not groups:
            return "The user is in no group."
        return f"No group allows it: no rule {'of the group' if groups == 1 else 'of theirs'} matches."
    if group is not None and rule.id:
        return f"Group “{group_label(group.name)}” {says} it: its role “{rule.role}” has {rule}."
    if group is not None:
        return f"The whitelist allows it, and the first group, “{group_label(group.name)}”, does not deny it: {rule}."
    return f"{'The whitelist' if _whitelisted(rule) else 'A default rule'} {says} it to everyone: {rule}."


def _owner(rule: AccessRule, group: GroupRules | None) -> str:
    if rule.id and group is not None:
        return f"role “{rule.role}” in group “{group_label(group.name)}”"
    return "the whitelist" if group is not None or _whitelisted(rule) else "the default rules"


def _whitelisted(rule: AccessRule) -> bool:
    return rule in access.whitelist_rules and rule not in access.default_rules


def _why(decision: Decision, beaten: AccessRule, turn: int | None) -> str:
    """Why the decision's rule beats one that matches too and says the contrary."""
    if decision.group is None:
        return "the shop's own denies hold for every group" if not decision.allowed else "default rules are asked first"
    if not beaten.id:
        return "a group's deny beats the whitelist"
    if decision.allowed:
        return "a later group takes back nothing that an earlier one allows"
    if turn == decision.group:
        return "a deny beats an allow of the same group"
    return "a deny of an earlier group beats an allow of a later one"


def _every(asked: Path, rules: Chain) -> tuple[Path, Decision]:
    """The verdict on all paths that match: on what no rule names, or where that is allowed, on one that is denied."""
    decision = first_match(asked, rules)
    if decision.allowed and ANY in asked.parts:
        for leaf in tree(within(asked, rules)).leaves():
            if not leaf.allowed:
                pairs = zip(asked.parts, leaf.scope.path.parts, strict=True)
                path = Path(*[found if part == ANY else part for part, found in pairs])
                return path, first_match(path, rules)
    return asked, decision


def _read(where: Any) -> UserAccess:
    found = tuples(_users().where(where))
    if not found:
        raise NotFound(USER_NOT_FOUND)
    person = _person(found[0], of_merchants([found[0][0]]))
    held = order_for_shop(person.id)
    groups = tuple(read_grants(held).groups(held))
    return UserAccess(person.id, person.email, person.barred, groups, is_order_fixed())


def _users() -> Any:
    """What `_person` makes a person of."""
    marks = [User._meta.fields[name] for name in ("is_warehouse_user",) if name in User._meta.fields]
    return User.select(User.id, User.email, User.status, *marks)


def _person(row: Sequence[Any], merchants: Collection[int]) -> UserSummary:
    id, email, status, *marks = row
    if status != Status.ACTIVE:
        return UserSummary(id, email, BARRED[Status(status)] if status in set(Status) else UNKNOWN_STATUS)
    return UserSummary(
        id,
        email,
        WAREHOUSE if any(marks) and not access.warehouse_users_sign_in else MERCHANT if id in merchants else "",
    )
