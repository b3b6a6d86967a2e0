"""Another database of the settings, opened from the palette: the program is started anew on it, in its own place."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from textual.app import SystemCommand

from models.db.transactions import is_write_pending
from tui.app_base import AppBase
from tui.config import Source
from tui.lifecycle import Lifecycle
from tui.text import shown
from tui.workers import run_busy

TRY_TIMEOUT_S = 30.0
"""Seconds after which a database counts as one that cannot be opened."""


class OtherDatabases:
    """Those of the settings; `options` are what the program was started with, but for the database."""

    def __init__(
        self, app: AppBase, lifecycle: Lifecycle, databases: Mapping[str, Source], options: Sequence[str]
    ) -> None:
        self._app, self._lifecycle = app, lifecycle
        self._databases, self._options = databases, options

    def commands(self) -> Iterator[SystemCommand]:
        """What the palette offers."""
        for name, source in self._databases.items():
            if name != self._app.source.name:
                mark = f"   {source.mark.upper()}" * bool(source.mark)
                yield SystemCommand(
                    f"Open {shown(name)}", shown(f"Start again on this database{mark}"), partial(self._start, name)
                )

    def _start(self, name: str) -> None:
        self._app.run_worker(self._open(name))

    async def _open(self, name: str) -> None:
        """Start anew on a database, unless it cannot be opened or somebody wants to save first."""
        app = self._app
        if problem := await run_busy(lambda: _try_to_open(name)):
            app.notify(problem, severity="error")
        elif not await self._lifecycle.may_lose_forms(f"Open {name} without saving?", yes="Open"):
            return
        elif is_write_pending():  # it may have begun just now
            app.notify("Still saving. Open another database once this is done.", severity="warning")
        else:
            self._lifecycle.start_anew([*_program(), *self._options, f"--database={name}"])


def _program() -> list[str]:
    """How the program was started, without its own arguments."""
    return sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1]


def _try_to_open(name: str) -> str:
    """Why a database cannot be opened, as a command says it that reads it; empty where it can."""
    import subprocess  # a start does without it

    command = [*_program(), "roles", "list", "--limit", "1", f"--database={name}"]
    try:
        done = subprocess.run(
            command,
            executable=sys.executable,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TRY_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{name} cannot be opened: {getattr(error, 'strerror', None) or 'it did not answer in time'}."
    *_, last = done.stderr.splitlines() or [f"{name} cannot be opened."]  # killed, it says nothing
    return last.removeprefix("backoffice: ") if done.returncode else ""
