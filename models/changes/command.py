"""The words of the command that does what a change does, as somebody would type them into a shell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from models import locales
from models.access.rules import Path, parse_pattern, to_permission
from models.changes.shell_words import AND, NoCommand, Options, line, typed
from models.db.change import Change, RowChange
from models.db.described import OWNED
from models.db.tables import (
    LINKS,
    EntityRule,
    Group,
    GroupRole,
    Membership,
    Permission,
    Role,
    Rule,
    SecondFactor,
    ShopTable,
    Status,
    User,
    table_of,
)
from models.errors import Invalid
from models.text import is_visible
from models.validation import RULE_PARTS

_MARKS = {"is_agent": "agent", "is_merchant_agent": "merchant-agent", "is_warehouse_user": "warehouse"}
"""The options for the marks, by column."""
_EMAIL, _LANGUAGE = User.email.column_name, User.locale.column_name

MAX_NAMED = 1_000
"""Rows that a command names: one of more words is longer than a clipboard takes, and nobody checks it."""

Named = dict[str, list[str]]
"""What is done with a record, by what that is called."""


def find_command(change: Change) -> str | None:
    """The command that does what a change does, or several of them; None where none does, or it had to be too long."""
    try:
        return command_of(change)
    except NoCommand:
        return None


def command_of(change: Change) -> str:
    """The command that does what a change does, or several of them. Raises NoCommand.

    Records are called by name, by id where the name has invisible characters or begins with a dash; none gives a record
    a name that nobody can see, or a language that no form offers. A password is read by the command, and never a part
    of it.
    """
    if change.note.undoes:
        return line("undo", [change.note.undoes])
    rows = _Rows(change.rows)
    if change.copy_of is not None:  # whatever rules it has
        return line("roles clone", [rows.called(Role, *change.copy_of), *rows.names(Role, new=True)])
    commands = [*_in_order(rows)]
    if not commands:
        raise NoCommand("what is written beside the records themselves has none")
    return AND.join(commands)


class _Rows:
    """The rows of a change by table, with what their records are called on a command line."""

    def __init__(self, rows: Sequence[RowChange]) -> None:
        self._rows: defaultdict[str, list[RowChange]] = defaultdict(list)
        self._new, self._gone = set[tuple[str, Any]](), set[tuple[str, Any]]()
        for row in rows:
            self._rows[row.table].append(row)
            if isinstance(row.id, int) and (row.before is None or row.after is None):
                (self._new if row.before is None else self._gone).add((row.table, row.id))

    def of(self, model: type[ShopTable]) -> list[RowChange]:
        """The rows of a table; of rules and links without those that go with their role or group.

        Raises NoCommand where they are too many to be named.
        """
        rows = self._rows[table_of(model)]
        if model in OWNED:
            rows = [row for row in rows if (table_of(Role), _values(row)[Rule.role.column_name]) not in self._gone]
        elif model in LINKS:
            rows = [row for row in rows if (table_of(Group), _group(row)) not in self._gone]
        if len(rows) > MAX_NAMED:
            raise NoCommand(f"it would name more than {MAX_NAMED:,} records")
        return rows

    def called(self, model: type[ShopTable], id: Any, name: str) -> str:
        """The name of a record, by which a command finds it; else its id."""
        if (table_of(model), id) in self._new:
            return typed(name)
        return name if is_visible(name) and not name.startswith("-") else f"id:{id}"

    def names(self, model: type[ShopTable], *, new: bool = False, gone: bool = False) -> list[str]:
        """What those are called that are new, or gone."""
        rows = [row for row in self.of(model) if (new and row.before is None) or (gone and row.after is None)]
        return [self.called(model, row.id, str(row.name)) for row in rows]

    def changed(self, model: type[ShopTable]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What those are called that were there and are, with their new values."""
        for row in self.of(model):
            if row.before is not None and row.after is not None:
                yield self.called(model, row.id, str(row.name)), row.after

    def links(self, model: type[ShopTable], other: type[ShopTable], *, added: bool) -> list[tuple[str, str]]:
        """The links of groups that are added or removed; without those of groups that are gone."""
        return [
            (self.called(Group, row.id[0], row.name[0]), self.called(other, row.id[1], row.name[1]))
            for row in self.of(model)
            if isinstance(row.id, tuple) and (row.before is None) is added
        ]


def _in_order(rows: _Rows) -> Iterator[str]:
    """What is gained before what is lost; other names at last, so that the old ones hold until then."""
    new_groups, new_users = rows.names(Group, new=True), rows.names(User, new=True)
    held, members = rows.links(GroupRole, Role, added=True), rows.links(Membership, User, added=True)
    roles_by_group = _by_first(held)
    groups_by_user = _by_first((user, group) for group, user in members)
    users_by_group = _by_first((group, user) for group, user in members if user not in new_users)
    yield from (line("roles add", [name]) for name in rows.names(Role, new=True))
    added, removed = _rules(rows)
    for (role, permission), paths in added.items():
        yield line(f"roles {permission}", [role, *paths])
    for name in new_groups:
        yield line("groups add", [name], {"--role": _needed(roles_by_group.pop(name, []))})
    yield from _new_users(rows, groups_by_user)
    for verb, links in (("add-role", roles_by_group), ("add-user", users_by_group)):
        yield from (line(f"groups {verb}", [group, *names]) for group, names in links.items())
    yield from _statuses(rows, Status.ACTIVE)
    for verb, model, other in (("remove-role", GroupRole, Role), ("remove-user", Membership, User)):
        for group, names in _by_first(rows.links(model, other, added=False)).items():
            yield line(f"groups {verb}", [group, *names])
    for role, texts in removed.items():
        yield line("roles remove-rule", [role, *texts])
    if reset := [rows.called(User, row.id, str(row.name)) for row in rows.of(SecondFactor)]:
        yield line("users reset-mfa", reset)
    yield from _statuses(rows, Status.DEACTIVATED, Status.DELETED)
    yield from _changed_users(rows)
    for noun, record in (("groups", Group), ("roles", Role)):
        for name, after in rows.changed(record):
            yield line(f"{noun} rename", [name, typed(after["name"])])
        if gone := rows.names(record, gone=True):
            yield line(f"{noun} delete", gone)


