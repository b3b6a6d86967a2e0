"""From a key to the last byte of the page that it opens, beside a page of stock widgets that reads the same rows."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks.result import Result
from tests.benchmarks.shops import LARGE_GROUP, shop
from tests.benchmarks.terminal import ENTER, KITTY_ESCAPE, Terminal, backoffice, bare

ROWS = 1_000
RUNS = 9
SILENCE_S = 0.25
"""Seconds after which no byte follows."""

PAGES = {
    "Create Group": ("2", "n", "n"),
    "Edit Group": ("2", ENTER, "e"),
    "Edit Role": ("3", ENTER, "r"),
    "Edit User": ("1", ENTER, "u"),
    "help": ("2", "?", "?"),
    "question": ("2", "d", "d"),
}
"""For each page the key of the section that it is opened from, and the keys that open ours and theirs."""


def measure(_: int) -> Iterator[Result]:
    """Both programs side by side, each page opened again and again; the first time also reads code and styles."""
    database = shop(ROWS)
    theirs = [*bare("")[:1], str(Path(__file__).with_name("bare_pages.py")), str(database)]
    with ExitStack() as stack:
        ours, other = (stack.enter_context(Terminal(command)) for command in (backoffice(database), theirs))
        ours.wait_for(LARGE_GROUP)
        other.wait_for(LARGE_GROUP)
        for page, (section, key, same) in PAGES.items():
            ours.settle(SILENCE_S)
            ours.press(section)
            ours.settle(1)
            taken: list[tuple[float, float]] = []
            for _run in range(RUNS + 1):
                taken.append((_open(ours, key), _open(other, same)))
            ours_ms, other_ms = (1000 * median(times) for times in zip(*taken[1:], strict=True))
            yield Result(f"open: {page}", ours_ms, other_ms, "stock widgets", "ms", 1.5, RUNS)


def _open(terminal: Terminal, key: str) -> float:
    """The seconds that it takes; then it is closed again."""
    terminal.settle(SILENCE_S)
    terminal.press(key)
    terminal.settle(SILENCE_S)
    seconds = terminal.seconds
    terminal.press(KITTY_ESCAPE)
    return seconds
