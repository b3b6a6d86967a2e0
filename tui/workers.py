"""Calls of `models` in threads, off the event loop, and which of them the next key waits for."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from models.errors import ShopError, Unreachable

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

T = TypeVar("T")

KEY_WAIT_S = 1.0
"""Seconds that a key waits for what the key before it asked of the database."""

RESTS_AFTER_S = 0.08
"""Seconds without another step after which the cursor rests on a record."""

SLOW_ANSWER_S = 0.5
"""Seconds after which a person wonders whether the key did anything."""


class Observer(Protocol):
    """Notified on the event loop of how the database answers."""

    def unreachable(self) -> None:
        """It could not be reached."""

    def answered(self) -> None:
        """A function of `models` returned, or raised an error."""

    def slow(self, is_slow: bool) -> None:
        """An answer that the next key waits for takes long; or, again, none does."""


observer: ContextVar[Observer | None] = ContextVar("observer", default=None)
"""That of the app in whose context the database is asked."""

_awaited: set[asyncio.Future[Any]] = set()


async def run_in_thread(question: Callable[[], T]) -> T:
    """The answer of a function of `models`; keys go on meanwhile."""
    try:
        return await asyncio.to_thread(question)
    except Unreachable:
        if (current := observer.get()) is not None:
            current.unreachable()
        raise
    finally:
        if (current := observer.get()) is not None:
            current.answered()


async def run_busy(question: Callable[[], T]) -> T:
    """The answer of a function of `models` that the next key waits for, since what it means depends on it."""
    with busy():
        return await run_in_thread(question)


@contextmanager
def busy() -> Iterator[None]:
    """Around what the next key waits for."""
    loop = asyncio.get_running_loop()
    done, late = loop.create_future(), loop.call_later(SLOW_ANSWER_S, _tell_slow, True)
    _awaited.add(done)
    try:
        yield
    finally:
        late.cancel()
        _awaited.discard(done)
        done.cancel()
        if not _awaited:
            _tell_slow(False)


def _tell_slow(is_slow: bool) -> None:
    if (current := observer.get()) is not None:
        current.slow(is_slow)


def is_still_there(widget: "Widget") -> bool:
    """Whether a page or widget that waited for something can still be changed: it was neither closed nor removed.

    To be asked after each wait; half of the widgets of a page that is being closed are gone already.
    """
    return widget.is_attached and widget.is_running and widget.screen.display


def is_busy() -> bool:
    """Whether the next key has something to wait for."""
    return bool(_awaited)


async def wait_until_idle(seconds: float) -> None:
    """Wait until all is answered that the next key waits for, or so many seconds have passed."""
    if _awaited:
        await asyncio.wait(_awaited.copy(), timeout=seconds)


class LatestOnly:
    """Questions of a page or widget of which the latest counts: one is under way at a time, older ones fall away.

    Once the page is closed no answer counts, and no failure either: there is nothing left to show it on.
    """

    def __init__(self, widget: "Widget") -> None:
        self._widget = widget
        self._one = asyncio.Lock()
        self._number = 0

    async def run(self, question: Callable[[], T]) -> T | None:
        """The answer, while keys go on; None where it does not count any more."""
        self._number += 1
        number = self._number
        async with self._one:
            try:
                answer = await run_in_thread(question) if number == self._number else None
            except ShopError:
                if is_still_there(self._widget):
                    raise
                return None
        return answer if number == self._number and is_still_there(self._widget) else None

    def forget(self) -> None:
        """No answer that is still to come counts."""
        self._number += 1


class AtRest:
    """Calls a function of a widget once the cursor rests: a newer start puts it off."""

    def __init__(self, widget: "Widget", function: Callable[[], Any]) -> None:
        self._widget, self._function = widget, function
        self._timer: Timer | None = None

    def start(self) -> None:
        """The cursor made a step."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._widget.set_timer(RESTS_AFTER_S, self._function)
