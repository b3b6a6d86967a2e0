"""The field for a path, which also takes a URL of the web pages."""

from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from models.access.rules import Path, parse_path
from models.errors import Invalid
from tui.widgets.field import Field, FormRow


class PathField(Field):
    """Enters a path, with Enter or as soon as it is pasted."""

    BINDINGS = [Binding("enter", "enter", "Go", tooltip="Go to this path", id="path.go")]

    @dataclass
    class Entered(Message):
        """A path was entered."""

        path: Path

    def action_enter(self) -> None:
        try:
            self.post_message(self.Entered(parse_path(self.value)))
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
    PathRow > * { margin-left: 7; }
    """

    def __init__(self) -> None:
        self.path = PathField(id="path", placeholder="bundle/controller/action, or a URL")
        super().__init__("Path", self.path, field="path")

    def on_input_changed(self) -> None:
        self.show_error("")
