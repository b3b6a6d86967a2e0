"""A real terminal to drive the program in: a window of tmux."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

PATIENCE = 20.0
"""Seconds after which a text that was waited for counts as never coming."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Terminal:
    """One window of a tmux server of its own."""

    def __init__(self, folder: Path) -> None:
        self._socket = new_socket()
        self._home = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "DATA")}

    def _tmux(self, *arguments: str) -> str:
        environment = {**os.environ, **self._home, "TMUX": ""}
        for name in ("COLUMNS", "LINES"):  # the window has a size of its own
            environment.pop(name, None)
        command = ["tmux", "-L", self._socket, *arguments]
        return subprocess.run(command, text=True, capture_output=True, env=environment).stdout

    def run(self, *command: str, size: tuple[int, int] = (80, 24)) -> None:
        line = " ".join([*command, ";", "echo", "exit:$?;", "exec", "cat"])
        columns, lines = map(str, size)
        first = ["-f", "/dev/null", "start-server", ";", "set-option", "-g", "status", "off", ";"]
        self._tmux(*first, "new-session", "-d", "-x", columns, "-y", lines, line)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", *(["-l", key.removeprefix("type:")] if key.startswith("type:") else [key]))

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    @property
    def styled(self) -> str:
        """The screen with its styles, as escape sequences."""
        return self._tmux("capture-pane", "-pe")

    def settled(self) -> str:
        """The screen when five looks in a row have found it the same."""
        looks = [self.screen]
        while len(looks) < 5 or len({*looks[-5:]}) > 1:
            time.sleep(0.1)
            looks.append(self.screen)
        return looks[-1]

    def resize(self, columns: int, lines: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def see(self, *texts: str) -> None:
        end = time.monotonic() + PATIENCE
        for text in texts:
            while text not in self.screen:
                if time.monotonic() > end:
                    pytest.fail(f"never came: {text}\n{self.screen}")
                time.sleep(0.05)

    def close(self) -> None:
        self._tmux("kill-server")
        self._socket = new_socket()  # the server that is ending would take the next window with it


def new_socket() -> str:
    return f"backoffice-{uuid.uuid4().hex[:8]}"


def backoffice(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tui", *arguments]
