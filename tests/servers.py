"""Shops on real servers for the tests: a database of each one's own, as a shop's installer leaves it.

The servers are started where they are installed (local_servers.py). BACKOFFICE_TEST_POSTGRES and
BACKOFFICE_TEST_MARIADB name others instead, by URLs whose user may create databases.
"""

import atexit
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest

from models.db import schema
from tests import local_servers

KINDS = ("postgres", "mariadb")
TABLES = (
    *("spy_acl_groups_has_roles", "spy_acl_user_has_group", "spy_acl_rule_archive", "spy_acl_rule"),
    *("spy_acl_group_archive", "spy_acl_group", "spy_acl_role_archive", "spy_acl_role", "spy_user_archive"),
    *("spy_user", "spy_locale"),
)
NUMBERED = {"spy_acl_role": "id_acl_role", "spy_acl_group": "id_acl_group", "spy_acl_rule": "id_acl_rule"}
NUMBERED |= {"spy_user": "id_user"}
"""The tables whose ids are given one after the other, and the column of the id."""

SCHEMAS = {
    kind: Path(schema.__file__).with_name(file)
    for kind, file in {"postgres": "postgres.sql", "mariadb": "mysql.sql", "sqlite": "embedded.sql"}.items()
}
"""The scripts that `backoffice init` runs: a shop's tables, and what its installer leaves."""

NEIGHBOURS = (  # those that refer to others first
    *("spy_user_multi_factor_auth_codes_attempts", "spy_user_multi_factor_auth_codes", "spy_user_multi_factor_auth"),
    *("spy_auth_reset_password_archive", "spy_auth_reset_password", "spy_picking_list", "spy_acl_entity_rule"),
    *("spy_acl_entity_segment", "spy_merchant_user", "spy_merchant"),
)
"""The tables of a whole shop that belong to other parts of it."""

LATER = ("reference", "uuid", "is_agent", "is_merchant_agent", "is_warehouse_user")
"""Columns that an older shop lacks."""

WHOLE = {kind: Path(__file__).with_name("data") / f"whole-shop-{SCHEMAS[kind].name}" for kind in KINDS}
"""What a whole shop has beside the tables of ours: all locales, and the tables of other parts."""

Age = Literal["older", "current", "whole"]


def named(kind: str) -> str | None:
    """The URL of a server that was there before."""
    return os.environ.get(f"BACKOFFICE_TEST_{kind.upper()}")


@cache
def url(kind: str) -> str | None:
    """The URL of the server, which is started by this if need be; none where it is not installed."""
    return named(kind) or (local_servers.url(kind) if local_servers.programs(kind) else None)


def needed(kind: str) -> str:
    """The URL of the server. Skips the test where there is none, and fails it in CI."""
    if found := url(kind):
        return found
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{NOT_INSTALLED}{local_servers.NAMES[kind]}")


NOT_INSTALLED = "not installed: "


def database(kind: str, name: str) -> str:
    """The URL of a database of this name on the server."""
    return urlsplit(needed(kind))._replace(path=f"/{name}").geturl()


def connect(url: str, **options: Any) -> Any:
    """A connection of the driver's own, past our code; each statement is its own transaction."""
    parts = urlsplit(url)
    who: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
    }
    if parts.scheme.startswith("postgres"):
        import psycopg

        options.setdefault("prepare_threshold", None)  # what is prepared does not outlive another column
        return psycopg.connect(dbname=parts.path[1:], autocommit=True, **who, **options)
    import pymysql

    options.setdefault("ssl_disabled", True)  # making ready for TLS takes 25 ms
    return pymysql.connect(database=parts.path[1:] or None, autocommit=True, **who, **options)


@cache
def session(url: str) -> Any:
    """A connection of the driver's own that stays open for the whole run, and waits for no lock for ever."""
    connection = connect(url)
    atexit.register(connection.close)
    with connection.cursor() as cursor:
        mysql = "SET SESSION innodb_lock_wait_timeout = 20, lock_wait_timeout = 20"
        cursor.execute("SET lock_timeout = '20s'" if url.startswith("postgres") else mysql)
    return connection


