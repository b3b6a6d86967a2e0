"""A command in a pseudo-terminal: press keys, wait for text, count bytes and memory."""

import codecs
import os
import pty
import re
import select
import signal
import sys
import tempfile
import termios
import time
from collections import deque
from pathlib import Path
from typing import Self

from tests.emulator import Agreeing

ROOT = Path(__file__).parents[2]

DOWN = "\x1b[B"
PAGE_DOWN = "\x1b[6~"
ENTER = "\r"
ESCAPE = "\x1b"
KITTY_ESCAPE = "\x1b[27u"
"""What a terminal that speaks kitty's protocol sends for the key; others send what many sequences begin with."""
SAVE = "\x13"
CLEAR_FIELD = "\x15"
"""ctrl+u, which deletes what stands before the cursor."""


def backoffice(database: Path | str, *options: str) -> list[str]:
    """The program's own command, on a file or a URL."""
    return [sys.executable, str(Path(sys.executable).with_name("backoffice")), "--database", str(database), *options]


def bare(*arguments: str) -> list[str]:
    """A bare Textual app to compare with."""
    return [sys.executable, str(Path(__file__).with_name("bare.py")), *arguments]


def paste(text: str) -> str:
    """What a terminal sends when `text` is pasted: one change of a field, where keys would be many."""
    return f"\x1b[200~{text}\x1b[201~"


class Terminal:
    """Runs the command from now on, in a home folder of its own, and shows what it writes.

    Times and bytes count from the last `press`, or from the start of the command. Questions that the command asks the
    terminal are answered where it is `modern`: frames can be synchronized, sizes are reported in band.
    """

    def __init__(self, command: list[str], columns: int = 80, lines: int = 24, *, modern: bool = False) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="backoffice-home-")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "XDG_"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
        environment = kept | {
            "HOME": self._home.name,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONPATH": str(ROOT),
        }
        self.shown = Agreeing(columns, lines)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._modern, self._reports = modern, False
        self.output = b""
        self._since = self._last = time.perf_counter()
        self.process, self._device = pty.fork()
        if not self.process:
            termios.tcsetwinsize(0, (lines, columns))
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell's background job ignores
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
        """What is on the screen."""
        return self.shown.text

    @property
    def seconds(self) -> float:
        """How long after the press the last byte came."""
        return self._last - self._since

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
        self._since = self._last = time.perf_counter()
        os.write(self._device, keys.encode(errors="surrogateescape"))

    def wait_for(self, *texts: str, timeout: float = 60) -> float:
        """Wait until all these texts are on the screen; how many seconds it took."""
        while not all(text in self.text for text in texts):
            if time.perf_counter() - self._since > timeout or not self._read(timeout):
                raise TimeoutError(f"{texts} did not come; what came is:\n{self.text}")
        return self.seconds

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self.shown.resize(lines, columns)
        termios.tcsetwinsize(self._device, (lines, columns))
        if self._reports:
            self._report()

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
            read = os.read(self._device, 65536)
        except OSError:
            raise RuntimeError(f"the command ended; it wrote:\n{self.text}") from None
        self._show(read)
        if self._modern:
            self._answer(read)
        return True

    def _show(self, read: bytes) -> None:
        self._last = time.perf_counter()
        self.output += read
        self.shown.feed(self._decode(read))

    def _answer(self, read: bytes) -> None:
        for mode in (b"2026", b"2048"):
            if b"\x1b[?" + mode + b"$p" in read:
                os.write(self._device, b"\x1b[?" + mode + b";2$y")
        if b"\x1b[?2048h" in read:
            self._reports = True
            self._report()

    def _report(self) -> None:
        lines, columns = self.shown.lines, self.shown.columns
        os.write(self._device, f"\x1b[48;{lines};{columns};{lines * 16};{columns * 8}t".encode())


class SlowTerminal(Terminal):
    """The same at the far end of a line that takes whatever is written, and passes it on late and slowly."""

    BYTES_A_SECOND = 2_400
    DELAY = 0.3
    """Seconds that each byte is under way."""

    def __init__(self, command: list[str], columns: int = 80, lines: int = 24) -> None:
        super().__init__(command, columns, lines)
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._free = 0.0

    def _read(self, timeout: float) -> bool:
        end = time.perf_counter() + timeout
        while not self._under_way or self._under_way[0][0] > time.perf_counter():
            next_one = self._under_way[0][0] if self._under_way else end
            if not super()._read(max(0, min(next_one, end) - time.perf_counter())) and time.perf_counter() >= end:
                return False
        arrived = b""
        while self._under_way and self._under_way[0][0] <= time.perf_counter():
            arrived += self._under_way.popleft()[1]
        super()._show(arrived)
        return True

    def _show(self, read: bytes) -> None:
        for byte in read:
            self._free = max(self._free, time.perf_counter() + self.DELAY) + 1 / self.BYTES_A_SECOND
            self._under_way.append((self._free, bytes([byte])))
