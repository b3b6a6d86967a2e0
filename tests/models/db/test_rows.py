"""What is written is what the shop's own program would have written: archive rows, ids, hashes, links."""

from collections.abc import Callable
from datetime import datetime

import pytest

from models import groups, role_rules, roles, users
from models.db.opened import opened
from models.db.statements import BATCH
from models.errors import NotFound, Refused
from models.user_form import UserForm
from tests.conftest import Shop, change_settings, utc_now
from tests.models.access.test_impact import counted
from tests.models.test_passwords import needs_php, php

ON_SERVERS = True
PASSWORD = "Change-me-123"
SONIA = UserForm("sonia@spryker.com", "Sonia", "Wagner", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)
DELETED = {
    "spy_acl_group": lambda id: groups.delete(id),
    "spy_acl_role": lambda id: roles.delete(id),
    "spy_acl_rule": lambda id: role_rules.remove(id),
}


@pytest.fixture(autouse=True)
def cheap() -> None:
    change_settings(password_cost=10)


@pytest.mark.parametrize(("table", "delete"), DELETED.items(), ids=DELETED)
@pytest.mark.parametrize("filled", [True, False], ids=["every column filled", "what may be empty is"])
def test_an_archive_row_has_every_column_of_the_row(
    shop: Shop, table: str, delete: Callable[[int], object], filled: bool
) -> None:
    times = ("2026-02-03 04:05:06", "2026-02-03 04:05:07") if filled else (None, None)
    row: tuple[object, ...]
    if table == "spy_acl_rule":
        columns, row = "fk_acl_role, action, bundle, controller, type", (1, "a店", "b\\'", 'c"%', 1)
    else:
        columns, row = "name, reference", ("Nïght \\'店%", "night" if filled else None)
    (id,) = shop.insert(table, f"{columns}, created_at, updated_at", [(*row, *times)])
    key = f"id_{table.removeprefix('spy_')}"
    names = [name for name in opened().columns[f"{table}_archive"] if name != "archived_at"]
    assert sorted(names) == sorted(opened().columns[table])
    before = shop.sql(f"SELECT {', '.join(names)} FROM {table} WHERE {key} = ?", id)
    begun = utc_now().replace(microsecond=0)
    delete(id)
    assert shop.sql(f"SELECT {', '.join(names)} FROM {table}_archive") == before
    (archived_at,) = shop.sql(f"SELECT archived_at FROM {table}_archive")
    assert begun <= datetime.fromisoformat(archived_at) <= utc_now()
    assert shop.sql(f"SELECT * FROM {table} WHERE {key} = ?", id) == []


def test_only_the_columns_that_both_tables_have_are_archived(shop: Shop) -> None:
    """A shop may have added a column to either of them."""
    added = (("spy_acl_group", "ours"), ("spy_acl_group_archive", "theirs"), ("spy_acl_group", "archived_at"))
    try:
        for table, column in added:
            shop.sql(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(20)")
        shop.reopen()
        (id,) = shop.insert("spy_acl_group", "name, ours, archived_at", [("Night shift", "x", "long ago")])
        begun = utc_now().replace(microsecond=0)
        groups.delete(id)
        ((name, theirs, archived_at),) = shop.sql("SELECT name, theirs, archived_at FROM spy_acl_group_archive")
        assert (name, theirs) == ("Night shift", None)
        assert begun <= datetime.fromisoformat(archived_at) <= utc_now()
    finally:
        for table, column in added:
            shop.sql(f"ALTER TABLE {table} DROP COLUMN {column}")


def test_many_are_deleted_in_as_many_statements_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody else's changes wait meanwhile."""
    names = [f"Number {number}" for number in range(BATCH)]
    one, *others = shop.roles("One", *names)
    first, second = shop.roles("With a rule", "With many rules")
    shop.rules(first, "allow a/b/c")
    shop.rules(second, *(f"allow a/b/{number}" for number in range(BATCH)))
    for delete, few, many in (
        (groups.delete, shop.groups("One"), shop.groups(*names)),
        (roles.delete, [one], others),
        (roles.delete, [first], [second]),
    ):
        counts = []
        for ids in few, many:
            with counted(monkeypatch) as statements:
                delete(*ids)
            counts.append(len(statements))
        assert counts[0] == counts[1]
    archived = [f"SELECT count(*) FROM spy_acl_{table}_archive" for table in ("group", "role", "rule")]
    assert [shop.sql(count) for count in archived] == [[BATCH + 1], [BATCH + 3], [BATCH + 1]]


@pytest.mark.parametrize("delete", [groups.delete, groups.check_delete, roles.delete, roles.check_delete])
def test_one_that_is_gone_keeps_the_others(shop: Shop, delete: Callable[..., object]) -> None:
    """That is said before that the administrators' own cannot go."""
    ids = (shop.groups if delete in (groups.delete, groups.check_delete) else shop.roles)("Night shift")
    with shop.untouched(), pytest.raises(NotFound):
        delete(1, *ids, 999)
    with shop.untouched(), pytest.raises(Refused):
        delete(1, *ids)


@pytest.mark.postgres
def test_ids_come_from_the_free_standing_sequences(shop: Shop) -> None:
    for sequence, number in (("acl_group", 100), ("acl_role", 200), ("acl_rule", 300), ("user", 400)):
        shop.sql(f"SELECT setval('spy_{sequence}_pk_seq', {number})")
    assert groups.create("Night shift", [1]) == 101
    assert roles.create("Order support") == 201
    roles.clone(1, "Admins")
    assert shop.sql("SELECT max(id_acl_rule) FROM spy_acl_rule") == [301]
    assert users.create(SONIA) == 401


@needs_php
def test_php_reads_the_password_that_was_written(shop: Shop) -> None:
    (hash,) = shop.sql("SELECT password FROM spy_user WHERE id_user = ?", users.create(SONIA))
    verify = "array_map(fn($pair) => password_verify($pair[0], $pair[1]), $values)"
    assert php(verify, (PASSWORD, hash), (PASSWORD + "x", hash)) == [True, False]


# Tables that are none of ours


@pytest.mark.parametrize("rule", ["CASCADE", "RESTRICT"])
def test_another_tables_rows_are_named_before_they_go_or_keep_the_row(shop: Shop, rule: str) -> None:
    """A role's entity rules, say, which a marketplace has."""
    id = roles.create("Order support")
    shop.sql(
        "CREATE TABLE spy_acl_entity_rule (fk_acl_role INTEGER, "
        f"FOREIGN KEY (fk_acl_role) REFERENCES spy_acl_role (id_acl_role) ON DELETE {rule})"
    )
    try:
        assert roles.check_delete(id) == {}
        shop.insert("spy_acl_entity_rule", "fk_acl_role", [(id,), (id,)])
        if rule == "CASCADE":
            assert roles.check_delete(id) == {"spy_acl_entity_rule": 2}
            roles.delete(id)
            assert shop.sql("SELECT count(*) FROM spy_acl_entity_rule") == [0]
            return
        for act in (roles.check_delete, roles.delete):
            with shop.untouched(), pytest.raises(Refused, match=r"spy_acl_entity_rule still refers to it"):
                act(id)
    finally:
        shop.sql("DROP TABLE spy_acl_entity_rule")
