"""The journal: chained files of one login each, whatever happens to the program, the disk and the folder."""

import gc
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from models import groups, roles
from models.changes import history, journal, syslog
from models.changes.chained_files import ChainedFiles
from models.changes.journal import Journal
from models.db.change import Change
from models.db.opened import opened
from models.errors import NotFound, Refused
from tests.conftest import Shop
from tests.models.changes.test_recording import record_in

ROOT = Path(__file__).parents[3]
NAMES = "SELECT name FROM spy_acl_role WHERE id_acl_role > 1"


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def entries(folder: Path) -> list[Any]:
    return [json.loads(line) for path in files_of(folder) for line in path.read_text().splitlines()]


def test_no_garbage_is_collected_while_a_change_is_recorded_since_the_shop_is_locked_then(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thousands of rows that takes as long as all else."""
    collects, intend = list[bool](), Journal.intend

    def spy(journal: Journal, change: Change) -> str | None:
        collects.append(gc.isenabled())
        return intend(journal, change)

    monkeypatch.setattr(Journal, "intend", spy)
    record_in(tmp_path)
    roles.create("Media")
    assert collects == [False] and gc.isenabled()


def test_each_change_is_an_intent_and_an_outcome_chained_in_a_file_that_only_its_owner_reads(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SUDO_USER": "anna", "SSH_CLIENT": "10.0.0.7 50000 22"}.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "state" / "history"
    record_in(folder)
    roles.create("Media")
    intent, outcome = entries(folder)
    assert list(intent) == [
        *("kind", "id", "at", "by", "database", "change", "summary", "reason", "ops", "effect", "command", "undoes"),
        *("prev", "hash"),
    ]
    assert list(outcome) == ["kind", "of", "at", "outcome", "prev", "hash"]
    assert (intent["change"], intent["summary"], intent["prev"]) == ("roles.create", "Media: role created", "")
    assert intent["by"].keys() == {"login", "sudo_user", "host", "ssh_client", "me", "database_user"}
    assert (intent["by"]["sudo_user"], intent["by"]["ssh_client"]) == ("anna", "10.0.0.7")
    assert intent["database"] == opened().dialect.identity()
    assert (outcome["of"], outcome["outcome"], outcome["prev"]) == (intent["id"], "written", intent["hash"])
    assert len(intent["id"]) == 26
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)
    assert history.verify_all(folder) == ([], [], 1)


def test_the_group_of_a_shared_folder_may_read_what_is_recorded_there(shop: Shop, tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    record_in(tmp_path, is_own=False)
    roles.create("Media")
    assert stat.S_IMODE(files_of(tmp_path)[0].stat().st_mode) == 0o640


def test_a_month_continues_the_one_before(tmp_path: Path) -> None:
    files = ChainedFiles(tmp_path, "anna@db1", is_own=True)
    for month in ("2026-10", "2026-10", "2026-11", "2026-10", "2027-01"):  # the fourth by a clock that went back
        files.append({"kind": "outcome"}, month, 1)
    names = [path.name for path in files_of(tmp_path)]
    assert names == [f"anna@db1-{month}.jsonl" for month in ("2026-10", "2026-11", "2027-01")]
    assert history.verify_all(tmp_path) == ([], [], 3)


def test_the_next_writer_ends_a_line_that_was_torn(tmp_path: Path) -> None:
    files = ChainedFiles(tmp_path, "anna@db1", is_own=True)
    files.append({"kind": "intent"}, "2026-11", 1)
    with files_of(tmp_path)[0].open("ab") as file:
        file.write(b'{"kind":"int')
    files.append({"kind": "intent"}, "2026-11", 1)
    damages, torn, _ = history.verify_all(tmp_path)
    assert (damages, [each.line for each in torn]) == ([], [2])


# Where it cannot be written


def link(folder: Path) -> None:
    (folder / "elsewhere").write_text("kept")
    name = next(iter(files_of(folder)), folder / "none").name
    (folder / name).unlink()
    (folder / name).symlink_to(folder / "elsewhere")


def give_to_another(folder: Path) -> None:
    os.chown(files_of(folder)[0], 4711, -1)


def replace_by_a_pipe(folder: Path) -> None:
    path = files_of(folder)[0]
    path.unlink()
    os.mkfifo(path)


TROUBLES = {
    "of another user": (give_to_another, "belongs to another user"),
    "a link": (link, "Too many levels of symbolic links"),
    "a pipe": (replace_by_a_pipe, "is not a file"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_file_that_is_not_ours_is_not_written_and_the_change_is_made_all_the_same(
    shop: Shop, tmp_path: Path, name: str
) -> None:
    if name == "of another user" and os.geteuid():
        pytest.skip("only root can give files away")
    trouble, words = TROUBLES[name]
    folder = tmp_path / "history"
    written = record_in(folder)
    roles.create("Media")
    trouble(folder)
    assert words in written.check()
    roles.create("Order support")
    assert words in written.problem and str(folder) in written.problem
    assert shop.sql(NAMES) == ["Media", "Order support"]


def test_a_folder_that_is_named_and_not_there_is_not_created(shop: Shop, tmp_path: Path) -> None:
    written = record_in(tmp_path / "nowhere", is_own=False)
    assert written.check() == f"{tmp_path}/nowhere: there is no such folder"
    roles.create("Media")
    assert written.problem == f"{tmp_path}/nowhere: there is no such folder"
    assert not (tmp_path / "nowhere").exists()


def test_where_a_record_is_required_what_cannot_be_recorded_is_refused_before_it_is_made(
    shop: Shop, tmp_path: Path
) -> None:
    record_in(tmp_path / "nowhere", is_own=False, is_required=True)
    with shop.untouched(), pytest.raises(Refused, match=r"^The change cannot be recorded: .*no such folder"):
        groups.create("Night shift", [1])


def test_what_works_again_is_recorded_again(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    written = record_in(folder, is_own=False)
    roles.create("Media")
    folder.mkdir()
    roles.create("Order support")
    assert written.problem == ""
    assert [record.summary for record in history.records(folder)] == ["Order support: role created"]


def test_a_lock_that_another_program_keeps_counts_as_not_written_after_a_while(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = record_in(tmp_path)
    roles.create("Media")
    monkeypatch.setattr(journal, "APPEND_TIMEOUT_S", 0.2)
    with next(tmp_path.glob(".*.lock")).open("rb") as file:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        roles.create("Order support")
    assert written.problem.endswith(("another program keeps it locked", "it takes longer than 0.2 seconds"))


def test_a_disk_that_hangs_counts_as_not_written_after_a_while(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = record_in(tmp_path)
    monkeypatch.setattr(journal, "APPEND_TIMEOUT_S", 0.1)
    monkeypatch.setattr("models.changes.chained_files.os.fsync", lambda _: time.sleep(0.5))
    roles.create("Media")
    assert written.problem == f"{tmp_path}: it takes longer than 0.1 seconds"
    assert shop.sql(NAMES) == ["Media"]


SMALL_DISK = """
import json, sys
from pathlib import Path
from models.changes.journal import Journal
from models.db import connection as database
from models import roles
folder, shop = Path(sys.argv[1]), sys.argv[2]
journal = Journal(folder)
database.open_database(shop, recorder=journal)
numbers = iter(range(1000))
while not journal.problem:
    roles.create(f"{next(numbers)} " + "x" * 250)
print(journal.problem)
(folder / "ballast").unlink()
roles.create("Room again")
print(journal.problem)
Path(sys.argv[3]).write_text("".join(path.read_text() for path in folder.glob("*.jsonl")))
"""


def test_a_full_disk_is_said_and_leaves_no_part_of_a_line(shop: Shop, tmp_path: Path) -> None:
    folder, line = tmp_path / "disk", 'mount -t tmpfs -o size=64k tmpfs "$1" && head -c 16384 /dev/zero > "$1/ballast"'
    folder.mkdir()
    copy = tmp_path / "copy" / "anna@db1-2026-11.jsonl"
    copy.parent.mkdir()
    line += ' && exec "$2" -c "$3" "$1" "$4" "$5"'
    words = [str(folder), sys.executable, SMALL_DISK, shop.location, str(copy)]
    command = ["unshare", "-rm", "sh", "-c", line, "sh", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("may not mount a small disk")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{folder}: the disk is full", ""]
    assert history.verify_all(copy.parent) == ([], [], 1)


# Killed, and several at once

PROGRAM = """
import sys
from itertools import count
from pathlib import Path
from models import roles
from models.changes.journal import Journal
from models.db.connection import open_database

open_database(sys.argv[1], recorder=Journal(Path(sys.argv[2])))
for number in count() if len(sys.argv) < 5 else range(int(sys.argv[4])):
    roles.create(f"{sys.argv[3]} {number}")
    print(number, flush=True)
"""


def start(shop: Shop, folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, shop.location, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_of_a_program_that_is_killed_no_written_change_lacks_a_record_and_no_record_says_too_much(
    shop: Shop, tmp_path: Path, rounds: int
) -> None:
    folder = tmp_path / "history"
    for number in range(rounds):
        program = start(shop, folder, f"Round {number}")
        assert program.stdout is not None
        with program:
            program.stdout.readline()
            time.sleep((number * 7 % 23) / 1000)
            program.send_signal(signal.SIGKILL)
    found = list(history.records(folder))
    recorded = {record.ops[0]["name"]: record.outcome for record in found}
    stored = set(shop.sql(NAMES))
    assert stored <= recorded.keys()
    assert {name for name, outcome in recorded.items() if outcome == "written"} <= stored
    assert len(found) == len(recorded)
    assert [record for record in found if record.outcome == "not written"] == []
    damages, torn, _ = history.verify_all(folder)
    assert damages == [] and len(torn) <= rounds


def test_two_programs_of_one_login_at_once_make_one_chain(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "history"
    programs = [start(shop, folder, name, 15) for name in ("One", "Other")]
    for program in programs:
        program.communicate()
        assert program.returncode == 0
    assert len(files_of(folder)) == 1
    assert len(list(history.records(folder))) == len(shop.sql(NAMES)) == 30
    assert history.verify_all(folder) == ([], [], 1)


def test_several_logins_in_one_folder_each_have_a_chain_and_are_read_as_one(shop: Shop, tmp_path: Path) -> None:
    writers = [ChainedFiles(tmp_path, f"login{number}@db1", is_own=True) for number in range(8)]

    def append(number: int) -> None:
        by = {"login": f"login{number % 8}", "host": "db1", "sudo_user": None, "me": None}
        entry = {
            "kind": "intent",
            "id": f"{number:026}",
            "at": "2026-11-27T09:00:00+00:00",
            "by": by,
            "database": "",
            "change": "",
            "summary": "",
            "ops": [],
        }
        writers[number % 8].append(entry, "2026-11", 10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(80)))
    assert sorted(int(record.id) for record in history.records(tmp_path)) == [*range(80)]
    assert history.verify_all(tmp_path) == ([], [], 8)


def test_a_record_is_found_though_the_clock_was_set_back_after_it(tmp_path: Path) -> None:
    files = ChainedFiles(tmp_path, "anna@db1", is_own=True)
    by = {"login": "anna", "host": "db1", "sudo_user": None, "me": None}
    entry = {"at": "2026-11-27T09:00:00+00:00", "by": by, "database": "", "change": "", "summary": "", "ops": []}
    for digit in "395":
        files.append({"kind": "intent", "id": digit * 26} | entry, "2026-11", 2)
    assert [history.find(tmp_path, digit).id[0] for digit in "359"] == ["3", "5", "9"]
    with pytest.raises(NotFound):
        history.find(tmp_path, "é\ud800")


# Syslog


def test_syslog_gets_id_login_summary_and_hash(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.settimeout(5)
        log.bind(str(tmp_path / "log"))
        monkeypatch.setattr(syslog, "ADDRESS", str(tmp_path / "log"))
        written = record_in(tmp_path / "history", uses_syslog=True)
        roles.create("Media \u200f 店")
        intent, outcome = entries(tmp_path / "history")
        lines = [log.recv(10_000).decode() for _ in range(2)]
    summary = "Media ? 店: role created"
    login = intent["by"]["login"]
    assert lines[0].endswith(f"]: intent {intent['id']} {login}: {summary} {intent['hash']}")
    assert lines[1].endswith(f"]: outcome {intent['id']} written {outcome['hash']}")
    assert written.take_warning() == ""


def test_a_syslog_that_is_not_there_is_said_and_the_record_written(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "ADDRESS", str(tmp_path / "nowhere"))
    written = record_in(tmp_path / "history", uses_syslog=True)
    roles.create("Media")
    roles.create("Desk")
    assert written.problem == ""
    assert [written.take_warning() for _ in range(2)] == ["syslog: No such file or directory", ""]


def test_a_journal_that_is_not_used_creates_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "a" / "b").check() == ""
    assert list(tmp_path.iterdir()) == []
