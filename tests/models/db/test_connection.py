"""Opening a database: what is created, what is refused, and that nothing of somebody else's is ever changed."""

import errno
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from models import groups, memberships, users
from models.db import connection as database
from models.db import sqlite, tables, transactions
from models.db.connection import close_database, open_database
from models.db.paging import Sort
from models.errors import NotFound, Unavailable
from tests.conftest import EMBEDDED, Shop

NAME = Sort("name")


def make(path: Path, script: str = EMBEDDED) -> Path:
    """A file that plain SQLite made, in its own journal mode."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def without(part: str) -> str:
    assert part in EMBEDDED
    return EMBEDDED.replace(part, "")


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


# What is created


def test_a_new_database_holds_the_rows_of_an_installer(shop: Shop) -> None:
    assert shop.sql("SELECT id_acl_group, name, reference FROM spy_acl_group") == [(1, "root_group", "root_group")]
    assert shop.sql("SELECT id_acl_role, name, reference FROM spy_acl_role") == [(1, "root_role", "root_role")]
    rules = shop.sql("SELECT fk_acl_role, bundle, controller, action, type FROM spy_acl_rule")
    assert rules == [(1, "*", "*", "*", 0)]
    assert shop.sql("SELECT fk_acl_group, fk_acl_role FROM spy_acl_groups_has_roles") == [(1, 1)]
    assert shop.sql("SELECT locale_name FROM spy_locale WHERE is_active ORDER BY 1") == ["de_DE", "en_US"]
    assert shop.sql("SELECT * FROM spy_user") == []
    assert groups.get(1) == groups.GroupRecord(1, "root_group", {1: "root_role"})


def test_the_new_database_has_exactly_the_tables_of_the_shop(shop: Shop) -> None:
    needed = {model._meta.table_name for model in tables.MODELS}
    archives = {f"{model._meta.table_name}_archive" for model in tables.ARCHIVED}
    found = shop.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    assert set(found) == needed | archives


def test_opening_says_what_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "shop.db"
    assert open_database(str(path)) == database.Opened("sqlite:shop.db", read_only=False, created=True)
    assert open_database(str(path)) == database.Opened("sqlite:shop.db", read_only=False, created=False)
    assert open_database(str(path), read_only=True) == database.Opened("sqlite:shop.db", read_only=True, created=False)


def test_what_was_saved_is_there_after_opening_again(shop: Shop) -> None:
    id = groups.create("Night shift", [1])
    close_database()
    open_database(str(shop.path))
    assert groups.get(id).name == "Night shift"


def test_only_the_owner_can_read_the_password_hashes(shop: Shop) -> None:
    groups.create("Night shift", [1])  # so that the write-ahead log exists too
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in shop.path.parent.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert "shop.db" in modes


def test_where_files_cannot_be_linked_only_the_owner_can_read_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "shop.db"
    database.open_database(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert groups.get(1).name == "root_group"


def test_every_connection_enforces_foreign_keys_and_waits_for_locks(shop: Shop) -> None:
    seen: list[Any] = []

    def ask() -> None:
        with tables.database.connection_context():
            both.wait()
            pragmas = ("foreign_keys", "busy_timeout")
            seen.append([tables.database.execute_sql(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas])

    both = threading.Barrier(2)
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [[1, sqlite.BUSY_TIMEOUT_S * 1000]] * 2


def test_a_change_does_not_block_readers(shop: Shop) -> None:
    """Write-ahead log: a colleague's open transaction hides nothing and delays nothing."""
    assert shop.sql("PRAGMA journal_mode") == ["wal"]
    with shop.connect() as colleague:
        colleague.execute("BEGIN EXCLUSIVE")
        colleague.execute("INSERT INTO spy_acl_group (name) VALUES ('Unsaved')")
        assert [row.name for row in groups.listing.page(NAME, 10)] == ["root_group"]


def test_a_change_that_meets_a_lock_says_so(shop: Shop) -> None:
    with tables.database.connection_context():
        tables.database.execute_sql("PRAGMA busy_timeout = 10")
    with shop.connect() as colleague, shop.untouched():
        colleague.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"^Database error: locked by another program\.$"):
            groups.create("Night shift", [1])


