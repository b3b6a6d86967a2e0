"""The impact of a change that is not saved yet: the users, and what each of them would gain and lose."""

from textual import on, work
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from models.access import verdicts
from models.access.impact import Impact
from models.db.given_rows import InMemoryRows
from models.users import UserRow
from tui.dialogs.dialog import Dialog
from tui.dialogs.user_impact import UserImpact, impact_by_user
from tui.keymap.actions import Action
from tui.text import names
from tui.widgets.column_layout import Column
from tui.widgets.columns import status_sign
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence, Sentences
from tui.workers import is_still_there, run_busy

_STYLES = {"+": "record-list--good", "-": "record-list--bad", "!": "record-list--doubtful"}


class ImpactDialog(Dialog[None]):
    """The users whose access a change affects, those with the most in common first."""

    large = True
    BINDINGS = [
        Action(
            "enter,e",
            "access",
            "Access",
            tooltip="Show permissions and reasons",
            id="effect.access",
            enabled=lambda dialog: dialog.is_of_saved_users or "not saved yet",
        ),
        Binding("escape,q", "close", "Back", tooltip="Go back", id="effect.close"),
    ]
    AUTO_FOCUS = "#concerned"

    def __init__(self, impact: Impact) -> None:
        super().__init__()
        self._impact = impact
        self._by_user: dict[int, UserImpact] = {}

    def content(self) -> list[Widget]:
        self._list: RecordList[UserRow] = RecordList(
            InMemoryRows([]),
            [
                Column("E-mail", lambda row, _: row.email, share=4),
                Column(
                    "Status", lambda row, _: row.status_label, width=11, spare=1, style=lambda row: status_sign(row)[1]
                ),
                Column("Gains", lambda row, width: names(self._of(row).gained, width), most=10, share=3),
                Column("Loses", lambda row, width: names(self._of(row).lost, width), most=10, share=3),
            ],
            noun="user",
            empty="",
            sign=status_sign,
            id="concerned",
        )
        self._why = Sentences("", id="effect")
        note = verdicts.order_note()
        notes = [Static(note, markup=False)] if note and self._impact.shared else []
        return [Static("Effect of this change", classes="question"), *notes, self._list, self._why]

    def on_mount(self) -> None:
        self._load()

    def _of(self, row: UserRow) -> UserImpact:
        return self._by_user[row.id]

    @work
    async def _load(self) -> None:
        self._by_user, listing = await run_busy(lambda: impact_by_user(self._impact))
        if is_still_there(self):
            self._list.window.show(listing)
            self.refresh_bindings()

    @on(RecordList.Changed, "#concerned")
    def _explain(self) -> None:
        row = self._list.current
        if row is not None:
            self._why.explain(
                row.email, [Sentence(f"{sign} {text}", style=_STYLES[sign]) for sign, text in self._of(row).signed]
            )

    @on(RecordList.Opened, "#concerned")
    @work
    async def action_access(self) -> None:
        row = self._list.current
        if row is not None and row.id not in self._impact.new_users:
            await self.app.visit_record("access", row.id)

    @property
    def is_of_saved_users(self) -> bool:
        """A user who is not written yet has no page."""
        return not self._impact.new_users

    def action_close(self) -> None:
        self.dismiss(None)
