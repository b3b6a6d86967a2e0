"""The question what to do with a draft, asked at the next start."""

from typing import Literal

from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from tui.dialogs.dialog import QuestionDialog
from tui.dialogs.question import Question
from tui.drafts import Draft
from tui.keymap.keys import key_of
from tui.widgets.button import Button
from tui.workers import is_still_there

Answer = Literal["open", "delete", "later"]


class DraftQuestion(QuestionDialog[Answer]):
    """Asks whether to open a draft, delete it, or be asked again; shows its page, name and time."""

    BINDINGS = [
        Binding("y", "answer('open')", "Restore", tooltip="Open the form with the unsaved changes", id="draft.open"),
        Binding("d", "answer('delete')", "Delete", tooltip="Delete the unsaved changes", id="draft.delete"),
        Binding("escape", "answer('later')", "Later", tooltip="Ask again next time", id="draft.later"),
        Binding("left", "app.focus_previous", "Left", tooltip="Previous button", show=False, id="draft.left"),
        Binding("right", "app.focus_next", "Right", tooltip="Next button", show=False, id="draft.right"),
    ]
    AUTO_FOCUS = "#open"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft, self._deleting = draft, False
        name = f"“{draft.name}”, " if draft.name else ""
        self._named = f"{name}autosaved {draft.time:%Y-%m-%d %H:%M}"

    def content(self) -> list[Widget]:
        """What was saved, and when; three buttons."""
        return [
            *self.asking("Restore unsaved changes?", (self._draft.breadcrumb, self._named)),
            Horizontal(
                Button("Restore", key=key_of(self, "draft.open"), id="open", runs="answer('open')"),
                Button("Delete", key=key_of(self, "draft.delete"), id="delete", runs="answer('delete')"),
                Button("Later", key=key_of(self, "draft.later"), id="later", runs="answer('later')"),
                classes="buttons",
            ),
        ]

    @work
    async def action_answer(self, answer: Answer) -> None:
        """Answer by a letter; asks again before the draft is deleted."""
        if answer == "delete":
            if self._deleting:
                return
            self._deleting = True
            question = Question("Delete the unsaved changes?", self._draft.breadcrumb, self._named, yes="Delete")
            sure = await self.app.push_screen_wait(question)
            self._deleting = False
            if not sure or not is_still_there(self):
                return
        self.dismiss(answer)
