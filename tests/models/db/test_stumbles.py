"""When the database stumbles: never half written, found out after a lost answer, and said in words of its own."""

import ctypes
import errno
import os
import re
import shutil
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from models import groups, memberships, passwords, role_rules, user_status, users
from models import roles as user_roles
from models.db import connection, links, rows, tables, transactions
from models.db import servers as server
from models.db.paging import Sort
from models.db.statements import ask
from models.db.tables import Permission, Status
from models.errors import NotFound, Unavailable, Unknown, Unreachable
from models.tools import csv_import
from models.user_form import UserForm
from tests import servers
from tests.conftest import Shop
from tests.proxy import Line

ON_SERVERS = True
NAME = Sort("name")
PASSWORD = "Change-me-123"
T = TypeVar("T")


@pytest.fixture
def line(shop: Shop) -> Iterator[Line]:
    """The shop is opened through a line that can be cut."""
    line = Line(shop.location)
    connection.open_database(line.url)
    yield line
    connection.close_database()
    line.shut()


# A change, and the line is cut


def arrange(shop: Shop, name: str) -> Callable[[], object]:
    """A change by its name, with what it needs."""
    night, empty = shop.groups("Night shift", "Empty")
    order, media = shop.roles("Order support", "Media")
    sonia, admin = shop.users("sonia@spryker.com", "admin@spryker.com")
    shop.hold(night, order)
    shop.hold(empty, order)
    shop.join(night, sonia)
    shop.join(1, admin)
    (rule,) = shop.rules(media, "allow sales/*/*")
    group, role, user = groups.get(night), user_roles.get(media), users.get(sonia)
    shown = role_rules.listing(media).rows([rule])[0]
    new = UserForm("new@spryker.com", "N", "N", frozenset({night}), 66, password=PASSWORD, repeated=PASSWORD)
    entry = csv_import.Entry(1, replace(new, password="", repeated=""), ("Night shift",))
    changes: dict[str, Callable[[], object]] = {
        "create a group": partial(groups.create, "Day shift", [order, media]),
        "rename a group": partial(groups.update, group, "Day shift", [order]),
        "other roles": partial(groups.update, group, "Night shift", [media]),
        "add users": partial(memberships.add, [admin], [night], edited="group"),
        "remove users": partial(memberships.remove, [sonia], [night], edited="group"),
        "clone a group": partial(groups.clone, night, "Day shift"),
        "delete a group": partial(groups.delete, night),
        "delete a group without users": partial(groups.delete, empty),
        "create a role": partial(user_roles.create, "Returns desk"),
        "rename a role": partial(user_roles.rename, role, "Returns desk"),
        "clone a role": partial(user_roles.clone, media, "Returns desk"),
        "delete a role": partial(user_roles.delete, media),
        "add a rule": partial(role_rules.add, media, "a", "b", "c", Permission.DENY),
        "change a rule": partial(role_rules.change, shown, "a", "b", "c", Permission.DENY),
        "remove a rule": partial(role_rules.remove, rule),
        "create a user": partial(users.create, new),
        "other groups": partial(users.update, user, replace(user.form, groups=frozenset({1}))),
        "another password": partial(users.update, user, replace(user.form, password=PASSWORD, repeated=PASSWORD)),
        "deactivate": partial(user_status.set_status, [sonia], Status.DEACTIVATED),
        "into groups": partial(memberships.add, [sonia], [1, empty]),
        "out of groups": partial(memberships.remove, [sonia], [night]),
        "import": partial(csv_import.write, [entry], Path("nowhere"), lambda *_: None),
    }
    return changes[name]


CHANGES = (
    "create a group", "rename a group", "other roles", "add users", "remove users", "clone a group", "delete a group",
    "delete a group without users", "create a role", "rename a role", "clone a role", "delete a role", "add a rule",
    "change a rule", "remove a rule", "create a user", "other groups", "another password", "deactivate", "into groups",
    "out of groups", "import",
)  # fmt: skip


