"""The messages under the fields of a form."""

from collections.abc import Awaitable, Callable, Mapping

from models.errors import Invalid, ShopError
from tui.forms.record_form import RecordForm
from tui.widgets.field import focus_error, show_errors
from tui.workers import is_still_there, run_in_thread


class FieldErrors:
    """The messages under a form's fields, kept true while the form is corrected after a save was refused."""

    def __init__(self, form: RecordForm) -> None:
        self._form = form
        self._refused = False

    def show(self, messages: Mapping[str, str]) -> None:
        """Show why a save was refused, by field, or that it was not."""
        self._refused = bool(messages)
        self.mark(messages)

    def mark(self, messages: Mapping[str, str]) -> None:
        """Show these messages and no others; the first wrong field gets the focus."""
        show_errors(self._form, messages)
        focus_error(self._form)

    def update(self) -> None:
        """Validate again after a save that was refused, since a field changed."""
        if self._refused:
            validate: Callable[[], Awaitable[None]] = self._validate  # called if it is begun
            self._form.run_worker(validate, exclusive=True, group="validate")
        else:  # only a refused paste can have left a message
            show_errors(self._form, {})

    async def _validate(self) -> None:
        entered = self._form.form_value()
        messages: Mapping[str, str] = {}
        try:
            await run_in_thread(lambda: self._form.check(entered))
        except Invalid as error:
            messages = error.fields
        except ShopError:
            return
        if is_still_there(self._form):
            show_errors(self._form, messages)
