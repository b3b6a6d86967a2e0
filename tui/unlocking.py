"""A database that is read-only until it is unlocked: asks for that, shows until when it is, and locks it then."""

from datetime import UTC, datetime
from functools import partial

from textual.timer import Timer

from models.db import unlock
from models.db.opened import opened
from tui.app_base import AppBase
from tui.keymap.keys import key_of
from tui.widgets.lines import KeyLine
from tui.workers import run_in_thread


class Unlocking:
    """The lock of an app's database, if it has one."""

    def __init__(self, app: AppBase) -> None:
        self._app = app
        self._timer: Timer | None = None
        self._is_locking = False

    async def ask(self) -> bool:
        """Ask to unlock a database that is locked (in a worker); whether changes are allowed now."""
        from tui.dialogs.unlock import Unlock

        app, source, lock = self._app, self._app.source, opened().lock
        if lock is not None and lock.until is None and not isinstance(app.screen, Unlock):
            await app.push_screen_wait(Unlock(source.name or app.opened.name, source.unlock_minutes))
            self.follow()
        return lock is None or lock.until is not None

    async def turn(self) -> None:
        """Unlock the database after a question, or lock it at once (in a worker)."""
        if self._app.unlocked_until is None:
            await self.ask()
        else:
            await self._lock()

    async def _lock(self) -> None:
        self._is_locking = True
        try:
            await run_in_thread(unlock.lock)
            self.follow()
        finally:
            self._is_locking = False

    def follow(self) -> None:
        """Show until when changes are allowed; once, and once more, with a message, when that is over."""
        lock = opened().lock
        until = lock.until if lock is not None else None
        if until == self._app.unlocked_until or not self._app.is_running:
            return
        with self._app.batch_update():  # one frame
            self._app.unlocked_until = until
            for line in self._app.screen.query(KeyLine):
                line.update_keys()
        if until is not None:
            self._wait(until)
        elif not self._is_locking:
            key = key_of(self._app, "app.unlock")
            self._app.notify(f"Changes are no longer allowed. {key} allows them again.", severity="warning")

    def _wait(self, until: datetime) -> None:
        if self._timer is not None:
            self._timer.stop()
        seconds = max(0.0, (until - datetime.now(UTC)).total_seconds()) + 0.01
        self._timer = self._app.set_timer(seconds, partial(self._time_is_over, until))

    def _time_is_over(self, until: datetime) -> None:
        lock = opened().lock
        if lock is not None and lock.until is not None:  # the clock was set back meanwhile
            self._wait(until)
        else:
            self._app.run_worker(run_in_thread(unlock.lock))
