"""Who may do what: how the Back Office decides whether a user may open a path, followed to the letter."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from peewee import Field, chunked

from models.database import reading
from models.errors import Invalid, NotFound, Refused
from models.links import BATCH
from models.tables import (
    GroupRole,
    Membership,
    Permission,
    Role,
    Rule,
    Status,
    User,
    tuples,
)

ANY = "*"

me = ""
"""The e-mail of the person at the keyboard (a setting): this user can be neither deactivated nor deleted."""


@dataclass(frozen=True, slots=True)
class Path:
    """What a user opens: bundle / controller / action, as in an address. In a rule, `*` names any."""

    bundle: str
    controller: str
    action: str

    def __str__(self) -> str:
        return "/".join(self.parts.values())

    @property
    def parts(self) -> dict[str, str]:
        """The three by their names."""
        return {"bundle": self.bundle, "controller": self.controller, "action": self.action}

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
        raise Invalid({"path": f"{text.strip()}: a path has one to three parts: bundle/controller/action."})
    return Path(*parts, *["index"] * (3 - len(parts)))


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as the decision takes it; `id` and `role` are 0 and empty for the shop's own default rules."""

    path: Path
    permission: Permission
    id: int = 0
    role: str = ""

    def __str__(self) -> str:
        return f"{self.permission.name.lower()} {self.path}"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with what decided it: the rule, and the group by its id where one did."""

    allowed: bool
    rule: RuleLine | None = None
    group: int | None = None


def _allowing(*paths: str) -> tuple[RuleLine, ...]:
    return tuple(RuleLine(Path(*path.split("/")), Permission.ALLOW) for path in paths)


DEFAULT_RULES = _allowing(
    "security-merchant-portal-gui/*/*",
    "security-gui/*/*",
    "multi-factor-auth/*/*",
    "multi-factor-auth-merchant-portal/*/*",
    "_profiler/*/*",
    "agent-security-merchant-portal-gui/*/*",
    "acl/index/denied",
    "health-check/index/index",
    "api/rest/*",
)
"""A current shop's default rules: they hold for everyone."""

WHITELIST_RULES = _allowing("application/*/*")
"""A current shop's whitelist: it is gathered with the default rules for everyone who is in a group."""

USER_PAGES = tuple(
    Path(*path.split("/")) for path in ("user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update")
)
"""What someone must be able to open for the shop not to be locked out of its own user pages."""

LAST_ADMIN = "That would leave nobody who can open the user pages: no active user would be allowed all of {}."


def decide(path: Path, groups: Sequence[tuple[int, Sequence[RuleLine]]]) -> Decision:
    """The Back Office's verdict on a path for a user in these groups, each with its rules, in the order of their ids.

    Default rules first; then group after group, each one's rules gathered with those before: where a gathered deny
    matches, the group does not allow; else a gathered allow does, at once. (The shop's AccessControl, step by step.)
    """
    first = _verdict(path, DEFAULT_RULES)
    if first is not None and first.permission is Permission.ALLOW:
        return Decision(True, first)
    gathered = [*DEFAULT_RULES, *WHITELIST_RULES]
    denied: Decision | None = None
    for group, rules in groups:
        gathered += rules
        found = _verdict(path, gathered)
        if found is not None and found.permission is Permission.ALLOW:
            return Decision(True, found, group)
        if found is not None and denied is None:
            denied = Decision(False, found, group)
    return denied or Decision(False)


def _verdict(path: Path, rules: Sequence[RuleLine]) -> RuleLine | None:
    """The rule that decides among these: a deny that matches, else an allow that does."""
    matching = [rule for rule in rules if rule.path.covers(path)]
    return next((rule for rule in matching if rule.permission is Permission.DENY), next(iter(matching), None))


def decide_user(user_id: int, path: Path) -> Decision:
    """The verdict on a path for one user, whatever their status. Raises NotFound."""
    with reading():
        if not tuples(User.select(User.id).where(User.id == user_id)):
            raise NotFound("User couldn't be found")
        groups = _groups_of([user_id])[user_id]
        rules = _rules_of(groups)
        return decide(path, [(group, rules[group]) for group in groups])


