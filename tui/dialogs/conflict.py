"""The question what to write, of what someone else changed meanwhile and what was entered."""

from collections.abc import Mapping
from typing import Literal

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.errors import Conflict, FieldChange
from tui.dialogs.dialog import Asking
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.text import shown
from tui.widgets.button import Button

Answer = Literal["both", "theirs", "mine", "back"]


class ConflictQuestion(Asking[Answer]):
    """Shows a conflict field by field, with the form's own labels, and asks what to write."""

    BINDINGS = [
        Action(
            "b",
            "answer('both')",
            "Keep both",
            tooltip="Write my changes beside theirs",
            id="conflict.both",
            enabled=lambda dialog: dialog.can_keep_both or None,
        ),
        Binding("t", "answer('theirs')", "Take theirs", tooltip="Drop what I changed", id="conflict.theirs"),
        Binding("m", "answer('mine')", "Put mine over it", tooltip="Write mine in place of theirs", id="conflict.mine"),
        Binding("escape", "answer('back')", "Back", tooltip="Go back to the form; nothing is lost", id="conflict.back"),
        Binding("up,left", "app.focus_previous", "Up", tooltip="Go to the button before", show=False, id="conflict.up"),
        Binding(
            "down,right", "app.focus_next", "Down", tooltip="Go to the next button", show=False, id="conflict.down"
        ),
    ]

    AUTO_FOCUS = "#both, #back"  # the first that is not dimmed: neither loses anything

    def __init__(self, conflict: Conflict, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._conflict, self._labels = conflict, labels

    def content(self) -> list[Widget]:
        conflicting = self._named([change for change in self._conflict.changes if change.conflicting])
        overwritten = self._named([change for change in self._conflict.changes if change.overwritten])
        both = f"not here: both changed {conflicting}" if conflicting else "writes your changes beside theirs"
        choices = (
            ("both", f"Keep both ({key_of(self, 'conflict.both')})", both),
            ("theirs", f"Take theirs ({key_of(self, 'conflict.theirs')})", "drops what you changed in the form"),
            ("mine", f"Put mine over it ({key_of(self, 'conflict.mine')})", f"undoes what they changed: {overwritten}"),
            ("back", f"Back ({key_of(self, 'conflict.back')})", "to the form, as you filled it"),
        )
        return [
            Static(Content(str(self._conflict)), classes="question"),
            VerticalScroll(*map(self._row, self._conflict.changes), can_focus=False, classes="details"),
            Vertical(
                *(
                    Horizontal(
                        Button(label, id=id, runs=f"answer('{id}')", disabled=id == "both" and bool(conflicting)),
                        Static(Content(shown(words)), classes="hint"),
                        classes="choice",
                    )
                    for id, label, words in choices
                ),
                id="choices",
            ),
        ]

    def _row(self, change: FieldChange) -> Widget:
        was = change.baseline if change.theirs is not None or change.mine is not None else ""
        lines = (("was   ", was), ("they  ", change.theirs), ("you   ", change.mine))
        text = "\n".join(f"{who}{shown(words)}" for who, words in lines if words)
        label = self._labels.get(change.field, change.field)
        return Horizontal(Static(Content(label), classes="label"), Static(Content(text)), classes="change")

    def _named(self, changes: list[FieldChange]) -> str:
        return ", ".join(self._labels.get(change.field, change.field) for change in changes)

    @property
    def can_keep_both(self) -> bool:
        """Whether the changes of both can be written, since none conflict."""
        return self._conflict.merged is not None

    def action_answer(self, answer: Answer) -> None:
        self.dismiss(answer)
