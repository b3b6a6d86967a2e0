"""Paths, the rules that allow or deny them, and which rules of a role have no effect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from models.db.tables import Permission, Role, Rule
from models.errors import Invalid

ANY = "*"


@dataclass(frozen=True, slots=True)
class Path:
    """What a user opens: bundle / controller / action, as in an address. In a rule, `*` matches any part."""

    bundle: str
    controller: str
    action: str

    def __str__(self) -> str:
        return "/".join(self.parts)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Bundle, controller and action."""
        return (self.bundle, self.controller, self.action)

    def covers(self, other: "Path") -> bool:
        """Whether each of its parts equals the other's, case-sensitively, or is `*`."""
        return (
            self.bundle in (other.bundle, ANY)
            and self.controller in (other.controller, ANY)
            and self.action in (other.action, ANY)
        )


def parse_path(text: str) -> Path:
    """The path that a text names: `bundle/controller/action`, or an address of the Back Office with or without host.

    An address's missing parts are `index`. Raises Invalid for `path` where the text has more than three parts, or none.
    """
    address = re.sub(r"[?#].*", "", text.strip(), flags=re.DOTALL)
    path = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*", "", address)
    parts = [part for part in path.split("/") if part]
    if not 1 <= len(parts) <= 3:
        entered = text.strip() or "(nothing)"
        raise Invalid({"path": f"{entered}: enter a path of one to three parts: bundle/controller/action."})
    return Path(*parts, *["index"] * (3 - len(parts)))


def parse_pattern(text: str) -> Path:
    """The paths that a text names: `bundle/controller/action` with all three parts, or an address without a `*`.

    Raises Invalid for `path`.
    """
    path, typed = parse_path(text), text.strip()
    is_address = (typed.startswith("/") or "://" in typed) and ANY not in path.parts
    if not is_address and tuple(typed.strip("/").split("/")) != path.parts:
        raise Invalid({"path": f"{text}: all three parts are needed, * for any: bundle/controller/action."})
    return path


@dataclass(frozen=True, eq=False)
class AccessRule:
    """A rule of a role, or one of the shop's own, whose ids are 0 and whose `role` is empty.

    It equals only itself, so that results for the same rules can be cached by them.
    """

    path: Path
    permission: Permission | None
    """None where the database holds a value that no shop writes: the rule has no effect then."""
    id: int = 0
    role: str = ""
    role_id: int = 0

    @cached_property
    def parts(self) -> tuple[str, str, str]:
        """The path's parts."""
        return self.path.parts

    @cached_property
    def allows(self) -> bool:
        """Whether it allows the paths that it matches."""
        return self.permission is Permission.ALLOW

    @cached_property
    def depth(self) -> int:
        """How many parts have to be compared: 0 for `*/*/*`, 1 for `sales/*/*`, otherwise 2 or 3."""
        return max((depth for depth, part in enumerate(self.parts, 1) if part != ANY), default=0)

    def __str__(self) -> str:
        return f"{self.permission.name.lower() if self.permission is not None else 'unknown rule type'} {self.path}"


RULE_COLUMNS = (Rule.role, Role.name, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
"""The columns of the rows that `rule_from_row` takes."""


def select_rules() -> Any:
    """The query for all rules of roles, as rows of `RULE_COLUMNS`."""
    return Rule.select(*RULE_COLUMNS).join(Role)


def rule_from_row(row: tuple[Any, ...]) -> AccessRule:
    """The rule in a row of `RULE_COLUMNS`."""
    role_id, role, id, bundle, controller, action, permission = row
    return AccessRule(Path(bundle, controller, action), to_permission(permission), id, role, role_id)


def to_permission(permission: int) -> Permission | None:
    """The permission for a value in the database; None for one that no shop writes."""
    return Permission(permission) if permission in set(Permission) else None


def parse_rule(text: str) -> AccessRule:
    """The rule in a text such as `allow sales/*/*`. Raises Invalid for `rule`."""
    permission, _, path = text.strip().partition(" ")
    parts = path.strip().split("/")
    if permission.upper() not in Permission.__members__ or len(parts) != 3 or not all(parts):
        raise Invalid(
            {"rule": f"“{text}” is not a rule: enter allow or deny, then bundle/controller/action (* matches anything)"}
        )
    return AccessRule(Path(*parts), Permission[permission.upper()])


def idle_reasons(rules: Sequence[AccessRule]) -> dict[int, str]:
    """Why rules of one role, given in the order of their ids, have no effect, by the id of each such rule.

    It is enough to look for one rule that covers another: several narrower ones never cover a wider one together, since
    every part has values that no rule names. So for each rule the eight paths with `*` in some of its parts are looked
    up. Of identical rules, which the web pages can write, the first one has an effect.
    """
    positions: dict[tuple[Path, Permission | None], int] = {}
    for position, rule in enumerate(rules):
        positions.setdefault((rule.path, rule.permission), position)
    reasons = {}
    for position, rule in enumerate(rules):
        covering = [Path(*parts) for parts in product(*({part, ANY} for part in rule.path.parts))]
        denies = [positions[path, Permission.DENY] for path in covering if (path, Permission.DENY) in positions]
        wider = {positions[path, rule.permission] for path in covering if (path, rule.permission) in positions}
        wider.discard(position)
        if rule.permission is Permission.ALLOW and denies:
            reasons[rule.id] = f"overridden by {rules[min(denies)]}"
        elif wider:
            reasons[rule.id] = f"covered by {rules[min(wider)]}"
    return reasons
