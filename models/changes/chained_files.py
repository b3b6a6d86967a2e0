"""Appends lines to files, one file a month, which are chained; several programs may do so at once."""

import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from models.changes.chain import last_hash, seal

LOCK_INTERVAL_S = 0.005
NO_FOLDER = "there is no such folder"


class ChainedFiles:
    """The files of one owner in a folder, `OWNER-2026-11.jsonl`: all who write there are of one login on one host.

    A folder that is the program's own (`is_own`) is created, for its owner alone. In one whose group may write,
    several admins share their histories: there the files can be read by that group.
    """

    def __init__(self, folder: Path, owner: str, *, is_own: bool) -> None:
        self._folder, self._owner, self._is_own = folder, owner, is_own
        self._own_last: tuple[Path, int, str] | None = None
        """The file that was appended to last, its size and the hash since: a long line is not read again."""

    def append(self, entry: Mapping[str, Any], month: str, timeout_s: float) -> str:
        """Append an entry to the newest file, or to that of a new month; its hash, once it is on the disk.

        Raises OSError, naming no path but of a file of the folder.
        """
        self._make_folder()
        with self._locked(timeout_s):
            files = self._files()
            path = max([self._folder / f"{self._owner}-{month}.jsonl", *files[-1:]])
            with self._open(path) as file:
                prev = self._hash_of_own(path, file) or last_hash(file)
                for before in reversed([other for other in files if other < path]):
                    if prev is None:
                        with before.open("rb") as earlier:
                            prev = last_hash(earlier)
                line, hash = seal(entry, prev or "")
                self._put(file, line)
                self._own_last = path, os.fstat(file.fileno()).st_size, hash
                if path not in files:
                    _sync_folder(self._folder)
        return hash

    def _hash_of_own(self, path: Path, file: BinaryIO) -> str | None:
        """The hash of the last line, where this object wrote it."""
        own, size, hash = self._own_last or (None, 0, "")
        return hash if own == path and os.fstat(file.fileno()).st_size == size else None

    def check(self) -> None:
        """Raise OSError where `append` would, as far as that can be told without writing."""
        folder = self._folder
        while self._is_own and not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise FileNotFoundError(0, NO_FOLDER)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "the folder is not writable")
        for path in [*self._files()[-1:], self._lock_file()] if folder == self._folder else []:
            if path.exists():
                self._open(path).close()

    def _put(self, file: BinaryIO, line: bytes) -> None:
        """Write a line after what is there, and wait until it is on the disk; none of it where there is no room."""
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a line that another program was killed at
                line = b"\n" + line
        line += b"\n"
        try:
            written = 0
            while written < len(line):
                written += os.write(file.fileno(), line[written:])
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.ftruncate(file.fileno(), size)
            raise

    def _files(self) -> list[Path]:
        """The files of this login on this host, the oldest first."""
        begin = self._owner
        names = [name for name in os.listdir(self._folder) if name.startswith(f"{begin}-") and name.endswith(".jsonl")]
        length = len(begin) + len("-2026-11.jsonl")
        return sorted(self._folder / name for name in names if len(name) == length)

    def _lock_file(self) -> Path:
        return self._folder / f".{self._owner}.lock"

    @contextmanager
    def _locked(self, timeout_s: float) -> Iterator[None]:
        """Keep other programs of the same login from writing meanwhile."""
        end = time.monotonic() + timeout_s
        with self._open(self._lock_file()) as file:
            while not _try_lock(file):
                if time.monotonic() > end:
                    raise TimeoutError(0, "another program keeps it locked")
                time.sleep(LOCK_INTERVAL_S)
            yield

    def _make_folder(self) -> None:
        if self._folder.is_dir():
            return
        if not self._is_own:
            raise FileNotFoundError(0, NO_FOLDER)
        for folder in (*reversed(self._folder.parents), self._folder):
            folder.mkdir(mode=0o700, exist_ok=True)

    def _open(self, path: Path) -> BinaryIO:
        """A file of our own, which only its owner reads, or the group that shares the folder. Raises OSError."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
            flags |= getattr(os, name, 0)
        file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
        try:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise PermissionError(0, f"{path.name} is not a file")
            if hasattr(os, "geteuid"):
                if status.st_uid != os.geteuid():
                    raise PermissionError(0, f"{path.name} belongs to another user")
                self._protect(file, status)
        except OSError:
            file.close()
            raise
        return file

    def _protect(self, file: Any, status: os.stat_result) -> None:
        folder, mode = self._folder.stat(), 0o600
        if folder.st_mode & stat.S_IWGRP:  # several admins share it
            with suppress(OSError):  # not a member of that group: nobody else reads it
                if status.st_gid != folder.st_gid:
                    os.fchown(file.fileno(), -1, folder.st_gid)
                mode = 0o640
        if stat.S_IMODE(status.st_mode) != mode:
            os.fchmod(file.fileno(), mode)


def _try_lock(file: BinaryIO) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Wait until the name of a new file is on the disk too."""
    with suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
