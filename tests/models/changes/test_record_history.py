"""One record's history has all that concerns it, and says what was changed outside this program."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models import groups, memberships, role_rules, roles, user_status, users
from models.changes import history
from models.changes import outside as outside_module
from models.changes.details import details
from models.changes.history import Record
from models.changes.history_rows import READ_AT_ONCE, HistoryRows
from models.changes.outside import lately_changed_outside
from models.changes.record_history import concerning, of_this_shop, outside_changes
from models.db.paging import PAGE, Sort
from models.db.tables import Permission, Status
from models.lookup import Kind
from tests.conftest import Shop
from tests.models.changes.test_chain import write_chain
from tests.models.changes.test_recording import ANNA, record_in
from tests.models.test_property import stand_in

ON_SERVERS = True


@pytest.fixture
def folder(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A role, a group that holds it and a user in that group, made with this program: ids 2, 2 and 1."""
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    record_in(tmp_path)
    roles.create("Media")
    groups.create("Catalog", [2])
    users.create(replace(ANNA, groups=frozenset({2})))
    shop.join(1, *shop.users("admin@shop.example"))
    return tmp_path


def summaries_of(folder: Path, kind: Kind, id: int) -> list[str]:
    return [record.summary for record in history.records(folder, concerning(kind, id))]


def outside(folder: Path, kind: Kind, id: int) -> list[str]:
    return [str(detail) for detail in outside_changes(kind, id, history.records(folder, concerning(kind, id)))]


def test_a_role_a_group_and_a_user_each_have_what_concerns_them(shop: Shop, folder: Path) -> None:
    role_rules.add(2, "sales", "*", "*", Permission.DENY)
    rule = role_rules.listing(2).page(Sort("id"), 1)[0]
    role_rules.change(rule, "sales", "*", "*", Permission.ALLOW)
    groups.update(groups.get(2), "Catalog", [1, 2])
    user_status.set_status([1], Status.DEACTIVATED)
    roles.create("Other")
    created = "Catalog: group created; role Media added"
    assert summaries_of(folder, "role", 2) == [
        "Media: rule deny sales/*/*: permission deny → allow",
        "Media: rule deny sales/*/* added",
        created,
        "Media: role created",
    ]
    joined = "anna@shop.example: user created; group Catalog added"
    assert summaries_of(folder, "group", 2) == ["Catalog: role root_role added", joined, created]
    assert summaries_of(folder, "user", 1) == [
        "anna@shop.example: status active → deactivated",
        "Catalog: role root_role added",  # since she is in it
        joined,
    ]


def test_of_a_user_only_what_happened_to_groups_since_they_joined_counts(shop: Shop, folder: Path) -> None:
    groups.create("Sales", [2])
    groups.update(groups.get(3), "Sales", [1])
    memberships.add([1], [3])
    groups.update(groups.get(3), "Sales", [1, 2])
    found = summaries_of(folder, "user", 1)
    assert found[:2] == ["Sales: role Media added", "Sales: user anna@shop.example added"]
    assert found[2] == "anna@shop.example: user created; group Catalog added"


def test_what_is_as_the_history_says_was_not_changed_outside(shop: Shop, folder: Path) -> None:
    shop.sql("UPDATE spy_user SET last_login = '2026-01-01 00:00:00', updated_at = '2030-01-01 00:00:00'")
    for kind in ("user", "group", "role"):
        assert outside(folder, kind, 1 if kind == "user" else 2) == []
    assert outside(folder, "group", 1) == []  # which no record mentions


def test_what_differs_from_the_history_was_changed_outside(shop: Shop, folder: Path) -> None:
    shop.sql("UPDATE spy_user SET last_name = 'Berger', status = 1")
    shop.sql("UPDATE spy_acl_role SET name = 'Pictures' WHERE id_acl_role = 2")
    shop.sql("DELETE FROM spy_acl_user_has_group")
    shop.hold(2, 1)
    assert outside(folder, "user", 1) == [
        "user anna@shop.example: last name Berg → Berger",
        "user anna@shop.example: status active → deactivated",
        "group Catalog: user anna@shop.example removed",
    ]
    assert outside(folder, "role", 2) == ["role Media: name Media → Pictures"]
    assert outside(folder, "group", 2) == [
        "group Catalog: user anna@shop.example removed",
        "group Catalog: role root_role added",
    ]


def test_rules_that_were_added_changed_or_deleted_outside_are_told(shop: Shop, folder: Path) -> None:
    first = role_rules.add(2, "sales", "*", "*", Permission.ALLOW)
    second = role_rules.add(2, "customer", "*", "*", Permission.ALLOW)
    assert outside(folder, "role", 2) == []
    shop.sql("UPDATE spy_acl_rule SET type = 1 WHERE id_acl_rule = ?", first)
    shop.sql("DELETE FROM spy_acl_rule WHERE id_acl_rule = ?", second)
    shop.rules(2, "allow cms/*/*")
    told = outside(folder, "role", 2)
    assert "rule Media: allow sales/*/*: permission allow → deny" in told
    assert "rule Media: allow customer/*/*: bundle customer removed" in told
    assert "rule Media: allow cms/*/*: bundle cms added" in told


