"""Records by what people call them: users by e-mail, groups and roles by name, any of them as in `id:12`."""

import re
from collections.abc import Sequence
from typing import Literal

from models.db.connection import read_connection
from models.db.encoding import can_hold
from models.db.opened import opened
from models.db.search import prefix_conditions
from models.db.statements import tuples
from models.db.tables import ROOT_GROUP, ROOT_GROUP_LABEL, Group, Role, User
from models.errors import GROUP_NOT_FOUND, ROLE_NOT_FOUND, USER_NOT_FOUND, NotFound
from models.text import did_you_mean

Kind = Literal["user", "group", "role"]

FIELDS = {"user": User.email, "group": Group.name, "role": Role.name}
_NOT_FOUND = {"user": USER_NOT_FOUND, "group": GROUP_NOT_FOUND, "role": ROLE_NOT_FOUND}

CANDIDATES = 2_000
"""Names among which a similar one is looked for."""


def find(kind: Kind, names: Sequence[str]) -> dict[int, str]:
    """The records that are called so, each by its id with its stored name, in the order given.

    Names compare as the database compares them. `id:12` is the record of that id, unless one is really called so.
    Raises NotFound for the first that is not there, with a similar name where there is one.
    """
    with read_connection():
        return dict(_find(kind, name) for name in names)


def find_one(kind: Kind, name: str) -> tuple[int, str]:
    """The one record that is called so: its id and its stored name, found as `find` does. Raises NotFound."""
    with read_connection():
        return _find(kind, name)


def names_beginning(kind: Kind, text: str, limit: int) -> list[str]:
    """Names of records that begin with the text, in their order."""
    field = FIELDS[kind]
    query = field.model.select(field).order_by(opened().dialect.ordering(field)).limit(limit)
    with read_connection():
        found = [tuples(query.where(begins)) for begins in prefix_conditions(field, text)] if text else [tuples(query)]
    return [name for rows in found for (name,) in rows][:limit]


def _find(kind: Kind, name: str) -> tuple[int, str]:
    field = FIELDS[kind]
    query = field.model.select(field.model.id, field)
    found = tuples(query.where(field == name)) if can_hold(name) else []
    if not found and kind == "group" and name == ROOT_GROUP_LABEL:
        found = tuples(query.where(field == ROOT_GROUP))
    if not found and (number := re.fullmatch(r"id:(\d{1,18})", name)):
        found = tuples(query.where(field.model.id == int(number[1])))
    if not found:
        raise NotFound(f"{_NOT_FOUND[kind]}: {name}{did_you_mean(name, _candidates(kind, name))}")
    id, stored = next((row for row in found if row[1] == name), found[0])
    return id, stored


def _candidates(kind: Kind, name: str) -> list[str]:
    """Names that begin as this one does, then any; so many that a mistake elsewhere is found in a small shop."""
    found = [names_beginning(kind, name[:length], CANDIDATES) for length in (3, 1, 0)]
    return list(dict.fromkeys(other for names in found for other in names))[:CANDIDATES]
