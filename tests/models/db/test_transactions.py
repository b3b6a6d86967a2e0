"""Several admins at once: who deactivates whom last, deadlocks, and colleagues whose program does not wait its turn."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from models import groups, memberships, user_status, users, validation
from models.db import connection, links, rows, tables, transactions
from models.db.tables import Status
from models.errors import Invalid, Refused
from tests import servers
from tests.conftest import Shop

ON_SERVERS = True


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gives or raises, all begun at the same moment, each in a thread and on a connection of its own."""
    together = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        with tables.database.connection_context():  # to connect takes longer than to change
            together.wait()
            try:
                outcomes[place] = act()
            except Exception as error:
                outcomes[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# The last admin


def deactivate(user: int, _: int) -> Callable[[], object]:
    return lambda: user_status.set_status([user], Status.DEACTIVATED)


def take_out(user: int, _: int) -> Callable[[], object]:
    return lambda: memberships.remove([user], [1])


def delete_group(_: int, group: int) -> Callable[[], object]:
    return lambda: groups.delete(group)


ACTS = [(deactivate, deactivate), (take_out, take_out), (deactivate, take_out), (deactivate, delete_group)]


@pytest.mark.parametrize("acts", ACTS, ids=lambda acts: " and ".join(act.__name__ for act in acts))
def test_of_two_admins_who_take_each_other_out_at_once_one_succeeds(
    shop: Shop, acts: Sequence[Callable[[int, int], Callable[[], object]]]
) -> None:
    """The last two: each change alone leaves one, both together would leave none."""
    take_each_other_out(shop, acts)


@pytest.mark.parametrize("acts", ACTS, ids=lambda acts: " and ".join(act.__name__ for act in acts))
def test_so_does_one_where_no_group_is_called_root_group(
    shop: Shop, acts: Sequence[Callable[[int, int], Callable[[], object]]]
) -> None:
    shop.sql("UPDATE spy_acl_group SET name = 'Admins' WHERE name = 'root_group'")
    take_each_other_out(shop, acts)


def take_each_other_out(shop: Shop, acts: Sequence[Callable[[int, int], Callable[[], object]]]) -> None:
    for round in range(5):
        first, second = shop.users(f"a{round}@spryker.com", f"b{round}@spryker.com")
        shop.sql("DELETE FROM spy_acl_user_has_group")
        other = 1
        shop.join(1, first)
        if delete_group in acts:
            (other,) = shop.groups(f"Admins {round}")
            shop.hold(other, 1)
        shop.join(other, second)
        outcomes = at_once(acts[0](first, other), acts[1](second, other))
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert len(refused) == 1, outcomes
        assert not any(isinstance(outcome, Exception) for outcome in outcomes if outcome not in refused), outcomes
        left = "SELECT count(*) FROM spy_acl_user_has_group JOIN spy_user ON id_user = fk_user WHERE status = 0"
        assert shop.sql(left) == [1]


def test_so_does_one_where_the_first_group_is_deleted(shop: Shop) -> None:
    for _ in range(5):
        shop.sql("DELETE FROM spy_acl_group")
        shop.sql("DELETE FROM spy_user")
        admins = shop.groups("Admins", "More admins", "Others")
        for group, user in zip(admins[:2], shop.users("a@spryker.com", "b@spryker.com"), strict=True):
            shop.hold(group, 1)
            shop.join(group, user)
        outcomes = at_once(*[lambda group=group: groups.delete(group) for group in admins[:2]])
        assert [type(outcome) for outcome in outcomes].count(Refused) == 1, outcomes
        assert outcomes.count(None) == 1, outcomes


@pytest.mark.parametrize("name", ["root_group", "Admins"])
def test_the_same_title_at_once_is_given_once(shop: Shop, name: str) -> None:
    shop.sql("UPDATE spy_acl_group SET name = ?", name)
    for round in range(5):
        outcomes = at_once(*[lambda round=round: groups.create(f"Night shift {round}", [1])] * 4)
        taken = [outcome.fields for outcome in outcomes if isinstance(outcome, Invalid)]
        assert taken == [{"title": "Group name already in use"}] * 3, outcomes


def test_the_same_group_gets_what_each_of_many_adds_at_once(shop: Shop) -> None:
    roles, members = shop.roles(*"abcdefgh"), shop.users(*(f"{letter}@spryker.com" for letter in "abcdefgh"))
    shown = groups.get(groups.create("Night shift", [1]))
    acts: list[Callable[[], object]] = [partial(groups.update, shown, "Night shift", [1, role]) for role in roles]
    acts += [partial(memberships.add, [user], [shown.id]) for user in members]
    outcomes = at_once(*acts)
    assert [getattr(outcome, "written", outcome) for outcome in outcomes] == [True] * 8 + [1] * 8
    assert sorted(groups.get(shown.id).roles) == [1, *roles]
    assert users.members(shown.id).count() == 8


# Colleagues whose program takes no turn: the shop's own pages


@pytest.mark.server
def test_a_deadlock_with_a_colleague_is_tried_again_quietly(shop: Shop) -> None:
    (group,) = shop.groups("Night shift")
    tries: list[int] = []

    @transactions.transaction
    def rename() -> str:
        tries.append(1)
        rows.update_rows(tables.Group, [group], name="Day shift")  # waits for the colleague, who waits for us
        return "done"

    with closing(servers.connect(shop.location)) as colleague, colleague.cursor() as cursor:
        for _ in range(5):
            tries.clear()
            cursor.execute("BEGIN")
            for number in range(100):  # MariaDB gives up the change that wrote less
                cursor.execute(f"INSERT INTO spy_acl_group_archive (id_acl_group, name) VALUES ({number}, 'theirs')")
            cursor.execute("UPDATE spy_acl_group SET updated_at = NULL WHERE id_acl_group = %s", [group])
            outcome: list[object] = []
            ours = threading.Thread(target=lambda outcome=outcome: outcome.extend(at_once(rename)))
            ours.start()
            wait_until_one_waits(shop)
            try:
                cursor.execute("UPDATE spy_acl_group SET updated_at = NULL WHERE name = 'root_group'")
            except Exception as error:  # PostgreSQL gives up theirs where more than a second went by: once more
                assert "deadlock" in str(error)
                cursor.execute("ROLLBACK")
                ours.join()
            else:
                cursor.execute("COMMIT")
                ours.join()
                break
    assert outcome == ["done"]
    assert len(tries) == 2
    assert groups.get(group).name == "Day shift"


def wait_until_one_waits(shop: Shop) -> None:
    waiting = {
        "postgres": "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        "mariadb": "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND state = 'Updating'",
    }
    while not shop.sql(waiting[shop.kind]):
        time.sleep(0.01)


@pytest.mark.server
def test_a_lost_serialization_is_tried_again_quietly(shop: Shop) -> None:
    """As PostgreSQL has it from REPEATABLE READ on, and MariaDB with innodb_snapshot_isolation."""
    options = {"postgres": "?options=-c%20default_transaction_isolation%3Dserializable", "mariadb": ""}
    connection.open_database(shop.location + options[shop.kind])
    (group,) = shop.groups("Night shift")
    tries: list[int] = []

    @transactions.transaction
    def rename() -> None:
        groups._get(group)
        if not tries:
            shop.sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = ?", group)
        tries.append(1)
        rows.update_rows(tables.Group, [group], name="Day shift")

    with connection.read_connection():
        if shop.kind == "mariadb":
            tables.database.execute_sql("SET SESSION innodb_snapshot_isolation = ON")
    rename()
    assert len(tries) == 2
    assert groups.get(group).name == "Day shift"


@pytest.mark.server
def test_a_link_that_a_colleague_adds_while_we_add_it_is_no_error(shop: Shop) -> None:
    (group,) = shop.groups("Night shift")
    (user,) = shop.users("sonia@spryker.com")
    tries: list[int] = []

    @transactions.transaction
    def join() -> None:
        fresh = {user} - rows.existing_ids(tables.Membership.user, [user], tables.Membership.group == group)
        if not tries:
            shop.join(group, user)
        tries.append(1)
        links.add_links(tables.Membership, [(group, id) for id in fresh])

    join()
    assert len(tries) == 2
    assert users.members(group).count() == 1


@pytest.mark.server
def test_a_role_that_a_colleague_deletes_while_we_give_it_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (media,) = shop.roles("Media")
    shown = groups.get(groups.create("Night shift", [1]))
    meanwhile(monkeypatch, "add_links", lambda: shop.sql("DELETE FROM spy_acl_role WHERE id_acl_role = ?", media))
    with pytest.raises(Invalid) as invalid:
        groups.update(shown, "Day shift", [1, media])
    assert invalid.value.fields == {"roles": validation.ROLE_DELETED}
    assert groups.get(shown.id) == shown


@pytest.mark.server
@pytest.mark.parametrize("renaming", [False, True], ids=["create", "rename"])
def test_a_title_that_a_colleague_takes_while_we_give_it_is_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, renaming: bool
) -> None:
    shown = groups.get(groups.create("Night shift", [1]))
    meanwhile(monkeypatch, "update_rows" if renaming else "insert_row", lambda: shop.groups("Day shift"))
    with pytest.raises(Invalid) as invalid:
        groups.update(shown, "Day shift", [1]) if renaming else groups.create("Day shift", [1])
    assert invalid.value.fields == {"title": "Group name already in use"}
    assert shop.sql("SELECT name FROM spy_acl_group ORDER BY 1") == ["Day shift", "Night shift", "root_group"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, write: str, act: Callable[[], Any]) -> None:
    """Let a colleague act once, between what a change to a group has checked and what it writes."""
    real, acts = getattr(groups, write), iter([act])

    def writing(*args: Any, **values: Any) -> Any:
        for first in acts:
            first()
        return real(*args, **values)

    monkeypatch.setattr(groups, write, writing)
