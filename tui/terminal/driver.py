"""Textual's driver for terminals, for any size and any input, and with an end when the terminal is gone."""

import asyncio
import codecs
import os
import select
import shutil
import signal
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.capabilities import clamp_size, encoding, has_job_control
from tui.terminal.input import TerminalInput
from tui.textual_compat import set_terminal_size, signal_resume, wrap_output

if TYPE_CHECKING:
    from textual.app import App


class _EndsWithoutTerminal(Protocol):
    """An app that can be left when nobody can be asked any more."""

    def end_without_terminal(self) -> None: ...


class TerminalDriver(LinuxDriver):
    """Modes, suspending and resuming are Textual's; reading is ours, so that whatever comes is read to its end."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options | {"size": clamp_size(*shutil.get_terminal_size())})
        self.app, self.loop = app, asyncio.get_running_loop()
        set_terminal_size(self, self.terminal_size)
        wrap_output(self, lambda file: _Output(file, self._end_without_terminal))
        signal.signal(signal.SIGTSTP, self._stop_process_group)

    def terminal_size(self) -> tuple[int, int]:
        """The columns and lines to use now."""
        return clamp_size(*shutil.get_terminal_size())

    def _stop_process_group(self, *_: Any) -> None:
        """Give the terminal back, then stop the whole process group: the shell waits for its first process."""
        if has_job_control():
            self.suspend_application_mode()
            signal_resume(self)
            os.killpg(os.getpgrp(), signal.SIGSTOP)

    def run_input_thread(self) -> None:
        """Hand on what comes from the terminal until input is disabled."""
        try:
            self._read()
        except (OSError, ValueError, EOFError):  # it hung up, or its number is closed
            self._end_without_terminal()
        except Exception as error:
            self.app.call_later(_raise, error)

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder(encoding(os.environ))("ignore").decode
        terminal = TerminalInput()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], 0.1)[0]:
                if not (read := os.read(self.fileno, 4096)):
                    raise EOFError
                for message in terminal.feed(decode(read)):
                    self.process_message(message)
            for message in terminal.tick():
                self.process_message(message)

    def _end_without_terminal(self) -> None:
        if not self.exit_event.is_set():
            self.loop.call_soon_threadsafe(cast(_EndsWithoutTerminal, self.app).end_without_terminal)


def _raise(error: Exception) -> None:
    """Fail in the app, as on a mistake of its own."""
    raise error


class _Output:
    """The terminal as a file to write to; once it takes nothing any more, what is written goes nowhere."""

    def __init__(self, file: IO[str], on_gone: Callable[[], None]) -> None:
        self._terminal, self._on_gone = file, on_gone
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        self._ignore_if_gone(lambda: self._terminal.write(text))

    def flush(self) -> None:
        self._ignore_if_gone(self._terminal.flush)

    def _ignore_if_gone(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError:
            self._on_gone()
