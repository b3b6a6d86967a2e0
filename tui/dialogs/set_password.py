"""Another password for a user of the list, typed or generated."""

from dataclasses import replace

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from models import passwords, users
from models.errors import Invalid, ShopError
from models.user_form import UserRecord
from tui.dialogs.dialog import Dialog
from tui.dialogs.reason import make_change
from tui.dialogs.shown_once import ShownOnce
from tui.keymap.keys import key_of
from tui.text import shown, with_name
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow, focus_error, show_errors
from tui.widgets.page import STILL_SAVING, close, describe_error
from tui.widgets.password_progress import PasswordProgress
from tui.workers import is_still_there


class SetPassword(Dialog[None]):
    """Asks for a user's new password and sets it; stays open while it is refused."""

    BINDINGS = [
        Binding("ctrl+s,f2", "save", "Save", tooltip="Set the password", id="set_password.save", priority=True),
        Binding("f4", "generate", "Generate", tooltip="Generate a random password", id="set_password.generate"),
        Binding("escape", "cancel", "Cancel", tooltip="Cancel", id="set_password.cancel"),
    ]
    AUTO_FOCUS = "Field"
    answers = "save"

    def __init__(self, user: UserRecord) -> None:
        super().__init__()
        self._user, self._saving = user, False
        self._password, self._repeated = (Field(id=name, password=True) for name in ("password", "repeated"))
        self._progress = PasswordProgress()

    def content(self) -> list[Widget]:
        return [
            Static(Content(shown(f"New password of {self._user.form.email}")), classes="question"),
            FormRow("Password", self._password, self._progress, field="password"),
            FormRow("Repeat Password", self._repeated, field="repeated"),
            Horizontal(
                Button("Save", key=key_of(self, "set_password.save"), id="save", runs="save"),
                Button("Generate", key=key_of(self, "set_password.generate"), id="generate", runs="generate"),
                Button("Cancel", key=key_of(self, "set_password.cancel"), id="cancel", runs="cancel"),
                classes="buttons",
            ),
        ]

    @on(Input.Changed)
    def _typed(self) -> None:
        self._progress.follow(self._password.value)
        show_errors(self, {})

    @work
    async def action_generate(self) -> None:
        """Fill in a random password, and show it once."""
        password = passwords.random_password()
        self._password.value = self._repeated.value = password
        self._repeated.focus()
        await self.app.push_screen_wait(ShownOnce(password))

    @work
    async def action_save(self) -> None:
        if self._saving:
            return
        self._saving = True
        form = replace(self._user.form, password=self._password.value, repeated=self._repeated.value)
        try:
            if not form.password:
                raise Invalid({"password": "Enter a password, or generate one."})
            await make_change(self.app, lambda: users.update(self._user, form))
            self.app.notify_done(with_name("User was updated successfully.", form.email), closing=self)
            close(self, None)
        except Invalid as error:
            if not is_still_there(self) or not error.fields.keys() & {"password", "repeated"}:
                self.notify(with_name(str(error), form.email), severity="error")
            else:
                show_errors(self, error.fields)
                focus_error(self)
        except ShopError as error:
            self.notify(describe_error(error, form.email), severity="error")
        finally:
            self._saving = False

    def action_cancel(self) -> None:
        """Leave the password as it is; not while it is being set."""
        if self._saving:
            self.notify(with_name(STILL_SAVING, self._user.form.email), severity="warning")
        else:
            self.dismiss(None)
