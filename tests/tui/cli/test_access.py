"""`backoffice access`: a verdict a line, exit codes, JSON; piped, without a terminal."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Shop
from tui.cli.main import main

EVERYTHING_BUT = "Everything but attributes"
CREATE = "product-attribute-gui/attribute/create"


@dataclass(frozen=True)
class Said:
    code: int
    out: list[str]
    err: str

    @property
    def json(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads("\n".join(self.out))
        return found


Command = Callable[..., Said]


@pytest.fixture
def config(home: Path) -> Path:
    """The file of the settings, in folders of this test alone."""
    file = home / "config" / "backoffice" / "config.toml"
    file.parent.mkdir(parents=True)
    return file


@pytest.fixture
def shop(tmp_path: Path, fresh: Path) -> Shop:
    """A fresh embedded database."""
    return Shop(str(shutil.copy(fresh, tmp_path)))


@pytest.fixture
def access(shop: Shop, config: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command on the shop of the guide's example: Sonia may do everything but create attributes."""
    (role,) = shop.roles(EVERYTHING_BUT)
    shop.rules(role, "allow */*/*", f"deny {CREATE}")
    (group,) = shop.groups("Developers")
    shop.hold(group, role)
    sonia, _, admin = shop.users("sonia@spryker.com", "lone@spryker.com", "admin@spryker.com")
    shop.join(group, sonia)
    shop.join(1, admin)

    def run(*arguments: str) -> Said:
        try:
            code = main(["access", "--database", str(shop.path), *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out.splitlines(), said.err)

    return run


def test_one_line_for_each_path_in_the_order_given_and_1_where_one_is_denied(access: Command) -> None:
    address = f"https://backoffice.example/{CREATE}?id=7"
    assert access("sonia@spryker.com", "sales/order/list", address, "/user") == Said(
        1,
        [
            f"allowed  sales/order/list  Group “Developers” allows it via role “{EVERYTHING_BUT}”: allow */*/*.",
            f"denied   {CREATE}  Group “Developers” denies it via role “{EVERYTHING_BUT}”: deny {CREATE}.",
            f"allowed  user/index/index  Group “Developers” allows it via role “{EVERYTHING_BUT}”: allow */*/*.",
        ],
        "",
    )


def test_0_where_all_are_allowed(access: Command) -> None:
    assert access("sonia@spryker.com", "sales/order/list", "user").code == 0


def test_json_is_a_list_of_objects(access: Command) -> None:
    said = access("--json", "sonia@spryker.com", CREATE, "security-gui/login/index")
    assert said.code == 1
    assert said.json == [
        {
            "path": CREATE,
            "allowed": False,
            "reason": f"Group “Developers” denies it via role “{EVERYTHING_BUT}”: deny {CREATE}.",
            "group": "Developers",
            "role": EVERYTHING_BUT,
            "rule": f"deny {CREATE}",
            "order_dependent": False,
            "can_sign_in": True,
        },
        {
            "path": "security-gui/login/index",
            "allowed": True,
            "reason": "A default rule allows it to everyone: allow security-gui/*/*.",
            "group": None,
            "role": None,
            "rule": "allow security-gui/*/*",
            "order_dependent": False,
            "can_sign_in": True,
        },
    ]


def test_what_is_to_be_said_beside_the_verdict_is_on_its_line(access: Command, shop: Shop) -> None:
    shop.join(1, 1)
    shop.sql("UPDATE spy_user SET status = 1 WHERE id_user = 1")
    (line,) = access("sonia@spryker.com", CREATE).out
    assert line.startswith("allowed")
    assert line.endswith(
        "Depends on group order: could be denied. The menu may hide it: it applies the rules "
        "of all groups together. Cannot sign in: deactivated."
    )
    (answer,) = access("--json", "sonia@spryker.com", CREATE).json
    assert (answer["order_dependent"], answer["can_sign_in"]) == (True, False)


def test_who_lists_the_e_mails_of_those_who_may_sorted(access: Command) -> None:
    assert access("--who", CREATE) == Said(0, ["admin@spryker.com"], "")
    assert access("--who", "sales/order/list") == Said(0, ["admin@spryker.com", "sonia@spryker.com"], "")
    assert len(access("--who", "https://backoffice.example/security-gui/login").out) == 3


def test_who_with_any_parts_lists_those_who_are_allowed_every_path_that_matches(access: Command) -> None:
    assert access("--who", "sales/*/*").out == ["admin@spryker.com", "sonia@spryker.com"]
    assert access("--who", "product-attribute-gui/*/*").out == ["admin@spryker.com"]
    assert access("--who", "*/*/create").out == ["admin@spryker.com"]


def test_who_in_json(access: Command, shop: Shop) -> None:
    shop.sql("UPDATE spy_user SET status = 2")
    assert access("--json", "--who", CREATE) == Said(0, ["[]"], "")
    assert access("--json", "--all", "--who", CREATE).json == [
        {
            "email": "admin@spryker.com",
            "reason": "Group “Administrators group (root_group)” allows it via role “root_role”: allow */*/*.",
            "group": "root_group",
            "role": "root_role",
            "rule": "allow */*/*",
            "can_sign_in": False,
        }
    ]
    shop.sql("DELETE FROM spy_acl_rule")
    assert access("--json", "--who", CREATE) == Said(0, ["[]"], "")
    assert access("--who", CREATE) == Said(0, [], "")


def test_who_prints_those_who_can_sign_in_and_with_all_the_others_too(access: Command, shop: Shop) -> None:
    shop.sql("UPDATE spy_user SET status = 2 WHERE username = 'admin@spryker.com'")
    more = "1 more user would be allowed and cannot sign in (--all prints them too)."
    assert access("--who", "sales/order/list") == Said(0, ["sonia@spryker.com"], f"backoffice: {more}\n")
    (found,) = access("--json", "--who", "sales/order/list").json
    assert (found["email"], found["can_sign_in"]) == ("sonia@spryker.com", True)
    said = access("--all", "--who", "sales/order/list")
    assert said.out == ["admin@spryker.com", "sonia@spryker.com"]
    assert access("--who", "--all", "sales/order/list") == said
    assert said.err == "backoffice: of these cannot sign in: admin@spryker.com (deleted)\n"
    both = access("--json", "--who", "sales/order/list", "--all")
    assert (both.err, [found["can_sign_in"] for found in both.json]) == ("", [False, True])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "enter an e-mail and paths, or --who and one path"),
        (["sonia@spryker.com"], "enter an e-mail and paths, or --who and one path"),
        (["--who", "sales/a/b", "sonia@spryker.com"], "enter an e-mail and paths, or --who and one path"),
        (["sonia@spryker.com", "a/b/c/d"], "a/b/c/d: enter a path of one to three parts"),
        (["sonia@spryker.com", "sales/a/b", ""], "enter a path of one to three parts"),
        (["--who", "a/b/c/d"], "enter a path of one to three parts"),
        (["sonia@spryker.com", "sales/*/b"], "sales/*/b: * is allowed only with --who."),
        (["--all", "sonia@spryker.com", "sales/a/b"], "--all requires --who"),
        (["nobody@spryker.com", "sales/a/b"], "User couldn't be found: nobody@spryker.com"),
        (["--what", "sales/a/b"], "unrecognized arguments: --what"),
    ],
)
def test_bad_usage_and_an_unknown_user_are_said_with_2(access: Command, arguments: list[str], words: str) -> None:
    said = access(*arguments)
    assert (said.code, said.out) == (2, [])
    assert words in said.err and said.err.splitlines()[-1].startswith("backoffice")


