"""What goes over the line to a server is encrypted where the server offers it, and where the URL asks for it."""

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from models import groups
from models.db import connection
from models.errors import Unavailable
from tests.conftest import Shop
from tests.proxy import Encrypted
from tests.rogue import Rogue

ON_SERVERS = True
pytestmark = pytest.mark.server


def certified(folder: Path, name: str) -> Path:
    """A certificate for a name, with its key, that only who knows it trusts."""
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    kind = "IP" if name[0].isdigit() else "DNS"
    make += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}"]
    subprocess.run([*make, "-addext", f"subjectAltName={kind}:{name}"], check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    return certificate


@pytest.fixture
def offering(shop: Shop, tmp_path: Path) -> Iterator[Encrypted]:
    """The shop's server, as one that offers TLS."""
    with closing(Encrypted(shop.location, certified(tmp_path, "shop.example"))) as offering:
        yield offering
        connection.close_database()


@pytest.mark.parametrize("option", ["", "?ssl=true"])
def test_every_connection_is_encrypted_where_the_server_offers_it(offering: Encrypted, option: str) -> None:
    connection.open_database(offering.url + option)
    both = Barrier(2)

    def count(_: int) -> int:
        with connection.read_connection():
            both.wait(10)
            return groups.listing.count()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(count, range(2))) == [1, 1]
    assert groups.create("Night shift", [1])
    assert offering.connections == 2, "the second came while the first was in use"


def test_a_url_can_ask_for_tls_or_for_none(shop: Shop) -> None:
    connection.open_database(f"{shop.location}?ssl=false")
    assert groups.listing.count() == 1
    with pytest.raises(Unavailable, match=r"no TLS on the server, which the URL requires$"):
        connection.open_database(f"{shop.location}?ssl=true")


def test_ssl_true_checks_no_certificate_and_ssl_verify_does(offering: Encrypted) -> None:
    connection.open_database(f"{offering.url}?ssl=true")
    with pytest.raises(Unavailable, match=r": its certificate is not trusted$"):
        connection.open_database(f"{offering.url}?ssl=verify")


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"])
def test_a_trusted_certificate_is_taken_for_its_own_name_alone(shop: Shop, tmp_path: Path, name: str) -> None:
    certificate = certified(tmp_path, name)
    option = "sslrootcert" if shop.kind == "postgres" else "ssl_ca"
    with closing(Encrypted(shop.location, certificate)) as offering:
        url = f"{offering.url}?ssl=verify&{option}={certificate}"
        if name == "127.0.0.1":
            connection.open_database(url)
            assert groups.listing.count() == 1
            connection.close_database()
        else:
            with pytest.raises(Unavailable, match=r": its certificate is for another name$"):
                connection.open_database(url)


def test_the_systems_certificates_are_trusted_with_ssl_verify(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HOME", str(tmp_path))
    with closing(Encrypted(shop.location, certificate)) as offering:
        connection.open_database(f"{offering.url}?ssl=verify")
        connection.close_database()


# A password in clear text


ROGUES = [("postgres", ""), ("mariadb", "mysql_clear_password"), ("mariadb", "dialog")]


@pytest.mark.parametrize(("kind", "plugin"), ROGUES)
@pytest.mark.parametrize("option", ["", "?ssl=false"])
def test_a_server_that_asks_for_the_password_in_clear_text_is_not_told_it(kind: str, plugin: str, option: str) -> None:
    with closing(Rogue(kind, plugin)) as rogue:
        with pytest.raises(Unavailable, match="it asks for the password in clear text, which is sent only over TLS"):
            connection.open_database(rogue.url + option)
        assert b"s3cret" not in b"".join(rogue.told)


@pytest.mark.parametrize(("kind", "plugin"), ROGUES)
def test_over_tls_that_the_url_demands_it_is_told_it(kind: str, plugin: str, tmp_path: Path) -> None:
    with closing(Rogue(kind, plugin)) as rogue, closing(Encrypted(rogue.url, certified(tmp_path, "a"))) as offering:
        with pytest.raises(Unavailable) as refused:
            connection.open_database(f"{offering.url}?ssl=true")
        assert "clear text" not in str(refused.value)
        assert rogue.told == [b"s3cret"]


@pytest.mark.parametrize("encrypted", [False, True])
def test_mysqls_old_form_of_a_password_is_never_sent(tmp_path: Path, encrypted: bool) -> None:
    certificate, why = certified(tmp_path, "a"), r"a form that is broken \(mysql_old_password\), which is not sent$"
    with (
        closing(Rogue("mariadb", "mysql_old_password")) as rogue,
        closing(Encrypted(rogue.url, certificate)) as offering,
    ):
        with pytest.raises(Unavailable, match=why):
            connection.open_database(f"{offering.url}?ssl=true" if encrypted else rogue.url)
        assert b"".join(rogue.told) == b""


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_what_demands_no_tls_or_allows_clear_text_sends_none(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Rogue("postgres")) as rogue:
        for option in (f"ssl=true&sslmode={mode}", f"sslmode={mode}&require_auth=!md5", "require_auth=md5,password"):
            with pytest.raises(Unavailable, match="clear text"):
                connection.open_database(f"{rogue.url}?{option}")
        monkeypatch.setenv("PGREQUIREAUTH", "password")
        with pytest.raises(Unavailable, match="clear text"):
            connection.open_database(rogue.url)
        assert b"s3cret" not in b"".join(rogue.told)


def test_a_libpq_that_could_not_refuse_clear_text_is_not_used_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    from psycopg import pq

    monkeypatch.setattr(pq, "version", lambda: 150004)
    with closing(Rogue("postgres")) as rogue:
        with pytest.raises(Unavailable, match=r"libpq 15 would send the password in clear text .* \?ssl=true"):
            connection.open_database(rogue.url)
        with pytest.raises(Unavailable, match="no TLS on the server"):
            connection.open_database(f"{rogue.url}?ssl=true")
        assert rogue.told == []
