"""An import of users, checked and written, against a bare executemany of the same rows; and what hashing costs."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median

from models import passwords
from models.db.connection import close_database, open_database
from models.tools import csv_import
from tests.benchmarks.result import Result
from tests.benchmarks.shops import shop

ENTRIES = 10_000
RUNS = 7
HASHES = 16


def measure(_: int) -> Iterator[Result]:
    """Both in turn, each on a fresh copy of a shop of 1,000 users; then some passwords, one by one and on all cores."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            ours.append(_enter(Path(folder)))
            bare.append(_executemany(Path(folder)))
    what = f"import: {ENTRIES:,} users checked and written, without their passwords"
    yield Result(what, 1000 * median(ours), 1000 * median(bare), "executemany", "ms", 10, RUNS)

    start = time.perf_counter()
    for _ in range(HASHES):
        passwords.hashed("Change-me-123")
    alone = (time.perf_counter() - start) / HASHES
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(passwords.hashed, ["Change-me-123"] * HASHES))
    together = (time.perf_counter() - start) / HASHES
    what = f"import: a password's hash, on {os.cpu_count()} cores"
    yield Result(what, 1000 * together, 1000 * alone, "on one core", "ms", 1, HASHES)


def _enter(folder: Path) -> float:
    """Check and write a file as the page does; the seconds without making and hashing passwords."""
    file, database = folder / "users.csv", folder / "shop.db"
    shutil.copy(shop(1_000), database)
    rows = (f"new.{number}@shop.example,New,User {number},root_group|All staff\n" for number in range(ENTRIES))
    file.write_text("".join(rows), encoding="utf-8")
    open_database(str(database))
    try:
        start = time.perf_counter()
        entries = csv_import.read(file)
        csv_import._write(entries, ["!"] * len(entries))
        return time.perf_counter() - start
    finally:
        close_database()


def _executemany(folder: Path) -> float:
    """Insert the same users and memberships past everything."""
    database = folder / "shop.db"
    shutil.copy(shop(1_000), database)
    people = [
        (
            f"new.{number}@shop.example",
            "New",
            f"User {number}",
            "!",
            66,
            0,
            f"uuid-{number}",
            "2026-01-01",
            "2026-01-01",
        )
        for number in range(ENTRIES)
    ]
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        start = time.perf_counter()
        with connection:
            connection.executemany(
                "INSERT INTO spy_user (username, first_name, last_name, password, fk_locale, status, uuid, created_at,"
                " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                people,
            )
            ids = connection.execute("SELECT id_user FROM spy_user WHERE username LIKE 'new.%'").fetchall()
            members = [(group, id) for (id,) in ids for group in (1, 2)]
            connection.executemany("INSERT INTO spy_acl_user_has_group VALUES (?, ?)", members)
        return time.perf_counter() - start
