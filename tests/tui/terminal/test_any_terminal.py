"""The main flow, and one error, in terminals with few colours or none, without Unicode, and with other keys."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from models.db.connection import close_database, open_database
from tests.conftest import Shop
from tests.tui.terminal.tmux import Terminal, backoffice, needs_tmux
from tui.terminal.plain import in_ascii

pytestmark = needs_tmux

GROUPS = (
    "Äpfel, 漢字 e\N{COMBINING ACUTE ACCENT}",
    "[red]Night shift[/]",
    "A name that is longer than its column is wide",
)
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
TIME = re.compile(r"[\d-]*\d \d\d:\d\d")  # a dialog may cover its beginning
REVERSE = re.compile(r"\x1b\[(?:[0-9;]*;)?7[;m]")

TERMINALS = {
    "no colour": "NO_COLOR=1",
    "linux": "TERM=linux COLORTERM=",
    "16 colours": "TERM=xterm-16color COLORTERM=",
    "screen": "TERM=screen COLORTERM=",
    "tmux": "TERM=tmux-256color COLORTERM=",
    "vt100": "TERM=vt100 COLORTERM=truecolor",
    "locale C": "LC_ALL=C",
    "locale POSIX": "LANG=POSIX",
    "latin-1": "LC_ALL=de_DE.ISO-8859-1 TERM=vt100",
    "--ascii": "",
}


@contextmanager
def started(folder: Path, environment: str, *options: str, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """The program in a terminal of these variables, on a shop with some names."""
    file = folder / "shop.db"
    if not file.exists():
        open_database(str(file))
        close_database()
        shop = Shop(str(file))
        shop.groups(*GROUPS)
        for id in shop.sql("SELECT id_acl_group FROM spy_acl_group WHERE name != 'root_group'"):
            shop.hold(id, 1)
    terminal = Terminal(folder)
    unset = [f"-u{name}" for name in ("NO_COLOR", "LC_ALL", "LC_CTYPE")]
    command = ["env", *unset, "LANG=C.UTF-8", "TERM=xterm-256color", *environment.split()]
    try:
        terminal.run(*command, *backoffice("--database", str(file), *options), size=size)
        yield terminal
    finally:
        terminal.close()


def flow(terminal: Terminal) -> Iterator[str]:
    """The main flow with one error in it; the screens on the way."""
    counted = "0  N/A"  # the rows are there before their counts
    terminal.see("Users / User Groups", "Night shift", "4 groups", counted)
    yield terminal.settled()
    terminal.press("n")
    terminal.see("Create new Group", "root_role")
    terminal.press("C-s")
    terminal.see("! This value should not be blank.", "! At least one role must be selected.")
    yield terminal.settled()
    terminal.press("type:Late shift", "Tab", "Space")
    terminal.see("[x] root_role")
    yield terminal.settled()
    terminal.press("C-s")
    terminal.see("Group was created successfully.", "Edit Group", "none yet", "Users assigned to this group")
    yield terminal.settled()
    terminal.press("Escape")
    terminal.see("> Late shift", "5 groups", counted)
    terminal.press("d")
    terminal.see("Late shift", "Delete (y)", "Cancel (n)")
    yield terminal.settled()


@cache
def usual() -> list[str]:
    """The screens of the flow in a usual terminal."""
    with TemporaryDirectory() as folder, started(Path(folder), "", size=WITHOUT_PREVIEW) as terminal:
        return list(flow(terminal))


WITHOUT_PREVIEW = (80, 23)
"""Columns and lines: a preview follows the cursor in its own time."""


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMINALS)
def test_the_main_flow_reads_the_same_in_every_terminal(tmp_path: Path, name: str) -> None:
    ascii = name in ("locale C", "locale POSIX", "latin-1", "--ascii")
    colourless = name in ("no colour", "vt100", "latin-1")
    options = ["--ascii"] if name == "--ascii" else []
    with started(tmp_path, TERMINALS[name], *options, size=WITHOUT_PREVIEW) as terminal:
        for shown, reference in zip(flow(terminal), usual(), strict=True):
            screen, expected = TIME.sub("T", shown), TIME.sub("T", reference)  # one may be a minute later
            lines = (expected.replace("• unsaved", "  unsaved") if ascii else expected).splitlines()
            assert screen.splitlines() == ([in_ascii(line) for line in lines] if ascii else lines)
            assert not ascii or screen.isascii()
            assert not colourless or not COLOUR.search(terminal.styled)
            assert not (colourless or "16" in name or name == "linux") or REVERSE.search(terminal.styled)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM spy_acl_group")}
    assert names == {"root_group", "Late shift", *GROUPS}


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_place_text_is_refused_in_one_line(tmp_path: Path, term: str) -> None:
    with started(tmp_path, f"TERM={term}") as terminal:
        terminal.see("exit:2")
        said = terminal.screen.partition("exit:2")[0].replace("\n", "")
        assert said == f"backoffice: this terminal (TERM={term}) cannot place text on its screen."


@pytest.mark.parametrize("size", [(39, 24), (80, 11)])
def test_a_terminal_that_is_too_small_is_refused_in_one_line(tmp_path: Path, size: tuple[int, int]) -> None:
    with started(tmp_path, "", size=size) as terminal:
        terminal.see("exit:2")
        said = terminal.screen.partition("exit:2")[0].replace("\n", "")
        assert said == f"backoffice: this terminal is too small. Needs 40x12, has {size[0]}x{size[1]}."


@pytest.mark.slow
def test_a_terminal_made_too_small_says_what_it_needs_and_what_was_typed_comes_back(tmp_path: Path) -> None:
    with started(tmp_path, "", size=(40, 12)) as terminal:
        terminal.see("4 groups")
        terminal.press("n")
        terminal.see("Title")
        terminal.press("type:Late shift")
        terminal.see("Late shift")
        before = terminal.settled()
        terminal.resize(30, 6)
        terminal.see("Needs 40x12, has 30x6.")
        assert "Late shift" not in terminal.screen
        terminal.resize(40, 12)
        terminal.see("Late shift")
        assert terminal.settled() == before


def test_emacs_keys_move_go_back_and_open_the_palette(tmp_path: Path) -> None:
    config = tmp_path / "config" / "backoffice" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('key_set = "emacs"')
    with started(tmp_path, "") as terminal:
        terminal.see("> [red]Night shift[/]")
        terminal.press("C-n", "C-n")
        terminal.see("> Administrators group")
        terminal.press("C-p")
        terminal.see("> A name that is longer")
        terminal.press("n")
        terminal.see("Create new Group", "ctrl+s Save  ctrl+g Back")
        terminal.press("type:Late shift", "C-n", "Space")
        terminal.see("[x] root_role")
        terminal.press("C-s")
        terminal.see("Group was created successfully.")
        terminal.press("C-g")
        terminal.see("> Late shift")
        terminal.press("M-x")
        terminal.see("Search groups, roles")
        terminal.press("C-g")
        terminal.see("n Create")
        terminal.press("?")
        terminal.press("type:one row")
        terminal.see("ctrl+p, Up", "ctrl+n, Down")
