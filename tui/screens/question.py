"""A question before something is done that cannot be taken back."""

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from tui.keys import key_of
from tui.screens.dialog import Dialog
from tui.text import shown


class Question(Dialog[bool]):
    """Asks, with what there is to know about it. Cancel is the default."""

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

    def __init__(self, question: str, *details: str, yes: str, no: str = "Cancel") -> None:
        super().__init__()
        self._question, self._details, self._yes, self._no = question, details, yes, no

    def content(self) -> list[Widget]:
        """The question in bold, the details under it, and two buttons."""
        details = [Static(Content(shown(detail))) for detail in self._details]
        return [
            Static(Content(shown(self._question)), classes="question"),
            *([VerticalScroll(*details, can_focus=False, classes="details")] if details else []),
            Horizontal(
                Button(Content(f"{self._yes} ({key_of(self, 'question.yes')})"), id="yes", compact=True),
                Button(Content(f"{self._no} ({key_of(self, 'question.no')})"), id="no", compact=True),
                classes="buttons",
            ),
        ]

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        self.dismiss(message.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by a letter."""
        self.dismiss(yes)
