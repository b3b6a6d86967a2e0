"""How the Back Office decides access, written once more straight from product.md, as plainly as it can be said.

A rule is a tuple ("allow" or "deny", bundle, controller, action); a group is its rules, and a user the groups in order.
"""

from collections.abc import Sequence

Rule = tuple[str, str, str, str]

DEFAULT: list[Rule] = [
    ("allow", "security-merchant-portal-gui", "*", "*"),
    ("allow", "security-gui", "*", "*"),
    ("allow", "multi-factor-auth", "*", "*"),
    ("allow", "multi-factor-auth-merchant-portal", "*", "*"),
    ("allow", "_profiler", "*", "*"),
    ("allow", "agent-security-merchant-portal-gui", "*", "*"),
    ("allow", "acl", "index", "denied"),
    ("allow", "health-check", "index", "index"),
    ("allow", "api", "rest", "*"),
]
WHITELIST: list[Rule] = [("allow", "application", "*", "*")]
USER_PAGES = ["user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update"]


def matches(rule: Rule, path: str) -> bool:
    return all(named in ("*", part) for named, part in zip(rule[1:], path.split("/"), strict=True))


def has(permission: str, rules: Sequence[Rule], path: str) -> bool:
    return any(rule[0] == permission and matches(rule, path) for rule in rules)


def allows(path: str, groups: Sequence[Sequence[Rule]]) -> bool:
    if has("allow", DEFAULT, path) and not has("deny", DEFAULT, path):
        return True
    if not groups:
        return False
    gathered = DEFAULT + WHITELIST
    for rules in groups:
        gathered = gathered + list(rules)
        if has("deny", gathered, path):
            continue
        if has("allow", gathered, path):
            return True
    return False


def administers(groups: Sequence[Sequence[Rule]]) -> bool:
    """Whether someone in these groups could mend users, groups and roles."""
    return all(allows(path, groups) for path in USER_PAGES)
