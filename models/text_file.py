"""Reads text files whole, and nothing that only looks like one."""

import os
import stat
from pathlib import Path


def read_text(path: Path, max_bytes: int, *, pipe_timeout_s: int = 0) -> str:
    """The text of a file. Raises OSError, or ValueError where it is anything else, or larger.

    It waits for nothing, but for each part of what comes through a pipe where `pipe_timeout_s` is given.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        kind = os.fstat(descriptor).st_mode
        is_pipe = stat.S_ISFIFO(kind) and pipe_timeout_s
        if not is_pipe and not stat.S_ISREG(kind):
            raise ValueError("not a file")
        parts, size = [], 0
        while size <= max_bytes:
            if is_pipe:
                _wait(descriptor, pipe_timeout_s)
            if not (part := os.read(descriptor, max_bytes + 1 - size)):
                break
            parts.append(part)
            size += len(part)
    finally:
        os.close(descriptor)
    if size > max_bytes:
        raise ValueError(f"too large (more than {max_bytes:,} bytes)")
    try:
        return b"".join(parts).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start:,}") from None


def _wait(descriptor: int, timeout_s: int) -> None:
    from select import select

    if not select([descriptor], [], [], timeout_s)[0]:
        raise ValueError(f"nothing came through the pipe for {timeout_s} s")
