"""The program as it is started, in a real terminal."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 20.0
"""Seconds after which a text that was waited for counts as never coming."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Terminal:
    """One window of a tmux server of its own, 80 by 24."""

    def __init__(self, folder: Path) -> None:
        self._socket = f"backoffice-{uuid.uuid4().hex[:8]}"
        self._home = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "DATA")}

    def _tmux(self, *arguments: str) -> str:
        environment = {**os.environ, **self._home, "TMUX": ""}
        command = ["tmux", "-L", self._socket, *arguments]
        return subprocess.run(command, text=True, capture_output=True, env=environment).stdout

    def run(self, *command: str) -> None:
        line = " ".join([*command, ";", "echo", "exit:$?;", "exec", "cat"])
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", line)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", *(["-l", key.removeprefix("type:")] if key.startswith("type:") else [key]))

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def see(self, *texts: str) -> None:
        end = time.monotonic() + PATIENCE
        for text in texts:
            while text not in self.screen:
                assert time.monotonic() < end, f"never came: {text}\n{self.screen}"
                time.sleep(0.05)

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def backoffice(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tui", *arguments]


@needs_tmux
def test_the_main_flow_from_the_first_start_to_the_group_in_the_list(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run(*backoffice("--database", str(tmp_path / "new" / "shop.db")))
    terminal.see("Users / User Groups", "Administrators group (root_group)", "A new embedded database was created.")
    terminal.press("n")
    terminal.see("Create new Group", "root_role")
    terminal.press("type:Night shift", "Tab", "Space")
    terminal.see("[x] root_role")
    terminal.press("C-s")
    terminal.see("Group was created successfully.", "Users / User Groups / Edit Group", "none yet")
    terminal.press("Escape")
    terminal.see("> Night shift", "2 groups")
    terminal.press("q")
    terminal.see("exit:0")


@needs_tmux
def test_without_any_setting_the_database_lies_in_the_data_folder_readable_by_its_owner_alone(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.run(*backoffice())
    terminal.see("sqlite:backoffice.db", "Administrators group")
    file = tmp_path / "data" / "backoffice" / "backoffice.db"
    assert file.stat().st_mode & 0o777 == 0o600


@needs_tmux
def test_the_demo_shows_full_pages_and_leaves_nothing_behind(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("env", f"TMPDIR={tmp_path}", *backoffice("demo"))
    terminal.see("12 groups", "Content team")
    assert list(tmp_path.glob("backoffice-demo-*"))
    terminal.press("1")
    terminal.see("60 users")
    terminal.press("3")
    terminal.see("9 roles")
    terminal.press("q")
    terminal.see("exit:0")
    assert not list(tmp_path.glob("backoffice-demo-*"))


@needs_tmux
@pytest.mark.parametrize(
    ("content", "reason"), [(b"hello", "not a database"), (b"", "the file is empty"), (None, "not a file")]
)
def test_what_cannot_be_opened_is_named_in_one_line(
    terminal: Terminal, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "x"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    terminal.run(*backoffice("--database", str(path)))
    terminal.see("exit:1")
    said = terminal.screen.partition("exit:1")[0].replace("\n", "")
    assert said.startswith(f"backoffice: {path}: ") and reason in said
    assert content is None or path.read_bytes() == content


@needs_tmux
def test_a_mistake_of_its_own_ends_with_one_line_and_no_values(terminal: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(
        "import sys\nfrom models import groups\n"
        "def count(): raise RuntimeError('a secret value')\n"
        "groups.listing.count = count\n"
        "from tui.cli import main\nsys.exit(main())\n"
    )
    terminal.run(
        "env", f"PYTHONPATH={Path.cwd()}", sys.executable, str(script), "--database", str(tmp_path / "shop.db")
    )
    terminal.see("exit:1")
    assert "backoffice: stopped by a mistake of its own (RuntimeError at broken.py:3)." in terminal.screen
    assert "Traceback" not in terminal.screen and "secret" not in terminal.screen


def test_without_a_terminal_it_says_so_in_one_line() -> None:
    done = subprocess.run(backoffice(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("backoffice: ") and "terminal" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_do_not_load_textual(option: str) -> None:
    code = (
        "import sys\nfrom tui.cli import main\n"
        f"try: main([{option!r}])\nexcept SystemExit as end: assert not end.code\n"
        "assert not {'textual', 'peewee', 'rich'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "backoffice" in done.stdout


def test_what_the_first_page_does_not_show_is_not_loaded_before_it() -> None:
    code = (
        "import sys\nimport models.database, tui.cli, tui.settings, tui.app, tui.screens.groups\n"
        "print(*sorted(sys.modules))"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    heavy = {"bcrypt", "csv", "tomllib", "rich.traceback", "textual.widgets._markdown"}
    heavy |= {
        "models.mass_entry",
        "tui.drafts",
        "tui.screens.conflict",
        "tui.screens.group",
        "tui.screens.user",
        "tui.screens.help",
        "tui.palette",
    }
    assert not heavy & loaded
