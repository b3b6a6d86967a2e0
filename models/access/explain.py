"""What one user may do, and why: the verdict on a path with its whole reason, in words."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.access.decision import Chain, Decision, GroupRules, build_chain, depends_on_order, first_match
from models.access.grants import is_order_fixed, read_grants, read_groups_in_shop_order
from models.access.regions import Branch, ScopeDiff, build_tree, compare_chains
from models.access.rules import AccessRule, Path
from models.access.shop_rules import shop_rules
from models.access.sign_in import select_summaries, summarize
from models.db.connection import read_connection
from models.db.encoding import can_hold
from models.db.statements import tuples
from models.db.tables import User, group_label
from models.errors import USER_NOT_FOUND, NotFound


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that matches a path, and the group by which the user has it (None for the shop's own rules).

    `reason` says why the rule does not decide, if it is contrary to the verdict.
    """

    rule: AccessRule
    group: GroupRules | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.rule} of {_source(self.rule, self.group)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on a path for one user, and the whole reason.

    `rule` decided, in `group` if it is a group's. Both are None where no rule allows the path; the whitelist's rules
    have the first group, which has allowed the path by them. The other rules that match are `agreeing` where they have
    the same verdict, `overridden` where they have the other one, and `ignored` where their type is unknown. `barred`
    says why the user cannot sign in at all, empty where they can.
    """

    path: Path
    allowed: bool
    rule: AccessRule | None
    group: GroupRules | None
    groups: tuple[GroupRules, ...]
    agreeing: tuple[RuleMatch, ...]
    overridden: tuple[RuleMatch, ...]
    ignored: tuple[RuleMatch, ...]
    order_dependent: bool
    barred: str
    order_fixed: bool = True
    """Whether the database always gives the groups in the same order."""

    @property
    def can_sign_in(self) -> bool:
        """Whether the user can sign in at all."""
        return not self.barred

    @property
    def reason(self) -> str:
        """What decided, in one sentence."""
        return verdict_reason(self.allowed, self.rule, self.group, len(self.groups))

    @property
    def sentences(self) -> list[str]:
        """The whole reason: what decided, what it overrides, what is ignored, and the `notes`."""
        overridden = [f"Overrides {match}: {match.reason}." for match in self.overridden]
        ignored = [f"Ignored: {match}." for match in self.ignored]
        return [self.reason, *overridden, *ignored, *self.notes]

    @property
    def notes(self) -> list[str]:
        """What else to know about the verdict: whether the order of the groups matters, the menu, and signing in.

        The shop filters its menu by the rules of all groups together, so that any deny hides an entry.
        """
        notes = []
        if self.order_dependent:
            other = "denied" if self.allowed else "allowed"
            order = "" if self.order_fixed else ", which PostgreSQL may change at any time"
            notes.append(f"Depends on group order{order}: could be {other}.")
            if self.allowed:
                notes.append("The menu may hide it: it applies the rules of all groups together.")
        if self.barred:
            notes.append(f"Cannot sign in: {self.barred}.")
        return notes


@dataclass(frozen=True)
class UserAccess:
    """A user with all that decides what they may do; nothing here reads the database again."""

    id: int
    email: str
    barred: str
    """Why the user cannot sign in at all; empty where they can."""
    groups: tuple[GroupRules, ...]
    """In the order in which the shop evaluates them."""
    order_fixed: bool = True
    """Whether that order is always the same."""

    @cached_property
    def chain(self) -> Chain:
        """The rules in the order in which they are evaluated."""
        return build_chain(self.groups)

    @property
    def unknown_rules(self) -> list[RuleMatch]:
        """The rules of the user's groups whose type no shop writes; they have no effect."""
        return [RuleMatch(rule, group) for group in self.groups for rule in group.rules if rule.permission is None]

    def decide(self, path: Path) -> Decision:
        """The verdict on a path."""
        return first_match(path, self.chain)

    def tree(self) -> Branch:
        """The verdicts on all paths."""
        return build_tree(self.chain)

    def answer(self, path: Path) -> Answer:
        """The verdict on a path, and the whole reason."""
        groups: dict[int | None, GroupRules] = {group.id: group for group in self.groups}
        decision = self.decide(path)
        agreeing, overridden = [], []
        for rule, group_id in zip(*self.chain, strict=True):
            if not rule.path.covers(path):
                continue
            if rule.allows is not decision.allowed:
                overridden.append(RuleMatch(rule, groups.get(group_id), _override_reason(decision, rule, group_id)))
            elif (rule, group_id) != (decision.rule, decision.group_id):
                agreeing.append(RuleMatch(rule, groups.get(group_id)))
        return Answer(
            path,
            decision.allowed,
            decision.rule,
            groups.get(decision.group_id),
            self.groups,
            tuple(agreeing),
            tuple(overridden),
            tuple([match for match in self.unknown_rules if match.rule.path.covers(path)]),
            depends_on_order(path, self.groups),
            self.barred,
            self.order_fixed,
        )


def of_user(id: int) -> UserAccess:
    """A user's access. Raises NotFound."""
    return _read(User.id == id)


def of_email(email: str) -> UserAccess:
    """The access of the user who signs in with this e-mail. Raises NotFound."""
    if not can_hold(email):
        raise NotFound(USER_NOT_FOUND)
    return _read(User.email == email)


def _read(condition: Any) -> UserAccess:
    with read_connection():
        users = summarize(tuples(select_summaries().where(condition)))
        if not users:
            raise NotFound(USER_NOT_FOUND)
        user = users[0]
        ids = read_groups_in_shop_order(user.id)
        groups = tuple(read_grants(ids).groups(ids))
        return UserAccess(user.id, user.email, user.barred, groups, is_order_fixed())


def compare(one: UserAccess, other: UserAccess) -> ScopeDiff:
    """The paths where two users differ: those that only the first may open, and those that only the other may."""
    only_other, only_one = compare_chains(one.chain, other.chain)
    return only_one, only_other


def verdict_reason(allowed: bool, rule: AccessRule | None, group: GroupRules | None, group_count: int) -> str:
    """In one sentence why a path is allowed or denied to a user in so many groups: by which rule of which group."""
    verb = "allows" if allowed else "denies"
    if rule is None:
        if not group_count:
            return "Denied: the user is in no group."
        whose = "this group's" if group_count == 1 else "the groups'"
        return f"Denied: none of {whose} rules match."
    if group is not None and rule.id:
        return f"Group “{group_label(group.name)}” {verb} it via role “{rule.role}”: {rule}."
    if group is not None:
        return f"The whitelist allows it, and the first group, “{group_label(group.name)}”, does not deny it: {rule}."
    return f"{'The whitelist' if _is_whitelisted(rule) else 'A default rule'} {verb} it to everyone: {rule}."


def _source(rule: AccessRule, group: GroupRules | None) -> str:
    if rule.id and group is not None:
        return f"role “{rule.role}” in group “{group_label(group.name)}”"
    return "the whitelist" if group is not None or _is_whitelisted(rule) else "the default rules"


def _is_whitelisted(rule: AccessRule) -> bool:
    rules = shop_rules()
    return rule in rules.whitelist_rules and rule not in rules.default_rules


def _override_reason(decision: Decision, overridden: AccessRule, group_id: int | None) -> str:
    """Why the rule that decided overrides one that also matches and has the other verdict."""
    if decision.group_id is None:
        return (
            "the shop's own denies apply to every group"
            if not decision.allowed
            else "default rules are evaluated first"
        )
    if not overridden.id:
        return "a group's deny overrides the whitelist"
    if decision.allowed:
        return "a later group cannot revoke what an earlier one allows"
    if group_id == decision.group_id:
        return "a deny overrides an allow of the same group"
    return "a deny of an earlier group overrides an allow of a later one"
