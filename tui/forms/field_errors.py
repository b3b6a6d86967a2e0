"""The messages under the fields of a form."""

from collections.abc import Awaitable, Callable, Mapping

from models.errors import Invalid, ShopError
from tui.forms.record_form import RecordForm
from tui.widgets.field import FormRow
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
        self._mark(messages)
        wrong = next((row for row in self._form.query(FormRow) if row.error), None)
        if wrong is not None:
            next(iter(wrong.query("Field, PickList, Choice"))).focus()

    def _mark(self, messages: Mapping[str, str]) -> None:
        for row in self._form.query(FormRow):
            row.show_error(messages.get(row.field, ""))

    def update(self) -> None:
        """Validate again after a save that was refused, since a field changed."""
        if self._refused:
            validate: Callable[[], Awaitable[None]] = self._validate  # called if it is begun
            self._form.run_worker(validate, exclusive=True, group="validate")
        else:  # only a refused paste can have left a message
            self._mark({})

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
            self._mark(messages)
