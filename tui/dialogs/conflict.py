"""What someone else changed while a form was filled, beside what was entered, and what shall become of both."""

from collections.abc import Mapping, Sequence
from typing import Literal

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.errors import Conflict, FieldChange
from tui.dialogs.dialog import GuardedDialog
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.text import shown
from tui.widgets.button import Button

Answer = Literal["both", "theirs", "mine", "back"]

MIN_CELLS, BUTTON_CELLS = 70, 29
"""Cells of a line at least; of those, the cells of a button with the gap after it, as the style sheet has them."""


class ConflictQuestion(GuardedDialog[Answer]):
    """Shows a conflict field by field, with the form's own labels, and asks what to write."""

    BINDINGS = [
        Action(
            "b",
            "answer('both')",
            "Keep both",
            tooltip="Keep their changes and mine",
            id="conflict.both",
            enabled=lambda dialog: dialog.can_keep_both or "both changed the same",
        ),
        Binding("t", "answer('theirs')", "Keep theirs", tooltip="Discard my changes", id="conflict.theirs"),
        Binding(
            "m",
            "answer('mine')",
            "Overwrite with mine",
            tooltip="Overwrite their changes with mine",
            id="conflict.mine",
        ),
        Binding("escape", "answer('back')", "Back", tooltip="Back to the form; nothing is lost", id="conflict.back"),
        Binding("up,left", "app.focus_previous", "Up", tooltip="Previous button", show=False, id="conflict.up"),
        Binding("down,right", "app.focus_next", "Down", tooltip="Next button", show=False, id="conflict.down"),
    ]

    AUTO_FOCUS = "#both, #back"  # the first that is not dimmed: neither loses anything

    def __init__(self, conflict: Conflict, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._conflict, self._labels = conflict, labels

    def content(self) -> list[Widget]:
        self.details = VerticalScroll(*map(self._row, self._conflict.changes), can_focus=False, classes="details")
        return [
            Static(Content(shown(self.head())), classes="question"),
            self.details,
            Vertical(
                *(
                    Horizontal(
                        Button(
                            label,
                            key=key_of(self, f"conflict.{id}"),
                            id=id,
                            runs=f"answer('{id}')",
                            disabled=id == "both" and bool(self._conflicting),
                        ),
                        Static(Content(shown(words)), classes="hint"),
                        classes="choice",
                    )
                    for id, label, words in self.choices()
                ),
                id="choices",
            ),
        ]

    def needed_cells(self) -> int:
        """The cells of the longest line: of the first, or of those beside a label or a button."""
        beside = BUTTON_CELLS + self.longest_line(".change Static, .hint")
        return max(MIN_CELLS, self.longest_line(".question"), beside)

    def head(self) -> str:
        """What happened, in a sentence."""
        return str(self._conflict)

    def choices(self) -> Sequence[tuple[Answer, str, str]]:
        """The answers, each with its button's label and what it means."""
        both = (
            f"not possible: both changed {self._conflicting}" if self._conflicting else "keeps their changes and yours"
        )
        return (
            ("both", "Keep both", both),
            ("theirs", "Keep theirs", "discards your changes"),
            ("mine", "Overwrite with mine", f"overwrites their {self._overwritten}"),
            ("back", "Back", "to the form; nothing is lost"),
        )

    @property
    def _conflicting(self) -> str:
        return self._named([change for change in self._conflict.changes if change.conflicting])

    @property
    def _overwritten(self) -> str:
        return self._named([change for change in self._conflict.changes if change.overwritten])

    def _row(self, change: FieldChange) -> Widget:
        lines = (("before  ", change.baseline), ("theirs  ", change.theirs), ("yours   ", change.mine))
        text = "\n".join(f"{who}{shown(words)}" for who, words in lines if words)
        label = self._labels.get(change.field, change.field)
        return Horizontal(Static(Content(label), classes="label"), Static(Content(text)), classes="change")

    def _named(self, changes: list[FieldChange]) -> str:
        return ", ".join(self._labels.get(change.field, change.field) for change in changes)

    @property
    def can_keep_both(self) -> bool:
        """Whether both sides' changes can be kept: not if both changed the same field."""
        return self._conflict.merged is not None

    def action_answer(self, answer: Answer) -> None:
        self.dismiss(answer)
