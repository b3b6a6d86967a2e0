"""Saving what someone else may have changed meanwhile: the person decides on a conflict, then it is saved again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from models.db.change import Note, annotate
from models.errors import Conflict, FieldChange
from tui.dialogs.conflict import Answer, ConflictQuestion
from tui.dialogs.reason import with_reason
from tui.forms.record_form import RecordForm
from tui.text import fit_to_cells, with_name
from tui.widgets.field import FormRow
from tui.widgets.page import describe_error
from tui.workers import is_still_there, run_busy

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Editor(Protocol[T_co]):
    """What is entered and saved as one: the record of a form, or a rule beside it."""

    def begin_write(self) -> Callable[[], T_co]:
        """What writes the values entered now, from a thread. That raises Conflict if the person has to decide first."""

    def rebase(self, theirs: Any) -> None:
        """Show what someone else saved, as the version that is changed from now on."""

    def fill(self, entered: Any) -> None:
        """Fill the fields."""

    def discard(self, theirs: Any) -> str:
        """Show what someone else saved in place of what is entered; its name."""


async def save(editor: Editor[T], form: RecordForm) -> T | None:
    """Write what is entered, or after a conflict what the person decided; None if nothing was written."""
    reason = (await with_reason(form.app, Note())).reason
    while True:
        try:
            with annotate(replace(form.impact_line.note, reason=reason)):
                return await run_busy(editor.begin_write())
        except Conflict as conflict:
            answer = await _decide(conflict, form)
            if answer == "back" or not is_still_there(form):
                return None
            if answer == "theirs":
                discarded = f"Your changes were discarded; this is the {conflict.noun} as someone else saved it."
                form.notify(with_name(discarded, editor.discard(conflict.theirs)))
                return None
            editor.rebase(conflict.theirs)
            editor.fill(conflict.merged if answer == "both" else conflict.mine)


async def _decide(conflict: Conflict, form: RecordForm) -> Answer:
    if form.app.screen is not form:  # the person is elsewhere: the next save asks
        form.notify(describe_error(conflict, form.record_name), severity="warning")
        return "back"
    answer: Answer = await form.app.push_screen_wait(ConflictQuestion(conflict, _labels(form)))
    return answer


def notify_saved(
    form: RecordForm, message: str, meanwhile: Sequence[FieldChange], name: str = "", *, closes: bool = False
) -> None:
    """Show a message, and what someone else changed meanwhile that stays: of the record, or of what is named."""
    form.app.notify_done(message, closing=form if closes else None)
    if meanwhile:
        labels = _labels(form)
        changes = [f"{labels[change.field]}: {fit_to_cells(change.theirs or '', 160).rstrip()}" for change in meanwhile]
        form.notify(f"Someone else changed “{name or form.record_name}”, too. {'. '.join(changes)}.")


def _labels(form: RecordForm) -> dict[str, str]:
    return {row.field: row.label for row in form.query(FormRow)}
