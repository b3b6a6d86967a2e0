"""Notes in the last line, until the next key: why a key does nothing."""

from textual import events

from tui.app_base import AppBase
from tui.keymap.actions import why_not
from tui.widgets.lines import KeyLine


class KeyNotes:
    """The notes of an app."""

    def __init__(self, app: AppBase) -> None:
        self._app = app
        self._is_shown = False

    def explain(self, event: events.Key) -> None:
        """Say why a key that nothing took does not work now, where that is known."""
        bindings = self._app.screen.active_bindings
        for node, binding, is_enabled, _ in (bindings[key] for key in event.aliases if key in bindings):
            if not is_enabled and (reason := why_not(node, binding.action)):
                self.show(f"{binding.description}: {reason}")

    def show(self, text: str) -> None:
        """Show a note; an empty one takes the last one away."""
        if text or self._is_shown:
            for line in self._app.screen.query(KeyLine):
                line.note = text
        self._is_shown = bool(text)
