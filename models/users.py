"""Users: their listings, one user, and what is created and changed in one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Field, fn

from models import groups, passwords, user_form
from models.access.safeguards import require_remaining_admin
from models.db.connection import read_connection
from models.db.links import add_links, remove_links
from models.db.opened import now, opened
from models.db.paging import EVERY_ROW, Listing
from models.db.rows import insert_row, insert_rows, lock_rows, update_each, update_rows
from models.db.rows_beside import update_where
from models.db.statements import tuples
from models.db.tables import Group, LinkStatus, Membership, PasswordReset, Status, User
from models.db.transactions import transaction
from models.merge import Saved
from models.user_form import UserForm, UserRecord, marks
from models.user_status import STATUSES, status_change, status_name


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
        return user_form.read(id)


def check(baseline: UserRecord | None, form: UserForm) -> None:
    """Check what `create` (without a baseline) or `update` would write, without writing. Raises Invalid, NotFound."""
    with read_connection():
        user_form.check(baseline, user_form.trimmed(form))


def create(form: UserForm) -> int:
    """Create a user with their groups, in one transaction; the id.

    Raises Invalid for `email`, `password`, `repeated`, `first_name`, `last_name`, `locale` and `groups`.
    """
    form = user_form.trimmed(form)
    with read_connection():
        user_form.check(None, form)
    hash = passwords.hashed(form.password)  # before the transaction: it takes a quarter of a second
    return _create(form, hash)


@transaction
def _create(form: UserForm, hash: str) -> int:
    user_form.check(None, form)
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
    form = user_form.trimmed(form)
    with read_connection():
        user_form.merge(baseline, form)
    hash = passwords.hashed(form.password) if form.password else None
    return _update(baseline, form, hash)


@transaction
def _update(baseline: UserRecord, form: UserForm, hash: str | None) -> Saved:
    id = baseline.id
    lock_rows(User, [id])
    merge, saved = user_form.merge(baseline, form)
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
