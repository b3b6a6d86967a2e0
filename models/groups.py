"""User groups: their pages of rows, one group, and every change to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Case, IntegrityError, chunked, fn

from models import texts
from models.database import changing, parse_time, reading
from models.errors import Invalid, NotFound, Refused
from models.listing import Listing
from models.tables import (
    ROOT_GROUP,
    Group,
    GroupRole,
    Membership,
    Role,
    User,
    archive,
    length,
    now,
    shop,
    tuples,
)

GONE = "Group couldn't be found"
NAME_IN_USE = "Group name already in use"
ROLE_NEEDED = "At least one role must be selected."
ROLE_GONE = "A selected role no longer exists: {}."
ROOT_KEPT = f"The group {ROOT_GROUP} cannot be deleted: its users administer the shop."
ROOT_NAMED = f"The group {ROOT_GROUP} cannot be renamed."
NOT_A_MEMBER = "User and group are not found."

_ROOT_LABEL = f"Administrators group ({ROOT_GROUP})"
_BATCH = 400
"""Rows written by one statement, well under every database's limit of parameters."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as lists show it; `users` is None until it is counted."""

    id: int
    name: str
    roles: tuple[str, ...]
    users: int | None
    created_at: datetime | None

    @property
    def label(self) -> str:
        """The name as it is shown."""
        return label(self.name)


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
        return label(self.name)


def label(name: str) -> str:
    """A group's name as it is shown: the Back Office lists root_group as "Administrators group (root_group)"."""
    return _ROOT_LABEL if name == ROOT_GROUP else name


def _build(found: Sequence[tuple[Any, ...]]) -> list[GroupRow]:
    roles = defaultdict(list)
    held = GroupRole.select(GroupRole.group, Role.name).join(Role).order_by(Role.name)
    for id, name in tuples(held.where(GroupRole.group.in_([row[0] for row in found]))):
        roles[id].append(name)
    return [GroupRow(id, name, tuple(roles[id]), None, parse_time(created_at)) for id, name, created_at in found]


def _fill(rows: list[GroupRow]) -> list[GroupRow]:
    counted = Membership.select(Membership.group, fn.COUNT(SQL("*"))).group_by(Membership.group)
    users: dict[int, int] = dict(tuples(counted.where(Membership.group.in_([row.id for row in rows]))))
    return [replace(row, users=users.get(row.id, 0)) for row in rows]


listing = Listing(
    query=lambda: Group.select(Group.id, Group.name, Group.created_at),
    id=Group.id,
    orders={"name": Group.name, "created_at": Group.created_at},
    searched=lambda: [Case(None, [(Group.name == ROOT_GROUP, _ROOT_LABEL)], Group.name)],
    build=_build,
    fill=_fill,
)
"""All groups."""


def get(id: int) -> GroupRecord:
    """One group with its roles. Raises NotFound."""
    with reading():
        return _get(id)


def count_users(id: int) -> int:
    """How many users a group has."""
    with reading():
        return int(Membership.select(fn.COUNT(SQL("*"))).where(Membership.group == id).scalar())


def check(shown: GroupRecord | None, title: str, role_ids: Collection[int]) -> None:
    """Check what `create` (without `shown`) or `update` would write, without writing it. Raises Invalid, NotFound."""
    with reading():
        _plan(shown, texts.trimmed(title), set(role_ids))


def create(title: str, role_ids: Collection[int]) -> int:
    """Create a group that holds these roles, in one transaction; its id.

    Raises Invalid for `title` and `roles`, as Users / User Groups / Create new Group checks them.
    """
    title = texts.trimmed(title)
    with changing(), _title_in_use():
        plan = _plan(None, title, set(role_ids))
        stamp = now()
        id = int(Group.insert(name=title, created_at=stamp, updated_at=stamp).execute())
        _add_roles(id, plan.added)
    return id


def update(shown: GroupRecord, title: str, role_ids: Collection[int]) -> bool:
    """Change a group from what its page showed to this title and these roles; false where nothing differs.

    Only the differences are written: a role that someone else gave the group or took from it meanwhile stays so.
    Raises Invalid for `title` and `roles`, Refused for a new title of root_group, NotFound.
    """
    title = texts.trimmed(title)
    with changing(), _title_in_use():
        plan = _plan(shown, title, set(role_ids))
        if not plan:
            return False
        Group.update({Group.updated_at: now()} | ({Group.name: title} if plan.renamed else {})).where(
            Group.id == shown.id
        ).execute()
        _remove_roles(shown.id, plan.removed)
        _add_roles(shown.id, plan.added)
    return True


