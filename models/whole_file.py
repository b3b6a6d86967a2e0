"""Reads files whole, and nothing that only looks like one."""

import os
import stat
from pathlib import Path

_PART = 65_536
"""Bytes that are read at a time: most files have fewer."""


def read_text(path: Path, max_bytes: int, *, pipe_timeout_s: int = 0) -> str:
    """The text of a file, which is UTF-8. Raises OSError, ValueError, and waits, as `read_whole` does."""
    try:
        content, _ = read_whole(path, max_bytes, pipe_timeout_s=pipe_timeout_s)
        return content.decode("utf-8-sig")
    except IsADirectoryError:
        raise ValueError("not a file") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start:,}") from None


def read_whole(path: str | Path, max_bytes: int, *, pipe_timeout_s: int = 0) -> tuple[bytes, int]:
    """The content of a file, and when it was changed last, in nanoseconds.

    Raises OSError, of a folder too, or ValueError where it is no file, or larger. It waits for nothing, but for each
    part of what comes through a pipe where `pipe_timeout_s` is given.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        about = os.fstat(descriptor)
        is_pipe = stat.S_ISFIFO(about.st_mode) and pipe_timeout_s
        if not (is_pipe or stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
            raise ValueError("not a file")
        parts, size = [], 0
        while size <= max_bytes:
            if is_pipe:
                _wait(descriptor, pipe_timeout_s)
            if not (part := os.read(descriptor, min(_PART, max_bytes + 1 - size))):
                break
            parts.append(part)
            size += len(part)
    finally:
        os.close(descriptor)
    if size > max_bytes:
        raise ValueError(f"too large (more than {max_bytes:,} bytes)")
    return b"".join(parts), about.st_mtime_ns


def _wait(descriptor: int, timeout_s: int) -> None:
    from select import select

    if not select([descriptor], [], [], timeout_s)[0]:
        raise ValueError(f"nothing came through the pipe for {timeout_s} s")
