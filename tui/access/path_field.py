"""The field for a path, which also takes a URL of the web pages."""

from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.suggester import Suggester

from models.access.labels import parse_path_or_label
from models.access.rules import Path
from models.errors import Invalid
from models.pages.known import known_pages
from tui.text import shown
from tui.widgets.field import Field, FormRow


class PageSuggester(Suggester):
    """Completes the path or the label of a known page."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        found = known_pages().complete(value)
        return found if found and found == shown(found) else None


class PathField(Field):
    """Enters a path, with Enter or as soon as it is pasted."""

    BINDINGS = [Binding("enter", "enter", "Go", tooltip="Go to this path", id="path.go")]

    @dataclass
    class Entered(Message):
        """A path was entered."""

        path: Path

    def action_enter(self) -> None:
        try:
            self.post_message(self.Entered(parse_path_or_label(self.value)))
        except Invalid as error:
            self.post_message(self.Refused(self, str(error)))

    def on_paste(self, event: events.Paste) -> None:
        before = self.value, self.selection
        self.select_all()  # a path is pasted whole
        super().on_paste(event)
        if self.value != before[0]:
            self.action_enter()
        else:
            self.selection = before[1]


class PathRow(FormRow):
    """The field for a path, with its label and error."""

    DEFAULT_CSS = """
    PathRow { padding: 0 1; }
    PathRow > .beside-label { margin-left: 7; }
    """

    def __init__(self) -> None:
        what = "bundle/controller/action, a URL or a label" if known_pages() else "bundle/controller/action, or a URL"
        self.path = PathField(id="path", placeholder=what)
        self.path.suggester = PageSuggester()
        super().__init__("Path", self.path, field="path")

    def on_input_changed(self) -> None:
        self.show_error("")
