"""A command in a pseudo-terminal: press keys, wait for text, count bytes and memory."""

import os
import pty
import re
import select
import signal
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]

DOWN = "\x1b[B"
PAGE_DOWN = "\x1b[6~"
ENTER = "\r"
ESCAPE = "\x1b"
SAVE = "\x13"
CLEAR_FIELD = "\x15"
"""ctrl+u, which deletes what stands before the cursor."""

_COMMANDS = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X].*?(?:\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL)


def backoffice(database: Path | str) -> list[str]:
    """The program's own command, on a file or a URL."""
    return [sys.executable, str(Path(sys.executable).with_name("backoffice")), "--database", str(database)]


def bare(*arguments: str) -> list[str]:
    """A bare Textual app to compare with."""
    return [sys.executable, str(Path(__file__).with_name("bare.py")), *arguments]


def paste(text: str) -> str:
    """What a terminal sends when `text` is pasted: one change of a field, where keys would be many."""
    return f"\x1b[200~{text}\x1b[201~"


class Terminal:
    """Runs the command from now on, in a home folder of its own; nothing answers the queries it may send.

    Times and bytes count from the last `press`, or from the start of the command.
    """

    def __init__(self, command: list[str], columns: int = 80, lines: int = 24) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="backoffice-home-")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "XDG_"))}
        environment = kept | {
            "HOME": self._home.name,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONPATH": str(ROOT),
        }
        self.output = b""
        self._since = time.perf_counter()
        self.process, self._device = pty.fork()
        if not self.process:
            termios.tcsetwinsize(0, (lines, columns))
            os.execve(command[0], command, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._device)
        self._home.cleanup()

    @property
    def bytes_written(self) -> int:
        """How much the command wrote."""
        return len(self.output)

    @property
    def text(self) -> str:
        """What the command wrote, without the commands to the terminal."""
        return _COMMANDS.sub(b"", self.output).decode(errors="ignore")

    @property
    def peak_memory(self) -> float:
        """The most MiB of memory that the command has had in use so far (Linux only)."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) / 1024

    def press(self, keys: str) -> None:
        """Send keys (a lone surrogate stands for a byte that is no UTF-8); counting starts again."""
        while self._read(0):
            pass
        self.output = b""
        self._since = time.perf_counter()
        os.write(self._device, keys.encode(errors="surrogateescape"))

    def wait_for(self, *texts: str, timeout: float = 60) -> float:
        """Wait until the command has written all these texts; how many seconds it took."""
        while True:
            seconds = time.perf_counter() - self._since
            if all(text in self.text for text in texts):
                return seconds
            if seconds > timeout or not self._read(timeout):
                raise TimeoutError(f"{texts} did not come; what came is:\n{self.text}")

    def settle(self, silence: float = 0.3) -> int:
        """Wait until nothing has been written for so many seconds; how many bytes were."""
        while self._read(silence):
            pass
        return self.bytes_written

    def pause(self, seconds: float) -> None:
        """Let so much time pass."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, timeout: float) -> bool:
        if not select.select([self._device], [], [], timeout)[0]:
            return False
        try:
            self.output += os.read(self._device, 65536)
        except OSError:
            raise RuntimeError(f"the command ended; it wrote:\n{self.text}") from None
        return True
