"""The command line in this process, on a shop of three users, four groups and three roles."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.conftest import Shop
from tui.cli.main import main

PASSWORD = "Correct-Horse-12"


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Said]


@pytest.fixture
def config(home: Path) -> Path:
    """The file of the settings, in folders of this test alone; hashing is as quick as it may be."""
    file = home / "config" / "backoffice" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("password_cost = 10\n")
    return file


@pytest.fixture
def shop(tmp_path: Path, fresh: Path, request: pytest.FixtureRequest) -> Shop:
    """A shop with an installer's rows: a fresh embedded database, or one on a server."""
    kind = getattr(request, "param", "sqlite")
    return Shop(str(shutil.copy(fresh, tmp_path)) if kind == "sqlite" else servers.reset(kind), kind)


@pytest.fixture
def people(shop: Shop) -> Shop:
    """Anna is in Catalog, whose role is Editor; Tom in Support, whose roles are Editor and Media; Ada administers."""
    editor, media = shop.roles("Editor", "Media")
    shop.rules(editor, "allow sales/*/*", "deny sales/order/delete")
    catalog, support, _ = shop.groups("Catalog", "Support", "Empty")
    shop.hold(catalog, editor)
    shop.hold(support, editor, media)
    anna, tom, ada = shop.users("anna@shop.example", "tom@shop.example", "ada@shop.example")
    shop.join(catalog, anna)
    shop.join(support, tom)
    shop.join(1, ada)
    return shop


@pytest.fixture
def run(people: Shop, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on that shop, as with nobody at a terminal; `stdin` is what it reads."""
    monkeypatch.setenv("BACKOFFICE_DATABASE", people.location)

    def run(*arguments: str, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
