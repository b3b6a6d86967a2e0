"""ctrl+z, where a shell can resume the program and where none can; how the program ends; no core dumps."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.db.connection import close_database, open_database
from tests.benchmarks.terminal import Terminal as Pseudo
from tests.tui.terminal.tmux import PATIENCE, Terminal, backoffice, needs_tmux

BACK = "Administrators group"
NO_SHELL = "No shell to return to"


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    file = tmp_path / "shop.db"
    open_database(str(file))
    close_database()
    return backoffice("--database", str(file))


@pytest.mark.slow
@needs_tmux
@pytest.mark.parametrize("wrapper", ["", "sh -c '{}; true'", "bash script.sh"], ids=["alone", "in sh", "in a script"])
def test_in_a_shell_ctrl_z_goes_to_the_shell_and_fg_comes_back(
    terminal: Terminal, program: list[str], tmp_path: Path, wrapper: str
) -> None:
    script = tmp_path / "script.sh"
    script.write_text(f"cd {Path.cwd()}\n{shlex.join(program)}\ntrue\n")
    line = wrapper.format(shlex.join(program)).replace("script.sh", str(script)) or shlex.join(program)
    terminal.run("env", "PS1='shell> '", "bash", "--norc", "-i")
    terminal.see("shell>")
    terminal.press(f"type:{line}", "Enter")
    terminal.see(BACK)
    for _ in range(2):
        terminal.press("C-z")
        terminal.see("Stopped", "shell>")
        assert BACK not in terminal.screen
        terminal.press("type:clear; fg", "Enter")
        terminal.see(BACK)
    terminal.press("q")
    terminal.see("shell>")


@needs_tmux
@pytest.mark.parametrize("wrapper", ["exec {}", "{}; exec cat", "setsid -w {}"], ids=["leader", "in sh", "own session"])
def test_without_a_shell_ctrl_z_says_so_and_the_program_goes_on(
    terminal: Terminal, program: list[str], wrapper: str
) -> None:
    terminal.run(wrapper.format(shlex.join(program)))
    terminal.see(BACK)
    terminal.press("C-z")
    terminal.see(NO_SHELL)
    terminal.press("n")
    terminal.see("Create new Group")


def test_a_stop_signal_from_outside_does_not_strand_a_program_without_a_shell(program: list[str]) -> None:
    with Pseudo(program) as terminal:
        terminal.wait_for(BACK)
        os.kill(terminal.process, signal.SIGTSTP)
        terminal.press("n")
        terminal.wait_for("Create new Group")


@pytest.mark.parametrize("key", ["\x03", "\x1c"], ids=["ctrl+c", "ctrl+backslash"])
def test_a_key_after_the_terminal_was_given_back_changes_nothing_of_the_end(program: list[str], key: str) -> None:
    with Pseudo(program) as terminal:
        terminal.wait_for(BACK)
        terminal.press("q")
        while b"\x1b[?1049l" not in terminal.output:
            terminal.pause(0.001)
        said = b""
        with pytest.raises((RuntimeError, OSError)):  # until it has ended
            while True:
                terminal.press(key)
                terminal.pause(0.001)
                said += terminal.output
        ended = os.waitid(os.P_PID, terminal.process, os.WEXITED | os.WNOWAIT)
    assert ended is not None and (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)
    assert b"Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.slow
@pytest.mark.parametrize("hangup", ["sent", "ignored", "never sent"])
def test_a_terminal_that_is_gone_ends_the_program_with_129(
    program: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hangup: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    ours, its = os.openpty()
    script = tmp_path / "start.py"
    script.write_text(
        "import fcntl, os, pathlib, signal, sys, termios\n"
        f"hangup = {hangup!r}\n"
        "if hangup != 'never sent': fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL if hangup == 'sent' else signal.SIG_IGN)\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"
    )
    started = [sys.executable, str(script), *program]
    process = subprocess.Popen(started, stdin=its, stdout=its, stderr=its, start_new_session=True)
    os.close(its)
    seen = b""
    while BACK.encode() not in seen:
        seen += os.read(ours, 65536)
    os.write(ours, b"n")
    while b"Create new Group" not in seen:
        seen += os.read(ours, 65536)
    os.write(ours, b"Night shift")
    time.sleep(1)  # what comes back are single letters and moves
    os.close(ours)
    assert process.wait(PATIENCE) == 129
    (draft,) = (tmp_path / "state" / "backoffice" / "drafts").glob("*.json")
    assert "Night shift" in draft.read_text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_crash_leaves_no_core_dump(program: list[str]) -> None:
    with Pseudo(["/bin/sh", "-c", f"ulimit -S -c unlimited; exec {shlex.join(program)}"]) as terminal:
        terminal.wait_for(BACK)
        limits = Path(f"/proc/{terminal.process}/limits").read_text()
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
