"""A line to a server that a test can cut at a chosen word."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Line:
    """A TCP proxy on loopback; `url` is the server's, through it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._word, self._reaches, self._cuts = b"", False, 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self._port = self._door.getsockname()[1]
        self.url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self._port}").geturl()
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
        with suppress(OSError):
            while data := client.recv(65536):
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
            while data := server.recv(65536):
                client.sendall(data)
        _close(client, server)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
