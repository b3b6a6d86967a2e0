"""A question before something is done that cannot be undone."""

from collections.abc import Mapping
from dataclasses import replace

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from models.access import safeguards
from models.access.impact import AccessChange
from models.db.change import Note
from tui.dialogs.dialog import TALL_LINES, QuestionDialog, under_label
from tui.dialogs.impact_line import SHOW_IMPACT, ImpactLine, ShowsImpact
from tui.dialogs.reason import NEEDED
from tui.keymap.keys import key_of
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow, focus_error, show_errors
from tui.wording.questions import self_lockout_warning, words_to_type
from tui.workers import is_still_there


class Question(ShowsImpact, QuestionDialog[bool]):
    """Asks, with what there is to know about it, and what the `change` would do. Cancel is the default.

    On a database that is marked production, a question before records are destroyed (`destroys`: their names by their
    ids) asks for something to be typed that names them.
    """

    BINDINGS = [
        Binding("y", "answer(True)", "Yes", tooltip="Confirm", id="question.yes"),
        Binding("n,escape", "answer(False)", "No", tooltip="Cancel", id="question.no"),
        Binding(
            "left,right",
            "app.focus_next",
            "Other button",
            tooltip="Other button",
            show=False,
            id="question.other",
        ),
        SHOW_IMPACT,
    ]
    AUTO_FOCUS = "#no"

    def __init__(
        self,
        question: str,
        *details: str,
        yes: str,
        no: str = "Cancel",
        destroys: Mapping[int, str] | None = None,
        change: AccessChange | None = None,
        takes_reason: bool | None = None,
    ) -> None:
        """`takes_reason`: whether the reason may be typed here; None: if it destroys or changes something."""
        super().__init__()
        self._change, self.impact_line, self._confirming = change, ImpactLine("Effect", always=True), False
        self.may_have_effect, self._destroys = change is not None, bool(destroys)
        self._asked, self._told, self._yes, self._no = question, details, yes, no
        self._expected, self._confirmation_label = words_to_type(yes, destroys or {})
        self._confirmation: Field | None = None
        self._reason: Field | None = None
        self._takes_reason = self._destroys or change is not None if takes_reason is None else takes_reason

    @property
    def note(self) -> Note:
        """What the record of the change is to say: its impact, once that is calculated, and the reason."""
        reason = self._reason.value.strip() if self._reason is not None else ""
        return replace(self.impact_line.note, reason=reason or None)

    def content(self) -> list[Widget]:
        """The question in bold, the details under it, where the name is typed, and two buttons.

        These do not name their keys where a name is typed: there, the keys are letters of it.
        """
        typing: list[Widget] = []
        source, is_tall = self.app.source, self.app.size.height >= TALL_LINES
        if self._expected and source.is_production:
            self._confirmation = Field(id="typed")
            typing += under_label(self._confirmation_label, FormRow("", self._confirmation, field="typed"))
        if self._takes_reason and (source.asks_reason or (source.is_production and is_tall)):
            self._reason = Field(id="reason")
            label = "Reason" if source.asks_reason else "Reason (optional)"
            typing += under_label(label, FormRow("", self._reason, field="reason"))
        if self._confirmation is not None or not self._destroys:
            self.answers = "answer(True)"
        yes = Button(self._yes, key="" if typing else key_of(self, "question.yes"), id="yes", runs="answer(True)")
        yes.set_class(self._destroys, "-destroys")
        return [
            *self.asking(self._asked, self._told, *([self.impact_line] if self._change is not None else [])),
            *typing,
            Horizontal(
                yes,
                Button(self._no, key="" if typing else key_of(self, "question.no"), id="no", runs="answer(False)"),
                classes="buttons",
            ),
        ]

    def on_mount(self) -> None:
        """Calculate what the change would do; start where there is something to type."""
        needed = self._confirmation or (self._reason if self.app.source.asks_reason else None)
        if needed is not None:
            needed.focus()
        self.impact_line.show(self._change)

    def action_answer(self, yes: bool) -> None:
        """Answer by a letter; yes only once the expected words are typed."""
        if yes and self._confirmation is not None and self._confirmation.value.strip() != self._expected:
            self._refuse("typed", "Does not match.")
        elif yes and self._reason is not None and self.app.source.asks_reason and not self.note.reason:
            self._refuse("reason", NEEDED)
        elif yes and self._change is not None and safeguards.current_user_email():
            self._confirm()
        else:
            self.dismiss(yes)

    def _refuse(self, field: str, why: str) -> None:
        show_errors(self, {field: why})
        focus_error(self)

    @on(Input.Changed)
    def _typed(self) -> None:
        show_errors(self, {})

    @work
    async def _confirm(self) -> None:
        if not self._confirming:
            self._confirming = True
            if await confirm_self_lockout(self.impact_line, is_confirmed=True) and is_still_there(self):
                self.dismiss(True)
            self._confirming = False


async def confirm_self_lockout(impact_line: ImpactLine, *, is_confirmed: bool = False) -> bool:
    """Ask if a change takes the user pages away from the person; whether it may be made.

    Asks twice, or once if the person has already answered a question about the change.
    """
    if not await impact_line.is_self_lockout():
        return True
    questions = (
        Question(f"{self_lockout_warning(safeguards.current_user_email())} Continue?", yes="Continue"),
        Question("Remove your own access?", "Only another admin could restore it.", yes="Remove"),
    )
    for question in questions[is_confirmed:]:
        if not await impact_line.app.push_screen_wait(question):
            return False
    return True
