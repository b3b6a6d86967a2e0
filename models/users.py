"""Users: their pages of rows, one user, and every change to them."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Field, chunked, fn

from models import passwords, validation
from models.access import safeguards
from models.access.safeguards import require_remaining_admin
from models.db.connection import read_connection
from models.db.paging import EVERY_ROW, Listing
from models.db.rows import (
    BATCH,
    add_links,
    existing_ids,
    ids_by_value,
    insert_row,
    insert_rows,
    is_name_taken,
    lock_rows,
    remove_links,
    update_each,
    update_rows,
    update_where,
    values_where,
)
from models.db.search import ordered
from models.db.tables import (
    Group,
    LinkStatus,
    Locale,
    Membership,
    PasswordReset,
    PickingList,
    Status,
    User,
    neighbours,
    now,
    tuples,
)
from models.db.transactions import dry_run, transaction
from models.errors import USER_NOT_FOUND, Invalid, NotFound, Refused
from models.merge import Merge, Saved, names_of
from models.validation import text_problem

languages: Sequence[str] = ("en_US", "de_DE")
"""The interface languages that are offered (a setting), of those that the shop has; a new user begins with the first.

The Back Office's own two: a shop's table of languages has 221, nearly all of them active.
"""

GROUP_NEEDED = "At least one group must be selected."
GROUP_GONE = "A group that was taken has been deleted meanwhile. Take others, or leave and come back."
LOCALE_GONE = "This language has been deleted meanwhile. Choose another."
BAD_EMAIL = "This value is not a valid email address."
BAD_NAME = "This value must not contain any of these characters: : / < >"
NOT_DEACTIVATED = "User was not deactivated."
NOT_DELETED = "User was not deleted."

_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
"""The form that HTML5 accepts in an e-mail field, with a dot in the domain (Symfony's Email constraint, mode html5)."""

_KEPT = "as it was"
_SINGLE = ("email", "first_name", "last_name", "locale", "status")
_MARKS = ("is_agent", "is_merchant_agent", "is_warehouse_user")
STATUS_NAMES: Mapping[int, str] = {
    Status.ACTIVE: "Active",
    Status.DEACTIVATED: "Deactivated",
    Status.DELETED: "Deleted",
}
"""The Back Office's words."""


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
        """The status in the Back Office's words."""
        return STATUS_NAMES.get(self.status, "Unknown")


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
    """Another number where the password is another one; None where that is not known."""


def _build(found: Sequence[tuple[Any, ...]]) -> list[UserRow]:
    known, names = len(_COLUMNS), marks()
    set_marks = (frozenset(name for name, value in zip(names, row[known:], strict=True) if value) for row in found)
    return [UserRow(*(*row[:known], None, marked)) for row, marked in zip(found, set_marks, strict=True)]


def _fill(rows: list[UserRow]) -> list[UserRow]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    held = Membership.select(Membership.user, Group.name).join(Group).order_by(ordered(Group.name))
    for user, name in tuples(held.where(Membership.user.in_([row.id for row in rows]))):
        names[user].append(name)
    return [replace(row, groups=tuple(names[row.id])) for row in rows]


_COLUMNS = (User.id, User.email, User.first_name, User.last_name, User.last_login, User.status)


def _select() -> Any:
    """What `_build` makes rows of."""
    return User.select(*_COLUMNS, *(User._meta.fields[name] for name in marks()))


def _searched() -> list[Any]:
    return [User.email, User.first_name.concat(" ").concat(User.last_name)]


def with_status(status: Status | None) -> Listing[UserRow]:
    """All users, or those of one status."""
    return where() if status is None else where(User.status == status)


def where(*conditions: Any) -> Listing[UserRow]:
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


def get(id: int) -> UserRecord:
    """One user with their groups. Raises NotFound."""
    with read_connection():
        return _get(id)


def locales() -> list[tuple[int, str, bool]]:
    """The shop's interface languages by name, and whether each is offered: the others stay with users who have them.

    Those of the setting `languages` are, unless the shop has switched them off.
    """
    with read_connection():
        found = tuples(Locale.select(Locale.id, Locale.name, Locale.is_active).order_by(Locale.name))
    return [(id, name, bool(active) and name in languages) for id, name, active in found]


def default_locale(locales: Sequence[tuple[int, str, bool]]) -> int | None:
    """The interface language that a new user begins with: the first of `languages` that is offered, if any is."""
    offered = {name: id for id, name, is_offered in locales if is_offered}
    return next((offered[name] for name in languages if name in offered), None)


def marks() -> list[str]:
    """Those of the marks agent, merchant agent and warehouse user that the shop's table has."""
    return [name for name in _MARKS if name in User._meta.fields]


def check(shown: UserRecord | None, form: UserForm) -> None:
    """Check what `create` (without `shown`) or `update` would write, without writing it. Raises Invalid, NotFound."""
    with read_connection():
        _check(shown, _trimmed(form))


def create(form: UserForm) -> int:
    """Create a user with their groups, in one transaction; the id.

    Raises Invalid for `email`, `password`, `repeated`, `first_name`, `last_name` and `groups`.
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


def update(shown: UserRecord, form: UserForm) -> Saved:
    """Change a user from what the page showed to what the form holds; false where nothing differs.

    Only the differences are written; an empty password keeps the old one. A new one expires the links that were sent
    for setting another. Raises Conflict (with a form) where someone else changed a field, or both together left no
    group; else as `create` does, Refused where the current user would lose their status or nobody could open the user
    pages then, NotFound.
    """
    form = _trimmed(form)
    with read_connection():
        _merge(shown, form)
    hash = passwords.hashed(form.password) if form.password else None
    return _update(shown, form, hash)


@transaction
def _update(shown: UserRecord, form: UserForm, hash: str | None) -> Saved:
    lock_rows(User, [shown.id])
    merge, saved = _merge(shown, form)
    if not saved:
        return saved
    changed = {name: value for name, value in merge.written.items() if name != "groups"}
    if hash is not None:
        changed["password"] = hash
        if PasswordReset in neighbours:
            expired, active = LinkStatus.EXPIRED, PasswordReset.status == LinkStatus.ACTIVE
            update_where(PasswordReset.user, [shown.id], active, status=expired)
    pickers: set[str] = set()
    if "status" in changed:
        _keep_me([shown.id], changed["status"])
        pickers = _pickers([shown.id], changed["status"])
    with require_remaining_admin():
        held, wanted = merge.theirs["groups"], merge.merged["groups"]
        add_links(Membership, [(group, shown.id) for group in wanted - held])
        remove_links(Membership.group, held - wanted, Membership.user == shown.id)
        update_rows(User, [shown.id], **changed, updated_at=now())
    update_where(PickingList.user_uuid, pickers, user_uuid=None)
    return saved


def picking_lists(ids: Collection[int], status: Status) -> dict[str, int]:
    """How many picking lists would be unassigned if the users got this status, by the lists' own status; most first."""
    found: Counter[str] = Counter()
    with read_connection():
        count = fn.COUNT(SQL("*"))
        query = PickingList.select(PickingList.status, count).group_by(PickingList.status)
        for uuids in chunked(sorted(_pickers(ids, status)), BATCH):
            found.update(dict(tuples(query.where(PickingList.user_uuid.in_(uuids)))))
    return dict(sorted(found.items(), key=lambda counted: (-counted[1], counted[0])))


def check_status(ids: Collection[int], status: Status) -> None:
    """Raise Refused where `set_status` would."""
    with read_connection():
        differing = existing_ids(User.id, ids, User.status != status)
        _keep_me(differing, status)
        doubtful = safeguards.may_be_refused(lambda admin: admin in differing)
    if doubtful:
        dry_run(lambda: _set_status(ids, status))


@transaction
def set_status(ids: Collection[int], status: Status) -> int:
    """Activate, deactivate or delete users (a deleted user's row stays), in one transaction; how many were changed.

    The picking lists of warehouse users who are not active any more are unassigned, as the shop does it.
    Raises NotFound where one is gone, Refused where the current user would be deactivated or deleted, or nobody could
    open the user pages then.
    """
    return _set_status(ids, status)


def _set_status(ids: Collection[int], status: Status) -> int:
    lock_rows(User, ids)
    if set(ids) - existing_ids(User.id, ids):
        raise NotFound(USER_NOT_FOUND)
    differing = existing_ids(User.id, ids, User.status != status)
    _keep_me(differing, status)
    pickers = _pickers(differing, status)
    with require_remaining_admin():
        update_rows(User, differing, status=status, updated_at=now())
    update_where(PickingList.user_uuid, pickers, user_uuid=None)
    return len(differing)


def insert_many(forms: Sequence[UserForm], hashes: Sequence[str]) -> None:
    """Write checked forms, each with its password's hash, inside the caller's transaction."""
    stamp = str(now())
    columns: list[Field] = [User.email, User.first_name, User.last_name, User.password, User.locale, User.status]
    rows: list[tuple[Any, ...]] = [
        (form.email, form.first_name, form.last_name, hash, form.locale, int(Status.ACTIVE), stamp, stamp)
        for form, hash in zip(forms, hashes, strict=True)
    ]
    insert_rows([*columns, User.created_at, User.updated_at], rows)
    ids = dict(ids_by_value(User.email, {form.email for form in forms}))
    if "uuid" in User._meta.fields:
        identities = [(_uuid(id, email), id) for email, id in ids.items()]
        update_each(User._meta.fields["uuid"], identities)
    members: list[Field] = [Membership.group, Membership.user]
    insert_rows(members, [(group, ids[form.email]) for form in forms for group in sorted(form.groups)])


def _uuid(id: int, email: str) -> str:
    """What the shop's UuidBehavior sets once, from the id and the e-mail."""
    import uuid

    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"spy_user.{id}.{email}"))


