"""A list of what was computed from the database."""

from typing import Generic, TypeVar

from textual.message import Message

from models.db.paging import HasId
from tui.widgets.record_list import RecordList

R = TypeVar("R", bound=HasId)


class ComputedList(RecordList[R], Generic[R]):
    """A list whose rows its page computes: so does a reload."""

    class Stale(Message):
        """The rows are to be computed again."""

    def action_reload(self) -> None:
        self.post_message(self.Stale())
