"""Whose access changes with rows that are written, to compute the impact of that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from models.access.impact import AccessChange
from models.access.rules import Path, to_permission
from models.db.change import RowChange
from models.db.tables import Group, GroupRole, Membership, Permission, Role, Rule, Status, User

Values = Mapping[str, Any]
_PARTS = [field.column_name for field in (Rule.bundle, Rule.controller, Rule.action)]


def access_change(rows: Iterable[RowChange], stored_rules: Mapping[int, Values]) -> AccessChange:
    """The change of access that the rows make; of rules that are changed, what is stored is needed whole, by id."""
    by_table: defaultdict[str, list[RowChange]] = defaultdict(list)
    for row in rows:
        by_table[row.table].append(row)
    groups, roles, rules, users, held, members = (
        by_table[model._meta.table_name] for model in (Group, Role, Rule, User, GroupRole, Membership)
    )
    added_rules: defaultdict[int, list[tuple[Path, Permission]]] = defaultdict(list)
    for row in rules:
        values = {**(stored_rules.get(_id(row), {}) if row.before else {}), **(row.after or {})}
        permission = to_permission(values[Rule.permission.column_name])
        if row.after is not None and permission is not None:
            path = Path(*(values[part] for part in _PARTS))
            added_rules[values[Rule.role.column_name]].append((path, permission))
    return AccessChange(
        added_roles=_links(held, is_new=True),
        removed_roles=_links(held, is_new=False),
        added_rules=added_rules,
        removed_rules=[_id(row) for row in rules if row.before is not None],
        joining=_links(members, is_new=True),
        leaving=_links(members, is_new=False),
        deleted_groups=[_id(row) for row in groups if row.after is None],
        returning_groups=[_id(row) for row in groups if row.before is None],
        deleted_roles=[_id(row) for row in roles if row.after is None],
        statuses={id: Status(value) for id, value in _values(users, "status").items() if value in set(Status)},
        warehouse={id: bool(value) for id, value in _values(users, "is_warehouse_user").items()},
    )


def _id(row: RowChange) -> int:
    assert isinstance(row.id, int)
    return row.id


def _links(rows: Iterable[RowChange], *, is_new: bool) -> dict[int, list[int]]:
    """The links that are added, or removed, by their groups."""
    others: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        if (row.before is None) is is_new and isinstance(row.id, tuple):
            others[row.id[0]].append(row.id[1])
    return dict(others)


def _values(rows: Iterable[RowChange], column: str) -> dict[int, Any]:
    return {_id(row): row.after[column] for row in rows if row.after and column in row.after}
