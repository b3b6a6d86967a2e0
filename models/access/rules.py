"""Paths, the rules that name them, and which rules of a role can never matter."""

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
    """What a user opens: bundle / controller / action, as in an address. In a rule, `*` names any."""

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
        """Whether each of its parts is the other's, to the letter, or `*`."""
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
        asked = text.strip() or "(nothing)"
        raise Invalid({"path": f"{asked}: a path has one to three parts: bundle/controller/action."})
    return Path(*parts, *["index"] * (3 - len(parts)))


@dataclass(frozen=True, eq=False)
class AccessRule:
    """A rule as the decision takes it; the ids are 0 and `role` is empty for the shop's own default rules.

    It equals itself alone: what is worked out for the same rules is found again by them.
    """

    path: Path
    permission: Permission | None
    """None where the database holds a value that no shop writes: the rule counts for nothing then."""
    id: int = 0
    role: str = ""
    role_id: int = 0

    @cached_property
    def parts(self) -> tuple[str, str, str]:
        """The path's parts."""
        return self.path.parts

    @cached_property
    def allows(self) -> bool:
        """Whether it allows what it matches."""
        return self.permission is Permission.ALLOW

    @cached_property
    def depth(self) -> int:
        """How many parts have to be looked at: 0 for `*/*/*`, 1 for `sales/*/*`, else 2 or 3."""
        return max((place for place, part in enumerate(self.parts, 1) if part != ANY), default=0)

    def __str__(self) -> str:
        return f"{self.permission.name.lower() if self.permission is not None else 'unknown type'} {self.path}"


RULE_COLUMNS = (Rule.role, Role.name, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
"""What `rule_from_row` makes a rule of."""


def rule_from_row(row: tuple[Any, ...]) -> AccessRule:
    """The rule that a row of the columns `RULE_COLUMNS` holds."""
    role_id, role, id, bundle, controller, action, permission = row
    return AccessRule(Path(bundle, controller, action), to_permission(permission), id, role, role_id)


def to_permission(permission: int) -> Permission | None:
    """The permission that the database holds; None for a value that no shop writes."""
    return Permission(permission) if permission in set(Permission) else None


def parse_rule(text: str) -> AccessRule:
    """The rule that a text names, as in `allow sales/*/*`. Raises Invalid for `rule`."""
    permission, _, path = text.strip().partition(" ")
    parts = path.strip().split("/")
    if permission.upper() not in Permission.__members__ or len(parts) != 3 or not all(parts):
        raise Invalid({"rule": f"“{text}” is no rule: allow or deny, then bundle/controller/action (* for any)"})
    return AccessRule(Path(*parts), Permission[permission.upper()])


def idle_reasons(rules: Sequence[AccessRule]) -> dict[int, str]:
    """The rules of one role, in the order that decides, that can never matter, by id, with the reason.

    One covering rule is enough to look for: several narrower ones never cover a wider one together, since every part
    has values that no rule names. So each rule asks for the eight that have `*` in some of its parts. Of rules that are
    the same, which the web pages can write, the first one counts.
    """
    places: dict[tuple[Path, Permission | None], int] = {}
    for place, rule in enumerate(rules):
        places.setdefault((rule.path, rule.permission), place)
    reasons = {}
    for place, rule in enumerate(rules):
        covering = [Path(*parts) for parts in product(*({part, ANY} for part in rule.path.parts))]
        denies = [places[path, Permission.DENY] for path in covering if (path, Permission.DENY) in places]
        wider = {places[path, rule.permission] for path in covering if (path, rule.permission) in places} - {place}
        if rule.permission is Permission.ALLOW and denies:
            reasons[rule.id] = f"no effect: {rules[min(denies)]} takes all of it"
        elif wider:
            reasons[rule.id] = f"no effect: {rules[min(wider)]} covers it"
    return reasons
