"""Two people change the same record, each from what their page showed: nothing is undone without a question."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from models import groups, memberships, passwords, role_rules, roles, users
from models.db.tables import Permission, Status
from models.errors import Conflict, FieldChange, NotFound
from models.groups import GroupRecord
from models.role_rules import RuleRow
from models.roles import RoleRecord
from models.user_form import UserForm, UserRecord
from tests.conftest import Shop, change_settings, verifies

ALLOW, DENY = Permission.ALLOW, Permission.DENY
MINE, THEIRS = "Mine-owl-2026!", "Their-owl-2026!"


@pytest.fixture(autouse=True)
def cheap() -> None:
    change_settings(password_cost=10)


def refused(shop: Shop, save: Callable[[], object]) -> Conflict:
    """The conflict that a save meets, having written nothing."""
    with shop.untouched(), pytest.raises(Conflict) as conflict:
        save()
    return conflict.value


def changes(conflict: Conflict) -> dict[str, tuple[str, str | None, str | None]]:
    """Of each field: as it was shown, theirs, mine."""
    return {change.field: (change.baseline, change.theirs, change.mine) for change in conflict.changes}


# Groups


@pytest.fixture
def group(shop: Shop) -> GroupRecord:
    """A group with two of four roles, as two pages show it."""
    editor, support, *_ = shop.roles("CMS editor", "Order support", "Media", "Reports")
    return groups.get(groups.create("Night shift", [editor, support]))


def role_named(shop: Shop, name: str) -> int:
    return int(shop.sql("SELECT id_acl_role FROM spy_acl_role WHERE name = ?", name)[0])


def role_names(group: GroupRecord) -> list[str]:
    return list(groups.get(group.id).roles.values())


def test_roles_that_both_gave_and_took_are_merged_without_a_question(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    media, reports = role_named(shop, "Media"), role_named(shop, "Reports")
    assert groups.update(group, "Night shift", [support, media])
    saved = groups.update(group, "Night shift", [editor, support, reports])
    assert saved and role_names(group) == ["Media", "Order support", "Reports"]
    (meanwhile,) = saved.meanwhile
    assert (meanwhile.field, meanwhile.theirs) == ("roles", "added Media; removed CMS editor")


def test_a_new_title_of_mine_goes_with_their_roles_without_a_question(shop: Shop, group: GroupRecord) -> None:
    shop.hold(group.id, role_named(shop, "Media"))
    saved = groups.update(group, "Day shift", list(group.roles))
    assert groups.get(group.id).name == "Day shift" and role_names(group) == ["CMS editor", "Media", "Order support"]
    assert [change.theirs for change in saved.meanwhile] == ["added Media"]


def test_of_many_roles_ten_are_named(shop: Shop, group: GroupRecord) -> None:
    shop.hold(group.id, *shop.roles(*(f"Role {number:02}" for number in range(12))))
    (meanwhile,) = groups.update(group, "Day shift", list(group.roles)).meanwhile
    assert meanwhile.theirs is not None and meanwhile.theirs.endswith("Role 08, Role 09 and 2 more")


def test_two_new_titles_touch_and_nothing_is_written(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    shop.sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = ?", group.id)
    conflict = refused(shop, lambda: groups.update(group, " Mine ", [editor, support, role_named(shop, "Media")]))
    assert str(conflict) == "Someone else changed this group. Nothing has been saved."
    assert conflict.changes == (
        FieldChange("title", "Night shift", "Theirs", "Mine", conflicting=True, overwritten=True),
        FieldChange("roles", "", None, "added Media", conflicting=False, overwritten=False),
    )
    assert conflict.theirs == GroupRecord(group.id, "Theirs", group.roles)
    assert conflict.merged is None


def test_mine_put_over_theirs_keeps_the_roles_of_both(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    media = role_named(shop, "Media")
    groups.update(group, "Theirs", [support])
    conflict = refused(shop, lambda: groups.update(group, "Mine", [editor, support, media]))
    assert groups.update(conflict.theirs, *conflict.mine)
    assert groups.get(group.id).name == "Mine" and role_names(group) == ["Media", "Order support"]


def test_their_title_and_my_roles_do_not_touch_but_are_asked_about(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    groups.update(group, "Theirs", [editor, support])
    conflict = refused(shop, lambda: groups.update(group, "Night shift", [editor]))
    assert changes(conflict) == {
        "title": ("Night shift", "Theirs", None),
        "roles": ("", None, "removed Order support"),
    }
    assert (conflict.merged, conflict.mine) == (("Theirs", (editor,)), ("Night shift", (editor,)))
    assert groups.update(conflict.theirs, *conflict.merged)
    assert groups.get(group.id) == GroupRecord(group.id, "Theirs", {editor: "CMS editor"})


def test_roles_that_both_together_took_away_whole_touch(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    groups.update(group, "Night shift", [editor])
    conflict = refused(shop, lambda: groups.update(group, "Night shift", [support]))
    assert conflict.changes == (FieldChange("roles", "", "removed Order support", "removed CMS editor", True, True),)
    assert conflict.merged is None
    assert groups.update(conflict.theirs, *conflict.mine)
    assert role_names(group) == ["Order support"]


def test_the_same_change_on_both_sides_is_no_conflict(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    media = role_named(shop, "Media")
    groups.update(group, "Day shift", [editor, media])
    with shop.untouched():
        assert not groups.update(group, "Day shift", [editor, media]).meanwhile
    assert groups.update(group, "Day shift", [editor, support, media, role_named(shop, "Reports")])
    assert role_names(group) == ["CMS editor", "Media", "Reports"]


def test_who_changed_nothing_is_told_and_not_asked(shop: Shop, group: GroupRecord) -> None:
    groups.update(group, "Theirs", list(group.roles))
    with shop.untouched():
        saved = groups.update(group, "Night shift", list(group.roles))
    assert not saved
    assert [(change.field, change.theirs) for change in saved.meanwhile] == [("title", "Theirs")]


def test_a_third_change_after_the_question_is_asked_about_again(shop: Shop, group: GroupRecord) -> None:
    groups.update(group, "Theirs", list(group.roles))
    conflict = refused(shop, lambda: groups.update(group, "Mine", list(group.roles)))
    shop.sql("UPDATE spy_acl_group SET name = 'Third' WHERE id_acl_group = ?", group.id)
    again = refused(shop, lambda: groups.update(conflict.theirs, *conflict.mine))
    assert changes(again) == {"title": ("Theirs", "Third", "Mine")}


def test_a_group_deleted_meanwhile_is_no_conflict(shop: Shop, group: GroupRecord) -> None:
    groups.delete(group.id)
    with shop.untouched(), pytest.raises(NotFound, match="Group couldn't be found"):
        groups.update(group, "Mine", list(group.roles))


def test_a_role_deleted_meanwhile_is_named_still(shop: Shop, group: GroupRecord) -> None:
    editor, support = sorted(group.roles)
    groups.update(group, "Theirs", [support])
    roles.delete(editor)
    conflict = refused(shop, lambda: groups.update(group, "Mine", [editor, support]))
    assert changes(conflict)["roles"] == ("", "removed CMS editor", None)


def test_what_only_is_trimmed_is_nobodys_change(shop: Shop, group: GroupRecord) -> None:
    shop.sql("UPDATE spy_acl_group SET name = ' Night shift ' WHERE id_acl_group = ?", group.id)
    assert not groups.update(group, "Day shift", list(group.roles)).meanwhile
    assert groups.get(group.id).name == "Day shift"


# Roles and rules


@pytest.fixture
def role(shop: Shop) -> RoleRecord:
    id = roles.create("Order support")
    shop.rules(id, "allow sales/detail/index", "deny sales/delete/index")
    return roles.get(id)


@pytest.fixture
def rule(role: RoleRecord) -> RuleRow:
    """The first rule, as two pages show it."""
    return role_rules.listing(role.id).page(role_rules.listing(role.id).default_sort, 1)[0]


def test_two_new_names_of_a_role_touch(shop: Shop, role: RoleRecord) -> None:
    shop.sql("UPDATE spy_acl_role SET name = 'Theirs' WHERE id_acl_role = ?", role.id)
    conflict = refused(shop, lambda: roles.rename(role, "Mine"))
    assert changes(conflict) == {"name": ("Order support", "Theirs", "Mine")}
    assert conflict.merged is None
    assert roles.rename(conflict.theirs, *conflict.mine)
    assert roles.get(role.id).name == "Mine"


def test_the_same_new_name_of_a_role_is_no_conflict(shop: Shop, role: RoleRecord) -> None:
    roles.rename(role, "Same")
    with shop.untouched():
        assert not roles.rename(role, " Same ")


def test_their_name_of_a_role_stays_where_mine_is_the_one_shown(shop: Shop, role: RoleRecord) -> None:
    roles.rename(role, "Theirs")
    with shop.untouched():
        saved = roles.rename(role, "Order support")
    assert [change.theirs for change in saved.meanwhile] == ["Theirs"]


def parts(rule: RuleRow, shop: Shop) -> tuple[object, ...]:
    columns = "bundle, controller, action, type"
    return tuple(shop.sql(f"SELECT {columns} FROM spy_acl_rule WHERE id_acl_rule = ?", rule.id)[0])


def test_a_rule_that_both_changed_in_other_parts_can_be_kept_as_both(shop: Shop, rule: RuleRow) -> None:
    role_rules.change(rule, "sales", "detail", "index", DENY)
    conflict = refused(shop, lambda: role_rules.change(rule, "sales", "*", "index", ALLOW))
    assert changes(conflict) == {"controller": ("detail", None, "*"), "permission": ("allow", "deny", None)}
    assert (conflict.merged, conflict.mine) == (("sales", "*", "index", DENY), ("sales", "*", "index", ALLOW))
    assert role_rules.change(conflict.theirs, *conflict.merged)
    assert parts(rule, shop) == ("sales", "*", "index", 1)


def test_a_rule_that_both_changed_in_one_part_touches(shop: Shop, rule: RuleRow) -> None:
    shop.sql("UPDATE spy_acl_rule SET controller = 'edit' WHERE id_acl_rule = ?", rule.id)
    conflict = refused(shop, lambda: role_rules.change(rule, "sales", "*", "index", ALLOW))
    assert changes(conflict) == {"controller": ("detail", "edit", "*")}
    assert conflict.merged is None
    assert role_rules.change(conflict.theirs, *conflict.mine)
    assert parts(rule, shop) == ("sales", "*", "index", 0)


def test_a_rule_deleted_meanwhile_is_said(shop: Shop, rule: RuleRow) -> None:
    role_rules.remove(rule.id)
    with shop.untouched(), pytest.raises(NotFound, match="Rule couldn't be found"):
        role_rules.change(rule, "sales", "*", "index", ALLOW)


# Users


@pytest.fixture
def user(shop: Shop) -> UserRecord:
    """A user in two of three groups, beside an admin, as two pages show them."""
    shop.join(1, *shop.users("admin@spryker.com"))
    night, day, _ = shop.groups("Night shift", "Day shift", "Weekend")
    (id,) = shop.users("sonia@spryker.com")
    shop.sql("UPDATE spy_user SET fk_locale = 66 WHERE id_user = ?", id)
    for group in (night, day):
        shop.join(group, id)
    return users.get(id)


SCALARS: dict[str, tuple[tuple[str, str, str], dict[str, object], dict[str, object]]] = {
    "email": (
        ("sonia@spryker.com", "their@spryker.com", "my@spryker.com"),
        {"email": "their@spryker.com"},
        {"email": "my@spryker.com"},
    ),
    "first_name": (("First", "Theirs", "Mine"), {"first_name": "Theirs"}, {"first_name": "Mine"}),
    "last_name": (("Last", "Theirs", "Mine"), {"last_name": "Theirs"}, {"last_name": "Mine"}),
    "locale": (("en_US", "de_DE", "none"), {"locale": 46}, {"locale": None}),
    "status": (
        ("Active", "Deleted", "Deactivated"),
        {"status": Status.DELETED},
        {"status": Status.DEACTIVATED},
    ),
    "password": (
        ("unchanged", "changed by them", "changed by you"),
        {"password": THEIRS, "repeated": THEIRS},
        {"password": MINE, "repeated": MINE},
    ),
}


@pytest.mark.parametrize("field", SCALARS)
def test_a_field_that_both_changed_touches(shop: Shop, user: UserRecord, field: str) -> None:
    words, theirs, mine = SCALARS[field]
    users.update(user, replace(user.form, **theirs))  # type: ignore[arg-type]
    conflict = refused(shop, lambda: users.update(user, replace(user.form, **mine)))  # type: ignore[arg-type]
    assert changes(conflict) == {field: words}
    assert conflict.merged is None
    assert MINE not in repr(conflict) + str(conflict) + str(conflict.changes)
    assert users.update(conflict.theirs, conflict.mine)
    now = users.get(user.id).form
    assert now == replace(replace(user.form, **mine), password="", repeated="")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [field for field in SCALARS if field != "password"])
def test_a_field_that_only_they_changed_is_asked_about_beside_mine(shop: Shop, user: UserRecord, field: str) -> None:
    words, theirs, _ = SCALARS[field]
    users.update(user, replace(user.form, **theirs))  # type: ignore[arg-type]
    form = replace(user.form, marks=frozenset({"is_agent"}), password=MINE, repeated=MINE)
    conflict = refused(shop, lambda: users.update(user, form))
    assert changes(conflict) == {
        field: (*words[:2], None),
        "is_agent": ("no", None, "yes"),
        "password": ("unchanged", None, "changed by you"),
    }
    assert conflict.mine == form
    assert users.update(conflict.theirs, conflict.merged)
    now = users.get(user.id).form
    assert now == replace(user.form, marks=frozenset({"is_agent"}), **theirs)  # type: ignore[arg-type]
    (hash,) = shop.sql("SELECT password FROM spy_user WHERE id_user = ?", user.id)
    assert verifies(MINE, hash)


def test_a_mark_that_they_set_is_asked_about(shop: Shop, user: UserRecord) -> None:
    shop.sql("UPDATE spy_user SET is_warehouse_user = 1 WHERE id_user = ?", user.id)
    conflict = refused(shop, lambda: users.update(user, replace(user.form, last_name="Mine")))
    assert changes(conflict)["is_warehouse_user"] == ("no", "yes", None)
    assert users.update(conflict.theirs, conflict.mine)
    assert users.get(user.id).form == replace(user.form, last_name="Mine")


def test_a_password_that_only_they_set_stays_and_is_told(shop: Shop, user: UserRecord) -> None:
    shop.sql("UPDATE spy_user SET password = 'theirs' WHERE id_user = ?", user.id)
    saved = users.update(user, replace(user.form, last_name="Mine"))
    assert saved and [(change.field, change.theirs) for change in saved.meanwhile] == [("password", "changed by them")]
    assert shop.sql("SELECT password, last_name FROM spy_user WHERE id_user = ?", user.id) == [("theirs", "Mine")]


def test_groups_that_both_gave_and_took_are_merged_without_a_question(shop: Shop, user: UserRecord) -> None:
    night, day = sorted(user.form.groups)
    weekend = day + 1
    memberships.remove([user.id], [night])
    saved = users.update(user, replace(user.form, groups=frozenset({night, day, weekend})))
    assert [change.theirs for change in saved.meanwhile] == ["removed Night shift"]
    assert users.get(user.id).form.groups == {day, weekend}


def test_groups_that_both_together_took_away_whole_touch(shop: Shop, user: UserRecord) -> None:
    night = min(user.form.groups)
    memberships.remove([user.id], [night])
    conflict = refused(shop, lambda: users.update(user, replace(user.form, groups=frozenset({night}))))
    assert changes(conflict) == {"groups": ("", "removed Night shift", "removed Day shift")}
    assert conflict.merged is None
    assert users.update(conflict.theirs, conflict.mine)
    assert users.get(user.id).form.groups == {night}


def test_a_sign_in_meanwhile_is_no_change(shop: Shop, user: UserRecord) -> None:
    shop.sql("UPDATE spy_user SET last_login = '2026-05-01 10:00:00', updated_at = '2026-05-01 10:00:00'")
    assert not users.update(user, replace(user.form, last_name="Mine")).meanwhile


def test_a_change_between_the_check_and_the_transaction_is_met_too(
    shop: Shop, user: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes a quarter of a second: time enough for a colleague."""

    def slow(password: str) -> str:
        shop.sql("UPDATE spy_user SET last_name = 'Theirs' WHERE id_user = ?", user.id)
        return "hash of mine"

    monkeypatch.setattr(passwords, "hashed", slow)
    form: UserForm = replace(user.form, password=MINE, repeated=MINE)
    with pytest.raises(Conflict):
        users.update(user, form)
    assert shop.sql("SELECT password FROM spy_user WHERE id_user = ?", user.id) == ["hash"]
