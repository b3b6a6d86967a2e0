"""From the command to the first page with rows, and the memory it takes, against the smallest Textual app."""

from statistics import median

from tests.benchmarks.result import Result
from tests.benchmarks.shops import LARGE_GROUP, shop
from tests.benchmarks.terminal import Terminal, backoffice, bare

ROWS = 1_000
RUNS = 15


def measure(_: int) -> list[Result]:
    """Start both in turn; the first time of each only warms the caches of files and bytecode."""
    apps = {"ours": (backoffice(shop(ROWS)), LARGE_GROUP), "bare": (bare("text"), "Hello")}
    seconds: dict[str, list[float]] = {name: [] for name in apps}
    memory: dict[str, list[float]] = {name: [] for name in apps}
    for run in range(RUNS + 1):
        for name, (command, text) in apps.items():
            with Terminal(command) as terminal:
                took = terminal.wait_for(text)
                if run:
                    seconds[name].append(took * 1000)
                    memory[name].append(terminal.peak_memory)
    against = "smallest app"
    return [
        Result("start: first page with rows", *_medians(seconds), against, "ms", 1.4, RUNS),
        Result("start: resident memory", *_medians(memory), against, "MiB", 1.3, RUNS, digits=1),
    ]


def _medians(found: dict[str, list[float]]) -> tuple[float, float]:
    return median(found["ours"]), median(found["bare"])
