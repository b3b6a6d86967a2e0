"""A button of a form or dialog."""

from textual import on, widgets
from textual.content import Content

from tui.text import shown


class Button(widgets.Button):
    """A button on one line; its label is text, never markup and never control codes. The `key` stands after it.

    It `runs` an action of its own screen, as a key does: Textual's would run that of whichever screen is on top then.
    Textual's own takes no second press for a fifth of a second after the first, while it shows that it was pressed.
    """

    def __init__(self, label: str, *, id: str, key: str = "", runs: str = "", disabled: bool = False) -> None:
        super().__init__(Content(shown(f"{label} ({key})" if key else label)), id=id, disabled=disabled, compact=True)
        self.active_effect_duration = 0
        self.words, self.runs = label, runs

    @on(widgets.Button.Pressed)
    async def _run(self, message: widgets.Button.Pressed) -> None:
        if self.runs:
            message.stop()
            await self.screen.run_action(self.runs)
