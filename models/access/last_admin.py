"""The last look before a change is committed: whether an administrator remains, whatever other programs write.

It is made of locking reads, which see what is committed now: on MySQL and MariaDB any other read sees the rows as they
were when the transaction began. What it relies on stays locked until the change ends, so that other programs wait with
what would undo it: the user, groups and roles (a foreign key to one keeps rows from being added that refer to it), the
links and the rules. SQLite has locked its file as a whole.
"""

from collections.abc import Collection
from typing import Any

from peewee import Field, chunked

from models.access.decision import GroupRules, administers, find_admins, is_staff, select_root_groups
from models.access.rules import AccessRule, Path, to_permission
from models.db.opened import opened
from models.db.rows import BATCH
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Membership, MerchantUser, Role, Rule, User


def find_remaining_admin(first: int) -> int | None:
    """The id of a user who is sure to be an administrator still, `first` where it is them; None where nobody is."""
    if _is_admin(first):
        return first
    return next((user for user in find_admins() if user != first and _is_admin(user)), None)


def _is_admin(user: int) -> bool:
    """Whether the user can sign in and open all of the user pages; locks what makes it so, always in this order."""
    if not _locked(User.select(User.id).where(*is_staff()), User.id, [user]):
        return False
    held = [
        group for _, group in _locked(Membership.select(Membership.user, Membership.group), Membership.user, [user])
    ]
    _locked(Group.select(Group.id), Group.id, held)
    if _is_barred_merchant(user, held):
        return False
    links = _locked(GroupRole.select(GroupRole.group, GroupRole.role), GroupRole.group, held)
    roles = {role for _, role in links}
    _locked(Role.select(Role.id), Role.id, roles)
    columns = (Rule.role, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
    rules: dict[int, list[AccessRule]] = {role: [] for role in roles}
    for role, id, bundle, controller, action, permission in _locked(Rule.select(*columns), Rule.role, roles):
        rules[role].append(AccessRule(Path(bundle, controller, action), to_permission(permission), id))
    return administers(
        [
            GroupRules(group, [rule for linked, role in links if linked == group for rule in rules[role]])
            for group in sorted(held)
        ]
    )


def _is_barred_merchant(user: int, groups: Collection[int]) -> bool:
    """Whether the user is a merchant's and in no group that lets them sign in all the same."""
    shop = opened()
    if MerchantUser not in shop.neighbours:
        return False
    query = MerchantUser.select(MerchantUser.user).where(MerchantUser.user == user)
    return bool(tuples(shop.dialect.as_committed(query))) and not _locked(select_root_groups(), Group.id, groups)


def _locked(query: Any, field: Field, ids: Collection[int]) -> list[tuple[Any, ...]]:
    """The query's rows that have one of these ids in the field, as they are now; nobody else changes them meanwhile."""
    found: list[tuple[Any, ...]] = []
    for batch in chunked(sorted(ids), BATCH):
        rows = query.where(field.in_(batch)).order_by(*query.selected_columns[:2])
        found += tuples(opened().dialect.locked(rows))
    return found
