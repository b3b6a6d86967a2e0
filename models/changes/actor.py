"""Who is at work: what the system knows of the person who runs the program."""

import os
import socket
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Actor:
    """Who runs this program, where, and from where."""

    login: str
    sudo_user: str | None
    """Who became `login` by sudo."""
    host: str
    ssh_client: str | None
    """The address that the SSH session comes from."""

    @property
    def file_name(self) -> str:
        """What their files begin with."""
        return file_name(self.login, self.host)


def file_name(login: str, host: str) -> str:
    """What the files of a login on a host begin with, whatever these have in them."""
    return f"{quote(login, safe='')}@{quote(host, safe='')}"


def current_actor() -> Actor:
    """The one who runs this process."""
    client = (os.environ.get("SSH_CLIENT") or os.environ.get("SSH_CONNECTION") or "").split()
    return Actor(_login(), os.environ.get("SUDO_USER"), socket.gethostname(), client[0] if client else None)


def _login() -> str:
    """The name of the user whose rights the process has, which no variable can change; their number without one."""
    try:
        import pwd
    except ImportError:  # Windows
        import getpass

        return getpass.getuser()
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