def state(shop: Shop) -> dict[str, list[object]]:
    """Every row of every table without what is another each time: times, ids of new rows, hashes, uuids."""
    held = "spy_acl_groups_has_roles JOIN spy_acl_group g ON id_acl_group = fk_acl_group JOIN spy_acl_role r ON "
    member = "spy_acl_user_has_group JOIN spy_acl_group ON id_acl_group = fk_acl_group JOIN spy_user ON "
    columns = {
        "spy_acl_group": "name",
        "spy_acl_group_archive": "id_acl_group, name",
        "spy_acl_role": "name",
        "spy_acl_role_archive": "id_acl_role, name",
        "spy_acl_rule JOIN spy_acl_role ON id_acl_role = fk_acl_role": "name, bundle, controller, action, type",
        "spy_acl_rule_archive": "id_acl_rule, bundle, controller, action, type",
        "spy_user": "username, first_name, last_name, fk_locale, status",
        held + "id_acl_role = fk_acl_role": "g.name, r.name",
        member + "id_user = fk_user": "name, username",
    }
    return {table: sorted(shop.sql(f"SELECT {names} FROM {table}")) for table, names in columns.items()}


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hashed", lambda password: f"hash of {len(password)}")


@pytest.mark.server
@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_that_is_lost_in_the_commit_is_found_out(
    shop: Shop, line: Line, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the server got the COMMIT or not, the change is written, once."""
    monkeypatch.chdir(tmp_path)
    change = arrange(shop, name)
    before = state(shop)
    written = []
    for reaches in (True, False):
        line.cut_at("COMMIT", reaches=reaches)
        change()
        assert line.was_cut
        written.append(state(shop))
        restore(shop)
        change = arrange(shop, name)
        (tmp_path / "nowhere").unlink(missing_ok=True)
    change()
    assert written == [state(shop)] * 2
    assert name == "another password" or written[0] != before


def restore(shop: Shop) -> None:
    """An installer's rows again; the shop stays open."""
    servers.reset(shop.kind)


@pytest.mark.server
def test_a_line_that_is_cut_in_the_middle_is_no_trouble(shop: Shop, line: Line) -> None:
    roles = shop.roles("Order support", "Media")
    line.cut_at("spy_acl_groups_has_roles", reaches=True)
    id = groups.create("Night shift", roles)
    assert line.was_cut
    assert shop.sql("SELECT name FROM spy_acl_group WHERE name <> 'root_group'") == ["Night shift"]
    assert sorted(groups.get(id).roles) == roles


@pytest.mark.server
def test_a_line_that_is_cut_each_time_is_said_and_nothing_is_written(shop: Shop, line: Line) -> None:
    with shop.untouched():
        line.cut_at("spy_acl_groups_has_roles", reaches=True, times=transactions.MAX_ATTEMPTS)
        with pytest.raises(Unreachable, match=r"^Database error: the connection was lost\.$"):
            groups.create("Night shift", [1])
        assert line.was_cut
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


@pytest.mark.server
def test_a_connection_that_was_lost_while_idle_is_no_trouble(shop: Shop, line: Line) -> None:
    groups.get(1)
    line.cut()
    assert groups.get(1).name == "root_group"
    line.cut()
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


@pytest.mark.server
@pytest.mark.parametrize("reaches", [True, False])
def test_a_connection_that_turns_out_to_be_lost_when_it_is_used_is_no_trouble(
    shop: Shop, line: Line, reaches: bool
) -> None:
    """Whether or not its first statement reached the server: what is read is read, what is written is written once."""
    groups.get(1)
    line.cut_at("SELECT", reaches=reaches)
    assert groups.get(1).name == "root_group"
    assert line.was_cut
    line.cut_at("BEGIN", reaches=reaches)
    id = groups.create("Night shift", [1])
    assert line.was_cut
    assert shop.sql("SELECT id_acl_group FROM spy_acl_group WHERE name <> 'root_group'") == [id]


@pytest.mark.server
def test_a_server_that_is_gone_is_said_and_works_again_when_it_is_back(shop: Shop, line: Line) -> None:
    groups.get(1)
    line.shut()
    gone = r"^The database cannot be reached: connection refused \(is the server running\?\)\.$"
    with pytest.raises(Unreachable, match=gone):
        groups.get(1)
    with shop.untouched(), pytest.raises(Unreachable, match=gone):
        groups.create("Night shift", [1])
    line.open_again()
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


@pytest.mark.server
def test_a_server_that_does_not_come_back_after_the_commit_leaves_it_open(
    shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "COMMIT_PROBE_TIMEOUT_S", 0.1)
    line.cut_at("COMMIT", reaches=True)
    monkeypatch.setattr(transactions, "acquire_write_lock", once_then(transactions.acquire_write_lock, line.shut))
    with pytest.raises(Unreachable, match="it is unknown whether this change was written"):
        groups.create("Night shift", [1])
    assert shop.sql("SELECT name FROM spy_acl_group WHERE name <> 'root_group'") == ["Night shift"]


@pytest.mark.server
@pytest.mark.usefixtures("cheap")
def test_the_passwords_of_users_of_whom_nobody_knows_whether_they_are_written_stay(
    shop: Shop, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "new.csv", tmp_path / "passwords.csv"
    file.write_text("nora@spryker.com,Nora,Owl,root_group\n")
    entries = csv_import.read(file)
    monkeypatch.setattr(transactions, "COMMIT_PROBE_TIMEOUT_S", 0.1)
    line.cut_at("COMMIT", reaches=True)
    monkeypatch.setattr(transactions, "acquire_write_lock", once_then(transactions.acquire_write_lock, line.shut))
    with pytest.raises(Unknown, match=f"it is unknown.*The passwords were kept in {target}"):
        csv_import.write(entries, target, lambda *_: None)
    assert shop.sql("SELECT username FROM spy_user") == ["nora@spryker.com"]
    assert target.read_text().startswith("e-mail,password\nnora@spryker.com,")


def once_then(first: Callable[[], T], later: Callable[[], T]) -> Callable[[], T]:
    turns = iter([first])
    return lambda: next(turns, later)()


# The commit does not arrive, and a colleague does the same meanwhile


def colleague_meanwhile(shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """Lose the next commit before it arrives; a colleague's program runs the statements before anybody asks."""
    line.cut_at("COMMIT", reaches=False)
    take_turn = transactions.acquire_write_lock

    def later() -> int | None:
        for statement in statements if not done else ():
            shop.sql(statement)
        done.append(True)
        return take_turn()

    done: list[bool] = []
    monkeypatch.setattr(transactions, "acquire_write_lock", once_then(take_turn, later))


LINKED = "INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES ({group}, {user})"
UNLINKED = "DELETE FROM spy_acl_user_has_group WHERE fk_acl_group = {group} AND fk_user = {user}"
UNKNOWN = r"^sonia@spryker\.com {} “Night shift” now\. .* it is unknown whether this change did it\.$"


@pytest.mark.server
@pytest.mark.parametrize("page", ["group", "user", "user form"])
@pytest.mark.parametrize("removing", [False, True])
def test_a_colleagues_link_is_not_taken_for_ours(
    shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch, page: str, removing: bool
) -> None:
    """PostgreSQL knows that ours was not written, so that it is made again and finds nothing to do; MariaDB says so."""
    (group,) = shop.groups("Night shift")
    (user,) = shop.users("sonia@spryker.com")
    shop.join(1, user)
    if removing:
        shop.join(group, user)
    shown = users.get(user)
    there = frozenset({1}) if removing else frozenset({1, group})
    change = memberships.remove if removing else memberships.add
    acts: dict[str, Callable[[], object]] = {
        "group": partial(change, [user], [group], edited="group"),
        "user": partial(change, [user], [group]),
        "user form": partial(users.update, shown, replace(shown.form, groups=there)),
    }
    statement = (UNLINKED if removing else LINKED).format(group=group, user=user)
    colleague_meanwhile(shop, line, monkeypatch, statement)
    if shop.kind == "mariadb":
        with pytest.raises(Unknown, match=UNKNOWN.format("is not in" if removing else "is in")):
            acts[page]()
    elif (page, removing) == ("group", True):
        with pytest.raises(NotFound, match=memberships.NOT_A_MEMBER):
            acts[page]()
    else:
        assert not acts[page]()
    assert line.was_cut
    assert shop.sql("SELECT count(*) FROM spy_acl_user_has_group WHERE fk_acl_group = ?", group) == [not removing]


@pytest.mark.mariadb
def test_a_colleagues_roles_of_a_group_are_not_taken_for_ours(
    shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    (group,) = shop.groups("Night shift")
    order, media = shop.roles("Order support", "Media")
    shop.hold(group, order)
    theirs = f"INSERT INTO spy_acl_groups_has_roles (fk_acl_group, fk_acl_role) VALUES ({group}, {media})"
    colleague_meanwhile(shop, line, monkeypatch, theirs)
    with pytest.raises(Unknown, match=r"^“Night shift” has the role “Media” now"):
        groups.update(groups.get(group), "Night shift", [order, media])


@pytest.mark.mariadb
def test_a_group_that_a_colleague_deletes_is_not_said_to_be_deleted_by_us(
    shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    (group,) = shop.groups("Night shift")
    archive = "INSERT INTO spy_acl_group_archive (id_acl_group, name, archived_at) VALUES ({}, 'Night shift', {})"
    deleted = f"DELETE FROM spy_acl_group WHERE id_acl_group = {group}"
    colleague_meanwhile(shop, line, monkeypatch, archive.format(group, "'2026-01-01 00:00:00'"), deleted)
    with pytest.raises(Unknown, match=r"^The group “Night shift” is deleted now"):
        groups.delete(group)


@pytest.mark.mariadb
def test_a_time_that_stood_there_before_proves_nothing(shop: Shop, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group was changed by us within the same second."""
    (group,) = shop.groups("Night shift")
    sonia, anna = shop.users("sonia@spryker.com", "anna@spryker.com")
    monkeypatch.setattr(memberships, "now", lambda: datetime(2026, 11, 26, 16, 0, 0))
    memberships.add([anna], [group], edited="group")
    colleague_meanwhile(shop, line, monkeypatch, LINKED.format(group=group, user=sonia))
    with pytest.raises(Unknown, match=UNKNOWN.format("is in")):
        memberships.add([sonia], [group], edited="group")


@pytest.mark.server
def test_thousands_of_links_whose_commit_arrived_are_found_out(shop: Shop, line: Line) -> None:
    ids = shop.users(*(f"{number}@spryker.com" for number in range(2_000)))
    added, removed = shop.groups("Night shift", "Day shift")
    shop.join(removed, *ids)
    for act, group in ((memberships.add, added), (memberships.remove, removed)):
        line.cut_at("COMMIT", reaches=True)
        assert act(ids, [group], edited="group") == len(ids)
        assert line.was_cut


def deafen(descriptor: int) -> None:
    """Let nothing that comes for this socket through any more, not even a sign of life (socket(7), bpf(4))."""
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    with socket.socket(fileno=os.dup(descriptor)) as end:
        end.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(nothing)))  # SO_ATTACH_FILTER


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other filters")
@pytest.mark.postgres
def test_a_line_that_goes_dead_without_a_word_is_noticed_in_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_TIMEOUT_S", 6)
    shop.reopen()
    with pytest.raises(Unreachable, match="it did not answer in time"), connection.read_connection():
        threading.Timer(1, deafen, [tables.database.connection().fileno()]).start()
        ask(tables.database, "SELECT pg_sleep(120)")
    shop.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(120)'")


@pytest.mark.slow
@pytest.mark.mariadb
def test_a_time_for_answers_that_the_url_names_holds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_TIMEOUT_S", 1)
    for option, comes in {"": False, "?read_timeout=20": True, "?read_timeout=1": False}.items():
        connection.open_database(shop.location + option)
        if comes:
            with connection.read_connection():
                assert ask(tables.database, "SELECT SLEEP(1.5)") == [(0,)]
        else:
            with pytest.raises(Unreachable, match="did not answer in time"), connection.read_connection():
                ask(tables.database, "SELECT SLEEP(1.5)")


# A connection that is killed, or idle for too long


def own_id(shop: Shop) -> int:
    return int(
        ask(tables.database, f"SELECT {'pg_backend_pid' if shop.kind == 'postgres' else 'connection_id'}()")[0][0]
    )


def kill(shop: Shop, id: int) -> None:
    """End a connection of ours, as an administrator of the server may, and wait until it is gone."""
    shop.sql(f"SELECT pg_terminate_backend({id})" if shop.kind == "postgres" else f"KILL {id}")
    wait_for_the_end(shop, id)


def wait_for_the_end(shop: Shop, id: int) -> None:
    there = "pg_stat_activity WHERE pid" if shop.kind == "postgres" else "information_schema.processlist WHERE id"
    while shop.sql(f"SELECT 1 FROM {there} = {id}"):
        time.sleep(0.01)


@pytest.mark.server
def test_a_connection_that_is_killed_while_idle_is_no_trouble(shop: Shop) -> None:
    for act in (lambda: groups.get(1), lambda: groups.create("Night shift", [1])):
        with connection.read_connection():
            id = own_id(shop)
        kill(shop, id)
        act()
    assert shop.sql("SELECT count(*) FROM spy_acl_group") == [2]


@pytest.mark.server
@pytest.mark.parametrize("tries", [1, transactions.MAX_ATTEMPTS])
def test_a_connection_that_is_killed_in_the_middle_of_a_change(shop: Shop, tries: int) -> None:
    kills = iter(range(tries))

    @transactions.transaction
    def create() -> int:
        id = rows.insert_row(tables.Group, name="Night shift")
        if next(kills, None) is not None:
            kill(shop, own_id(shop))
        links.add_links(tables.GroupRole, [(id, 1)])
        return id

    if tries < transactions.MAX_ATTEMPTS:
        assert list(groups.get(create()).roles) == [1]
    else:
        with shop.untouched(), pytest.raises(Unreachable, match=r"^Database error: "):
            create()


@pytest.mark.mariadb
def test_mysqls_idle_time_out_is_no_trouble(shop: Shop) -> None:
    with connection.read_connection():
        id = own_id(shop)
        tables.database.execute_sql("SET SESSION wait_timeout = 1")
    wait_for_the_end(shop, id)
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


# What may not be written


def refusing_changes(shop: Shop, message: str) -> None:
    """Every change is refused with this message (a pattern), and reading goes on."""
    shown = groups.get(1)
    for change in (
        lambda: groups.create("Night shift", [1]),
        lambda: groups.update(shown, "root_group", [1, *user_roles_of(shop)]),
        lambda: user_roles.create("Order support"),
    ):
        with shop.untouched(), pytest.raises(Unavailable) as unavailable:
            change()
        assert re.fullmatch(rf"Database error: {message}\.", str(unavailable.value))
        assert not isinstance(unavailable.value, Unreachable)
    assert [row.name for row in groups.listing.page(NAME, 10)] == ["root_group"]


def user_roles_of(shop: Shop) -> list[int]:
    return [row.id for row in user_roles.listing.page(NAME, 10) if row.id != 1]


def test_a_shop_that_is_opened_read_only_refuses_every_change(shop: Shop) -> None:
    shop.roles("Media")
    connection.open_database(shop.location, read_only=True)
    refusing_changes(shop, "it is read-only")


@contextmanager
def of_mysql(shop: Shop, *may: str) -> Iterator[str]:
    """The URL of a user of MySQL who may do this in the shop, and nothing else."""
    name = f"backoffice_user_{os.getpid()}"
    (base,) = shop.sql("SELECT DATABASE()")
    assert shop.sql("SELECT GET_LOCK('plain users', 50)") == [1]  # whom another process makes the server read-only for
    shop.sql(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'plain'")
    try:  # as GRANT does it, for which the user of the tests has no right
        rights, given = "".join(f", {what}_priv" for what in may), ", 'Y'" * len(may)
        shop.sql(f"INSERT INTO mysql.db (Host, Db, User{rights}) VALUES (?, ?, ?{given})", "%", base, name)
        shop.sql("FLUSH PRIVILEGES")
        yield shop.location.replace(shop.location.partition("://")[2].partition("@")[0], f"{name}:plain")
    finally:
        connection.close_database()
        shop.sql(f"DROP USER '{name}'@'%'")
        shop.sql("SELECT RELEASE_LOCK('plain users')")


@contextmanager
def replica(shop: Shop) -> Iterator[str]:
    """The URL of the shop on a server that takes no changes."""
    if shop.kind == "postgres":
        yield f"{shop.location}?options=-c%20default_transaction_read_only%3Don"
        return
    with of_mysql(shop, "Select", "Insert", "Update", "Delete") as url:
        shop.sql("SET GLOBAL read_only = 1")
        try:
            yield url
        finally:
            shop.sql("SET GLOBAL read_only = 0")


@pytest.mark.server
def test_a_replica_that_cannot_be_written_says_so(shop: Shop) -> None:
    shop.roles("Media")
    with replica(shop) as url:
        connection.open_database(url)
        refusing_changes(shop, "it is read-only")


@contextmanager
def reader(shop: Shop) -> Iterator[str]:
    """The URL of a user who may read the shop and no more."""
    if shop.kind == "mariadb":
        with of_mysql(shop, "Select") as url:
            yield url
        return
    what = "INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
    shop.sql(f"REVOKE {what} FROM CURRENT_USER")  # whose owner takes it from himself
    try:
        yield shop.location
    finally:
        shop.sql(f"GRANT {what} TO CURRENT_USER")


@pytest.mark.server
def test_a_user_who_may_only_read_is_told(shop: Shop) -> None:
    shop.roles("Media")
    with reader(shop) as url:
        connection.open_database(url)
        refusing_changes(shop, r"the database user may not do that \(table spy_\w+\)")


# A lock that is held for too long


@pytest.mark.server
def test_a_lock_that_a_colleague_holds_too_long_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOCK_TIMEOUT_S", 1)
    shop.reopen()
    colleague = servers.connect(shop.location)
    try:
        with colleague.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE spy_acl_group SET updated_at = NULL WHERE name = 'root_group'")
            with pytest.raises(Unavailable, match=r"^Database error: another program's change is taking too long\.$"):
                groups.create("Night shift", [1])
            cursor.execute("ROLLBACK")
    finally:
        colleague.close()
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


# A file


@pytest.mark.embedded
def test_a_full_disk_is_said_and_nothing_is_half_written(shop: Shop) -> None:
    ids = shop.users(*(f"{number}@spryker.com" for number in range(5_000)))
    with tables.database.connection_context():
        pages = ask(tables.database, "PRAGMA page_count")[0][0]
        tables.database.execute_sql(f"PRAGMA max_page_count = {pages}")
    with shop.untouched(), pytest.raises(Unavailable, match=r"^Database error: the disk is full\.$"):
        memberships.add(ids, [1])
    assert groups.get(1).name == "root_group"


@pytest.mark.embedded
@pytest.mark.usefixtures("cheap")
def test_passwords_that_cannot_be_written_whole_are_not_written_at_all(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "new.csv", tmp_path / "passwords.csv"
    file.write_text("nora@spryker.com,Nora,Owl,root_group\n")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with shop.untouched(), pytest.raises(Unavailable, match="the disk is full; nothing has been saved"):
        csv_import.write(csv_import.read(file), target, lambda *_: None)
    assert not target.exists()


@pytest.fixture
def as_nobody(shop: Shop) -> Iterator[None]:
    """As someone whom the modes of files hold, which they do not do for root."""
    if os.geteuid() != 0:
        yield
        return
    folders = [shop.path.parent, *list(shop.path.parents)[1:4]]
    before = {folder: folder.stat().st_mode for folder in folders}
    for folder in folders:
        folder.chmod(0o755)
    for path in (shop.path.parent, *shop.path.parent.iterdir()):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    yield
    os.seteuid(0)
    for folder, mode in before.items():
        folder.chmod(mode)


@pytest.mark.embedded
@pytest.mark.usefixtures("as_nobody")
def test_a_file_that_becomes_read_only_says_so_and_can_be_read(shop: Shop) -> None:
    tables.database.close_all()
    shop.path.chmod(0o444)
    with pytest.raises(Unavailable, match=r"^Database error: it is read-only\.$"):
        groups.create("Night shift", [1])
    assert groups.get(1).name == "root_group"
    for path in shop.path.parent.iterdir():  # SQLite gives its files beside it the mode of the first
        path.chmod(0o600)
    tables.database.close_all()
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


def put_another(shop: Shop) -> None:
    """Put a copy in the file's place, as a program does that saves by renaming."""
    os.replace(shutil.copy(shop.path, shop.path.with_name("copy.db")), shop.path)


REPLACED = r"^The file was replaced while it was open\. Restart the program to use the new one\.$"
DELETED = r"^The database cannot be reached: the file was deleted\.$"


@pytest.mark.embedded
@pytest.mark.parametrize(("act", "message"), [(put_another, REPLACED), (lambda shop: shop.path.unlink(), DELETED)])
@pytest.mark.parametrize("during", [False, True])
def test_a_change_of_a_file_that_is_not_there_any_more_is_refused(
    shop: Shop, act: Callable[[Shop], None], message: str, during: bool
) -> None:
    groups.get(1)  # a connection to the old file stays in the pool

    @transactions.transaction
    def create() -> None:
        rows.insert_row(tables.Group, name="Day shift")
        act(shop)

    if not during:
        act(shop)
    with pytest.raises(Unavailable, match=message):
        create() if during else groups.create("Night shift", [1])
    with pytest.raises(Unavailable, match=message):  # the old file's rows
        groups.listing.page(NAME, 10)
    if shop.path.exists():
        assert shop.sql("SELECT name FROM spy_acl_group") == ["root_group"]
        shop.reopen()
        assert groups.get(groups.create("Night shift", [1])).name == "Night shift"


@pytest.mark.embedded
def test_a_file_that_is_moved_away_and_back_can_be_changed_again(shop: Shop) -> None:
    away = shop.path.rename(shop.path.with_name("away.db"))
    with pytest.raises(Unreachable, match=DELETED):
        groups.create("Night shift", [1])
    away.rename(shop.path)
    assert groups.get(groups.create("Night shift", [1])).name == "Night shift"
