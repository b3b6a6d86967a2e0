"""Servers on loopback that ask for the password in clear text, as anyone could who is asked for a connection."""

import socket
import struct
import threading
from contextlib import suppress


class Rogue:
    """It asks whoever connects for the password in clear text, keeps what it is told, and lets nobody in."""

    def __init__(self, kind: str, plugin: str = "mysql_clear_password") -> None:
        self._kind, self._plugin = kind, plugin.encode()
        self.told: list[bytes] = []
        """What was said in answer; empty where the other side closed the connection."""
        self._door = socket.create_server(("127.0.0.1", 0))
        scheme = "postgresql" if kind == "postgres" else "mysql"
        self.url = f"{scheme}://anna:s3cret@127.0.0.1:{self._door.getsockname()[1]}/shop"
        threading.Thread(target=self._let_in, daemon=True).start()

    def close(self) -> None:
        """Let no more connections in."""
        self._door.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                with client, suppress(OSError, ConnectionError, struct.error):
                    client.settimeout(10)
                    (self._postgres if self._kind == "postgres" else self._mysql)(client)

    def _postgres(self, client: socket.socket) -> None:
        while struct.unpack("!II", client.recv(8))[1] in (80877103, 80877104):  # TLS, Kerberos
            client.sendall(b"N")
        client.recv(65536)
        client.sendall(b"R" + struct.pack("!II", 8, 3))  # AuthenticationCleartextPassword
        self.told.append(client.recv(65536)[5:].rstrip(b"\0"))
        said = b"SFATAL\0C28000\0Mgo away\0\0"
        client.sendall(b"E" + struct.pack("!I", len(said) + 4) + said)

    def _mysql(self, client: socket.socket) -> None:
        capabilities = 0x000FA209  # what servers of today can, without TLS
        greeting = b"\x0a8.0.0\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<H", capabilities & 0xFFFF)
        greeting += b"\x21\x02\0" + struct.pack("<HB", capabilities >> 16, 21) + b"\0" * 10 + b"123456789012\0"
        self._send(client, 0, greeting + b"mysql_native_password\0")
        client.recv(65536)
        asked = b"\x04Password: " if self._plugin == b"dialog" else b"12345678901234567890\0"
        self._send(client, 2, b"\xfe" + self._plugin + b"\0" + asked)  # AuthSwitchRequest
        self.told.append(client.recv(65536)[4:].rstrip(b"\0"))
        self._send(client, 4, b"\xff" + struct.pack("<H", 1045) + b"#28000go away")

    def _send(self, client: socket.socket, number: int, payload: bytes) -> None:
        client.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)
