"""A shop's database on a server, PostgreSQL, MySQL or MariaDB: its URL and its connections."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from playhouse.pool import PooledMySQLDatabase, PooledPostgresqlDatabase

from models.db import url_options
from models.db.dialects import Dialect
from models.db.drivers import SCHEMES
from models.db.mysql_dialect import MySQL
from models.db.peewee_compat import KnownTransactions, OneIdleConnection
from models.db.postgresql_dialect import PostgreSQL
from models.errors import Unavailable

CONNECT_TIMEOUT_S = 5
"""Seconds to wait for a server to accept a connection."""

LOCK_TIMEOUT_S = 5
"""Seconds that a change waits for another program's change to end."""

ANSWER_TIMEOUT_S = 30
"""Seconds of silence after which a connection counts as dead: on MySQL without an answer, on PostgreSQL without even
an acknowledgement of a keepalive."""

KEEPALIVE_INTERVAL_S = 5
"""Seconds before that at which a keepalive is sent."""


@dataclass(frozen=True)
class Address:
    """Where a database is; `str()` omits user and password, and the usual port."""

    scheme: str
    host: str
    """A name, a number or the path of a socket; empty where a URL leaves it to the driver."""
    port: int | None
    database: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port not in (None, _USUAL_PORTS[SCHEMES[self.scheme]]) else ""
        return f"{self.scheme}://{host}{port}/{self.database}"


_USUAL_PORTS = {"mysql": 3306, "postgres": 5432}


@contextmanager
def _only_errors_of(driver: type[Exception]) -> Iterator[None]:
    """Let the driver's own errors through, and replace any other: it may quote a password that the driver was given."""
    try:
        yield
    except driver:
        raise
    except Exception as error:
        what = "an option of its URL, or of the option file, cannot be used"
        raise Unavailable(f"{what} ({type(error).__name__})") from None


class MySQLServer(OneIdleConnection, KnownTransactions, PooledMySQLDatabase):  # type: ignore[misc]
    """MySQL or MariaDB."""

    address: Address
    """The address from the URL; replaced by the actual peer after connecting, which a variable or file may name."""
    answer_timeout_s: float
    """The URL may set it."""
    signed_in_as = ""
    """The database's user; known once it was connected to."""

    def _connect(self) -> Any:
        """A connection; the first one finds out whether the server offers TLS, and the others reuse its TLS context.

        To prepare TLS takes the driver 25 ms each time, whether it is used or not. The driver has one timeout for a
        server's greeting and for its answers, so that the one for answers is set after signing in.
        """
        from pymysql import Error
        from pymysql.constants import CLIENT

        with _only_errors_of(Error):
            connection = super()._connect()
        connection._read_timeout = self.answer_timeout_s  # PyMySQL's, which has no setter for it
        socket = connection.unix_socket
        host, port = (socket, None) if socket else (connection.host, connection.port)
        self.address = replace(self.address, host=host, port=port)
        self.signed_in_as = str(connection.user, "utf-8", "replace")
        if not {"ssl", "ssl_disabled"} & set(self.connect_params):
            offered = connection.server_capabilities & CLIENT.SSL
            self.connect_params |= {"ssl": connection.ctx} if offered else {"ssl_disabled": True}
        return connection

    def _socket(self, conn: Any) -> Any:
        return conn._sock  # PyMySQL's, whose connections have no `fileno`


class PostgresServer(OneIdleConnection, PooledPostgresqlDatabase):  # type: ignore[misc]
    """PostgreSQL."""

    address: Address
    """The address from the URL; replaced by the actual peer after connecting, which a variable or file may name."""
    signed_in_as = ""
    """The database's user; known once it was connected to."""

    def _connect(self) -> Any:
        from psycopg import Error

        with _only_errors_of(Error):
            connection = super()._connect()
        self.address = replace(self.address, host=connection.info.host, port=connection.info.port)
        self.signed_in_as = connection.info.user
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            _read_any_bytes(connection)
        return connection


def _read_any_bytes(connection: Any) -> None:
    """Load texts from a database in SQL_ASCII, whose bytes need not be UTF-8.

    As UTF-8 the server itself would refuse to send them.
    """
    from psycopg.adapt import Loader

    from models.db.decoding import decoded

    class AnyText(Loader):
        def load(self, data: Any) -> str:
            return decoded(bytes(data))

    connection.execute("SET client_encoding TO 'SQL_ASCII'")
    for name in ("text", "varchar", "bpchar", "name"):
        connection.adapters.register_loader(name, AnyText)


