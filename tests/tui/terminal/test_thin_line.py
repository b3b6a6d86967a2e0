"""Sessions over all pages: after every frame the terminal shows what it would show over Textual's own driver."""

import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver

from models import passwords
from models.db.connection import close_database, open_database
from models.tools.demo import fill
from tests.benchmarks.terminal import Terminal as Pseudo
from tests.emulator import Line
from tests.tui.conftest import Person, Start
from tests.tui.terminal.tmux import PATIENCE, Terminal, backoffice, needs_tmux
from tests.tui.test_monkey import SIZES, Monkey
from tui import config
from tui.app import BackOffice
from tui.terminal.driver import TerminalDriver
from tui.terminal.thin_line import ThinLine

SEED = int(os.environ.get("MONKEY_SEED", "20261124"))
STEPS = int(os.environ.get("MONKEY_STEPS", "100"))


class Watched(HeadlessDriver):
    """Textual believes in a terminal, and there are two; after every frame both are compared."""

    def __init__(self, *arguments: Any, size: tuple[int, int], **options: Any) -> None:
        self.line = Line(*size)
        self.frames = 0
        self.lost = True  # until Textual draws the whole screen
        super().__init__(*arguments, size=size, **options)

    is_headless = False
    can_suspend = True

    @property
    def _size(self) -> tuple[int, int]:
        return self.line.size

    @_size.setter
    def _size(self, size: tuple[int, int]) -> None:
        if tuple(size) != self.line.size:
            self.line.resize(*size)
            self.lost = True

    def write(self, data: str) -> None:
        passed_on = data in self.line.write(data) and "\x1b[0m" in data  # which we never send
        if data.endswith("H"):  # a frame
            self.frames += 1
            rows = [f"{y};1" for y in range(1, self.line.size[1] + 1)]  # where each row of a whole screen begins
            whole = re.findall(r"\x1b\[(\d+;\d+)H", data)[:-1] == rows
            assert self.lost or not passed_on  # everything that Textual writes for a page is understood
            self.lost = self.lost and not whole
            if not self.lost:
                self.line.check()

    def redraw(self) -> None:
        self.line.redraw()

    def suspend_application_mode(self) -> None:
        self.write("\x1b[?1049l")
        self.lost = True
        self.line.meanwhile("\x1b[1;1H$ ls\nshop.db\n")

    def resume_application_mode(self) -> None:
        self.write("\x1b[?1049h")


