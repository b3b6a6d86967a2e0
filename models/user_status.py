"""The status of users: activating, deactivating and deleting them, and the picking lists that are unassigned then."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from peewee import SQL, chunked, fn

from models.access import safeguards
from models.access.safeguards import require_remaining_admin
from models.db.connection import read_connection
from models.db.opened import now, opened
from models.db.rights import require_right
from models.db.rows import existing_ids, lock_rows, update_rows, values_where
from models.db.rows_beside import update_where
from models.db.statements import BATCH, tuples
from models.db.tables import PickingList, Status, User
from models.db.transactions import dry_run, transaction
from models.errors import USER_NOT_FOUND, NotFound, Refused

NOT_DEACTIVATED = "User was not deactivated."
NOT_DELETED = "User was not deleted."

STATUSES: Mapping[str, Status] = {status.name.lower(): status for status in Status}
"""By the words of files and commands: `active`, `deactivated`, `deleted`."""


def status_name(status: int) -> str:
    """A status as the Back Office calls it: `Active`; `Unknown` for a value that no shop writes."""
    return Status(status).name.capitalize() if status in set(Status) else "Unknown"


@transaction
def set_status(ids: Collection[int], status: Status) -> int:
    """Activate, deactivate or delete users (a deleted user's row stays), in one transaction; how many were changed.

    Raises NotFound where one does not exist, Refused where the current user would not stay active or no administrator
    would remain.
    """
    return _set_status(ids, status)


def check_status(ids: Collection[int], status: Status) -> None:
    """Raise Refused where `set_status` would, Unavailable where the database would refuse it."""
    require_right("update", User)
    with read_connection():
        differing = existing_ids(User.id, ids, User.status != status)
        if _uuids_to_unassign(differing, status):
            require_right("update", PickingList)
        _require_not_current_user(differing, status)
        is_doubtful = safeguards.may_be_refused(lambda admin: admin in differing)
    if is_doubtful:
        dry_run(lambda: _set_status(ids, status))


def _set_status(ids: Collection[int], status: Status) -> int:
    statuses = lock_rows(User, ids, User.status)
    if set(ids) - statuses.keys():
        raise NotFound(USER_NOT_FOUND)
    differing = {id for id, (stored,) in statuses.items() if stored != status}
    with status_change(differing, status):
        update_rows(User, differing, status=status, updated_at=now())
    return len(differing)


@contextmanager
def status_change(ids: Collection[int], status: Status) -> Iterator[None]:
    """Around the writing of another status, inside its transaction; all of its rules, and what follows from it.

    The picking lists of warehouse users who are not active any more are unassigned, as the shop does it. Raises Refused
    where the current user would not stay active or no administrator would remain.
    """
    _require_not_current_user(ids, status)
    uuids = _uuids_to_unassign(ids, status)
    with require_remaining_admin():
        yield
    update_where(PickingList.user_uuid, uuids, user_uuid=None)


def picking_lists(ids: Collection[int], status: Status) -> dict[str, int]:
    """How many picking lists would be unassigned if the users got this status, by the lists' own status; most first."""
    counts: Counter[str] = Counter()
    with read_connection():
        query = PickingList.select(PickingList.status, fn.COUNT(SQL("*"))).group_by(PickingList.status)
        for uuids in chunked(sorted(_uuids_to_unassign(ids, status)), BATCH):
            counts.update(dict(tuples(query.where(PickingList.user_uuid.in_(uuids)))))
    return dict(sorted(counts.items(), key=lambda counted: (-counted[1], counted[0])))


def _require_not_current_user(ids: Collection[int], status: Status) -> None:
    if status is not Status.ACTIVE and safeguards.includes_current_user(ids):
        raise Refused(NOT_DELETED if status is Status.DELETED else NOT_DEACTIVATED)


def _uuids_to_unassign(ids: Collection[int], status: Status) -> set[str]:
    """The uuids of those of the users whose picking lists are unassigned when they get this status."""
    fields = User._meta.fields
    if status is Status.ACTIVE or PickingList not in opened().neighbours or "uuid" not in fields:
        return set()
    conditions = [User.status != status, fields["uuid"].is_null(False)]
    if "is_warehouse_user" in fields:
        conditions.append(fields["is_warehouse_user"] == True)  # noqa: E712 (SQL)
    return {str(uuid) for uuid in values_where(fields["uuid"], ids, *conditions, by=User.id)}
