"""A list of what was worked out from the database."""

from typing import Generic, TypeVar

from textual.message import Message

from models.db.paging import HasId
from tui.widgets.record_list import RecordList

R = TypeVar("R", bound=HasId)


class ComputedList(RecordList[R], Generic[R]):
    """A list whose rows its page works out: to read them anew is the page's."""

    class Stale(Message):
        """The rows are to be worked out anew."""

    def action_reload(self) -> None:
        """Let the page work the rows out anew."""
        self.post_message(self.Stale())
