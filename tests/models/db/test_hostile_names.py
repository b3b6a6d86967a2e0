"""Columns and tables of a shop's own may be called anything, and be in another schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models import groups, roles
from models.errors import Refused
from models.tools import check
from tests import servers
from tests.conftest import Shop

ON_SERVERS = True

NAMES = ("select", "bind", "_path", "__class__", "100 %", "%s", 'a"b', "a`b", "it's", "a\\b", "?", "c")


def quoted(shop: Shop, name: str) -> str:
    mark = "`" if shop.kind == "mariadb" else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def run(shop: Shop, statement: str) -> list[Any]:
    """Without parameters, as it stands: a driver that is given some would take a `%` for a mark."""
    return shop.sql(statement)


@contextmanager
def referring(shop: Shop, table: str, column: str, to: str, more: str = "") -> Iterator[None]:
    """A table that refers by a column to one of ours."""
    key = f"id_{to.removeprefix('spy_')}"
    references = f"FOREIGN KEY ({quoted(shop, column)}) REFERENCES {to} ({key})"
    run(shop, f"CREATE TABLE {table} ({quoted(shop, column)} INTEGER, {references} {more})")
    try:
        yield
    finally:
        run(shop, f"DROP TABLE {table}")


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_keys_column_and_table_may_have_any_name(shop: Shop, name: str) -> None:
    table = quoted(shop, name)
    group, role = groups.create("Night shift", [1]), roles.create("Order support")
    with referring(shop, table, name, "spy_acl_group", "ON DELETE CASCADE"):
        assert groups.check_delete(group) == {}
        run(shop, f"INSERT INTO {table} VALUES ({group}), ({group})")
        assert groups.check_delete(group) == {name: 2}
        groups.delete(group)
        assert run(shop, f"SELECT count(*) FROM {table}") == [0]
    with referring(shop, table, name, "spy_acl_role"):
        run(shop, f"INSERT INTO {table} VALUES ({role})")
        for act in (roles.check_delete, roles.delete):
            with pytest.raises(Refused) as refused:
                act(role)
            assert roles.get(role).name == "Order support"
            assert str(refused.value) == f"It cannot be deleted: {name} still refers to it. Nothing was deleted."


@pytest.mark.parametrize("name", NAMES)
def test_a_column_of_the_shops_own_may_have_any_name(shop: Shop, name: str) -> None:
    """What it holds goes to the archive with the row."""
    column, both = (
        quoted(shop, name),
        ("spy_acl_group", "spy_acl_group_archive", "spy_acl_rule", "spy_acl_rule_archive"),
    )
    added = []
    try:
        for table in both:
            run(shop, f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(20)")
            added.append(table)
        shop.reopen()
        assert {finding.what: finding.found for finding in check.check(shop.location)}["may write"] == "yes"
        group, role = groups.create("Night shift", [1]), roles.clone(1, "Admins")
        for table in both[::2]:
            run(shop, f"UPDATE {table} SET {column} = 'ours'")
        groups.delete(group)
        roles.delete(role)
        for table in both[1::2]:
            assert run(shop, f"SELECT {column} FROM {table}") == ["ours"]
    finally:
        for table in added:
            run(shop, f"ALTER TABLE {table} DROP COLUMN {column}")


@contextmanager
def elsewhere(shop: Shop, name: str) -> Iterator[str]:
    """Another schema of PostgreSQL, or another database on MariaDB; its name as it is quoted."""
    schema = quoted(shop, name)
    if shop.kind == "postgres":
        make, drop = [f"CREATE SCHEMA {schema}"], f"DROP SCHEMA IF EXISTS {schema} CASCADE"
    else:
        make, drop = [f"CREATE DATABASE {schema}"], f"DROP DATABASE IF EXISTS {schema}"
    where = shop.location if shop.kind == "postgres" else servers.needed(shop.kind)
    servers.run(where, drop, *make)
    try:
        yield schema
    finally:
        servers.run(where, drop)


@pytest.mark.server
@pytest.mark.parametrize("name", ["warehouse", 'ware"house 100 %', "select"])
def test_a_foreign_key_may_come_from_another_schema_which_is_named(shop: Shop, name: str) -> None:
    name = f"backoffice_{name}"
    group, role = groups.create("Night shift", [1]), roles.create("Order support")
    ours = "" if shop.kind == "postgres" else f"{shop.location.rpartition('/')[2]}."
    with elsewhere(shop, name) as schema:
        for rule, to, id in ("CASCADE", "group", group), ("RESTRICT", "role", role):
            references = f"REFERENCES {ours}spy_acl_{to} (id_acl_{to}) ON DELETE {rule}"
            table = f"{schema}.spy_acl_{to}"  # called as one of ours
            run(shop, f"CREATE TABLE {table} (fk INTEGER, FOREIGN KEY (fk) {references})")
            run(shop, f"INSERT INTO {table} VALUES ({id})")
        assert groups.check_delete(group) == {f"{name}.spy_acl_group": 1}
        groups.delete(group)
        for act in (roles.check_delete, roles.delete):
            with shop.untouched(), pytest.raises(Refused) as refused:
                act(role)
            assert f": {name}.spy_acl_role still refers to it" in str(refused.value)


def test_a_foreign_key_may_refer_to_another_column_than_the_id(shop: Shop) -> None:
    (first, second) = shop.groups("Night shift", "Day shift")
    shop.sql(
        "CREATE TABLE notes (title VARCHAR(255), "
        "FOREIGN KEY (title) REFERENCES spy_acl_group (name) ON DELETE CASCADE ON UPDATE CASCADE)"
        + ("CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci" if shop.kind == "mariadb" else "")
    )
    try:
        shop.insert("notes", "title", [("Night shift",)])
        assert groups.check_delete(first) == {"notes": 1}
        assert groups.check_delete(second) == {}
        groups.delete(first, second)
    finally:
        shop.sql("DROP TABLE notes")


def test_of_a_foreign_key_of_several_columns_all_of_them_count(shop: Shop) -> None:
    shop.sql("CREATE UNIQUE INDEX both_of_them ON spy_acl_group (id_acl_group, name)")
    try:
        shop.sql(
            "CREATE TABLE notes (title VARCHAR(255), number INTEGER, "
            "FOREIGN KEY (number, title) REFERENCES spy_acl_group (id_acl_group, name) ON DELETE CASCADE)"
            + ("CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci" if shop.kind == "mariadb" else "")
        )
        first, second = shop.groups("Night shift", "Day shift")
        shop.insert("notes", "title, number", [("Night shift", first), (None, second)])
        assert groups.check_delete(first, second) == {"notes": 1}
    finally:
        shop.sql("DROP TABLE IF EXISTS notes")
        shop.sql("DROP INDEX both_of_them" + (" ON spy_acl_group" if shop.kind == "mariadb" else ""))
