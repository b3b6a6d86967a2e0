"""A one-line field, and the row of a form that holds a field with its label and its error."""

from collections.abc import Mapping
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.text import shown
from tui.textual_compat import ShownInput

NOT_UNICODE = "The pasted text has half a character in it, which no database holds. Nothing was pasted."
SEVERAL_LINES = "A text of several lines was pasted; this field takes one line. Nothing was pasted."


class ShowControls(Highlighter):
    """Shows the characters of an input's value that would command the terminal; Rich's texts leave some of them out."""

    def __init__(self, input: Input) -> None:
        self._input = input

    def highlight(self, text: Text) -> None:
        reason = getattr(self._input, "locked", "")
        text.plain = shown(self._input.value) + (f"   {reason}" if reason else "")


class Field(ShownInput, Input):
    """A one-line input that shows hostile text as text and takes a paste whole or not at all."""

    DEFAULT_CSS = """
    Field, Field:focus { height: 1; padding: 0; border: none; background: $surface; }
    Field > .input--placeholder { color: $text-muted; }
    Field:disabled { background: $background; color: $text-disabled; text-style: dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.focus_next", "Next field", tooltip="Go to the next field", show=False, id="field.next"),
    ]

    locked = ""
    """Why the value cannot be changed, which stands beside it."""

    class Refused(Message):
        """A paste was refused; `reason` says why."""

        def __init__(self, field: "Field", reason: str) -> None:
            super().__init__()
            self.field, self.reason = field, reason

    def __init__(
        self, value: str = "", *, id: str | None = None, placeholder: str = "", password: bool = False
    ) -> None:
        super().__init__(
            value, id=id, placeholder=placeholder, password=password, select_on_focus=False, type="text", validate_on=()
        )
        self.highlighter = ShowControls(self)
        self.cursor_blink = False

    def lock_value(self, reason: str) -> None:
        """Let the value be changed no more, for this reason; without one, let it."""
        self.locked, self.disabled = reason, bool(reason)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the cursor stands on the screen; Textual's own is one too far behind the last letter."""
        return super().cursor_screen_offset - Offset(int(self.cursor_at_end), 0)

    @property
    def displayed(self) -> str:
        """What is shown of the value, character by character."""
        return "•" * len(self.value) if self.password else shown(self.value)

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = event.text
        if len(text.strip("\r\n").splitlines()) > 1:
            self.post_message(self.Refused(self, SEVERAL_LINES))
            return
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.post_message(self.Refused(self, NOT_UNICODE))
            return
        text = text.strip("\r\n")
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)


BESIDE_LABEL = "beside-label"
"""The class of what stands in a row of a form, for the style sheets: a rule for any widget would be tried for all."""


class FormRow(Vertical):
    """A label, the widgets beside it, and under the first of them the error that concerns it.

    It draws the label itself, in the margin that the style sheets give its widgets: left of them, or above where the
    first has a margin there. The error has a widget once there is one.
    """

    DEFAULT_CSS = """
    FormRow { height: auto; }
    FormRow.-tall { height: 1fr; }
    .beside-label { margin-left: 16; }
    FormRow > .form-row--error { height: auto; color: $text-error; text-style: bold; }
    """

    def __init__(self, label: str, *content: Widget, field: str, tall: bool = False) -> None:
        super().__init__(*content, id=f"row-{field}", classes="-tall" if tall else "")
        for part in content:
            part.add_class(BESIDE_LABEL, update=False)
        self.field, self.label = field, label
        self.error = ""
        self._error_line: Static | None = None

    def render(self) -> Content:
        margin = self.children[0].styles.margin
        width = self.size.width if margin.top else margin.left - 1
        if width < 1:
            return Content("")
        return Content("\n").join(Content.styled(shown(self.label), "$text-muted").wrap(width))

    def on_field_refused(self, message: Field.Refused) -> None:
        message.stop()
        self.show_error(message.reason)

    def show_error(self, message: str) -> None:
        """Show the message under the field; none takes it away."""
        if message == self.error:
            return
        self.error = message
        if self._error_line is None:
            self._error_line = Static(classes=f"form-row--error {BESIDE_LABEL}")
            self.mount(self._error_line, after=0)
        self._error_line.update(Content(f"! {shown(message)}"))
        self._error_line.display = bool(message)
        self.set_class(bool(message), "-wrong")


def show_errors(page: Widget, messages: Mapping[str, str]) -> None:
    """Show messages under the rows of their fields, and none under the other rows."""
    for row in page.query(FormRow):
        row.show_error(messages.get(row.field, ""))


def focus_error(page: Widget) -> None:
    """Focus the first field that has a message, if one has."""
    wrong = next((row for row in page.query(FormRow) if row.error), None)
    if wrong is not None:
        next(iter(wrong.query("Field, PickList, Choice"))).focus()
