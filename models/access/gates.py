"""Gates: what a change must not let anybody open."""

from collections.abc import Collection, Sequence

from models.access.compute_impact import groups_after
from models.access.decision import build_chain
from models.access.grants import read_grants, rows_by_ids
from models.access.impact import NEW, AccessChange, Impact
from models.access.regions import Memo, Scope, compare_chains
from models.access.rules import Path
from models.db.connection import read_connection
from models.db.rows import values_where
from models.db.statements import tuples
from models.db.tables import GroupRole, Membership, Rule


def find_new_access(change: AccessChange, impact: Impact) -> set[Scope]:
    """The paths that somebody could open after a change who could not before.

    A group without users counts as if it had one, who is in no other: what it grants, the next user gets.
    """
    return {*impact.newly_open, *_gained_by_groups_without_users(change)}


def forbidden(new: Collection[Scope], *, never: Sequence[Path], excepted: Sequence[Path] | None) -> list[Scope]:
    """What of the new access is forbidden, in order: what `never` covers, and all but what is `excepted`.

    Where that is None, nothing else is forbidden.
    """

    def is_forbidden(scope: Scope) -> bool:
        is_excepted = excepted is None or any(map(scope.is_within, excepted))
        return not is_excepted or any(map(scope.meets, never))

    return sorted(filter(is_forbidden, new), key=str)


def _gained_by_groups_without_users(change: AccessChange) -> set[Scope]:
    gained: set[Scope] = set()
    memo: Memo = {}
    with read_connection():
        roles = {*change.added_rules} | values_where(Rule.role, change.removed_rules, by=Rule.id)
        groups = {*change.added_roles, *change.removed_roles} | values_where(GroupRole.group, roles, by=GroupRole.role)
        groups -= {*change.joining, *change.deleted_groups}
        groups -= {id for (id,) in tuples(Membership.select(Membership.group).distinct())} - _emptied(change)
        grants = read_grants({id for id in groups if id < NEW}, set().union(*change.added_roles.values()))
        after = groups_after(grants, change)
        for id in groups:
            before = build_chain([grants.group(id)] if id in grants.group_names else [])
            gained.update(compare_chains(before, build_chain(after([id])), memo)[0])
    return gained


def _emptied(change: AccessChange) -> set[int]:
    """The groups that all of their users leave."""
    leaving = {group: set(users) for group, users in change.leaving.items()}
    links = rows_by_ids(Membership.select(Membership.group, Membership.user), Membership.group, leaving)
    return leaving.keys() - {group for group, user in links if user not in leaving[group]}
