"""The program as it is started, in a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.terminal.tmux import Terminal, backoffice, needs_tmux


@needs_tmux
def test_the_main_flow_from_the_first_start_to_the_group_in_the_list(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run(*backoffice("--database", str(tmp_path / "new" / "shop.db")))
    terminal.see("Users / User Groups", "Administrators group (root_group)", "New embedded database created.")
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
        "def fill(rows): raise RuntimeError('a secret value')\n"
        "groups.listing.fill = fill\n"
        "from tui.cli.main import main\nsys.exit(main())\n"
    )
    terminal.run(
        "env", f"PYTHONPATH={Path.cwd()}", sys.executable, str(script), "--database", str(tmp_path / "shop.db")
    )
    terminal.see("exit:1")
    assert "backoffice: internal error (RuntimeError at broken.py:3)." in terminal.screen
    assert "Traceback" not in terminal.screen and "secret" not in terminal.screen


@pytest.mark.slow
@needs_tmux
@pytest.mark.parametrize(
    "place",
    [
        "tui.terminal.input.TerminalInput.feed",
        "tui.terminal.cells.Cells.follow",
        "tui.app.BackOffice.action_help",
        "tui.app.BackOffice.on_event",
        "tui.app.BackOffice.on_load",
        "tui.dialogs.help.Help.compose",
    ],
)
def test_a_mistake_anywhere_ends_with_one_line_without_source_code(
    terminal: Terminal, tmp_path: Path, place: str
) -> None:
    owner, _, name = place.rpartition(".")
    module, _, owner = owner.rpartition(".")
    script = tmp_path / "broken.py"
    script.write_text(
        f"import sys\nfrom {module} import {owner}\n"
        "from tui.cli.main import main\n"
        f"def {name}(*_): raise RuntimeError('a secret value')\n"
        f"{owner}.{name} = {name}\n"
        "sys.exit(main())\n"
    )
    terminal.run(
        "env", f"PYTHONPATH={Path.cwd()}", sys.executable, str(script), "--database", str(tmp_path / "shop.db")
    )
    if place.endswith(("feed", "help", "compose")):
        terminal.see("Administrators group")
        terminal.press("?")
    terminal.see("exit:1")
    lines = [line for line in terminal.screen.splitlines() if line]
    assert lines == ["backoffice: internal error (RuntimeError at broken.py:4).", "exit:1"]


def test_without_a_terminal_it_says_so_in_one_line() -> None:
    done = subprocess.run(backoffice(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("backoffice: ") and "terminal" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_do_not_load_textual(option: str) -> None:
    code = (
        "import sys\nfrom tui.cli.main import main\n"
        f"try: main([{option!r}])\nexcept SystemExit as end: assert not end.code\n"
        "assert not {'textual', 'peewee', 'rich'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "backoffice" in done.stdout