def run(url: str, *statements: str) -> None:
    """Run statements one after the other."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def statements(script: str) -> list[str]:
    """The statements of an SQL script, without its comments."""
    text = re.sub(r"^--.*$", "", script, flags=re.MULTILINE)
    return [statement.strip() for statement in re.split(r";\s*\n", text) if statement.strip(" \n;")]


def exists(kind: str, name: str) -> bool:
    """Whether the server has a database of this name."""
    table = "pg_database WHERE datname" if kind == "postgres" else "information_schema.schemata WHERE schema_name"
    connection = connect(needed(kind))
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} = %s", [name])
        return cursor.fetchone() is not None


def drop(url: str) -> None:
    """Drop the database, whoever is connected to it."""
    name = urlsplit(url).path[1:]
    kind = "postgres" if url.startswith("postgres") else "mariadb"
    run(needed(kind), f"DROP DATABASE IF EXISTS {name}{' WITH (FORCE)' if kind == 'postgres' else ''}")


def create(kind: str, name: str, options: str = "") -> str:
    """An empty database of this name, made anew, on MySQL in the character set that a shop has; its URL."""
    url = database(kind, name)
    drop(url)
    if kind != "postgres" and not options:
        options = "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"
    run(needed(kind), f"CREATE DATABASE {name} {options}")
    return url


def passing(kind: str, name: str, options: str = "") -> str:
    """An empty database of this process, which goes when it ends; its URL."""
    url = create(kind, f"backoffice_{name}_{os.getpid()}", options)
    if named(kind):  # a server of ours goes as a whole
        atexit.register(drop, url)
    return url


def older(script: str) -> list[str]:
    """The statements that make the tables of an older shop: without some columns, for bundles of 45 characters."""
    later = rf"^(?!CREATE TABLE).*\b({'|'.join(LATER)})\b.*\n?"
    made = [statement for statement in statements(script) if statement.startswith("CREATE")]
    made = [re.sub(later, "", statement, flags=re.MULTILINE) for statement in made]
    made = [re.sub(r",\s*\n\)", "\n)", statement, flags=re.MULTILINE) for statement in made if statement]
    return [re.sub(r"(?i)varchar\(60\)", "VARCHAR(45)", statement) for statement in made]


def whole(kind: str) -> list[str]:
    """The statements that add to a shop's tables what a whole shop has; SQLite is given MySQL's, in its own words."""
    script = WHOLE["mariadb" if kind == "sqlite" else kind].read_text(encoding="utf-8")
    if kind == "sqlite":
        script = re.sub(r" NOT NULL AUTO_INCREMENT| ENGINE=InnoDB", "", script)
        script = re.sub(r"UNIQUE INDEX (`[^`]+`)", r"CONSTRAINT \1 UNIQUE", script)
    return statements(script)


@cache
def made(kind: str, age: Age) -> str:
    """A shop's database, one of each age for the whole run; its URL."""
    url = passing(kind, age)
    make_tables(url, kind, age)
    return url


def make_tables(url: str, kind: str, age: Age = "current") -> None:
    """The tables of a shop, without a row."""
    script = SCHEMAS[kind].read_text(encoding="utf-8")
    found = older(script) if age == "older" else statements(script)
    found += whole(kind) if age == "whole" else []
    run(url, *(statement for statement in found if statement.startswith("CREATE")))


def load(url: str, kind: str, tables: Iterable[tuple[str, str, Iterable[tuple[Any, ...]]]]) -> None:
    """Add many rows to these tables and columns, as quickly as the server takes them."""
    connection = connect(url)
    with closing(connection), connection.cursor() as cursor:
        for table, columns, rows in tables:
            if kind == "postgres":
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * (columns.count(",") + 1))
                cursor.execute("BEGIN")
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
                cursor.execute("COMMIT")
        for table, key in NUMBERED.items():
            if kind == "postgres":
                cursor.execute(f"SELECT setval('{table}_pk_seq', (SELECT max({key}) FROM {table}))")
        cursor.execute("ANALYZE" if kind == "postgres" else f"ANALYZE TABLE {', '.join(TABLES)}")


def reset(kind: str, age: Age = "current") -> str:
    """A shop with what an installer leaves, and no users; its URL."""
    url = made(kind, age)
    clear = [f"DELETE FROM {table}" for table in ((*NEIGHBOURS, *TABLES) if age == "whole" else TABLES)]
    if kind == "postgres":
        clear += [f"ALTER SEQUENCE {table}_pk_seq RESTART" for table in NUMBERED]
    else:
        clear += [f"ALTER TABLE {table} AUTO_INCREMENT = 1" for table in NUMBERED]
    with session(url).cursor() as cursor:
        locales = [text for text in whole(kind) if text.startswith("INSERT")] if age == "whole" else []
        for statement in clear + installed(kind, older=age == "older") + locales:
            cursor.execute(statement)
    return url


def installed(kind: str, *, older: bool = False) -> list[str]:
    """The statements that add an installer's rows."""
    script = SCHEMAS[kind].read_text(encoding="utf-8")
    found = [statement for statement in statements(script) if not statement.startswith("CREATE")]
    if older:  # without references, which repeat the names
        found = [re.sub(r""", ["`]?reference["`]?|('root_\w+'), (?=\1)""", "", statement) for statement in found]
    return found


def insert(connection: Any, kind: str, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Add rows; the ids that they got, none in a table that has none."""
    marks = ", ".join(["%s"] * (columns.count(",") + 1))
    key = NUMBERED.get(table)
    ids = []
    with connection.cursor() as cursor:
        for row in rows:
            if kind == "postgres" and key and key not in columns.split(", "):
                number = f"nextval('{table}_pk_seq')"
                cursor.execute(
                    f"INSERT INTO {table} ({columns}, {key}) VALUES ({marks}, {number}) RETURNING {key}", row
                )
                ids.append(cursor.fetchone()[0])
            else:
                cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)
                ids.append(cursor.lastrowid if kind != "postgres" else 0)
    return ids
