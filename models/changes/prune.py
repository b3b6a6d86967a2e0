"""The groups and roles of a shop that a file does not have, to be deleted where that is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from models import lookup
from models.access.grants import rows_by_ids
from models.changes.shop_file import place, quoted
from models.db.rows import cascading_row_counts, references_by_name
from models.db.statements import tuples
from models.db.tables import ROOT_GROUP, ROOT_ROLE, Group, GroupRole

_KEPT = {"group": ROOT_GROUP, "role": ROOT_ROLE}


@dataclass(frozen=True, slots=True)
class Absent:
    """The groups, or the roles, that a file does not have."""

    kind: Literal["group", "role"]
    names: Mapping[int, str] = field(default_factory=dict)
    """By their ids."""
    references: Mapping[str, str] = field(default_factory=dict)
    """By which other parts of the shop find them, by the names of those that have one."""
    cascading: Mapping[str, int] = field(default_factory=dict)
    """How many rows of tables that are none of ours would be deleted with them, by table."""


def find_absent(kind: Literal["group", "role"], named: Collection[int]) -> Absent:
    """The groups or roles that are not among those that a file names; never root_group and root_role.

    None where it names none at all: it is about something else then.
    """
    column = lookup.FIELDS[kind]
    model = column.model
    rows = tuples(model.select(model.id, column).order_by(model.id)) if named else []
    names = {id: name for id, name in rows if id not in named and name != _KEPT[kind]}
    return Absent(kind, names, references_by_name(model, names), cascading_row_counts(model, names))


def check_holders(roles: Absent, groups: Absent, lost: Mapping[int, Collection[int]], problems: dict[str, str]) -> None:
    """Add to the problems each role that a group still holds which is neither deleted nor loses it (`lost`)."""
    held = GroupRole.select(GroupRole.role, Group.id, Group.name).join(Group)
    for role, group, name in rows_by_ids(held, GroupRole.role, roles.names):
        if group not in groups.names and role not in lost.get(group, ()):
            problems[place("roles", roles.names[role])] = (
                f"cannot be deleted: the group {quoted(name)} holds it, whose roles this file does not say"
            )
