"""From a key in the form of a group with 100,000 members to what that would change, and keys meanwhile."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.access import ALL_STAFF, USERS, _fill
from tests.benchmarks.result import Result
from tests.benchmarks.terminal import CLEAR_FIELD, ENTER, Terminal, backoffice, paste

RUNS = 7
TOLD = "If saved (F6)"


def measure(_: int) -> Iterator[Result]:
    """The time until it is told, and that of letters typed while it is worked out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        _fill(path, USERS)
        told, keys = [], []
        with Terminal(backoffice(path)) as terminal:
            terminal.wait_for("> Group 10")
            terminal.settle()
            terminal.press("/")
            terminal.settle()
            terminal.press(paste(f"Group {ALL_STAFF}"))
            terminal.wait_for("found")
            terminal.settle()
            terminal.press(ENTER)
            terminal.settle()
            terminal.press(ENTER)
            terminal.wait_for("Edit Group", "person.1@")
            terminal.settle()
            terminal.press("\t")
            terminal.settle()
            for run in range(RUNS):
                terminal.press(paste(f"Role 20{run}"))
                terminal.wait_for("1 found")
                terminal.settle()
                terminal.press(ENTER)
                told.append(terminal.wait_for(TOLD))
                terminal.settle()
                terminal.press(" ")  # unselected, and selected again with letters typed meanwhile
                terminal.settle(1.0)
                terminal.press(" ")
                terminal.pause(0.02)
                typed = ""
                for letter in "qzjxv":
                    typed += letter
                    terminal.press(letter)
                    keys.append(terminal.wait_for(f"/ {typed}_"))
                    terminal.pause(0.05)
                terminal.settle(1.0)
                for key in CLEAR_FIELD, paste(f"Role 20{run}"), ENTER:  # unselected
                    terminal.press(key)
                    terminal.settle()
    what = f"preview: other roles for a group with {USERS:,} members, on the screen"
    yield Result(what, 1000 * median(told), 1000, "allowed", "ms", 1, len(told))
    yield Result(
        "preview: a letter typed while it is worked out, worst", 1000 * max(keys), 50, "allowed", "ms", 1, len(keys), 1
    )
