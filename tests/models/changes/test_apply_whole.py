"""Applying is whole: another shop becomes the same, nothing else is written, and a kill leaves no half."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.changes import plan
from models.changes.apply import apply
from models.changes.shop_file import export, parse
from models.db.transactions import dry_run
from tests.conftest import Shop

ON_SERVERS = True
ROOT = Path(plan.__file__).parent.parent.parent

NAMES = ("Editor", "Media", "Desk", "Sales", "Ä b/c", 'q"\\')
EMAILS = tuple(f"user{number}@shop.example" for number in range(4))
RULES = ("allow sales/*/*", "deny sales/order/delete", "allow */*/*", "deny a/b/c", "allow a/b/c")

names = st.sets(st.sampled_from(NAMES), min_size=1)
shops = st.fixed_dictionaries(
    {
        "roles": st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(RULES)), min_size=1),
        "groups": st.dictionaries(
            st.sampled_from(NAMES), st.tuples(st.sets(st.integers(0, 5), min_size=1), st.sets(st.sampled_from(EMAILS)))
        ),
    }
)


def make_shop(shop: Shop, made: dict[str, Any]) -> None:
    *_, admin = shop.users(*EMAILS, "admin@shop.example")
    shop.join(1, admin)
    roles = dict(zip(made["roles"], shop.roles(*made["roles"]), strict=True))
    for role, rules in made["roles"].items():
        shop.rules(roles[role], *sorted(rules))
    for group, (held, members) in made["groups"].items():
        (id,) = shop.groups(group)
        shop.hold(id, *{[*roles.values()][number % len(roles)] for number in held})
        shop.join(id, *(1 + EMAILS.index(email) for email in members))
    shop.reopen()


def exported() -> str:
    return "\n".join(export(None, None, members=True, with_users=False))


def check_that_one_becomes_the_other(fresh: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = (Shop(str(shutil.copy(fresh, Path(folder) / f"{name}.db"))) for name in ("one", "other"))
        make_shop(first, one)
        text = exported()
        file = parse(text, "shop.toml")
        assert plan.make(file, prune=True).differences == []
        make_shop(second, other)
        planned = plan.make(file)
        assert apply(file, planned.hash) is bool(planned.differences)
        assert plan.make(file).differences == []
        apply(file, prune=True)
        assert exported() == text
        assert second.sql("SELECT count(*) FROM spy_user") == [len(EMAILS) + 1]


@settings(max_examples=10, deadline=None)
@given(one=shops, other=shops)
def test_a_shop_becomes_what_another_one_exports(fresh: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    check_that_one_becomes_the_other(fresh, one, other)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=1_000, deadline=None)
@given(one=shops, other=shops)
def test_a_thousand_shops_become_what_others_export(fresh: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    check_that_one_becomes_the_other(fresh, one, other)


# What a file does not say


@pytest.fixture
def people(shop: Shop) -> Shop:
    """Anna is in Catalog, whose role is Editor; nobody is in Desk; Ada administers."""
    editor, media = shop.roles("Editor", "Media")
    shop.rules(editor, "allow sales/*/*")
    catalog, desk = shop.groups("Catalog", "Desk")
    shop.hold(catalog, editor)
    shop.hold(desk, media)
    anna, ada = shop.users("anna@shop.example", "ada@shop.example")
    shop.join(catalog, anna)
    shop.join(1, ada)
    return shop


TABLES = {
    "spy_acl_role",
    "spy_acl_rule",
    "spy_acl_group",
    "spy_acl_groups_has_roles",
    "spy_acl_user_has_group",
    "spy_user",
}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('roles.Editor.rules = ["allow cms/*/*"]', {"spy_acl_rule"}),
        ("roles.New = {}", {"spy_acl_role"}),
        ('roles.Editor = {}\ngroups.Catalog.roles = ["Media"]', {"spy_acl_group", "spy_acl_groups_has_roles"}),
        ('groups.Catalog.users = ["ada@shop.example"]', {"spy_acl_group", "spy_acl_user_has_group"}),
        ('users."anna@shop.example".last_name = "Berg"', {"spy_user"}),
        ('users."anna@shop.example".status = "deactivated"', {"spy_user"}),
    ],
)
def test_no_statement_writes_the_table_of_a_key_that_is_absent(people: Shop, text: str, written: set[str]) -> None:
    file = parse(f"format = 1\n{text}", "shop.toml")
    assert plan.make(file).differences
    for table in sorted(TABLES - written):
        for event in ("INSERT", "UPDATE", "DELETE"):
            with people.refusing(event, table):
                dry_run(lambda: apply(file))


# Killed, and two at once

PROGRAM = """
import sys
from itertools import count
from pathlib import Path
from models.changes.apply import apply
from models.changes.shop_file import read
from models.db.connection import open_database

open_database(sys.argv[1])
files = [read(Path(name)) for name in sys.argv[2:]]
print("ready", flush=True)
for number in count():
    apply(files[number % len(files)])
    print(number, flush=True)
"""


def file_text(role: str, users: str) -> str:
    groups = "".join(f'[groups."Group {number}"]\nroles = ["{role}"]\nusers = [{users}]\n' for number in range(20))
    rules = "".join(f'"allow bundle{number}/*/*",' for number in range(20))
    return f"format = 1\n[roles.{role}]\nrules = [{rules}]\n{groups}"


@pytest.mark.parametrize("rounds", [3, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_killed_while_it_applies_it_leaves_all_or_nothing(people: Shop, tmp_path: Path, rounds: int) -> None:
    texts = [file_text("Editor", '"anna@shop.example"'), file_text("Media", "")]
    paths = [tmp_path / f"{number}.toml" for number in range(2)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    files = [parse(text, "shop.toml") for text in texts]
    apply(files[1])
    apply(files[0])
    for number in range(rounds):
        command = [sys.executable, "-c", PROGRAM, people.location, *map(str, paths)]
        program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        with program:
            for _ in range(1 + number % 4):
                program.stdout.readline()
            time.sleep((number * 7 % 23) / 1000)
            program.kill()
        assert 0 in [len(plan.make(file).differences) for file in files]


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_of_two_that_apply_at_once_one_waits_and_then_refuses_or_finds_nothing_to_do(
    people: Shop, tmp_path: Path, rounds: int
) -> None:
    path = tmp_path / "shop.toml"
    for number in range(rounds):
        path.write_text(file_text("Editor" if number % 2 else "Media", ""))
        command = [sys.executable, "-m", "tui", "--database", people.location, "apply", str(path), "--yes", "--json"]
        programs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [json.loads(program.communicate()[0]) for program in programs]
        assert sorted(each["changed"] for each in said) == [False, True]
        (second,) = [each for each in said if not each["changed"]]
        assert "no difference" in second.get("summary", "") or "plan again" in second["error"]["message"]
        assert plan.make(parse(path.read_text(), "shop.toml")).differences == []
