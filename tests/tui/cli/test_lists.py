"""Lists and records as they are printed: to a terminal, a pipe, a spreadsheet and a program."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from models import groups, roles, user_status, users
from models.db import streaming
from tests.benchmarks.terminal import Terminal
from tests.conftest import Shop
from tests.tui.cli.conftest import Run
from tui.cli import record_commands

HOSTILE = "\x1b]0;x\x07\tTab\nLine\x9b2J\u202e"


def pipe(shop: Shop, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command through real pipes."""
    command = [sys.executable, "-m", "tui", "--database", shop.location, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_a_list_through_a_pipe_is_tab_separated_with_a_head_line(people: Shop, home: Path) -> None:
    done = pipe(people, "groups", "list")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert head == ["id", "name", "roles", "users", "created_at"]
    assert [row[:4] for row in rows] == [
        ["2", "Catalog", "Editor", "1"],
        ["4", "Empty", "", "0"],
        ["1", "root_group", "root_role", "1"],
        ["3", "Support", "Editor|Media", "1"],
    ]


def test_a_list_on_a_terminal_is_a_table_as_wide_as_it(people: Shop, home: Path) -> None:
    people.sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 4", "A long name " * 20)
    with Terminal(
        [sys.executable, "-m", "tui", "--database", people.location, "groups", "list"], columns=60
    ) as terminal:
        terminal.wait_for("Created At", "Support")
        lines = terminal.text.splitlines()
    assert lines[0].split() == ["Name", "Roles", "Users", "Created", "At"]
    place = lines[0].index("Users")
    assert [line[place] for line in lines[1:5]] == ["0", "1", "1", "1"]
    assert lines[1].startswith("A long name A long") and "…" in lines[1]


def test_hostile_text_commands_no_terminal_and_breaks_no_line(run: Run, people: Shop) -> None:
    people.sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 2", f"=1+1{HOSTILE}")
    for arguments in (["groups", "list"], ["groups", "list", "--csv"], ["groups", "show", "id:2"]):
        said = run(*arguments)
        assert not set(said.out) & {"\x1b", "\x07", "\x9b", "\u202e"}
        assert len(said.lines) == 5
    (row,) = [row for row in csv.reader(io.StringIO(run("groups", "list", "--csv").out)) if row[0] == "2"]
    assert row[1].startswith("'=1+1") and "\n" not in row[1]  # no formula of a spreadsheet
    said = run("groups", "list", "--json")
    assert said.out.isascii() and f"=1+1{HOSTILE}" in [group["name"] for group in said.json]


def test_a_user_in_json_has_its_keys(run: Run, people: Shop) -> None:
    people.sql("UPDATE spy_user SET last_login = '2026-11-26 16:00:05', is_agent = 1, status = 1 WHERE id_user = 2")
    (tom,) = run("users", "list", "--status", "deactivated", "--json").json
    assert tom == run("users", "show", "tom@shop.example", "--json").json
    assert tom == {
        "id": 2,
        "email": "tom@shop.example",
        "first_name": "First",
        "last_name": "Last",
        "status": "deactivated",
        "groups": ["Support"],
        "language": None,
        "is_agent": True,
        "is_merchant_agent": False,
        "is_warehouse_user": False,
        "last_login": "2026-11-26T16:00:05",
        "created_at": None,
        "can_sign_in": False,
    }


def test_groups_and_roles_in_json_have_their_keys(run: Run) -> None:
    assert run("groups", "list", "--search", "catalog", "--json").json == [
        {"id": 2, "name": "Catalog", "roles": ["Editor"], "users": 1, "created_at": None}
    ]
    assert run("groups", "show", "Catalog", "--json").json["users"] == ["anna@shop.example"]
    editor = {
        "id": 2,
        "name": "Editor",
        "rules": ["allow sales/*/*", "deny sales/order/delete"],
        "groups": ["Catalog", "Support"],
        "created_at": None,
    }
    assert run("roles", "list", "--search", "editor", "--json").json == [editor]
    assert run("roles", "show", "Editor", "--json").json == editor


def test_an_empty_list_is_an_empty_list(run: Run) -> None:
    assert run("users", "list", "--search", "nobody at all", "--json").json == []
    assert len(run("users", "list", "--search", "nobody at all").lines) == 1


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("search", ["", "user"])
def test_a_list_is_whole_and_in_order_over_many_pages(
    run: Run, people: Shop, rows: int, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "ROWS", rows)
    people.users(*[f"user{number:02}@shop.example" for number in range(10)])
    for way in ("", ":desc"):
        for limit in (1, 2, 5, 100):
            said = run("users", "list", "--sort", f"email{way}", "--search", search, "--limit", str(limit), "--json")
            found = [user["email"] for user in said.json]
            every = sorted(email for email in people.sql("SELECT username FROM spy_user") if search in email)
            assert found == sorted(every, reverse=bool(way))[:limit]


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "99999999999"])
def test_a_limit_is_a_whole_number_from_1_on(run: Run, limit: str) -> None:
    assert run("users", "list", f"--limit={limit}").code == 2


