"""Each option of each command: it is accepted where it has an effect, and has it."""

import argparse
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.shop_code import small_shop
from tests.tui.cli.conftest import PASSWORD, Run, Said
from tui.cli.grammar import build_parser
from tui.cli.parser import Parser

NEW = "new@shop.example --first-name Nora --last-name Neu"
ANNA = "SELECT {} FROM spy_user WHERE username = 'anna@shop.example'"
OF_NEW = "SELECT {} FROM spy_user WHERE username = 'new@shop.example'"
LANGUAGE = (
    "SELECT locale_name FROM spy_user JOIN spy_locale ON id_locale = fk_locale WHERE username = '{}@shop.example'"
)
OF_MEDIA = "SELECT count(*) FROM spy_acl_rule WHERE fk_acl_role = 3 AND type = {}"

Check = Callable[[Said, Shop], object]


def says(text: str) -> Check:
    return lambda said, _: text in said.out + said.err


def lacks(text: str) -> Check:
    return lambda said, _: said.out and text not in said.out


def has(statement: str, *rows: object) -> Check:
    return lambda _, shop: shop.sql(statement) == list(rows)


def is_json(said: Said, _: Shop) -> bool:
    return said.json["changed"] is True


CASES: list[tuple[str, Check]] = [
    ("users list", says("tom@shop.example")),
    ("users list --search ANNA", lacks("tom@shop.example")),
    ("users list --status deleted", lacks("tom@shop.example")),
    ("users list --sort email:desc", lambda said, _: said.lines[1].split("\t")[1] == "tom@shop.example"),
    ("users list --limit 1", lambda said, _: len(said.lines) == 2),
    ("users list --csv", says("id,email,first_name")),
    ("users list --json", lambda said, _: len(said.json) == 3),
    ("users show anna@shop.example", says("groups             Catalog\n")),
    ("users show id:1 --json", lambda said, _: said.json["email"] == "anna@shop.example"),
    (
        f"users add {NEW} --group Catalog --generate-password",
        has(OF_NEW.format("first_name"), "Nora"),
    ),
    (f"users add {NEW} --group Catalog --password-stdin", has(OF_NEW.format("count(*)"), 1)),
    (f"users add {NEW} --group Catalog --language de_DE --password-stdin", has(LANGUAGE.format("new"), "de_DE")),
    (f"users add {NEW} --group Catalog --agent --password-stdin", has(OF_NEW.format("is_agent"), 1)),
    (f"users add {NEW} --group Catalog --merchant-agent --password-stdin", has(OF_NEW.format("is_merchant_agent"), 1)),
    (f"users add {NEW} --group Catalog --warehouse --password-stdin", has(OF_NEW.format("is_warehouse_user"), 1)),
    (f"users add {NEW} --group Catalog --password-stdin --json", is_json),
    ("users set anna@shop.example --email ann@shop.example", has(ANNA.format("count(*)"), 0)),
    ("users set anna@shop.example --first-name Ann", has(ANNA.format("first_name"), "Ann")),
    ("users set anna@shop.example --last-name Berg", has(ANNA.format("last_name"), "Berg")),
    ("users set anna@shop.example --language de_DE", has(LANGUAGE.format("anna"), "de_DE")),
    ("users set anna@shop.example --agent", has(ANNA.format("is_agent"), 1)),
    ("users set tom@shop.example --no-agent", says("no field changed")),
    ("users set anna@shop.example --merchant-agent", has(ANNA.format("is_merchant_agent"), 1)),
    ("users set tom@shop.example --no-merchant-agent", says("no field changed")),
    ("users set anna@shop.example --warehouse", says("1 user can no longer sign in")),
    ("users set tom@shop.example --no-warehouse", says("no field changed")),
    ("users set anna@shop.example --last-name Berg --json", is_json),
    ("users set anna@shop.example --last-name Berg --yes", has(ANNA.format("last_name"), "Berg")),
    (f"users clone anna@shop.example {NEW} --generate-password", has(OF_NEW.format("last_name"), "Neu")),
    (f"users clone anna@shop.example {NEW} --password-stdin", has(OF_NEW.format("first_name"), "Nora")),
    (f"users clone anna@shop.example {NEW} --password-stdin --json", is_json),
    ("users deactivate anna@shop.example", has(ANNA.format("status"), 1)),
    ("users deactivate anna@shop.example tom@shop.example --yes", has(ANNA.format("status"), 1)),
    ("users deactivate anna@shop.example --json", is_json),
    ("users activate anna@shop.example", says("anna@shop.example: activated already")),
    ("users activate anna@shop.example --json --yes", lambda said, _: said.json["changed"] is False),
    ("users delete anna@shop.example --yes", has(ANNA.format("status"), 2)),
    ("users delete anna@shop.example --yes --json", is_json),
    ("users reset-mfa anna@shop.example --yes", says("no second factor")),
    ("users reset-mfa anna@shop.example --json", lambda said, _: said.json["changed"] is False),
    ("users set-password anna@shop.example --generate-password", lambda said, _: len(said.lines) == 1),
    ("users set-password anna@shop.example --password-stdin", says("User was updated successfully.")),
    ("users set-password anna@shop.example --password-stdin --json", is_json),
    ("users import users.csv --yes", has(OF_NEW.format("first_name"), "Nora")),
    ("users import users.csv --yes --json", is_json),
    ("groups list", says("Catalog\tEditor\t1")),
    ("groups list --search supp", lacks("Catalog")),
    ("groups list --sort name:desc", lambda said, _: said.lines[1].split("\t")[1] == "Support"),
    ("groups list --limit 1", lambda said, _: len(said.lines) == 2),
    ("groups list --csv", says("\n3,Support,Editor|Media,1,")),
    ("groups list --json", lambda said, _: said.json[0]["roles"] == ["Editor"]),
    ("groups show Support", says("tom@shop.example")),
    ("groups show Support --json", lambda said, _: said.json["users"] == ["tom@shop.example"]),
    ("groups add New --role Editor Media", has("SELECT count(*) FROM spy_acl_group WHERE name = 'New'", 1)),
    ("groups add New --role Editor --role Media --json", is_json),
    ("groups rename Catalog New", has("SELECT count(*) FROM spy_acl_group WHERE name = 'New'", 1)),
    ("groups rename Catalog New --json", is_json),
    ("groups clone Support New", has("SELECT count(*) FROM spy_acl_group WHERE name = 'New'", 1)),
    ("groups clone Support New --json", is_json),
    ("groups delete Catalog Empty --yes", has("SELECT count(*) FROM spy_acl_group", 2)),
    ("groups delete Catalog --yes --json", is_json),
    ("groups add-role Catalog Media --yes", has("SELECT count(*) FROM spy_acl_groups_has_roles", 5)),
    ("groups add-role Catalog Media --json", is_json),
    ("groups remove-role Support Media --yes", has("SELECT count(*) FROM spy_acl_groups_has_roles", 3)),
    ("groups remove-role Support Media --json", is_json),
    ("groups add-user Catalog tom@shop.example ada@shop.example --yes", says("2 users added to “Catalog”.")),
    ("groups add-user Catalog tom@shop.example --json", is_json),
    ("groups remove-user Catalog anna@shop.example --yes", says("The User was removed from the group.")),
    ("groups remove-user Catalog anna@shop.example --yes --json", is_json),
    ("roles list", says("allow sales/*/*|deny sales/order/delete\tCatalog|Support")),
    ("roles list --search med", lacks("Editor")),
    ("roles list --sort name:desc", lambda said, _: said.lines[1].split("\t")[1] == "Spare"),
    ("roles list --limit 1", lambda said, _: len(said.lines) == 2),
    ("roles list --csv", says("2,Editor,allow sales/*/*|deny")),
    ("roles list --json", lambda said, _: said.json[0]["rules"] == ["allow sales/*/*", "deny sales/order/delete"]),
    ("roles show Editor", says("deny sales/order/delete")),
    ("roles show Editor --json", lambda said, _: said.json["groups"] == ["Catalog", "Support"]),
    ("roles add New", has("SELECT count(*) FROM spy_acl_role WHERE name = 'New'", 1)),
    ("roles add New --json", is_json),
    ("roles rename Media New", has("SELECT count(*) FROM spy_acl_role WHERE name = 'New'", 1)),
    ("roles rename Media New --json", is_json),
    ("roles clone Editor New", has("SELECT count(*) FROM spy_acl_rule", 5)),
    ("roles clone Editor New --json", is_json),
    ("roles delete Spare --yes", has("SELECT count(*) FROM spy_acl_role WHERE name = 'Spare'", 0)),
    ("roles delete Spare --yes --json", is_json),
    (
        "roles allow Media cms/*/* /cms/page",
        has(OF_MEDIA.format(0), 2),
    ),
    ("roles allow Media cms/*/* --yes", has(OF_MEDIA.format(0), 1)),
    ("roles allow Media cms/*/* --json", is_json),
    ("roles deny Media cms/*/* --yes", has(OF_MEDIA.format(1), 1)),
    ("roles deny Media cms/*/* --json", is_json),
    ("roles remove-rule Editor 'deny sales/order/delete' --yes", says('Rule with id "3" was successfully removed!')),
    ("roles remove-rule Editor id:3 sales/*/* --yes --json", is_json),
    ("access anna@shop.example sales/order/list", says("allowed  sales/order/list")),
    ("access --json anna@shop.example sales/order/list", lambda said, _: said.json[0]["allowed"]),
    ("access --who sales/order/list --all", says("tom@shop.example")),
    ("access --compare anna@shop.example ada@shop.example", says("ada@shop.example  ")),
    ("findings", says("groups-without-users\tGroups without users\t1")),
    ("findings groups-without-users --json", lambda said, _: said.json[0]["name"] == "Empty"),
    ("findings --csv", says("name,title,count")),
    ("pages", says("acl/group/edit\tUsers Control / Groups / Edit Group\tfalse")),
    ("pages --search dashboard --json", lambda said, _: said.json[0]["label"] == "Dashboard"),
    ("pages --csv", says("path,label,in_menu")),
    ("pages --shop-root .", says("dashboard/index/index\tDashboard\ttrue")),
    ("access --shop-root . anna@shop.example Dashboard", says("denied   dashboard/index/index (Dashboard)")),
    ("findings --shop-root .", says("groups-without-users")),
    ("export", says('[groups."Support"]\nroles = [\n    "Editor",\n    "Media",\n]\n')),
    ("export --role Media", lacks("Editor")),
    ("export --group Empty", lacks("[roles.")),
    ("export --members", says('users = [\n    "anna@shop.example",\n]\n')),
    ("export --users", says('[users."anna@shop.example"]\nfirst_name = "First"\n')),
    ("plan shop.toml", says("  + role Media\n")),
    ("plan shop.toml --json", lambda said, _: said.json["differences"][0]["added"]["roles"] == ["Media"]),
    ("plan grant.toml --no-new-access", says("could open cms/*/*")),
    ("plan grant.toml --no-new-access --except cms/*/*", lacks("could open")),
    ("plan grant.toml --not-granted cms/*/*", says("could open cms/*/*")),
    ("plan shop.toml --prune", says("group Support (deleted)\n")),
    ("apply shop.toml --yes --prune", has("SELECT count(*) FROM spy_acl_group", 2)),
    ("apply shop.toml --yes", has("SELECT count(*) FROM spy_acl_groups_has_roles", 5)),
    ("apply shop.toml --yes --json", is_json),
    ("edit role Editor --json", lambda said, _: said.json["changed"] is False),
    ("edit role Editor --yes", says("Editor: no difference")),
    ("edit group Catalog --yes --json", lambda said, _: said.json["summary"] == "Catalog: no difference"),
    ("edit group Catalog --members", says("Catalog: no difference")),
    ("check --json", lambda said, _: said.json[0]["what"]),
    ("databases --json", lambda said, _: said.json == []),
    ("history --json", lambda said, _: said.json == []),
    ("history --csv", says("id,at,who,change,outcome,summary,reason,database")),
    ("history list --search x --limit 1", lambda said, _: said.lines[0].startswith("id\tat\t")),
    ("history verify --json", lambda said, _: said.json["whole"] is True),
    ("undo --yes", has("SELECT count(*) FROM spy_acl_role WHERE name = 'New'", 0)),
    ("undo --yes --json", is_json),
    ("completion bash", says("complete ")),
    ("help groups add", says("--role ROLE")),
]
"""A line for each option of each command, and what shows that it was heeded."""

