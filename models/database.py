"""Open the shop's database: by file or URL, creating the embedded one, checking that its tables are what we need."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from peewee import CharField, Database, DatabaseError, InterfaceError
from playhouse.pool import PooledSqliteDatabase

from models import tables
from models.errors import Unavailable
from models.tables import shop

START_TIMEOUT = 2.0
"""Seconds to wait for a locked file when it is opened: a program that starts should not seem to hang."""

BUSY_TIMEOUT = 5.0
"""Seconds that a read or a change waits for another program's change to end."""


@dataclass(frozen=True)
class Opened:
    """What `open_database` opened: `name` says which database it is, as shown on every page."""

    name: str
    read_only: bool
    created: bool


def open_database(location: str, *, read_only: bool = False, create: bool = True) -> Opened:
    """Open the database at `location`, a file path or `sqlite:///` URL, as the shop of this process.

    A file that does not exist is created with the shop's tables and an installer's rows, unless `create` is false
    or `read_only` is true. `read_only` opens it so that the database itself refuses every write.

    Raises Unavailable, naming the path, where that cannot be done; nothing that stands there is ever overwritten.
    """
    try:
        path = _path(location).absolute()
        exists = path.exists()
    except (OSError, RuntimeError) as error:  # a name that is too long, a folder that we may not read, ~nobody
        raise Unavailable(f"{location}: cannot be opened: {getattr(error, 'strerror', error)}") from None
    created = False
    if not exists:
        if read_only or not create:
            raise Unavailable(f"{path}: no such file")
        created = _create(path)
    _check_file(path)
    options = {"uri": True, "check_same_thread": False, "autoconnect": False, "lock_type": "IMMEDIATE"}
    address = f"file:{quote(os.fsencode(path))}?mode={'ro' if read_only else 'rw'}"
    pragmas = {"foreign_keys": 1, "busy_timeout": int(BUSY_TIMEOUT * 1000)}
    database = PooledSqliteDatabase(address, max_connections=None, pragmas=pragmas, **options)
    database.register_function(contains, "text_contains", -1, deterministic=True)
    close_database()
    shop.initialize(database)
    try:
        with database.connection_context():
            database.execute_sql(f"PRAGMA busy_timeout = {int(START_TIMEOUT * 1000)}")
            _check_tables(database)
            if not read_only:
                database.execute_sql("PRAGMA journal_mode = WAL")
            database.execute_sql(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT * 1000)}")
    except (DatabaseError, Unavailable) as error:
        database.close_all()
        raise Unavailable(f"{path}: {error if isinstance(error, Unavailable) else _reason(error)}") from None
    return Opened(f"sqlite:{path.name}", read_only, created)


def close_database() -> None:
    """Close every connection to the opened database."""
    if shop.obj is not None:
        shop.obj.close_all()


@contextmanager
def reading() -> Iterator[None]:
    """A connection for the reads of one function, taken here and given back at the end.

    Raises Unavailable, in words, where the database cannot be read.
    """
    with _in_words(), shop.connection_context():
        yield


