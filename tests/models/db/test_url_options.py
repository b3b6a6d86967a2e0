"""Whatever a URL gives as an option, there is a connection, or one reason why there is none."""

from inspect import signature
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import groups
from models.db import connection
from models.errors import Unavailable
from tests.conftest import Shop

ON_SERVERS = True


def names() -> list[str]:
    """Every name that a driver, its library, Peewee or its pool takes for something."""
    import psycopg
    from playhouse.pool import PooledDatabase
    from pymysql.connections import Connection

    takers = (Connection.__init__, psycopg.Connection.connect, PooledDatabase.__init__, PooledDatabase.init)
    found = {name for taker in takers for name in signature(taker).parameters}
    found |= {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    return sorted(found | {"ssl", "encoding", "isolation_level", "register_unicode", "prefer_psycopg3", "mariadb"})


VALUES = (
    "",
    "0",
    "1",
    "-1",
    "true",
    "false",
    "none",
    "verify",
    "abc",
    "1.5",
    "nan",
    "inf",
    "9" * 30,
    "/",
    "/dev",
    "\0",
)


@pytest.mark.server
@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # PyMySQL leaves sockets open
@settings(max_examples=200)
@given(st.sampled_from(names()) | st.text(max_size=8), st.sampled_from(VALUES) | st.text(max_size=12))
@example("row_factory", "dict_row")
@example("prepare_threshold", "abc")
@example("defer_connect", "1")
@example("self", "1")
@example("password", "\udce9")
def test_any_option_gives_a_connection_or_one_reason(shop: Shop, name: str, value: str) -> None:
    password = urlsplit(shop.location).password or "?"
    option = f"{quote(name, errors='surrogatepass')}={quote(value, errors='surrogatepass')}"
    try:
        connection.open_database(f"{shop.location}?{option}")
        assert groups.listing.count() == 1
    except Unavailable as error:
        said = str(error).replace(name, "")  # which is repeated as it is
        assert password not in said and "\n" not in said
        assert error.__suppress_context__ or error.__context__ is None
    finally:
        connection.close_database()


@pytest.mark.server
@pytest.mark.parametrize("name", ["row_factory", "prepare_threshold", "defer_connect", "self", "dbname", "autocommit"])
def test_what_is_no_connection_option_is_refused_by_its_name(shop: Shop, name: str) -> None:
    with pytest.raises(Unavailable, match=f": “{name}” is not a connection option$"):
        connection.open_database(f"{shop.location}?{name}=abc")


@pytest.mark.server
@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("connect_timeout=soon", "the option “connect_timeout” must be a"),
        ("port=abc", "the option “port” must be a port"),
        ("ssl=perhaps", "the option “ssl” must be true, false or verify"),
        ("ssl=", "the option “ssl” must be true, false or verify"),
    ],
)
def test_an_option_of_a_wrong_kind_is_named(shop: Shop, option: str, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        connection.open_database(f"{shop.location}?{option}")


@pytest.mark.server
def test_a_zero_byte_sends_nobody_elsewhere(shop: Shop) -> None:
    for url in (shop.location.replace("://", "://a%00b"), f"{shop.location}%00x", f"{shop.location}?user=a%00"):
        with pytest.raises(Unavailable, match="a zero byte cannot be sent"):
            connection.open_database(url)
    with pytest.raises(Unavailable, match="a zero byte cannot be sent"):
        connection.open_database(shop.location, password="s3\0cret")


@pytest.mark.postgres
def test_sslmode_wins_over_ssl(shop: Shop) -> None:
    connection.open_database(f"{shop.location}?ssl=true&sslmode=disable")
    with pytest.raises(Unavailable, match="no TLS on the server"):
        connection.open_database(f"{shop.location}?ssl=false&sslmode=verify-full")


@pytest.mark.mariadb
@pytest.mark.parametrize("charset", ["latin1", "utf8", "gbk", "bogus", ""])
def test_a_character_set_that_would_lose_characters_on_the_line_is_refused(shop: Shop, charset: str) -> None:
    with pytest.raises(Unavailable, match="the option “charset” must be utf8mb4"):
        connection.open_database(f"{shop.location}?charset={charset}")
    connection.open_database(f"{shop.location}?charset=utf8mb4")
    assert groups.get(groups.create("Łódź €", [1])).name == "Łódź €"


@pytest.mark.mariadb
def test_the_drivers_own_options_of_tls_win_over_ssl(shop: Shop) -> None:
    for quiet in ("ssl=false&ssl_disabled=true", "ssl=true&ssl_disabled=true", "ssl_disabled=false"):
        connection.open_database(f"{shop.location}?{quiet}")
    for strict in ("ssl=false&ssl_disabled=false", "ssl=false&ssl_verify_identity=true"):
        with pytest.raises(Unavailable, match="no TLS on the server"):
            connection.open_database(f"{shop.location}?{strict}")