def test_what_we_changed_afterwards_ourselves_is_not_outside(shop: Shop, folder: Path) -> None:
    shop.sql("UPDATE spy_acl_group SET name = 'Catalogue' WHERE id_acl_group = 2")
    assert outside(folder, "group", 2) == ["group Catalog: title Catalog → Catalogue"]
    groups.update(groups.get(2), "Catalog", [1])
    assert outside(folder, "group", 2) == []
    groups.delete(2)
    assert outside(folder, "group", 2) == []


def test_a_record_that_is_gone_was_deleted_outside(shop: Shop, folder: Path) -> None:
    shop.sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2")
    shop.sql("DELETE FROM spy_acl_user_has_group WHERE fk_acl_group = 2")
    shop.sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
    assert "group Catalog: title Catalog removed" in outside(folder, "group", 2)


def test_another_shops_records_do_not_count(shop: Shop, folder: Path) -> None:
    for path in folder.glob("*.jsonl"):
        path.write_text(path.read_text().replace('"database":"', '"database":"other'))
    shop.sql("UPDATE spy_user SET last_name = 'Berger'")
    assert summaries_of(folder, "user", 1) == outside(folder, "user", 1) == []
    assert list(history.records(folder, of_this_shop())) == []


def test_a_record_is_told_field_by_field(shop: Shop, folder: Path) -> None:
    groups.update(groups.get(2), "Catalog team", [1])
    told = [str(detail) for detail in details(next(history.records(folder)))]
    assert told == [
        "group Catalog: title Catalog → Catalog team",
        "group Catalog: role Media removed",
        "group Catalog: role root_role added",
    ]


# As a list


@pytest.mark.embedded
def test_the_list_of_records_is_read_from_the_end_as_far_as_it_is_looked_at(shop: Shop, folder: Path) -> None:
    for number in range(12):
        roles.create(f"Role {number}")
    rows = HistoryRows(folder)
    sort = rows.default_sort
    first = rows.page(sort, 5)
    assert [row.text.partition(":")[0] for row in first] == [f"Role {number}" for number in range(11, 6, -1)]
    assert len(rows._loaded) == 5
    following = rows.page(sort, 5, rows.key(first[-1], sort))
    assert [row.id for row in following] == [*range(5, 10)]
    assert rows.page(sort, 3, backwards=True)[-1].text == "Media: role created"
    assert rows.count() == 15
    assert [row.id for row in rows.page(sort, 3, rows.key(following[0], sort), backwards=True)] == [2, 3, 4]
    around, place = rows.around(sort, 4, 7)
    assert ([row.id for row in around], place) == ([5, 6, 7, 8], 2)
    assert [id for ids in HistoryRows(folder).find("role 3:", sort) for id in ids] == [8]
    assert PAGE < READ_AT_ONCE


_STRANGE = [
    (b"[1,2]", b"[1,[]]"),
    (b"[1,2]", b"1"),
    (b'"id":[1,2],"name":["one","two"]', b'"id":1,"name":"one"'),
    (b'"two"', b"2"),
    (b"{}", b"[]"),
    (b"{}", b"null"),
    (b"spy_acl_groups_has_roles", b"spy_acl_group"),
    (b"null", b'{"rows":"many"}'),
]
"""What is written in place of what in a row of a record, so that it is none."""

_STRANGE_HEADS = [
    (b"+00:00", b"+02:00"),
    (b"+00:00", b""),
    (b"2026-11-27T09", b"9999-12-31T23"),  # other zones have the year 10000 then
    (b"2026-11-27T09", b"0001-01-01T00"),
    (b'"me":null', b'"me":[]'),
    (b'"ops"', b'"effect":5,"ops"'),
    (b'"ops"', b'"effect":[5],"ops"'),
]
"""Likewise in what stands before the rows."""


@pytest.mark.embedded
def test_files_of_others_that_are_no_records_are_passed_over(shop: Shop, folder: Path) -> None:
    write_chain(folder / "tom@db1-2026-11.jsonl")
    begin = b'{"kind":"intent","id":"00000000000000000000000000","at":"2026-11-27T09:00:00+00:00"'
    by = b',"by":{"login":"eve","host":"db1"}'
    lines = [b"\xff", b"[]", b"{}", b'{"kind":"intent"}', begin + b"}", begin, begin + by + b',"summary":7,"ops":[]}']
    op = b'{"table":"spy_acl_groups_has_roles","id":[1,2],"name":"one","before":null,"after":{}}'
    lines += [begin + by + b',"summary":"","ops":[' + ops + b"]}" for ops in (b"7", b"{}", op)]
    lines += [begin + b',"by":[],"summary":"","ops":[]}', b"[" * 5000]
    told = by.replace(b"}", b',"sudo_user":null,"me":null}') + b',"database":"x","change":"x","summary":"","ops":['
    op = op.replace(b'"one"', b'["one","two"]')
    lines += [begin + told + op.replace(old, new) + b"]}" for old, new in _STRANGE]
    lines += [(begin + told).replace(old, new) + op + b"]}" for old, new in _STRANGE_HEADS]
    record = begin + told + op + b"]}"
    (folder / "eve@db1-2026-11.jsonl").write_bytes(b"\n".join([*lines, record]))
    (folder / "tom@db1-2026-10.jsonl").write_bytes(record)  # which Tom says that Eve wrote
    (folder / "notes.txt").write_text("hello")
    assert HistoryRows(folder).count() == 4


