"""A plan names every difference of a shop from a file, whose access it changes, and each mistake; it writes nothing."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access.compute_impact import compute_impact
from models.changes import plan
from models.changes.plan import Difference
from models.changes.shop_file import WrongFile, export, parse
from tests.conftest import Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Anna is in Catalog, whose role Editor allows sales; Tom is in no group; nobody holds Media."""
    editor, _ = shop.roles("Editor", "Media")
    shop.rules(editor, "allow sales/*/*", "deny user/*/*")
    (catalog,) = shop.groups("Catalog")
    shop.hold(catalog, editor)
    anna, _ = shop.users("anna@shop.example", "tom@shop.example")
    shop.join(catalog, anna)
    return shop


def planned(text: str) -> plan.Plan:
    return plan.make(parse(f"format = 1\n{text}", "shop.toml"))


def mistakes(text: str) -> dict[str, str]:
    with pytest.raises(WrongFile) as wrong:
        planned(text)
    return wrong.value.problems


def exported() -> str:
    return "\n".join(export(None, None, members=True, with_users=True))


def test_what_a_shop_exports_is_no_difference_from_it(shop: Shop):
    found = plan.make(parse(exported(), "shop.toml"))
    assert found.differences == [] and not compute_impact(found.access)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=15, deadline=None)
@given(
    names=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold),
    rules=st.lists(st.tuples(NAMES, NAMES, NAMES, st.integers(0, 3)), max_size=4),
    links=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))),
)
def test_whatever_a_shop_exports_is_no_difference_from_it(fresh: Path, names, rules, links):
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(str(shutil.copy(fresh, folder)))
        roles, groups, users = shop.roles(*names), shop.groups(*names), shop.users(*names)
        shop.insert(
            "spy_acl_rule", "fk_acl_role, bundle, controller, action, type", [(roles[0], *rule) for rule in rules]
        )
        for one, other in ((one % len(names), other % len(names)) for one, other in links):
            shop.sql("INSERT OR IGNORE INTO spy_acl_groups_has_roles VALUES (?, ?)", groups[one], roles[other])
            shop.sql("INSERT OR IGNORE INTO spy_acl_user_has_group VALUES (?, ?)", groups[other], users[one])
        shop.reopen()
        assert plan.make(parse(exported(), "shop.toml")).differences == []


def test_a_key_that_is_absent_is_not_touched(shop: Shop):
    assert planned('roles.Editor = {}\ngroups.Catalog = {}\nusers."anna@shop.example" = {}').differences == []


def test_what_is_added_and_removed_is_named_by_record(shop: Shop):
    with shop.untouched():
        found = planned(
            'roles.Editor.rules = ["deny user/*/*", "Allow  cms/*/*"]\nroles.New.rules = ["allow a/b/c"]\n'
            'groups.Catalog = { roles = ["New"], users = ["tom@shop.example"] }\n'
            'users."anna@shop.example" = { last_name = "Berg", status = "deactivated" }\n'
        )
    assert found.differences == [
        Difference("role", "Editor", False, {"rules": ["allow cms/*/*"]}, {"rules": ["allow sales/*/*"]}),
        Difference("role", "New", True, {"rules": ["allow a/b/c"]}, {"rules": []}),
        Difference(
            "group",
            "Catalog",
            False,
            {"roles": ["New"], "users": ["tom@shop.example"]},
            {"roles": ["Editor"], "users": ["anna@shop.example"]},
        ),
        Difference(
            "user",
            "anna@shop.example",
            changed={"last_name": ("Last", "Berg"), "status": ("active", "deactivated")},
        ),
    ]


def test_who_gains_and_loses_what_is_told_of_new_roles_and_new_groups_too(shop: Shop):
    def effect(text: str) -> list[str]:
        return compute_impact(planned(text).access).lines

    new = 'roles.New.rules = ["allow a/b/c"]\nroles.Newer.rules = ["allow d/*/*"]\n'
    assert effect(f'{new}groups.Catalog.roles = ["Editor", "Newer"]') == ["1 user gains d/*/*"]
    joined = f'{new}groups.One.roles = ["New"]\ngroups.Two = {{ roles = ["Newer"], users = ["tom@shop.example"] }}'
    assert effect(joined) == ["1 user gains application/*/*, d/*/*"]
    assert effect("groups.Catalog.users = []") == ["1 user loses application/*/*, sales/*/*"]
    assert effect('users."anna@shop.example".status = "deleted"') == ["1 user can no longer sign in"]
    assert effect('users."anna@shop.example".is_warehouse_user = true') == ["1 user can no longer sign in"]


