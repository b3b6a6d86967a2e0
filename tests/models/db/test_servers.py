"""Which server is said to be open, and told from others: the one that was reached, whatever it was that named it."""

from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

import pytest

from models import groups
from models.db import connection, servers
from models.db.opened import opened
from models.errors import Unavailable
from models.tools import check
from tests.conftest import Shop

ON_SERVERS = True
pytestmark = pytest.mark.server


@pytest.fixture
def parts(shop: Shop) -> SplitResult:
    return urlsplit(shop.location)


@pytest.fixture
def elsewhere(parts: SplitResult, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A URL of the shop that leaves its host and port to the driver, which finds them elsewhere."""
    if shop.kind == "postgres":
        monkeypatch.setenv("PGHOST", str(parts.hostname))
        monkeypatch.setenv("PGPORT", str(parts.port))
        return f"postgres://{parts.username}:{parts.password}@{parts.path}"
    file = tmp_path / "my.cnf"
    lines = f"host={parts.hostname}\nport={parts.port}\nuser={parts.username}\npassword={parts.password}\n"
    file.write_text(f"[client]\n{lines}")
    return f"mysql://{parts.path}?read_default_file={file}"


@pytest.fixture
def socket(parts: SplitResult, shop: Shop) -> str:
    """The path of the server's socket, where it is on this machine."""
    if shop.kind == "mariadb":
        (path,) = shop.sql("SELECT @@socket")
    else:  # of all users, only an administrator may ask for it
        with Path("/proc/net/unix").open() as sockets:
            found = [line.split()[-1] for line in sockets if f"/.s.PGSQL.{parts.port}" in line]
        path = found[0].rpartition("/")[0] if found else ""
    if not path or not Path(path).exists():
        pytest.skip("needs a server with a socket on this machine")
    return str(path)


def through(parts: SplitResult, shop: Shop, socket: str) -> str:
    """The URL of the shop by way of the socket."""
    option = f"host={quote(socket)}&port={parts.port}" if shop.kind == "postgres" else f"unix_socket={quote(socket)}"
    return parts._replace(netloc=f"{parts.username}:{parts.password}@", query=option).geturl()


def test_the_server_that_was_reached_is_named(parts: SplitResult, elsewhere: str) -> None:
    name = f"{urlsplit(elsewhere).scheme}://{parts.hostname}:{parts.port}{parts.path}"
    assert connection.open_database(elsewhere).name == name
    assert check.check(elsewhere)[0].found == name


def test_what_is_not_reached_is_not_named_as_this_machine(
    parts: SplitResult, elsewhere: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shop.kind == "postgres":
        monkeypatch.setenv("PGPORT", "1")
    else:
        (tmp_path / "my.cnf").write_text("[client]\nport=1\n")
    with pytest.raises(Unavailable, match=f"^{urlsplit(elsewhere).scheme}://{parts.path}: connection refused"):
        connection.open_database(elsewhere)


def test_errors_after_the_connection_name_the_server(parts: SplitResult, elsewhere: str, shop: Shop) -> None:
    shop.sql("ALTER TABLE spy_acl_rule RENAME TO spy_other")
    try:
        with pytest.raises(Unavailable) as error:
            connection.open_database(elsewhere)
    finally:
        shop.sql("ALTER TABLE spy_other RENAME TO spy_acl_rule")
    assert f"://{parts.hostname}:{parts.port}{parts.path}: not a shop's database" in str(error.value)
    assert parts.password and parts.password not in str(error.value)


def test_a_socket_is_named_by_its_path(parts: SplitResult, shop: Shop, socket: str) -> None:
    port = f":{parts.port}" if shop.kind == "postgres" else ""
    assert connection.open_database(through(parts, shop, socket)).name == f"{parts.scheme}://{socket}{port}{parts.path}"
    assert groups.listing.count() == 1
    assert socket in opened().dialect.identity()


def test_a_server_is_the_same_however_it_is_named(parts: SplitResult, elsewhere: str) -> None:
    kind = "MySQLServer" if parts.scheme == "mysql" else "PostgresServer"
    for url in (
        parts.geturl(),
        parts._replace(netloc=parts.netloc.replace("127.0.0.1", "localhost")).geturl(),
        elsewhere,
    ):
        connection.open_database(url)
        assert opened().dialect.identity() == f"{kind}:localhost:{parts.port}{parts.path}"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql:///shop?read_default_file=/etc/my.cnf", "mysql:///shop"),
        ("mariadb://admin:secret@db.example:3306/shop", "mariadb://db.example/shop"),
        ("postgresql://admin@db.example:5433/a%20b", "postgresql://db.example:5433/a b"),
        ("postgres://[::1]:3306/shop", "postgres://[::1]:3306/shop"),
    ],
)
def test_an_address_says_what_the_url_names_and_the_port_where_it_is_not_the_usual_one(url: str, said: str) -> None:
    assert str(servers.address(url)) == said
