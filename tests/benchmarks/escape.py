"""From Escape to the page behind the help: where the terminal names the key, and where other keys begin alike."""

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.result import Result
from tests.benchmarks.shops import LARGE_GROUP, shop
from tests.benchmarks.terminal import ESCAPE, KITTY_ESCAPE, Terminal, backoffice

ROWS = 1_000
RUNS = 15


def measure(_: int) -> Iterator[Result]:
    """Both in one session each."""
    for what, escape, allowed in (("named", KITTY_ESCAPE, 30), ("not named", ESCAPE, 150)):
        times = []
        with Terminal(backoffice(shop(ROWS))) as terminal:
            terminal.wait_for(LARGE_GROUP)
            for _ in range(RUNS):
                terminal.settle()
                terminal.press("?")
                terminal.wait_for("Keyboard shortcuts")
                terminal.settle()
                terminal.press(escape)
                times.append(1000 * terminal.wait_for("n Create  Enter Edit"))  # the last line is the page's again
        yield Result(f"escape: key {what} by the terminal", median(times), allowed, "allowed", "ms", 1, RUNS, 1)
