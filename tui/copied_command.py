"""Copies the command that does what a person did in the screens, or is about to do."""

from collections.abc import Callable

from models.errors import Refused, ShopError
from tui.app_base import AppBase
from tui.text import shown
from tui.workers import run_busy

MAX_COPIED = 65_536
"""Bytes that are sent to a clipboard."""

NONE = "No command does this."


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
    try:
        _copy(app, await run_busy(_find_last))
    except ShopError as error:
        app.notify(str(error), severity="warning")


def _find_last() -> str | None:
    from models.changes import history
    from models.changes.journal import Journal
    from models.db.opened import opened

    recorder = opened().recorder
    if not isinstance(recorder, Journal):
        raise Refused("No change is recorded here.")
    return history.find_last(recorder.folder).intent.get("command")


def _copy(app: AppBase, command: str | None) -> None:
    if not command:
        raise Refused(NONE if command is None else "Nothing would be changed.")
    if len(command.encode()) > MAX_COPIED or shown(command) != command:
        raise Refused("The command cannot be copied: it is too long, or has invisible characters.")
    app.copy(command)