def delete(id: int) -> None:
    """Delete a group; its row goes to the archive table first, its users and roles stay.

    Raises Refused for root_group, NotFound.
    """
    with changing():
        if _get(id).is_root:
            raise Refused(ROOT_KEPT)
        archive(Group, Group.id, [id])
        Membership.delete().where(Membership.group == id).execute()
        GroupRole.delete().where(GroupRole.group == id).execute()
        Group.delete().where(Group.id == id).execute()


def add_users(id: int, user_ids: Iterable[int]) -> int:
    """Put users into a group; how many of them were not in it yet. Raises NotFound for the group or any of them."""
    wanted = set(user_ids)
    with changing():
        _get(id)
        known = _among(User.id, wanted, User.select(User.id))
        if wanted - known:
            raise NotFound("User couldn't be found")
        members = Membership.select(Membership.user).where(Membership.group == id)
        fresh = wanted - _among(Membership.user, wanted, members)
        for batch in chunked([{"group": id, "user": user} for user in sorted(fresh)], _BATCH):
            Membership.insert_many(batch).execute()
    return len(fresh)


def remove_user(id: int, user_id: int) -> None:
    """Take a user out of a group. Raises NotFound where the user is not in it, or either is gone."""
    with changing():
        if not Membership.delete().where(Membership.group == id, Membership.user == user_id).execute():
            raise NotFound(NOT_A_MEMBER)


def _get(id: int) -> GroupRecord:
    found = tuples(Group.select(Group.name).where(Group.id == id))
    if not found:
        raise NotFound(GONE)
    held = Role.select(Role.id, Role.name).join(GroupRole).where(GroupRole.group == id).order_by(Role.name)
    return GroupRecord(id, found[0][0], dict(tuples(held)))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a save will write, compared with what the database holds now."""

    renamed: bool
    added: set[int]
    removed: set[int]

    def __bool__(self) -> bool:
        return self.renamed or bool(self.added or self.removed)


def _plan(shown: GroupRecord | None, title: str, wanted: set[int]) -> _Plan:
    """What is to be written so that a group, as its page showed it, gets this title and these roles.

    Raises Invalid, Refused, NotFound.
    """
    before = set(shown.roles) if shown else set()
    held = set(_get(shown.id).roles) if shown else set()
    renamed = shown is None or title != texts.trimmed(shown.name)
    plan = _Plan(renamed, (wanted - before) - held, (before - wanted) & held)
    if shown and renamed and shown.is_root:
        raise Refused(ROOT_NAMED)
    fields = {}
    if renamed and (problem := texts.problem(title, length(Group.name)) or _in_use(title, shown.id if shown else None)):
        fields["title"] = problem
    gone = plan.added - _among(Role.id, plan.added, Role.select(Role.id))
    if gone:
        names = ", ".join(str(id) for id in sorted(gone))
        fields["roles"] = ROLE_GONE.format(names)
    elif not (held | plan.added) - plan.removed:
        fields["roles"] = ROLE_NEEDED
    if fields:
        raise Invalid(fields)
    return plan


def _in_use(title: str, id: int | None) -> str | None:
    others = tuples(Group.select(Group.id).where(Group.name == title))
    return NAME_IN_USE if any(other != id for (other,) in others) else None


@contextmanager
def _title_in_use() -> Iterator[None]:
    """The database's unique constraint is the last word: its violation is the same Invalid as the check before it."""
    try:
        with shop.atomic():
            yield
    except IntegrityError as error:
        if "name" in str(error):
            raise Invalid({"title": NAME_IN_USE}) from error
        raise


def _among(field: Any, ids: Collection[int], query: Any) -> set[int]:
    """Those of the ids that the query has in the field."""
    return {id for batch in chunked(sorted(ids), _BATCH) for (id,) in tuples(query.where(field.in_(batch)))}


def _add_roles(id: int, role_ids: Iterable[int]) -> None:
    for batch in chunked([{"group": id, "role": role} for role in sorted(role_ids)], _BATCH):
        GroupRole.insert_many(batch).execute()


def _remove_roles(id: int, role_ids: Iterable[int]) -> None:
    for batch in chunked(sorted(role_ids), _BATCH):
        GroupRole.delete().where(GroupRole.group == id, GroupRole.role.in_(batch)).execute()
