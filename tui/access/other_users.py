"""The users beside the access of one: any of them to look at instead, and who may open the same path."""

from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from models import users
from models.access import verdicts
from models.access.rules import Path
from models.db.given_rows import InMemoryRows, RowsByIds
from models.errors import ShopError
from models.text import plural
from models.users import UserRow
from tui.widgets.column_layout import Column
from tui.widgets.columns import status_sign
from tui.widgets.record_list import RecordList
from tui.workers import AtRest, LatestOnly


class UserList(RecordList[UserRow]):
    """All users; the cursor chooses whose access is shown."""

    @dataclass
    class Chosen(Message):
        """The cursor rests on a user."""

        id: int

    def __init__(self, id: int) -> None:
        columns = [Column[UserRow]("E-mail", lambda row, _: row.email, sort="email")]
        super().__init__(users.listing, columns, noun="user", empty="", sign=status_sign, id="users")
        self.first = id
        self._at_rest = AtRest(self, self._choose)

    @on(RecordList.Changed)
    def _step(self, message: RecordList.Changed) -> None:
        message.stop()
        self._at_rest.start()

    def _choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self.current.id))


class WhoElse(RecordList[UserRow]):
    """The other users who may open a path, calculated once the cursor rests on it."""

    def __init__(self) -> None:
        super().__init__(InMemoryRows([]), [_email("")], noun="user", empty="", sign=status_sign, id="who-else")
        self._path: Path | None = None
        self._user: int | None = None
        self._at_rest = AtRest(self, self._calculate)
        self._latest = LatestOnly(self)

    @on(RecordList.Changed)
    def _step(self, message: RecordList.Changed) -> None:
        message.stop()

    def show(self, user: int, path: Path) -> None:
        """Show who may open the path besides this user."""
        if (user, path) != (self._user, self._path):
            self._user, self._path = user, path
            self._at_rest.start()

    @work
    async def _calculate(self) -> None:
        user, path = self._user, self._path
        assert path is not None
        try:
            groups = await self._latest.run(lambda: verdicts.users_by_verdict(path))
        except ShopError:  # the reasons tell of a database that is away
            return
        if groups is not None:
            ids = [id for group in groups if group.decision.allowed for id in group.users if id != user]
            title = f"{plural(len(ids), 'other')} may open {path}"
            self.set_source(
                RowsByIds(users.listing, ids), [_email(title)], noun="user", empty="Nobody else.", sign=status_sign
            )


def _email(title: str) -> Column[UserRow]:
    return Column(title, lambda row, _: row.email)