def idle_reasons(rules: Sequence[RuleLine]) -> dict[int, str]:
    """The rules of one role that can never matter, by id, with the reason.

    One covering rule is enough to look for: several narrower ones never cover a wider one together, since every part
    has values that no rule names.
    """
    reasons = {}
    for rule in rules:
        covering = [other for other in rules if other is not rule and other.path.covers(rule.path)]
        deny = next((other for other in covering if other.permission is Permission.DENY), None)
        wider = [other for other in covering if other.permission is rule.permission and other.path != rule.path]
        if rule.permission is Permission.ALLOW and deny is not None:
            reasons[rule.id] = f"no effect: {deny} takes all of it"
        elif wider:
            reasons[rule.id] = f"no effect: {wider[0]} covers it"
    return reasons


@contextmanager
def keeping_an_admin() -> Iterator[None]:
    """Around a change, inside its transaction: refuse it where it takes the user pages away from the last who has them.

    A shop that had nobody before may be changed freely. Raises Refused.
    """
    had = _admin_exists()
    yield
    if had and not _admin_exists():
        raise Refused(LAST_ADMIN.format(", ".join(map(str, USER_PAGES))))


def _admin_exists() -> bool:
    """Whether an active user, who is no warehouse user, may open all of the user pages."""
    first = USER_PAGES[0]  # who may open all of them is in a group that allows this one
    granting = Rule.select(Rule.role).where(Rule.permission == Permission.ALLOW)
    for field, part in (Rule.bundle, first.bundle), (Rule.controller, first.controller), (Rule.action, first.action):
        granting = granting.where(field.in_((part, ANY)))
    holding = GroupRole.select(GroupRole.group).where(GroupRole.role.in_(granting)).distinct()
    verdicts: dict[tuple[int, ...], bool] = {}
    rules: dict[int, list[RuleLine]] = {}
    for group in _each(GroupRole.group, holding):
        members = Membership.select(Membership.user).join(User).where(Membership.group == group, *_can_sign_in())
        for batch in chunked(_each(Membership.user, members), BATCH):
            for held in set(_groups_of(batch).values()):
                if held not in verdicts:
                    rules |= _rules_of([id for id in held if id not in rules])
                    ordered = [(id, rules[id]) for id in held]
                    verdicts[held] = all(decide(path, ordered).allowed for path in USER_PAGES)
                if verdicts[held]:
                    return True
    return False


def _each(field: Field, query: Any) -> Iterator[int]:
    """The ids in the field, upwards, read a batch at a time by key."""
    batch: list[tuple[Any, ...]] = [(0,)]
    while batch:
        batch = tuples(query.where(field > batch[-1][0]).order_by(field).limit(BATCH))
        yield from (id for (id,) in batch)


def _can_sign_in() -> list[Any]:
    """The conditions that a user meets who can sign in at all: active, and no warehouse user."""
    conditions: list[Any] = [User.status == Status.ACTIVE]
    if "is_warehouse_user" in User._meta.fields:
        warehouse = User._meta.fields["is_warehouse_user"]
        conditions.append(warehouse.is_null() | (warehouse == False))  # noqa: E712 (SQL)
    return conditions


def _groups_of(users: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
    """The groups of each user, in the order of their ids."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for batch in chunked(users, BATCH):
        memberships = Membership.select(Membership.user, Membership.group)
        for user, group in tuples(memberships.where(Membership.user.in_(batch))):
            found[user].append(group)
    return defaultdict(tuple, {user: tuple(sorted(groups)) for user, groups in found.items()})


def _rules_of(groups: Sequence[int]) -> dict[int, list[RuleLine]]:
    """The rules of each group, of all its roles."""
    found: dict[int, list[RuleLine]] = {group: [] for group in groups}
    columns = (GroupRole.group, Role.name, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
    for batch in chunked(groups, BATCH):
        query = Rule.select(*columns).join(Role).join(GroupRole, on=GroupRole.role == Role.id).order_by(Rule.id)
        for group, role, id, bundle, controller, action, permission in tuples(query.where(GroupRole.group.in_(batch))):
            if permission in (Permission.ALLOW, Permission.DENY):
                found[group].append(RuleLine(Path(bundle, controller, action), Permission(permission), id, role))
    return found