def test_whoever_reads_only_the_beginning_of_a_list_is_no_trouble(people: Shop, home: Path) -> None:
    people.users(*[f"user{number}@shop.example" for number in range(3_000)])
    command = [sys.executable, "-m", "tui", "--database", people.location, "users", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout and program.stderr
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""


@pytest.mark.slow
def test_a_list_of_many_rows_takes_no_more_memory_than_one_of_few(people: Shop, home: Path) -> None:
    def peak(rows: int) -> int:
        code = "import resource, sys\nfrom tui.cli.main import main\n"
        code += f"main(['--database', {people.location!r}, 'users', 'list', '--json', '--limit', '{rows}'])\n"
        code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert len(json.loads(done.stdout)) == rows
        return int(done.stderr)

    people.users(*[f"user{number}@shop.example" for number in range(100_000)])
    assert peak(100_000) < peak(10_000) * 1.2


def test_findings_are_counted_and_listed_by_their_names(run: Run, people: Shop) -> None:
    said = run("findings", "--json")
    assert [sorted(found) for found in said.json] == [["count", "name", "title"]] * len(said.json)
    for found in said.json:
        assert len(run("findings", found["name"], "--json").json) == found["count"]
    people.rules(2, "allow sales/order/list")
    (rule,) = run("findings", "rules-without-effect", "--json").json
    assert rule == {
        "id": 4,
        "rule": "allow sales/order/list",
        "role": "Editor",
        "reason": "covered by allow sales/*/*",
    }


def test_where_two_users_differ_is_listed_with_1(run: Run, people: Shop) -> None:
    said = run("access", "--json", "--compare", "anna@shop.example", "tom@shop.example")
    assert (said.code, said.json) == (0, [])
    people.rules(3, "allow cms/*/*", "deny sales/order/list")
    said = run("access", "--compare", "anna@shop.example", "tom@shop.example")
    assert said.code == 1 and said.lines == ["tom@shop.example  cms/*/*", "anna@shop.example  sales/order/list"]
    said = run("access", "--json", "--compare", "anna@shop.example", "tom@shop.example")
    assert said.json[0] == {"path": "cms/*/*", "allowed_only_to": "tom@shop.example"}
    assert run("access", "--compare", "anna@shop.example", "tom@shop.example", "x@y.example").code == 2


def test_what_lists_are_sorted_and_filtered_by_on_the_command_line_is_what_the_models_know() -> None:
    for noun, module in (("users", users), ("groups", groups), ("roles", roles)):
        default = module.listing.default_sort.by
        others = [by for by in module.listing.orders if by != default]
        assert record_commands.SORTS[noun] == (default, *others)
    assert tuple(user_status.STATUSES) == record_commands.STATUSES