@pytest.fixture
def watched(start: Start, file: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start the program on a full shop, and watch both lines."""
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", Watched)
    monkeypatch.setattr(passwords, "hashed", lambda password: "$2y$12$" + "x" * 53)
    open_database(str(file))
    fill()
    close_database()
    return start


async def suspend(person: Person) -> None:
    """Another program runs in between."""
    with person.app.suspend():
        pass
    driver: Any = person.app._driver
    await person.wait(lambda: not driver.lost, "the whole screen")


@pytest.mark.slow
@pytest.mark.parametrize(("size", "acts", "pages"), [((80, 24), 10, 14), ((200, 60), 2, 4)])
async def test_random_keys_resizes_and_suspends_on_all_pages_show_the_same_as_textual_alone(
    watched: Start, size: tuple[int, int], acts: int, pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED + size[0])
    async with watched(size=size) as person:
        driver = person.app._driver
        assert isinstance(driver, Watched)
        person.app._sync_available = size != (80, 24)
        monkeypatch.setattr(person.app, "exit", lambda *_, **__: None)
        monkey = Monkey(person, chance)
        try:
            for act in chance.sample(monkey.acts, acts):
                await act()
                await person.press("ctrl+l")
                await person.pilot.resize_terminal(*chance.choice(SIZES))
                await suspend(person)
                await person.pilot.resize_terminal(*size)
            monkey.mischief = 0.3
            for _ in range(STEPS * acts // 10):
                await monkey.step()
        finally:
            print(f"MONKEY_SEED={SEED}, last: {monkey.done}, {driver.frames} frames, visited: {monkey.visited}")
        await person.settle()
        await person.wait(lambda: person.screen == driver.line.ours.text, "what Textual means to show")
        workers = person.app.workers  # a form that is still being read must not be closed with the program
        await person.wait(lambda: not any(worker.name == "_load" and worker.is_running for worker in workers), "forms")
    assert driver.frames > 15 * acts
    assert len(monkey.visited) >= pages
    assert driver.line.sent < driver.line.written / 2


async def test_what_is_pasted_into_the_palette_commands_no_terminal(start: Start) -> None:
    async with start() as person:
        await person.press("ctrl+p")
        await person.see("Search groups, roles")
        await person.paste("\x1b[2J\x00x")
        await person.see("␛[2J␀x")


class Window(Terminal):
    """A window of tmux, which judges for itself what is sent to it."""

    @property
    def picture(self) -> str:
        """Every cell with its colours, and where the cursor is."""
        cursor = "#{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on} #{mouse_any_flag} #{bracket_paste_flag}"
        return self._tmux("capture-pane", "-p", "-e", "-N") + self._tmux("display-message", "-p", cursor)

    @property
    def at_cursor(self) -> str:
        """The line that the cursor is on, with a bar before the cursor."""
        x, y = map(int, self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split())
        line = self.screen.splitlines()[y].ljust(x)
        return f"{line[:x]}|{line[x:]}"

    def shell(self, *command: str) -> None:
        """Run the command in a shell that knows ctrl+z and fg."""
        self.run("env", "PS1='$ '", "bash", "--norc", "--noprofile", "-i")
        self.see("$")
        self.press(f"type:clear; {' '.join(command)}", "Enter")

    def scribble(self, text: str) -> None:
        """Another program writes to the terminal."""
        Path(self._tmux("display-message", "-p", "#{pane_tty}").strip()).write_text(text)


Pair = tuple[Window, Window]


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """Opens a shop of its own in a window."""
    with ExitStack() as windows:

        def open_window(name: str, *options: str) -> Window:
            folder = tmp_path / name
            folder.mkdir()
            open_database(str(folder / "shop.db"))
            fill()
            close_database()
            window = Window(folder)
            windows.callback(window.close)
            window.shell(*backoffice("--database", str(folder / "shop.db"), *options))
            return window

        yield open_window


@pytest.fixture
def pair(window: Callable[..., Window]) -> Pair:
    """Two windows in which the same shop is open, one over our driver and one over Textual's own."""
    return window("thin"), window("full", "--full-output")


def same(pair: Pair, *texts: str, as_before: str = "") -> str:
    """Wait until both windows show the texts, and every cell alike; the picture."""
    for window in pair:
        window.see(*texts)
    end = time.monotonic() + PATIENCE
    while (ours := pair[0].picture) != (theirs := pair[1].picture) or (as_before and ours != as_before):
        if time.monotonic() > end:
            pytest.fail(f"{ours}\n--- not\n{theirs}")
    return ours


def press(pair: Pair, *keys: str) -> None:
    for window in pair:
        window.press(*keys)


PAGES = [
    ("Down Down Space", "> Developers", "1 selected"),
    ("Escape", "12 groups"),
    ("S", "Name ↓"),
    ("s", "Created At ↑"),
    ("/ type:te", "1 found"),
    ("Escape", "12 groups"),
    ("n", "Create new Group", "0 of 9"),
    ("type:Ünï管理🧑 Tab Space", "管理", "1 of 9"),
    ("C-s", "Edit Group", "none yet"),
    ("Tab a", "0 of 60"),
    ("Space Down Space C-s", "2 users", ">● attribute"),
    ("d", "y Remove"),
    ("Escape", "d Remove"),
    ("F1", "Keyboard shortcuts"),
    ("Escape", "d Remove"),
    ("C-p", "Search groups, roles"),
    ("type:roles", "Go to User Roles"),
    ("Escape", "d Remove"),
    ("Escape", "13 groups", "Users 2"),
    ("c", "Esc Cancel"),
    ("Escape", "c Clone"),
    ("1", "60 users"),
    ("PageDown f", "54 active"),
    ("n", "0 of 13"),
    ("C-s", "!"),
    ("Escape", "54 active"),
    ("i", "Import users from CSV"),
    ("Escape", "54 active"),
    ("e", "Edit User", "13"),
    ("Escape", "54 active"),
    ("3", "9 roles"),
    ("Down e", "Edit Role", "rule"),
    ("F3", "Enter Edit Group"),
    ("Escape", "F3 Groups"),
    ("Escape", "9 roles"),
    ("d", "Assigned to"),
    ("Escape", "d Delete"),
    ("4", "60 users"),
    ("Enter", "Verdict"),
    ("Escape", "60 users"),
    ("p", "Who may"),
    ("Escape", "Enter Open"),
    ("Escape", "60 users"),
    ("f", "10 kinds"),
    ("Escape", "60 users"),
]
"""Keys, and what is on the screen then."""


@pytest.mark.slow
@needs_tmux
def test_in_tmux_every_page_looks_the_same_as_over_textuals_own_driver(pair: Pair) -> None:
    same(pair, "Users / User Groups", "12 groups")
    for keys, *texts in PAGES:
        press(pair, *keys.split())
        same(pair, *texts)


@pytest.mark.slow
@needs_tmux
def test_the_terminals_own_cursor_is_in_the_field_or_on_the_row_that_has_the_focus(
    window: Callable[..., Window],
) -> None:
    terminal = window("thin")
    for keys, text in [
        ("", "|> Catalog "),
        ("Down Down", "|> Customer care"),
        ("/ type:te", " te| "),
        ("Escape", "|> Content team"),
        ("n", "Title           |"),
        ("type:New Tab", "|> [ ] Catalog editor"),
        ("Escape", "Discard (y)   | Cancel (n)"),
        ("y 3", "|> Catalog editor"),
        ("Down e", "Bundle          |Bundle, *, or paste a URL"),
        ("type:cms", "cms|"),
        ("BTab Home", "Name            |CMS editor"),
        ("End", "CMS editor|"),
    ]:
        terminal.press(*keys.split())
        end = time.monotonic() + PATIENCE
        while text not in (line := terminal.at_cursor):
            if time.monotonic() > end:
                pytest.fail(f"{keys}: {line}")


@pytest.mark.slow
@needs_tmux
def test_in_tmux_what_happens_to_the_terminal_leaves_the_same_screen(pair: Pair) -> None:
    counted = "Catalog editor, +1         4  20"  # the rows are there before their counts; their dates go with today
    before = same(pair, "12 groups", counted, "● catalog.lead@shop.example")  # the preview follows in its own time
    press(pair, "C-z")
    for window in pair:
        window.see("Stopped")
        window.press("type:echo a line in between; fg", "Enter")
    same(pair, "12 groups", counted, as_before=before)
    for size in [(60, 20), (80, 24), (120, 40), (80, 24)]:  # as a hand on a window's corner does it
        for window in pair:
            window.resize(*size)
    same(pair, "12 groups", counted, as_before=before)
    for size in [(120, 40), (61, 20)]:
        for window in pair:
            window.resize(*size)
        same(pair, "12 groups")
        press(pair, "j")
        same(pair, "> Content team")
        press(pair, "k")
        same(pair, "> Catalog")
    pair[0].scribble(
        "\x1b[3;5HBroadcast message: 管理\x1b[1m\x1b[?25h\x1b[?7h\x1b[?1003l\x1b[5;9r\x1b[?6h\x1b[4h\x1b(0\n\n"
    )
    pair[0].see("Broadcast message")
    press(pair, "C-l")
    same(pair, "12 groups")
    press(pair, "q")
    for window in pair:
        window.see("$")
        window.press("type:clear; stty -a | grep -o -- '-\\?\\(echo\\|icanon\\|isig\\) '", "Enter")
    same(pair, "isig")


@pytest.mark.slow
@needs_tmux
def test_ctrl_l_redraws_under_dialogs_the_palette_and_help_too(window: Callable[..., Window]) -> None:
    terminal = window("thin")
    terminal.see("12 groups")
    for key, text in [
        ("d", "Delete the group"),
        ("C-p", "Search groups"),
        ("?", "Keyboard shortcuts"),
        ("c", "Clone the group"),
    ]:
        terminal.press(key)
        terminal.see(text)
        before = terminal.settled()
        terminal.scribble("\x1b[3;5HBroadcast message")
        terminal.see("Broadcast message")
        terminal.press("C-l")
        terminal.see(before)
        terminal.press("Escape")
        terminal.see("12 groups", "n Create")


@pytest.fixture
def database(file: Path) -> Path:
    open_database(str(file))
    fill()
    close_database()
    return file


@pytest.mark.slow
def test_a_terminal_that_reports_its_size_and_shows_frames_at_once_shows_the_same(database: Path) -> None:
    cells, written = [], []
    for options in ([], ["--full-output"]):
        command = backoffice("--database", str(database), *options)
        with Pseudo(command, modern=True) as terminal:
            terminal.wait_for("12 groups")
            for size in [(100, 30), (80, 24), (61, 20), (120, 40), (100, 30)]:
                terminal.resize(*size)
            terminal.settle()
            terminal.press("j")
            terminal.wait_for("> Content team")
            terminal.settle()
            assert b"\x1b[?2026h\x1b[?2026l" not in terminal.output
            assert terminal.output.count(b"\x1b[?2026h") == terminal.output.count(b"\x1b[?2026l") >= 1
            cells.append((terminal.shown.rows, terminal.shown.caret))
            written.append(terminal.bytes_written)
    assert cells[0] == cells[1]
    assert written[0] < written[1]


@pytest.mark.parametrize(("line", "driver"), [("", ThinLine), ("full_output = true", TerminalDriver)])
def test_the_setting_chooses_the_driver_that_writes_whole_regions(
    file: Path, monkeypatch: pytest.MonkeyPatch, line: str, driver: type[Driver]
) -> None:
    monkeypatch.setattr(config, "config_file", lambda: file.with_name("config.toml"))
    file.with_name("config.toml").write_text(line)
    settings = config.read_settings()
    app = BackOffice(open_database(str(file)), settings)
    assert app.driver_class is driver and not settings.problems


@pytest.mark.slow
def test_a_program_run_in_between_leaves_nothing_on_the_screen(database: Path, tmp_path: Path) -> None:
    script = tmp_path / "between.py"
    script.write_text(
        "import os, sys\nfrom tui.app import BackOffice\n"
        "def action_reload(self):\n    with self.suspend(): os.system('printf \"a mail\\\\nread it: \"; read line')\n"
        "BackOffice.action_redraw = action_reload\n"
        "from tui.cli.main import main\nsys.exit(main())\n"
    )
    with Pseudo([sys.executable, str(script), "--database", str(database)]) as terminal:
        terminal.wait_for("12 groups")
        terminal.settle()
        before = terminal.shown.rows, terminal.shown.caret
        terminal.press("\x0c")
        terminal.wait_for("read it:")
        assert terminal.shown.cursor.attrs == terminal.shown.default_char and "groups" not in terminal.text
        terminal.press("yes\r")
        terminal.wait_for("12 groups")
        terminal.settle()
        assert (terminal.shown.rows, terminal.shown.caret) == before


@pytest.mark.slow
def test_nothing_moves_or_blinks_by_itself(database: Path) -> None:
    pages = {
        "> Catalog": "",
        "0 of 9": "n",
        "Search groups, roles": "\x10",
        "Keyboard shortcuts": "?",
        "Delete (y)": "d",
    }
    with ExitStack() as stack:
        command = backoffice("--database", str(database))
        terminals = [stack.enter_context(Pseudo(command)) for _ in pages]
        for terminal, (text, key) in zip(terminals, pages.items(), strict=True):
            terminal.wait_for("12 groups")
            terminal.press(key)
            terminal.wait_for(text)
        for terminal in terminals:
            terminal.settle(0.5)
            terminal.press("")
        for terminal in terminals:
            terminal.pause(3 / len(terminals))
        for terminal, text in zip(terminals, pages, strict=True):
            assert (terminal.settle(0), terminal.output) == (0, b""), text
