"""A program that is killed at any moment leaves each change whole, or not made at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from models import groups
from tests.conftest import Shop

EVEN, ODD = range(2, 42, 2), range(3, 43, 2)
"""The roles that a group of that name holds: as many rows that only one transaction can change together."""

PROGRAM = """
import sys
from itertools import count
from models import groups, memberships
from models.db.connection import open_database

open_database(sys.argv[1])
even, odd, members = range(2, 42, 2), range(3, 43, 2), list(range(1, 31))
for number in count():
    id = groups.create(f"{number} even", even)
    memberships.add(members, [id], edited="group")
    print("created", flush=True)
    groups.update(groups.get(id), f"{number} odd", odd)
    print("updated", flush=True)
    if number % 2:
        groups.delete(id)
        print("deleted", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 2, 3, 7, 20, 51, 100])
def test_killed_while_it_changes_groups_it_leaves_none_half_written(shop: Shop, after: int) -> None:
    shop.roles(*(f"Role {number}" for number in range(41)))
    shop.users(*(f"user{number}@shop.example" for number in range(30)))
    before = shop.sql("SELECT max(id_acl_group) FROM spy_acl_group")[0]
    root = Path(groups.__file__).parent.parent
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(shop.path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    with program, program.stdout:
        done = [program.stdout.readline().strip() for _ in range(after)]
        program.kill()
        done += program.stdout.read().split()
    assert program.returncode == -9
    assert shop.sql("PRAGMA integrity_check") == ["ok"]
    assert shop.sql("PRAGMA foreign_key_check") == []
    found = shop.sql("SELECT id_acl_group, name FROM spy_acl_group WHERE id_acl_group > ? ORDER BY 1", before)
    archived = shop.sql("SELECT id_acl_group, name FROM spy_acl_group_archive")
    for id, name in found:
        held = shop.sql("SELECT fk_acl_role FROM spy_acl_groups_has_roles WHERE fk_acl_group = ? ORDER BY 1", id)
        assert held == list(EVEN if name.endswith("even") else ODD)
        members = shop.sql("SELECT count(*) FROM spy_acl_user_has_group WHERE fk_acl_group = ?", id)[0]
        assert members == 30 or (members == 0 and (id, name) == found[-1])
    assert not {id for id, _ in found} & {id for id, _ in archived}
    # What it said was done is done, and at most the one change after it.
    assert 0 <= len(found) + len(archived) - done.count("created") <= 1
    assert 0 <= len(archived) - done.count("deleted") <= 1
    shop.reopen()
    assert groups.create("After it", [1])
