"""A change and its undo leave the rows as they were; what others changed meanwhile survives, or nothing is undone."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from models.access import rules
from models.access.verdicts import users_by_verdict
from models.changes import history, undo
from models.changes.history import Record
from models.changes.undo import Overtaken
from models.errors import Refused
from tests.models.changes import pictures
from tests.models.changes.pictures import Picture
from tests.models.changes.test_recording import Recorded
from tests.models.test_property import SideBySide, stand_in

ended = Counter[str]()
"""How often an undo ended how."""


PATHS = [rules.Path(*parts) for parts in (("user", "*", "*"), ("sales", "index", "index"), ("*", "*", "*"))]


@dataclass(frozen=True)
class State:
    """The tables and their archives, and what each user may do."""

    rows: Picture
    archived: Picture
    verdicts: list[set[tuple[Any, ...]]]
    """For each of the paths: users, whether they may open it, and why."""


def look() -> State:
    verdicts = [{(each.users, each.decision.allowed, each.reason) for each in users_by_verdict(path)} for path in PATHS]
    return State(pictures.take(), pictures.take_archives(), verdicts)


class Undoing(Recorded):
    """The random changes of `test_property`, of which some are taken back, then made again."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[State, State]] = {}
        """What was before and after each recorded change."""
        super().__init__()

    def both(self, act: Callable[[], Any], change: Callable[[Any, Any], Any]) -> Any:
        before = look()
        result = super().both(act, change)
        newest = next(self.records(), None)
        if newest is not None and newest.id not in self.states and newest.intent["undoes"] is None:
            self.states[newest.id] = before, look()
            for record in islice((record for record in self.records() if record.id in self.states), 0, 9, 3):
                self.undo_and_redo(record)
        return result

    def records(self) -> Iterator[Record]:
        return history.records(Path(self.folder.name) / "history")

    def undo_and_redo(self, record: Record) -> None:
        before, after = self.states[record.id]
        now = look()
        is_last = now == after
        try:
            lost = undo.undo(record)
        except (Overtaken, Refused) as error:
            assert look() == now
            assert not is_last or is_refused_rightly(record, error), (record.summary, error)
            ended[type(error).__name__] += 1
            return
        undone = look()
        new_users = [op["id"] for op in record.ops if op["table"] == "spy_user" and op["before"] is None]
        if not is_last:
            require_survival(after.rows, now.rows, undone.rows)
        elif new_users:
            (id,) = new_users
            assert undone.rows == now.rows | {("spy_user", id): {**now.rows["spy_user", id], "status": 2}}
        else:
            assert undone.rows == before.rows, record.summary
            assert undone.verdicts == before.verdicts, record.summary
            creates = any(op["before"] is None and isinstance(op["id"], int) for op in record.ops)
            assert creates or undone.archived == before.archived, record.summary
        ended["undone" if is_last else "undone after others"] += 1
        if lost is not None:
            undo.undo(next(self.records()))
        assert look() == now
        self.compare()


def is_refused_rightly(record: Record, error: Exception) -> bool:
    """Whether nothing of the change can be taken back: a password alone, or what makes the one administrator."""
    changed = {column for op in record.ops for column in (op["after"] or {"": None})}
    return changed == {"password"} or any(
        text in str(error)
        for text in ("User was not deleted", "User was not deactivated", "no active user could manage")
    )


def require_survival(after: Picture, now: Picture, undone: Picture) -> None:
    """What others changed since is so still."""
    for key in {*after, *now}:
        was, theirs = after.get(key), now.get(key)
        if theirs is None or was is None:
            assert was == theirs or undone.get(key) == theirs, key
        else:
            changed = {column: value for column, value in theirs.items() if was[column] != value}
            assert not changed or changed.items() <= undone[key].items(), key


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        pytest.param("sqlite", 5, marks=pytest.mark.slow),
        pytest.param("postgres", 2, marks=pytest.mark.slow),
        pytest.param("mariadb", 2, marks=pytest.mark.slow),
    ],
)
def test_random_changes_are_undone_and_made_again(monkeypatch: pytest.MonkeyPatch, kind: str, examples: int) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    monkeypatch.setattr(SideBySide, "kind", kind)
    ended.clear()
    run_state_machine_as_test(Undoing, settings=settings(max_examples=examples, stateful_step_count=50))
    assert min(ended[end] for end in ("undone", "undone after others", "Overtaken", "Refused")) > examples, ended
