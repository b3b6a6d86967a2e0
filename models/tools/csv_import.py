"""Creates users from a CSV file, all or none, each with a random password that is written to a new file."""

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models import locales, passwords, users, validation
from models.access.impact import NEW, AccessChange
from models.db.connection import read_connection
from models.db.failures import reason
from models.db.given_rows import InMemoryRows
from models.db.opened import open_to_change
from models.db.rows import ids_by_value
from models.db.tables import ROOT_GROUP, Group, User, group_label
from models.db.transactions import track_pending_write, transaction
from models.errors import Invalid, ShopError, Unavailable, Unknown
from models.user_form import UserForm
from models.whole_file import read_text

COLUMNS = ("e-mail", "first name", "last name", "groups")
SEPARATORS = ",;\t|"
MAX_BYTES = 64 * 1024 * 1024
"""A larger file is refused."""


class NotReadable(ShopError):
    """The CSV file cannot be read; the text names it and says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the file: the user it would create, and what is wrong with it as pairs of column and message."""

    line: int
    form: UserForm
    group_names: tuple[str, ...]
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> int:
        """The line in the file."""
        return self.line

    @property
    def verdict(self) -> str:
        """`create`, or every error with its column."""
        return " ".join(f"{column}: {problem}" for column, problem in self.errors) or "create"


def file_named(text: str) -> Path:
    """The file of a path that was entered; `~` begins a home folder. Raises NotReadable where there is no such user."""
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError as error:
        raise NotReadable(f"{text.strip()}: {error}") from None


def read(path: Path) -> list[Entry]:
    """The users that a CSV file names, each checked as Create new User would check it.

    UTF-8, with or without a byte order mark; the separator is the first comma, semicolon, tab or bar, since no e-mail
    and no name of a column contains one. The columns are e-mail, first name, last name and groups, in this order, or in
    that of a first row with these names; further columns of such a header are ignored. Several groups stand in one cell
    with `|`, `;` or `,` between them. Raises NotReadable.
    """
    rows = _rows(path)
    order, width = list(range(len(COLUMNS))), len(COLUMNS)
    if rows and (header := _header(rows[0][1])):
        order, width, rows = header, len(rows[0][1]), rows[1:]
    if not rows:
        raise NotReadable(f"{path}: no users in this file.")
    with read_connection():
        cells = [(line, [row[at].strip() if at < len(row) else "" for at in order], row) for line, row in rows]
        return _checked(cells, width)


def listing(entries: Sequence[Entry]) -> InMemoryRows[Entry]:
    """The entries as lists show them: those with errors first."""
    return InMemoryRows(sorted(entries, key=lambda entry: (not entry.errors, entry.line)))


def change(entries: Sequence[Entry]) -> AccessChange:
    """The creation of all the users, for `preview`."""
    joining: defaultdict[int, list[int]] = defaultdict(list)
    for id, entry in enumerate(entries, NEW):
        for group in entry.form.groups:
            joining[group].append(id)
    return AccessChange(joining=joining, new_users={id: entry.form.email for id, entry in enumerate(entries, NEW)})


def password_file(path: Path) -> Path:
    """Where the passwords of the users that this file names would be written: a new file beside it."""
    return path.with_name(f"{path.stem}-passwords-{datetime.now():%Y%m%d-%H%M%S}.csv")


@track_pending_write()
@open_to_change()
def write(entries: Sequence[Entry], target: Path, progress: Callable[[int, int], None]) -> int:
    """Create all the users, or none; how many. Calls `progress` with the number of hashed passwords and of all.

    Each gets a random password, written to `target`, which only its owner can read: it is on the disk before the users
    are, and removed if they are not written. Hashing takes a quarter of a second per user and core.

    Raises Invalid (`entries`) where a row has an error by now; Unavailable; Locked.
    """
    if any(entry.errors for entry in entries):
        raise Invalid({"entries": "Some rows have errors. Nothing has been saved."})
    new_passwords = [passwords.random_password() for _ in entries]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = []
        for hash in pool.map(passwords.hashed, new_passwords):
            hashes.append(hash)
            progress(len(hashes), len(new_passwords))
    emails = [entry.form.email for entry in entries]
    with _new_file(target, [("e-mail", "password"), *zip(emails, new_passwords, strict=True)]):
        _write(entries, hashes)
    return len(entries)


