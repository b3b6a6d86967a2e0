"""The records that a file names, by their names there, and which of them the shop has not."""

from collections.abc import Iterable

from models import lookup, validation
from models.access.impact import NEW
from models.changes.shop_file import ShopFile, place, quoted
from models.db.encoding import can_hold
from models.db.rows import ids_by_value
from models.db.statements import tuples
from models.db.tables import CharField, Group, Role
from models.lookup import Kind

UNKNOWN = {
    "roles": "no such role, neither in this file nor in the shop",
    "users": "no such user in the shop; backoffice users add creates users",
}


class Named:
    """The records that a file names, by their names there; what is new gets an id from `NEW` on."""

    def __init__(self, file: ShopFile, problems: dict[str, str]) -> None:
        linked = {key: [name for each in file.groups.values() for name in each.get(key, ())] for key in UNKNOWN}
        self.roles = _ids("role", [*file.roles, *linked["roles"]])
        self.groups = _ids("group", file.groups)
        self.users = _ids("user", [*file.users, *linked["users"]])
        self.new_roles = _add_new("roles", file.roles, self.roles, Role.name, problems)
        self.new_groups = _add_new("groups", file.groups, self.groups, Group.name, problems)


def _ids(kind: Kind, names: Iterable[str]) -> dict[str, int]:
    """The ids of those of the names that the shop has, compared as the database does."""
    column, wanted = lookup.FIELDS[kind], set(names)
    found = {name: id for name, id in ids_by_value(column, wanted) if name in wanted}
    for name in filter(can_hold, sorted(wanted - found.keys())):
        for (id,) in tuples(column.model.select(column.model.id).where(column == name)):
            found[name] = id
    return found


def _add_new(
    table: str, names: Iterable[str], ids: dict[str, int], column: CharField, problems: dict[str, str]
) -> dict[int, str]:
    """Give ids to the names that the shop has not; these by their ids. Names that are equal there are a problem."""
    new: dict[int, str] = {}
    seen: dict[int | str, str] = {}
    for name in names:
        key = ids.get(name, name.casefold())  # as the strictest of the databases compares
        problem = f"the same name as {quoted(seen[key])}" if key in seen else None
        seen[key] = name
        if name not in ids:
            id = NEW + len(new)
            new[id], ids[name] = name, id
            problem = problem or entry_problem(column, name)
        if problem:
            problems[place(table, name)] = problem
    return new


def entry_problem(column: CharField, text: str) -> str | None:
    """Why the column cannot have a text of a file, which is written as it stands there."""
    if text != validation.trimmed(text):
        return "begins or ends with a blank or an invisible character"
    return validation.text_problem(column, text)
