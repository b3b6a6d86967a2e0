"""A button of a form or dialog."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import shown


class Button(Widget, can_focus=True):
    """A button on one line; its label is text, never markup and never control codes. The `key` stands after it.

    It `runs` an action of its own screen, as a key does. Textual's own has a hundred rules of style, each of which is
    tried for each button, and would run the action of whichever screen is on top then.
    """

    DEFAULT_CSS = """
    Button {
        width: auto; height: 1; padding: 0 1; text-align: center;
        background: $surface; color: $button-foreground; text-style: bold;
        &:focus { background-tint: $foreground 5%; text-style: $button-focus-text-style; }
        &:hover { background: $surface-darken-1; }
        &:disabled { text-opacity: 0.6; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Press", tooltip="Press the button", show=False, id="button.press")
    ]
    words = reactive("", layout=True)

    def __init__(self, label: str, *, id: str, key: str = "", runs: str = "", disabled: bool = False) -> None:
        super().__init__(id=id, disabled=disabled)
        self._key, self.runs = key, runs
        self.set_reactive(Button.words, label)

    def render(self) -> Content:
        return Content(shown(f"{self.words} ({self._key})" if self._key else self.words))

    async def action_press(self) -> None:
        if not self.disabled:
            await self.screen.run_action(self.runs)

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        await self.action_press()
