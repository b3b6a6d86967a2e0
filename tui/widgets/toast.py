"""Toasts: what tells of something that was done, for a few seconds, and never over what is being done."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.notifications import Notification

SHORTEST = 0.01
"""Seconds that a toast is shown at least."""

SUCCESS_S = 10.0
"""Seconds that a success is shown at most."""

READ_S = 2.0
"""Seconds after which the first key takes a success away: it has been read."""

SHORT_LINES = 2
"""Lines that messages take beside a dialog that has little room itself, as the style sheet has it."""

WARNING_S = 30.0
"""Seconds that a warning or an error is shown at most; Escape takes it away before."""


@dataclass
class Lasting(Notification):
    """A notification that always has some time left to be shown.

    One whose time runs out just while a page is changed would get a timer that goes backwards, and Textual's timers
    count those for ever: the program would answer no key any more.
    """

    appeared: float = field(default_factory=lambda: Message().time)
    """When it was raised, on the clock of `Message.time`."""

    @property
    def time_left(self) -> float:
        """Seconds until it goes, never none."""
        return max(super().time_left, SHORTEST)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0

    @property
    def is_success(self) -> bool:
        """Whether it tells of nothing that is wrong."""
        return self.severity == "information"

    def height(self, width: int) -> int:
        """The lines it takes on a terminal of so many columns, with the empty one above it."""
        return 1 + Content(self.message).get_height({}, max(1, width * 85 // 100 - 3))


class Messages:
    """The toasts that are shown, and what a key means for them."""

    def __init__(self) -> None:
        self._shown: list[Lasting] = []

    def __iter__(self) -> Iterator[Lasting]:
        self._shown = [message for message in self._shown if not message.has_expired]
        return iter(self._shown)

    def add(self, message: Lasting, size: Size) -> None:
        """One more is shown; on a small terminal a very long one is cut."""
        cells = (most_lines(size) - 1) * (size.width * 3 // 4)
        if len(message.message) > cells > 0:
            message.message = message.message[: cells - 1] + "…"
        self._shown.append(message)

    def read_before(self, key: events.Key) -> list[Lasting]:
        """The successes that had been read when this key was pressed."""
        return [message for message in self if message.is_success and key.time - message.appeared >= READ_S]

    def seen_before(self, key: events.Key) -> list[Lasting]:
        """All that were shown when this key was pressed."""
        return [message for message in self if message.appeared <= key.time]

    def remove(self, message: Lasting) -> None:
        """One is shown no more."""
        self._shown.remove(message)

    def too_many(self, size: Size) -> list[Lasting]:
        """The oldest, where not all fit on a terminal of that size."""
        shown = [*self]
        rooms = [sum(message.height(size.width) for message in shown[first:]) for first in range(len(shown))]
        return shown[: sum(room > most_lines(size) for room in rooms[:-1])]

    def lines(self, size: Size, is_short: bool) -> int:
        """How many lines they take; on the screen of a dialog, where room is short, two."""
        most = SHORT_LINES if is_short else most_lines(size)
        return min(sum(message.height(size.width) for message in self), most)

    def would_cover(self, line: int, size: Size) -> bool:
        """Whether they would stand on this line at the bottom of a terminal of that size, above the key line."""
        return size.height - 1 - self.lines(size, False) <= line < size.height - 1


def most_lines(size: Size) -> int:
    """How many lines toasts take at most: those at the top and those at the bottom would not meet."""
    return max(1, (size.height - 2) // 2)
