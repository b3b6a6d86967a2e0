"""The impact of a change that is not saved yet, in one line; a key shows the users."""

from functools import partial

from textual import work
from textual.content import Content
from textual.widgets import Static

from models.access import safeguards
from models.access.compute_impact import compute_impact
from models.access.impact import NOBODY, AccessChange, Impact
from models.db.change import Note
from models.errors import ShopError
from tui.dialogs.user_impact import impact_by_user
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.text import shown
from tui.workers import LatestOnly, busy, is_still_there

MAX_USERS = 5
"""Users with a line of their own, where there is room."""

CALCULATING = "Calculating…"

SHOW_IMPACT = Action(
    "f6",
    "show_impact",
    "Effect",
    tooltip="Show who is affected, and how",
    id="effect.show",
    enabled=lambda page: page.has_effect,
)
"""The binding of a page or dialog that `ShowsImpact`."""


class ShowsImpact:
    """A page or dialog with the effect of a change on one line."""

    impact_line: "ImpactLine"
    may_have_effect = True
    """Whether what is asked or entered here can change what users may do."""

    @property
    def why_unchanged(self) -> str:
        """Why there is no effect, where nothing is entered or selected that changes what users may do."""
        return NOBODY

    @property
    def has_effect(self) -> bool | str:
        """Whether there is an effect to show, or why not."""
        return self.may_have_effect and (
            bool(self.impact_line.impact) or self.impact_line.why_none or self.why_unchanged
        )

    def action_show_impact(self) -> None:
        """Show whom the change concerns, and how."""
        self.impact_line.open()


class ImpactLine(Static):
    """Calculates what a change would do, while keys go on, and shows it; of several changes, the latest.

    `lead` stands before it. Without a change it is hidden, unless it is `always` shown.
    """

    DEFAULT_CSS = """
    ImpactLine { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    shows_users = False
    """Whether there is room for lines about single users below the summary."""

    def __init__(self, lead: str, *, always: bool = False) -> None:
        super().__init__()
        self._lead, self._always = lead, always
        self._latest = LatestOnly(self)
        self._change: AccessChange | None = None
        self.impact: Impact | None = None
        """None until it is calculated; false if nobody is concerned."""
        self.why_none = ""
        """Why there is none, where there is a change."""
        self.display = always

    @property
    def note(self) -> Note:
        """What the record of the change is to say of its impact: nothing before that is calculated."""
        return Note(effect=None if self.impact is None else self.impact.lines)

    def show(self, change: AccessChange | None) -> None:
        if change != self._change:
            self._change, self.impact = change, None
            self.why_none = CALCULATING if change is not None else ""
            if change is None:
                self._latest.forget()
                self._render_text("")
            else:
                self._render_text(CALCULATING if self._always else f"{self._lead}: …")
                self._start(change)

    @work
    async def _start(self, change: AccessChange) -> None:
        await self._compute(change)

    async def _compute(self, change: AccessChange) -> None:
        try:
            computed = await self._latest.run(partial(_compute_in_words, change, MAX_USERS * self.shows_users))
        except ShopError as error:
            self.why_none = str(error)
            self._render_text(self.why_none)
            return
        if computed is not None:
            self.impact, summary, by_user = computed
            self.why_none = NOBODY
            if self.impact:
                lead = Content(f"{self._lead} ({key_of(self, 'effect.show')}): ")
                self._show(Content("\n").join([lead + summary, *by_user]))
            else:
                self._render_text(f"{self._lead}: {NOBODY}" if self._always else "")

    def _render_text(self, text: str) -> None:
        self._show(Content(shown(text)))

    def _show(self, content: Content) -> None:
        if is_still_there(self):
            self.update(content)
            self.display = bool(content)
            self.refresh_bindings()

    async def is_self_lockout(self) -> bool:
        """Whether the change takes the user pages away from the current user."""
        while safeguards.current_user_email() and self.impact is None and (change := self._change) is not None:
            with busy():
                await self._compute(change)
            if self.impact is None and change is self._change:  # it cannot be calculated, and so not be saved either
                return False
        return self.impact is not None and self.impact.current_user_loses_pages

    @work
    async def open(self) -> None:
        """Show whom the change concerns, and how."""
        if self.impact:
            from tui.dialogs.impact import ImpactDialog

            await self.app.push_screen_wait(ImpactDialog(self.impact))


def _compute_in_words(change: AccessChange, user_count: int) -> tuple[Impact, Content, list[Content]]:
    """The impact of a change, its summary, and so many users with what each gains and loses.

    All of it takes long where many users are concerned.
    """
    impact = compute_impact(change)
    summary = Content("; ").join([_signed(sign, text) for sign, text in impact.signed_lines])
    if not user_count:
        return impact, summary, []
    by_user, rows = impact_by_user(impact)
    return (
        impact,
        summary,
        [
            Content("   ").join([Content(shown(row.email)), *[_signed(*part) for part in by_user[row.id].signed]])
            for row in rows.page(rows.default_sort, user_count)
        ],
    )


def _signed(sign: str, text: str) -> Content:
    """A gain in green, a loss in red, a warning in yellow, each with its sign."""
    style = {"+": "$text-success", "-": "$text-error", "!": "$text-warning"}.get(sign, "")
    return Content.styled(shown(f"{sign} {text}".lstrip()), style)
