"""What goes over the line to a server is encrypted where the server offers it, and where the URL asks for it."""

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from models import database, groups
from models.errors import Unavailable
from tests.conftest import Shop
from tests.proxy import Encrypted

ON_SERVERS = True
pytestmark = pytest.mark.server


@pytest.fixture
def offering(shop: Shop, tmp_path: Path) -> Iterator[Encrypted]:
    """The shop's server, as one that offers TLS."""
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=shop.example"]
    subprocess.run(make, check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    with closing(Encrypted(shop.location, certificate)) as offering:
        yield offering
        database.close_database()


@pytest.mark.parametrize("option", ["", "?ssl=true"])
def test_every_connection_is_encrypted_where_the_server_offers_it(offering: Encrypted, option: str) -> None:
    database.open_database(offering.url + option)
    both = Barrier(2)

    def count(_: int) -> int:
        with database.reading():
            both.wait(10)
            return groups.listing.count()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(count, range(2))) == [1, 1]
    assert groups.create("Night shift", [1])
    assert offering.connections == 2, "the second came while the first was in use"


def test_a_url_can_ask_for_tls_or_for_none(shop: Shop) -> None:
    database.open_database(f"{shop.location}?ssl=false")
    assert groups.listing.count() == 1
    with pytest.raises(Unavailable, match=r"it offers no TLS, which the URL asks for$"):
        database.open_database(f"{shop.location}?ssl=true")
