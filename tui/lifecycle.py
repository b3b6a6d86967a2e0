"""From start to exit: signals, exit codes, failures told in one line, drafts, the question before quitting."""

import os
import signal
import sys
import threading
from asyncio import get_running_loop, run
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Timer
from traceback import extract_tb
from typing import Any

from textual.screen import Screen

from models.db.connection import close_database
from models.db.transactions import is_write_pending
from models.text import plural
from tui import drafts, navigation
from tui.app_base import AppBase
from tui.covers import Covers
from tui.state import drafts_folder
from tui.text import print_error
from tui.workers import run_in_thread

THREAD_SWITCH_INTERVAL_S = 0.001
"""Seconds that a thread at work may keep a key waiting each time it has to be run; Python's own 0.005 add up."""

EXIT_TIMEOUT_S = 3.0
"""Seconds that exiting may take once the program was ended from outside."""

PENDING_READS_TIMEOUT_S = 0.5
"""Seconds that exiting waits for reads of the database that nobody needs any more."""

TYPED_SIGNALS = (signal.SIGINT, signal.SIGQUIT)
"""Those of ctrl+c and ctrl+\\: keys while the app has its terminal; once that was given back, it is ending anyway."""


class Lifecycle:
    """Runs the app and ends it, asked to or not; no unsaved changes are lost unless a person says so."""

    def __init__(self, app: AppBase, covers: Covers, *, saves_drafts: bool) -> None:
        self._app, self._covers = app, covers
        self._saves_drafts = saves_drafts
        self._has_saved_drafts = False
        self._failure: Exception | None = None
        self._warned_of_write = False
        self._question: Screen[bool] | None = None
        """The last one asked by `quit`."""
        self._before: dict[signal.Signals, Any] = {}
        """What handled the signals that are ignored now."""
        self._next: list[str] = []
        """The command that takes the place of this process once the app has ended."""

    def run(self) -> int:
        """Run the app, then close the database; the exit code. A failure is printed in one line."""
        sys.setswitchinterval(THREAD_SWITCH_INTERVAL_S)
        self._before = {typed: signal.signal(typed, signal.SIG_IGN) for typed in TYPED_SIGNALS}
        try:
            code = run(self._run())
        finally:
            close_database()
        if self._next:
            self._start_next()
        return code

    def start_anew(self, command: list[str]) -> None:
        """End the app; its process becomes that of the command, as a shell's `exec` does it."""
        self._next = command
        for typed, handler in self._before.items():  # the command would ignore them as well
            signal.signal(typed, handler)
        self._app.exit()

    def _start_next(self) -> None:
        """Nothing of this process is left then but its terminal, folder, environment and number.

        A change in progress is finished first: `run` waits for its thread, then closes the database.
        """
        if is_write_pending():
            return
        try:
            os.execv(sys.executable, self._next)
        except OSError as error:
            print_error(f"the program cannot be started again: {error.strerror}")
            os._exit(1)

    async def _run(self) -> int:
        # What goes wrong in a thread or task beside the program is never printed over its screen, with its source code.
        get_running_loop().set_exception_handler(lambda *_: None)
        threading.excepthook = lambda _: None
        sys.unraisablehook = lambda _: None
        try:
            await self._app.run_async()
        except Exception as failure:  # one of the app itself, which Textual does not handle
            self.fail(failure)
        if is_write_pending() and not self._next:
            print_error("a change was still being saved; it is unknown whether it was written.")
        if self._has_saved_drafts:
            print_error("unsaved changes were kept and will be offered next time.")
        if self._failure is not None:
            print_error(f"internal error ({_where(self._failure)}).")
        code = 1 if self._failure is not None else self._app.return_code or 0
        _within(PENDING_READS_TIMEOUT_S, self._start_next if self._next else partial(os._exit, code))
        return code

    def fail(self, failure: Exception) -> None:
        """Take note of a failure that ends the program; the first one is printed at the end."""
        self._failure, self._next = self._failure or failure, []
        self.save_drafts()

    # Ended from outside: the terminal may be gone, and nobody there to be asked.

    def handle_signals(self) -> None:
        """Exit on SIGTERM and SIGHUP, even if they were ignored: without a terminal there is nothing to do."""
        for ending in (signal.SIGTERM, signal.SIGHUP):
            get_running_loop().add_signal_handler(ending, self._end, ending)

    def end_without_terminal(self) -> None:
        """Exit as on a hangup: the terminal cannot be read or written any more."""
        if self._app.return_code is None:
            self._end(signal.SIGHUP)

    def _end(self, ending: signal.Signals) -> None:
        """Save drafts and exit; within `EXIT_TIMEOUT_S`, for the terminal may take no more output."""
        self.save_drafts()
        code, self._next = 128 + ending, []
        _within(EXIT_TIMEOUT_S, partial(os._exit, code))
        self._app.exit(return_code=code)

    def save_drafts(self) -> None:
        """Save the unsaved forms to files, once, to be offered at the next start."""
        if self._saves_drafts and self._app.forms:
            self._saves_drafts = False
            self._has_saved_drafts = drafts.save(self._app.forms) > 0

    def offer_drafts(self) -> None:
        """Ask about each draft that an earlier session saved."""
        if self._saves_drafts and not self._app.opened.read_only and any(drafts_folder().glob("*.json")):
            self._app.run_worker(self._offer_drafts())

    async def _offer_drafts(self) -> None:
        from tui.dialogs.draft import DraftQuestion

        app = self._app
        found, unreadable = await run_in_thread(drafts.load)
        if unreadable:
            files = plural(unreadable, "file")
            app.notify(f"Unsaved changes cannot be read: {files} in {drafts_folder()}.", severity="warning")
        for draft in found:
            answer = await app.push_screen_wait(DraftQuestion(draft))
            if answer == "open":
                if draft.section != app.current_mode:
                    await app.switch_mode(draft.section)
                await app.push_screen(navigation.draft_page(draft), app.reload_list)
            elif answer == "delete":
                draft.drop()

    async def quit(self) -> None:
        """Exit; asks first where unsaved changes would be lost, and warns once while a change is being saved."""
        app = self._app
        warned, self._warned_of_write = self._warned_of_write, is_write_pending()
        if self._warned_of_write and not warned:
            app.notify("Still saving. Press again to quit without waiting.", severity="warning")
            return
        is_asked = app.screen is self._question
        if is_asked and app.unsaved_forms and self._covers.is_covered:
            return  # the question was not seen
        if is_asked or await self.may_lose_forms("Quit without saving?", yes="Quit"):
            app.exit()

    async def may_lose_forms(self, question: str, *, yes: str) -> bool:
        """Ask before unsaved changes would be lost (in a worker); whether they may be, or there are none."""
        from tui.dialogs.question import Question

        names = [form.breadcrumb for form in self._app.unsaved_forms]
        if not names:
            return True
        self._question = Question(question, "Unsaved changes: " + "; ".join(names) + ".", yes=yes)
        answer: bool = await self._app.push_screen_wait(self._question)
        return answer


def _where(failure: Exception) -> str:
    """What kind of failure happened where, and no values: a message may quote what was typed."""
    error = getattr(failure, "error", failure)  # a worker's failure wraps what went wrong in it
    frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    return " at ".join([type(error).__name__, *frames[-1:]])


def _within(seconds: float, end: Callable[[], object]) -> None:
    """End the process after so long, whatever it still waits for."""
    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
