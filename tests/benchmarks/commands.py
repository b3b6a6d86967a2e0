"""From a command to its end: a list's start against the imports it cannot do without, and a plan of a large shop."""

import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.access import USERS, _fill
from tests.benchmarks.result import Result
from tests.benchmarks.shops import shop

RUNS = 21
PLAN_S = 2.0


def measure(_: int) -> Iterator[Result]:
    """The list and the imports in turn; then plans of files that say what is there, and other paths in each allow."""
    program = [sys.executable, "-m", "tui", "--database"]
    least = [sys.executable, "-c", "import peewee, sqlite3"]
    listing = [*program, str(shop(10)), "groups", "list"]
    ours: list[float] = []
    other: list[float] = []
    for run in range(RUNS + 1):
        for command, found in ((listing, ours), (least, other)):
            took = _seconds(command)
            if run:  # the first only warms the caches of files and bytecode
                found.append(took * 1000)
    yield Result("commands: groups list", median(ours), median(other), "import peewee, sqlite3", "ms", 1.5, RUNS)
    with tempfile.TemporaryDirectory() as folder:
        path, file = Path(folder) / "shop.db", Path(folder) / "shop.toml"
        _fill(path, USERS)
        file.write_bytes(subprocess.run([*program, str(path), "export"], check=True, capture_output=True).stdout)
        yield _plan("the same", [*program, str(path), "plan", str(file)], 0)
        text = re.sub(r'"allow (\w)', r'"allow other-\1', file.read_text())
        file.write_text(text)
        yield _plan("every allow is another", [*program, str(path), "plan", str(file)], 1)


def _plan(what: str, command: Sequence[str], code: int) -> Result:
    taken = [_seconds(command, code) for _ in range(5)]
    return Result(f"commands: plan, {what}, {USERS:,} users", median(taken), PLAN_S, "allowed", "s", 1, 5, 2)


def _seconds(command: Sequence[str], code: int = 0) -> float:
    """Of the processor, which others on the machine do not prolong."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done != code:
        raise RuntimeError(f"{command} ended with {done}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
