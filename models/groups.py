"""User groups: their listing, one group, and every change to it but to its members."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, Case, fn

from models.access.safeguards import may_be_refused, require_remaining_admin
from models.db.connection import read_connection
from models.db.dialects import NO_ROW
from models.db.links import add_links, remove_links
from models.db.opened import now, opened
from models.db.paging import EVERY_ROW, Listing
from models.db.rights import require_right
from models.db.rows import (
    archive_and_delete,
    cascading_row_counts,
    existing_ids,
    insert_row,
    lock_rows,
    references_by_name,
    update_rows,
    values_where,
)
from models.db.search import contains
from models.db.statements import one_of, tuples
from models.db.tables import ROOT_GROUP, ROOT_GROUP_LABEL, Group, GroupRole, Membership, Role, group_label
from models.db.transactions import dry_run, transaction
from models.errors import GROUP_NOT_FOUND, NotFound, Refused
from models.merge import Merge, Saved, all_names, names_of
from models.validation import require_valid, roles_problem, title_problem, trimmed

ROOT_NOT_DELETED = f"The group {ROOT_GROUP} cannot be deleted: its users administer the shop."
ROOT_NOT_RENAMED = f"The group {ROOT_GROUP} cannot be renamed."
NO_ROLES = "This group has no roles. Assign at least one before cloning it."


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


def _build(rows: Sequence[tuple[Any, ...]]) -> list[GroupRow]:
    names = defaultdict(list)
    roles = GroupRole.select(GroupRole.group, Role.name).join(Role).order_by(opened().dialect.ordering(Role.name))
    for id, name in tuples(roles.where(GroupRole.group.in_([row[0] for row in rows]))):
        names[id].append(name)
    return [GroupRow(id, name, tuple(names[id]), None, created_at) for id, name, created_at in rows]


def _fill(rows: list[GroupRow]) -> list[GroupRow]:
    counts = Membership.select(Membership.group, fn.COUNT(SQL("*"))).group_by(Membership.group)
    users: dict[int, int] = dict(tuples(counts.where(Membership.group.in_([row.id for row in rows]))))
    return [replace(row, users=users.get(row.id, 0)) for row in rows]


def _label() -> Any:
    """The name as it is shown."""
    return Case(None, [(Group.name == ROOT_GROUP, ROOT_GROUP_LABEL)], Group.name)


def ids_containing(word: str) -> Any:
    """The query of the ids of groups whose name, as it is shown, contains the word."""
    return Group.select(Group.id).where(contains([_label()], word))


def _listing(query: Callable[[], Any]) -> Listing[GroupRow]:
    return Listing(
        query=query,
        id=Group.id,
        orders={"name": Group.name, "created_at": Group.created_at},
        searched=lambda: [_label()],
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


def of_users(user_ids: Collection[int]) -> Listing[GroupRow]:
    """The groups that any of the users is in now."""
    with read_connection():
        ids = values_where(Membership.group, user_ids, by=Membership.user)
    return where(one_of(Group.id, ids) if ids else NO_ROW)


def get(id: int) -> GroupRecord:
    """One group with its roles. Raises NotFound."""
    with read_connection():
        return _get(id)


def check(baseline: GroupRecord | None, title: str, role_ids: Collection[int]) -> None:
    """Check what `create` (without a baseline) or `update` would write, without writing it.

    Raises Invalid, Refused, NotFound.
    """
    with read_connection():
        _merge(baseline, trimmed(title), role_ids)


@transaction
def create(title: str, role_ids: Collection[int]) -> int:
    """Create a group that holds these roles, in one transaction; its id.

    Raises Invalid for `title` and `roles`, as Users / User Groups / Create new Group checks them.
    """
    return _create(trimmed(title), role_ids)


@transaction
def update(baseline: GroupRecord, title: str, role_ids: Collection[int]) -> Saved:
    """Change a group from what its page showed to this title and these roles; false where nothing differs.

    Only the differences are written: what someone else changed in the roles meanwhile stays.
    Raises Conflict (with title and role ids) where someone else changed the title, or both together left no role;
    Invalid for `title` and `roles`, Refused for a new title of root_group, NotFound.
    """
    id = baseline.id
    lock_rows(Group, [id])
    theirs, merge = _merge(baseline, trimmed(title), role_ids)
    assert theirs is not None
    names = baseline.roles | theirs.roles
    saved = merge.resolve(
        "group",
        lambda: merge.changes(names=lambda ids: names_of(Role.name, ids, names)),
        theirs,
        lambda values: (values["title"], tuple(sorted(values["roles"]))),
    )
    if not saved:
        return saved
    with require_remaining_admin():
        before, after = merge.theirs["roles"], merge.merged["roles"]
        remove_links(GroupRole.role, before - after, GroupRole.group == id)
        add_links(GroupRole, [(id, role) for role in after - before])
    name = {"name": merge.written["title"]} if "title" in merge.written else {}
    update_rows(Group, [id], **name, updated_at=now())
    return saved


def check_delete(*ids: int) -> dict[str, int]:
    """How many rows of tables that are none of ours would be deleted too, by table.

    Raises Refused, NotFound where `delete` would, Unavailable where the database would refuse it.
    """
    require_right("delete", Membership, GroupRole, Group)
    with read_connection():
        _check_delete(ids)
        counts = cascading_row_counts(Group, ids)
        is_doubtful = may_be_refused(lambda admin: existing_ids(Membership.user, [admin], Membership.group.in_(ids)))
    if is_doubtful:
        dry_run(lambda: _delete(ids))
    return counts


def references(*ids: int) -> dict[str, str]:
    """The references by which other parts of the shop find these groups, by the names of those that have one."""
    with read_connection():
        return references_by_name(Group, ids)


@transaction
def delete(*ids: int) -> None:
    """Delete groups, all or none; their rows go to the archive table first, their users and roles stay.

    Raises Refused for root_group, and where no administrator would remain; NotFound.
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
    return _create(trimmed(title), roles)