def address(url: str) -> Address:
    """The address in a URL, as far as it names one. Raises Unavailable, without repeating what may be a password."""
    scheme = url.partition("://")[0].lower()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if "@" in parts.path + parts.query + parts.fragment:
            raise ValueError("what stands before it is the rest of a password")
    except ValueError:
        raise Unavailable(
            f"{scheme}://: the URL cannot be read; special characters in the user or password must be percent-encoded "
            "(%40 for @, %2F for /)"
        ) from None
    return Address(scheme, host, port, unquote(parts.path[1:]))


def connect(url: str, *, password: str | None, read_only: bool) -> Dialect:
    """A pool of connections to the database that a URL names; nothing is connected to yet.

    `password`, where given, is used in place of the one in the URL. With `read_only` the server refuses every change.
    Raises Unavailable where the URL names no database, or its driver is not installed.
    """
    where = address(url)
    if not where.database:
        raise Unavailable(f"{where}: the URL names no database, as in {where.scheme}://user@host/database")
    extra = SCHEMES[where.scheme]
    if "\0" in unquote(url) or "\0" in (password or ""):  # where libpq would stop to read, and go elsewhere
        raise Unavailable(f"{where}: a zero byte cannot be sent")
    _find_driver(extra, where)
    try:
        given = _parts(url) | url_options.parse(urlsplit(url).query)
        if password is not None:
            given["password"] = password
        return (_mysql if extra == "mysql" else _postgres)(where, given, read_only)
    except Unavailable as error:
        raise Unavailable(f"{where}: {error}") from None


def _parts(url: str) -> dict[str, str]:
    """The connection options that stand before the `?` of a URL."""
    parts = urlsplit(url)
    options = {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    options |= {"host": parts.hostname or "", "port": str(parts.port or "")}
    return {name: value for name, value in options.items() if value}


def _find_driver(extra: str, where: Address) -> None:
    try:
        if extra == "mysql":
            import pymysql  # noqa: F401
        else:
            import psycopg  # noqa: F401
    except ImportError:
        raise Unavailable(
            f"{where}: the driver is not installed; pip install 'backoffice-tui[{extra}]' installs it"
        ) from None


def _mysql(where: Address, given: Mapping[str, str], read_only: bool) -> MySQL:
    """Sessions are strict, whatever the server's own mode: without it MySQL truncates silently."""
    command = (
        f"SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), innodb_lock_wait_timeout = {LOCK_TIMEOUT_S}"
    )
    if read_only:  # the variable's name in MySQL, then in MariaDB
        command += " /*!50720 , SESSION transaction_read_only = 1 */ /*M! , SESSION tx_read_only = 1 */"
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": CONNECT_TIMEOUT_S,
        "write_timeout": ANSWER_TIMEOUT_S,
    }
    options |= url_options.mysql_options(given)
    options |= {"init_command": command, "auth_plugin_map": url_options.guarded_plugins()}
    # As bytes: the driver itself knows only Latin-1.
    options["password"] = options.get("password", "").encode(errors="surrogateescape")
    database: Any = MySQLServer(where.database, autoconnect=False, **options)
    database.address, database.answer_timeout_s = where, float(given.get("read_timeout", ANSWER_TIMEOUT_S))
    return MySQL(database)


def _postgres(where: Address, given: Mapping[str, str], read_only: bool) -> PostgreSQL:
    session = f"{given.get('options', '')} -c lock_timeout={LOCK_TIMEOUT_S * 1000}"
    if read_only:
        session += " -c default_transaction_read_only=on"
    options: dict[str, Any] = {
        "prefer_psycopg3": True,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "backoffice",
        "prepare_threshold": None,  # a statement that is repeated would be prepared, in a round trip of its own
        "client_encoding": "utf8",  # whatever the database's own is: the server reports what it cannot hold
        "tcp_user_timeout": ANSWER_TIMEOUT_S * 1000,
        "keepalives_idle": ANSWER_TIMEOUT_S - KEEPALIVE_INTERVAL_S,
        "keepalives_interval": KEEPALIVE_INTERVAL_S,
    }
    options |= url_options.postgres_options(given) | {"options": session.strip()}
    database: Any = PostgresServer(where.database, autoconnect=False, **options)
    database.address = where
    return PostgreSQL(database)
