"""Bytes written to a terminal of 80x24 for one act, beside what a bare app of stock widgets writes for the same."""

from collections.abc import Callable
from statistics import median

from tests.benchmarks.result import Result
from tests.benchmarks.shops import FIRST_MEMBER, LARGE_GROUP, group_names, shop
from tests.benchmarks.terminal import DOWN, ENTER, SAVE, Terminal, backoffice, bare
from tui.forms.form_page import UNCHANGED

ROWS = 1_000
RUNS = 3


def measure(_: int) -> list[Result]:
    """Every act in a run of its own."""
    database = shop(ROWS)
    ours, table, form = backoffice(database), bare("list", str(database)), bare("form")
    acts: list[tuple[str, list[str], list[str], Callable[[Terminal], None], Callable[[Terminal], None]]] = [
        ("first page", ours, table, _first_page, _first_page),
        ("one step in the list", ours, table, _step, _step),
        ("a step that scrolls", ours, table, _scroll, _scroll),
        ("one letter more in the title", ours, form, _create, _letter),
        ("a toast", ours, form, _edit, _form),
    ]
    results = []
    for what, command, other, act, same in acts:
        pair = median(_bytes(command, act) for _ in range(RUNS)), median(_bytes(other, same) for _ in range(RUNS))
        results.append(Result(f"wire: {what}", *pair, "stock widgets", "bytes", 1, RUNS))
    return results


def _bytes(command: list[str], act: Callable[[Terminal], None]) -> int:
    with Terminal(command) as terminal:
        act(terminal)
        return terminal.settle()


def _first_page(terminal: Terminal) -> None:
    terminal.wait_for(LARGE_GROUP)


def _step(terminal: Terminal) -> None:
    _first_page(terminal)
    terminal.settle()
    terminal.press(DOWN)


def _scroll(terminal: Terminal) -> None:
    _first_page(terminal)
    terminal.settle()
    names = group_names(ROWS)
    visible = sum(name in terminal.text for name in names[:24])
    for _ in range(visible - 1):
        terminal.press(DOWN)
        terminal.settle(0.1)
    terminal.press(DOWN)
    terminal.wait_for(names[visible])


def _create(terminal: Terminal) -> None:
    _first_page(terminal)
    terminal.press("n")
    terminal.wait_for("Title", "Role 0000010")
    _letter(terminal)


def _letter(terminal: Terminal) -> None:
    terminal.wait_for("Create new Group")
    terminal.press("N")  # after which the first line says that the form is unsaved
    terminal.wait_for("N")
    terminal.settle()
    terminal.press("x")
    terminal.wait_for("Nx")


def _edit(terminal: Terminal) -> None:
    _first_page(terminal)
    terminal.press(ENTER)
    terminal.wait_for(FIRST_MEMBER)
    _toast(terminal)


def _form(terminal: Terminal) -> None:
    terminal.wait_for("Create new Group")
    _toast(terminal)


def _toast(terminal: Terminal) -> None:
    terminal.settle()
    terminal.press(SAVE)
    terminal.wait_for(UNCHANGED)
