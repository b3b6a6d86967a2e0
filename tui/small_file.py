"""Reads small files, and nothing that only looks like one."""

import os
import stat
from pathlib import Path

_MAX_BYTES = 100_000
"""Bytes of a config file or a password file: a larger one is another file."""


def read_small_file(path: Path, *, pipe_timeout_s: int = 0) -> str:
    """The text of a small file. Raises OSError, or ValueError where it is anything else; waits for none but a pipe."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(kind) and pipe_timeout_s:
            from select import select

            if not select([descriptor], [], [], pipe_timeout_s)[0]:
                raise ValueError("the pipe is empty")
        elif not stat.S_ISREG(kind):
            raise ValueError("not a file")
        content = os.read(descriptor, _MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"too large (more than {_MAX_BYTES:,} bytes)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
