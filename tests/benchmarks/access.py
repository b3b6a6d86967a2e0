"""The access of all users of a large shop, and what a change to a group of all of them would do."""

import asyncio
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from models.access import rules
from models.access.compute_impact import compute_impact
from models.access.decision import build_chain, decide
from models.access.grants import read_grants, read_users_by_groups
from models.access.impact import AccessChange
from models.access.regions import Branch, build_tree
from models.db.connection import close_database, open_database, read_connection
from models.db.tables import Permission
from tests.benchmarks.result import Result

USERS, GROUPS, ROLES, RULES, SETS = 100_000, 2_000, 300, 5_000, 500
ALL_STAFF = 2
"""The group that every user is in; each is in two more."""
RUNS = 5
SAMPLE = 5_000
"""Pairs of a user and a class of paths that are decided one at a time."""

CHANGES: dict[str, Callable[[], AccessChange]] = {
    "roles": lambda: _roles([5, 6, 7]),
    "full access": lambda: _roles([1]),
    "deletion": lambda: AccessChange(deleted_groups=[ALL_STAFF]),
    "a rule": lambda: AccessChange(added_rules={min(_held()): [(rules.Path("bundle-3", "*", "*"), Permission.DENY)]}),
}


def measure(_: int) -> Iterator[Result]:
    """All users at once against one pair at a time; more users in as many sets of groups; previews."""
    with tempfile.TemporaryDirectory() as folder:
        shops = {users: Path(folder) / f"{users}.db" for users in (USERS // 10, USERS)}
        seconds: dict[int, list[float]] = {users: [] for users in shops}
        for users, path in shops.items():
            _fill(path, users)
        for _run in range(RUNS):
            for users, path in shops.items():
                with _opened(path):
                    seconds[users].append(_timed(_access_of_all))
        everyone, few = 1000 * median(seconds[USERS]), 1000 * median(seconds[USERS // 10])
        with _opened(shops[USERS]):
            pairs, each = _one_at_a_time()
            what = f"access: 200 times that of all {USERS:,} users ({pairs:,} pairs of a user and a class)"
            yield Result(what, 200 * everyone, 1000 * pairs * each, "one pair at a time, extrapolated", "ms", 1, RUNS)
            what = f"access: per user, {USERS // SETS} in each set of groups"
            yield Result(
                what, 1000 * everyone / USERS, 10_000 * few / USERS, f"{USERS // SETS // 10} in each", "µs", 1, RUNS, 1
            )
            for name, change in CHANGES.items():
                taken, late = [], []
                for _run in range(RUNS):
                    act = partial(_preview, change)
                    taken.append(_timed(act))
                    late.append(asyncio.run(_lateness(act)))
                what = f"access: preview, {name} of a group with {USERS:,} members"
                yield Result(what, 1000 * median(taken), 1000, "allowed", "ms", 1, RUNS)
                yield Result(f"{what}, a step of the event loop late", 1000 * max(late), 50, "allowed", "ms", 1, RUNS)
        memory = [_memory(shops[USERS], name) for name in ("nothing", "full access")]
        what = "access: most memory in a preview"
        yield Result(what, memory[1], memory[0], "before it", "MiB", 4, 1)


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _access_of_all() -> dict[tuple[int, ...], tuple[list[int], Branch]]:
    """Everyone's verdict on all paths: the users of each set of groups, and its tree."""
    with read_connection():
        sets = read_users_by_groups()
        grants = read_grants(set().union(*sets))
    return {held: (users, build_tree(build_chain(grants.groups(held)))) for held, users in sets.items()}


def _one_at_a_time() -> tuple[int, float]:
    """How many pairs of a user and a class there are, and the seconds that deciding one of a sample takes."""
    luck = random.Random(1)
    access = _access_of_all()
    with read_connection():
        grants = read_grants(set().union(*access))
    pairs = sum(len(users) * sum(1 for _ in branch.leaves()) for users, branch in access.values())
    sample = []
    for held, (_, branch) in luck.choices(list(access.items()), k=SAMPLE):
        leaf = luck.choice(list(branch.leaves()))
        sample.append((leaf, grants.groups(held)))
    start = time.perf_counter()
    for leaf, groups in sample:
        assert decide(leaf.scope.path, groups).allowed == leaf.allowed
    return pairs, (time.perf_counter() - start) / SAMPLE


async def _lateness(act: Callable[[], object]) -> float:
    """The most seconds that a step of the event loop comes late while a thread is at work."""
    work, worst = asyncio.create_task(asyncio.to_thread(act)), 0.0
    while not work.done():
        start = time.perf_counter()
        await asyncio.sleep(0.005)
        worst = max(worst, time.perf_counter() - start - 0.005)
    await work
    return worst


def _held() -> frozenset[int]:
    """The roles of the large group."""
    with read_connection():
        return read_grants([ALL_STAFF]).roles_by_group[ALL_STAFF]


def _roles(others: list[int]) -> AccessChange:
    """Other roles for the large group in place of those it holds."""
    return AccessChange(added_roles={ALL_STAFF: others}, removed_roles={ALL_STAFF: _held()})


def _memory(path: Path, name: str) -> float:
    """The most MiB that a program which makes this preview, or nothing, has had in use (Linux only)."""
    command = [sys.executable, "-m", "tests.benchmarks.access", str(path), name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    open_database(str(path))
    try:
        yield
    finally:
        close_database()


def _fill(path: Path, users: int) -> None:
    """Rules that name one of 100 bundles, 12 controllers and 8 actions, or any; a fifth of them deny."""
    with _opened(path):
        pass
    luck = random.Random(users)

    def part(name: str, count: int, any: float) -> str:
        return "*" if luck.random() < any else f"{name}-{luck.randrange(count)}"

    roles, groups = range(2, ROLES + 1), range(2, GROUPS + 1)
    sets = [(ALL_STAFF, *sorted(luck.sample(range(3, GROUPS + 1), 2))) for _ in range(SETS)]
    rules = [
        (
            luck.choice(roles),
            part("bundle", 100, 0.01),
            part("controller", 12, 0.4),
            part("action", 8, 0.6),
            int(n % 5 == 0),
        )
        for n in range(RULES)
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement, rows in (
            ("spy_acl_role (id_acl_role, name) VALUES (?, ?)", [(id, f"Role {id}") for id in roles]),
            ("spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (?, ?, ?, ?, ?)", rules),
            ("spy_acl_group (id_acl_group, name) VALUES (?, ?)", [(id, f"Group {id}") for id in groups]),
            (
                "spy_acl_groups_has_roles VALUES (?, ?)",
                [(group, role) for group in groups for role in luck.sample(roles, 1 + group % 3)],
            ),
            (
                "spy_user (id_user, first_name, last_name, username, password) VALUES (?, 'P', 'U', ?, '!')",
                [(id, f"person.{id}@shop.example") for id in range(1, users + 1)],
            ),
            (
                "spy_acl_user_has_group VALUES (?, ?)",
                [(group, user) for user in range(1, users + 1) for group in sets[user % SETS]],
            ),
        ):
            connection.executemany(f"INSERT INTO {statement}", rows)


def _preview(change: Callable[[], AccessChange]) -> object:
    return compute_impact(change()).summary


if __name__ == "__main__":
    with _opened(Path(sys.argv[1])):
        if sys.argv[2] in CHANGES:
            compute_impact(CHANGES[sys.argv[2]]())
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) / 1024)
