"""`may write` is true: it asks for what changes need, and for nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import groups, memberships, role_rules, roles, user_status, users
from models.db import tables
from models.db.connection import close_database
from models.db.tables import Permission
from models.errors import Unavailable
from models.tools import check, csv_import
from tests.conftest import Shop

ON_SERVERS = True

WRITTEN = ("spy_user", "spy_acl_role", "spy_acl_rule", "spy_acl_group")
LINKS = ("spy_acl_groups_has_roles", "spy_acl_user_has_group")
ARCHIVES = ("spy_acl_role_archive", "spy_acl_rule_archive", "spy_acl_group_archive")
NEEDED = [
    *(("INSERT", table) for table in WRITTEN + LINKS + ARCHIVES),
    *(("UPDATE", table) for table in WRITTEN + LINKS),  # without which links cannot be locked
    *(("DELETE", table) for table in WRITTEN[1:] + LINKS + ARCHIVES),
    *(("USAGE", f"SEQUENCE {table}_pk_seq") for table in WRITTEN),
]
"""The rights of a user of PostgreSQL that the program cannot do without, reading aside."""

PAGE_SIZE = 4096
"""Of an SQLite file."""


def may_write(shop: Shop) -> str:
    with shop.untouched():
        return {finding.what: finding.found for finding in check.check(shop.location)}["may write"]


@pytest.fixture
def plain(shop: Shop) -> Iterator[Shop]:
    """The shop, whose owner keeps only the rights that are needed."""
    everything = "ALL ON ALL {} IN SCHEMA public {} CURRENT_USER"
    for kind in ("TABLES", "SEQUENCES"):
        shop.sql("REVOKE " + everything.format(kind, "FROM"))
    shop.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO CURRENT_USER")
    for right, what in [*NEEDED, ("UPDATE", "spy_locale")]:  # with which the owner's foreign keys look there
        shop.sql(f"GRANT {right} ON {what} TO CURRENT_USER")
    yield shop
    for kind in ("TABLES", "SEQUENCES"):
        shop.sql("GRANT " + everything.format(kind, "TO"))


def change_everything(folder: Path) -> None:
    """A change of every kind that writes to another table, or in another way."""
    role = roles.create("Order support")
    rule = role_rules.add(role, "sales", "*", "*", Permission.ALLOW)
    shown = role_rules.listing(role).rows([rule])[0]
    assert role_rules.change(shown, "sales", "order", "*", Permission.ALLOW)
    assert roles.rename(roles.get(role), "Orders")
    group = groups.create("Night shift", [role])
    assert groups.update(groups.get(group), "Day shift", [roles.clone(role, "Media")])
    file = folder / "new.csv"
    file.write_text("".join(f"{name}@x.de,{name},Owl,Day shift|root_group\n" for name in ("nora", "omar")))
    assert csv_import.write(csv_import.read(file), folder / "passwords.csv", lambda *_: None) == 2
    user, _ = [row.id for row in users.listing.page(users.listing.default_sort, 2)]  # an administrator remains
    user_status.set_status([user], tables.Status.DELETED)
    assert memberships.remove([user], [group]) == 1
    groups.delete(group)
    roles.delete(role)


@pytest.mark.postgres
def test_what_it_asks_for_is_enough(plain: Shop, tmp_path: Path) -> None:
    assert may_write(plain) == "yes"
    change_everything(tmp_path)


@pytest.mark.postgres
@pytest.mark.parametrize(("right", "what"), NEEDED, ids=str)
def test_without_any_of_it_no_is_said(shop: Shop, right: str, what: str, tmp_path: Path) -> None:
    rights = right.replace("USAGE", "USAGE, UPDATE")
    shop.sql(f"REVOKE {rights} ON {what} FROM CURRENT_USER")
    try:
        assert may_write(shop).startswith("no: the database user may not ")
        with pytest.raises(Unavailable, match="the database user may not do that"):
            change_everything(tmp_path)
    finally:
        shop.sql(f"GRANT {rights} ON {what} TO CURRENT_USER")


def test_a_column_that_the_database_fills_itself_is_no_trouble(shop: Shop, tmp_path: Path) -> None:
    stored = "STORED" if shop.kind == "postgres" else "VIRTUAL"
    shop.sql(f"ALTER TABLE spy_user ADD COLUMN called VARCHAR(45) GENERATED ALWAYS AS (first_name) {stored}")
    try:
        assert may_write(shop) == "yes"
        change_everything(tmp_path)
    finally:
        shop.sql("ALTER TABLE spy_user DROP COLUMN called")


def test_an_older_shop_may_be_written_too(shop: Shop, tmp_path: Path) -> None:
    assert may_write(shop.older()) == "yes"


@pytest.mark.postgres
def test_a_sequence_that_is_not_there_is_named(shop: Shop) -> None:
    shop.sql("ALTER SEQUENCE spy_user_pk_seq RENAME TO another")
    try:
        with pytest.raises(Unavailable, match=r": not a shop's database: it lacks the sequence spy_user_pk_seq$"):
            check.check(shop.location)
    finally:
        shop.sql("ALTER SEQUENCE another RENAME TO spy_user_pk_seq")


@pytest.mark.embedded
def test_rows_that_cannot_be_read_hide_nothing_else(shop: Shop) -> None:
    shop.groups(*(f"Group {number} {'x' * 200}" for number in range(400)))
    close_database()
    content = bytearray(shop.path.read_bytes())
    while (at := content.find(b"Group 200 ")) >= 0:
        page = at - at % PAGE_SIZE
        content[page : page + PAGE_SIZE] = b"\xff" * PAGE_SIZE
    shop.path.write_bytes(content)
    found = {finding.what: finding for finding in check.check(shop.location)}
    assert found["rows of spy_acl_group"] == check.CheckLine(
        "rows of spy_acl_group", "cannot be read: the file is damaged", ok=False
    )
    assert found["rows in spy_user"].found == "0" and "may write" in found
