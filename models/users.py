"""Users: their listings, one user, and what their form creates and changes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Field, fn

from models import groups, passwords, validation
from models.access.safeguards import require_remaining_admin
from models.db.connection import read_connection
from models.db.links import add_links, remove_links
from models.db.opened import now, opened
from models.db.paging import EVERY_ROW, Listing
from models.db.rows import insert_row, insert_rows, lock_rows, update_each, update_rows
from models.db.rows_beside import update_where
from models.db.statements import tuples
from models.db.tables import Group, LinkStatus, Locale, Membership, PasswordReset, Status, User
from models.db.transactions import transaction
from models.errors import USER_NOT_FOUND, NotFound
from models.merge import Merge, Saved, names_of
from models.user_status import status_change

STATUSES: Mapping[str, Status] = {status.name.lower(): status for status in Status}
"""By the words of files and commands: `active`, `deactivated`, `deleted`."""

MARKS = ("is_agent", "is_merchant_agent", "is_warehouse_user")
"""The columns of the shop's marks; an older shop has not all of them, see `marks`."""

_UNCHANGED_PASSWORD = "unchanged"
_FIELDS = ("email", "first_name", "last_name", "locale", "status")


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as lists show it; `groups` is None until they are read."""

    id: int
    email: str
    first_name: str
    last_name: str
    last_login: datetime | str | None
    """As it is stored, for `parse_time`."""
    status: int
    """A `Status`, or a value that no shop writes."""
    groups: tuple[str, ...] | None = None
    marks: frozenset[str] = frozenset()
    """Those of the shop's marks (agent, ...) that are set."""

    @property
    def status_label(self) -> str:
        """The status as the Back Office calls it."""
        return status_name(self.status)

    @property
    def status_word(self) -> str | None:
        """The status as files and commands call it; None for a value that no shop writes."""
        return next((word for word, status in STATUSES.items() if status == self.status), None)


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


def status_name(status: int) -> str:
    """A status as the Back Office calls it: `Active`; `Unknown` for a value that no shop writes."""
    return Status(status).name.capitalize() if status in set(Status) else "Unknown"


def marks() -> list[str]:
    """Those of the marks agent, merchant agent and warehouse user that the shop's table has."""
    return [name for name in MARKS if name in User._meta.fields]


# Listings


def _build(rows: Sequence[tuple[Any, ...]]) -> list[UserRow]:
    width, names = len(_COLUMNS), marks()
    marks_set = (frozenset(name for name, value in zip(names, row[width:], strict=True) if value) for row in rows)
    return [UserRow(*(*row[:width], None, marked)) for row, marked in zip(rows, marks_set, strict=True)]


def _fill(rows: list[UserRow]) -> list[UserRow]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    groups = Membership.select(Membership.user, Group.name).join(Group).order_by(opened().dialect.ordering(Group.name))
    for user, name in tuples(groups.where(Membership.user.in_([row.id for row in rows]))):
        names[user].append(name)
    return [replace(row, groups=tuple(names[row.id])) for row in rows]


_COLUMNS = (User.id, User.email, User.first_name, User.last_name, User.last_login, User.status)
"""The first fields of a `UserRow`, in its order."""


def _select() -> Any:
    """What `_build` makes rows of."""
    return User.select(*_COLUMNS, *(User._meta.fields[name] for name in marks()))


def _searched() -> list[Any]:
    return [User.email, User.first_name.concat(" ").concat(User.last_name)]


def _in_group(word: str) -> Any | None:
    """The condition that a user is in a group whose name contains the word; None where no group's does."""
    matching = groups.ids_containing(word)
    if not tuples(matching.limit(1)):
        return None
    of_user = Membership.select(SQL("1")).where(Membership.user == User.id)
    # Without + 0, SQLite looks up every matching group for each user: twenty times as long where many match.
    return fn.EXISTS(of_user.where((Membership.group + 0).in_(matching)))


def with_status(status: Status | None) -> Listing[UserRow]:
    """All users, or those of one status; a search finds the names of their groups, too."""
    return where(*[] if status is None else [User.status == status], elsewhere=_in_group)


def where(*conditions: Any, elsewhere: Callable[[str], Any | None] = lambda _: None) -> Listing[UserRow]:
    """The users that meet the conditions; all without any."""
    return Listing(
        query=lambda: _select().where(EVERY_ROW, *conditions),
        id=User.id,
        orders={
            "email": User.email,
            "first_name": User.first_name,
            "last_name": User.last_name,
            "last_login": User.last_login,
            "status": User.status,
        },
        searched=_searched,
        build=_build,
        fill=_fill,
        elsewhere=elsewhere,
    )


listing = where()
"""All users."""


def members(group_id: int) -> Listing[UserRow]:
    """The users of a group, in the order of their ids: the one order that needs no index but the shop's own."""
    return Listing(
        query=lambda: _select().join(Membership).where(Membership.group == group_id),
        id=Membership.user,
        orders={"id": Membership.user},
        searched=_searched,
        build=_build,
        counted=lambda: Membership.select().where(Membership.group == group_id),
    )


# One user


def get(id: int) -> UserRecord:
    """One user with their groups. Raises NotFound."""
    with read_connection():
        return _get(id)


def check(baseline: UserRecord | None, form: UserForm) -> None:
    """Check what `create` (without a baseline) or `update` would write, without writing. Raises Invalid, NotFound."""
    with read_connection():
        _check(baseline, _trimmed(form))


