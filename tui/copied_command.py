"""Copies the command that does what a person did in the screens, or is about to do."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import Refused, ShopError
from tui.app_base import AppBase
from tui.terminal.capabilities import MAX_COPIED
from tui.text import shown
from tui.workers import run_busy

if TYPE_CHECKING:
    from models.changes.history import Record

NONE = "No command does this: it has invisible characters, too many names, or no command writes it."
"""Of a change that was recorded without one."""


async def copy_unsaved(app: AppBase, write: Callable[[], object]) -> None:
    """Copy the command of a change that `write` would make. Raises what it would raise."""
    from models.changes.command import command_of
    from models.db.transactions import rehearse

    def find() -> str:
        change = rehearse(write)
        if change is None:
            raise Refused("Nothing would be changed.")
        return command_of(change)

    _copy(app, await run_busy(find))


async def copy_last(app: AppBase) -> None:
    """Copy the command of the person's last change (in a worker)."""
    from models.changes import history

    await copy_recorded(app, history.find_last)


async def copy_recorded(app: AppBase, find: "Callable[[Path], Record]") -> None:
    """Copy the command of the record that `find` finds in the folder of all records (in a worker)."""
    from models.changes.record_history import is_of_this_shop
    from models.changes.shell_words import is_ours

    folder = app.history_folder
    try:
        if folder is None:
            raise Refused("No change is recorded here.")
        record = await run_busy(lambda: find(folder))
        command = record.intent.get("command")
        if not command:
            raise Refused(NONE)
        if not is_ours(command):  # a shell would run it
            raise Refused("What this record has is no command of this program.")
        _copy(app, command, is_here=is_of_this_shop(record))
    except ShopError as error:
        app.notify(str(error), severity="warning")


def _copy(app: AppBase, command: str, *, is_here: bool = True) -> None:
    """Copy a command; where it is about this database, as that is opened: the shell may be another's."""
    from models.changes.shell_words import on_database

    if is_here:
        command = on_database(command, app.source.name, is_locked=app.source.is_locked)
    if len(command.encode()) > MAX_COPIED or shown(command) != command:
        raise Refused("The command cannot be copied: it is too long, or has invisible characters.")
    app.copy(command)
