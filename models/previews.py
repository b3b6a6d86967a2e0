"""What a list shows beside the highlighted record: one record in short.

Read without locks, and only what the row of the list lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN

from models import users
from models.access.decision import GroupRules, build_chain
from models.access.grants import read_grants, read_groups_in_shop_order
from models.access.regions import build_tree
from models.access.rules import AccessRule, rule_from_row, select_rules
from models.db.connection import parse_time, read_connection
from models.db.opened import now, opened
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Locale, Role, Rule, Status, User, group_label
from models.errors import USER_NOT_FOUND, NotFound
from models.groups import GroupRow
from models.roles import RoleRow
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


def of_group(row: GroupRow) -> GroupPreview:
    """A group in short."""
    rules = select_rules().join(GroupRole, on=GroupRole.role == Role.id).where(GroupRole.group == row.id)
    members = users.members(row.id)
    with read_connection():
        first = members.page(members.default_sort, MAX_NAMES)
        return GroupPreview(
            row.id,
            row.label,
            parse_time(row.created_at),
            row.roles[:MAX_NAMES],
            _rules(rules),
            tuple(first),
            len(first) if len(first) < MAX_NAMES else members.count(),
        )


def of_role(row: RoleRow) -> RolePreview:
    """A role in short."""
    holding = Group.select(Group.name).join(GroupRole).where(GroupRole.role == row.id)
    groups = holding.order_by(opened().dialect.ordering(Group.name)).limit(MAX_NAMES)
    with read_connection():
        return RolePreview(
            row.id,
            row.name,
            parse_time(row.created_at),
            _rules(select_rules().where(Rule.role == row.id)),
            tuple([group_label(group) for (group,) in tuples(groups)]),
        )


def of_user(row: UserRow) -> UserPreview:
    """A user in short. Raises NotFound."""
    query = User.select(Locale.name, User.created_at).join(Locale, JOIN.LEFT_OUTER, on=User.locale == Locale.id)
    with read_connection():
        found = tuples(query.where(User.id == row.id))
        if not found:
            raise NotFound(USER_NOT_FOUND)
        ((locale, created_at),) = found
        groups = read_groups_in_shop_order(row.id)
        grants = read_grants(groups)
        roles = _role_names(groups) if groups else ()
    bundles = _verdicts_by_bundle(grants.groups(groups))
    signed_in = parse_time(row.last_login)
    return UserPreview(
        row.id,
        row.email,
        f"{row.first_name} {row.last_name}",
        row.status,
        locale or "",
        parse_time(created_at),
        signed_in,
        _days_inactive(row.status, signed_in),
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


def _role_names(groups: Sequence[int]) -> tuple[str, ...]:
    """The roles that one of the groups holds, by name."""
    held = GroupRole.select(GroupRole.role).where(GroupRole.group.in_(groups))
    roles = Role.select(Role.name).where(Role.id.in_(held)).order_by(opened().dialect.ordering(Role.name))
    return tuple([name for (name,) in tuples(roles.limit(MAX_NAMES))])


def _rules(query: Any) -> tuple[AccessRule, ...]:
    return tuple([rule_from_row(row) for row in tuples(query.order_by(Rule.id).limit(MAX_NAMES))])
