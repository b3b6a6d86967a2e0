"""The rules in a shop's code, beside those of its roles: default rules and whitelist, and the kind of shop."""

from functools import lru_cache
from typing import NamedTuple

from models.access.rules import AccessRule, parse_rule
from models.db.opened import ShopSettings, opened
from models.errors import Invalid


class ShopRules(NamedTuple):
    """What a shop's code decides."""

    default_rules: tuple[AccessRule, ...]
    """They apply to everyone."""
    whitelist_rules: tuple[AccessRule, ...]
    """They apply with the default rules to everyone who is in a group."""
    warehouse_users_sign_in: bool
    """Whether they may sign in to the Back Office."""


class ShopKind(NamedTuple):
    """What differs between the kinds of shop that Spryker delivers."""

    allowed_paths: tuple[str, ...]
    """Of its default rules."""
    warehouse_users_sign_in: bool = False


_EVERYWHERE = (
    "security-gui/*/*",
    "multi-factor-auth/*/*",
    "acl/index/denied",
    "health-check/index/index",
    "api/rest/*",
)
_SUITE = (
    "security-merchant-portal-gui/*/*",
    "multi-factor-auth-merchant-portal/*/*",
    "_profiler/*/*",
    "agent-security-merchant-portal-gui/*/*",
    *_EVERYWHERE,
)
SHOP_KINDS = {
    "suite": ShopKind(_SUITE),
    "b2b": ShopKind(_EVERYWHERE, warehouse_users_sign_in=True),
    "b2c": ShopKind(_EVERYWHERE),
    "marketplace": ShopKind((*_SUITE, "security-oauth-knpu/*/*"), warehouse_users_sign_in=True),
}
"""By the name that the setting `default_rules` may have."""


def shop_rules() -> ShopRules:
    """The opened shop's own rules: the same objects for as long as it is open."""
    return _parsed(opened().settings)


@lru_cache(maxsize=1)
def _parsed(settings: ShopSettings) -> ShopRules:
    default_rules, may_sign_in = _default_rules(settings)
    return ShopRules(default_rules, _rules(settings.whitelist_rules, "must be a list of rules"), may_sign_in)


def rule_problems(settings: ShopSettings) -> dict[str, str]:
    """What is wrong with the settings that `shop_rules` are made of, by the setting.

    With `warehouse_users_sign_in` alone they can be used all the same: the kind of shop decides then.
    """
    problems: dict[str, str] = {}
    may_sign_in = True
    try:
        _, may_sign_in = _default_rules(settings)
    except Invalid as invalid:
        problems["default_rules"] = f"default_rules: {invalid}"
    try:
        _rules(settings.whitelist_rules, "must be a list of rules")
    except Invalid as invalid:
        problems["whitelist_rules"] = f"whitelist_rules: {invalid}"
    if settings.warehouse_users_sign_in and not may_sign_in and not problems:
        name = "warehouse_users_sign_in"
        problems[name] = f"{name}: only used with a list of default_rules; otherwise the kind of shop decides"
    return problems


def _default_rules(settings: ShopSettings) -> tuple[tuple[AccessRule, ...], bool]:
    """The default rules, and whether warehouse users may sign in. Raises Invalid."""
    default, kinds = settings.default_rules, ", ".join(SHOP_KINDS)
    if not isinstance(default, str):
        rules = _rules(default, f"must be a list of rules or a kind of shop ({kinds})")
        return rules, settings.warehouse_users_sign_in
    if default not in SHOP_KINDS:
        raise Invalid({"rule": f"unknown kind of shop “{default}” ({kinds})"})
    kind = SHOP_KINDS[default]
    return tuple([parse_rule(f"allow {path}") for path in kind.allowed_paths]), kind.warehouse_users_sign_in


def _rules(texts: object, otherwise: str) -> tuple[AccessRule, ...]:
    """The rules that these texts are. Raises Invalid."""
    if not isinstance(texts, tuple):
        raise Invalid({"rule": otherwise})
    return tuple([parse_rule(str(text)) for text in texts])
