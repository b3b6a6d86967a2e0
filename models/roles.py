"""User roles: their listing, one role, and every change to it but to its rules."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Field, chunked, fn

from models.db import gathering, schema
from models.db.connection import read_connection
from models.db.opened import now, opened
from models.db.paging import EVERY_ROW, Listing
from models.db.rights import require_right
from models.db.rows import (
    archive_and_delete,
    cascading_row_counts,
    insert_row,
    insert_rows,
    lock_rows,
    references_by_name,
    update_rows,
    values_where,
)
from models.db.rows_beside import copy_rows, try_write
from models.db.statements import BATCH, tuples
from models.db.tables import ROOT_ROLE, EntityRule, Group, GroupRole, Permission, Role, Rule
from models.db.transactions import transaction
from models.errors import ROLE_NOT_FOUND, NotFound, Refused, Unavailable
from models.merge import MAX_NAMES, Merge, Saved, all_names
from models.text import some_names
from models.validation import require_valid, role_name_problem, trimmed

ROOT_KEPT = "You are not allowed to edit the root role."


class InUse(Refused):
    """A role that groups hold cannot be deleted; `groups` are the first ten of them (id and name), `more` the rest."""

    def __init__(self, groups: Sequence[tuple[int, str]], more: int) -> None:
        names = ", ".join(name for _, name in groups) + (f" and {more:,} more" if more else "")
        super().__init__(f"Unable to delete because role has groups assigned. Assigned to: {names}.")
        self.groups, self.more = groups, more


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as lists show it; the counts are None until they are counted."""

    id: int
    name: str
    created_at: datetime | str | None
    """As it is stored, for `parse_time`."""
    groups: int | None = None
    allows: int | None = None
    denies: int | None = None


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """A role as its page shows it."""

    id: int
    name: str

    @property
    def is_root(self) -> bool:
        """Whether this is the role of the administrators, which can be neither renamed nor deleted."""
        return self.name == ROOT_ROLE


def _build(rows: Sequence[tuple[Any, ...]]) -> list[RoleRow]:
    return [RoleRow(*row) for row in rows]


def _fill(rows: list[RoleRow]) -> list[RoleRow]:
    ids = [row.id for row in rows]
    of_groups = GroupRole.select(GroupRole.role, SQL("NULL"), fn.COUNT(SQL("*"))).where(GroupRole.role.in_(ids))
    of_rules = Rule.select(Rule.role, Rule.permission, fn.COUNT(SQL("*"))).where(Rule.role.in_(ids))
    counts: defaultdict[tuple[int, int | None], int] = defaultdict(int)
    for role, permission, count in tuples(
        of_groups.group_by(GroupRole.role).union_all(of_rules.group_by(Rule.role, Rule.permission))
    ):
        counts[role, permission] = count
    return [
        replace(
            row,
            groups=counts[row.id, None],
            allows=counts[row.id, Permission.ALLOW],
            denies=counts[row.id, Permission.DENY],
        )
        for row in rows
    ]


def where(*conditions: Any) -> Listing[RoleRow]:
    """The roles that meet the conditions; all without any."""
    return Listing(
        query=lambda: Role.select(Role.id, Role.name, Role.created_at).where(EVERY_ROW, *conditions),
        id=Role.id,
        orders={"name": Role.name, "created_at": Role.created_at},
        searched=lambda: [Role.name],
        build=_build,
        fill=_fill,
    )


listing = where()
"""All roles."""


def get(id: int) -> RoleRecord:
    """One role. Raises NotFound."""
    with read_connection():
        return _get(id)


def check(baseline: RoleRecord | None, name: str) -> None:
    """Check what `create` (without a baseline) or `rename` would write, without writing it.

    Raises Invalid for `name`, Refused for root_role, NotFound.
    """
    with read_connection():
        _check(trimmed(name), baseline)


@transaction
def create(name: str) -> int:
    """Create a role without rules; its id. Raises Invalid for `name`."""
    return _create(trimmed(name))


@transaction
def rename(baseline: RoleRecord, name: str) -> Saved:
    """Give a role another name; false where it is the one that was shown.

    Raises Conflict (with the name, in a tuple) where someone else renamed it too, Invalid for `name`, Refused for
    root_role, NotFound.
    """
    name = trimmed(name)
    lock_rows(Role, [baseline.id])
    theirs = _check(name, baseline)
    assert theirs is not None
    merge = Merge(*({"name": trimmed(each)} for each in (baseline.name, theirs.name, name)))
    saved = merge.resolve("role", merge.changes, theirs, lambda values: (values["name"],))
    if saved:
        update_rows(Role, [baseline.id], name=name, updated_at=now())
    return saved


