"""A question before something is done that cannot be taken back."""

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.keys import key_of
from tui.screens.dialog import Dialog
from tui.text import shown
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow

PRODUCTION = "production"
"""The mark of a database on which nothing is destroyed by one key."""


class Question(Dialog[bool]):
    """Asks, with what there is to know about it. Cancel is the default.

    On a database that is marked production, a question before something is destroyed asks for its name (`destroys`) to
    be typed.
    """

    BINDINGS = [
        Binding("y", "answer(True)", "Yes", tooltip="Do it", id="question.yes"),
        Binding("n,escape", "answer(False)", "No", tooltip="Leave everything as it is", id="question.no"),
        Binding(
            "left,right",
            "app.focus_next",
            "Other button",
            tooltip="Go to the other button",
            show=False,
            id="question.other",
        ),
    ]
    AUTO_FOCUS = "#no"

    def __init__(self, question: str, *details: str, yes: str, no: str = "Cancel", destroys: str = "") -> None:
        super().__init__()
        self._question, self._details, self._yes, self._no = question, details, yes, no
        self._destroys = destroys
        self._typed: Field | None = None

    def content(self) -> list[Widget]:
        """The question in bold, the details under it, where the name is typed, and two buttons."""
        details = [Static(Content(shown(detail))) for detail in self._details]
        typing: list[Widget] = []
        if self._destroys and self.app.opened.mark.casefold() == PRODUCTION:  # type: ignore[attr-defined]
            self._typed = Field(id="typed")
            typing = [
                FormRow(f"This is production. Type {shown(self._destroys)} to go on.", self._typed, field="typed")
            ]
        return [
            Static(Content(shown(self._question)), classes="question"),
            *([VerticalScroll(*details, can_focus=False, classes="details")] if details else []),
            *typing,
            Horizontal(
                Button(f"{self._yes} ({key_of(self, 'question.yes')})", id="yes"),
                Button(f"{self._no} ({key_of(self, 'question.no')})", id="no"),
                classes="buttons",
            ),
        ]

    def on_mount(self) -> None:
        """Start where there is something to type."""
        if self._typed is not None:
            self._typed.focus()

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        self.action_answer(message.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by a letter; yes only once the name is typed that was asked for."""
        if yes and self._typed is not None and shown(self._typed.value.strip()) != shown(self._destroys):
            self.query_one(FormRow).show_error("That is not it.")
            self._typed.focus()
        else:
            self.dismiss(yes)

    @on(Input.Changed)
    def _name_typed(self) -> None:
        self.query_one(FormRow).show_error("")