def _rules(rows: _Rows) -> tuple[dict[tuple[str, str], list[str]], Named]:
    """The paths that roles allow or deny now, and the rules that they have no more."""
    if rows.of(EntityRule):
        raise NoCommand("it concerns data rules (spy_acl_entity_rule)")
    added: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    removed: Named = {}
    for row in rows.of(Rule):
        name, text = map(str, row.name)
        role = rows.called(Role, _values(row)[Rule.role.column_name], name)
        if row.after is not None:
            permission, path = _rule(text, row.after)
            added[role, permission].append(path)
        if row.before is not None:
            is_plain = is_visible(text) and text.split() == text.split(" ") and not text.startswith("unknown")
            removed.setdefault(role, []).append(text if is_plain else f"id:{row.id}")
    return added, removed


def _rule(text: str, after: Mapping[str, Any]) -> tuple[str, str]:
    """The permission and path of a rule with these values; what they lack is as in the text of what was before."""
    word, _, path = text.partition(" ")
    permission = Permission.__members__.get(word.upper())
    known = dict(zip(RULE_PARTS, path.split("/"), strict=False))
    parts = [str(after.get(part, known.get(part))) for part in RULE_PARTS]
    if Rule.permission.column_name in after:
        permission = to_permission(after[Rule.permission.column_name])
    try:
        is_typed_so = path.count("/") == 2 and parse_pattern("/".join(parts)) == Path(*parts)
    except Invalid:
        is_typed_so = False
    if permission is None or not is_typed_so:
        raise NoCommand(f"the rule “{path}” cannot be typed")
    return permission.name.lower(), typed("/".join(parts))


def _new_users(rows: _Rows, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    new = [row for row in rows.of(User) if row.before is None and row.after is not None]
    for row in new:
        values = row.after or {}
        options: dict[str, Sequence[str]] = {"--group": _needed(groups.get(str(row.name), []))}
        language, default = values.get(_LANGUAGE), locales.default_locale(locales.read_locales())
        if language is not None or default is not None:
            options["--language"] = [_language(language)]
        marks = {f"--{option}": () for mark, option in _MARKS.items() if values.get(mark)}
        password = "--password-stdin" if len(new) == 1 else "--generate-password"
        yield line("users add", [typed(str(row.name))], {**_person(values), **options, **marks, password: ()})


def _changed_users(rows: _Rows) -> Iterator[str]:
    for email, after in rows.changed(User):
        if "password" in after:
            yield line("users set-password", [email], {"--password-stdin": ()})
        options: dict[str, Sequence[str]] = dict(_person(after))
        if _LANGUAGE in after:
            options["--language"] = [_language(after[_LANGUAGE])]
        for mark, option in _MARKS.items():
            if mark in after:
                options[f"--{'' if after[mark] else 'no-'}{option}"] = ()
        if _EMAIL in after:
            options["--email"] = [typed(after[_EMAIL])]
        if options:
            yield line("users set", [email], options)


def _statuses(rows: _Rows, *statuses: Status) -> Iterator[str]:
    for status in statuses:
        found = [email for email, after in rows.changed(User) if after.get("status") == status]
        if status is not Status.ACTIVE:
            found += [str(row.name) for row in rows.of(User) if row.before is None and _values(row)["status"] == status]
        if found:
            yield line(f"users {status.verb}", found)


def _person(values: Mapping[str, Any]) -> Options:
    names = {"--first-name": User.first_name.column_name, "--last-name": User.last_name.column_name}
    return {option: [typed(values[column])] for option, column in names.items() if column in values}


def _language(id: int | None) -> str:
    """What a command calls a language that forms offer, or none."""
    if id is None:
        return locales.NO_LANGUAGE
    for other, name, is_offered in locales.read_locales():
        if other == id and is_offered:
            return name
    raise NoCommand("no form offers the user's language")


def _by_first(links: Iterable[tuple[str, str]]) -> Named:
    found: Named = {}
    for one, other in links:
        found.setdefault(one, []).append(other)
    return found


def _needed(names: Sequence[str]) -> Sequence[str]:
    if not names:
        raise NoCommand("a new group has no role, or a new user no group")
    return names


def _group(link: RowChange) -> int:
    assert isinstance(link.id, tuple)
    return link.id[0]


def _values(row: RowChange) -> Mapping[str, Any]:
    return row.after or row.before or {}
