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

    _copy(app, await run_busy(find))


async def copy_last(app: AppBase) -> None:
    """Copy the command of the person's last change (in a worker)."""
    from models.changes import history

    await copy_recorded(app, history.find_last)


async def copy_recorded(app: AppBase, find: "Callable[[Path], Record]") -> None:
    """Copy the command of the record that `find` finds in the folder of all records (in a worker)."""
    from models.changes.shell_words import is_ours

    folder = app.history_folder
    try:
        if folder is None:
            raise Refused("No change is recorded here.")
        record = await run_busy(lambda: find(folder))
        command = record.intent.get("command")
        if command and not is_ours(command):  # a shell would run it
            raise Refused("What this record has is no command of this program.")
        _copy(app, command)
    except ShopError as error:
        app.notify(str(error), severity="warning")


def _copy(app: AppBase, command: str | None) -> None:
    if not command:
        raise Refused(NONE if command is None else "Nothing would be changed.")
    if len(command.encode()) > MAX_COPIED or shown(command) != command:
        raise Refused("The command cannot be copied: it is too long, or has invisible characters.")
    app.copy(command)
