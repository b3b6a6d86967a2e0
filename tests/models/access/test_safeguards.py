"""The last administrator, while other programs write between the two checks without taking the write lock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from models import user_status, users
from models.access import safeguards
from models.db import rows, transactions
from models.db.tables import Status, User
from models.errors import Refused
from tests import servers
from tests.conftest import Shop
from tests.models.access.test_merchants import make_merchants
from tests.models.db.test_transactions import at_once

ON_SERVERS = True


@dataclass(frozen=True)
class Two:
    """A whole shop with two administrators, each by a group and a role of their own."""

    shop: Shop
    first: int
    second: int
    denying: int
    group: int
    role: int
    rule: int


@pytest.fixture
def two(shop: Shop) -> Two:
    whole = shop.whole()
    first, second = whole.users("first@x.example", "second@x.example")
    denying, one, other = whole.groups("Denying", "One", "Other")
    no_users, mine, theirs = whole.roles("No users", "Mine", "Theirs")
    whole.rules(no_users, "deny user/*/*")
    whole.rules(mine, "allow */*/*")
    (rule,) = whole.rules(theirs, "allow */*/*")
    for group, role in ((denying, no_users), (one, mine), (other, theirs)):
        whole.hold(group, role)
    whole.join(one, first)
    whole.join(other, second)
    whole.insert("spy_merchant", "id_merchant, name", [(9, "Fruits")])
    return Two(whole, first, second, denying, other, theirs, rule)


def number(two: Two, table: str) -> str:
    """What gives the id of a new row."""
    return f"nextval('{table}_pk_seq')" if two.shop.kind == "postgres" else "NULL"


WRITES: dict[str, Callable[[Two], str]] = {
    "the user is deactivated": lambda two: f"UPDATE spy_user SET status = 1 WHERE id_user = {two.second}",
    "the user leaves the group": lambda two: f"DELETE FROM spy_acl_user_has_group WHERE fk_user = {two.second}",
    "the group loses the role": lambda two: f"DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = {two.group}",
    "the group is deleted": lambda two: f"DELETE FROM spy_acl_group WHERE id_acl_group = {two.group}",
    "the role is deleted": lambda two: f"DELETE FROM spy_acl_role WHERE id_acl_role = {two.role}",
    "the rule is deleted": lambda two: f"DELETE FROM spy_acl_rule WHERE id_acl_rule = {two.rule}",
    "the rule becomes a deny": lambda two: f"UPDATE spy_acl_rule SET type = 1 WHERE id_acl_rule = {two.rule}",
    "a deny is added": lambda two: (
        "INSERT INTO spy_acl_rule (id_acl_rule, fk_acl_role, bundle, controller, action, type) "
        f"VALUES ({number(two, 'spy_acl_rule')}, {two.role}, 'user', '*', '*', 1)"
    ),
    "the user joins an earlier group that denies": lambda two: (
        f"INSERT INTO spy_acl_user_has_group (fk_acl_group, fk_user) VALUES ({two.denying}, {two.second})"
    ),
    "the user becomes a merchant's": lambda two: (
        "INSERT INTO spy_merchant_user (id_merchant_user, fk_merchant, fk_user) "
        f"VALUES ({number(two, 'spy_merchant_user')}, 9, {two.second})"
    ),
}


@pytest.fixture(params=list(WRITES.values()), ids=list(WRITES))
def write(request: pytest.FixtureRequest) -> Callable[[Two], str]:
    """What another program may write to take the user pages from the second administrator."""
    statement: Callable[[Two], str] = request.param
    return statement


@pytest.fixture
def other(two: Two) -> Iterator[Any]:
    """The connection of another program, which does not take the write lock."""
    with closing(servers.connect(two.shop.location)) as connection, connection.cursor() as cursor:
        yield cursor


def deactivate_first(two: Two, between: Callable[[], object]) -> Callable[[], None]:
    """A change that deactivates the first administrator, and what happens before its last check."""

    @transactions.transaction
    def change() -> None:
        with safeguards.require_remaining_admin():
            rows.update_rows(User, [two.first], status=Status.DEACTIVATED)
            between()

    return change


@pytest.mark.server
def test_what_another_program_wrote_since_the_first_check_is_seen(
    two: Two, other: Any, write: Callable[[Two], str]
) -> None:
    with pytest.raises(Refused):
        deactivate_first(two, lambda: other.execute(write(two)))()
    assert users.get(two.first).form.status is Status.ACTIVE


@pytest.mark.server
@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_what_another_program_has_not_committed_yet_is_waited_for(
    two: Two, other: Any, write: Callable[[Two], str], end: str
) -> None:
    other.execute("BEGIN")
    other.execute(write(two))
    outcome: list[object] = []
    ours = threading.Thread(target=lambda: outcome.extend(at_once(deactivate_first(two, lambda: None))))
    ours.start()
    wait_until_one_waits(two.shop)
    assert not outcome
    other.execute(end)
    ours.join()
    assert isinstance(outcome[0], Refused) if end == "COMMIT" else outcome == [None]


@pytest.mark.server
def test_what_another_program_would_write_after_the_last_check_waits_until_the_change_is_committed(
    two: Two, other: Any, write: Callable[[Two], str]
) -> None:
    """So that nothing happens between the check and the commit."""
    written = threading.Event()

    def change_by_another() -> None:
        other.execute(write(two))
        written.set()

    theirs = threading.Thread(target=change_by_another)

    @transactions.transaction
    def change() -> None:
        with safeguards.require_remaining_admin():
            rows.update_rows(User, [two.first], status=Status.DEACTIVATED)
        theirs.start()
        wait_until_one_waits(two.shop)
        assert not written.is_set()

    change()
    theirs.join()
    assert written.is_set()


def wait_until_one_waits(shop: Shop) -> None:
    waiting = {
        "postgres": "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        "mariadb": "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    }
    end = time.monotonic() + 10
    while not shop.sql(waiting[shop.kind]):
        assert time.monotonic() < end
        time.sleep(0.15)  # MariaDB looks again where nobody has asked for a tenth of a second


def test_another_administrator_is_found_if_the_first_one_no_longer_is_one(two: Two) -> None:
    deactivate_first(two, lambda: None)()
    with pytest.raises(Refused):
        user_status.set_status([two.second], Status.DEACTIVATED)
    make_merchants(two.shop, two.first)
    user_status.set_status([two.first], Status.ACTIVE)
    with pytest.raises(Refused):
        user_status.set_status([two.second], Status.DEACTIVATED)
    two.shop.join(1, two.first)
    assert user_status.set_status([two.second], Status.DEACTIVATED) == 1
