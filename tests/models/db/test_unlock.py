"""A shop that is read-only until it is unlocked: what the database itself refuses, and what is finished."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peewee import DatabaseError, InterfaceError

from models import groups, memberships, roles, user_status
from models.changes import history
from models.changes.journal import Journal
from models.changes.undo import undo
from models.db import connection, lock, unlock
from models.db.lock import Locked
from models.db.opened import opened
from models.db.tables import Status, database
from models.db.transactions import transaction
from models.errors import Invalid, NotFound, Refused, Unavailable
from tests.conftest import Shop
from tests.proxy import Line

ON_SERVERS = True

REASON = "ticket 12"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def locked(shop: Shop, folder: Path) -> Shop:
    """The shop, opened again: locked, and recorded."""
    connection.open_database(shop.location, until_unlocked=True, recorder=Journal(folder))
    return shop


def open_connections() -> int:
    """How many connections that may write are open."""
    shop_lock = opened().lock
    assert shop_lock is not None
    pool = shop_lock.dialect.database
    return len(pool._connections) + len(pool._in_use)


def is_writable() -> bool:
    """Whether a statement past all of our code is let through by the connection that reads have."""
    with connection.pooled_connection():
        try:
            with database.atomic() as transaction:
                database.execute_sql("UPDATE spy_acl_role SET name = name")
                transaction.rollback()
        except (DatabaseError, InterfaceError):
            return False
    return True


def let_time_pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the clock that cannot be set be so much later."""
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + seconds)


def test_while_locked_the_connection_itself_refuses_to_write_and_none_other_is_open(locked: Shop) -> None:
    with locked.untouched():
        with pytest.raises(Locked, match=r"^Changes are locked\. Nothing was changed\.$"):
            roles.create("New")
        assert not is_writable() and open_connections() == 0
    assert [role.name for role in roles.listing.rows([1])] == ["root_role"]


def test_while_unlocked_changes_are_made_and_reads_have_the_connection_that_refuses(locked: Shop) -> None:
    unlock.unlock(REASON, 15)
    role = roles.create("New")
    assert locked.sql("SELECT name FROM spy_acl_role WHERE id_acl_role = ?", role) == ["New"]
    assert [found.name for found in roles.listing.rows([role])] == ["New"]
    assert not is_writable()


def test_what_is_tried_before_a_question_is_tried_where_changes_are_allowed(locked: Shop) -> None:
    (group,), (user,) = locked.groups("Sales"), locked.users("anna@shop.example")
    locked.join(group, user)
    tries: list[Callable[[], object]] = [
        lambda: groups.check_delete(group),
        lambda: memberships.check_remove([user], [group]),
        lambda: user_status.check_status([user], Status.DEACTIVATED),
    ]
    for check in tries if locked.kind != "sqlite" else []:  # which knows no rights
        with pytest.raises(Locked):
            check()
    unlock.unlock(REASON, 15)
    with locked.untouched():
        for check in tries:
            check()


def test_a_change_reads_what_it_wrote(locked: Shop) -> None:
    unlock.unlock(REASON, 15)

    @transaction
    def create() -> str:
        return roles.get(roles.create("New")).name

    assert create() == "New"
    assert groups.create("Sales", {roles.create("Other")})


