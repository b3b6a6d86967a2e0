"""A user's form: what it holds, what of it cannot be saved, and what it would change in the user as they are now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from peewee import Field

from models import validation
from models.db.decoding import is_id
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import Group, Locale, Membership, Status, User
from models.errors import USER_NOT_FOUND, NotFound
from models.merge import Merge, Saved, names_of
from models.user_status import status_name

MARKS = ("is_agent", "is_merchant_agent", "is_warehouse_user")
"""The columns of the shop's marks; an older shop has not all of them, see `marks`."""

_UNCHANGED_PASSWORD = "unchanged"
_FIELDS = ("email", "first_name", "last_name", "locale", "status")


@dataclass(frozen=True, slots=True)
class UserForm:
    """What the form of a user holds. `marks` has those of the shop's marks (agent, ...) that are set."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    groups: frozenset[int] = frozenset()
    locale: int | None = None
    marks: frozenset[str] = frozenset()
    status: Status | None = Status.ACTIVE
    password: str = field(default="", repr=False)
    repeated: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user as its page shows it; `form` without a password, the groups' names by their ids."""

    id: int
    form: UserForm
    groups: dict[int, str]
    password: int | None = field(default=None, repr=False, compare=False)
    """A number that changes with the password; None where it is not known."""


def marks() -> list[str]:
    """Those of the marks agent, merchant agent and warehouse user that the shop's table has."""
    return [name for name in MARKS if name in User._meta.fields]


def read(id: int) -> UserRecord:
    """The user as they are now. Raises NotFound."""
    names = marks()
    columns: list[Field] = [User.email, User.first_name, User.last_name, User.locale, User.status, User.password]
    columns += [User._meta.fields[name] for name in names]
    rows = tuples(User.select(*columns).where(User.id == id))
    if not rows:
        raise NotFound(USER_NOT_FOUND)
    email, first_name, last_name, locale, stored_status, password, *values = rows[0]
    query = Group.select(Group.id, Group.name).join(Membership).where(Membership.user == id)
    groups = dict(tuples(query.order_by(opened().dialect.ordering(Group.name))))
    status = Status(stored_status) if stored_status in set(Status) else None
    marks_set = frozenset(name for name, value in zip(names, values, strict=True) if value)
    locale = locale if is_id(locale) else None
    form = UserForm(email, first_name, last_name, frozenset(groups), locale, marks_set, status)
    return UserRecord(id, form, groups, hash(password))


def trimmed(form: UserForm) -> UserForm:
    """The form as it is checked and stored; passwords are never trimmed."""
    return replace(
        form,
        email=validation.trimmed(form.email),
        first_name=validation.trimmed(form.first_name),
        last_name=validation.trimmed(form.last_name),
    )


def check(baseline: UserRecord | None, form: UserForm) -> UserRecord | None:
    """The user as they are now. Raises Invalid, NotFound.

    What the form leaves unchanged is not checked again: an older row may break a rule that came later, and a user who
    has no group can get another name or password all the same.
    """
    theirs = read(baseline.id) if baseline else None
    before = trimmed(baseline.form) if baseline else None

    def is_changed(name: str) -> bool:
        return before is None or getattr(form, name) != getattr(before, name)

    problems: dict[str, str | None] = {}
    if is_changed("email"):
        problems["email"] = validation.unique_email_problem(form.email, baseline.id if baseline else None)
    if form.password or form.repeated or baseline is None:
        problems |= validation.password_problems(form.password, form.repeated)
    for name, column in (("first_name", User.first_name), ("last_name", User.last_name)):
        if is_changed(name):
            problems[name] = validation.person_name_problem(column, getattr(form, name))
    if form.locale is not None and is_changed("locale"):
        problems["locale"] = validation.locale_problem(form.locale)
    if is_changed("groups"):
        old_groups = before.groups if before else frozenset()
        added, removed = form.groups - old_groups, old_groups - form.groups
        remaining = (set(theirs.groups) if theirs else set()) - removed | added
        problems["groups"] = validation.groups_problem(added, is_any_left=bool(remaining or form.groups))
    validation.require_valid(problems)
    return theirs


def merge(baseline: UserRecord, form: UserForm) -> tuple[Merge, Saved]:
    """A trimmed form, merged with the user as they are now. Raises Invalid, Conflict, NotFound."""
    theirs = check(baseline, form)
    assert theirs is not None
    names = baseline.groups | theirs.groups
    is_password_same = baseline.password in (None, theirs.password)
    merge = Merge(
        _values(trimmed(baseline.form), _UNCHANGED_PASSWORD),
        _values(trimmed(theirs.form), _UNCHANGED_PASSWORD if is_password_same else "changed by them"),
        _values(form, "changed by you" if form.password else _UNCHANGED_PASSWORD),
        secret={"password"},
    )

    def to_form(values: Mapping[str, Any]) -> UserForm:
        marks_set = frozenset(name for name in MARKS if values[name])
        return replace(form, marks=marks_set, **{name: values[name] for name in (*_FIELDS, "groups")})

    saved = merge.resolve(
        "user", lambda: merge.changes(_describe, lambda ids: names_of(Group.name, ids, names)), theirs, to_form
    )
    return merge, saved


def _values(form: UserForm, password: str) -> dict[str, Any]:
    """What can be changed in a user, by field; of the password, in words what becomes of it."""
    values = {name: getattr(form, name) for name in _FIELDS} | {name: name in form.marks for name in MARKS}
    return {**values, "password": password, "groups": form.groups}


def _describe(field: str, value: Any) -> str:
    if field == "status":
        return status_name(value)
    if field == "locale":
        return next((name for (name,) in tuples(Locale.select(Locale.name).where(Locale.id == value))), "none")
    if field in MARKS:
        return "yes" if value else "no"
    return str(value)
