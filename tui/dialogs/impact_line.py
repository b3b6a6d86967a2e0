"""What a change that is not saved yet would do, in one line; whom it concerns is a key away."""

from textual import work
from textual.content import Content
from textual.widgets import Static

from models.access import safeguards
from models.access.impact import AccessChange, Preview, preview
from models.errors import ShopError
from tui.keymap.keys import key_of
from tui.text import shown
from tui.workers import LatestOnly, busy, is_still_there

CALCULATING = "Working out what this would change …"


class ImpactLine(Static):
    """Works out what a change would do, while keys go on, and says it; of several, the latest.

    `lead` stands before it. Where nothing changes it says nothing, unless it is `always` to say something.
    """

    DEFAULT_CSS = """
    ImpactLine { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, lead: str, key: str, always: bool = False) -> None:
        super().__init__()
        self._lead, self._key, self._always = lead, key, always
        self._latest = LatestOnly(self)
        self._change: AccessChange | None = None
        self.found: Preview | None = None
        self.display = always

    def show(self, change: AccessChange | None) -> None:
        """Say what this change would do, in place of the one before; nothing, where there is none."""
        if change != self._change:
            self._change, self.found = change, None
            if change is None:
                self._latest.forget()
                self._say("")
            else:
                self._say(CALCULATING if self._always else f"{self._lead}: …")
                self._work_out(change)

    @work
    async def _work_out(self, change: AccessChange) -> None:
        await self._ask(change)

    async def _ask(self, change: AccessChange) -> None:
        try:
            worked_out = await self._latest.run(lambda: _compute(change))
        except ShopError as error:
            self._say(str(error))
            return
        if worked_out is not None:
            self.found, summary = worked_out
            nothing = not (self.found or self._always)
            key = f" ({key_of(self, self._key)})" if self.found else ""
            self._say("" if nothing else f"{self._lead}{key}: {summary}")

    def _say(self, text: str) -> None:
        if is_still_there(self):
            self.update(Content(shown(text)))
            self.display = bool(text)
            self.refresh_bindings()

    async def takes_from_me(self) -> bool:
        """Whether the change takes the user pages away from the user in the setting `current_user_email`."""
        while safeguards.current_user_email() and self.found is None and (change := self._change) is not None:
            with busy():
                await self._ask(change)
            if self.found is None and change is self._change:  # it cannot be worked out, and so not be saved either
                return False
        return self.found is not None and self.found.me

    @work
    async def open(self) -> None:
        """Show whom the change concerns, and how."""
        if self.found:
            from tui.dialogs.impact import ImpactDialog

            await self.app.push_screen_wait(ImpactDialog(self.found))


def _compute(change: AccessChange) -> tuple[Preview, str]:
    """What it would do, and that in words: both are work where many are concerned."""
    found = preview(change)
    return found, found.summary
