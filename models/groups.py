"""User groups: their pages of rows, one group, and every change to it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Case, fn

from models import validation
from models.access.safeguards import may_be_refused, require_remaining_admin
from models.db.connection import read_connection
from models.db.paging import EVERY_ROW, Listing
from models.db.rows import (
    add_links,
    archive_and_delete,
    cascading_row_counts,
    existing_ids,
    insert_row,
    is_name_taken,
    lock_rows,
    references_by_name,
    remove_links,
    update_rows,
)
from models.db.search import ordered
from models.db.tables import (
    ROOT_GROUP,
    ROOT_GROUP_LABEL,
    Group,
    GroupRole,
    Membership,
    Role,
    group_label,
    now,
    tuples,
)
from models.db.transactions import dry_run, transaction
from models.errors import GROUP_NOT_FOUND, Invalid, NotFound, Refused
from models.merge import Merge, Saved, all_names, names_of
from models.validation import text_problem

NAME_IN_USE = "Group name already in use"
ROLE_NEEDED = "At least one role must be selected."
ROLE_GONE = "A role that was taken has been deleted meanwhile. Take others, or leave and come back."
ROOT_KEPT = f"The group {ROOT_GROUP} cannot be deleted: its users administer the shop."
ROOT_NAMED = f"The group {ROOT_GROUP} cannot be renamed."
NO_ROLES = "This group has no roles, and a group needs at least one: give it one first, then clone it."


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as lists show it; `users` is None until it is counted."""

    id: int
    name: str
    roles: tuple[str, ...]
    users: int | None
    created_at: datetime | str | None
    """As it is stored, for `parse_time`."""

    @property
    def label(self) -> str:
        """The name as it is shown."""
        return group_label(self.name)


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group as its page shows it: the roles' names by their ids, in the order of the names."""

    id: int
    name: str
    roles: dict[int, str]

    @property
    def is_root(self) -> bool:
        """Whether this is the administrators' group, which can be neither renamed nor deleted."""
        return self.name == ROOT_GROUP

    @property
    def label(self) -> str:
        """The name as it is shown."""
        return group_label(self.name)


def _build(found: Sequence[tuple[Any, ...]]) -> list[GroupRow]:
    roles = defaultdict(list)
    held = GroupRole.select(GroupRole.group, Role.name).join(Role).order_by(ordered(Role.name))
    for id, name in tuples(held.where(GroupRole.group.in_([row[0] for row in found]))):
        roles[id].append(name)
    return [GroupRow(id, name, tuple(roles[id]), None, created_at) for id, name, created_at in found]


def _fill(rows: list[GroupRow]) -> list[GroupRow]:
    counted = Membership.select(Membership.group, fn.COUNT(SQL("*"))).group_by(Membership.group)
    users: dict[int, int] = dict(tuples(counted.where(Membership.group.in_([row.id for row in rows]))))
    return [replace(row, users=users.get(row.id, 0)) for row in rows]


def _listing(query: Callable[[], Any]) -> Listing[GroupRow]:
    return Listing(
        query=query,
        id=Group.id,
        orders={"name": Group.name, "created_at": Group.created_at},
        searched=lambda: [Case(None, [(Group.name == ROOT_GROUP, ROOT_GROUP_LABEL)], Group.name)],
        build=_build,
        fill=_fill,
    )


_COLUMNS = (Group.id, Group.name, Group.created_at)


def where(*conditions: Any) -> Listing[GroupRow]:
    """The groups that meet the conditions; all without any."""
    return _listing(lambda: Group.select(*_COLUMNS).where(EVERY_ROW, *conditions))


listing = where()
"""All groups."""


def holding(role_id: int) -> Listing[GroupRow]:
    """The groups that hold a role."""
    return _listing(lambda: Group.select(*_COLUMNS).join(GroupRole).where(GroupRole.role == role_id))


def of_user(user_id: int) -> Listing[GroupRow]:
    """The groups that a user is in."""
    return _listing(lambda: Group.select(*_COLUMNS).join(Membership).where(Membership.user == user_id))


def get(id: int) -> GroupRecord:
    """One group with its roles. Raises NotFound."""
    with read_connection():
        return _get(id)


def check(shown: GroupRecord | None, title: str, role_ids: Collection[int]) -> None:
    """Check what `create` (without `shown`) or `update` would write, without writing it. Raises Invalid, NotFound."""
    with read_connection():
        _merge(shown, validation.trimmed(title), role_ids)


@transaction
def create(title: str, role_ids: Collection[int]) -> int:
    """Create a group that holds these roles, in one transaction; its id.

    Raises Invalid for `title` and `roles`, as Users / User Groups / Create new Group checks them.
    """
    return _create(validation.trimmed(title), role_ids)