def test_the_hash_is_that_of_the_differences(shop: Shop):
    hash = planned('roles.Media.rules = ["allow a/b/c"]').hash
    assert planned('roles.Media.rules = ["allow a/b/c"]\ngroups.Catalog.roles = ["Editor"]').hash == hash
    assert planned('roles.Media.rules = ["allow a/b/d"]').hash != hash


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ('groups.Catalog.roles = ["editor"]', 'groups."Catalog".roles', '"editor": no such role'),
        ('groups.Catalog.users = ["x@y.example"]', 'groups."Catalog".users', "backoffice users add"),
        ('groups.Catalog.roles = ["Editor", "Editor"]', 'groups."Catalog".roles', '"Editor": stands here twice'),
        ("groups.Catalog.roles = []", 'groups."Catalog".roles', "At least one role"),
        ("groups.New = {}", 'groups."New".roles', "At least one role"),
        ('groups." New".roles = ["Editor"]', 'groups." New"', "begins or ends with a blank"),
        ("roles.New = {}\nroles.new = {}", 'roles."new"', 'the same name as "New"'),
        ('roles."a\\u0000b" = {}', 'roles."a\\u0000b"', "control character"),
        ('roles.Media.rules = ["allow a/b"]', 'roles."Media".rules', "is not a rule"),
        ('roles.Media.rules = ["allow a/b/c", "allow  a/b/c"]', 'roles."Media".rules', "stands here twice"),
        (f'roles.Media.rules = ["allow a/b/{"c" * 46}"]', 'roles."Media".rules', "too long"),
        ('users."x@y.example" = {}', 'users."x@y.example"', "backoffice users add"),
        ('users."anna@shop.example".language = "xx"', 'users."anna@shop.example".language', "no such language"),
        ('users."anna@shop.example".first_name = "a<b"', 'users."anna@shop.example".first_name', "must not contain"),
    ],
)
def test_each_mistake_is_named_with_its_table_and_key(shop: Shop, text, place, problem):
    found = mistakes(text)
    assert [*found] == [place] and problem in found[place]


def test_all_mistakes_are_named_at_once(shop: Shop):
    found = mistakes(
        'role = 1\nroles.Media = { rules = ["allow a/b", "allow c", "allow cms/*/*"], x = 1 }\n'
        'groups.Catalog = { roles = ["Media", "Nobody", "None"], users = 1 }\ngroups.New = 2\n'
        'users."anna@shop.example" = { language = "xx", status = "gone" }'
    )
    assert [*found] == [
        '"role"',
        'roles."Media"."x"',
        'groups."Catalog".users',
        'groups."New"',
        'users."anna@shop.example".status',
        'roles."Media".rules',
        'groups."Catalog".roles',
        'users."anna@shop.example".language',
    ]
    assert "allow a/b" in found['roles."Media".rules'] and "allow c" in found['roles."Media".rules']
    assert '"Nobody": ' in found['groups."Catalog".roles'] and '"None": ' in found['groups."Catalog".roles']


def test_a_user_without_groups_may_get_other_fields(shop: Shop):
    (change,) = planned('users."tom@shop.example".first_name = "Tom"').users
    assert change.changed == {"first_name": ("First", "Tom")}


def test_a_mark_that_the_shop_has_not_is_a_mistake(shop: Shop):
    older = shop.older()
    older.join(1, *older.users("tom@shop.example"))
    where = 'users."tom@shop.example".is_warehouse_user'
    assert mistakes(f"{where} = true") == {where: "this shop has no such mark"}


def test_nothing_is_deleted_that_the_file_does_not_name_unless_that_is_asked_for(shop: Shop):
    file = parse('format = 1\nroles.Editor = {}\ngroups.Catalog.roles = ["Editor"]', "shop.toml")
    shop.groups("Old")
    assert plan.make(file).differences == []
    assert plan.make(file, prune=True).differences == [
        Difference("group", "Old", is_deleted=True),
        Difference("role", "Media", is_deleted=True),
    ]


def test_root_group_and_root_role_are_never_deleted_and_no_kind_of_which_the_file_names_nothing(shop: Shop):
    shop.groups("Old")
    for text, deleted in (
        ("", []),
        ('users."anna@shop.example" = {}', []),
        ("roles.Editor = {}", ["Media"]),
        ('groups.Catalog.roles = ["Media"]', ["Old", "Editor"]),
    ):
        planned = plan.make(parse(f"format = 1\n{text}", "shop.toml"), prune=True)
        assert [each.name for each in planned.differences if each.is_deleted] == deleted


def test_a_role_that_another_group_keeps_cannot_be_deleted(shop: Shop):
    with pytest.raises(WrongFile) as wrong:
        plan.make(parse("format = 1\nroles.Media = {}\ngroups.Catalog = {}", "shop.toml"), prune=True)
    assert [*wrong.value.problems] == ['roles."Editor"'] and "Catalog" in str(wrong.value)


def test_whose_access_goes_with_deleted_groups_and_roles_is_told(shop: Shop):
    planned = plan.make(parse('format = 1\ngroups.New.roles = ["Media"]', "shop.toml"), prune=True)
    assert compute_impact(planned.access).lines == ["1 user loses application/*/*, sales/*/*"]
