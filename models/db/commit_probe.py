"""Finds out whether a change was written, where the answer to its commit is lost.

PostgreSQL is asked for the end of the transaction itself. MySQL and MariaDB keep no record of it, so the rows are
asked: each statement of a change records a question about the first row that it wrote. A transaction is written whole
or not at all, so that one of its rows could speak for all of them, were nobody else at work; every question is asked
because a colleague may have written one of the rows just as we would have, but hardly the time of the change too
(`updated_at`, in whole seconds). That each of them holds for a colleague's change stays possible only where the same
change was made with this program within the same second.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Column, Table

from models.db.tables import GroupRole, Membership, ShopTable, ask, shop, tuples
from models.errors import Unavailable

MAX_QUESTIONS = 100
"""Questions of one change, of 400 rows each: a change of more rows than that is held to be written by these."""

MAX_SENTENCES = 3
"""Rows of which it is said what is in the database now."""


@dataclass(frozen=True, slots=True)
class _Question:
    query: Any
    """For a row that the change wrote or deleted."""
    there: bool
    """Whether the row is found where the change was written."""
    describe: Callable[[], str] | None
    """Says in a sentence what is in the database now."""

    def holds(self) -> bool:
        return bool(tuples(self.query.limit(1))) is self.there


class _Transaction(threading.local):
    def __init__(self, id: int | None = None) -> None:
        self.id = id
        """As PostgreSQL knows it; None on other databases."""
        self.questions: list[_Question] = []
        self.is_doubtful = False
        """Whether a row looked before the change as it does after it."""


_transaction = _Transaction()


def reset(id: int | None = None) -> None:
    """Forget the transaction before, in the thread that begins the next one or has ended it."""
    _transaction.__init__(id)  # type: ignore[misc]


def is_needed() -> bool:
    """Whether questions have to be recorded: not where the database knows the transaction or cannot be lost."""
    return _transaction.id is None and bool(shop.obj.for_update)


def record(question: Any, *, there: bool, describe: Callable[[], str] | None = None) -> None:
    """Keep a query whose row will be there, or will not, where the change is written."""
    if is_needed() and len(_transaction.questions) < MAX_QUESTIONS:
        _transaction.questions.append(_Question(question, there, describe))


def record_doubt() -> None:
    """Note that a row looks after the change as it did before it: the other rows alone prove nothing."""
    _transaction.is_doubtful = True


def was_committed() -> bool | None:
    """Whether the transaction was committed; None where that cannot be told.

    Raises Unavailable while it is still in progress.
    """
    if _transaction.id is not None:
        return _status(_transaction.id)
    held = [question.holds() for question in _transaction.questions]
    if all(held):
        return None if held and _transaction.is_doubtful else True
    return None if any(held) else False


def describe() -> str:
    """What is in the database now of what the change was to write, in sentences; empty where none can be made."""
    found = (question.describe() for question in _transaction.questions if question.describe)
    return " ".join(sentence for _, sentence in zip(range(MAX_SENTENCES), filter(None, found)))  # noqa: B905


def describe_link(model: type[ShopTable], pair: tuple[int, int]) -> str:
    """Whether two records are linked now, in a sentence; empty where one of them is gone."""
    names = []
    for name, id in zip(model._meta.sorted_field_names, pair, strict=True):
        other = model._meta.fields[name].rel_model
        names += tuples(other.select(other.email if name == "user" else other.name).where(other.id == id))
    if len(names) < len(pair):
        return ""
    ((group,), (other,)) = names
    conditions = [model._meta.fields[name] == id for name, id in zip(model._meta.sorted_field_names, pair, strict=True)]
    linked = bool(tuples(model.select().where(*conditions)))
    sentences = {
        Membership: ("{other} is in “{group}” now.", "{other} is not in “{group}” now."),
        GroupRole: ("“{group}” has the role “{other}” now.", "“{group}” does not have the role “{other}” now."),
    }
    return sentences[model][0 if linked else 1].format(group=group, other=other)


def describe_deleted(model: type[ShopTable], id: int) -> str:
    """That a record is deleted now, in a sentence; empty where it is not."""
    if tuples(model.select(model.id).where(model.id == id)):
        return ""
    noun, archive = model.__name__.lower(), _archive(model)
    named = archive.select(Column(archive, "name")).where(Column(archive, model.id.column_name) == id)
    names = tuples(named) if "name" in model._meta.fields else []
    return f"The {noun} “{names[0][0]}” is deleted now." if names else f"The {noun} is deleted now."


def archived(model: type[ShopTable], id: int, at: datetime) -> Any:
    """The query for the archived row of a record that was deleted at this time."""
    archive = _archive(model)
    key = Column(archive, model.id.column_name)
    return archive.select(key).where((key == id) & (Column(archive, "archived_at") == at))


def _archive(model: type[ShopTable]) -> Table:
    return Table(f"{model._meta.table_name}_archive").bind(shop)


def _status(id: int) -> bool | None:
    status = ask(shop.obj, "SELECT txid_status(%s)", [id])[0][0]
    if status == "in progress":
        raise Unavailable("The transaction is still in progress.")
    return None if status is None else status == "committed"
