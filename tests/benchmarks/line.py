"""What goes over the line: bytes for each act, the time it takes to find them, and the main flow over a slow line.

Ours beside what Textual's own driver writes, and beside the floor that a simple encoder finds in the differing cells.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.floor import Floor
from tests.benchmarks.result import Result
from tests.emulator import Line
from tui.cells import Cells, harmless

Frames = list[tuple[str, str]]
"""What Textual wrote, each with the act it was written for."""


def measure(_: int) -> Iterator[Result]:
    """Bytes, then times."""
    for size in ((80, 24), (120, 40)):
        for colours in ("256", "truecolor"):
            yield from _bytes(size, colours)
    frames = _frames((200, 60), "truecolor")
    times = [took for _ in range(3) for took in _times((200, 60), frames)]
    yield Result("line: processor time of a frame, 200x60", median(times), 1, "allowed", "ms", 1, len(times), 2)
    yield Result("line: the longest of them", max(times), 8, "allowed", "ms", 1, len(times), 2)


def _frames(size: tuple[int, int], colours: str) -> Frames:
    """What Textual writes at this size; in a process of its own, for it keeps colours that it has made once."""
    command = [sys.executable, "-m", "tests.benchmarks.frames", *map(str, size)]
    environment = os.environ | {"TEXTUAL_COLOR_SYSTEM": colours, "TEXTUAL_ANIMATIONS": "none"}
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
