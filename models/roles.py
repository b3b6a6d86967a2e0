"""User roles: their pages of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import parse_time
from models.listing import Listing
from models.tables import Role


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as lists show it."""

    id: int
    name: str
    created_at: datetime | None


def _build(found: Sequence[tuple[Any, ...]]) -> list[RoleRow]:
    return [RoleRow(id, name, parse_time(created_at)) for id, name, created_at in found]


listing = Listing(
    query=lambda: Role.select(Role.id, Role.name, Role.created_at),
    id=Role.id,
    orders={"name": Role.name, "created_at": Role.created_at},
    searched=lambda: [Role.name],
    build=_build,
)
"""All roles."""