@transaction
def clone(id: int, name: str) -> int:
    """Create a role under a new name with the rules of another; its id. Raises Invalid for `name`, NotFound.

    Its data rules are copied too, unless the database refuses them: see `missing_in_copy`.
    """
    gathering.copying(id, _get(id).name)
    copy, stamp = _create(trimmed(name)), now()
    copied: list[Field] = [Rule.bundle, Rule.controller, Rule.action, Rule.permission]
    rules = tuples(Rule.select(*copied).where(Rule.role == id).order_by(Rule.id))
    insert_rows(
        [Rule.role, *copied, Rule.created_at, Rule.updated_at],
        [(copy, *rule, str(stamp), str(stamp)) for rule in rules],
        by=Rule.role,
    )
    if EntityRule in opened().neighbours:
        try_write(lambda: copy_rows(EntityRule.role, id, copy))
    return copy


def missing_in_copy(id: int, copy: int) -> str:
    """Which of a role's data rules its copy lacks, in words; empty where it lacks none."""
    table = EntityRule._meta.table_name
    unread = f"Data rules may be missing: {table} cannot be read."

    def data_rules(role: int) -> Counter[tuple[Any, ...]]:
        compared = (EntityRule.entity, EntityRule.segment, EntityRule.scope, EntityRule.permission_mask)
        return Counter(tuples(EntityRule.select(*compared).where(EntityRule.role == role)))

    try:
        with read_connection():
            if EntityRule not in opened().neighbours:  # or a table whose columns this user may not see
                exists = any(key.table == table for key in schema.foreign_keys(opened().dialect, Role))
                return unread if exists else ""
            missing = data_rules(id) - data_rules(copy)
    except Unavailable:
        return unread
    if not missing:
        return ""
    entities = sorted({entity for entity, *_ in missing})
    return f"Data rules were not copied (refused by the database): {some_names(entities, MAX_NAMES)}."


def check_delete(*ids: int) -> dict[str, int]:
    """How many rows of tables that are none of ours would be deleted too, by table.

    Raises Refused, InUse, NotFound where `delete` would, Unavailable where the database would refuse it.
    """
    require_right("delete", Rule, Role)
    with read_connection():
        _check_delete(ids)
        counts = Counter(cascading_row_counts(Role, ids))
        counts.update(cascading_row_counts(Rule, values_where(Rule.id, ids, by=Rule.role)))
        return dict(counts)


def references(*ids: int) -> dict[str, str]:
    """The references by which other parts of the shop find these roles, by the names of those that have one."""
    with read_connection():
        return references_by_name(Role, ids)


@transaction
def delete(*ids: int) -> None:
    """Delete roles, all or none; their rules and their rows go to the archive tables first.

    Raises Refused for root_role, InUse where groups hold one, NotFound.
    """
    lock_rows(Role, ids)
    _check_delete(ids)
    archive_and_delete(Rule, values_where(Rule.id, ids, by=Rule.role))
    if EntityRule in opened().neighbours:  # the database deletes them with the role
        gathering.deleting(EntityRule, values_where(EntityRule.id, ids, by=EntityRule.role))
    archive_and_delete(Role, ids)


def _get(id: int) -> RoleRecord:
    rows = tuples(Role.select(Role.name).where(Role.id == id))
    if not rows:
        raise NotFound(ROLE_NOT_FOUND)
    return RoleRecord(id, rows[0][0])


def _check_delete(ids: Collection[int]) -> None:
    if ROOT_ROLE in all_names(Role.name, ids, ROLE_NOT_FOUND):
        raise Refused(ROOT_KEPT)
    for batch in chunked(sorted(ids), BATCH):
        groups = Group.select(Group.id, Group.name).join(GroupRole).where(GroupRole.role.in_(batch)).distinct()
        if first := tuples(groups.order_by(opened().dialect.ordering(Group.name)).limit(MAX_NAMES)):
            raise InUse([(group, name) for group, name in first], groups.count() - len(first))


def _create(name: str) -> int:
    _check(name, None)
    stamp = now()
    return insert_row(Role, name=name, created_at=stamp, updated_at=stamp)


def _check(name: str, baseline: RoleRecord | None) -> RoleRecord | None:
    """The role as it is now. Raises Invalid, Refused, NotFound."""
    theirs = _get(baseline.id) if baseline else None
    if baseline and name == trimmed(baseline.name):
        return theirs
    if baseline and baseline.is_root:
        raise Refused(ROOT_KEPT)
    require_valid({"name": role_name_problem(name, baseline.id if baseline else None)})
    return theirs
