"""Asks for the name of a copy, and makes it."""

from collections.abc import Callable

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from models.errors import Invalid, ShopError
from tui.dialogs.dialog import Dialog, under_label
from tui.dialogs.reason import make_change
from tui.keymap.keys import key_of
from tui.text import shown, with_name
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow
from tui.widgets.page import STILL_SAVING, close, describe_error
from tui.workers import is_still_there


class AskName(Dialog[int | None]):
    """Asks for the name of a copy and makes it; stays open while the name is refused. Returns the copy's id.

    `done` gives the message then, from its name; `original` is the name of what is copied.
    """

    BINDINGS = [
        Binding("ctrl+s,f2", "save", "Save", tooltip="Create the copy", id="ask_name.save", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel", id="ask_name.cancel"),
    ]
    AUTO_FOCUS = "Field"
    answers = "save"

    def __init__(
        self,
        question: str,
        label: str,
        suggested: str,
        make: Callable[[str], int],
        done: Callable[[str], str],
        original: str,
    ) -> None:
        super().__init__()
        self._question, self._label, self._make, self._done = question, label, make, done
        self._original = original
        self._field = Field(suggested, id="name")
        self._saving = False

    def content(self) -> list[Widget]:
        return [
            Static(Content(shown(self._question)), classes="question"),
            *under_label(self._label, FormRow("", self._field, field="name")),
            Horizontal(
                Button("Save", key=key_of(self, "ask_name.save"), id="save", runs="save"),
                Button("Cancel", key=key_of(self, "ask_name.cancel"), id="cancel", runs="cancel"),
                classes="buttons",
            ),
        ]

    def on_mount(self) -> None:
        """Select the suggested name, so that the first letter replaces it."""
        self._field.select_all()

    @work
    async def action_save(self) -> None:
        if self._saving:
            return
        self._saving = True
        name = self._field.value
        try:
            id = await make_change(self.app, lambda: self._make(name))
            self.notify(self._done(name.strip()))
            close(self, id)
        except Invalid as error:
            if is_still_there(self):
                self.query_one(FormRow).show_error(str(error))
                self._field.focus()
        except ShopError as error:
            self.notify(describe_error(error, self._original), severity="error")
        finally:
            self._saving = False

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one(FormRow).show_error("")

    def action_cancel(self) -> None:
        """Make no copy; not while it is being made."""
        if self._saving:
            self.notify(with_name(STILL_SAVING, self._field.value.strip()), severity="warning")
        else:
            self.dismiss(None)
