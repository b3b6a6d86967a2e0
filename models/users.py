"""Users: their pages of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, fn

from models.database import reading
from models.listing import Listing
from models.tables import Membership, Status, User


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as lists show it."""

    id: int
    email: str
    first_name: str
    last_name: str
    status: Status | None
    """None where the database holds a value that no shop writes."""

    @property
    def status_label(self) -> str:
        """The status in the Back Office's words."""
        return "Unknown" if self.status is None else self.status.name.capitalize()


def _build(found: Sequence[tuple[Any, ...]]) -> list[UserRow]:
    known = set(Status)
    return [
        UserRow(id, email, first_name, last_name, Status(status) if status in known else None)
        for id, email, first_name, last_name, status in found
    ]


_COLUMNS = (User.id, User.email, User.first_name, User.last_name, User.status)

listing = Listing(
    query=lambda: User.select(*_COLUMNS),
    id=User.id,
    orders={"email": User.email},
    searched=lambda: [User.email, User.first_name.concat(" ").concat(User.last_name)],
    build=_build,
)
"""All users."""


def members(group_id: int) -> Listing[UserRow]:
    """The users of a group, in the order of their ids: the one order that needs no index but the shop's own."""
    return Listing(
        query=lambda: User.select(*_COLUMNS).join(Membership).where(Membership.group == group_id),
        id=Membership.user,
        orders={"id": Membership.user},
        searched=lambda: [User.email, User.first_name.concat(" ").concat(User.last_name)],
        build=_build,
    )


def count_groups(id: int) -> int:
    """How many groups a user is in."""
    with reading():
        return int(Membership.select(fn.COUNT(SQL("*"))).where(Membership.user == id).scalar())
