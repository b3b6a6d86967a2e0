"""What a change would refuse is known before the person is asked, by the change's own rules; nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from models import groups, memberships, role_rules, roles, user_status
from models.db.tables import Status
from models.errors import NotFound, Refused
from tests.conftest import Shop

ON_SERVERS = True


@dataclass
class Staff:
    """A shop's admins: all are in `admins`, by whose one rule they are; some are in `desk` as well."""

    shop: Shop
    first: int
    second: int
    admins: int
    desk: int
    rule: int


@pytest.fixture
def staff(shop: Shop) -> Staff:
    first, second = shop.users("first@shop.example", "second@shop.example")
    desk, admins = shop.groups("Desk", "Admins")
    (role,) = shop.roles("All pages")
    (rule,) = shop.rules(role, "allow */*/*")
    shop.hold(admins, role)
    shop.join(admins, first, second)
    shop.join(desk, first)
    return Staff(shop, first, second, admins, desk, rule)


Act = Callable[[Staff], object]
PAIRS: dict[str, tuple[Act, Act]] = {
    "a group is deleted": (lambda a: groups.check_delete(a.admins), lambda a: groups.delete(a.admins)),
    "groups are deleted": (
        lambda a: groups.check_delete(a.desk, a.admins),
        lambda a: groups.delete(a.desk, a.admins),
    ),
    "users are deactivated": (
        lambda a: user_status.check_status([a.first, a.second], Status.DEACTIVATED),
        lambda a: user_status.set_status([a.first, a.second], Status.DEACTIVATED),
    ),
    "users are deleted": (
        lambda a: user_status.check_status([a.first, a.second], Status.DELETED),
        lambda a: user_status.set_status([a.first, a.second], Status.DELETED),
    ),
    "users leave a group, on its page": (
        lambda a: memberships.check_remove([a.first, a.second], [a.admins]),
        lambda a: memberships.remove([a.first, a.second], [a.admins], edited="group"),
    ),
    "users leave groups, in the list": (
        lambda a: memberships.check_remove([a.first, a.second], [a.desk, a.admins]),
        lambda a: memberships.remove([a.first, a.second], [a.desk, a.admins]),
    ),
    "a rule is deleted": (lambda a: role_rules.check_remove(a.rule), lambda a: role_rules.remove(a.rule)),
}


@pytest.mark.parametrize(("check", "act"), PAIRS.values(), ids=PAIRS)
def test_the_last_admins_are_not_asked_about(staff: Staff, check: Act, act: Act) -> None:
    reasons = []
    for each in check, act:
        with staff.shop.untouched(), pytest.raises(Refused) as refused:
            each(staff)
        reasons.append(str(refused.value))
    assert reasons[0] == reasons[1]


@pytest.mark.parametrize(("check", "act"), PAIRS.values(), ids=PAIRS)
def test_where_another_admin_is_left_nothing_is_refused_and_nothing_written(staff: Staff, check: Act, act: Act) -> None:
    """The other one comes after them: it is tried out whether anyone is left."""
    (other,) = staff.shop.users("other@shop.example")
    (late,) = staff.shop.groups("Late")
    staff.shop.hold(late, 1)
    staff.shop.join(late, other)
    with staff.shop.untouched():
        check(staff)
    act(staff)


ONE: dict[str, Act] = {
    "a group": lambda a: groups.check_delete(a.desk),
    "a user": lambda a: user_status.check_status([a.first], Status.DELETED),
    "who is active": lambda a: user_status.check_status([a.first, a.second], Status.ACTIVE),
    "a member": lambda a: memberships.check_remove([a.second], [a.admins]),
}


@pytest.mark.parametrize("check", ONE.values(), ids=ONE)
def test_one_of_several_admins_may_go(staff: Staff, check: Act) -> None:
    with staff.shop.untouched():
        check(staff)


@pytest.mark.parametrize("check", [check for check, _ in PAIRS.values()], ids=PAIRS)
def test_nothing_is_held_while_the_person_thinks(staff: Staff, check: Act) -> None:
    """Neither after a refusal, nor after what was tried out and would be done."""
    with pytest.raises(Refused):
        check(staff)
    shop = staff.shop
    (other,) = shop.users("other@shop.example")
    (late,) = shop.groups("Late")
    shop.hold(late, 1)
    shop.join(late, other)
    check(staff)
    for table in ("spy_acl_group", "spy_user", "spy_acl_role", "spy_acl_rule"):
        shop.sql(f"UPDATE {table} SET updated_at = NULL")
    shop.sql("DELETE FROM spy_acl_user_has_group")


def test_where_nobody_was_an_admin_nothing_is_refused(staff: Staff) -> None:
    staff.shop.sql("UPDATE spy_user SET status = 1")
    for check, _ in PAIRS.values():
        check(staff)


def test_a_rule_that_is_gone_is_not_asked_about(staff: Staff) -> None:
    with pytest.raises(NotFound):
        role_rules.check_remove(999)


@pytest.mark.parametrize("rule", ["CASCADE", "RESTRICT"])
def test_what_refers_to_the_rules_of_a_role_counts_before_it_is_deleted(shop: Shop, rule: str) -> None:
    (role,) = shop.roles("Order support")
    (id,) = shop.rules(role, "allow sales/*/*")
    shop.sql(
        "CREATE TABLE notes (fk_acl_rule INTEGER, "
        f"FOREIGN KEY (fk_acl_rule) REFERENCES spy_acl_rule (id_acl_rule) ON DELETE {rule})"
    )
    try:
        shop.insert("notes", "fk_acl_rule", [(id,)])
        if rule == "CASCADE":
            assert roles.check_delete(role) == {"notes": 1}
        else:
            with pytest.raises(Refused, match="notes still refers to it"):
                roles.check_delete(role)
    finally:
        shop.sql("DROP TABLE notes")
