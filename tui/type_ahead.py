"""Keys and pastes that come faster than they are handled: each waits until the one before it has done all it does.

Textual hands a key to the widget that has the focus at that moment, and a key that moves the focus or opens a page
takes a few steps to do so: in a burst of keys, as a slow line delivers them, those typed after it would go to the wrong
place ("Tab Space" put the space into the title).
"""

from asyncio import Event, Task, create_task, wait_for
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from textual import events
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import Screen

from tui.app_base import AppBase, DialogBase
from tui.terminal.capabilities import MAX_PASTED
from tui.workers import KEY_WAIT_S, is_busy, wait_until_idle

WIDGET_WAIT_S = 0.2
"""Seconds that a key waits for a widget to handle what it was sent; one that was removed answers no more."""

TOO_LONG = f"Pasted text refused: too long (at most {MAX_PASTED:,} characters)."


class TypeAhead:
    """The queue of keys and pastes; `handle` is what Textual does with one."""

    def __init__(self, app: AppBase, handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._queue: deque[events.Key | events.Paste] = deque()
        self._handling: Task[None] | None = None

    def __len__(self) -> int:
        """How many are not done with."""
        return len(self._queue)

    async def add(self, event: events.Key | events.Paste) -> None:
        """Handle a key or paste once those before it are done with."""
        if isinstance(event, events.Paste) and len(event.text) > MAX_PASTED:
            self._app.notify(TOO_LONG, severity="warning")
            return
        self._queue.append(event)
        if len(self._queue) == 1:
            await self._handle_first()

    async def _handle_first(self) -> None:
        app, screen, event = self._app, self._app.screen, self._queue[0]
        target = app.focused or screen
        if isinstance(screen, DialogBase) and screen.is_stray(event):
            app.call_later(self._handle_next)
            return
        if isinstance(event, events.Key):
            app.last_key = event
            app.messages.key_pressed(event)
            app.note("")
        await self._handle(event)
        self._handling = create_task(self._until_handled(target, screen))

    async def _until_handled(self, target: DOMNode, screen: Screen[Any]) -> None:
        """Wait until the key has done all it does; then take the next.

        It has bubbled through all that may want it, the app at last; what it asked of the database is answered; and
        the page that it opened is there. A slow database holds the next key for `KEY_WAIT_S` only.
        """
        app, end = self._app, monotonic() + KEY_WAIT_S
        await _until_idle(target.ancestors_with_self)
        while (is_busy() or app.screen is not screen) and (left := end - monotonic()) > 0:
            screen = app.screen
            await wait_until_idle(left)
            await _until_idle(app.screen.walk_children(with_self=True))
        app.call_later(self._handle_next)

    async def _handle_next(self) -> None:
        self._queue.popleft()
        if self._queue:
            await self._handle_first()


async def _until_idle(nodes: Iterable[DOMNode]) -> None:
    """Wait until each of the nodes has handled what it was sent so far."""
    for node in nodes:
        passed = Event()
        if isinstance(node, MessagePump) and node.call_later(passed.set):
            with suppress(TimeoutError):
                await wait_for(passed.wait(), WIDGET_WAIT_S)
