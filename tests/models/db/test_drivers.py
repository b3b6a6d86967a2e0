"""Peewee finds the drivers that a start needs and no other, and those stay importable."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.db import connection, drivers


def run(folder: Path, code: str) -> str:
    for name in drivers.DRIVERS:  # as if all were installed
        (folder / f"{name}.py").write_text("")
    script = f"import sys\nsys.path.insert(0, {str(folder)!r})\nfrom models.db import drivers\n{code}"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("chosen", [(), ("pymysql",)])
def test_peewee_is_imported_with_the_chosen_drivers_alone(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    code = f"drivers.import_peewee({chosen})\nprint(*(name for name in drivers.DRIVERS if name in sys.modules))"
    assert run(tmp_path, code).split() == list(chosen)
    code = f"drivers.import_peewee({chosen})\nimport peewee\nprint(peewee.mysql and peewee.mysql.__name__)"
    assert run(tmp_path, code) == (chosen[0] if chosen else "None")


def test_a_driver_that_was_kept_out_can_be_imported_afterwards(tmp_path: Path) -> None:
    code = "drivers.import_peewee()\nimport psycopg, pymysql, MySQLdb\nprint(pymysql.__name__)"
    assert run(tmp_path, code) == "pymysql"


def test_a_file_needs_no_driver() -> None:
    assert drivers.needed("/srv/shop.db") == drivers.needed("sqlite:///shop.db") == ()


@pytest.mark.parametrize("name", [*drivers.SCHEMES, "MySQL"])
def test_a_file_may_have_the_name_of_a_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert drivers.needed(name) == ()
    assert connection.open_database(name).created and (tmp_path / name).is_file()
