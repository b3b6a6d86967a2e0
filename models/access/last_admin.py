"""The check before a change is committed: whether an administrator remains, whatever other programs write.

It consists of locking reads, which see what is committed now: on MySQL and MariaDB any other read sees the rows as they
were when the transaction began. The rows that it relies on stay locked until the change ends, so that other programs
wait before they invalidate it: the user, groups and roles (a foreign key to one keeps rows from being added that refer
to it), the links and the rules. SQLite has locked its file as a whole.
"""

from collections.abc import Collection
from typing import Any

from peewee import Field, chunked

from models.access.admins import can_administer, find_admins
from models.access.decision import GroupRules
from models.access.rules import AccessRule, Path, to_permission
from models.access.sign_in import select_root_groups, staff_conditions
from models.db.opened import opened
from models.db.statements import BATCH, tuples
from models.db.tables import Group, GroupRole, Membership, MerchantUser, Role, Rule, User


def find_remaining_admin(first: int) -> int | None:
    """The id of a user who is certain to remain an administrator, `first` if they do; None where there is none."""
    if _is_admin(first):
        return first
    return next((user for user in find_admins() if user != first and _is_admin(user)), None)


def _is_admin(user: int) -> bool:
    """Whether the user can sign in and open all of the user pages; locks the rows that say so, always in this order."""
    if not _lock(User.select(User.id).where(*staff_conditions()), User.id, [user]):
        return False
    memberships = _lock(Membership.select(Membership.user, Membership.group), Membership.user, [user])
    groups = sorted(group for _, group in memberships)
    _lock(Group.select(Group.id), Group.id, groups)
    if _is_barred_merchant(user, groups):
        return False
    links = _lock(GroupRole.select(GroupRole.group, GroupRole.role), GroupRole.group, groups)
    roles = {role for _, role in links}
    _lock(Role.select(Role.id), Role.id, roles)
    columns = (Rule.role, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
    rules: dict[int, list[AccessRule]] = {role: [] for role in roles}
    for role, id, bundle, controller, action, permission in _lock(Rule.select(*columns), Rule.role, roles):
        rules[role].append(AccessRule(Path(bundle, controller, action), to_permission(permission), id))
    return can_administer(
        [
            GroupRules(group, [rule for linked, role in links if linked == group for rule in rules[role]])
            for group in groups
        ]
    )


def _is_barred_merchant(user: int, groups: Collection[int]) -> bool:
    """Whether the user is a merchant's and in no group that lets them sign in nevertheless."""
    shop = opened()
    if MerchantUser not in shop.neighbours:
        return False
    query = MerchantUser.select(MerchantUser.user).where(MerchantUser.user == user)
    return bool(tuples(shop.dialect.as_committed(query))) and not _lock(select_root_groups(), Group.id, groups)


def _lock(query: Any, field: Field, ids: Collection[int]) -> list[tuple[Any, ...]]:
    """The query's rows that have one of these ids in the field, as they are now, locked until the change ends."""
    locked: list[tuple[Any, ...]] = []
    for batch in chunked(sorted(ids), BATCH):
        rows = query.where(field.in_(batch)).order_by(*query.selected_columns[:2])
        locked += tuples(opened().dialect.locked(rows))
    return locked
