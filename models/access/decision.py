"""Whether a user may open a path, decided from rules in memory exactly as the Back Office's own code decides it.

The source is AccessControl of spryker/acl (January 2026). Spryker's guide "User and rights overview" says that an allow
wins over a deny; its code lets the deny win within a group, and so does this module.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.access.rules import ANY, AccessRule, Path, parse_rule
from models.db.tables import Permission
from models.errors import Invalid


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


def _allowing(*paths: str) -> tuple[AccessRule, ...]:
    return tuple(AccessRule(Path(*path.split("/")), Permission.ALLOW) for path in paths)


_EVERYWHERE = (
    "security-gui/*/*",
    "multi-factor-auth/*/*",
    "acl/index/denied",
    "health-check/index/index",
    "api/rest/*",
)

DEFAULT_RULES = _allowing(
    "security-merchant-portal-gui/*/*",
    "multi-factor-auth-merchant-portal/*/*",
    "_profiler/*/*",
    "agent-security-merchant-portal-gui/*/*",
    *_EVERYWHERE,
)
"""A current shop's default rules (those of a suite): they hold for everyone."""


class ShopKind(NamedTuple):
    """What the kinds of shop that Spryker delivers do not have in common."""

    default_rules: tuple[AccessRule, ...]
    warehouse_users_sign_in: bool = False
    """Whether they may sign in to the Back Office."""


SHOP_KINDS = {
    "suite": ShopKind(DEFAULT_RULES),
    "b2b": ShopKind(_allowing(*_EVERYWHERE), warehouse_users_sign_in=True),
    "b2c": ShopKind(_allowing(*_EVERYWHERE)),
    "marketplace": ShopKind((*DEFAULT_RULES, *_allowing("security-oauth-knpu/*/*")), warehouse_users_sign_in=True),
}
"""By the name that the setting `default_rules` takes."""

WHITELIST_RULES = _allowing("application/*/*")
"""A current shop's whitelist: it is gathered with the default rules for everyone who is in a group."""

default_rules: Sequence[AccessRule] = DEFAULT_RULES
"""The opened shop's default rules (a setting)."""

whitelist_rules: Sequence[AccessRule] = WHITELIST_RULES
"""The opened shop's whitelist (a setting)."""

warehouse_users_sign_in = False
"""Whether the opened shop lets warehouse users sign in to the Back Office (a setting)."""

USER_PAGES = tuple(
    Path(*path.split("/")) for path in ("user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update")
)
"""The pages that someone must be able to open, so that the shop is not locked out of its own user administration."""


def use_rules(default: object, whitelist: object, warehouse_users: bool = False) -> None:
    """Take a shop's own default and whitelist rules: lists of texts as in `allow sales/*/*`, None for a current shop's.

    In place of default rules the name of a kind of shop (`SHOP_KINDS`), which says too whether warehouse users may sign
    in; beside a list, `warehouse_users` says it. Raises Invalid for `default_rules` and `whitelist_rules`, where
    nothing is taken then; and for `warehouse_users_sign_in` where the kind of shop bars them, which then holds.
    """
    global default_rules, whitelist_rules, warehouse_users_sign_in
    fields: dict[str, str] = {}
    kind, whitelisted = SHOP_KINDS["suite"], WHITELIST_RULES
    try:
        if default is not None:
            kind = _kind(default, warehouse_users)
    except Invalid as invalid:
        fields["default_rules"] = f"default_rules: {invalid}"
    try:
        if whitelist is not None:
            whitelisted = _parsed(whitelist, "must be a list of rules")
    except Invalid as invalid:
        fields["whitelist_rules"] = f"whitelist_rules: {invalid}"
    if fields:
        raise Invalid(fields)
    default_rules, whitelist_rules, warehouse_users_sign_in = (
        kind.default_rules,
        whitelisted,
        kind.warehouse_users_sign_in,
    )
    if warehouse_users and not warehouse_users_sign_in:
        name = "warehouse_users_sign_in"
        raise Invalid({name: f"{name}: holds beside a list of default_rules; otherwise the kind of shop decides"})


def _kind(default: object, warehouse_users: bool) -> ShopKind:
    """The kind of shop of this name, or one with rules of its own. Raises Invalid."""
    kinds = ", ".join(SHOP_KINDS)
    if isinstance(default, str):
        if default not in SHOP_KINDS:
            raise Invalid({"rule": f"“{default}” is not a kind of shop, which are {kinds}"})
        return SHOP_KINDS[default]
    return ShopKind(_parsed(default, f"must be a list of rules, or a kind of shop: {kinds}"), warehouse_users)


def _parsed(texts: object, otherwise: str) -> tuple[AccessRule, ...]:
    """The rules that these texts are. Raises Invalid."""
    if not isinstance(texts, list):
        raise Invalid({"rule": otherwise})
    return tuple([parse_rule(str(text)) for text in texts])


def build_chain(groups: Sequence[GroupRules]) -> Chain:
    """Every rule that applies to a user in these groups, in the order given: the first that matches decides.

    This is the shop's AccessControl as one list. It evaluates the default rules alone, a deny before an allow. Then it
    adds the whitelist to them, and the rules of group after group; what was added stays, so that the first group with
    a deny that matches denies the path for all later groups too, unless an earlier one has allowed it. Hence the order:
    default denies, default allows, whitelist denies, then the denies of each group before its allows. The whitelist's
    allows come with the first group, which allows by them what it does not deny; without groups the whitelist does not
    apply at all.
    """
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
