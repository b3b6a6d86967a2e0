"""What stands over a page while the terminal is too small for it."""

from textual.content import Content
from textual.widget import Widget

from tui.terminal.capabilities import needs


class TooSmall(Widget):
    """Says how much room the page needs; what is on it stays as it is."""

    DEFAULT_CSS = """
    TooSmall { dock: top; layer: cover; width: 100%; height: 100%; background: $background; text-style: bold; }
    """

    def render(self) -> Content:
        """The size that is needed, and the one there is; and whether a question waits."""
        return Content(needs(*self.app.size) + "\nA question waits here." * (self.is_attached and self.screen.is_modal))
