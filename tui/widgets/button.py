"""A button of a form or dialog."""

from textual import widgets
from textual.content import Content

from tui.text import shown


class Button(widgets.Button):
    """A button on one line; its label is text, never markup and never control codes.

    Textual's own takes no second press for a fifth of a second after the first, while it shows that it was pressed.
    """

    def __init__(self, label: str, *, id: str, disabled: bool = False) -> None:
        super().__init__(Content(shown(label)), id=id, disabled=disabled, compact=True)
        self.active_effect_duration = 0
