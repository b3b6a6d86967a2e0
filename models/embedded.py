"""The embedded database: an SQLite file with the shop's tables, opened or created whole."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from peewee import Database
from playhouse.pool import PooledSqliteDatabase

from models.errors import Unavailable
from models.failures import reason

BUSY_TIMEOUT = 5.0
"""Seconds that a read or a change waits for another program's change to end."""


def locate(location: str, *, read_only: bool, create: bool) -> tuple[Path, bool]:
    """The file that a path or an `sqlite:///` URL names, and whether it was created just now.

    Raises Unavailable, naming the path, where it is no database, or is not there and may not be created.
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
    return path, created


def connect(path: Path, *, read_only: bool) -> Database:
    """A pool of connections to the file; nothing is opened yet. With `read_only` SQLite refuses every change."""
    options = {"uri": True, "check_same_thread": False, "autoconnect": False, "lock_type": "IMMEDIATE"}
    address = f"file:{quote(os.fsencode(path))}?mode={'ro' if read_only else 'rw'}"
    pragmas = {"foreign_keys": 1, "busy_timeout": int(BUSY_TIMEOUT * 1000)}
    database = PooledSqliteDatabase(address, max_connections=None, pragmas=pragmas, **options)
    database.register_function(contains, "text_contains", -1, deterministic=True)
    return database  # type: ignore[no-any-return]


def _path(location: str) -> Path:
    """The file that a path or an `sqlite:///` URL names."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        if not location.strip():
            raise Unavailable("No database: the name of the file is empty.")
        return Path(location).expanduser()
    if scheme != "sqlite":
        raise Unavailable(
            f"{scheme}://: not known; a file path, sqlite:///FILE, postgres://, mysql:// and mariadb:// are"
        )
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
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(fresh.read_bytes())
        finally:
            fresh.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise Unavailable(f"{path}: cannot be created: {getattr(error, 'strerror', None) or error}") from None
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: cannot be created: {reason(error)}") from None
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


def contains(words: str, *texts: str | None) -> bool:
    """Whether each of the words, case-folded, stands in one of the texts; SQLite calls it for each row of a search.

    SQLite's own LIKE knows upper and lower case only of ASCII letters.
    """
    searched = "\n".join([str(text) for text in texts if text is not None]).casefold()  # no word has a line break
    return all(word in searched for word in words.split())
