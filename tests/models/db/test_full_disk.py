"""A full disk is called that, and what did not fit on it leaves nothing behind."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models import groups
from models.db import connection, sqlite
from models.errors import Unavailable
from tests import servers
from tests.conftest import Shop

ON_SERVERS = True

SMALL_DISK = """
import json, os, sys
from models import groups
from models.db import connection as database
from models.errors import ShopError
folder, said = sys.argv[1], []
try:
    database.open_database(f"{folder}/new.db")
    said.append("opened")
    for number in range(300):
        groups.create(f"Group {number} " + "x" * 200, [1])
except ShopError as error:
    said.append(str(error))
there, count = sorted(os.listdir(folder)), 0
if "opened" in said:
    os.unlink(f"{folder}/ballast")
    count = groups.listing.count()
    groups.create("Night shift", [1])
    assert groups.listing.count() == count + 1
print(json.dumps([said, there, count]))
"""


@pytest.fixture
def on_a_disk_of(tmp_path: Path) -> Callable[[int], tuple[list[str], list[str], int]]:
    """Runs SMALL_DISK on a disk of so many kB, a tenth of which can be freed: what it said, left there and counted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    unshare = shutil.which("unshare") or pytest.skip("needs unshare")

    def run(size: int) -> tuple[list[str], list[str], int]:
        ballast = size * 1024 // 10
        line = f'mount -t tmpfs -o size={size}k tmpfs "$1" && head -c {ballast} /dev/zero > "$1/ballast" && '
        line += 'exec "$2" -c "$3" "$1"'
        command = [unshare, "-rm", "sh", "-c", line, "sh", str(folder), sys.executable, SMALL_DISK]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
        if "mount" in done.stderr or "unshare" in done.stderr:
            pytest.skip("may not mount a small disk")
        assert done.stderr == ""
        said, there, count = json.loads(done.stdout)
        return said, there, count

    return run


@pytest.mark.parametrize("size", [16, 64, 152])
def test_a_database_that_has_no_room_is_not_created_and_leaves_nothing(
    on_a_disk_of: Callable[[int], tuple[list[str], list[str], int]], size: int
) -> None:
    said, there, _ = on_a_disk_of(size)
    assert len(said) == 1 and said[0].endswith("new.db: cannot be created: the disk is full")
    assert there == ["ballast"]


@pytest.mark.parametrize("size", [400, 600])
def test_a_change_that_has_no_room_says_so_and_the_next_one_that_has_succeeds(
    on_a_disk_of: Callable[[int], tuple[list[str], list[str], int]], size: int
) -> None:
    said, there, count = on_a_disk_of(size)
    assert said == ["opened", "Database error: the disk is full."] and 1 < count < 300
    assert there == ["ballast", "new.db", "new.db-shm", "new.db-wal"]


def test_where_files_cannot_be_linked_a_full_disk_leaves_no_part_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill, calls = sqlite._fill, []

    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def fill_once(handle: int, content: bytes) -> None:
        calls.append(handle)
        if len(calls) > 1:
            os.write(handle, content[:100])
            os.close(handle)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fill(handle, content)

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(sqlite, "_fill", fill_once)
    with pytest.raises(Unavailable, match=r"cannot be created: the disk is full$"):
        connection.open_database(str(tmp_path / "shop.db"))
    assert list(tmp_path.iterdir()) == []


def raising(kind: str, error: str, words: str) -> tuple[list[str], list[str]]:
    """Triggers with which the server answers each new group as with a full disk."""
    trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON spy_acl_group FOR EACH ROW"
    if kind == "mariadb":
        signal = f"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {error}, MESSAGE_TEXT = '{words}'"
        return [f"{trigger} {signal}"], ["DROP TRIGGER full_disk"]
    body = f"BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{error}'; END"
    function = f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
    return [function, f"{trigger} EXECUTE FUNCTION full_disk()"], ["DROP FUNCTION full_disk CASCADE"]


ERRORS = {
    "postgres": [("53100", "could not extend file: No space left on device")],
    "mariadb": [
        ("1021", "Disk full (/tmp/#sql); waiting for someone to free some space..."),
        ("1026", 'Error writing file ./ib_logfile0 (Errcode: 28 "No space left on device")'),
        ("1030", "Got error 28 from storage engine"),
        ("1114", "The table is full"),
    ],
}


@pytest.mark.server
def test_a_servers_full_disk_is_called_that(shop: Shop) -> None:
    for error, words in ERRORS[shop.kind]:
        make, away = raising(shop.kind, error, words)
        full = pytest.raises(Unavailable, match=r"error: the disk (or the table )?is full")
        with shop._triggers(make, away), shop.untouched(), full:
            groups.create("Night shift", [1])


# No more connections


@pytest.mark.postgres
def test_a_database_that_takes_no_more_connections_says_so(shop: Shop) -> None:
    url = servers.passing("postgres", "crowded", "CONNECTION LIMIT 0")
    with pytest.raises(Unavailable, match=r": too many connections to this database$"):
        connection.open_database(url)


@pytest.mark.mariadb
def test_a_user_who_gets_no_more_connections_is_told_so(shop: Shop) -> None:
    url = servers.needed("mariadb")
    servers.run(url, "CREATE USER few_lines IDENTIFIED BY 's3cret' WITH MAX_USER_CONNECTIONS 1")
    try:
        parts = urlsplit(url)
        few = parts._replace(netloc=f"few_lines:s3cret@{parts.hostname}:{parts.port}", path="/").geturl()
        held = servers.connect(few)
        with pytest.raises(Unavailable, match=r": too many connections for this user$"):
            connection.open_database(f"{few}shop")
        held.close()
    finally:
        servers.run(url, "DROP USER few_lines")


def test_a_role_that_gets_no_more_connections_is_told_so() -> None:
    from peewee import OperationalError

    from models.db.failures import reason

    text = (
        'connection failed: connection to server at "db", port 5432 failed: FATAL:  too many connections for role "a"'
    )
    assert reason(OperationalError(text)) == "too many connections for this user"
