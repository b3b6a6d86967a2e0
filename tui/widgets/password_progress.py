"""Which rules a password that is being entered does not meet yet."""

from textual.content import Content
from textual.widgets import Static

from models import validation


class PasswordProgress(Static):
    """The rules in words, never the password."""

    DEFAULT_CSS = "PasswordProgress { display: none; color: $text-muted; }"

    def follow(self, password: str) -> None:
        """Show what this one still needs."""
        met, missing = validation.password_progress(password)
        text = f"Still needed: {', '.join(missing)}" if missing else f"Done: {', '.join(met)}"
        if missing and met:
            text += f" (done: {', '.join(met)})"
        self.update(Content(text if password else ""))
        self.display = bool(password)
