"""Takes a recorded change back, after a question that says what that does."""

from collections.abc import Callable, Sequence
from functools import partial

from models.changes import history, undo
from models.changes.history import Record
from models.changes.undo import Overtaken, Undo
from models.errors import ShopError
from tui.app_base import AppBase
from tui.dialogs.conflict import Answer, ConflictQuestion
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.keymap.actions import Action
from tui.text import cells_of, fit_to_cells
from tui.wording.consequences import undo_consequences
from tui.wording.questions import undo_question
from tui.workers import run_busy

MAX_ASKED_CELLS = 80
"""Cells of a change that its question repeats: what the undo would do stands below, whole."""


class UndoConflict(ConflictQuestion):
    """Shows what was changed again since a change, and asks whether to undo that too."""

    BINDINGS = [
        Action("b", "answer('both')", "Keep both", id="conflict.both", enabled=lambda _: False),
        Action("t", "answer('theirs')", "Keep theirs", id="conflict.theirs", enabled=lambda _: False),
    ]
    AUTO_FOCUS = "#back"

    def head(self) -> str:
        return "This was changed again since. Nothing has been undone."

    def choices(self) -> Sequence[tuple[Answer, str, str]]:
        return (
            ("mine", "Overwrite with mine", "undoes what was changed since, too"),
            ("back", "Back", "nothing is undone"),
        )


async def undo_last(app: AppBase) -> None:
    """Take the person's last change back (in a worker)."""
    if (folder := app.history_folder) is not None:
        await undo_change(app, lambda: history.find_last(folder))


async def undo_change(app: AppBase, find: Callable[[], Record]) -> None:
    """Take a change back (in a worker), or show why not; the list that is shown is reloaded then."""
    try:
        record = await run_busy(find)
        planned = await _plan(app, record)
        if planned is None:
            return
        if not planned.rows:
            app.notify(f"All is as it was before already: {record.summary}.")
            return
        question = await run_busy(lambda: _question(planned))
        if not await app.push_screen_wait(question):
            return
        overwriting = planned.overwriting
        lost = await make_change(app, lambda: undo.undo(record, overwriting=overwriting), question.note)
        app.notify_done(f"Undone: {record.summary}.")
        for told in lost or []:
            app.notify(told, severity="warning")
    except ShopError as error:
        app.notify(str(error), severity="error")
    app.reload_list(None)


async def _plan(app: AppBase, record: Record) -> Undo | None:
    """What the undo would do, after a conflict with what was changed since; None where that is to stay."""
    try:
        return await run_busy(lambda: undo.plan(record))
    except Overtaken as conflict:
        if await app.push_screen_wait(UndoConflict(conflict, {})) != "mine":
            return None
        return await run_busy(partial(undo.plan, record, overwriting=conflict.changes))


def _question(planned: Undo) -> Question:
    record = planned.record
    asked = fit_to_cells(record.summary, min(cells_of(record.summary), MAX_ASKED_CELLS))
    return Question(
        undo_question(asked, record.who),
        f"{planned.summary}.",
        *undo_consequences(planned),
        yes="Undo",
        destroys=planned.deleted,
        change=planned.access,
    )
