"""A database that went away: every page shows it, and it is asked again until it answers."""

from asyncio import sleep, to_thread
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from textual.screen import Screen

from models.db.connection import ping
from models.db.opened import opened
from models.errors import UNREACHABLE, ShopError
from tui.app_base import AppBase

RECONNECT_INTERVAL_S = 2.0
"""Seconds between two tries to reach a database that went away."""


class Reconnect:
    """The observer of `tui.workers`: shows how the database answers, and reloads what could not be read."""

    def __init__(self, app: AppBase) -> None:
        self._app = app

    def answered(self) -> None:
        """Show whether changes are recorded, and allowed."""
        self._app.follow_lock()
        if (recorder := opened().recorder) is not None:
            self._app.unrecorded = bool(recorder.problem)
            if warning := recorder.take_warning():
                self._app.notify(warning, severity="warning")

    def slow(self, is_slow: bool) -> None:
        """Show whether the next key waits for the database."""
        self._app.waiting = is_slow

    def unreachable(self) -> None:
        """Show that the database cannot be reached, and ask it until it answers."""
        if self._app.reachable and self._app.is_running:
            self._app.reachable = False
            self._app.run_worker(self._ask_again())

    async def _ask_again(self) -> None:
        while not self._app.reachable:
            await sleep(RECONNECT_INTERVAL_S)
            with suppress(ShopError):
                await to_thread(ping)
                self._app.reachable = True
        self._app.messages.withdraw(UNREACHABLE)
        to_save = " Unsaved changes can be saved now." if self._app.unsaved_forms else ""
        self._app.notify(f"The database is back.{to_save}")
        self._reload_failed_lists()

    def _reload_failed_lists(self) -> None:
        from tui.widgets.record_list import RecordList

        for screen in self._screens():
            for records in screen.query(RecordList):
                if records.window.failure:
                    records.action_reload()

    def _screens(self) -> Iterator[Screen[Any]]:
        """The screens of all sections that were opened."""
        for mode, _ in self._app.SECTIONS:
            with suppress(KeyError):
                yield from self._app.get_screen_stack(mode)
