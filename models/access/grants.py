"""Who has which groups, roles and rules, read from the database inside the caller's connection."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from peewee import JOIN, Field, chunked

from models.access.decision import GroupRules
from models.access.rules import AccessRule, rule_from_row, select_rules
from models.db.decoding import is_id
from models.db.opened import opened
from models.db.peewee_compat import translate_driver_errors
from models.db.statements import BATCH, stream, tuples
from models.db.tables import Group, GroupRole, Membership, Rule, User, database

MAX_ID_BATCHES = 3
"""So many batches of ids are queried one by one; for more ids the whole table is read, which is quicker."""


def is_order_fixed() -> bool:
    """Whether the shop always gets a user's groups in the order of their ids: from PostgreSQL it may get any order."""
    return opened().dialect.has_fixed_join_order


def read_groups_in_shop_order(user: int) -> tuple[int, ...]:
    """The ids of a user's groups in the order in which the shop evaluates them.

    It is that of the shop's own query, repeated to the letter, which has no ORDER BY.
    """
    query = (
        "SELECT spy_acl_group.* FROM spy_acl_group INNER JOIN spy_acl_user_has_group ON "
        "(spy_acl_group.id_acl_group = spy_acl_user_has_group.fk_acl_group) WHERE spy_acl_user_has_group.fk_user = "
    )
    with translate_driver_errors:
        cursor = database.execute_sql(query + opened().dialect.placeholder, (user,))
        column = [description[0] for description in cursor.description].index(Group.id.column_name)
        return tuple([row[column] for row in cursor.fetchall()])


def read_groups_by_user(users: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
    """The groups of each user, in the order of their ids."""
    groups_by_user: defaultdict[int, list[int]] = defaultdict(list)
    for batch in chunked(users, BATCH):
        memberships = Membership.select(Membership.user, Membership.group)
        for user, group in tuples(memberships.where(Membership.user.in_(batch))):
            if is_id(group):
                groups_by_user[user].append(group)
    return defaultdict(tuple, {user: tuple(sorted(groups)) for user, groups in groups_by_user.items()})


def read_users_by_groups(condition: Any = None) -> dict[tuple[int, ...], list[int]]:
    """All users, or those that meet the condition, by the groups they are in (in the order of the groups' ids)."""
    query = User.select(User.id, Membership.group).join(Membership, JOIN.LEFT_OUTER, on=Membership.user == User.id)
    query = query if condition is None else query.where(condition)
    users_by_groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    rows = stream(query.order_by(User.id, Membership.group))
    for user, memberships in itertools.groupby(rows, itemgetter(0)):
        users_by_groups[tuple([group for _, group in memberships if is_id(group)])].append(user)
    return users_by_groups


@dataclass(frozen=True)
class Grants:
    """What groups grant to their users: the roles of each group, and the rules of each role."""

    group_names: dict[int, str]
    roles_by_group: dict[int, frozenset[int]]
    rules_by_role: dict[int, tuple[AccessRule, ...]]

    def groups(self, ids: Iterable[int]) -> list[GroupRules]:
        """These groups with their rules, in the order given."""
        return [self.group(id) for id in ids]

    def group(self, id: int) -> GroupRules:
        """One group with its rules: the same object each time."""
        if id not in self._groups:
            rules = [rule for role in self.roles_by_group.get(id, ()) for rule in self.rules_by_role.get(role, ())]
            rules.sort(key=lambda rule: rule.id)
            self._groups[id] = GroupRules(id, rules, self.group_names.get(id, ""))
        return self._groups[id]

    @cached_property
    def _groups(self) -> dict[int, GroupRules]:
        return {}


def read_grants(groups: Collection[int], roles: Collection[int] = ()) -> Grants:
    """What these groups grant, and the rules of further `roles`."""
    names: dict[int, str] = {}
    roles_by_group: defaultdict[int, set[int]] = defaultdict(set)
    query = Group.select(Group.id, Group.name, GroupRole.role)
    query = query.join(GroupRole, JOIN.LEFT_OUTER, on=GroupRole.group == Group.id)
    for group, name, role in rows_by_ids(query, Group.id, groups):
        names[group] = name
        if is_id(role):
            roles_by_group[group].add(role)
    rules_by_role: defaultdict[int, list[AccessRule]] = defaultdict(list)
    for row in rows_by_ids(select_rules(), Rule.role, set(roles).union(*roles_by_group.values())):
        rules_by_role[row[0]].append(rule_from_row(row))
    return Grants(
        names,
        {group: frozenset(roles) for group, roles in roles_by_group.items()},
        {role: tuple(rules) for role, rules in rules_by_role.items()},
    )


def rows_by_ids(query: Any, field: Field, ids: Collection[int]) -> Iterator[tuple[Any, ...]]:
    """The query's rows that have one of the ids in `field`, its first column, in a handful of statements."""
    if len(ids) > MAX_ID_BATCHES * BATCH:
        wanted = set(ids)
        yield from (row for row in tuples(query) if row[0] in wanted)
    else:
        for batch in chunked(sorted(ids), BATCH):
            yield from tuples(query.where(field.in_(batch)))