@pytest.mark.parametrize("clock", ["monotonic", "wall"])
def test_nothing_is_written_after_the_time_is_over_by_either_clock(
    locked: Shop, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock.unlock(REASON, 15)
    roles.create("In time")
    if clock == "monotonic":
        let_time_pass(monkeypatch, 15 * 60)
    else:
        later = datetime.now(UTC) + timedelta(minutes=15)
        monkeypatch.setattr(lock, "datetime", type("Later", (), {"now": staticmethod(lambda _: later)}))
    with locked.untouched(), pytest.raises(Locked):
        roles.create("Late")
    shop_lock = opened().lock
    assert shop_lock is not None and shop_lock.until is None


@pytest.mark.parametrize("end", [unlock.lock, None], ids=["locked", "time is over"])
def test_a_change_in_progress_when_it_ends_is_finished_and_its_connection_is_closed_then(
    locked: Shop, end: Callable[[], None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock.unlock(REASON, 15)
    begun, go_on, made = threading.Event(), threading.Event(), []

    @transaction
    def change() -> int:
        role = roles.create("Begun in time")
        begun.set()
        assert go_on.wait(10)
        return role

    thread = threading.Thread(target=lambda: made.append(change()))
    thread.start()
    assert begun.wait(10)
    if end is None:
        let_time_pass(monkeypatch, 15 * 60)
    else:
        end()
    with pytest.raises(Locked):
        roles.create("Late")
    assert open_connections() == 1
    go_on.set()
    thread.join(10)
    assert locked.sql("SELECT name FROM spy_acl_role WHERE id_acl_role = ?", made[0]) == ["Begun in time"]
    assert open_connections() == 0


def test_locked_again_no_connection_that_may_write_stays_open(locked: Shop) -> None:
    unlock.unlock(REASON, 15)
    roles.create("New")
    assert open_connections() == 1
    unlock.lock()
    assert open_connections() == 0 and not is_writable()
    unlock.unlock("once more", 15)
    roles.create("Newer")


def test_an_unlock_is_recorded_with_its_reason_and_is_nobodys_last_change(locked: Shop, folder: Path) -> None:
    unlock.unlock(REASON, 1)
    (record,) = history.records(folder)
    assert (record.intent["change"], record.intent["reason"], record.ops) == ("database.unlock", REASON, [])
    assert (record.summary, record.outcome) == ("changes allowed for 1 minute", "written")
    with pytest.raises(NotFound):
        history.find_last(folder)
    with pytest.raises(Refused, match="nothing to undo"):
        undo(record)
    roles.create("New")
    assert history.find_last(folder).summary == "New: role created"


def test_without_a_reason_or_a_record_that_is_required_it_stays_locked(locked: Shop, folder: Path) -> None:
    with pytest.raises(Invalid) as refused:
        unlock.unlock("  ", 15)
    assert refused.value.fields == {"reason": "Enter a reason."}
    folder.write_text("no folder")
    connection.open_database(locked.location, until_unlocked=True, recorder=Journal(folder, is_required=True))
    with pytest.raises(Refused, match="cannot be recorded"):
        unlock.unlock(REASON, 15)
    with locked.untouched(), pytest.raises(Locked):
        roles.create("New")


@pytest.mark.server
def test_a_lost_connection_leaves_nothing_unlocked(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(shop.location)
    connection.open_database(line.url, until_unlocked=True, recorder=Journal(folder))
    unlock.unlock(REASON, 15)
    roles.create("Before")
    line.cut()
    assert roles.listing.rows([1]) and not is_writable()
    roles.create("On another connection")
    line.shut()
    unlock.lock()
    assert open_connections() == 0
    with pytest.raises(Unavailable):
        unlock.unlock("while it is away", 15)
    assert open_connections() == 0
    line.open_again()
    with shop.untouched(), pytest.raises(Locked):
        roles.create("Late")
    assert not is_writable()
    told = [(record.intent["reason"], record.outcome) for record in history.records(folder)]
    assert told[0] == ("while it is away", "not written")
    line.shut()


@pytest.mark.embedded
def test_a_file_that_was_replaced_is_not_unlocked(locked: Shop) -> None:
    content = locked.path.read_bytes()
    locked.path.unlink()
    locked.path.write_bytes(content)
    with pytest.raises(Unavailable, match="replaced while it was open"):
        unlock.unlock(REASON, 15)
    assert open_connections() == 0


@pytest.mark.embedded
def test_a_file_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such file"):
        connection.open_database(str(tmp_path / "new.db"), until_unlocked=True)
    assert not (tmp_path / "new.db").exists()


def test_read_only_wins_over_a_lock(shop: Shop) -> None:
    connection.open_database(shop.location, read_only=True, until_unlocked=True)
    with pytest.raises(Refused, match="not locked"):
        unlock.unlock(REASON, 15)
    with shop.untouched(), pytest.raises(Unavailable, match="read-only"):
        roles.create("New")
