"""Lines to a server: one that a test can cut, hold, delay and listen to, and one that offers TLS."""

import select
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.asked import Asked, AskedOfMySQL, AskedOfPostgres


class Line:
    """A TCP proxy on loopback; `url` is the server's, through it. It delays each question by so many seconds."""

    def __init__(self, url: str, *, delay_s: float = 0) -> None:
        parts = urlsplit(url)
        self._asked: type[Asked] = AskedOfPostgres if parts.scheme.startswith("postgres") else AskedOfMySQL
        self.statements: list[str] = []
        """What was asked of the server, a statement for each round trip."""
        self._delay_s = delay_s
        self._server = (parts.hostname, parts.port)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._word, self._reaches, self._cuts = b"", False, 0
        self._answering = threading.Event()
        self._answering.set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._port = self._door.getsockname()[1]
        self.url = _through(url, self._port)
        threading.Thread(target=self._let_in, args=[self._door], daemon=True).start()

    def cut_at(self, word: str, *, reaches: bool, times: int = 1) -> None:
        """Cut the line when this word is sent: it reaches the server and the answer is lost, or it does not."""
        self._word, self._reaches, self._cuts = word.encode(), reaches, times

    @property
    def was_cut(self) -> bool:
        """Whether all the cuts are made."""
        return self._cuts == 0

    def cut(self) -> None:
        """Cut every connection that is open."""
        for pair in self._pairs:
            _close(*pair)
        self._pairs.clear()

    def shut(self) -> None:
        """Cut every connection, and let none in: nothing listens there any more."""
        _close(self._door)
        self.cut()

    def hold(self) -> None:
        """Let no answer through any more."""
        self._answering.clear()

    def open_again(self) -> None:
        """Let connections in again, at the same address."""
        self._door = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._let_in, args=[self._door], daemon=True).start()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = door.accept()
                server = socket.create_connection(self._server)
                self._pairs.append((client, server))
                for side in (client, server):
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._ask, args=[client, server], daemon=True).start()
                threading.Thread(target=self._answer, args=[client, server], daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        asked = self._asked()
        with suppress(OSError):
            while data := client.recv(65536):
                self.statements += asked.read(data)
                time.sleep(self._delay_s)
                if self._cuts and self._word in data:
                    self._cuts -= 1
                    if self._reaches:
                        _close(client)
                        server.sendall(data)
                        server.recv(65536)  # the answer, which nobody gets
                    break
                server.sendall(data)
        _close(client, server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while (data := server.recv(65536)) and self._answering.wait():
                client.sendall(data)
        _close(client, server)


class Encrypted:
    """A TCP proxy on loopback that offers TLS before a server that has none; `url` is the server's, through it."""

    def __init__(self, url: str, certificate: Path) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port)
        self._agree = self._agree_postgres if parts.scheme.startswith("postgres") else self._agree_mysql
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self.connections = 0
        """How many were encrypted."""
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = _through(url, self._door.getsockname()[1])
        threading.Thread(target=self._let_in, daemon=True).start()

    def close(self) -> None:
        """Let no more connections in."""
        _close(self._door)

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.create_connection(self._server)
        with suppress(OSError), server, self._agree(client, server) as encrypted:
            self.connections += 1
            while True:
                for end in [encrypted] if encrypted.pending() else select.select([encrypted, server], [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    (server if end is encrypted else encrypted).sendall(data)

    def _agree_postgres(self, client: socket.socket, _: socket.socket) -> ssl.SSLSocket:
        """Answer the request for TLS with yes (one for Kerberos, which may come first, with no)."""
        while struct.unpack("!II", client.recv(8)) != (8, 80877103):
            client.sendall(b"N")
        client.sendall(b"S")
        return self._tls.wrap_socket(client, server_side=True)

    def _agree_mysql(self, client: socket.socket, server: socket.socket) -> ssl.SSLSocket:
        """Put the mark for TLS into the server's greeting, and take it out of the client's answer.

        The client's request for TLS is a packet that the server does not get: until the client is let in, the numbers
        of the packets differ by one.
        """
        tls = 1 << 11
        greeting = bytearray(_packet(server))
        place = greeting.index(0, 5) + 14  # after the version, the thread's number and the first part of the challenge
        greeting[place : place + 2] = struct.pack("<H", struct.unpack_from("<H", greeting, place)[0] | tls)
        client.sendall(greeting)
        assert struct.unpack_from("<I", _packet(client), 4)[0] & tls
        encrypted = self._tls.wrap_socket(client, server_side=True)
        try:
            answer = bytearray(_packet(encrypted))
            answer[4:8] = struct.pack("<I", struct.unpack_from("<I", answer, 4)[0] & ~tls)
            while True:
                answer[3] -= 1
                server.sendall(answer)
                said = bytearray(_packet(server))
                said[3] += 1
                encrypted.sendall(said)
                if said[4] in (0x00, 0xFF):  # let in, or refused
                    return encrypted
                answer = bytearray(_packet(encrypted))
        except OSError:  # the client does not trust the certificate
            encrypted.close()
            raise


def _through(url: str, port: int) -> str:
    """The URL by way of a port on loopback."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()


def _packet(end: socket.socket) -> bytes:
    """The next packet of MySQL's protocol, with its four bytes of length and number."""
    head = _exactly(end, 4)
    return head + _exactly(end, int.from_bytes(head[:3], "little"))


def _exactly(end: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = end.recv(count - len(data))
        if not more:
            raise ConnectionError("the line was closed")
        data += more
    return data


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
