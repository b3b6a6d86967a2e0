"""Rows with bytes that are no text: shown with replacement characters, hiding nothing else, and kept as they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest
from peewee import SQL

from models import groups, role_rules, roles, user_status, users
from models.access import explain
from models.access.rules import Path
from models.db import connection, tables
from models.db.paging import Listing, Sort
from models.db.statements import ask, stream, tuples
from models.db.tables import Group, Permission
from models.errors import Unavailable
from models.tools import check
from tests import servers
from tests.conftest import Shop

PARAMS = ["sqlite text", "sqlite blob", "postgres"]


@dataclass(frozen=True)
class Damaged:
    """A shop with texts of these bytes, which a program wrote that knows no UTF-8."""

    shop: Shop
    kind: str

    def spoil(self, table: str, column: str, key: str, id: int, raw: bytes) -> None:
        hexed = raw.hex()
        value = {
            "sqlite text": f"CAST(x'{hexed}' AS TEXT)",
            "sqlite blob": f"x'{hexed}'",
            "postgres": f"convert_from('\\x{hexed}'::bytea, 'SQL_ASCII')",
        }[self.kind]
        self.shop.sql(f"UPDATE {table} SET {column} = {value} WHERE {key} = {id}")

    def raw(self, table: str, column: str, key: str, id: int) -> bytes:
        cast = f"convert_to({column}, 'SQL_ASCII')" if self.kind == "postgres" else f"CAST({column} AS BLOB)"
        return bytes(self.shop.sql(f"SELECT {cast} FROM {table} WHERE {key} = {id}")[0])

    def group(self, name: bytes) -> int:
        (id,) = self.shop.groups(name.hex())
        self.spoil("spy_acl_group", "name", "id_acl_group", id, name)
        return id


@cache
def sql_ascii() -> str:
    """A database that takes any bytes for text; its URL."""
    url = servers.passing("postgres", "ascii", "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    servers.make_tables(url, "postgres")
    servers.run(url, *(f"SELECT setval('{table}_pk_seq', 100)" for table in servers.NUMBERED))
    return url


@pytest.fixture(params=PARAMS)
def damaged(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Damaged]:
    if request.param != "postgres":
        yield Damaged(shop, request.param)
        return
    ascii = Shop(sql_ascii(), "postgres")
    for table in servers.TABLES:
        ascii.sql(f"DELETE FROM {table}")
    for statement in servers.installed("postgres"):
        ascii.sql(
            statement.replace("VALUES (nextval('spy_acl_role_pk_seq')", "VALUES (1").replace(
                "VALUES (nextval('spy_acl_group_pk_seq')", "VALUES (1"
            )
        )
    ascii.reopen()
    yield Damaged(ascii, request.param)


def pages(listing: Listing[groups.GroupRow], sort: Sort, limit: int, *, backwards: bool = False) -> list[str]:
    """All rows, a page after the other, each page asked for from the last row of the one before."""
    names: list[str] = []
    after = None
    while found := listing.page(sort, limit, after, backwards=backwards):
        names = [row.name for row in found] + names if backwards else names + [row.name for row in found]
        after = listing.key(found[0 if backwards else -1], sort)
        assert len(names) < 50, names
    return names


BAD = (b"Bad \x80", b"Bad \xff\xfe", b"Bad \xc3", b"\xff first")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_every_row_is_listed_once_whatever_the_pages(damaged: Damaged, limit: int, descending: bool) -> None:
    damaged.shop.groups("Alpha", "Bad Z", "Zulu")
    for name in (*BAD, b"Plain"):  # which is text, and yet no text where it is a BLOB
        damaged.group(name)
    expected = sorted(
        ["root_group", "Alpha", "Bad Z", "Zulu", "Plain", *(name.decode("utf-8", "replace") for name in BAD)]
    )
    assert "Bad \ufffd" in expected
    sort = Sort("name", descending)
    for backwards in (False, True):
        assert sorted(pages(groups.listing, sort, limit, backwards=backwards)) == expected
    assert groups.listing.count() == len(expected)


def test_a_search_finds_what_can_be_read_of_it_and_the_others(damaged: Damaged) -> None:
    damaged.shop.groups("Night shift", "Day shift")
    bad = damaged.group(b"Late shift \xff")
    sort = Sort("name")
    found = [id for batch in groups.listing.find("shift", sort) for id in batch]
    assert len(found) == 3 and bad in found
    assert [row.name for row in groups.listing.rows([bad])] == ["Late shift \ufffd"]
    rows, at = groups.listing.around(sort, 10, bad)
    assert rows[at].id == bad and len(rows) == 4


def test_every_page_shows_what_can_be_read(damaged: Damaged) -> None:
    shop = damaged.shop
    (role,), (group,), (user,) = shop.roles("Media"), shop.groups("Night shift"), shop.users("anna@shop.example")
    (rule,) = shop.rules(role, "allow sales/*/*")
    shop.hold(group, role)
    shop.join(group, user)
    damaged.spoil("spy_acl_role", "name", "id_acl_role", role, b"Media \xff")
    damaged.spoil("spy_acl_rule", "bundle", "id_acl_rule", rule, b"sal\xffes")
    damaged.spoil("spy_user", "first_name", "id_user", user, b"Ann\xff")
    damaged.spoil("spy_user", "last_login", "id_user", user, b"2026\xff") if damaged.kind != "postgres" else None
    assert groups.get(group).roles == {role: "Media \ufffd"}
    assert groups.listing.rows([group])[0].roles == ("Media \ufffd",)
    assert roles.get(role).name == "Media \ufffd"
    assert role_rules.listing(role).rows([rule])[0].path.bundle == "sal\ufffdes"
    assert users.get(user).form.first_name == "Ann\ufffd"
    (row,) = users.listing.page(Sort("last_login"), 10)
    assert row.first_name == "Ann\ufffd" and connection.parse_time(row.last_login) is None
    assert not explain.of_user(user).answer(Path("sales", "index", "index")).allowed


def test_what_was_not_changed_keeps_its_bytes(damaged: Damaged) -> None:
    shop = damaged.shop
    (role, other), (group,), (user,) = shop.roles("Media", "X"), shop.groups("Night"), shop.users("anna@shop.example")
    (rule,) = shop.rules(role, "allow sales/*/*")
    shop.hold(group, role)
    shop.join(group, user)
    spoiled = [
        ("spy_acl_role", "name", "id_acl_role", role, b"Media \xff"),
        ("spy_acl_rule", "bundle", "id_acl_rule", rule, b"sal\xffes"),
        ("spy_acl_group", "name", "id_acl_group", group, b"Night \xff"),
        ("spy_user", "first_name", "id_user", user, b"Ann\xff"),
    ]
    for place in spoiled:
        damaged.spoil(*place)
    shown = groups.get(group)
    assert groups.update(shown, shown.name, [role, other])
    person = users.get(user)
    assert users.update(person, replace(person.form, last_name="Owl"))
    before = role_rules.listing(role).rows([rule])[0]
    assert role_rules.change(before, *before.path.parts, Permission.DENY)
    user_status.set_status([user], tables.Status.DEACTIVATED)
    for table, column, key, id, raw in spoiled:
        assert damaged.raw(table, column, key, id) == raw
    assert groups.update(groups.get(group), "Day", [role])
    assert damaged.raw("spy_acl_group", "name", "id_acl_group", group) == b"Day"
    groups.delete(group)
    roles.delete(role)
    assert damaged.raw("spy_acl_role_archive", "name", "id_acl_role", role) == b"Media \xff"


def test_check_names_each_such_row(damaged: Damaged) -> None:
    (user,) = damaged.shop.users("anna@shop.example")
    damaged.spoil("spy_user", "first_name", "id_user", user, b"Ann\xff")
    many = [damaged.group(b"\xff%d" % number) for number in range(25)]
    found = {finding.what: finding for finding in check.check(damaged.shop.location)}
    what = "bytes (a BLOB)" if damaged.kind == "sqlite blob" else "bytes that are not UTF-8"
    assert found[f"row {user} of spy_user"].found == f"first_name holds {what}, shown as far as possible"
    assert found[f"row {many[0]} of spy_acl_group"].found.startswith("name holds ")
    assert found["rows of spy_acl_group"].found == "5 more that hold such bytes"
    assert all(finding.ok for finding in found.values())


def test_check_names_nothing_in_a_sound_shop(shop: Shop) -> None:
    shop.groups("Zürich")
    assert not [finding for finding in check.check(shop.location) if finding.what.startswith("row ")]


@pytest.mark.parametrize("fetch", ["tuples", "stream", "ask"])
def test_an_error_that_comes_with_a_later_row_is_in_words_too(shop: Shop, fetch: str) -> None:
    shop.groups("Night shift")
    overflow = "abs(CASE WHEN id_acl_group > 1 THEN -9223372036854775807 - 1 ELSE 1 END)"
    query = Group.select(SQL(overflow)).order_by(Group.id)
    fetched = {
        "tuples": lambda: tuples(query),
        "stream": lambda: list(stream(query)),
        "ask": lambda: ask(tables.database, f"SELECT {overflow} FROM spy_acl_group ORDER BY id_acl_group"),
    }
    with pytest.raises(Unavailable, match=r"^Database error: integer overflow\.$"), connection.read_connection():
        fetched[fetch]()


def test_so_is_one_that_comes_with_a_later_group_of_a_user(shop: Shop) -> None:
    (user,) = shop.users("anna@shop.example")
    shop.join(1, user)
    shop.join(*shop.groups("Night shift"), user)
    overflow = "abs(CASE WHEN id_acl_group > 1 THEN -9223372036854775807 - 1 ELSE 1 END)"
    shop.sql(f"ALTER TABLE spy_acl_group ADD COLUMN computed GENERATED ALWAYS AS ({overflow}) VIRTUAL")
    with pytest.raises(Unavailable, match=r"^Database error: integer overflow\.$"):
        explain.of_user(user)