def _check_delete(ids: Collection[int]) -> None:
    if ROOT_GROUP in all_names(Group.name, ids, GROUP_NOT_FOUND):
        raise Refused(ROOT_NOT_DELETED)


def _create(title: str, role_ids: Collection[int]) -> int:
    _merge(None, title, role_ids)
    stamp = now()
    id = insert_row(Group, name=title, created_at=stamp, updated_at=stamp)
    add_links(GroupRole, [(id, role) for role in set(role_ids)])
    return id


def _get(id: int) -> GroupRecord:
    """In one statement: a group without roles has one row, without a role."""
    rows = tuples(
        Group.select(Group.name, Role.id, Role.name)
        .join(GroupRole, JOIN.LEFT_OUTER)
        .join(Role, JOIN.LEFT_OUTER)
        .where(Group.id == id)
        .order_by(opened().dialect.ordering(Role.name))
    )
    if not rows:
        raise NotFound(GROUP_NOT_FOUND)
    return GroupRecord(id, rows[0][0], {role: name for _, role, name in rows if role is not None})


def _merge(baseline: GroupRecord | None, title: str, role_ids: Collection[int]) -> tuple[GroupRecord | None, Merge]:
    """The group as it is now, and how this trimmed title and these roles merge with it.

    Raises Invalid, Refused, NotFound.
    """
    theirs = _get(baseline.id) if baseline else None
    merge = Merge(_values(baseline), _values(theirs), {"title": title, "roles": frozenset(role_ids)})
    is_renamed = title != merge.baseline["title"]
    if baseline and is_renamed and baseline.is_root:
        raise Refused(ROOT_NOT_RENAMED)
    added = merge.merged["roles"] - merge.theirs["roles"]
    is_any_left = bool(merge.merged["roles"] or merge.mine["roles"])
    require_valid(
        {
            "title": title_problem(title, baseline.id if baseline else None) if is_renamed else None,
            "roles": roles_problem(added, is_any_left=is_any_left),
        }
    )
    return theirs, merge


def _values(record: GroupRecord | None) -> dict[str, Any]:
    """What can be changed in a group, by field; nothing of a new group."""
    if record is None:
        return {"title": None, "roles": frozenset()}
    return {"title": trimmed(record.name), "roles": frozenset(record.roles)}
