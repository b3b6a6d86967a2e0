"""What goes over the line: bytes for each act, the time it takes to find them, and the main flow over a slow line.

Ours beside what Textual's own driver writes, and beside the floor that a simple encoder finds in the differing cells.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks.floor import Floor
from tests.benchmarks.result import Result
from tests.benchmarks.shops import LARGE_GROUP, shop
from tests.benchmarks.terminal import SAVE, SlowTerminal, Terminal, backoffice
from tests.emulator import Line
from tui.terminal.cells import Cells, harmless

KEYS = 40
FLOWS = 3
DRIVERS = ((), ("--full-output",))
"""The options that choose ours and Textual's own."""

Frames = list[tuple[str, str]]
"""What Textual wrote, each with the act it was written for."""


def measure(_: int) -> Iterator[Result]:
    """Bytes, then times."""
    for size in ((80, 24), (120, 40)):
        for colours in ("256", "truecolor"):
            yield from _bytes(size, colours)
    frames = _frames((200, 60), "truecolor")
    times = [median(each) for each in zip(*(_times((200, 60), frames) for _ in range(5)), strict=True)]
    yield Result("line: processor time of a frame, 200x60", median(times), 1, "allowed", "ms", 1, len(times), 2)
    yield Result("line: the longest of them", max(times), 8, "allowed", "ms", 1, len(times), 2)
    yield Result("line: from a key to the last byte", *_last_bytes(), "Textual alone", "ms", 1, KEYS, 1)
    what = (
        f"line: main flow, start to toast, {SlowTerminal.BYTES_A_SECOND:,} bytes/s, {1000 * SlowTerminal.DELAY:.0f} ms"
    )
    yield Result(what, *_flows(), "Textual alone", "s", 1, FLOWS, 1)


def _frames(size: tuple[int, int], colours: str) -> Frames:
    """What Textual writes at this size; in a process of its own, for it keeps colours that it has made once."""
    command = [sys.executable, "-m", "tests.benchmarks.frames", *map(str, size)]
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_COLOR_SYSTEM": colours}
    environment = os.environ | terminal | {"TEXTUAL_ANIMATIONS": "none"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return [(act, data) for act, data in json.loads(done.stdout)]


def _bytes(size: tuple[int, int], colours: str) -> Iterator[Result]:
    """A mean for each act: ours beside the floor from the screen before the act to the one after, and Textual's."""
    line = Line(*size)
    floor = Floor(line.theirs, numbered=colours == "256")
    ours, theirs, least, times = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    current = ""
    for act, data in [*_frames(size, colours), ("", "")]:
        if not data or act != current:
            least[current] += floor.count()
            current = act
        times[act] += not data
        ours[act] += len(line.write(data).encode()) if data else 0
        theirs[act] += len(data.encode())
        line.check()
    where = f"{size[0]}x{size[1]}, {colours}"
    for act, n in times.items():
        if act:
            yield Result(f"line: {act}, {where}", ours[act] / n, least[act] / n, "floor", "bytes", 1.25, n)
            yield Result(f"line: {act}, {where}", ours[act] / n, theirs[act] / n, "Textual alone", "bytes", 1, n)


def _times(size: tuple[int, int], frames: Frames) -> list[float]:
    """Milliseconds of processor time for each frame, as the driver spends them."""
    cells = Cells()
    cells.resize(*size)
    times = []
    for _, data in frames:
        if data and not harmless(data):
            start = time.thread_time()
            cells.follow(data)
            times.append(1000 * (time.thread_time() - start))
    return times


def _last_bytes() -> tuple[float, float]:
    """Milliseconds until a step in the list is on the terminal, and nothing follows; both programs side by side."""
    times: list[list[float]] = [[], []]
    with ExitStack() as stack:
        command = [backoffice(shop(1_000), *options) for options in DRIVERS]
        terminals = [stack.enter_context(Terminal(each, 120, 40)) for each in command]
        for terminal in terminals:
            terminal.wait_for(LARGE_GROUP)
            terminal.settle(1)
        for _ in range(KEYS):
            for terminal, taken in zip(terminals, times, strict=True):
                terminal.press("j")
                terminal.settle(0.15)
                taken.append(1000 * terminal.seconds)
    ours, other = map(median, times)
    return ours, other


def _flows() -> tuple[float, float]:
    """Seconds from the command to the toast, for someone who acts as soon as the screen shows what they wait for."""
    times: list[list[float]] = [[], []]
    for _ in range(FLOWS):
        for options, taken in zip(DRIVERS, times, strict=True):
            with tempfile.TemporaryDirectory() as folder:
                database = Path(shutil.copy(shop(1_000), folder))
                start = time.perf_counter()
                with SlowTerminal(backoffice(database, *options)) as terminal:
                    terminal.wait_for(LARGE_GROUP, "? Help")
                    for keys, text in (("n", "0 of 1,000"), ("Night shift", "Night shift"), ("\t ", "1 of 1,000")):
                        terminal.press(keys)
                        terminal.wait_for(text)
                    terminal.press(SAVE)
                    terminal.wait_for("Group was created successfully.")
                    taken.append(time.perf_counter() - start)
    ours, other = map(median, times)
    return ours, other
