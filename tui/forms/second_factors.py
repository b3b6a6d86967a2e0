"""Resets the second factors of the user on a page."""

from typing import Any

from textual import work

from models import second_factors
from models.errors import ShopError
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.widgets.button import Button
from tui.widgets.page import describe_error
from tui.wording.consequences import second_factor_consequence, second_factor_question
from tui.wording.success import second_factors_deleted
from tui.workers import run_busy


class ResetSecondFactors(Button):
    """Deletes a user's second factors at once, after a question; there where the user has any."""

    def __init__(self, page: Any) -> None:
        super().__init__("Reset second factors", id="reset-mfa")
        self._page, self._user, self._email, self._count = page, 0, "", 0
        self.display = False

    def show(self, user: int, email: str, count: int) -> None:
        """Be there for a user with so many second factors, on a database that can be written."""
        self._user, self._email, self._count = user, email, count
        self.display = bool(count) and not self._page.read_only

    async def action_press(self) -> None:
        self._reset()

    @work
    async def _reset(self) -> None:
        user, email = self._user, self._email
        consequence = second_factor_consequence(self._count)
        question = Question(second_factor_question([email]), consequence, yes="Reset", takes_reason=True)
        if not await self._page.app.may_change():
            return
        try:
            await run_busy(second_factors.check_reset)
            if not await self.app.push_screen_wait(question):
                return
            with self._page.hold_open():
                count = await make_change(self._page.app, lambda: second_factors.reset([user]), question.note)
        except ShopError as error:
            self.notify(describe_error(error, email), severity="error")
        else:
            self.notify(second_factors_deleted(count, [email]))
            self.screen.focus_next()
            self.display = False
