"""A real shop in a file for every test that asks for one, and plain sqlite3 to arrange it and to look into it."""

import gc
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import bcrypt
import pytest
from hypothesis import HealthCheck, settings

from models.db import connection as database
from models.db.opened import CLOSED, opened, set_opened
from models.pages.known import KnownPages, set_known_pages
from tests import local_servers, servers, triggers

EMBEDDED = (Path(database.__file__).parent / "embedded.sql").read_text(encoding="utf-8")

# Each example arranges its own rows, so one shop serves all examples of a test. The same examples in every run: CI
# must not fail by chance.
settings.register_profile(
    "shop", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("shop")


@dataclass(frozen=True)
class Shop:
    """An opened database; everything here goes past our own code, as a colleague's program would."""

    location: str
    """A file's path, or a server's URL."""
    kind: str = "sqlite"

    @property
    def path(self) -> Path:
        return Path(self.location)

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """A connection of the driver's own; each statement is its own transaction."""
        if self.kind != "sqlite":
            yield servers.session(self.location)
            return
        connection = sqlite3.connect(self.location, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = 1")
        connection.execute("PRAGMA synchronous = 0")
        with closing(connection):
            yield connection

    def older(self) -> "Shop":
        """A shop beside this one that lacks the columns that came later; opened."""
        if self.kind == "sqlite":
            older = Shop(str(self.path.with_name("older.db")))
            for statement in servers.older(EMBEDDED) + servers.installed(self.kind, older=True):
                older.sql(statement)
        else:
            older = Shop(servers.reset(self.kind, "older"), self.kind)
        older.reopen()
        return older

    def whole(self) -> "Shop":
        """A shop beside this one with all locales, and with the tables of other parts of the shop; opened."""
        if self.kind == "sqlite":
            whole = Shop(str(shutil.copy(self.path, self.path.with_name("whole.db"))))
            for statement in servers.whole(self.kind):
                whole.sql(statement)
        else:
            whole = Shop(servers.reset(self.kind, "whole"), self.kind)
        whole.reopen()
        return whole

    def reopen(self) -> None:
        """Open it again with the same settings, as after a change to its tables."""
        database.open_database(self.location, settings=opened().settings)

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        """The statement's rows; of a single column, its values. Times are texts, as SQLite has them."""
        with self.connect() as connection:
            cursor = connection.cursor()
            if self.kind != "sqlite" and parameters:
                statement = statement.replace("%", "%%").replace("?", "%s")
            cursor.execute(statement, *([parameters] if parameters else []))
            found = cursor.fetchall() if cursor.description else []
        rows = [tuple(str(value) if isinstance(value, datetime) else value for value in row) for row in found]
        return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows

    def insert(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> list[int]:
        """Add rows; the ids that they got."""
        with self.connect() as connection:
            if self.kind != "sqlite":
                return servers.insert(connection, self.kind, table, columns, list(rows))
            marks = ", ".join("?" for _ in columns.split(","))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            connection.execute("BEGIN")
            ids = [connection.execute(statement, row).lastrowid for row in rows]
            connection.execute("COMMIT")
        return ids

    def roles(self, *names: str) -> list[int]:
        return self.insert("spy_acl_role", "name", [(name,) for name in names])

    def groups(self, *names: str) -> list[int]:
        return self.insert("spy_acl_group", "name", [(name,) for name in names])

    def users(self, *emails: str) -> list[int]:
        rows = [(email, "First", "Last", "hash") for email in emails]
        return self.insert("spy_user", "username, first_name, last_name, password", rows)

    def rules(self, role: int, *lines: str) -> list[int]:
        """Add rules to a role, each line as in `deny user/edit/update`; their ids."""
        rows = []
        for line in lines:
            permission, path = line.split()
            rows.append((role, *path.split("/"), ("allow", "deny").index(permission)))
        return self.insert("spy_acl_rule", "fk_acl_role, bundle, controller, action, type", rows)

    def hold(self, group: int, *roles: int) -> None:
        self.insert("spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(group, role) for role in roles])

    def join(self, group: int, *users: int) -> None:
        self.insert("spy_acl_user_has_group", "fk_acl_group, fk_user", [(group, user) for user in users])

    def dump(self) -> list[Any]:
        with self.connect() as connection:
            if self.kind == "sqlite":
                return list(connection.iterdump())
        return [sorted(self.sql(f"SELECT * FROM {table}"), key=repr) for table in servers.TABLES]

    @contextmanager
    def refusing(self, event: str, table: str) -> Iterator[None]:
        """Meanwhile every INSERT, UPDATE or DELETE of a row of the table fails, with the word `no`."""
        with self._triggers(*triggers.refusing(self.kind, event, table)):
            yield

    @contextmanager
    def noting(self, table: str, key: str, *columns: str) -> Iterator[None]:
        """Meanwhile a table `written` holds INSERT, DELETE or the updated column, and the row's value in `key`."""
        with self._triggers(*triggers.noting(self.kind, table, key, columns)):
            yield

    @contextmanager
    def _triggers(self, make: list[str], away: list[str]) -> Iterator[None]:
        for statement in make:
            self.sql(statement)
        try:
            yield
        finally:
            for statement in away:
                self.sql(statement)

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Not one value of one table is another afterwards."""
        before = self.dump()
        yield
        assert self.dump() == before


def utc_now() -> datetime:
    """As the program writes it, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def verifies(password: str, hash: str) -> bool:
    """Whether the password has this hash, of any cost, as PHP's `password_verify` says."""
    try:
        return bcrypt.checkpw(password.encode()[:72], hash.replace("$2y$", "$2b$", 1).encode())
    except ValueError:
        return False


def unwritable(shop: Shop, text: str) -> str | None:
    """The message for a text that the shop's columns cannot hold: MySQL's utf8mb3 has no emoji."""
    at = next((place for place, character in enumerate(text, 1) if ord(character) > 0xFFFF), 0)
    if not at or shop.kind != "mariadb":
        return None
    return f"Character {at} ({text[at - 1]}) cannot be saved: the database's column is in utf8mb3."


def unseen(monkeypatch: pytest.MonkeyPatch, module: ModuleType, looks: int = 1) -> None:
    """Let the next looks for a name that is taken miss it, as where a colleague takes it just afterwards."""
    real, missed = module.is_name_taken, iter(range(looks))
    monkeypatch.setattr(module, "is_name_taken", lambda *args: next(missed, None) is None and real(*args))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No test leaves a database open to the next, or settings or known pages of its own."""
    yield
    database.close_database()
    set_opened(CLOSED)
    set_known_pages(KnownPages())


def change_settings(**changes: Any) -> None:
    """Change settings of the shop that is open, or will be."""
    shop = opened()
    set_opened(replace(shop, settings=replace(shop.settings, **changes)))


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database as it is created, for tests to copy: five times as quick as creating one for each."""
    path = tmp_path_factory.mktemp("fresh") / "shop.db"
    database.open_database(str(path))
    database.close_database()
    return path


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="write the screens of tests/tui/snapshots as they are"
    )


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run, which starts xdist's others, is the one whose end stops the servers."""
    gc.set_threshold(100_000, 20, 20)  # an app leaves many objects: looking through all that live took a tenth of a run
    if not hasattr(config, "workerinput"):
        local_servers.begin_run()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A slow test has time enough on a busy machine, too."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        local_servers.end_run()


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """One line about the tests that were skipped for want of a server, and what to install for them."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    wanting = [reason.rpartition(servers.NOT_INSTALLED)[2] for reason in reasons if servers.NOT_INSTALLED in reason]
    if wanting:
        missing = sorted(set(wanting), reverse=True)
        terminalreporter.write_line(
            f"{len(wanting)} tests were skipped: {' and '.join(missing)} not installed "
            f"({local_servers.how_to_install(missing)})"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of a module that says ON_SERVERS run on a real server of each kind too."""
    if "shop" in metafunc.fixturenames and getattr(metafunc.module, "ON_SERVERS", False):
        only = {"embedded": ("sqlite",), "server": servers.KINDS, **{kind: (kind,) for kind in servers.KINDS}}
        marked = [kinds for mark, kinds in only.items() if metafunc.definition.get_closest_marker(mark)]
        metafunc.parametrize("shop", marked[0] if marked else ("sqlite", *servers.KINDS), indirect=True)


@pytest.fixture
def shop(tmp_path: Path, fresh: Path, request: pytest.FixtureRequest) -> Shop:
    """A shop with an installer's rows, opened: a fresh embedded database, or one on a server."""
    kind = getattr(request, "param", "sqlite")
    shop = Shop(str(shutil.copy(fresh, tmp_path)) if kind == "sqlite" else servers.reset(kind), kind)
    shop.reopen()
    return shop