def test_ids_are_never_used_twice(shop: Shop) -> None:
    """A second archive row would meet the first."""
    first = groups.create("First", [1])
    groups.delete(first)
    close_database()
    open_database(str(shop.path))
    assert groups.create("Second", [1]) > first


def test_opening_another_database_lets_go_of_the_first(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    open_database(str(first))
    open_database(str(second))
    groups.create("Only in the second", [1])
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    held = {os.readlink(link) for link in links if os.path.islink(link)}
    assert str(second) in held
    assert str(first) not in held
    assert Shop(str(first)).sql("SELECT name FROM spy_acl_group") == ["root_group"]


# How a file is named

ODD_NAMES = [
    "my shop.db", "what?.db", "a#b.db", "50%.db", "a%20b.db", "shop.db?mode=memory", "file:shop.db", ":memory:",
    "käse 店.db", "'\";--.db", "[red]x[b].db", "a\nb.db", "-shop.db", "~shop.db", "&a=b.db", os.fsdecode(b"caf\xe9.db"),
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
@pytest.mark.parametrize("how", ["path", "url"])
def test_a_file_name_is_taken_to_the_letter(tmp_path: Path, name: str, how: str) -> None:
    path = str(tmp_path / name)
    location = path if how == "path" else "sqlite:///" + quote(os.fsencode(path))
    assert open_database(location).created
    close_database()
    assert not open_database(location).created
    groups.create("Night shift", [1])
    close_database()
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("location", ["shop.db", "sqlite:///shop.db", "~/shop.db", "sqlite:///~/shop.db"])
def test_relative_and_home_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_database(location).created
    assert (tmp_path / "shop.db").exists()


def test_a_relative_path_stays_the_same_file_when_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections are made when they are needed, long after opening."""
    monkeypatch.chdir(tmp_path)
    open_database("shop.db")
    tables.database.close_all()
    monkeypatch.chdir("/")
    assert groups.get(1).name == "root_group"


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("sqlite://shop.db", "sqlite://shop.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("oracle://localhost/shop", "oracle://"),
        ("", "empty"),
        (" ", "empty"),
    ],
)
def test_what_names_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable) as refusal:
        open_database(location)
    assert named in str(refusal.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("location", ["~no-such-user/shop.db", "sqlite:///a%00b.db", "x" * 5_000])
def test_a_name_that_the_system_refuses_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable):
        open_database(location)


# What is refused, and stays as it was


def a_folder(folder: Path) -> Path:
    (folder / "shop.db").mkdir()
    return folder / "shop.db"


def an_empty_file(folder: Path) -> Path:
    (folder / "shop.db").touch()
    return folder / "shop.db"


def a_text(folder: Path) -> Path:
    (folder / "shop.db").write_text("not a database, but longer than the head of one\n" * 100)
    return folder / "shop.db"


def a_damaged_database(folder: Path) -> Path:
    (folder / "shop.db").write_bytes(b"SQLite format 3\x00" + b"rubbish " * 1_000)
    return folder / "shop.db"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "shop.db")
    return folder / "shop.db"


def a_dangling_link(folder: Path) -> Path:
    (folder / "shop.db").symlink_to(folder / "nowhere.db")
    return folder / "shop.db"


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_text("in the way")
    return folder / "file" / "shop.db"


def another_program(folder: Path) -> Path:
    return make(folder / "shop.db", "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT);")


def lacking_a_table(folder: Path) -> Path:
    return make(folder / "shop.db", EMBEDDED + "DROP TABLE spy_acl_rule;")


def lacking_an_archive(folder: Path) -> Path:
    return make(folder / "shop.db", EMBEDDED + "DROP TABLE spy_acl_group_archive;")


def lacking_a_column(folder: Path) -> Path:
    return make(folder / "shop.db", EMBEDDED + "ALTER TABLE spy_acl_rule DROP COLUMN bundle;")


REFUSED: list[tuple[Callable[[Path], Path], str]] = [
    (a_folder, "not a file"),
    (an_empty_file, "the file is empty, not a database (remove it to have a new one created)"),
    (a_text, "not a database"),
    (a_damaged_database, ""),
    (a_pipe, "not a file"),
    (a_dangling_link, ""),
    (below_a_file, ""),
    (another_program, "not a shop's database: it lacks the table spy_locale, the table spy_user,"),
    (lacking_a_table, "not a shop's database: it lacks the table spy_acl_rule"),
    (lacking_an_archive, "not a shop's database: it lacks the table spy_acl_group_archive"),
    (lacking_a_column, "not a shop's database: it lacks the column spy_acl_rule.bundle"),
]


@pytest.mark.parametrize("read_only", [False, True], ids=["", "read_only"])
@pytest.mark.parametrize(("arrange", "reason"), REFUSED)
def test_refused_by_name_and_not_one_byte_changed(
    tmp_path: Path, arrange: Callable[[Path], Path], reason: str, read_only: bool
) -> None:
    path = arrange(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(Unavailable) as refusal:
        open_database(str(path), read_only=read_only)
    assert contents(tmp_path) == before
    message = str(refusal.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    if path.exists():  # one that is not there has other words when nothing may be created
        assert reason in message


@pytest.mark.parametrize("options", [{"read_only": True}, {"create": False}], ids=str)
def test_a_missing_file_is_created_only_where_that_is_wanted(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "folder" / "shop.db"
    with pytest.raises(Unavailable) as refusal:
        open_database(str(path), **options)
    hint = "" if "read_only" in options else "; backoffice or backoffice init creates it"
    assert str(refusal.value) == f"{path}: no such file{hint}"
    assert contents(tmp_path) == {}


def test_a_locked_file_is_refused_after_the_start_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "START_TIMEOUT_S", 0.1)
    path = make(tmp_path / "shop.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        before = contents(tmp_path)
        with pytest.raises(Unavailable) as refusal:
            open_database(str(path))
        assert str(refusal.value) == f"{path}: locked by another program"
        assert contents(tmp_path) == before
    assert not open_database(str(path)).created


def test_read_only_is_refused_by_the_database_itself(shop: Shop) -> None:
    group, user = shop.groups("Night shift") + shop.users("sonia@spryker.com")
    shop.sql("INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES (1, ?)", user)
    shown = groups.get(group)
    open_database(str(shop.path), read_only=True)
    changes: list[Callable[[], object]] = [
        lambda: groups.create("Content team", [1]),
        lambda: groups.update(shown, "Day shift", [1]),
        lambda: groups.delete(group),
        lambda: memberships.add([user], [group]),
        lambda: memberships.remove([user], [1]),
    ]
    with shop.untouched():
        for change in changes:
            with pytest.raises(Unavailable, match=r"^Database error: it is read-only\.$"):
                change()
    assert [row.name for row in groups.listing.page(NAME, 10)] == ["Night shift", "root_group"]


def test_a_database_that_breaks_while_open_says_so(shop: Shop) -> None:
    """No traceback of the driver reaches a page."""
    shop.sql("DROP TABLE spy_acl_groups_has_roles")
    with pytest.raises(Unavailable, match=r"^Database error: no such table: spy_acl_groups_has_roles\.$"):
        groups.listing.page(NAME, 10)


# Several programs at once

OPENER = """
import json, sys
from models import groups
from models.db import connection as database
for line in sys.stdin:
    path, title = json.loads(line)
    try:
        created = database.open_database(path).created
        groups.create(title, [1])
        answer = created
    except Exception as error:
        answer = repr(error)
    database.close_database()
    print(json.dumps(answer), flush=True)
"""


def test_programs_that_create_the_same_file_at_once_share_one_intact_shop(tmp_path: Path) -> None:
    count, rounds = 4, 15
    paths = [tmp_path / f"{number}.db" for number in range(rounds)]
    answers: list[list[object]] = []
    with ExitStack() as stack:
        start = partial(subprocess.Popen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        programs: list[Any] = [stack.enter_context(start([sys.executable, "-c", OPENER])) for _ in range(count)]
        for path in paths:
            for index, program in enumerate(programs):
                program.stdin.write(json.dumps([str(path), f"Group {index}"]) + "\n")
            for program in programs:
                program.stdin.flush()
            answers.append([json.loads(program.stdout.readline()) for program in programs])
    for path, answer in zip(paths, answers, strict=True):
        assert sorted(answer, key=str) == [False] * (count - 1) + [True]
        assert Shop(str(path)).sql("PRAGMA integrity_check") == ["ok"]
        titles = Shop(str(path)).sql("SELECT name FROM spy_acl_group")
        assert sorted(titles) == [*(f"Group {index}" for index in range(count)), "root_group"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


# Shops of other ages


def test_an_older_shop_is_done_without_its_missing_columns_and_a_current_one_with_them(tmp_path: Path) -> None:
    old = without("  uuid VARCHAR(36) UNIQUE,\n").replace("  is_agent BOOLEAN,\n", "")
    old = old.replace("  is_merchant_agent BOOLEAN,\n", "").replace("  is_warehouse_user BOOLEAN,\n", "")
    older, current = make(tmp_path / "older.db", old), make(tmp_path / "current.db")
    for path, optional in [(older, set()), (current, set(tables.OPTIONAL[tables.User]))] * 2:
        open_database(str(path))
        assert set(tables.User._meta.fields) & set(tables.OPTIONAL[tables.User]) == optional
        email = f"{len(Shop(str(path)).sql('SELECT 1 FROM spy_user'))}@spryker.com"
        Shop(str(path)).users(email)
        with database.read_connection():
            assert tables.User.get(tables.User.email == email).first_name == "First"
        person = {"email": f"new-{email}", "first_name": "A", "last_name": "B", "password": "hash"}
        transactions.transaction(lambda person=person: tables.User.create(**person))()


def test_the_lengths_of_the_opened_database_win(tmp_path: Path) -> None:
    short = EMBEDDED.replace("name VARCHAR(255) NOT NULL UNIQUE", "name VARCHAR(40) NOT NULL UNIQUE")
    untyped = EMBEDDED.replace("name VARCHAR(255) NOT NULL UNIQUE", "name TEXT NOT NULL UNIQUE")
    paths = [
        make(tmp_path / "short.db", short), make(tmp_path / "long.db"), make(tmp_path / "again.db", short),
        make(tmp_path / "untyped.db", untyped),
    ]  # fmt: skip
    found = []
    for path in paths:
        open_database(str(path))
        found.append(tables.Group.name.max_length)
    assert found == [40, 255, 40, 255]


def test_columns_in_another_order_and_further_ones_do_no_harm(tmp_path: Path) -> None:
    start, end = EMBEDDED.index("CREATE TABLE spy_acl_group ("), EMBEDDED.index("CREATE TABLE spy_acl_rule (")
    table = """CREATE TABLE spy_acl_group (
        extra TEXT DEFAULT 'x', updated_at DATETIME, name VARCHAR(255) NOT NULL UNIQUE, created_at DATETIME,
        reference VARCHAR(255), id_acl_group INTEGER PRIMARY KEY AUTOINCREMENT);\n"""
    other = EMBEDDED[:start] + table + EMBEDDED[end:]
    shop = Shop(str(make(tmp_path / "shop.db", other)))
    open_database(str(shop.path))
    id = groups.create("Night shift", [1])
    assert groups.get(id).name == "Night shift"
    groups.delete(id)
    assert shop.sql("SELECT id_acl_group, name FROM spy_acl_group_archive") == [(id, "Night shift")]


def test_a_status_that_no_shop_writes_hides_no_user(shop: Shop) -> None:
    shop.users("active@spryker.com", "odd@spryker.com")
    shop.sql("UPDATE spy_user SET status = 7 WHERE username LIKE 'odd%'")
    rows = users.listing.page(Sort("status"), 10)
    assert [row.status_label for row in rows] == ["Active", "Unknown"]
    assert users.listing.page(Sort("status"), 10, users.listing.key(rows[0], Sort("status"))) == rows[1:]
    assert users.listing.around(Sort("status"), 10, rows[1]) == (rows, 1)


def test_the_foreign_key_of_a_role_deleted_past_our_checks_holds(shop: Shop) -> None:
    @transactions.transaction
    def link() -> None:
        tables.GroupRole.insert(group=1, role=999).execute()

    with shop.untouched(), pytest.raises(Unavailable):
        link()


def test_a_change_is_whole_or_not_at_all(shop: Shop) -> None:
    @transactions.transaction
    def create() -> None:
        tables.Group.insert(name="Half done").execute()
        raise NotFound("gone")

    with shop.untouched(), pytest.raises(NotFound):
        create()