def _get(id: int) -> UserRecord:
    names = marks()
    columns: list[Field] = [User.email, User.first_name, User.last_name, User.locale, User.status, User.password]
    columns += [User._meta.fields[name] for name in names]
    found = tuples(User.select(*columns).where(User.id == id))
    if not found:
        raise NotFound(USER_NOT_FOUND)
    email, first_name, last_name, locale, status, password, *set_marks = found[0]
    held = Group.select(Group.id, Group.name).join(Membership).where(Membership.user == id)
    groups = dict(tuples(held.order_by(ordered(Group.name))))
    known = Status(status) if status in set(Status) else None
    marked = frozenset(name for name, value in zip(names, set_marks, strict=True) if value)
    form = UserForm(email, first_name, last_name, frozenset(groups), locale, marked, known)
    return UserRecord(id, form, groups, hash(password))


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


def _pickers(ids: Collection[int], status: Status) -> set[str]:
    """The uuids of those of the users whose picking lists are to be unassigned when they get this status."""
    fields = User._meta.fields
    if status is Status.ACTIVE or PickingList not in neighbours or "uuid" not in fields:
        return set()
    changes = [User.status != status, fields["uuid"].is_null(False)]
    if "is_warehouse_user" in fields:
        changes.append(fields["is_warehouse_user"] == True)  # noqa: E712 (SQL)
    return {str(uuid) for uuid in values_where(fields["uuid"], ids, *changes, by=User.id)}


