"""Why a change is made: asked for before it, where the settings say so of the database."""

from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from models.db.change import Note, annotate
from tui.app_base import AppBase
from tui.dialogs.dialog import QuestionDialog, under_label
from tui.keymap.keys import key_of
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow
from tui.workers import run_busy

T = TypeVar("T")

NEEDED = "A reason is needed here."


class AskReason(QuestionDialog[str | None]):
    """Asks why a change is made; returns what was typed, None where it is not made."""

    BINDINGS = [
        Binding("ctrl+s,f2", "save", "Save", tooltip="Make the change", id="reason.save", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel", id="reason.cancel"),
    ]
    answers = "save"

    def __init__(self, keeper: str) -> None:
        super().__init__()
        self._keeper = keeper
        self._field = Field(id="reason")

    def content(self) -> list[Widget]:
        return [
            *self.asking("Why?", []),
            *under_label(f"{self._keeper} keeps the reason", FormRow("", self._field, field="reason")),
            Horizontal(
                Button("Save", key=key_of(self, "reason.save"), id="save", runs="save"),
                Button("Cancel", key=key_of(self, "reason.cancel"), id="cancel", runs="cancel"),
                classes="buttons",
            ),
        ]

    def action_save(self) -> None:
        """Go on, once there is a reason."""
        if reason := self._field.value.strip():
            self.dismiss(reason)
        else:
            self.query_one(FormRow).show_error(NEEDED)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one(FormRow).show_error("")

    def action_cancel(self) -> None:
        self.dismiss(None)


async def with_reason(app: AppBase, note: Note) -> Note:
    """The note with a reason, where one is needed; asked for; likewise to unlock a database that is locked by now.

    The worker in which this is called is cancelled with either question.
    """
    if app.source.asks_reason and not note.reason:
        note = replace(note, reason=await app.push_screen_wait(AskReason(app.source.mark)))
        if note.reason is None:
            raise CancelledError
    if not await app.may_change():
        raise CancelledError
    return note


async def make_change(app: AppBase, change: Callable[[], T], note: Note | None = None) -> T:
    """Make a change that the next key waits for (in a worker), after what `with_reason` asks."""
    with annotate(await with_reason(app, note or Note())):
        return await run_busy(change)
