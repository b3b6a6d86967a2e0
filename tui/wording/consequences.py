"""What is said, before groups or roles are deleted or users get another status, of all that this does.

It is read from the database, in the caller's thread.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from models import groups, memberships, roles, user_status
from models.db.tables import Status
from models.text import plural
from models.users import UserRow
from tui.text import names
from tui.wording.questions import (
    cascade_warning,
    last_group_warning,
    named,
    picking_list_warning,
    reference_warning,
)

if TYPE_CHECKING:
    from models.changes.undo import Undo


def group_deletion_consequences(ids: Sequence[int]) -> list[str]:
    """Their roles, how many users lose them, and what else goes. Raises Refused, NotFound."""
    cascading = groups.check_delete(*ids)
    rows = groups.listing.fill(groups.listing.rows(ids))
    members = sum(row.users or 0 for row in rows)
    held = sorted({role for row in rows for role in row.roles})
    them = "this group" if len(ids) == 1 else "these groups"
    return [
        f"Roles: {names(held, 300) or 'none'}.",
        f"{plural(members, 'user')} will lose {them}." if members else f"No user is in {them}.",
        *last_group_warning(members, memberships.count_in_no_other_group(ids)),
        *reference_warning(groups.references(*ids), len(ids), "group"),
        *cascade_warning(cascading),
    ]


def role_deletion_consequences(ids: Sequence[int]) -> list[str]:
    """How many rules go with them, and what else. Raises Refused where a group holds one of them, NotFound."""
    cascading = roles.check_delete(*ids)
    rows = roles.listing.fill(roles.listing.rows(ids))
    rules = sum((row.allows or 0) + (row.denies or 0) for row in rows)
    them = "it" if len(ids) == 1 else "them"
    return [
        f"No group holds {them}.",
        f"{plural(rules, 'rule')} will go with {them}.",
        *reference_warning(roles.references(*ids), len(ids), "role"),
        *cascade_warning(cascading),
    ]


def status_consequences(rows: Sequence[UserRow], status: Status) -> list[str]:
    """What another status means for these users, where that is more than its name says."""
    deleted = sum(row.status == Status.DELETED for row in rows)
    said = []
    if status is Status.DELETED:
        said = ["They can no longer sign in. They stay listed as Deleted and can be reactivated."]
    elif deleted and status is Status.DEACTIVATED:
        said = [f"{plural(deleted, 'deleted user')} will be listed as Deactivated."]
    elif deleted and len(rows) > 1:  # of one, the question itself says so
        said = [f"{plural(deleted, 'deleted user')} can sign in again then."]
    return [*said, *picking_list_warning(user_status.picking_lists([row.id for row in rows], status))]


def status_question(rows: Sequence[UserRow], status: Status) -> str:
    """Whether these users are to have this status."""
    emails = [row.email for row in rows]
    if status is Status.ACTIVE and [row.status for row in rows] == [Status.DELETED]:
        return f"Reactivate deleted user “{emails[0]}”?"
    return f"{status.verb.capitalize()} {named(emails, 'user')}?"


def unassigned_picking_lists(statuses: Mapping[int, Status]) -> list[str]:
    """What becomes of the picking lists of the users who get these statuses."""
    lists: Counter[str] = Counter()
    for status in {*statuses.values()}:
        lists.update(user_status.picking_lists([id for id, wanted in statuses.items() if wanted is status], status))
    return picking_list_warning(dict(lists.most_common()))


def undo_consequences(planned: "Undo") -> list[str]:
    """What an undo cannot bring back, and what else goes with it."""
    return [
        *planned.lost,
        *cascade_warning(planned.cascading),
        *unassigned_picking_lists(planned.access.statuses),
    ]


def second_factor_question(emails: Sequence[str]) -> str:
    """Whether the second factors of these users are to be deleted."""
    return f"Reset the second factors of {named(emails, 'user')}?"


def second_factor_consequence(count: int) -> str:
    """What it means that so many second factors are deleted."""
    return f"{plural(count, 'second factor')} will be deleted: the password alone lets them in."
