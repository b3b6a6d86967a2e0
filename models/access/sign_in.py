"""Who can sign in to the Back Office at all, and why others cannot.

Only an active user can, who is not a warehouse user where the shop bars these, and not a merchant's: one with a row in
spy_merchant_user belongs in the Merchant Portal, unless in a group whose reference is root_group.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, Field, chunked, fn

from models.access.grants import rows_by_ids
from models.access.shop_rules import shop_rules
from models.db.connection import read_connection
from models.db.opened import opened
from models.db.statements import BATCH, tuples
from models.db.tables import ROOT_GROUP, Group, Membership, MerchantUser, Status, User

INACTIVE_REASONS = {Status.DEACTIVATED: "deactivated", Status.DELETED: "deleted"}
UNKNOWN_STATUS = "unknown status"
WAREHOUSE_USER = "warehouse user"
MERCHANT_USER = "merchant user, for the Merchant Portal"


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user by their e-mail; `barred` says why they cannot sign in at all, empty where they can."""

    id: int
    email: str
    barred: str


def sign_in_conditions() -> list[Any]:
    """The conditions that a user meets who can sign in."""
    if MerchantUser not in opened().neighbours:
        return staff_conditions()
    return [*staff_conditions(), ~fn.EXISTS(_select_barred_merchants(SQL("1")).where(MerchantUser.user == User.id))]


def staff_conditions() -> list[Any]:
    """Those of `sign_in_conditions` that the user's own row answers: active, and not a barred warehouse user."""
    conditions: list[Any] = [User.status == Status.ACTIVE]
    if not shop_rules().warehouse_users_sign_in:
        conditions += [mark.is_null() | (mark == False) for mark in _warehouse_marks()]  # noqa: E712 (SQL)
    return conditions


def is_staff(status: int, warehouse_user: bool) -> bool:
    """Whether a user with this status and mark meets `staff_conditions`."""
    return status == Status.ACTIVE and (shop_rules().warehouse_users_sign_in or not warehouse_user)


def _warehouse_marks() -> list[Field]:
    """The column that marks warehouse users; none in an older shop."""
    return [User._meta.fields[name] for name in ("is_warehouse_user",) if name in User._meta.fields]


def read_root_groups() -> set[int]:
    """The groups whose reference is root_group: a merchant's user who is in one can sign in."""
    return {id for (id,) in tuples(select_root_groups())}


def select_root_groups() -> Any:
    """The query for `read_root_groups`."""
    reference = Group._meta.fields.get("reference")  # older shops' groups have none
    return Group.select(Group.id).where(SQL("1 = 0") if reference is None else reference == ROOT_GROUP)


def _select_barred_merchants(*columns: Any) -> Any:
    """The query for the merchants' users who are in no group of `read_root_groups`."""
    memberships = Membership.alias()
    in_root_group = memberships.select(SQL("1")).where(
        memberships.user == MerchantUser.user, memberships.group.in_(select_root_groups())
    )
    return MerchantUser.select(*columns).where(~fn.EXISTS(in_root_group))


def find_barred_merchants(users: Collection[int]) -> set[int]:
    """Those of the users who cannot sign in because they are a merchant's."""
    if MerchantUser not in opened().neighbours:
        return set()
    return {user for (user,) in rows_by_ids(_select_barred_merchants(MerchantUser.user), MerchantUser.user, users)}


def read_statuses(users: Collection[int]) -> dict[int, tuple[int, bool]]:
    """The status of each user, and whether they are a warehouse user."""
    query = User.select(User.id, User.status, *_warehouse_marks())
    return {
        id: (status, any(marks))
        for batch in chunked(sorted(users), BATCH)
        for id, status, *marks in tuples(query.where(User.id.in_(batch)))
    }


def select_summaries() -> Any:
    """The query whose rows `summarize` takes."""
    return User.select(User.id, User.email, User.status, *_warehouse_marks())


def summarize(rows: Collection[Sequence[Any]]) -> list[UserSummary]:
    """The users of these rows of `select_summaries`."""
    merchants = find_barred_merchants([row[0] for row in rows])
    return [
        UserSummary(id, email, _barred_reason(status, any(marks), id in merchants))
        for id, email, status, *marks in rows
    ]


def _barred_reason(status: int, warehouse_user: bool, merchant_user: bool) -> str:
    if status != Status.ACTIVE:
        return INACTIVE_REASONS[Status(status)] if status in set(Status) else UNKNOWN_STATUS
    if not is_staff(status, warehouse_user):
        return WAREHOUSE_USER
    return MERCHANT_USER if merchant_user else ""


def user_summaries(ids: Collection[int]) -> list[UserSummary]:
    """These users, by e-mail, without those that no longer exist; in a read connection of its own."""
    with read_connection():
        summaries = summarize(list(rows_by_ids(select_summaries(), User.id, ids)))
    return sorted(summaries, key=lambda user: user.email)


def count_able_to_sign_in(ids: Collection[int]) -> int:
    """How many of these users can sign in; in a read connection of its own."""
    with read_connection():
        return sum(1 for _ in rows_by_ids(User.select(User.id).where(*sign_in_conditions()), User.id, ids))
