"""The embedded database: an SQLite file with the shop's tables, opened or created whole."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from peewee import OperationalError
from playhouse.pool import PooledSqliteDatabase

from models.db.decoding import decoded
from models.db.failures import is_locked, reason
from models.db.sqlite_dialect import SQLite
from models.db.statements import ask
from models.errors import UNREACHABLE, Unavailable, Unreachable

BUSY_TIMEOUT_S = 5.0
"""Seconds that a read or a change waits for another program's change to end."""

RETRY_INTERVALS_S = (0.001, 0.01)
"""Seconds, at least and at most, between two looks of a change that waits."""


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
            hint = "" if read_only else "; backoffice or backoffice init creates it"
            raise Unavailable(f"{path}: no such file{hint}")
        created = _create(path)
    _check_file(path)
    return path, created


class EmbeddedDatabase(PooledSqliteDatabase):  # type: ignore[misc]
    """A pool of connections to one file, which stays the one that was opened first."""

    path: Path
    identity: tuple[int, int]
    """The device and inode of the file that was opened first."""
    signed_in_as = ""
    """A file has no users."""

    def _connect(self) -> Any:
        self.require_same_file()
        connection = super()._connect()
        connection.text_factory = decoded
        return connection

    def require_same_file(self) -> None:
        """Raise Unavailable where another file is at the path by now; Unreachable where none is, which may come back.

        Connections go on with the file that they opened: what is read there is old, and what is written is lost.
        """
        try:
            identity = _identity(self.path)
        except OSError as error:
            is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            what = "the file was deleted" if is_missing else f"the file cannot be opened: {error.strerror or error}"
            raise Unreachable(f"{UNREACHABLE}: {what}.") from None
        if identity != self.identity:
            raise Unavailable("The file was replaced while it was open. Restart the program to use the new one.")

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction, once no other program's holds the lock.

        SQLite's own busy handler tries ever more seldom, up to ten times a second: beside busy writers it may never
        find the file free.
        """
        with self._without_busy_timeout() as timeout_s:
            end = time.monotonic() + timeout_s
            while True:
                try:
                    super().begin(lock_type)
                    return
                except OperationalError as error:
                    if not is_locked(error) or time.monotonic() > end:
                        raise
                time.sleep(random.uniform(*RETRY_INTERVALS_S))

    @contextmanager
    def _without_busy_timeout(self) -> Iterator[float]:
        """Meanwhile SQLite reports at once that the file is locked; the seconds that it would have waited."""
        milliseconds = ask(self, "PRAGMA busy_timeout")[0][0]
        ask(self, "PRAGMA busy_timeout = 0")
        try:
            yield milliseconds / 1000
        finally:
            ask(self, f"PRAGMA busy_timeout = {milliseconds}")


def connect(path: Path, *, read_only: bool) -> SQLite:
    """A pool of connections to the file; nothing is opened yet. With `read_only` SQLite refuses every change.

    Raises Unavailable where the file does not exist any more.
    """
    options = {"uri": True, "check_same_thread": False, "autoconnect": False, "lock_type": "IMMEDIATE"}
    address = f"file:{quote(os.fsencode(path))}?mode={'ro' if read_only else 'rw'}"
    pragmas = {"foreign_keys": 1, "busy_timeout": int(BUSY_TIMEOUT_S * 1000)}
    database = EmbeddedDatabase(address, max_connections=None, pragmas=pragmas, **options)
    database.register_function(contains, "text_contains", -1, deterministic=True)
    try:
        database.path, database.identity = path, _identity(path)
    except OSError as error:
        raise Unavailable(f"{path}: cannot be opened: {error.strerror or error}") from None
    return SQLite(database)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _path(location: str) -> Path:
    """The file that a path or an `sqlite:///` URL names."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        if not location.strip():
            raise Unavailable("No database: the file name is empty.")
        return Path(location).expanduser()
    if scheme != "sqlite":
        raise Unavailable(
            f"{scheme}://: unknown scheme; use a file path, sqlite:///FILE, postgres://, mysql:// or mariadb://"
        )
    if not rest.startswith("/") or len(rest) < 2 or rest == "/:memory:":
        raise Unavailable(
            f"{location}: give the file after three slashes, as in sqlite:///shop.db or sqlite:////srv/shop.db"
        )
    return Path(os.fsdecode(unquote_to_bytes(rest[1:]))).expanduser()


def _create(path: Path) -> bool:
    """Create the embedded database at `path`, whole or not at all; false where another program did so meanwhile.

    The file holds password hashes: only its owner may read it.
    """
    import tempfile

    try:
        image = _image()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        fresh = Path(name)
        try:
            _fill(handle, image)
            try:
                os.link(fresh, path)
            except FileExistsError:
                return False
            except OSError:  # a file system without links
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                try:
                    _fill(handle, image)
                except OSError:
                    path.unlink(missing_ok=True)
                    raise
        finally:
            fresh.unlink(missing_ok=True)
    except (OSError, ValueError, sqlite3.Error) as error:  # ValueError: a name with a zero byte
        raise Unavailable(f"{path}: cannot be created: {reason(error)}") from None
    return True


def _image() -> bytes:
    """The bytes of a new embedded database, made in memory: SQLite would leave its own files on a full disk.

    Bytes 18 and 19 of the file mean that it has a write-ahead log (https://sqlite.org/fileformat2.html, 1.3).
    """
    script = Path(__file__).with_name("embedded.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(f"BEGIN;\n{script}\nCOMMIT;")
        image = bytearray(connection.serialize())
    image[18:20] = b"\x02\x02"
    return bytes(image)


def _fill(handle: int, content: bytes) -> None:
    """Write the content to the disk, and close the file."""
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _check_file(path: Path) -> None:
    """Refuse what is no SQLite file before SQLite opens it: it would fill an empty file, and wait for a pipe."""
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


def has_words(searched: str, words: str) -> bool:
    """Whether the text has each of the words, which are case-folded already."""
    searched = searched.casefold()
    return all(word in searched for word in words.split())


def contains(words: str, *texts: bytes | None) -> bool:
    """Whether one of the texts has each of the words, case-folded; SQLite calls it for each row of a search.

    SQLite's own LIKE knows upper and lower case only of ASCII letters. The texts come as bytes: Python's sqlite3 would
    end the search at one that is no UTF-8.
    """
    decoded_texts = [str(text, "utf-8", "replace") for text in texts if text is not None]
    return has_words("\n".join(decoded_texts), words)  # no word has a line break
