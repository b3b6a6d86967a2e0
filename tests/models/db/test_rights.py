"""What the database user may not do is said before anybody is asked, naming the table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from models import groups, memberships, role_rules, roles, second_factors, user_status
from models.db import connection
from models.db.tables import Status
from models.errors import Unavailable
from tests.conftest import Shop
from tests.models.db.test_stumbles import of_mysql

ON_SERVERS = True
pytestmark = pytest.mark.server


@dataclass
class Records:
    """One record of each kind, of which another administrator could do without."""

    group: int
    role: int
    rule: int
    user: int


@pytest.fixture
def records(shop: Shop) -> Records:
    (group,), (role, held) = shop.groups("Night shift"), shop.roles("Order support", "Sales")
    (rule,), (user,) = shop.rules(role, "allow sales/*/*"), shop.users("nora@shop.example")
    shop.hold(group, held)
    shop.join(group, user)
    return Records(group, role, rule, user)


@contextmanager
def without(shop: Shop, right: str, table: str) -> Iterator[str]:
    """The URL of a user who may do everything but this."""
    if shop.kind == "postgres":
        shop.sql(f"REVOKE {right} ON {table} FROM CURRENT_USER")
        try:
            yield shop.location
        finally:
            shop.sql(f"GRANT {right} ON {table} TO CURRENT_USER")
        return
    rights = ("Select", "Insert", "Update", "Delete")
    with of_mysql(shop, *(each for each in rights if each.upper() != right)) as url:
        user, (base,) = url.partition("://")[2].partition(":")[0], shop.sql("SELECT DATABASE()")
        for other in shop.sql("SHOW TABLES"):
            if other != table:
                columns = "Host, Db, User, Table_name, Table_priv, Column_priv"
                shop.sql(
                    f"INSERT INTO mysql.tables_priv ({columns}) VALUES ('%', ?, ?, ?, ?, '')",
                    base,
                    user,
                    other,
                    right.title(),
                )
        shop.sql("FLUSH PRIVILEGES")
        try:
            yield url
        finally:
            shop.sql("DELETE FROM mysql.tables_priv WHERE User = ?", user)


Act = Callable[[Records], object]
DELETIONS: dict[str, tuple[Act, Act, list[tuple[str, str]]]] = {
    "a group": (
        lambda a: groups.check_delete(a.group),
        lambda a: groups.delete(a.group),
        [
            ("DELETE", "spy_acl_group"),
            ("DELETE", "spy_acl_groups_has_roles"),
            ("DELETE", "spy_acl_user_has_group"),
            ("INSERT", "spy_acl_group_archive"),
            ("DELETE", "spy_acl_group_archive"),
        ],
    ),
    "a role": (
        lambda a: roles.check_delete(a.role),
        lambda a: roles.delete(a.role),
        [
            ("DELETE", "spy_acl_role"),
            ("DELETE", "spy_acl_rule"),
            ("INSERT", "spy_acl_role_archive"),
            ("INSERT", "spy_acl_rule_archive"),
        ],
    ),
    "a rule": (
        lambda a: role_rules.check_remove(a.rule),
        lambda a: role_rules.remove(a.rule),
        [("DELETE", "spy_acl_rule"), ("INSERT", "spy_acl_rule_archive")],
    ),
    "a user": (
        lambda a: user_status.check_status([a.user], Status.DELETED),
        lambda a: user_status.set_status([a.user], Status.DELETED),
        [("UPDATE", "spy_user")],
    ),
    "a member": (
        lambda a: memberships.check_remove([a.user], [a.group], edited="group"),
        lambda a: memberships.remove([a.user], [a.group], edited="group"),
        [("DELETE", "spy_acl_user_has_group")],
    ),
}
CASES = {
    f"{what} without {right} on {table}": (check, act, right, table)
    for what, (check, act, missing) in DELETIONS.items()
    for right, table in missing
}


@pytest.mark.parametrize(("check", "act", "right", "table"), CASES.values(), ids=CASES)
def test_a_deletion_that_the_server_refuses_is_not_asked_about(
    shop: Shop, records: Records, check: Act, act: Act, right: str, table: str
) -> None:
    with without(shop, right, table) as url:
        connection.open_database(url)
        for each in check, act:
            with shop.untouched(), pytest.raises(Unavailable) as refused:
                each(records)
            assert str(refused.value) == f"Database error: the database user may not do that (table {table})."
    connection.open_database(shop.location)
    check(records)
    act(records)


def test_who_may_lock_no_rows_is_told_so_too(shop: Shop, records: Records) -> None:
    if shop.kind == "mariadb":
        pytest.skip("which asks for no right to lock rows")
    with without(shop, "UPDATE", "spy_acl_role"), pytest.raises(Unavailable, match="spy_acl_role"):
        shop.reopen()
        roles.check_delete(records.role)


def test_second_factors_are_not_asked_about_where_the_server_refuses(shop: Shop) -> None:
    whole = shop.whole()
    with without(whole, "DELETE", "spy_user_multi_factor_auth_codes") as url:
        connection.open_database(url)
        with pytest.raises(Unavailable, match="spy_user_multi_factor_auth_codes"):
            second_factors.check_reset()
    connection.open_database(whole.location)
    second_factors.check_reset()
