"""The app as its pages know it; importing it brings no page along."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from models.db.connection import Opened
from tui.drafts import Form

if TYPE_CHECKING:  # a start takes none of it
    from models.access.rules import Path

Kind = Literal["group", "role", "user", "access"]
"""What a page is of; `access` is what a user may do, and why."""


class AppBase(App[None]):
    """What pages and widgets may ask of the app."""

    SECTIONS = (("users", "Users"), ("groups", "User Groups"), ("roles", "User Roles"), ("access", "Access"))

    opened: Opened
    keys: Mapping[str, str]
    """The keys that differ from those in the code, by the ids of their bindings."""
    forms: set[Form]
    """The forms that are open."""
    top_lines: WeakSet[Widget]
    """The first lines of the pages, which show the state of the connection."""
    last_key: events.Key | None
    """That was handled, or is."""
    reachable = reactive(True, bindings=False)
    """Whether the database answered when it was asked last."""
    waiting = reactive(False, bindings=False)
    """Whether the database is slow to answer what the next key waits for."""

    @abstractmethod
    def open_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "Path | None" = None
    ) -> None:
        """Open the page of a record, or without `id` the one that creates it, over the page that is shown.

        `name` is what messages call the record until it is read. A role opens at a `rule`, a user's access at a `path`.
        """

    @abstractmethod
    async def visit_record(
        self, kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "Path | None" = None
    ) -> int | None:
        """Open the page as `open_record` does and wait until it is closed (in a worker); the record to come back to."""

    @abstractmethod
    def open_page(self, page: Screen[Any]) -> None:
        """Open any other page over the one that is shown."""

    @abstractmethod
    def copy(self, text: str) -> None:
        """Put a text into the terminal's clipboard, and say so."""

    @property
    @abstractmethod
    def lines_of_messages(self) -> int:
        """How many lines of a dialog's screen the messages take."""