def _keep_me(ids: Collection[int], status: Status) -> None:
    """Raise Refused where one of the users is the current user, and would not stay active."""
    if status is not Status.ACTIVE and safeguards.includes_current_user(ids):
        raise Refused(NOT_DELETED if status is Status.DELETED else NOT_DEACTIVATED)


def _trimmed(form: UserForm) -> UserForm:
    """The form as it is checked and stored; passwords are never trimmed."""
    return replace(
        form,
        email=validation.trimmed(form.email),
        first_name=validation.trimmed(form.first_name),
        last_name=validation.trimmed(form.last_name),
    )


def _email_taken(email: str) -> Invalid:
    return Invalid({"email": f'User with email "{email}" already exists.'})


def email_problem(email: str) -> str | None:
    """Why an e-mail, trimmed already, cannot be saved; whether someone else has it is another question."""
    if found := text_problem(User.email, email):
        return found
    return None if _EMAIL.fullmatch(email) else BAD_EMAIL


def name_problem(name: str, field: Any) -> str | None:
    """Why a first or last name, trimmed already, cannot be saved in the field."""
    return text_problem(field, name) or (BAD_NAME if set(name) & set(":/<>") else None)


def _check(shown: UserRecord | None, form: UserForm) -> UserRecord | None:
    """The user as the database holds them now. Raises Invalid, NotFound.

    What the form leaves as it was is not checked again: an older row may break a rule that came later.
    """
    theirs = _get(shown.id) if shown else None
    before = _trimmed(shown.form) if shown else None
    fields: dict[str, str | None] = {}
    if before is None or form.email != before.email:
        fields["email"] = email_problem(form.email)
        if fields["email"] is None and is_name_taken(User.email, form.email, shown.id if shown else None):
            fields |= _email_taken(form.email).fields
    if form.password or form.repeated or shown is None:
        fields["password"] = validation.BLANK if not form.password else passwords.problem(form.password)
        fields["repeated"] = passwords.UNEQUAL if form.repeated != form.password else None
    for name, column in (("first_name", User.first_name), ("last_name", User.last_name)):
        if before is None or getattr(form, name) != getattr(before, name):
            fields[name] = name_problem(getattr(form, name), column)
    added = form.groups - (before.groups if before else frozenset())
    removed = (before.groups if before else frozenset()) - form.groups
    held = (set(theirs.groups) if theirs else set()) - removed | added
    if form.locale is not None and (before is None or form.locale != before.locale):
        fields["locale"] = None if existing_ids(Locale.id, [form.locale]) else LOCALE_GONE
    if added - existing_ids(Group.id, added):
        fields["groups"] = GROUP_GONE
    elif not (held or form.groups):
        fields["groups"] = GROUP_NEEDED
    wrong = {name: message for name, message in fields.items() if message}
    if wrong:
        raise Invalid(wrong)
    return theirs


