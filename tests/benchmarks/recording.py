"""What recording costs: a save, changes to 5,000 users, and a history of 1,000,000 records that is opened and paged."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from models import groups, memberships, user_status
from models.changes.chain import Entry, seal
from models.changes.history_rows import HistoryRows
from models.changes.journal import Journal
from models.db.change import Recorder
from models.db.connection import close_database, open_database
from models.db.opened import opened, set_opened
from models.db.paging import PAGE
from models.db.tables import Status
from tests.benchmarks.result import Result
from tests.conftest import Shop

RUNS = 15
USERS = 5_000
FEW, MANY = 1_000, 1_000_000
PAGES = 5
WRITTEN = {"outcome": "written"}
LIMITS = {"users added to a group": 3, "users removed": 4, "their group deleted": 8, "users deactivated": 5}
"""Times what the same takes unrecorded: to delete a group is one statement, its record names each user."""


def measure(_: int) -> Iterator[Result]:
    """Each change with a journal and without one; the list at the length of two histories."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        open_database(f"{folder}/shop.db")
        shop = Shop(f"{folder}/shop.db")
        users = shop.users(*(f"user{number}@shop.example" for number in range(USERS)))
        shop.join(1, users[0])  # an administrator remains
        recorders: list[Recorder | None] = [None, Journal(Path(folder) / "history")]
        saves: list[list[float]] = [[], []]
        masses: dict[str, list[list[float]]] = {}
        for run in range(RUNS):
            for place, recorder in enumerate(recorders):
                set_opened(replace(opened(), recorder=recorder))
                id = groups.create(f"Group {run} {place}", [1])
                record = groups.get(id)
                saves[place].append(_timed(lambda: groups.update(record, f"{record.name} now", [1])))  # noqa: B023
                for what, act in _mass_changes(users, id):
                    masses.setdefault(what, [[], []])[place].append(_timed(act))
        close_database()
        without, recorded = map(median, saves)
        yield Result("recording: added to a save", recorded - without, 5, "allowed", "ms", 1, RUNS, 1)
        for what, times in masses.items():
            without, recorded = map(min, times)
            yield Result(f"recording: {what}", recorded, without, "unrecorded", "ms", LIMITS[what], RUNS)
        histories = {count: _write_history(Path(folder) / str(count), count) for count in (FEW, MANY)}
        paged: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(RUNS):  # in turn, as other programs take their time of the machine
            for count, history in histories.items():
                paged[count].append(_timed(lambda: _open_and_page(history)))  # noqa: B023
        few, many = map(median, paged.values())
        what = f"recording: {PAGES + 1} pages of a history of {MANY:,} records"
        yield Result(what, many, few, f"of {FEW:,}", "ms", 1.5, RUNS, 1)
        first, whole = _searched(histories[MANY])
        yield Result("recording: the first find of a search there", first, whole, "for all", "ms", 0.1, 1)


def _mass_changes(users: list[int], group: int) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "users added to a group", lambda: memberships.add(users, [group], edited="group")
    yield "users removed", lambda: memberships.remove(users, [group], edited="group")
    memberships.add(users, [group], edited="group")
    yield "their group deleted", lambda: groups.delete(group)
    yield "users deactivated", lambda: user_status.set_status(users[1:], Status.DEACTIVATED)
    user_status.set_status(users[1:], Status.ACTIVE)


def _write_history(folder: Path, count: int) -> Path:
    """A folder with a history of so many records."""
    by = {"login": "anna", "host": "db1", "sudo_user": None, "me": None}
    at, prev = {"at": "2026-11-27T10:00:00.000+00:00"}, ""
    folder.mkdir()
    with (folder / "anna@db1-2026-11.jsonl").open("wb") as file:
        for number in range(count):
            id, user = f"{number:026}", f"user{number}@shop.example"
            op: Entry = {"table": "spy_acl_user_has_group", "id": [2, number], "name": ["Catalog", user]}
            ops: list[Entry] = [{**op, "before": None, "after": {}}]
            told: Entry = {
                "by": by,
                "database": "",
                "change": "memberships.add",
                "summary": f"Catalog: user {user} added",
            }
            told |= {"reason": None, "ops": ops}
            for entry in {"kind": "intent", "id": id, **at, **told}, {"kind": "outcome", "of": id, **at, **WRITTEN}:
                line, prev = seal(entry, prev)
                file.write(line + b"\n")
    return folder


def _open_and_page(folder: Path) -> None:
    rows = HistoryRows(folder)
    page = rows.page(rows.default_sort, PAGE)
    for _ in range(PAGES):
        page = rows.page(rows.default_sort, PAGE, rows.key(page[-1], rows.default_sort))
    assert len(page) == PAGE


def _searched(folder: Path) -> tuple[float, float]:
    """How long it takes until the first find of a search is there, and until all is searched."""
    rows, begin, times = HistoryRows(folder), time.perf_counter(), list[float]()
    times += [time.perf_counter() - begin for found in rows.find("added", rows.default_sort) if found]
    return 1000 * times[0], 1000 * times[-1]


def _timed(act: Callable[[], object]) -> float:
    """In milliseconds."""
    begin = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begin)
