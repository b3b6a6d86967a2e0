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

NONE = "No command does this, or only a very long one."


async def copy_unsaved(app: AppBase, write: Callable[[], object]) -> None:
    """Copy the command of a change that `write` would make. Raises what it would raise."""
    from models.changes.command import find_command
    from models.db.transactions import rehearse

    def find() -> str | None:
        change = rehearse(write)
        return find_command(change) if change else ""

    _copy(app, await run_busy(find), app.source.name)


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
        command, is_here = record.intent.get("command"), is_of_this_shop(record)
        if command and not is_ours(command):  # a shell would run it
            raise Refused("What this record has is no command of this program.")
        _copy(app, command, app.source.name if is_here else "")
    except ShopError as error:
        app.notify(str(error), severity="warning")


def _copy(app: AppBase, command: str | None, database: str) -> None:
    """Copy a command, on the database that the settings call so: the shell may be another's, with another default."""
    from models.changes.shell_words import on_database

    if not command:
        raise Refused(NONE if command is None else "Nothing would be changed.")
    if database:
        command = on_database(command, database)
    if len(command.encode()) > MAX_COPIED or shown(command) != command:
        raise Refused("The command cannot be copied: it is too long, or has invisible characters.")
    app.copy(command)
