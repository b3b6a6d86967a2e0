"""All keys of a page, in words."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.text import fit


class Help(ModalScreen[None]):
    """The keys that work on the page below, from the same bindings that do the work."""

    BINDINGS = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", tooltip="Close the help", id="help.close"),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        lines: dict[str, tuple[list[str], str]] = {}
        for _node, binding, enabled, tooltip in page.active_bindings.values():
            words = (tooltip or binding.description) + ("" if enabled else " (not now)")
            lines.setdefault(words, ([], binding.action))[0].append(page.app.get_key_display(binding))
        self._lines = [(", ".join(dict.fromkeys(keys)), words) for words, (keys, _) in lines.items() if words]

    def compose(self) -> ComposeResult:
        """One key, or keys that do the same, a line."""
        with Vertical(classes="dialog -large"):
            yield Static("Keys of this page", classes="question")
            with VerticalScroll():
                for keys, words in self._lines:
                    yield Static(Content.assemble((fit(keys, 22), "bold"), words))
            yield Static("esc closes this", classes="hint")

    def action_down(self) -> None:
        """Scroll down."""
        self.query_one(VerticalScroll).scroll_down()

    def action_up(self) -> None:
        """Scroll up."""
        self.query_one(VerticalScroll).scroll_up()
