"""Messages: shown for some seconds in a corner (as toasts), never over the field or row in use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from textual import events
from textual.app import App
from textual.content import Content
from textual.message import Message
from textual.notifications import Notification, Notify

from tui.keymap.keys import keys_of
from tui.text import shown
from tui.textual_compat import remove_notification

MIN_SHOWN_S = 0.01
"""Seconds that a message is shown at least."""

SUCCESS_S = 10.0
"""Seconds that a success is shown at most."""

READ_AFTER_S = 2.0
"""Seconds after which any key clears a success: it has been read."""

WARNING_S = 30.0
"""Seconds that a warning or an error is shown at most; Escape clears it before."""

SHORT_LINES = 2
"""Lines that messages take beside a dialog that has little room itself, as the style sheet has it."""

_MARKS = {"error": "! ", "warning": "Note: "}
"""What stands before a message that is no success."""


@dataclass
class TimedNotification(Notification):
    """A notification that always has some time left to be shown.

    One whose time runs out just while a page is changed would get a timer that goes backwards, and Textual's timers
    count those for ever: the program would answer no key any more.
    """

    appeared: float = field(default_factory=lambda: Message().time)
    """When it was raised, on the clock of `Message.time`."""

    @property
    def time_left(self) -> float:
        """Seconds until it goes, never none."""
        return max(super().time_left, MIN_SHOWN_S)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0

    @property
    def is_success(self) -> bool:
        """Whether nothing is wrong."""
        return self.severity == "information"

    def height(self, width: int) -> int:
        """The lines it takes on a terminal of so many columns, with the empty one above it."""
        return 1 + Content(self.message).get_height({}, max(1, width * 85 // 100 - 3))


class Messages:
    """The messages that the app shows: how long, where, and what a key means for them."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._shown: list[TimedNotification] = []

    def __iter__(self) -> Iterator[TimedNotification]:
        self._shown = [message for message in self._shown if not message.has_expired]
        return iter(self._shown)

    def show(self, text: str, **options: Any) -> None:
        """Show a message: its text is data, never markup; its severity is a mark before it, and how long it stays.

        On a small terminal a very long one is cut, and the oldest are cleared where not all fit.
        """
        mark = _MARKS.get(options.get("severity", ""), "")
        text = shown(mark + text)
        cells = (self._max_lines - 1) * (self._app.size.width * 3 // 4)
        if len(text) > cells > 0:
            text = text[: cells - 1] + "…"
        message = TimedNotification(text, **{**options, "timeout": WARNING_S if mark else SUCCESS_S})
        self._shown.append(message)
        self._remove(self._too_many())
        self.place()
        self._app.post_message(Notify(message))

    def place(self) -> None:
        """Place them above the key line and a form's buttons; where they would cover the focus, at the top.

        Where that would cover it, too, they stand on the buttons.

        A dialog makes room for them, and what is below shows none.
        """
        if self._app.screen_stack and any(self):
            screen = self._app.screen
            for each in self._app.screen_stack:
                each.query("ToastRack").set(display=each is screen)
            last = self._app.size.height - 2
            on_page = not screen.is_modal
            has_buttons = on_page and any(each.region.y == last for each in screen.query(".buttons"))
            line = self._app.cursor_position.y
            is_above = has_buttons and not self._would_cover(line, last - 1)
            has_room = line > 1 + min(self._height(self), self._max_lines)  # at the top, below the page's two lines
            is_top = on_page and not is_above and (self._would_cover(line, last) or (has_buttons and has_room))
            rack = screen.query("ToastRack")
            rack.set_class(is_top, "-top").set_class(is_above, "-above-buttons")

    @property
    def lines(self) -> int:
        """How many lines they take on the screen; beside a dialog, where room is short, two."""
        most = SHORT_LINES if self._app.screen.has_class("-short") else self._max_lines
        return min(self._height(self), most)

    def key_pressed(self, key: events.Key) -> None:
        """Clear the successes that had been read when a key was pressed; in a dialog, Escape clears all and cancels."""
        self._remove(
            [message for message in self if message.is_success and key.time - message.appeared >= READ_AFTER_S]
        )
        if self._app.screen.is_modal and key.key in keys_of(self._app, "app.clear_messages"):
            self.clear(key)

    def clear(self, key: events.Key) -> None:
        """Clear all that were shown when the key was pressed."""
        self._remove(self._seen_before(key))

    def withdraw(self, beginning: str) -> None:
        """Clear those of what went wrong that begin so: it is over."""
        self._remove([message for message in self if message.message.startswith(f"{_MARKS['error']}{beginning}")])

    def stay_after(self, key: events.Key) -> bool:
        """Whether one that was shown when the key was pressed is no success: it stays until it is cleared."""
        return not all(message.is_success for message in self._seen_before(key))

    def _seen_before(self, key: events.Key) -> list[TimedNotification]:
        return [message for message in self if message.appeared <= key.time]

    def _remove(self, messages: Iterable[TimedNotification]) -> None:
        for message in messages:
            self._shown.remove(message)
            message.timeout = 0  # should it be on its way to the screen still
            remove_notification(self._app, message)

    def _too_many(self) -> list[TimedNotification]:
        """The oldest, where not all fit."""
        shown = [*self]
        heights = [self._height(shown[first:]) for first in range(len(shown))]
        return shown[: sum(height > self._max_lines for height in heights[:-1])]

    def _would_cover(self, line: int, last: int) -> bool:
        """Whether they would stand on this line, if their own last one is at the bottom of a page."""
        return last - min(self._height(self), self._max_lines) < line <= last

    def _height(self, messages: Iterable[TimedNotification]) -> int:
        return sum(message.height(self._app.size.width) for message in messages)

    @property
    def _max_lines(self) -> int:
        """How many lines messages take at most: those at the top and those at the bottom would not meet."""
        return max(1, (self._app.size.height - 2) // 2)
