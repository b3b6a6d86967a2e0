"""Whether a user may open a path, decided from rules in memory exactly as the Back Office's own code decides it.

The source is AccessControl of spryker/acl (January 2026). Spryker's guide "User and rights overview" says that an allow
wins over a deny; its code lets the deny win within a group, and so does this module.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.access.rules import ANY, AccessRule, Path
from models.access.shop_rules import shop_rules
from models.db.tables import Permission


class Chain(NamedTuple):
    """Rules in the order in which they are evaluated (see `build_chain`).

    Beside each rule is the id of the group by which it applies, None for a rule that applies to everyone.
    """

    rules: list[AccessRule]
    group_ids: list[int | None]

    def extend(self, rules: Iterable[AccessRule], group_id: int | None, permission: Permission) -> None:
        """Append the rules that have this permission."""
        selected = [rule for rule in rules if rule.permission is permission]
        self.rules.extend(selected)
        self.group_ids.extend([group_id] * len(selected))


@dataclass(frozen=True, slots=True)
class GroupRules:
    """A group with the rules of all its roles, in the order of the rules' ids."""

    id: int
    rules: Sequence[AccessRule]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and what decided it: no rule where none matches, and no group where the rule applies to everyone."""

    allowed: bool
    rule: AccessRule | None = None
    group_id: int | None = None


USER_PAGES = tuple(
    Path(*path.split("/")) for path in ("user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update")
)
"""The pages that someone must be able to open, so that the shop is not locked out of its own user administration."""


def build_chain(groups: Sequence[GroupRules]) -> Chain:
    """Every rule that applies to a user in these groups, in the order given: the first that matches decides.

    This is the shop's AccessControl as one list. It evaluates the default rules alone, a deny before an allow. Then it
    adds the whitelist to them, and the rules of group after group; what was added stays, so that the first group with
    a deny that matches denies the path for all later groups too, unless an earlier one has allowed it. Hence the order:
    default denies, default allows, whitelist denies, then the denies of each group before its allows. The whitelist's
    allows come with the first group, which allows by them what it does not deny; without groups the whitelist does not
    apply at all.
    """
    default_rules, whitelist_rules, _ = shop_rules()
    chain = Chain([], [])
    chain.extend(default_rules, None, Permission.DENY)
    chain.extend(default_rules, None, Permission.ALLOW)
    for index, group in enumerate(groups):
        if index == 0:
            chain.extend(whitelist_rules, None, Permission.DENY)
        chain.extend(group.rules, group.id, Permission.DENY)
        if index == 0:
            chain.extend(whitelist_rules, group.id, Permission.ALLOW)
        chain.extend(group.rules, group.id, Permission.ALLOW)
    return chain


def build_chain_for_any_order(groups: Sequence[GroupRules]) -> Chain:
    """A chain of rules that allows what these groups allow in every order.

    That is what they allow as one group. A group with a deny that matches, if it comes first, denies the path whatever
    the whitelist and the other groups allow; and if none has one, the first group with an allow that matches is reached
    in any order.
    """
    return build_chain([merge_groups(groups)] if groups else [])


def decide(path: Path, groups: Sequence[GroupRules]) -> Decision:
    """The Back Office's verdict on a path for a user in these groups, in the order given."""
    return first_match(path, build_chain(groups))


def first_match(path: Path, chain: Chain) -> Decision:
    """The verdict of the first rule of the chain that matches; denied where none does."""
    bundles, controllers, actions = ((part, ANY) for part in path.parts)
    for rule, group_id in zip(*chain, strict=True):
        bundle, controller, action = rule.parts
        if bundle in bundles and controller in controllers and action in actions:
            return Decision(rule.allows, rule, group_id)
    return Decision(False)


def merge_groups(groups: Sequence[GroupRules]) -> GroupRules:
    """One group with the rules of all of these: it denies whatever one of them denies."""
    return GroupRules(0, [rule for group in groups for rule in group.rules])


def depends_on_order(path: Path, groups: Sequence[GroupRules]) -> bool:
    """Whether another order of the groups would give another verdict: one group alone allows what another denies."""
    if len(groups) < 2 or decide(path, [merge_groups(groups)]).allowed:
        return False
    return any(decide(path, [group]).allowed for group in groups)


def allows_user_pages(chain: Chain) -> bool:
    """Whether a user with this chain of rules may open all of `USER_PAGES`."""
    return all(first_match(path, chain).allowed for path in USER_PAGES)
