"""What is written is what the shop's own program would have written: archive rows, ids, hashes, links."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from models import groups, passwords, roles, tables, users
from models.errors import Refused
from models.users import UserForm
from tests.conftest import Shop
from tests.models.test_passwords import needs_php, php

ON_SERVERS = True
PASSWORD = "Change-me-123"
SONIA = UserForm("sonia@spryker.com", "Sonia", "Wagner", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)
DELETED = {
    "spy_acl_group": lambda id: groups.delete(id),
    "spy_acl_role": lambda id: roles.delete(id),
    "spy_acl_rule": lambda id: roles.remove_rule(id),
}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 10)


@pytest.mark.parametrize(("table", "delete"), DELETED.items(), ids=DELETED)
@pytest.mark.parametrize("filled", [True, False], ids=["every column filled", "what may be empty is"])
def test_an_archive_row_has_every_column_of_the_row(
    shop: Shop, table: str, delete: Callable[[int], object], filled: bool
) -> None:
    times = ("2026-02-03 04:05:06", "2026-02-03 04:05:07") if filled else (None, None)
    if table == "spy_acl_rule":
        columns, row = "fk_acl_role, action, bundle, controller, type", (1, "a店", "b\\'", 'c"%', 1)
    else:
        columns, row = "name, reference", ("Nïght \\'店%", "night" if filled else None)
    (id,) = shop.insert(table, f"{columns}, created_at, updated_at", [(*row, *times)])
    key = f"id_{table.removeprefix('spy_')}"
    names = [name for name in tables.columns[f"{table}_archive"] if name != "archived_at"]
    assert sorted(names) == sorted(tables.columns[table])
    before = shop.sql(f"SELECT {', '.join(names)} FROM {table} WHERE {key} = ?", id)
    delete(id)
    assert shop.sql(f"SELECT {', '.join(names)} FROM {table}_archive") == before
    (archived_at,) = shop.sql(f"SELECT archived_at FROM {table}_archive")
    assert abs(datetime.fromisoformat(archived_at) - datetime.now(UTC).replace(tzinfo=None)) < timedelta(seconds=5)
    assert shop.sql(f"SELECT * FROM {table} WHERE {key} = ?", id) == []


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