ELSEWHERE = {"--database", "--password-file", "--help", "-h", "--dry-run", "--expect", "--reason", "--write"}
"""Options of all commands alike, which have tests of their own."""

SCREENS = {"--shop-root", "--read-only", "--ascii", "--full-output", "--keys", "--version"}


def commands(parser: Parser, path: str = "") -> Iterator[tuple[str, Parser]]:
    """Every command that can be given, and its parser."""
    found = parser.commands()
    if not found:
        yield path, parser
    for name, command in found.items():
        yield from commands(command, f"{path} {name}".strip())


COMMANDS = dict(commands(build_parser()))


@pytest.fixture
def everything(
    run: Run, people: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Run:
    """A role that no group holds, a file of users and one of groups; each password on the standard input is right.

    Before an undo there is something to be undone.
    """
    people.roles("Spare")
    (tmp_path / "users.csv").write_text("new@shop.example,Nora,Neu,Catalog\n")
    (tmp_path / "shop.toml").write_text('format = 1\ngroups.Catalog.roles = ["Editor", "Media"]\n')
    (tmp_path / "grant.toml").write_text('format = 1\nroles.Media.rules = ["allow cms/*/*"]\n')
    monkeypatch.setenv("VISUAL", "true")
    monkeypatch.chdir(tmp_path)
    if request.node.callspec.params["line"].startswith(("pages", "access --shop")):
        small_shop(tmp_path)
    if request.node.callspec.params["line"].startswith("undo"):
        run("roles", "add", "New", "--reason", "ticket 12")
    return lambda line: run(*shlex.split(line), stdin=f"{PASSWORD}\n".encode())


@pytest.mark.parametrize(("line", "check"), CASES, ids=[line for line, _ in CASES])
def test_each_option_has_its_effect(line: str, check: Check, everything: Run, people: Shop) -> None:
    said = everything(line)
    assert said.code in (0, 1) if line.startswith(("access --compare", "access --shop", "plan")) else said.code == 0, (
        said
    )
    assert check(said, people), said


CHANGES = [
    line
    for line, _ in CASES
    if "--dry-run" in COMMANDS.get(" ".join(line.split()[:2]), Parser())._option_string_actions
]


@pytest.mark.parametrize("line", CHANGES)
def test_a_dry_run_leaves_every_row_as_it_was_and_prints_no_password(line: str, everything: Run, people: Shop) -> None:
    with people.untouched():
        said = everything(f"{line} --dry-run")
    assert (said.code, said.err) == (0, ""), said
    if "--json" in line:
        assert said.json["changed"] is False and said.json["record"] is None
    summary = said.json["summary"] if "--json" in line else said.lines[0]
    assert summary.startswith(("Would be done: ", "Nothing would be done: "))
    assert PASSWORD not in said.out and "successfully" not in said.out
    assert not list(Path().glob("*passwords*"))


@pytest.mark.parametrize("line", CHANGES)
def test_each_change_is_recorded_with_its_reason(line: str, everything: Run, people: Shop) -> None:
    before = people.dump()
    assert everything(f"{line} --reason 'ticket 12'").code == 0
    records = everything("history --json").json
    assert bool(records) is (people.dump() != before)
    assert {(record["reason"], record["outcome"]) for record in records} <= {("ticket 12", "written")}
    assert everything("history verify").code == 0


def test_no_option_is_without_a_line_that_shows_its_effect() -> None:
    tried = {command: [line for line, _ in CASES if line.startswith(command)] for command in COMMANDS}
    missing = []
    for command, parser in COMMANDS.items():
        for action in parser._actions:
            for option in {*action.option_strings} - ELSEWHERE - SCREENS:
                if not any(option in line.split() for line in tried[command]):
                    missing.append(f"{command} {option}")
    assert missing == []
    assert [command for command, lines in tried.items() if not lines] == ["init", "demo"]  # have tests of their own
    assert {option for action in COMMANDS["demo"]._actions for option in action.option_strings} <= SCREENS | ELSEWHERE


def test_every_list_show_and_change_prints_json() -> None:
    lacking = {name for name, parser in COMMANDS.items() if "--json" not in parser._option_string_actions}
    assert lacking == {"export", "init", "demo", "completion", "help"}


def test_a_password_is_never_an_argument() -> None:
    for parser in COMMANDS.values():
        for action in parser._actions:
            if "password" in action.dest:
                assert action.nargs == 0 or action.dest == "password_file"


def test_help_of_each_command_fits_a_screen_and_has_two_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name, parser in [*COMMANDS.items(), *build_parser().commands().items()]:
        lines = parser.format_help().splitlines()
        assert sum(1 + len(line) // 80 for line in lines) <= 24, name
        assert (
            sum(line.startswith(f"  backoffice {name}".rstrip()) or "backoffice completion" in line for line in lines)
            >= 2
        ), name


def test_examples_in_help_are_understood() -> None:
    for name, parser in COMMANDS.items():
        for line in parser.format_help().splitlines():
            if line.startswith("  backoffice ") and name != "help":
                words = shlex.split(line.split(" < ")[0].split(" > ")[0])
                options = build_parser().parse_args(words[1:])
                assert isinstance(options, argparse.Namespace) and options.command == name.split()[0]
