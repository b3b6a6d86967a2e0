"""Records as programs read them: a user, group or role with all that a list of the command line tells of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from models import roles, users
from models.access.rules import AccessRule, rule_from_row, select_rules
from models.access.sign_in import sign_in_conditions
from models.db.connection import parse_time, read_connection
from models.db.opened import opened
from models.db.rows import existing_ids
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Locale, Rule, User
from models.roles import RoleRow
from models.users import UserRow


@dataclass(frozen=True, slots=True)
class FullUser:
    """A user with the language, and whether they can sign in to the Back Office at all."""

    row: UserRow
    language: str | None
    created_at: datetime | None
    can_sign_in: bool


@dataclass(frozen=True, slots=True)
class FullRole:
    """A role with its rules, in the order they were added, and the names of the groups that hold it."""

    row: RoleRow
    rules: tuple[AccessRule, ...]
    groups: tuple[str, ...]


def full_users(rows: Sequence[UserRow]) -> list[FullUser]:
    """The users of some hundred rows, in their order; those that are gone are left out."""
    ids = [row.id for row in rows]
    query = User.select(User.id, Locale.name, User.created_at).join(Locale, JOIN.LEFT_OUTER).where(User.id.in_(ids))
    with read_connection():
        found = {id: (language, parse_time(created_at)) for id, language, created_at in tuples(query)}
        able = existing_ids(User.id, ids, *sign_in_conditions())
    return [FullUser(row, *found[row.id], row.id in able) for row in rows if row.id in found]


def full_roles(rows: Sequence[RoleRow]) -> list[FullRole]:
    """The roles of some hundred rows, in their order."""
    ids = [row.id for row in rows]
    holding = GroupRole.select(GroupRole.role, Group.name).join(Group).where(GroupRole.role.in_(ids))
    rules: defaultdict[int, list[AccessRule]] = defaultdict(list)
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    with read_connection():
        for rule in map(rule_from_row, tuples(select_rules().where(Rule.role.in_(ids)).order_by(Rule.id))):
            rules[rule.role_id].append(rule)
        for role, name in tuples(holding.order_by(opened().dialect.ordering(Group.name))):
            groups[role].append(name)
    return [FullRole(row, tuple(rules[row.id]), tuple(groups[row.id])) for row in rows]


def user(id: int) -> FullUser:
    """One user. Raises NotFound."""
    users.get(id)
    return full_users(users.listing.fill(users.listing.rows([id])))[0]


def role(id: int) -> FullRole:
    """One role. Raises NotFound."""
    roles.get(id)
    return full_roles(roles.listing.rows([id]))[0]
