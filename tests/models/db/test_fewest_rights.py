"""The rights that .github/docs/security.md gives the database user are enough for every change, and all are needed."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from models import roles, second_factors, user_status, users
from models.db import connection
from models.db.tables import Status
from models.errors import Unavailable
from models.tools import check, findings
from tests.conftest import Shop
from tests.documents import block
from tests.models.db.test_rows_beside import ANNA, PASSWORD, add, cheap, ruled
from tests.models.db.test_stumbles import of_mysql
from tests.models.tools.test_check import change_everything

ON_SERVERS = True
pytestmark = [pytest.mark.server, pytest.mark.slow]
__all__ = ["cheap"]

PAGE = ".github/docs/security.md"


def granted(name: str) -> list[tuple[str, str]]:
    """The pairs of a right and what it is on, as a block of the page gives them."""
    pairs = []
    for statement in filter(str.strip, block(PAGE, f"rights-{name}").split(";")):
        found = re.fullmatch(r"\s*GRANT ([A-Z, ]+) ON (SEQUENCE |SCHEMA |)([\w,.\s]+?)\s+TO backoffice\s*", statement)
        assert found, statement
        things = [thing.strip().removeprefix("shop.") for thing in found[3].split(",")]
        pairs += [(right, found[2] + thing) for right, thing in product(found[1].split(", "), things)]
    return pairs


@contextmanager
def only(shop: Shop, pairs: list[tuple[str, str]]) -> Iterator[str]:
    """The URL of a user with these rights alone."""
    if shop.kind == "postgres":
        role = f"backoffice_{os.getpid()}"
        shop.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'plain'")
        try:
            for right, what in pairs:
                shop.sql(f"GRANT {right} ON {what} TO {role}")
            yield shop.location.replace(shop.location.partition("://")[2].partition("@")[0], f"{role}:plain")
        finally:
            connection.close_database()
            for right, what in pairs:
                shop.sql(f"REVOKE {right} ON {what} FROM {role}")
            shop.sql(f"DROP ROLE {role}")
        return
    with of_mysql(shop) as url:
        user, (base,) = url.partition("://")[2].partition(":")[0], shop.sql("SELECT DATABASE()")
        for table in {what for _, what in pairs}:
            rights = ",".join(right.title() for right, what in pairs if what == table)
            columns = "Host, Db, User, Table_name, Table_priv, Column_priv"
            row = ("%", base, user, table, rights, "")
            shop.sql(f"INSERT INTO mysql.tables_priv ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *row)
        shop.sql("FLUSH PRIVILEGES")
        try:
            yield url
        finally:
            shop.sql("DELETE FROM mysql.tables_priv WHERE User = ?", user)


@pytest.fixture
def whole(shop: Shop) -> Shop:
    """A shop with the tables of its other parts, and rows in them."""
    whole = shop.whole()
    ruled(whole)
    return whole


def test_they_are_enough_for_every_change(whole: Shop, tmp_path: Path) -> None:
    with only(whole, granted(whole.kind) + granted(f"{whole.kind}-beside")) as url:
        assert lacks(url) == []
        connection.open_database(url)
        change_everything(tmp_path)
        change_rows_beside(whole)


def change_rows_beside(whole: Shop) -> None:
    """Changes with which rows of the shop's other parts go along."""
    (role,) = whole.sql("SELECT id_acl_role FROM spy_acl_role WHERE name = 'Merchant staff'")
    assert roles.missing_in_copy(role, roles.clone(role, "Merchant staff 2")) == ""
    anna = users.create(ANNA)
    link = {"fk_user": anna, "code": "open", "status": 0}
    add(whole, "spy_auth_reset_password", "id_auth_reset_password", **link)
    factor = "id_user_multi_factor_auth, fk_user, type, configuration"
    whole.sql(f"INSERT INTO spy_user_multi_factor_auth ({factor}) VALUES (1, {anna}, 'email', '')")
    shown = users.get(anna)
    users.update(shown, replace(shown.form, password=PASSWORD, repeated=PASSWORD))
    assert whole.sql("SELECT status FROM spy_auth_reset_password") == [1]
    assert second_factors.reset([anna]) == 1
    whole.sql("UPDATE spy_user SET uuid = 'a-1', is_warehouse_user = ? WHERE id_user = ?", True, anna)
    add(whole, "spy_picking_list", "id_picking_list", fk_warehouse=1, user_uuid="a-1", status="done")
    user_status.set_status([anna], Status.DEACTIVATED)
    assert whole.sql("SELECT user_uuid FROM spy_picking_list") == [None]
    assert [finding.rows() for finding in findings.FINDINGS]


def lacks(url: str) -> list[str]:
    """Why the database cannot be used, or cannot be written."""
    try:
        found = check.check(url)
    except Unavailable as error:
        return [str(error)]
    return [line.found for line in found if not line.ok or (line.what == "may write" and line.found != "yes")]


def test_none_of_them_is_given_for_nothing(shop: Shop) -> None:
    pairs = granted(shop.kind)
    for pair in pairs:
        if pair != ("USAGE", "SCHEMA public"):  # which everybody has, unless the owner took it away
            with only(shop, [other for other in pairs if other != pair]) as url:
                assert lacks(url), pair
