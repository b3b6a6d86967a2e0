"""A button of a form or dialog."""

from textual import widgets
from textual.content import Content
from textual.visual import VisualType


class Button(widgets.Button):
    """A button on one line; its label is text, never markup.

    Textual's own takes no second press for a fifth of a second after the first, while it shows that it was pressed.
    """

    def __init__(self, label: str, *, id: str, disabled: bool = False) -> None:
        shown: VisualType = Content(label)
        super().__init__(shown, id=id, disabled=disabled, compact=True)  # type: ignore[arg-type]
        self.active_effect_duration = 0
