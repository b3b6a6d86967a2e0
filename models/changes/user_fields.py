"""The users of a file whose own fields differ from the shop's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from peewee import chunked

from models import locales, records, user_form, user_status, users
from models.changes.shop_file import place, quoted, user_values
from models.db.statements import BATCH
from models.db.tables import Status
from models.errors import Invalid
from models.user_form import UserForm, UserRecord
from models.validation import trimmed


@dataclass(frozen=True, slots=True)
class UserChange:
    """A user whose fields differ, with the values before and after by the keys of the file."""

    name: str
    record: UserRecord
    form: UserForm
    """What they would be but for the status."""
    status: Status | None
    """The new one, if it is another."""
    changed: Mapping[str, tuple[Any, Any]]

    @property
    def id(self) -> int:
        """The user's id."""
        return self.record.id

    @property
    def is_warehouse(self) -> bool:
        """Whether it would be a warehouse user."""
        return "is_warehouse_user" in self.form.marks


def plan_users(
    asked: Mapping[str, Mapping[str, Any]],
    ids: Mapping[str, int],
    unknown: str,
    problems: dict[str, str],
) -> list[UserChange]:
    """The users who differ from what is asked, by name; what cannot be is added to the problems, by its place."""
    languages = {name: id for id, name, _ in locales.read_locales()} if asked else {}
    names: dict[int, str] = {}
    for name in sorted(asked):
        if name not in ids:
            problems[place("users", name)] = unknown
        elif ids[name] in names:
            problems[place("users", name)] = f"the same name as {quoted(names[ids[name]])}"
        else:
            names[ids[name]] = name
    changes = []
    for batch in chunked(names, BATCH):
        for user in records.full_users(users.listing.rows(list(batch))):
            name, stored = names[user.row.id], user_values(user)
            values = {key: value for key, value in asked[name].items() if not _is_same(value, stored.get(key))}
            if not values:
                continue
            change, wrong = _change(name, users.get(user.row.id), values, stored, languages)
            problems |= {place("users", name, key): problem for key, problem in wrong.items()}
            changes.append(change)
    return sorted(changes, key=lambda change: change.name)


def _is_same(value: Any, stored: Any) -> bool:
    if isinstance(value, str) and isinstance(stored, str):
        return value == stored or trimmed(value) == trimmed(stored)
    return bool(value == stored)


def _change(
    name: str, record: UserRecord, values: Mapping[str, Any], stored: Mapping[str, Any], languages: Mapping[str, int]
) -> tuple[UserChange, dict[str, str]]:
    """The change of a user to these values, and what is wrong with it by key."""
    wrong = {mark: "this shop has no such mark" for mark in user_form.MARKS if mark in values and mark not in stored}
    marks = frozenset(mark for mark in user_form.MARKS if values.get(mark, mark in record.form.marks))
    names = {key: value for key, value in values.items() if key in ("first_name", "last_name")}
    form = replace(record.form, marks=marks, **names)
    if "language" in values:
        form = replace(form, locale=languages.get(values["language"]))
        if form.locale is None:
            wrong["language"] = f"{quoted(values['language'])}: no such language in the shop"
    if form != record.form:
        try:
            users.check(record, form)
        except Invalid as invalid:
            wrong |= invalid.fields
    changed = {key: (stored.get(key), value) for key, value in sorted(values.items())}
    return UserChange(name, record, form, user_status.STATUSES.get(values.get("status", "")), changed), wrong