@transaction
def update(shown: GroupRecord, title: str, role_ids: Collection[int]) -> Saved:
    """Change a group from what its page showed to this title and these roles; false where nothing differs.

    Only the differences are written: a role that someone else gave the group or took from it meanwhile stays so.
    Raises Conflict (with title and role ids) where someone else changed the title, or both together left no role;
    Invalid for `title` and `roles`, Refused for a new title of root_group, NotFound.
    """
    lock_rows(Group, [shown.id])
    theirs, merge = _merge(shown, validation.trimmed(title), role_ids)
    assert theirs is not None
    known = shown.roles | theirs.roles
    saved = merge.resolve(
        "group",
        lambda: merge.changes(lambda _, value: str(value), lambda ids: names_of(Role.name, ids, known)),
        theirs,
        lambda values: (values["title"], tuple(sorted(values["roles"]))),
    )
    if not saved:
        return saved
    with require_remaining_admin():
        held, wanted = merge.theirs["roles"], merge.merged["roles"]
        remove_links(GroupRole.role, held - wanted, GroupRole.group == shown.id)
        add_links(GroupRole, [(shown.id, role) for role in wanted - held])
    renamed = {"name": merge.written["title"]} if "title" in merge.written else {}
    update_rows(Group, [shown.id], **renamed, updated_at=now())
    return saved


def check_delete(*ids: int) -> dict[str, int]:
    """Whether `delete` would take them, and how many rows of tables that are none of ours would go too, by table.

    Raises Refused, NotFound.
    """
    with read_connection():
        _check_delete(ids)
        along = cascading_row_counts(Group, ids)
        doubtful = may_be_refused(lambda admin: existing_ids(Membership.user, [admin], Membership.group.in_(ids)))
    if doubtful:
        dry_run(lambda: _delete(ids))
    return along


def references(*ids: int) -> dict[str, str]:
    """The references by which other parts of the shop find these groups, by the names of those that have one."""
    with read_connection():
        return references_by_name(Group, ids)


@transaction
def delete(*ids: int) -> None:
    """Delete groups, all or none; their rows go to the archive table first, their users and roles stay.

    Raises Refused for root_group, and where nobody could open the user pages then; NotFound.
    """
    _delete(ids)


def _delete(ids: Collection[int]) -> None:
    lock_rows(Group, ids)
    _check_delete(ids)
    with require_remaining_admin():
        remove_links(Membership.group, ids)
        remove_links(GroupRole.group, ids)
        archive_and_delete(Group, ids)


@transaction
def clone(id: int, title: str) -> int:
    """Create a group under a new title with the roles of another, and none of its users; its id.

    Raises Invalid for `title`, Refused where it has no roles, NotFound.
    """
    roles = _get(id).roles
    if not roles:
        raise Refused(NO_ROLES)
    return _create(validation.trimmed(title), roles)


def _check_delete(ids: Collection[int]) -> None:
    if ROOT_GROUP in all_names(Group.name, ids, GROUP_NOT_FOUND):
        raise Refused(ROOT_KEPT)


def _create(title: str, role_ids: Collection[int]) -> int:
    _merge(None, title, role_ids)
    stamp = now()
    id = insert_row(Group, name=title, created_at=stamp, updated_at=stamp)
    add_links(GroupRole, [(id, role) for role in set(role_ids)])
    return id


def _get(id: int) -> GroupRecord:
    found = tuples(Group.select(Group.name).where(Group.id == id))
    if not found:
        raise NotFound(GROUP_NOT_FOUND)
    held = Role.select(Role.id, Role.name).join(GroupRole).where(GroupRole.group == id).order_by(ordered(Role.name))
    return GroupRecord(id, found[0][0], dict(tuples(held)))


def _merge(shown: GroupRecord | None, title: str, role_ids: Collection[int]) -> tuple[GroupRecord | None, Merge]:
    """The group as it is now, and how this title and these roles, entered where `shown` was shown, go together with it.

    Raises Invalid, Refused, NotFound.
    """
    theirs = _get(shown.id) if shown else None
    merge = Merge(_values(shown), _values(theirs), {"title": title, "roles": frozenset(role_ids)})
    renamed = title != merge.shown["title"]
    if shown and renamed and shown.is_root:
        raise Refused(ROOT_NAMED)
    fields = {}
    if renamed and (found := text_problem(Group.name, title)):
        fields["title"] = found
    elif renamed and is_name_taken(Group.name, title, shown.id if shown else None):
        fields["title"] = NAME_IN_USE
    added = merge.merged["roles"] - merge.theirs["roles"]
    if added - existing_ids(Role.id, added):
        fields["roles"] = ROLE_GONE
    elif not (merge.merged["roles"] or merge.mine["roles"]):
        fields["roles"] = ROLE_NEEDED
    if fields:
        raise Invalid(fields)
    return theirs, merge


def _values(record: GroupRecord | None) -> dict[str, Any]:
    """What can be changed in a group, by field; of a group that is not there yet, nothing."""
    if record is None:
        return {"title": None, "roles": frozenset()}
    return {"title": validation.trimmed(record.name), "roles": frozenset(record.roles)}
