"""Asks whether a locked database may be changed for some minutes: its name is to be typed, and why."""

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from models.db.unlock import unlock
from models.errors import Invalid, ShopError
from models.text import plural
from tui.dialogs.dialog import QuestionDialog, under_label
from tui.keymap.keys import key_of
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow, focus_error, show_errors
from tui.widgets.page import close
from tui.workers import is_still_there, run_busy


class Unlock(QuestionDialog[bool]):
    """Unlocks the opened database; stays open while that is refused. Returns whether changes are allowed."""

    BINDINGS = [
        Binding("ctrl+s,f2", "unlock", "Unlock", tooltip="Allow changes", id="unlock.unlock", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel", id="unlock.cancel"),
    ]
    AUTO_FOCUS = "Field"
    answers = "unlock"

    def __init__(self, name: str, minutes: int) -> None:
        super().__init__()
        self._database, self._minutes, self._is_unlocking = name, minutes, False
        self._fields = {field: Field(id=field) for field in ("database", "reason")}

    def content(self) -> list[Widget]:
        rows = {name: FormRow("", field, field=name) for name, field in self._fields.items()}
        return [
            *self.asking(
                f"Allow changes to {self._database} for {plural(self._minutes, 'minute')}?",
                ["This is recorded, with the reason."],
            ),
            *under_label(f"Type {self._database} to confirm", rows["database"]),
            *under_label("Reason", rows["reason"]),
            Horizontal(
                Button("Unlock", key=key_of(self, "unlock.unlock"), id="unlock", runs="unlock"),
                Button("Cancel", key=key_of(self, "unlock.cancel"), id="cancel", runs="cancel"),
                classes="buttons",
            ),
        ]

    @on(Input.Changed)
    def _typed(self) -> None:
        show_errors(self, {})

    @work
    async def action_unlock(self) -> None:
        if self._is_unlocking:
            return
        self._is_unlocking = True
        reason = self._fields["reason"].value
        try:
            if self._fields["database"].value.strip() != self._database:
                raise Invalid({"database": "Does not match."})
            await run_busy(lambda: unlock(reason, self._minutes))
            close(self, True)
        except Invalid as error:
            if is_still_there(self):
                show_errors(self, error.fields)
                focus_error(self)
        except ShopError as error:
            self.notify(str(error), severity="error")
        finally:
            self._is_unlocking = False

    def action_cancel(self) -> None:
        """Leave it locked; not while it is being unlocked."""
        if not self._is_unlocking:
            self.dismiss(False)
