"""The file of a shop: what is written is read again, and each mistake is named with its place."""

import os
import tomllib
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.changes import shop_file
from models.changes.shop_file import ShopFile, WrongFile, export, parse, quoted, read
from models.errors import Refused
from tests.conftest import Shop

HOSTILE = "\"]\nroles = []\r\x00\x1b[2J\x7f\x9b\u2028\u202e\\u0041 ''' # ü😀\ufeff"


def written() -> str:
    return "\n".join(export(None, None, members=True, with_users=True))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_read_as_it_was_written(text):
    line = quoted(text)
    assert tomllib.loads(f"{line} = {line}") == {text: text}
    assert line.isprintable()


def test_hostile_names_are_written_on_one_line_and_read_again(shop: Shop):
    (role,), (group,), (user,) = shop.roles(HOSTILE), shop.groups(HOSTILE), shop.users(HOSTILE)
    shop.insert("spy_acl_rule", "fk_acl_role, bundle, controller, action, type", [(role, HOSTILE, "*", "", 1)])
    shop.hold(group, role)
    shop.join(group, user)
    text = written()
    assert all(line.isprintable() for line in text.split("\n"))
    found = parse(text, "shop.toml")
    assert found.roles[HOSTILE] == {"rules": [f"deny {HOSTILE}/*/"]}
    assert found.groups[HOSTILE] == {"roles": [HOSTILE], "users": [HOSTILE]}
    assert found.users[HOSTILE]["first_name"] == "First"


def test_the_order_of_rows_and_rules_written_twice_change_no_byte(shop: Shop):
    for names in (["b", "a", "C"], ["C", "b", "a"]):
        shop.sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group > 1")
        for table in ("spy_acl_rule", "spy_acl_role", "spy_acl_group"):
            key = "fk_acl_role" if table.endswith("rule") else table.replace("spy", "id")
            shop.sql(f"DELETE FROM {table} WHERE {key} > 1")
        for name in names:
            (role,), (group,) = shop.roles(name), shop.groups(name)
            shop.rules(role, *[f"allow {part}/*/*" for part in names], f"allow {name}/*/*")
            shop.hold(group, role, 1)
        if names[0] == "b":
            first = written()
    assert written() == first


def test_a_rule_status_or_language_that_no_file_can_say_is_left_out(shop: Shop):
    shop.roles("Odd")
    shop.insert("spy_acl_rule", "fk_acl_role, bundle, controller, action, type", [(2, "a", "b", "c", 7)])
    shop.users("odd@shop.example")
    shop.sql("UPDATE spy_user SET status = 9")
    found = parse(written(), "shop.toml")
    assert found.roles["Odd"] == {"rules": []}
    assert {"status", "language"}.isdisjoint(found.users["odd@shop.example"])


def test_a_name_that_is_no_text_is_refused(shop: Shop):
    shop.roles("Odd")
    shop.sql("UPDATE spy_acl_role SET name = CAST(x'ff41' AS TEXT) WHERE id_acl_role = 2")
    with pytest.raises(Refused, match="no text in UTF-8"):
        written()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "format"),
        ("format = 2", "format"),
        ("format = true", "format"),
        ("format = 1\nrole = 1", '"role"'),
        ("format = 1\nroles = 1", "roles"),
        ("format = 1\n[roles]\na = 1", 'roles."a"'),
        ('format = 1\n[roles."a b"]\nrule = []', 'roles."a b"."rule"'),
        ("format = 1\n[roles.a]\nrules = 1", 'roles."a".rules'),
        ("format = 1\n[groups.a]\nroles = [1]", 'groups."a".roles'),
        ("format = 1\n[groups.a]\nusers = 'x'", 'groups."a".users'),
        ("format = 1\n[users.a]\nstatus = 'x'", 'users."a".status'),
        ("format = 1\n[users.a]\nis_agent = 1", 'users."a".is_agent'),
        ("format = 1\n[users.a]\nfirst_name = false", 'users."a".first_name'),
        ("format = 1\n[users.a]\npassword = 'x'", 'users."a"."password"'),
        ("format = 1\n[roles.a]\n[roles.a]", "shop.toml"),
        ("format = 1\nx = " + "[" * 5_000, "shop.toml"),
        ("format = 1\nroles" + ".a" * 50_000 + " = 1", "shop.toml"),
        ("format = " + "1" * 5_000, "shop.toml"),
    ],
)
def test_each_mistake_is_named_with_its_place(text, place):
    try:
        problems = parse(text, "shop.toml").problems
    except WrongFile as wrong:
        problems = wrong.problems
    assert [*problems] == [place] if text else place in problems


def test_all_mistakes_are_named_at_once():
    with pytest.raises(WrongFile) as wrong:
        parse("[roles.a]\nrules = 1\nx = 1\n[groups]\nb = 2", "shop.toml")
    assert [*wrong.value.problems] == ["format", 'roles."a".rules', 'roles."a"."x"', 'groups."b"']


def test_a_file_in_another_encoding_or_that_is_not_there_is_named(tmp_path):
    file = tmp_path / "shop.toml"
    with pytest.raises(WrongFile, match="No such file"):
        read(file)
    file.write_text("format = 1\n[roles.ü]", encoding="latin-1")
    with pytest.raises(WrongFile, match="not UTF-8 at byte 18"):
        read(file)
    file.write_text("format = 1\n", encoding="utf-8-sig")
    assert read(file) == ShopFile()


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(shop_file, "_PIPE_TIMEOUT_S", 1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reasons = {pipe: "nothing came through the pipe for 1 s", tmp_path: "not a file", Path("/dev/zero"): "not a file"}
    for file, why in reasons.items():
        with pytest.raises(WrongFile) as wrong:
            read(file)
        assert wrong.value.problems == {str(file): why}


def test_a_file_may_come_through_a_pipe_in_parts(tmp_path):
    pipe, text = tmp_path / "pipe", "format = 1\n" + "# a comment\n" * 20_000 + "roles.Media = {}\n"
    os.mkfifo(pipe)
    writer = Thread(target=lambda: pipe.write_text(text))
    writer.start()
    assert read(pipe) == ShopFile(roles={"Media": {}})
    writer.join()
