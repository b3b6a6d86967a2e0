"""Eight programs edit the same groups at once, one of them killed every second: nothing is lost, nothing is half."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.stress import Link, Plan, argument, read

ON_SERVERS = True
PROGRAMS = 8
EDITS = int(os.environ.get("STRESS_EDITS", "320"))
"""In all; the full run is STRESS_EDITS=2000."""


@pytest.mark.slow
def test_edits_of_many_programs_add_up_whichever_of_them_is_killed(shop: Shop, tmp_path: Path) -> None:
    groups = shop.groups(*(f"Group {number}" for number in range(20)))
    for group in groups:
        shop.hold(group, 1)
    plans = []
    for number in range(PROGRAMS):
        roles = shop.roles(*(f"Role {number} {letter}" for letter in "abcde"))
        users = shop.users(*(f"{letter}@{number}.example" for letter in "abcdefgh"))
        log = str(tmp_path / f"{number}.log")
        plans.append(Plan(shop.location, log, number, EDITS // PROGRAMS, groups, roles, users))

    with rewriting(shop):
        kills = run(plans)

    told = [read(Path(plan.log)) for plan in plans]
    found = [outcome for one in told for outcome in one.found]
    print(
        f"\n{shop.kind}: {sum(one.acknowledged for one in told):,} edits acknowledged, "
        f"{sum(one.refused for one in told)} refused, {kills} programs killed, in flight {len(found)}: {found}"
    )
    assert all(one.in_flight is None for one in told)
    assert "half" not in found
    assert shop.kind != "sqlite" or not sum(one.refused for one in told)
    expected: set[Link] = {link for one in told for link in one.links} | {("roles", group, 1) for group in groups}
    assert links(shop) == expected | {("roles", 1, 1)}
    assert dangling(shop) == 0


def run(plans: list[Plan]) -> int:
    """Run the programs to their end, each begun again when it is killed, one of them every second; how many kills."""
    programs = [start(plan) for plan in plans]
    kills, chance = 0, random.Random(4)
    try:
        while running := [place for place, program in enumerate(programs) if program.poll() is None]:
            with suppress(subprocess.TimeoutExpired):
                end = time.monotonic() + 1
                for place in running:
                    programs[place].wait(max(0.0, end - time.monotonic()))
                continue
            place = chance.choice(running)
            programs[place].send_signal(signal.SIGKILL)
            if programs[place].wait() == -signal.SIGKILL:
                kills += 1
                programs[place] = start(plans[place])
    finally:
        for program in programs:
            program.kill()
            program.wait()
    assert [program.returncode for program in programs] == [0] * len(plans)
    return kills


@contextmanager
def rewriting(shop: Shop) -> Iterator[None]:
    """Beside an SQLite file a program that deletes links and adds them again, and locks it all the time."""
    if shop.kind != "sqlite":
        yield
        return
    program = subprocess.Popen([sys.executable, "-m", "tests.stress", shop.location])
    try:
        yield
        assert program.poll() is None
    finally:
        program.kill()
        program.wait()


def start(plan: Plan) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.stress", argument(plan)])


def links(shop: Shop) -> set[Link]:
    roles = shop.sql("SELECT fk_acl_group, fk_acl_role FROM spy_acl_groups_has_roles")
    users = shop.sql("SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group")
    assert len(roles) == len(set(roles)) and len(users) == len(set(users))
    return {("roles", *link) for link in roles} | {("users", *link) for link in users}


def dangling(shop: Shop) -> int:
    """How many links lead to nothing."""
    count = 0
    for table, column, to, key in (
        ("spy_acl_groups_has_roles", "fk_acl_group", "spy_acl_group", "id_acl_group"),
        ("spy_acl_groups_has_roles", "fk_acl_role", "spy_acl_role", "id_acl_role"),
        ("spy_acl_user_has_group", "fk_acl_group", "spy_acl_group", "id_acl_group"),
        ("spy_acl_user_has_group", "fk_user", "spy_user", "id_user"),
    ):
        count += shop.sql(f"SELECT count(*) FROM {table} LEFT JOIN {to} ON {key} = {column} WHERE {key} IS NULL")[0]
    return count