@transaction
def _write(entries: Sequence[Entry], hashes: Sequence[str]) -> None:
    users.insert_many([entry.form for entry in check_again(entries)], hashes)


def check_again(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, checked in the transaction that writes them. Raises Invalid (`entries`) where one has an error."""
    checked = _checked([(entry.line, _cells(entry), []) for entry in entries])
    if invalid := next((entry for entry in checked if entry.errors), None):
        raise Invalid({"entries": f"Line {invalid.line}, {invalid.verdict} Nothing has been saved."})
    return checked


@contextmanager
def _new_file(target: Path, rows: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Write a new CSV file, mode 0600, before the block runs; removed where it is known that the block failed."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text.getvalue())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            target.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Unavailable(
            f"{target}: the passwords cannot be written: {reason(error)}; nothing has been saved"
        ) from None
    try:
        yield
    except Unknown as unknown:
        raise Unknown(f"{unknown} The passwords were kept in {target}.") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line."""
    try:
        text = read_text(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise NotReadable(f"{path}: {getattr(error, 'strerror', None) or error}.") from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((character for character in _outside_quotes(first) if character in SEPARATORS), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable(f"{path}, line {line}: {error}.") from None
    return rows


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"?', "", line)


def _header(row: Sequence[str]) -> list[int] | None:
    """The positions of the columns, if the row names them."""
    names = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in row]
    expected = [re.sub(r"[^a-z]", "", column) for column in COLUMNS]
    return [names.index(name) for name in expected] if set(expected) <= set(names) else None


def _cells(entry: Entry) -> list[str]:
    return [entry.form.email, entry.form.first_name, entry.form.last_name, "|".join(entry.group_names)]


def _checked(rows: Sequence[tuple[int, list[str], list[str]]], width: int = len(COLUMNS)) -> list[Entry]:
    """The rows, of at most `width` columns, as entries, checked against each other and the database as it is now."""
    names = {name for _, cells, _ in rows for name in (cells[3], *_group_names(cells[3], {}))}
    group_ids = dict(ids_by_value(Group.name, names | {ROOT_GROUP}))
    group_ids |= {group_label(name): id for name, id in group_ids.items()}  # either is what the pages call it
    emails = [validation.trimmed(cells[0]) for _, cells, _ in rows]
    existing = {email.casefold() for email, _ in ids_by_value(User.email, set(emails))}
    locale = locales.default_locale(locales.read_locales())
    line_by_email: dict[str, int] = {}
    entries = []
    for (line, cells, row), email in zip(rows, emails, strict=True):
        group_names = _group_names(cells[3], group_ids)
        form = UserForm(
            email,
            validation.trimmed(cells[1]),
            validation.trimmed(cells[2]),
            frozenset(group_ids[name] for name in group_names if name in group_ids),
            locale,
        )
        problems = {
            "e-mail": validation.email_problem(email),
            "first name": validation.person_name_problem(User.first_name, form.first_name),
            "last name": validation.person_name_problem(User.last_name, form.last_name),
            "groups": _groups_problem(group_names, group_ids),
        }
        unique = email.casefold()  # as the strictest of the databases compares
        if not problems["e-mail"] and unique in existing:
            problems["e-mail"] = validation.email_in_use(email)
        elif not problems["e-mail"] and unique in line_by_email:
            problems["e-mail"] = f"Same e-mail as line {line_by_email[unique]}."
        line_by_email.setdefault(unique, line)
        if len(row) > width:
            problems["row"] = f"{len(row)} columns instead of {width}."
        errors = tuple((column, problem) for column, problem in problems.items() if problem)
        entries.append(Entry(line, form, group_names, errors))
    return entries


def _group_names(cell: str, group_ids: dict[str, int]) -> tuple[str, ...]:
    """The groups that a cell names: one, or several with the first of `|`, `;` and `,` that it has between them."""
    separator = next((character for character in "|;," if character in cell), None)
    if cell in group_ids or separator is None:
        return (cell,) if cell else ()
    return tuple(dict.fromkeys(name.strip() for name in cell.split(separator) if name.strip()))


def _groups_problem(names: Sequence[str], group_ids: dict[str, int]) -> str | None:
    if unknown := [name for name in names if name not in group_ids]:
        return f"Unknown group “{unknown[0]}”."
    return None if names else validation.GROUP_NEEDED