def create(form: UserForm) -> int:
    """Create a user with their groups, in one transaction; the id.

    Raises Invalid for `email`, `password`, `repeated`, `first_name`, `last_name`, `locale` and `groups`.
    """
    form = _trimmed(form)
    with read_connection():
        _check(None, form)
    hash = passwords.hashed(form.password)  # before the transaction: it takes a quarter of a second
    return _create(form, hash)


@transaction
def _create(form: UserForm, hash: str) -> int:
    _check(None, form)
    return _insert(form, hash)


def clone(id: int, form: UserForm) -> int:
    """Create the user of a form with the groups, marks and language of another one; the id.

    Raises NotFound, else as `create` does.
    """
    other = get(id).form
    return create(replace(form, groups=other.groups, marks=other.marks, locale=other.locale))


def update(baseline: UserRecord, form: UserForm) -> Saved:
    """Change a user from what the page showed to what the form holds; false where nothing differs.

    Only the differences are written; an empty password keeps the old one. A new one expires the links that were sent
    for setting another. Raises Conflict (with a form) where someone else changed a field, or both together left no
    group; Invalid as `create` does; Refused where the current user would not stay active or no administrator would
    remain; NotFound.
    """
    form = _trimmed(form)
    with read_connection():
        _merge(baseline, form)
    hash = passwords.hashed(form.password) if form.password else None
    return _update(baseline, form, hash)


@transaction
def _update(baseline: UserRecord, form: UserForm, hash: str | None) -> Saved:
    id = baseline.id
    lock_rows(User, [id])
    merge, saved = _merge(baseline, form)
    if not saved:
        return saved
    changed = {name: value for name, value in merge.written.items() if name != "groups"}
    if hash is not None:
        changed["password"] = hash
        if PasswordReset in opened().neighbours:
            is_active = PasswordReset.status == LinkStatus.ACTIVE
            update_where(PasswordReset.user, [id], is_active, status=LinkStatus.EXPIRED)
    with status_change([id], changed["status"]) if "status" in changed else require_remaining_admin():
        before, after = merge.theirs["groups"], merge.merged["groups"]
        add_links(Membership, [(group, id) for group in after - before])
        remove_links(Membership.group, before - after, Membership.user == id)
        update_rows(User, [id], **changed, updated_at=now())
    return saved


def insert_many(forms: Sequence[UserForm], hashes: Sequence[str]) -> None:
    """Write checked forms, each with its password's hash, inside the caller's transaction."""
    stamp = str(now())
    columns: list[Field] = [User.email, User.first_name, User.last_name, User.password, User.locale, User.status]
    rows: list[tuple[Any, ...]] = [
        (form.email, form.first_name, form.last_name, hash, form.locale, int(Status.ACTIVE), stamp, stamp)
        for form, hash in zip(forms, hashes, strict=True)
    ]
    ids = insert_rows([*columns, User.created_at, User.updated_at], rows, by=User.email)
    if "uuid" in User._meta.fields:
        update_each(
            User._meta.fields["uuid"], [(_uuid(id, form.email), id) for id, form in zip(ids, forms, strict=True)]
        )
    add_links(Membership, [(group, id) for id, form in zip(ids, forms, strict=True) for group in form.groups])


def _insert(form: UserForm, hash: str) -> int:
    stamp = now()
    values: dict[str, Any] = {
        "email": form.email,
        "first_name": form.first_name,
        "last_name": form.last_name,
        "password": hash,
    }
    values |= {"locale": form.locale, "status": Status.ACTIVE, "created_at": stamp, "updated_at": stamp}
    values |= {name: True for name in form.marks.intersection(marks())}
    id = insert_row(User, **values)
    if "uuid" in User._meta.fields:
        update_rows(User, [id], uuid=_uuid(id, form.email))
    add_links(Membership, [(group, id) for group in form.groups])
    return id


def _uuid(id: int, email: str) -> str:
    """What the shop's UuidBehavior sets once, from the id and the e-mail."""
    import uuid

    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"spy_user.{id}.{email}"))


def _get(id: int) -> UserRecord:
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
    form = UserForm(email, first_name, last_name, frozenset(groups), locale, marks_set, status)
    return UserRecord(id, form, groups, hash(password))


def _trimmed(form: UserForm) -> UserForm:
    """The form as it is checked and stored; passwords are never trimmed."""
    return replace(
        form,
        email=validation.trimmed(form.email),
        first_name=validation.trimmed(form.first_name),
        last_name=validation.trimmed(form.last_name),
    )


def _check(baseline: UserRecord | None, form: UserForm) -> UserRecord | None:
    """The user as they are now. Raises Invalid, NotFound.

    What the form leaves unchanged is not checked again: an older row may break a rule that came later.
    """
    theirs = _get(baseline.id) if baseline else None
    before = _trimmed(baseline.form) if baseline else None

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
    old_groups = before.groups if before else frozenset()
    added, removed = form.groups - old_groups, old_groups - form.groups
    remaining = (set(theirs.groups) if theirs else set()) - removed | added
    problems["groups"] = validation.groups_problem(added, is_any_left=bool(remaining or form.groups))
    validation.require_valid(problems)
    return theirs


def _merge(baseline: UserRecord, form: UserForm) -> tuple[Merge, Saved]:
    """A trimmed form, merged with the user as they are now. Raises Invalid, Conflict, NotFound."""
    theirs = _check(baseline, form)
    assert theirs is not None
    names = baseline.groups | theirs.groups
    is_password_same = baseline.password in (None, theirs.password)
    merge = Merge(
        _values(_trimmed(baseline.form), _UNCHANGED_PASSWORD),
        _values(_trimmed(theirs.form), _UNCHANGED_PASSWORD if is_password_same else "changed by them"),
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
