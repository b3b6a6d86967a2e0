"""A button of a form or dialog."""

from textual import widgets
from textual.content import Content
from textual.visual import VisualType

from tui.text import shown


class Button(widgets.Button):
    """A button on one line; its label is text, never markup and never control codes.

    Textual's own takes no second press for a fifth of a second after the first, while it shows that it was pressed.
    """

    def __init__(self, label: str, *, id: str, disabled: bool = False) -> None:
        text: VisualType = Content(shown(label))
        super().__init__(text, id=id, disabled=disabled, compact=True)  # type: ignore[arg-type]
        self.active_effect_duration = 0
