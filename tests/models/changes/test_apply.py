"""Applying a file makes the shop what it says, in one transaction, or changes nothing."""

import pytest

from models.changes import plan
from models.changes.apply import apply
from models.changes.shop_file import parse
from models.errors import Refused, Unavailable
from tests.conftest import Shop

FILE = parse(
    """format = 1
roles.Editor.rules = ["allow cms/*/*"]
roles.New.rules = ["allow a/b/c"]
groups.Catalog = { roles = ["New"], users = ["tom@shop.example"] }
groups.Fresh = { roles = ["New", "Media"], users = ["anna@shop.example", "tom@shop.example"] }
users."anna@shop.example" = { last_name = "Berg", status = "deactivated", is_agent = true, language = "de_DE" }
users."tom@shop.example" = { first_name = "Tom" }
""",
    "shop.toml",
)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Anna is in Catalog, whose role is Editor; Tom is in no group; Ada administers."""
    editor, _ = shop.roles("Editor", "Media")
    shop.rules(editor, "allow sales/*/*")
    (catalog,) = shop.groups("Catalog")
    shop.hold(catalog, editor)
    anna, _, ada = shop.users("anna@shop.example", "tom@shop.example", "ada@shop.example")
    shop.join(catalog, anna)
    shop.join(1, ada)
    return shop


def test_what_is_applied_is_no_difference_any_more(shop: Shop):
    assert apply(FILE, plan.make(FILE).hash) is True
    assert plan.make(FILE).differences == []
    with shop.untouched():
        assert apply(FILE) is False
    assert shop.sql("SELECT last_name, status, is_agent FROM spy_user WHERE id_user = 1") == [("Berg", 1, 1)]
    assert shop.sql("SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group ORDER BY 1, 2") == [
        (1, 3),
        (2, 2),
        (3, 1),
        (3, 2),
    ]


def test_other_differences_than_were_read_are_refused(shop: Shop):
    read = plan.make(FILE).hash
    shop.rules(2, "allow colleague/*/*")
    with shop.untouched(), pytest.raises(Refused, match="plan again"):
        apply(FILE, read)


@pytest.mark.parametrize(
    ("event", "table"),
    [("DELETE", "spy_acl_rule"), ("INSERT", "spy_acl_user_has_group"), ("UPDATE", "spy_user")],
)
def test_what_the_database_refuses_leaves_every_row_as_it_was(shop: Shop, event, table):
    before = plan.make(FILE).hash
    with shop.refusing(event, table), pytest.raises(Unavailable):
        apply(FILE)
    assert plan.make(FILE).hash == before


def test_the_last_administrator_stays(shop: Shop):
    for text in ("groups.root_group.users = []", "roles.root_role.rules = []"):
        with shop.untouched(), pytest.raises(Refused):
            apply(parse(f"format = 1\n{text}", "shop.toml"))
    assert apply(parse('format = 1\ngroups.root_group.users = ["tom@shop.example"]', "shop.toml"))


def test_what_the_file_does_not_name_is_deleted_where_that_is_asked_for(shop: Shop):
    shop.groups("Old")
    file = parse('format = 1\ngroups.Catalog = { roles = ["Media"], users = [] }', "shop.toml")
    assert apply(file, plan.make(file, prune=True).hash, prune=True)
    assert plan.make(file, prune=True).differences == []
    assert shop.sql("SELECT name FROM spy_acl_group ORDER BY id_acl_group") == ["root_group", "Catalog"]
    assert shop.sql("SELECT name FROM spy_acl_role ORDER BY id_acl_role") == ["root_role", "Media"]
    assert shop.sql("SELECT count(*) FROM spy_user") == [3]
    with shop.untouched():
        assert apply(file, prune=True) is False


def test_the_last_administrator_may_move_from_a_deleted_group_to_another(shop: Shop):
    (boss,) = shop.groups("Bosses")
    shop.hold(boss, 1)
    shop.sql("UPDATE spy_acl_user_has_group SET fk_acl_group = ? WHERE fk_acl_group = 1", boss)
    with shop.untouched(), pytest.raises(Refused):
        apply(parse("format = 1\ngroups.root_group = {}", "shop.toml"), prune=True)
    moved = parse('format = 1\ngroups.root_group.users = ["ada@shop.example"]', "shop.toml")
    assert apply(moved, prune=True)
