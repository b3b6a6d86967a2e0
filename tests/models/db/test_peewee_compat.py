"""The private names of Peewee and playhouse that `peewee_compat` relies on: each test names the one that it needs."""

from collections.abc import Iterator
from typing import Any

import peewee
import pytest

from models.db import peewee_compat
from models.db import servers as models_servers
from tests import servers
from tests.proxy import Line


def pool(kind: str) -> Any:
    """A server's pool of connections, none of which is open."""
    return models_servers.connect(servers.reset(kind), password=None, read_only=False).database


def test_peewees_exception_wrapper_raises_its_own_errors_for_the_drivers() -> None:
    database: Any = peewee.SqliteDatabase(":memory:")
    with pytest.raises(peewee.OperationalError), peewee_compat.translate_driver_errors:
        database.connection().execute("SELECT no_such_column")
    database.close()


def test_peewees_proxy_asks_its_obj_for_the_database_that_it_stands_for() -> None:
    one, other = peewee.SqliteDatabase(":memory:"), peewee.SqliteDatabase(":memory:")
    proxy = peewee_compat.SwitchedDatabase()
    proxy.initialize(one)
    row: Any = type("Row", (peewee.Model,), {"Meta": type("Meta", (), {"database": proxy})})
    row.create_table()
    row.create()
    with proxy.using(other):
        row.create_table()
        assert not row.select().count()
    assert row.select().count() == 1
    one.close()
    other.close()


@pytest.mark.parametrize("kind", servers.KINDS)
def test_playhouses_can_reuse_decides_which_of_the_connections_stay_open(kind: str) -> None:
    database = pool(kind)
    connections = [database._connect() for _ in range(3)]
    for connection in connections:
        database._close(connection)
    assert [idle for *_, idle in database._connections] == connections[:1]
    database.close_all()


@pytest.fixture(params=servers.KINDS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """A line to a server, on which what is asked can be heard."""
    line = Line(servers.reset(request.param))
    yield line
    line.shut()


@pytest.fixture
def idle(line: Line) -> Iterator[Any]:
    """A pool with a connection that was used just now and is idle."""
    database = models_servers.connect(line.url, password=None, read_only=False).database
    with database.connection_context():
        database.execute_sql("SELECT 1")
    line.statements.clear()
    yield database
    database.close_all()


def test_playhouses_is_closed_asks_a_connection_only_once_it_has_rested(
    line: Line, idle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with idle.connection_context():
        pass
    assert line.statements == []
    monkeypatch.setattr(peewee_compat, "CHECK_AFTER_S", 0)
    with idle.connection_context():
        pass
    assert len(line.statements) == 1


def test_a_connection_that_was_closed_at_the_other_end_is_not_used_again(line: Line, idle: Any) -> None:
    line.cut()
    with idle.connection_context():
        idle.execute_sql("SELECT 2")
    assert line.statements == ["SELECT 2"]


def test_playhouses_can_reuse_lets_no_connection_stay_in_a_transaction(line: Line, idle: Any) -> None:
    with idle.connection_context():
        left = idle.connection()
        idle.begin()
    with idle.connection_context():
        assert (idle.connection() is left) is line.url.startswith("postgres")  # where it is rolled back instead
