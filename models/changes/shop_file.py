"""Roles, groups and users as a TOML file: written, the same bytes for the same shop, and read, each mistake named."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import groups, records, roles, user_form, user_status, users
from models.db.decoding import Undecodable
from models.db.failures import reason
from models.db.paging import Sort
from models.db.streaming import stream_rows
from models.db.tables import Membership, User
from models.errors import Refused, ShopError
from models.records import FullUser
from models.toml import load_toml
from models.whole_file import read_text

FORMAT = 1
MAX_BYTES = 256 * 1024 * 1024
"""A larger file is refused."""

_PIPE_TIMEOUT_S = 10
"""Seconds to wait for each part of a file that comes through a pipe, as from `<(git show HEAD:shop.toml)`."""

_USER_KEYS: Mapping[str, type] = {
    **dict.fromkeys(("first_name", "last_name", "status", "language"), str),
    **dict.fromkeys(user_form.MARKS, bool),
}
_KEYS = {"roles": ("rules",), "groups": ("roles", "users"), "users": tuple(_USER_KEYS)}


class WrongFile(ShopError):
    """A file that cannot be meant so; `problems` maps a place in it (table and key) to what is wrong there."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {problem}" for place, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class ShopFile:
    """What a file asks for, by name; a key that it does not have is missing in the inner mapping."""

    roles: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong in it, by its place, whatever the shop has."""


def place(table: str, name: str, key: str = "") -> str:
    """Where something stands in a file: `groups."Catalog".roles`."""
    return f"{table}.{quoted(name)}{'.' * bool(key)}{key}"


# Written


def export(
    role_ids: Collection[int] | None, group_ids: Collection[int] | None, *, members: bool, with_users: bool
) -> Iterator[str]:
    """The lines of a file with these roles and groups; None for all of a kind.

    `members` adds the users of each group, `with_users` the users themselves: all, or those of `group_ids`. All is
    sorted, users in the order of the database, and these are never all in memory at once.
    Raises Refused for a name that is no text.
    """
    yield f"format = {FORMAT}"
    for name, rules in sorted(_roles(role_ids)):
        yield from _table("roles", name)
        yield from _array("rules", rules)
    for name, id, held in sorted(_groups(group_ids)):
        yield from _table("groups", name)
        yield from _array("roles", map(_text, held))
        if members:
            listing = users.members(id)
            found = stream_rows(listing, listing.default_sort)
            yield from _array("users", (_text(user.email) for batch in found for user in batch))
    if with_users:
        yield from _users(group_ids)


def quoted(text: str) -> str:
    """A text as a TOML string, whose invisible characters are escaped."""
    if not text.isprintable() or '"' in text or "\\" in text:
        text = "".join(map(_escaped, text))
    return f'"{text}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _roles(ids: Collection[int] | None) -> Iterator[tuple[str, list[str]]]:
    found = stream_rows(roles.listing, Sort("name")) if ids is None else [roles.listing.rows(sorted(ids))]
    for rows in found:
        for role in records.full_roles(rows):
            yield _text(role.row.name), [str(rule) for rule in role.rules if rule.permission is not None]


def _groups(ids: Collection[int] | None) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    found = stream_rows(groups.listing, Sort("name")) if ids is None else [groups.listing.rows(sorted(ids))]
    for rows in found:
        yield from ((_text(row.name), row.id, row.roles) for row in rows)


def _users(group_ids: Collection[int] | None) -> Iterator[str]:
    listing = users.listing
    if group_ids is not None:
        listing = users.where(User.id.in_(Membership.select(Membership.user).where(Membership.group.in_(group_ids))))
    for rows in stream_rows(listing, Sort("email")):
        for user in records.full_users(rows):
            yield from _table("users", _text(user.row.email))
            for key, value in user_values(user).items():
                yield f"{key} = {str(value).lower() if isinstance(value, bool) else quoted(value)}"


def user_values(user: FullUser) -> dict[str, Any]:
    """What a file says of a user, by key; without a language that is not set, and a mark that the shop has not."""
    row = user.row
    values = {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "status": row.status_word,
        "language": user.language,
        **{mark: mark in row.marks for mark in user_form.marks()},
    }
    return {key: value for key, value in values.items() if value is not None}


def _text(name: str) -> str:
    """A name by which a record is found again."""
    if isinstance(name, Undecodable):
        raise Refused(f"“{name}” is no text in UTF-8, which a file must be: rename it first.")
    return name


def _table(table: str, name: str) -> Iterator[str]:
    yield ""
    yield f"[{place(table, name)}]"


def _array(key: str, texts: Iterable[str]) -> Iterator[str]:
    """A line for each text, sorted, none twice."""
    lines = [f"    {quoted(text)}," for text in sorted(set(texts))]
    yield from [f"{key} = [", *lines, "]"] if lines else [f"{key} = []"]


# Read


def read(path: Path) -> ShopFile:
    """What a file asks for; whether the shop has what it names is not looked up. Raises WrongFile as `parse` does."""
    try:
        text = read_text(path, MAX_BYTES, pipe_timeout_s=_PIPE_TIMEOUT_S)
    except (OSError, ValueError) as error:
        raise WrongFile({str(path): reason(error)}) from None
    return parse(text, str(path))


def parse(text: str, name: str) -> ShopFile:
    """What the text of a file of this name asks for, with what of it cannot be meant so.

    Raises WrongFile where it is no such file at all.
    """
    try:
        data = load_toml(text)
    except ValueError as error:
        raise WrongFile({name: str(error)}) from None
    problems: dict[str, str] = {}
    if type(data.get("format")) is not int or data["format"] != FORMAT:
        problems["format"] = f"must be {FORMAT}"
    for key in data:
        if key not in ("format", *_KEYS):
            problems[quoted(key)] = _unknown(["format", *_KEYS])
    file = ShopFile(**{table: _named(table, data.get(table, {}), problems) for table in _KEYS}, problems=problems)
    if "format" in problems:
        raise WrongFile(problems)
    return file


def _named(table: str, named: Any, problems: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The records of a table by name, with what can be meant so; what cannot is added to the problems."""
    if not isinstance(named, dict):
        problems[table] = "must be tables, each of a name"
        return {}
    found: dict[str, dict[str, Any]] = {name: {} for name in named}
    for name, values in named.items():
        if not isinstance(values, dict):
            problems[place(table, name)] = "must be a table"
            continue
        for key, value in values.items():
            if key not in _KEYS[table]:
                problems[f"{place(table, name)}.{quoted(key)}"] = _unknown(_KEYS[table])
            elif problem := _value_problem(table, key, value):
                problems[place(table, name, key)] = problem
            else:
                found[name][key] = value
    return found


def _unknown(known: Iterable[str]) -> str:
    return f"unknown; known are {', '.join(known)}"


def _value_problem(table: str, key: str, value: Any) -> str:
    if table != "users":
        is_list = isinstance(value, list) and all(isinstance(text, str) for text in value)
        return "" if is_list else "must be a list of texts"
    kind = _USER_KEYS[key]
    if type(value) is not kind:
        return "must be a text" if kind is str else "must be true or false"
    if key == "status" and value not in user_status.STATUSES:
        return f"must be one of {', '.join(user_status.STATUSES)}"
    return ""
