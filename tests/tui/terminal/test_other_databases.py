"""Another database of the settings is opened from the palette: by the same process, of which nothing else is left."""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.db.transactions import track_pending_write
from tests.tui.conftest import Start, open_first_group
from tests.tui.terminal.tmux import Terminal, backoffice, needs_tmux
from tui import other_databases
from tui.config import Source
from tui.covers import Covers
from tui.lifecycle import Lifecycle

PASSWORD = "Correct-Horse-12"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two databases by name, and two that cannot be opened."""
    folder = tmp_path / "config" / "backoffice"
    folder.mkdir(parents=True)
    tables = [f'[databases.{name}]\nurl = "{tmp_path / name}.db"\nmark = "{name}"\n' for name in ("one", "two")]
    tables += [f'[databases.lost]\nurl = "{tmp_path}/gone.db"\n', '[databases.odd]\nurl = "odd.db"\nmark = 1\n']
    (folder / "config.toml").write_text("".join(tables))
    return folder / "config.toml"


def palette(terminal: Terminal, name: str) -> None:
    terminal.press("C-p", f"type:Open {name}")
    terminal.see("Start again on this database")
    assert terminal.settled().count("Start again on this database") == 1
    terminal.press("Enter")


def processes(text: str) -> dict[int, list[str]]:
    """The command lines that have the text, by the ids of their processes."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
        except OSError:
            continue
        if "tui" in line and any(text in word for word in line):
            found[int(folder.name)] = line
    return found


@needs_tmux
@pytest.mark.slow
def test_the_same_process_goes_on_with_the_options_and_without_the_password_or_any_open_file(
    terminal: Terminal, tmp_path: Path, config: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    for name in ("one", "two"):
        os.system(" ".join(backoffice("init", "--database", str(tmp_path / f"{name}.db"), ">/dev/null")))
    root = str(tmp_path)
    first = ("--ascii", "--password-file", str(secret), "--shop-root", root, "--database", "one")
    terminal.run(*backoffice(*first))
    terminal.see("ONE", "sqlite:one.db", "Administrators group")
    ((process, _),) = processes(root).items()
    palette(terminal, "two")
    terminal.see("TWO", "sqlite:two.db", "Administrators group")
    assert processes(root) == {process: backoffice("--ascii", "--shop-root", root, "--database=two")}
    files = {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()}
    assert not {file for file in files if "one.db" in file or "secret" in file}
    terminal.press("n")
    terminal.see("Create new Group")
    terminal.press("type:Night shift", "Tab", "Space", "C-s")
    terminal.see("Group was created successfully.")
    palette(terminal, "one")
    terminal.see("ONE", "1 group")
    terminal.press("q")
    terminal.see("exit:0")


@needs_tmux
@pytest.mark.slow
def test_while_it_is_opened_ctrl_c_is_heeded_as_at_the_first_start(
    terminal: Terminal, tmp_path: Path, config: Path
) -> None:
    script, heeded = tmp_path / "start.py", tmp_path / "heeded"
    script.write_text(
        "import signal, sys\nfrom tui.cli.main import main\n"
        "if 'roles' not in sys.argv:\n"  # by which it finds out whether the other one can be opened
        f"    print(signal.getsignal(signal.SIGINT), file=open({str(heeded)!r}, 'a'))\n"
        "sys.exit(main())\n"
    )
    os.system(" ".join(backoffice("init", "--database", str(tmp_path / "two.db"), ">/dev/null")))
    terminal.run("env", f"PYTHONPATH={Path.cwd()}", sys.executable, str(script), "--database", "one")
    terminal.see("sqlite:one.db", "Administrators group")
    palette(terminal, "two")
    terminal.see("sqlite:two.db", "Administrators group")
    first, second = heeded.read_text().splitlines()
    assert first == second != str(signal.SIG_IGN)


@needs_tmux
@pytest.mark.slow
def test_one_that_cannot_be_opened_leaves_the_program_where_it_is(
    terminal: Terminal, tmp_path: Path, config: Path
) -> None:
    terminal.run(*backoffice("--database", "one"))
    terminal.see("sqlite:one.db", "Administrators group")
    terminal.press("Escape")
    palette(terminal, "lost")
    terminal.see("no such file")
    assert "ONE" in terminal.screen
    terminal.press("Escape")
    palette(terminal, "odd")
    terminal.see("config.toml: [databases.odd] mark must")
    assert not (tmp_path / "gone.db").exists()
    terminal.press("Escape")
    terminal.settled()
    terminal.press("q")
    terminal.see("exit:0")


@needs_tmux
@pytest.mark.slow
def test_unsaved_forms_are_asked_about_and_are_no_drafts_then(terminal: Terminal, tmp_path: Path, config: Path) -> None:
    terminal.run(*backoffice("--database", "two"))
    terminal.see("sqlite:two.db", "Administrators group")
    terminal.press("q")
    terminal.see("exit:0")
    terminal.close()
    terminal.run(*backoffice("--database", "one"))
    terminal.see("sqlite:one.db", "Administrators group")
    terminal.press("n")
    terminal.see("Create new Group")
    terminal.press("type:Unfinished")
    terminal.see("unsaved")
    palette(terminal, "two")
    terminal.see("Open two without saving?", "Unsaved changes: Users / User Groups / Create new Group.")
    terminal.press("n")
    terminal.see("Unfinished")
    palette(terminal, "two")
    terminal.see("Open two without saving?")
    terminal.press("y")
    terminal.see("TWO", "1 group")
    assert not list((tmp_path / "state").rglob("draft-*"))
    terminal.press("q")
    terminal.see("exit:0")


async def test_the_palette_offers_those_that_are_not_open(shop: None, start: Start, config: Path) -> None:
    async with start(source=Source("", name="one")) as person:
        await person.press("ctrl+p")
        await person.type("open")
        await person.see("Open two", "Start again on this database   TWO")
        assert "Open one" not in person.screen


async def test_no_other_is_opened_while_a_change_is_being_saved(
    shop: None, start: Start, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor while one is that began after the other was tried."""
    with ExitStack() as saving:

        def try_to_open(_: str) -> str:
            saving.enter_context(track_pending_write())
            return ""

        monkeypatch.setattr(other_databases, "_try_to_open", try_to_open)
        async with start() as person:
            await open_first_group(person)
            await person.app.other_databases._open("two")
            await person.see("Still saving. Open another database once this is done.")


def test_a_change_that_began_as_another_was_opened_is_finished_first(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    lifecycle = Lifecycle(SimpleNamespace(exit=lambda: None), Covers, saves_drafts=False)  # type: ignore[arg-type]
    lifecycle.start_anew(["two"])
    with track_pending_write():
        lifecycle._start_next()
        assert not started
    lifecycle._start_next()
    assert started == [["two"]]


def test_a_try_that_ends_without_a_word_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(other_databases, "_program", lambda: killed)
    assert other_databases._try_to_open("two") == "two cannot be opened."