def test_no_database_is_2_and_none_is_created(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["access", "sonia@spryker.com", "sales/a/b"]) == 2
    assert capsys.readouterr().err.endswith("backoffice.db: no such file\n")
    assert not (home / "data").exists()


def test_the_database_is_found_as_by_the_program(
    access: Command, shop: Shop, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f'database = "{shop.path}"')
    assert main(["access", "sonia@spryker.com", "sales/a/b"]) == 0
    config.write_text('database = "elsewhere.db"')
    monkeypatch.setenv("BACKOFFICE_DATABASE", f"sqlite:///{shop.path}")
    assert main(["access", "sonia@spryker.com", "sales/a/b"]) == 0
    monkeypatch.setenv("BACKOFFICE_DATABASE", "elsewhere.db")
    assert main(["--database", str(shop.path), "access", "sonia@spryker.com", "sales/a/b"]) == 0
    assert capsys.readouterr().err == ""


def test_a_rule_of_an_unknown_type_is_said_with_2_and_hides_no_verdict(access: Command, shop: Shop) -> None:
    shop.sql("UPDATE spy_acl_rule SET type = 7 WHERE type = 1")
    for arguments in (["sonia@spryker.com", CREATE, "sales/a/b"], ["--who", CREATE]):
        said = access(*arguments)
        assert said.code == 2 and len(said.out) == 2
        assert said.err == (f"backoffice: unknown rule type {CREATE} of role “{EVERYTHING_BUT}” is ignored.\n")
    assert access("admin@spryker.com", "sales/a/b").code == 0


def test_a_shop_may_have_default_and_whitelist_rules_of_its_own(access: Command, config: Path) -> None:
    config.write_text('default_rules = ["allow sales/*/*"]\nwhitelist_rules = []\n')
    assert access("lone@spryker.com", "sales/a/b").code == 0
    assert access("lone@spryker.com", "security-gui/login/index").code == 1


def test_a_shop_may_be_of_a_kind_that_has_other_default_rules(access: Command, config: Path) -> None:
    config.write_text('default_rules = "marketplace"')
    assert access("lone@spryker.com", "security-oauth-knpu/a/b", "_profiler/a/b").code == 0
    config.write_text('default_rules = "b2c"')
    assert access("lone@spryker.com", "security-gui/a/b").code == 0
    assert access("lone@spryker.com", "_profiler/a/b").code == 1
    config.write_text('default_rules = "B2C"')
    said = access("lone@spryker.com", "security-gui/a/b")
    assert (said.code, said.out) == (2, []) and "(suite, b2b, b2c, marketplace)" in said.err


@pytest.mark.parametrize("value", ['["allow sales"]', '"allow sales/*/*"', "7", "[7]"])
def test_a_wrong_rule_in_the_settings_is_said_before_any_verdict(access: Command, config: Path, value: str) -> None:
    config.write_text(f"default_rules = {value}")
    said = access("sonia@spryker.com", "sales/a/b")
    assert (said.code, said.out) == (2, [])
    assert said.err.startswith("backoffice: default_rules: ")


def test_names_cannot_command_the_terminal(access: Command, shop: Shop) -> None:
    shop.sql("UPDATE spy_acl_group SET name = 'a' || char(27) || '[2J' || char(10) || 'b' WHERE name = 'Developers'")
    (line,) = access("sonia@spryker.com", "sales/a/b").out
    assert "a␛[2J␊b" in line and "\x1b" not in line


def test_it_works_piped_changes_nothing_and_does_not_load_textual(access: Command, shop: Shop) -> None:
    code = (
        "import sys\nfrom tui.cli.main import main\n"
        f"code = main(['access', '--database', {str(shop.path)!r}, '--who', '*/*/*'])\n"
        "assert 'textual' not in sys.modules\nsys.exit(code)"
    )
    with shop.untouched():
        done = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "admin@spryker.com\n", "")
