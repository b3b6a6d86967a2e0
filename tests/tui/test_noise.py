"""Thousands of random keys, pastes, resizes and garbage through a real terminal: the program goes on, or was left.

The seed is printed; NOISE_SEED tries others, NOISE_STEPS more.
"""

import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from models.db.connection import close_database, open_database
from models.tools.demo import fill
from tests.benchmarks.terminal import Terminal, backoffice, paste
from tests.tui.terminal.test_input import NOISE
from tests.tui.test_monkey import HOSTILE, assert_whole

SEED = int(os.environ.get("NOISE_SEED", "20261126"))
STEPS = int(os.environ.get("NOISE_STEPS", "600"))
ANSWER_S = 20.0
"""Seconds after which a program that draws nothing when it is told to counts as hung."""

KEYS = [
    *"1234necdtfaxoirsyjkgGwpl/  *?*uv[]YHzWS:",
    *("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~"),
    *("\t", "\t", "\t", "\x1b[Z", "\r", "\r", "\r", "\x1b", "\x1b", "\x13", "\x13", "\x1a"),
    *("\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[D", "\x1b[C", "\x7f", "\x1b[3~"),
    *("\x15", "\x0c", "\x10", "\x01", "\x05", "\x17", "\x0b", "\x04", "\x06", "\x02"),
]
LEAVE = ["q", "\x11", "\x03"]
SIZES = [(80, 24), (60, 20), (120, 40), (100, 30), (40, 12), (200, 60), (20, 5), (1, 1)]
ENDS = "uuuu~~tMmRyABCDIO@`z"
NUMBERS = ["", "0", "1", "2", "3", "5", "13", "27", "48", "97", "200", "1114112", "55296", "57441", "9999999999"]


class Noise(Terminal):
    """A terminal that only keeps the last that was written to it."""

    def _show(self, read: bytes) -> None:
        self._last = time.perf_counter()
        self.output = (self.output + read)[-20_000:]

    def send(self, sent: bytes) -> bool:
        """Send this and read what comes; False where the program has ended."""
        try:
            os.write(self._device, sent)
            while self._read(0.004):
                pass
        except (RuntimeError, OSError):
            return False
        return True

    def answers(self) -> bool:
        """Whether the program still draws its screen when it is told to; False where it has ended."""
        self.resize(80, 24)
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            self.output = b""
            if not self.send(b"\x1b[201~\x0c"):
                return False
            time.sleep(0.2)
            if not self.send(b"\x1b[I"):
                return False
            if len(self.output) > 100:
                return True
        raise AssertionError("the program hangs")

    def exit_code(self) -> int:
        """The exit code of a program that has ended."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        self.process, self._device = os.posix_spawn("/bin/true", ["true"], {}), os.open("/dev/null", os.O_RDONLY)
        return code


def some(chance: random.Random, steps: list[str]) -> bytes:
    """The next thing to send; empty for a resize."""
    kind = chance.random()
    if kind < 0.75:
        sent: str = chance.choice(KEYS)
    elif kind < 0.753:
        sent = chance.choice(LEAVE)
    elif kind < 0.83:
        sent = paste(chance.choice(HOSTILE)) if chance.random() < 0.99 else paste("x" * 1_000_000)
    elif kind < 0.86:
        sent = ""
    elif kind < 0.91:
        sent = chance.choice(NOISE)
    elif kind < 0.96:
        numbers = "".join(chance.choice(NUMBERS) + chance.choice(";;:") for _ in range(chance.randrange(6)))
        sent = f"\x1b[{chance.choice(['', '', '<', '?'])}{numbers[:-1]}{chance.choice(ENDS)}"
    elif kind < 0.965:
        sent = f"\x1b[48;{chance.randrange(99999)};{chance.randrange(300)};9;9t"
    else:
        steps.append("bytes")
        return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 12)))
    steps.append(sent)
    return sent.encode(errors="surrogatepass")


@pytest.mark.slow
@pytest.mark.timeout(max(300, STEPS))
def test_random_keys_and_garbage_through_a_terminal_end_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    open_database(str(file))
    fill()
    close_database()
    steps: list[str] = []
    chance, sessions, peak = random.Random(SEED), 0, 0.0
    started = time.monotonic()
    try:
        while len(steps) < STEPS:
            sessions += 1
            with Noise(backoffice(file)) as terminal:
                going = terminal.answers()
                while going and len(steps) < STEPS:
                    sent = some(chance, steps)
                    if sent:
                        going = terminal.send(sent)
                    else:
                        terminal.resize(*chance.choice(SIZES))
                    if going and not len(steps) % 100:
                        going = terminal.answers()
                        peak = max(peak, terminal.peak_memory if going else 0)
                assert b"Traceback" not in terminal.output and b"mistake" not in terminal.output, terminal.output
                if not going:
                    assert terminal.exit_code() == 0, terminal.output
    finally:
        seconds = time.monotonic() - started
        print(f"NOISE_SEED={SEED}, {len(steps)} steps, {sessions} sessions, {seconds:.0f} s, {peak:.0f} MiB at most")
        print(f"the last: {steps[-30:]}")

    def sql(statement: str, *parameters: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute(statement, parameters).fetchall()

    assert_whole(sql)
