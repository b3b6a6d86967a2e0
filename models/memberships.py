"""Memberships: users are added to groups and removed from them, on a group's page or in the list of users."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Literal

from peewee import fn

from models.access.safeguards import may_be_refused, require_remaining_admin
from models.db.connection import read_connection
from models.db.links import add_links, remove_links
from models.db.opened import now, opened
from models.db.rights import require_right
from models.db.rows import existing_ids, update_rows
from models.db.tables import Group, Membership, MerchantUser, User
from models.db.transactions import dry_run, transaction
from models.errors import GROUP_NOT_FOUND, USER_NOT_FOUND, NotFound

NOT_A_MEMBER = "User and group are not found."

Edited = Literal["group", "users"]
"""Whose `updated_at` is set with a membership: the group's on its own page, the users' in their list."""


@transaction
def add(user_ids: Collection[int], group_ids: Collection[int], *, edited: Edited = "users") -> int:
    """Add users to groups, in one transaction; how many users were not in all of the groups before.

    Raises NotFound for a group or user, Refused where no administrator would remain.
    """
    if set(group_ids) - existing_ids(Group.id, group_ids):
        raise NotFound(GROUP_NOT_FOUND)
    if set(user_ids) - existing_ids(User.id, user_ids):
        raise NotFound(USER_NOT_FOUND)
    added = {
        group: missing
        for group in sorted(set(group_ids))
        if (missing := set(user_ids) - existing_ids(Membership.user, user_ids, Membership.group == group))
    }
    with require_remaining_admin():
        _touch(added, edited)
        for group, users in added.items():
            add_links(Membership, [(group, user) for user in users])
    return len(_all_users(added))


@transaction
def remove(user_ids: Collection[int], group_ids: Collection[int], *, edited: Edited = "users") -> int:
    """Remove users from groups, in one transaction; how many users were in any of the groups.

    Raises Refused where no administrator would remain; on a group's page, NotFound where nobody was a member.
    """
    removed = _remove(user_ids, group_ids, edited)
    if not removed and edited == "group":
        raise NotFound(NOT_A_MEMBER)
    return removed


def check_remove(user_ids: Collection[int], group_ids: Collection[int], *, edited: Edited = "users") -> None:
    """Raise Refused where `remove` would, Unavailable where the database would refuse it."""
    require_right("delete", Membership)
    require_right("update", Group if edited == "group" else User)
    with read_connection():
        is_doubtful = may_be_refused(lambda admin: admin in user_ids)
    if is_doubtful:
        dry_run(lambda: _remove(user_ids, group_ids, edited))


def _remove(user_ids: Collection[int], group_ids: Collection[int], edited: Edited) -> int:
    removed: defaultdict[int, set[int]] = defaultdict(set)
    with require_remaining_admin():
        for group, user in remove_links(Membership.user, user_ids, Membership.group.in_(group_ids)):
            removed[group].add(user)
        _touch(removed, edited)
    return len(_all_users(removed))


def find_leavers(user_ids: Collection[int], group_ids: Collection[int]) -> tuple[set[int], int]:
    """Those of the users who are in one of these groups, and how many of them are in no other."""
    with read_connection():
        members = existing_ids(Membership.user, user_ids, Membership.group.in_(group_ids))
        staying = existing_ids(Membership.user, members, Membership.group.not_in(group_ids))
    return members, len(members - staying)


def count_in_no_other_group(group_ids: Collection[int]) -> int:
    """How many users are in these groups alone."""
    other = Membership.alias()
    elsewhere = other.select(other.user).where((other.user == Membership.user) & other.group.not_in(group_ids))
    alone = Membership.select(Membership.user).where(Membership.group.in_(group_ids) & ~fn.EXISTS(elsewhere))
    with read_connection():
        return int(alone.distinct().count())


def count_merchants(user_ids: Collection[int]) -> int:
    """How many of these users are a merchant's, who is for the Merchant Portal."""
    if MerchantUser not in opened().neighbours:
        return 0
    with read_connection():
        return len(existing_ids(MerchantUser.user, user_ids))


def _all_users(users_by_group: Mapping[int, set[int]]) -> set[int]:
    return set().union(*users_by_group.values())


def _touch(users_by_group: Mapping[int, set[int]], edited: Edited) -> None:
    """Set `updated_at`, by which a lost connection's commit is found out on MySQL and MariaDB."""
    if edited == "group":
        update_rows(Group, users_by_group, updated_at=now())
    else:
        update_rows(User, _all_users(users_by_group), updated_at=now())