@contextmanager
def changing() -> Iterator[None]:
    """A connection and one transaction for one change: whole, or not at all.

    Raises Unavailable, in words, where the database cannot be written.
    """
    with _in_words(), shop.connection_context(), shop.atomic():
        yield


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise Unavailable(f"The database says: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """What went wrong, as a person would say it; the driver's own words where we know no better ones."""
    text = str(error)
    for words, reason in (
        ("is locked", "it is locked by another program"),
        ("readonly", "it is read-only"),
        ("is full", "the disk is full"),
        ("not a database", "not a database"),
        ("malformed", "the file is damaged"),
        ("unable to open", "the file cannot be opened"),
        ("disk I/O", "the disk cannot be read or written"),
    ):
        if words in text:
            return reason
    return text


def _path(location: str) -> Path:
    """The file that a path or an `sqlite:///` URL names."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        if not location.strip():
            raise Unavailable("No database: the name of the file is empty.")
        return Path(location).expanduser()
    if scheme != "sqlite":
        raise Unavailable(f"{scheme}://: this kind of database is not known; a file path or sqlite:///FILE is")
    if not rest.startswith("/") or len(rest) < 2 or rest == "/:memory:":
        raise Unavailable(
            f"{location}: give the file after three slashes, as in sqlite:///shop.db or sqlite:////srv/shop.db"
        )
    return Path(os.fsdecode(unquote_to_bytes(rest[1:]))).expanduser()


def _create(path: Path) -> bool:
    """Create the embedded database at `path`, whole or not at all; false where another program was quicker.

    The file holds password hashes: only its owner may read it.
    """
    import tempfile

    script = Path(__file__).with_name("embedded.sql").read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        fresh = Path(name)
        try:
            connection = sqlite3.connect(fresh)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(f"BEGIN;\n{script}\nCOMMIT;")
            finally:
                connection.close()
            try:
                os.link(fresh, path)
            except FileExistsError:
                return False
            except OSError:  # a file system without links
                with path.open("xb") as file:
                    file.write(fresh.read_bytes())
        finally:
            fresh.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise Unavailable(f"{path}: cannot be created: {getattr(error, 'strerror', None) or error}") from None
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: cannot be created: {_reason(error)}") from None
    return True


def _check_file(path: Path) -> None:
    """Refuse what is no SQLite file before SQLite is asked: it would fill an empty file, and wait for a pipe."""
    try:
        if not path.is_file():
            raise Unavailable(f"{path}: not a file")
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise Unavailable(f"{path}: cannot be read: {error.strerror or error}") from None
    if not head:
        raise Unavailable(f"{path}: the file is empty, not a database (remove it to have a new one created)")
    if head != b"SQLite format 3\x00":
        raise Unavailable(f"{path}: not a database")


def _check_tables(database: Database) -> None:
    """Read which columns the database has, and fit the models to them.

    Raises Unavailable, naming what is missing, where a table or column that we cannot do without is not there.
    """
    archives = {f"{model._meta.table_name}_archive" for model in tables.ARCHIVED}
    found = set(database.get_tables())
    needed = {model._meta.table_name for model in tables.MODELS} | archives
    if missing := sorted(needed - found):
        raise Unavailable(f"not a shop's database: it lacks the table{'s' * (len(missing) > 1)} {', '.join(missing)}")
    tables.columns.clear()
    for table in needed:
        described = database.get_columns(table)
        tables.columns[table] = [column.name for column in described]
        if table in archives and "archived_at" not in tables.columns[table]:
            raise Unavailable(f"not a shop's database: {table} lacks the column archived_at")
        for model in tables.MODELS:
            if model._meta.table_name == table:
                _fit(model, {column.name: column.data_type for column in described})


def _fit(model: type[tables.ShopTable], found: dict[str, str]) -> None:
    """Give the model the optional fields and the lengths that its table has."""
    meta = model._meta
    for name, kind in tables.OPTIONAL.get(model, {}).items():
        if name in found and name not in meta.fields:
            meta.add_field(name, kind(null=True))
        elif name not in found and name in meta.fields:
            meta.remove_field(name)
    if lacking := sorted(set(meta.columns) - set(found)):
        raise Unavailable(
            f"not a shop's database: {meta.table_name} lacks the column{'s' * (len(lacking) > 1)} {', '.join(lacking)}"
        )
    for column, field in meta.columns.items():
        size = re.search(r"\((\d+)\)", found[column])
        if isinstance(field, CharField):
            field.max_length = int(size[1]) if size else tables.LENGTHS.get(field, 255)


def fold(text: str, spaces: bool = True) -> str:
    """The text as searches compare it: without case, and without its spaces where they do not count."""
    folded = text.casefold()
    return folded if spaces else "".join(folded.split())


def contains(needle: str, spaces: int, *texts: str | None) -> bool:
    """Whether one of the texts contains the needle (folded already); SQLite calls it for each row of a search.

    SQLite's own LIKE knows upper and lower case only of ASCII letters.
    """
    return any(text is not None and needle in fold(str(text), bool(spaces)) for text in texts)


def parse_time(value: datetime | str | None) -> datetime | None:
    """A time as a row holds it; a text that is no time counts as missing rather than hiding the row."""
    if isinstance(value, str):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
        return None
    return value
