"""What a program asks of a server, read from the bytes that it sends: one statement for each round trip."""

import struct
from collections.abc import Iterator
from typing import Protocol


class Asked(Protocol):
    """One connection's bytes, as they come."""

    def read(self, data: bytes) -> Iterator[str]:
        """The statements that end in these bytes; what sets up the connection is none."""


class AskedOfPostgres:
    """PostgreSQL's protocol: each `Sync` and each simple query is answered, and waited for."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_set_up = False
        self._prepared: dict[bytes, str] = {}
        self._statement = ""

    def read(self, data: bytes) -> Iterator[str]:
        self._rest += data
        while len(self._rest) > 4:
            start = int(self._is_set_up)  # the first messages have no type
            length = start + struct.unpack_from("!I", self._rest, start)[0]
            if len(self._rest) < length:
                return
            kind, body, self._rest = self._rest[:start], self._rest[start + 4 : length], self._rest[length:]
            if not self._is_set_up:
                self._is_set_up = body[:2] == b"\0\3"  # else it asks for TLS
            elif kind == b"Q":
                yield body[:-1].decode()
            elif kind == b"P":
                name, query, _ = body.split(b"\0", 2)
                self._prepared[name] = self._statement = query.decode()
            elif kind == b"B":
                self._statement = self._prepared[body.split(b"\0", 2)[1]]
            elif kind == b"S":
                yield self._statement


class AskedOfMySQL:
    """MySQL's protocol: a packet with the number 0 begins a command; PyMySQL never sends two at once."""

    _QUERY, _PING = 3, 14

    def __init__(self) -> None:
        self._rest = b""

    def read(self, data: bytes) -> Iterator[str]:
        self._rest += data
        while len(self._rest) > 4:
            length = 4 + int.from_bytes(self._rest[:3], "little")
            if len(self._rest) < length:
                return
            number, command, text = self._rest[3], self._rest[4], self._rest[5:length].decode(errors="replace")
            self._rest = self._rest[length:]
            if number == 0 and command == self._PING:
                yield "(ping)"
            elif number == 0 and command == self._QUERY and not text.startswith("SET "):
                yield text
