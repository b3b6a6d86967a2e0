"""Toasts: what tells of something that was done, for a few seconds."""

from textual.notifications import Notification

SHORTEST = 0.01
"""Seconds that a toast is shown at least."""


class Lasting(Notification):
    """A notification that always has some time left to be shown.

    One whose time runs out just while a page is changed would get a timer that goes backwards, and Textual's timers
    count those for ever: the program would answer no key any more.
    """

    @property
    def time_left(self) -> float:
        """Seconds until it goes, never none."""
        return max(super().time_left, SHORTEST)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0
