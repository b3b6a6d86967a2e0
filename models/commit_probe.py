"""What tells afterwards whether a change was written, for the case that the answer to its commit is lost.

A change is written whole or not at all, so that one of its rows can speak for all of them: each change keeps a question
about the first row that it wrote.
"""

import threading
from typing import Any

from models.tables import tuples


class _Kept(threading.local):
    question: Any = None
    """A query for the row, None where nothing was written yet."""
    there = True
    """Whether the row is found where the change was written, or is not."""


_kept = _Kept()


def reset() -> None:
    """Forget the change before, in the thread that makes the next one."""
    _kept.question = None


def record(question: Any, *, there: bool) -> None:
    """Keep a query whose row will be there, or will not, where the change is written; the first one counts."""
    if _kept.question is None:
        _kept.question, _kept.there = question, there


def was_committed() -> bool:
    """Whether the change was written; one that wrote nothing was."""
    return _kept.question is None or bool(tuples(_kept.question.limit(1))) is _kept.there