# Of all


def lately(folder: Path) -> list[str]:
    return [re.sub(r" \d{4}-.*", "", str(detail)) for detail in lately_changed_outside(history.records(folder))]


def test_what_was_changed_or_deleted_later_than_the_records_say_is_told_of_all(shop: Shop, folder: Path) -> None:
    rule = role_rules.add(2, "sales", "*", "*", Permission.ALLOW)
    groups.delete(groups.create("Desk", [2]))
    memberships.add([2], [2], edited="group")
    assert lately(folder) == []
    shop.sql("UPDATE spy_acl_group SET name = 'Catalogue', updated_at = '2038-01-01 00:00:00' WHERE id_acl_group = 2")
    shop.sql("DELETE FROM spy_acl_rule WHERE id_acl_rule = ?", rule)
    shop.sql(
        "INSERT INTO spy_acl_rule_archive (id_acl_rule, fk_acl_role, bundle, controller, action, type, archived_at) "
        "VALUES (?, 2, 'sales', '*', '*', 0, '2037-01-01 00:00:00')",
        rule,
    )
    assert lately(folder) == ["group Catalogue changed", "rule allow sales/*/* deleted"]


def test_users_and_links_that_are_other_than_the_records_say_are_told_of_all(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sql("UPDATE spy_user SET last_login = '2030-01-01 00:00:00', updated_at = '2030-01-01 00:00:00'")
    user_status.set_status([1], Status.DEACTIVATED)
    assert lately(folder) == []
    shop.sql("UPDATE spy_user SET last_name = 'Berger' WHERE id_user = 1")
    shop.sql("DELETE FROM spy_acl_user_has_group WHERE fk_user = 1")
    assert lately(folder) == [
        "user anna@shop.example: last name Berg → Berger",
        "group Catalog: user anna@shop.example removed",
    ]
    shop.sql("UPDATE spy_user SET status = 0 WHERE id_user = 1")
    monkeypatch.setattr(outside_module, "MAX_COMPARED", 1)  # the newest, whose older records count all the same
    assert lately(folder) == [
        "user anna@shop.example: last name Berg → Berger",
        "user anna@shop.example: status deactivated → active",
    ]


def test_links_of_many_groups_are_looked_up_at_once(shop: Shop, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    many = shop.groups(*(f"Group {number}" for number in range(20)))
    memberships.add([1], many, edited="users")
    shop.sql("DELETE FROM spy_acl_user_has_group WHERE fk_acl_group = ?", many[-1])
    with caplog.at_level("DEBUG", "peewee"):  # which logs each statement
        assert lately(folder) == ["group Group 19: user anna@shop.example removed"]
    assert sum("spy_acl_user_has_group" in record.getMessage() for record in caplog.records) == 1


def test_what_is_older_than_all_records_is_not_known_to_be_changed_outside(shop: Shop, tmp_path: Path) -> None:
    shop.sql("UPDATE spy_acl_group SET updated_at = '2020-01-01 00:00:00'")
    record_in(tmp_path)
    assert lately(tmp_path) == []
    roles.create("Media")
    assert lately(tmp_path) == []


@pytest.mark.embedded
def test_while_a_long_history_is_scanned_the_list_has_what_was_found(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, scanned = [*history.records(folder)], threading.Event()

    def slow(*_: object) -> Iterator[Record]:
        yield from found[:2]
        assert scanned.wait(30)
        yield from found[2:]

    monkeypatch.setattr(history, "records", slow)
    rows = HistoryRows(folder)
    opening = threading.Thread(target=rows.open)
    opening.start()
    while rows.read < 2:
        time.sleep(0.001)
    assert len(rows.page(rows.default_sort, 5)) == 2
    scanned.set()
    opening.join()
    assert len(rows.page(rows.default_sort, 5)) == len(found) == 3


@pytest.mark.parametrize(
    ("identity", "url"),
    [
        ("PostgresServer:localhost:5432/shop", "postgres://localhost:5432/shop"),
        ("PostgresServer:2001:db8::1:5432/shop", "postgres://[2001:db8::1]:5432/shop"),
        ("MySQLServer:/run/mysqld/mysqld.sock:/shop", "mysql:///run/mysqld/mysqld.sock/shop"),
        ("file:/srv/my%20shop.db", "sqlite:////srv/my shop.db"),
        ("of a later version", "of a later version"),
    ],
)
def test_the_database_of_a_record_is_told_as_a_url(identity: str, url: str) -> None:
    assert history.Record({"database": identity}, "written").database == url
