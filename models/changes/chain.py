"""Lines of JSON that are chained by their hashes, so that a line that is changed, dropped, doubled or moved shows.

The last key of a line is `hash`: SHA-256 of the line without it, in the bytes that are stored; the one before is
`prev`, the hash of the line before. A line may be torn, by a program that was killed or a disk that was full while it
was written: the next writer ends it, and the chain goes on over it.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

BLOCK = 65_536
"""Bytes that are read at once from a file's end."""

_HASH = re.compile(rb',"hash":"([0-9a-f]{64})"}')
_HASH_LENGTH = len(',"hash":""}') + 64

Entry = dict[str, Any]


def seal(entry: Mapping[str, Any], prev: str) -> tuple[bytes, str]:
    """The line of an entry, without its end, and its hash."""
    text = json.dumps({**entry, "prev": prev}, ensure_ascii=False, check_circular=False, separators=(",", ":"))
    body = text.encode(errors="backslashreplace")  # half a surrogate pair, which JSON can escape
    hash = sha256(body).hexdigest()
    return body[:-1] + f',"hash":"{hash}"}}'.encode(), hash


def read_hash(line: bytes) -> str | None:
    """The hash of a line that is whole and as it was written; None of any other."""
    found = _HASH.fullmatch(line, max(0, len(line) - _HASH_LENGTH))
    if found is None or sha256(line[: found.start()] + b"}").hexdigest().encode() != found[1]:
        return None
    return found[1].decode()


def parse(line: bytes) -> Entry | None:
    """The entry of a line; None where it is none. Its hash is not checked."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def lines_from_end(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file without their ends, the last one first; one that has no end yet is the first of them."""
    position = file.seek(0, os.SEEK_END)
    parts: list[bytes] = []  # of the line whose beginning is not read yet, the last part first
    is_last = True
    while position:
        size = min(BLOCK, position)
        position -= size
        file.seek(position)
        first, *others = file.read(size).split(b"\n")
        for line in reversed(others):
            whole = line + b"".join(reversed(parts))
            if whole or not is_last:
                yield whole
            parts, is_last = [], False
        parts.append(first)
    if parts and (not is_last or any(parts)):
        yield b"".join(reversed(parts))


def last_hash(file: BinaryIO) -> str | None:
    """The hash of the last line that is whole; None where there is none."""
    return next(filter(None, map(read_hash, lines_from_end(file))), None)


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a chain is broken first, or a line is torn."""

    file: Path
    line: int
    what: str


def verify(files: Sequence[Path]) -> tuple[Damage | None, list[Damage]]:
    """The first damage in the files of one chain, in their order, and the torn lines before it. Raises OSError."""
    prev, torn = "", list[Damage]()
    for path in files:
        broken: list[Damage] = []  # lines that are not whole, whose successor tells whether they are torn
        ended = True
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                ended = line.endswith(b"\n")
                line = line.removesuffix(b"\n")
                if (hash := read_hash(line)) is None:
                    broken.append(Damage(path, number, "the line is not as it was written"))
                    if _HASH.search(line):  # whole once: a torn line ends before its hash
                        return broken[0], torn
                    continue
                entry = parse(line)
                if entry is None or entry.get("prev") != prev:
                    if broken:
                        return broken[0], torn
                    missing = "the files before it are missing" if prev == "" else "it does not follow the line before"
                    return Damage(path, number, missing), torn
                torn += [Damage(each.file, each.line, "torn") for each in broken]
                prev, broken = hash, []
        if broken and (ended or path != files[-1]):
            return broken[0], torn
        torn += [Damage(each.file, each.line, "torn") for each in broken]
    return None, torn