def _merge(shown: UserRecord, form: UserForm) -> tuple[Merge, Saved]:
    """How a trimmed form, filled where `shown` was shown, goes together with the user as they are now.

    Raises Invalid, Conflict, NotFound.
    """
    theirs = _check(shown, form)
    assert theirs is not None
    known = shown.groups | theirs.groups
    merge = Merge(
        _values(_trimmed(shown.form), _KEPT),
        _values(_trimmed(theirs.form), _KEPT if shown.password in (None, theirs.password) else "set anew by them"),
        _values(form, "set anew by you" if form.password else _KEPT),
        secret={"password"},
    )

    def entered(values: Mapping[str, Any]) -> UserForm:
        marked = frozenset(name for name in _MARKS if values[name])
        return replace(form, marks=marked, **{name: values[name] for name in (*_SINGLE, "groups")})

    saved = merge.resolve(
        "user", lambda: merge.changes(_said, lambda ids: names_of(Group.name, ids, known)), theirs, entered
    )
    return merge, saved


def _values(form: UserForm, password: str) -> dict[str, Any]:
    """What can be changed in a user, by field; of the password, in words what becomes of it."""
    values = {name: getattr(form, name) for name in _SINGLE} | {name: name in form.marks for name in _MARKS}
    return {**values, "password": password, "groups": form.groups}


def _said(field: str, value: Any) -> str:
    """A value of a user, in words."""
    if field == "status":
        return STATUS_NAMES.get(value, "Unknown")
    if field == "locale":
        return next((name for (name,) in tuples(Locale.select(Locale.name).where(Locale.id == value))), "none")
    if field in _MARKS:
        return "yes" if value else "no"
    return str(value)
