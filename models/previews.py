"""What a list shows beside the highlighted record: one record in short, read without locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import users
from models.access.decision import GroupRules, build_chain
from models.access.grants import read_grants, read_groups_in_shop_order
from models.access.regions import build_tree
from models.access.rules import AccessRule, rule_from_row, select_rules
from models.db.connection import parse_time, read_connection
from models.db.opened import now, opened
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Locale, Role, Rule, Status, User, group_label
from models.errors import GROUP_NOT_FOUND, ROLE_NOT_FOUND, USER_NOT_FOUND, NotFound
from models.users import UserRow

MAX_NAMES = 40
"""Names, rules or members of a record that are read; a screen shows fewer."""

WARN_OF_NO_SIGN_IN_AFTER = timedelta(days=90)
"""An active user who has not signed in for longer is worth a word."""


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """A group in short: at most `MAX_NAMES` of its roles, their rules and its users, by id, and how many these are."""

    id: int
    label: str
    created_at: datetime | None
    roles: tuple[str, ...]
    rules: tuple[AccessRule, ...]
    users: tuple[UserRow, ...]
    user_count: int


@dataclass(frozen=True, slots=True)
class RolePreview:
    """A role in short: at most `MAX_NAMES` of its rules, as they were added, and of the groups that hold it."""

    id: int
    name: str
    created_at: datetime | None
    rules: tuple[AccessRule, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserPreview:
    """A user in short. `groups` are in the order in which the shop evaluates them.

    `bundles` are those that the groups open entirely, beyond what any group opens; `partly` those that they open in
    part. `*` stands for every bundle, "(everything else)" for all that no rule names.
    """

    id: int
    email: str
    name: str
    status: int
    locale: str
    created_at: datetime | None
    last_login: datetime | None
    days_inactive: int | None
    """Whole days since an active user signed in last, where that is longer than `WARN_OF_NO_SIGN_IN_AFTER`."""
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    bundles: tuple[str, ...]
    partly: tuple[str, ...]


def of_group(id: int) -> GroupPreview:
    """A group in short. Raises NotFound."""
    with read_connection():
        name, created_at = _row(Group.select(Group.name, Group.created_at).where(Group.id == id), GROUP_NOT_FOUND)
        rules = select_rules().join(GroupRole, on=GroupRole.role == Role.id)
        members = users.members(id)
        return GroupPreview(
            id,
            group_label(name),
            parse_time(created_at),
            _role_names([id]),
            _rules(rules.where(GroupRole.group == id)),
            tuple(members.page(members.default_sort, MAX_NAMES)),
            members.count(),
        )


def of_role(id: int) -> RolePreview:
    """A role in short. Raises NotFound."""
    with read_connection():
        name, created_at = _row(Role.select(Role.name, Role.created_at).where(Role.id == id), ROLE_NOT_FOUND)
        holding = Group.select(Group.name).join(GroupRole).where(GroupRole.role == id)
        groups = holding.order_by(opened().dialect.ordering(Group.name)).limit(MAX_NAMES)
        return RolePreview(
            id,
            name,
            parse_time(created_at),
            _rules(select_rules().where(Rule.role == id)),
            tuple([group_label(group) for (group,) in tuples(groups)]),
        )


def of_user(id: int) -> UserPreview:
    """A user in short. Raises NotFound."""
    columns = (User.email, User.first_name, User.last_name, User.status, User.locale, User.created_at, User.last_login)
    with read_connection():
        row = _row(User.select(*columns).where(User.id == id), USER_NOT_FOUND)
        email, first_name, last_name, status, locale, created_at, last_login = row
        locales = tuples(Locale.select(Locale.name).where(Locale.id == locale)) if locale is not None else []
        groups = read_groups_in_shop_order(id)
        grants = read_grants(groups)
        roles = _role_names(groups) if groups else ()
    bundles = _verdicts_by_bundle(grants.groups(groups))
    signed_in = parse_time(last_login)
    return UserPreview(
        id,
        email,
        f"{first_name} {last_name}",
        status,
        "".join(name for (name,) in locales),
        parse_time(created_at),
        signed_in,
        _days_inactive(status, signed_in),
        tuple([group_label(grants.group_names.get(group, "")) for group in groups]),
        roles,
        tuple([name for name, allowed in bundles.items() if allowed]),
        tuple([name for name, allowed in bundles.items() if allowed is None]),
    )


def _verdicts_by_bundle(groups: Sequence[GroupRules]) -> dict[str, bool | None]:
    """The verdict on each bundle, None where it differs inside, without those that any group opens."""
    of_any_group = build_tree(build_chain([GroupRules(0, [])])).below
    tree = build_tree(build_chain(groups))
    return {branch.scope.name: branch.allowed for branch in tree.below or [tree] if branch not in of_any_group}


def _days_inactive(status: int, signed_in: datetime | None) -> int | None:
    if status != Status.ACTIVE or signed_in is None:
        return None
    since = now() - signed_in.replace(tzinfo=None)
    return since.days if since > WARN_OF_NO_SIGN_IN_AFTER else None


def _row(query: Any, missing: str) -> Sequence[Any]:
    rows: Sequence[Sequence[Any]] = tuples(query)
    if not rows:
        raise NotFound(missing)
    return rows[0]


def _role_names(groups: Sequence[int]) -> tuple[str, ...]:
    """The roles that one of the groups holds, by name."""
    held = GroupRole.select(GroupRole.role).where(GroupRole.group.in_(groups))
    roles = Role.select(Role.name).where(Role.id.in_(held)).order_by(opened().dialect.ordering(Role.name))
    return tuple([name for (name,) in tuples(roles.limit(MAX_NAMES))])


def _rules(query: Any) -> tuple[AccessRule, ...]:
    return tuple([rule_from_row(row) for row in tuples(query.order_by(Rule.id).limit(MAX_NAMES))])
