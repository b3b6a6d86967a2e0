"""Finds out whether a change was committed, where the answer to its commit is lost.

PostgreSQL is asked for the end of the transaction itself. MySQL and MariaDB keep no record of it, so the rows are
asked: each statement of a change records a question about the first row that it wrote. A transaction is committed
whole or not at all, so that one of its rows would be enough, were nobody else at work; every question is asked
because a colleague may have written one of the rows just as we would have, but hardly the time of the change too
(`updated_at`, in whole seconds). That each of them holds for a colleague's change stays possible only where the same
change was made with this program within the same second.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from peewee import SQL

from models.db.archive import archived_name
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import GroupRole, Membership, ShopTable

MAX_QUESTIONS = 100
"""Questions of one change, of 400 rows each: of a change of more rows than that, these alone decide."""

MAX_SENTENCES = 3
"""Rows whose present state is described."""


@dataclass(frozen=True, slots=True)
class _Question:
    query: Any
    """For a row that the change wrote or deleted."""
    exists: bool
    """Whether the query has a row where the change was committed."""
    describe: Callable[[], str] | None
    """What is in the database now, in a sentence."""

    def is_as_committed(self) -> bool:
        return bool(tuples(self.query.limit(1))) is self.exists


class _Transaction(threading.local):
    def __init__(self) -> None:
        self.reset(None)

    def reset(self, id: int | None) -> None:
        self.id = id
        """None where the database does not tell how a transaction ended."""
        self.questions: list[_Question] = []
        self.is_doubtful = False
        """Whether a row looked before the change as it does after it."""


_transaction = _Transaction()


def reset(id: int | None = None) -> None:
    """Forget the transaction before, in the thread that begins the next one or has ended it."""
    _transaction.reset(id)


def is_needed() -> bool:
    """Whether questions have to be recorded: not where the database knows the transaction or cannot be lost."""
    return _transaction.id is None and opened().dialect.is_server


def record(query: Any, *, exists: bool, describe: Callable[[], str] | None = None) -> None:
    """Record a query that has a row, or has none, once the change is committed."""
    if is_needed() and len(_transaction.questions) < MAX_QUESTIONS:
        _transaction.questions.append(_Question(query, exists, describe))


def record_doubt() -> None:
    """Record that a row looks after the change as it did before it: the other rows alone prove nothing."""
    _transaction.is_doubtful = True


def like(model: type[ShopTable], condition: Any, values: Mapping[str, Any]) -> Any:
    """The query for a row that has these values, by field."""
    query = model.select(SQL("1"))
    if condition is not None:
        query = query.where(condition)
    for name, value in values.items():
        field = model._meta.fields[name]
        query = query.where(field.is_null() if value is None else field == value)
    return query


def was_committed() -> bool | None:
    """Whether the transaction was committed; None where that cannot be told.

    Raises Unavailable while it is still in progress.
    """
    if _transaction.id is not None:
        return opened().dialect.was_committed(_transaction.id)
    answers = [question.is_as_committed() for question in _transaction.questions]
    if all(answers):
        return None if answers and _transaction.is_doubtful else True
    return None if any(answers) else False


def describe() -> str:
    """What is in the database now of what the change was to write, in sentences; empty where none can be made."""
    sentences = (question.describe() for question in _transaction.questions if question.describe)
    return " ".join(islice(filter(None, sentences), MAX_SENTENCES))


def describe_link(model: type[ShopTable], pair: tuple[int, int]) -> str:
    """Whether two records are linked now, in a sentence; empty where one of them is deleted."""
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
    noun = model.__name__.lower()
    names = tuples(archived_name(model, id)) if "name" in model._meta.fields else []
    return f"The {noun} “{names[0][0]}” is deleted now." if names else f"The {noun} is deleted now."
