"""The private names of Peewee and playhouse that `peewee_compat` relies on: each test names the one that it needs."""

from collections.abc import Iterator
from typing import Any

import peewee
import psycopg
import pytest

from models.db import peewee_compat
from models.db import servers as models_servers
from tests import servers


def pool(kind: str) -> Any:
    """A server's pool of connections, none of which is open."""
    return models_servers.connect(servers.reset(kind), password=None, read_only=False).database


@pytest.fixture
def postgres() -> Iterator[Any]:
    database = pool("postgres")
    yield database
    database.close_all()


def test_peewees_exception_wrapper_raises_its_own_errors_for_the_drivers() -> None:
    database: Any = peewee.SqliteDatabase(":memory:")
    with pytest.raises(peewee.OperationalError), peewee_compat.translate_driver_errors:
        database.connection().execute("SELECT no_such_column")
    database.close()


@pytest.mark.parametrize("kind", servers.KINDS)
def test_playhouses_can_reuse_decides_which_of_the_connections_stay_open(kind: str) -> None:
    database = pool(kind)
    connections = [database._connect() for _ in range(3)]
    for connection in connections:
        database._close(connection)
    assert [idle for *_, idle in database._connections] == connections[:1]
    database.close_all()


def test_playhouses_is_closed_decides_whether_an_idle_connection_is_used_again(postgres: Any) -> None:
    lost = postgres._connect()
    postgres._close(lost)
    with psycopg.connect(servers.reset("postgres"), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [lost.info.backend_pid])
    assert not lost.closed  # once psycopg knows it by itself, `CheckedConnections` can go
    assert postgres._connect() is not lost
