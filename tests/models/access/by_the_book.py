"""How the Back Office decides access: a second implementation of spryker/acl's AccessControl, as plain as possible.

A rule is a tuple ("allow" or "deny", bundle, controller, action); a group is its rules, and a user the groups in order.
"""

from collections.abc import Collection, Sequence
from itertools import permutations, product

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
EVERYWHERE: list[Rule] = [
    ("allow", "security-gui", "*", "*"),
    ("allow", "multi-factor-auth", "*", "*"),
    ("allow", "acl", "index", "denied"),
    ("allow", "health-check", "index", "index"),
    ("allow", "api", "rest", "*"),
]
KINDS: dict[str, tuple[list[Rule], bool]] = {
    "suite": (DEFAULT, False),
    "b2b": (EVERYWHERE, True),
    "b2c": (EVERYWHERE, False),
    "marketplace": ([*DEFAULT, ("allow", "security-oauth-knpu", "*", "*")], True),
}
"""The default rules of each kind of shop, and whether warehouse users may sign in there."""
WHITELIST: list[Rule] = [("allow", "application", "*", "*")]
USER_PAGES = ["user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update"]


def parts_of(path: str) -> tuple[str, str, str]:
    bundle, controller, action = path.split("/")
    return bundle, controller, action


def matches(rule: Rule, path: str) -> bool:
    return all(named in ("*", part) for named, part in zip(rule[1:], path.split("/"), strict=True))


def has(permission: str, rules: Sequence[Rule], path: str) -> bool:
    return any(rule[0] == permission and matches(rule, path) for rule in rules)


def allows(
    path: str,
    groups: Sequence[Sequence[Rule]],
    default: Sequence[Rule] = DEFAULT,
    whitelist: Sequence[Rule] = WHITELIST,
) -> bool:
    return decision(path, groups, default, whitelist)[0]


def decision(
    path: str,
    groups: Sequence[Sequence[Rule]],
    default: Sequence[Rule] = DEFAULT,
    whitelist: Sequence[Rule] = WHITELIST,
) -> tuple[bool, Rule | None, int | None]:
    """The verdict, the rule that decided, and the index of the group by which it did; a denial is by its first deny.

    The shop's own denies are no group's: they apply whatever the groups are.
    """
    if has("allow", default, path) and not has("deny", default, path):
        return True, first("allow", default, path), None
    if not groups:
        return False, first("deny", default, path), None
    gathered = [*default, *whitelist]
    refused: tuple[bool, Rule | None, int | None] = (False, None, None)
    if has("deny", gathered, path):
        refused = (False, first("deny", gathered, path), None)
    for index, rules in enumerate(groups):
        gathered = gathered + list(rules)
        if has("deny", gathered, path):
            if refused[1] is None:
                refused = (False, first("deny", gathered, path), index)
            continue
        if has("allow", gathered, path):
            return True, first("allow", gathered, path), index
    return refused


def first(permission: str, rules: Sequence[Rule], path: str) -> Rule | None:
    return next((rule for rule in rules if rule[0] == permission and matches(rule, path)), None)


def depends_on_order(path: str, groups: Sequence[Sequence[Rule]], *own: Sequence[Rule]) -> bool:
    """Whether some order of the groups gives one verdict and some the other; `own` are the shop's own rules."""
    return len({allows(path, order, *own) for order in permutations(groups)}) > 1


def all_paths(*rules: Sequence[Rule]) -> list[str]:
    """One path of each kind that these rules could distinguish, and some that they could not."""
    named = [{rule[place] for group in rules for rule in group} - {"*"} | {"unnamed"} for place in (1, 2, 3)]
    return ["/".join(parts) for parts in product(*map(sorted, named))]


def administers(groups: Sequence[Sequence[Rule]]) -> bool:
    """Whether someone in these groups may open all of the user pages."""
    return all(allows(path, groups) for path in USER_PAGES)


def administers_in_every_order(groups: Sequence[Sequence[Rule]]) -> bool:
    """The same, in whatever order the database gives the groups."""
    return all(administers(order) for order in permutations(groups))


def signs_in(
    status: int, *, warehouse: bool, merchant: bool, references: Collection[str | None], warehouse_may: bool = False
) -> bool:
    """Whether someone can sign in to the Back Office who is in groups with these references."""
    if status != 0 or (warehouse and not warehouse_may):
        return False
    return not merchant or "root_group" in references
