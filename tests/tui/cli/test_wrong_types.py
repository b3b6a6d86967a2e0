"""Where SQLite checks no foreign keys, what refers to a record may hold a text or no one's id: it hides nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.tui.cli.conftest import Run

REFERENCES = {
    "spy_acl_user_has_group": ("fk_acl_group", "fk_user"),
    "spy_acl_groups_has_roles": ("fk_acl_group", "fk_acl_role"),
    "spy_acl_rule": ("fk_acl_role",),
    "spy_user": ("fk_locale",),
}
CASES = [(table, column, value) for table, columns in REFERENCES.items() for column in columns for value in ("x", 999)]

FILE = """format = 1
[roles.Media]
rules = ["allow cms/*/*"]
[groups.Support]
roles = ["Editor"]
users = ["anna@shop.example"]
[users."anna@shop.example"]
first_name = "Anna"
"""
READS = {
    "users list --json": "anna@shop.example",
    "groups list --json": "Catalog",
    "roles list --json": "Editor",
    "users show anna@shop.example --json": "anna@shop.example",
    "access --who user/index/index --all": "ada@shop.example",
    "findings": "",
    "export --members --users": "Catalog",
    "plan {file}": "group Support",
    "apply {file} --dry-run": "group Support",
    "groups add-user Empty ada@shop.example --dry-run": "ada@shop.example added",
    "groups delete Catalog --dry-run": "deleted",
    "roles allow Media a/b/c --dry-run": "a/b/c",
    "users delete tom@shop.example --dry-run": "deleted",
    "users clone tom@shop.example b@shop.example --generate-password --first-name A --last-name B --dry-run": "created",
}


def spoil(shop: Shop, table: str, column: str, value: object) -> None:
    """Write the value into a new row of links, or else into the last row."""
    with closing(sqlite3.connect(shop.path)) as connection:
        columns = REFERENCES[table]
        if len(columns) == 2:
            row = {each: value if each == column else 2 for each in columns}
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", [*row.values()])
        else:
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT max(rowid) FROM {table})", [value]
            )
        connection.commit()


@pytest.mark.parametrize(("table", "column", "value"), CASES, ids=str)
def test_what_refers_to_no_record_hides_nothing_else(
    run: Run, people: Shop, tmp_path: Path, table: str, column: str, value: object
) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(FILE)
    spoil(people, table, column, value)
    for line, seen in READS.items():
        said = run(*line.format(file=file).split())
        assert said.code in (0, 1) and seen in said.out, (line, said)
