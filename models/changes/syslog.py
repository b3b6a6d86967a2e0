"""Sends lines to the system's log, which keeps them where who wrote them cannot change them."""

import os
import socket

ADDRESS = "/dev/log"
_PRIORITY = 10 * 8 + 6
"""authpriv, info: see RFC 3164."""


def send(text: str) -> str:
    """Send a line; why that failed, empty where it did not."""
    line = "".join(character if character.isprintable() else "?" for character in text)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.settimeout(1.0)
            log.connect(ADDRESS)
            log.send(f"<{_PRIORITY}>backoffice[{os.getpid()}]: {line}".encode(errors="replace"))
    except (OSError, AttributeError) as error:  # Windows has no such sockets
        return f"syslog: {getattr(error, 'strerror', None) or error}"
    return ""
