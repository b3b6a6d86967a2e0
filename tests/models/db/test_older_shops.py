"""A shop that lacks what came later, and a MySQL that cuts silently: nothing is missed, nothing is cut."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models import groups, role_rules, roles, user_form, user_status, users
from models.db import connection, rows, tables, transactions
from models.db.opened import opened
from models.db.statements import ask
from models.db.tables import Permission, Status
from models.errors import Invalid, Refused, Unavailable
from models.tools import csv_import
from models.user_form import UserForm
from models.validation import too_long
from tests import servers
from tests.conftest import Shop, change_settings

ON_SERVERS = True
PASSWORD = "Change-me-123"
SONIA = UserForm("sonia@spryker.com", "Sonia", "Wagner", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)


@pytest.fixture(autouse=True)
def cheap() -> None:
    change_settings(password_cost=10)


@pytest.fixture
def older(shop: Shop) -> Shop:
    return shop.older()


def test_an_older_shop_lacks_what_came_later(older: Shop) -> None:
    found = {column for columns in opened().columns.values() for column in columns}
    assert not found & set(servers.LATER)
    assert user_form.marks() == []
    assert [field.max_length for field in (tables.Rule.bundle, tables.Rule.controller)] == [45, 45]


def test_the_whole_flow_on_an_older_shop(older: Shop, tmp_path: Path) -> None:
    role = roles.create("Order support")
    rule = role_rules.add(role, "x" * 45, "y" * 45, "*", Permission.ALLOW)
    role_rules.change(role_rules.listing(role).rows([rule])[0], "sales", "*", "*", Permission.DENY)
    group = groups.create("Night shift", [role])
    groups.update(groups.get(group), "Day shift", [role, 1])
    admin = users.create(SONIA)
    shown = users.get(admin)
    assert users.update(shown, replace(shown.form, last_name="Owl", groups=frozenset({1, group})))
    file = tmp_path / "new.csv"
    file.write_text("nora@shop.example,Nora,Owl,Day shift\n")
    assert csv_import.write(csv_import.read(file), tmp_path / "passwords.csv", lambda *_: None) == 1
    (nora,) = older.sql("SELECT id_user FROM spy_user WHERE username = 'nora@shop.example'")
    assert sorted(row.id for row in users.members(group).page(users.members(group).default_sort, 9)) == [admin, nora]
    with pytest.raises(Refused, match=r"^Refused: no active user"):
        user_status.set_status([admin, nora], Status.DEACTIVATED)
    copy = roles.clone(role, "Returns desk")
    roles.delete(copy)
    groups.delete(group)
    roles.delete(role)
    assert older.sql("SELECT name FROM spy_acl_group_archive") == ["Day shift"]
    assert older.sql("SELECT name FROM spy_acl_role_archive ORDER BY 1") == ["Order support", "Returns desk"]
    assert older.sql("SELECT bundle FROM spy_acl_rule_archive") == ["sales", "sales"]


def test_what_a_column_does_not_take_is_refused_at_the_field(older: Shop) -> None:
    with older.untouched(), pytest.raises(Invalid) as invalid:
        role_rules.add(1, "x" * 46, "x" * 46, "x" * 46, Permission.ALLOW)
    assert invalid.value.fields == dict.fromkeys(("bundle", "controller", "action"), too_long(45))


# MySQL without strict mode


@pytest.fixture
def lax(shop: Shop) -> Shop:
    """A MySQL whose sessions begin without strict mode, in which it cuts what is too long with a mere warning."""
    lax = Shop(f"{shop.location}?sql_mode=NO_ENGINE_SUBSTITUTION", shop.kind)
    lax.reopen()
    return lax


@pytest.mark.mariadb
def test_our_sessions_are_strict_on_a_server_that_is_not(shop: Shop, lax: Shop) -> None:
    with connection.read_connection():
        modes = ask(tables.database, "SELECT @@SESSION.sql_mode")[0][0].split(",")
    assert {"STRICT_ALL_TABLES", "NO_ENGINE_SUBSTITUTION"} <= set(modes)
    for name in ("x" * 256, "a👨", None):

        @transactions.transaction
        def past_our_checks(name: str | None = name) -> None:
            rows.update_rows(tables.Role, [1], name=name)

        with shop.untouched(), pytest.raises(Unavailable):
            past_our_checks()


@pytest.mark.mariadb
def test_nothing_is_cut_without_strict_mode(shop: Shop, lax: Shop) -> None:
    with shop.untouched():
        acts: list[tuple[Callable[[], object], dict[str, str]]] = [
            (lambda: groups.create("x" * 256, [1]), {"title": too_long(255)}),
            (lambda: groups.create("a👨", [1]), {"title": cannot_be_saved(2)}),
            (lambda: roles.create("x" * 256), {"name": too_long(255)}),
            (lambda: users.create(replace(SONIA, first_name="x" * 46)), {"first_name": too_long(45)}),
            (lambda: users.create(replace(SONIA, last_name="a👨")), {"last_name": cannot_be_saved(2)}),
        ]
        for act, fields in acts:
            with pytest.raises(Invalid) as invalid:
                act()
            assert invalid.value.fields == fields
    longest = "x" * 255
    assert groups.get(groups.create(longest, [1])).name == longest
    assert roles.get(roles.create("店" * 255)).name == "店" * 255


def cannot_be_saved(place: int) -> str:
    return f"Character {place} (👨) cannot be saved: the database's column is in utf8mb3."
