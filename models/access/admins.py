"""Who can administer the shop: users who can sign in and open all of the user pages."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from peewee import Field, chunked

from models.access.decision import (
    USER_PAGES,
    GroupRules,
    allows_user_pages,
    build_chain,
    build_chain_for_any_order,
)
from models.access.grants import is_order_fixed, read_grants, read_groups_by_user
from models.access.rules import ANY
from models.access.shop_rules import shop_rules
from models.access.sign_in import sign_in_conditions
from models.db.statements import BATCH, tuples
from models.db.tables import ROOT_GROUP, Group, GroupRole, Membership, Permission, Rule, User


def can_administer(groups: Sequence[GroupRules]) -> bool:
    """Whether a user in these groups, in the order of their ids, may open all of the user pages.

    On PostgreSQL in every order of the groups, since any of them is possible there.
    """
    return allows_user_pages(build_chain(groups) if is_order_fixed() else build_chain_for_any_order(groups))


def find_admin(first: int | None = None) -> int | None:
    """The id of a user who can sign in and `can_administer`; None where there is none.

    The user `first` is checked before any other: a user who could before a change most often still can after it.
    """
    return next(find_admins(first), None)


def find_admins(first: int | None = None) -> Iterator[int]:
    """All users whom `find_admin` may find, one after the other, read only as far as they are asked for."""
    verdicts: dict[tuple[int, ...], bool] = {}
    yielded: set[int] = set()
    for users in _find_candidates(first):
        groups_by_user = read_groups_by_user(users)
        undecided = list({groups_by_user[user] for user in users} - verdicts.keys())
        for batch in undecided[:1], undecided[1:]:  # the first one is most often enough
            grants = read_grants(set().union(*batch))
            verdicts |= {groups: can_administer(grants.groups(groups)) for groups in batch}
            admins = [user for user in users if verdicts.get(groups_by_user[user]) and user not in yielded]
            yielded.update(admins)
            yield from admins


def _find_candidates(first: int | None) -> Iterator[Sequence[int]]:
    """Users who can sign in, in batches: all who may be able to open the user pages, the likely ones first."""
    able = User.select(User.id).where(*sign_in_conditions())
    if allows_user_pages(build_chain([])):
        yield [id for (id,) in tuples(able.limit(1))]
        return
    if first is not None:
        yield [id for (id,) in tuples(able.where(User.id == first))]
    root = [id for (id,) in tuples(Group.select(Group.id).where(Group.name == ROOT_GROUP))]
    for group in itertools.chain(root, (group for group in _find_allowing_groups() if group not in root)):
        members = Membership.select(Membership.user).join(User)
        members = members.where(Membership.group == group, *sign_in_conditions())
        yield from chunked(_read_ids(Membership.user, members), BATCH)


def _find_allowing_groups() -> Iterator[int]:
    """The groups with a rule that allows one certain user page: every admin is in one of them.

    It is a page that neither the default rules nor the whitelist allow; where they allow all, any group will do.
    """
    rules = shop_rules()
    everyones = [*rules.default_rules, *rules.whitelist_rules]
    page = next((page for page in USER_PAGES if not any(rule.path.covers(page) for rule in everyones)), None)
    if page is None:
        yield from _read_ids(Membership.group, Membership.select(Membership.group).distinct())
        return
    allowing = Rule.select(Rule.role).where(Rule.permission == Permission.ALLOW).distinct()
    for field, part in (Rule.bundle, page.bundle), (Rule.controller, page.controller), (Rule.action, page.action):
        allowing = allowing.where(field.in_((part, ANY)))
    for roles in chunked([role for (role,) in tuples(allowing)], BATCH):
        groups = GroupRole.select(GroupRole.group).where(GroupRole.role.in_(roles)).distinct()
        yield from _read_ids(GroupRole.group, groups)


def _read_ids(field: Field, query: Any) -> Iterator[int]:
    """The ids in the field, in ascending order, read in batches by key."""
    batch: list[tuple[Any, ...]] = [(0,)]
    while batch:
        batch = tuples(query.where(field > batch[-1][0]).order_by(field).limit(BATCH))
        yield from (id for (id,) in batch)
