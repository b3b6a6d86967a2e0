"""What changes do on the command line: as the pages do it, whole or not at all, asked about where pages ask."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.tools import csv_import
from tests import servers
from tests.benchmarks.terminal import Terminal
from tests.conftest import Shop, utc_now, verifies
from tests.tui.cli.conftest import PASSWORD, Run

NAMES = "SELECT username FROM spy_user ORDER BY id_user"
MEMBERS = "SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group ORDER BY 1, 2"
NORA = ("users", "add", "nora@shop.example", "--first-name", "Nora", "--last-name", "Neu", "--group", "Catalog")


# Names of records


def test_names_are_names_and_an_id_is_written_with_id(run: Run) -> None:
    assert run("groups", "show", "id:2", "--json").json["name"] == "Catalog"
    unknown = run("groups", "show", "2")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err.startswith("backoffice: Group couldn't be found: 2")


def test_a_record_that_is_really_named_like_an_id_wins(run: Run, people: Shop) -> None:
    people.groups("id:2")
    assert run("groups", "show", "id:2", "--json").json["id"] == 5
    assert run("groups", "show", "id:3", "--json").json["id"] == 3


def test_the_administrators_group_is_found_by_either_of_its_names(run: Run) -> None:
    for name in ("root_group", "Administrators group (root_group)"):
        assert run("groups", "show", name, "--json").json["id"] == 1


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["users", "show", "ana@shop.example"], "did you mean anna@shop.example?"),
        (["groups", "add-user", "Katalog", "anna@shop.example"], "did you mean Catalog?"),
        (["groups", "add-role", "Catalog", "editor"], "did you mean Editor?"),
        (["roles", "remove-rule", "Editor", "allow sales/*"], "did you mean allow sales/*/*?"),
        (["findings", "groups-without-user"], "did you mean groups-without-users?"),
        (["groups", "lst"], "did you mean list?"),
        (["grups", "list"], "did you mean groups?"),
        (["groups", "list", "--serch", "x"], "did you mean --search?"),
        (["users", "list", "--sort", "mail"], "did you mean email?"),
        (["access", "ana@shop.example", "a/b/c"], "did you mean anna@shop.example?"),
        (["users", "set", "anna@shop.example", "--language", "de_dE"], "did you mean de_DE?"),
    ],
)
def test_what_is_mistyped_is_said_with_what_was_meant_and_2(arguments: list[str], meant: str, run: Run) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (2, "") and meant in said.err


# Whole, or not at all


def test_several_records_are_one_transaction(run: Run, people: Shop) -> None:
    with people.untouched():
        assert run("users", "delete", "anna@shop.example", "ada@shop.example", "--yes").code == 1  # the last admin
        assert run("groups", "delete", "Catalog", "root_group", "--yes").code == 1
        assert run("groups", "add-user", "Catalog", "tom@shop.example", "nobody@shop.example").code == 2
        assert run("roles", "allow", "Media", "cms/*/*", "x" * 70 + "/*/*").code == 1


def test_the_last_administrator_stays_and_the_reason_is_said(run: Run, people: Shop) -> None:
    with people.untouched():
        for line in (
            ["users", "deactivate", "ada@shop.example"],
            ["groups", "remove-user", "root_group", "ada@shop.example", "--yes"],
            ["roles", "deny", "root_role", "user/*/*"],
            ["roles", "remove-rule", "root_role", "allow */*/*", "--yes"],
        ):
            for more in ([], ["--dry-run"]):
                said = run(*line, *more)
                assert (said.code, said.out) == (1, ""), line
                assert "Refused: no active user could manage users any more" in said.err, line


def test_what_is_so_already_is_done_with_0_and_writes_nothing(run: Run, people: Shop) -> None:
    with people.untouched():
        for line in (
            ["groups", "add-user", "Catalog", "anna@shop.example"],
            ["groups", "remove-user", "Catalog", "tom@shop.example"],
            ["groups", "add-role", "Catalog", "Editor"],
            ["groups", "remove-role", "Catalog", "Media"],
            ["groups", "rename", "Catalog", "Catalog"],
            ["roles", "allow", "Editor", "sales/*/*"],
            ["roles", "rename", "Editor", " Editor "],
            ["users", "activate", "anna@shop.example"],
            ["users", "set", "anna@shop.example", "--first-name", "First"],
        ):
            said = run(*line, "--json")
            assert (said.code, said.err) == (0, "") and said.json["changed"] is False, line


def test_a_rule_without_all_its_parts_is_refused_unless_it_is_an_address(run: Run, people: Shop) -> None:
    for path in ("cms/*", "cms", "cms//index", "/cms/*"):
        with people.untouched():
            said = run("roles", "allow", "Editor", path)
        assert said.code == 2 and "all three parts are needed" in said.err
    said = run("roles", "allow", "Editor", "https://shop.example/cms/page?id=1")
    assert said.err.startswith("Rule successfully added. allow cms/page/index\n")


def test_times_are_written_in_the_shops_zone(run: Run, people: Shop, config: Path) -> None:
    for zone, hours in (("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)):
        config.write_text(f'time_zone = "{zone}"\n')
        run("roles", "add", zone)
        (written,) = people.sql("SELECT created_at FROM spy_acl_role WHERE name = ?", zone)
        off = datetime.fromisoformat(written) - utc_now() - timedelta(hours=hours)
        assert abs(off) < timedelta(minutes=5), zone
    config.write_text('time_zone = "Nowhere/Land"\n')
    with people.untouched():
        said = run("roles", "add", "New")
    assert said.code == 2 and "unknown time zone “Nowhere/Land”" in said.err


# JSON


def test_a_change_in_json_has_its_keys_and_nothing_else_is_printed(run: Run) -> None:
    said = run("groups", "add-role", "Catalog", "Media", "--json")
    assert said.err == "" and said.json == {
        "changed": True,
        "id": 2,
        "record": run("history", "--json").json[0]["id"],
        "summary": "Catalog: role Media added",
        "effect": [],
    }
    said = run("roles", "deny", "Media", "sales/*/*", "--json")
    assert said.json["effect"] == ["2 users lose sales/(everything else)/*, sales/order/(everything else)"]
    assert run("roles", "add", "New", "--json").json["id"] == 4


def test_a_refusal_in_json_names_the_fields(run: Run) -> None:
    said = run("groups", "add", "Catalog", "--role", "Editor", "--json")
    assert said.code == 1 and said.json == {
        "changed": False,
        "id": None,
        "record": None,
        "error": {
            "kind": "invalid",
            "message": "Group name already in use",
            "fields": {"title": "Group name already in use"},
        },
    }
    assert said.err == "backoffice: title: Group name already in use\n"
    kinds = {
        ("groups", "delete", "root_group", "--yes"): "refused",
        ("groups", "delete", "Nothing", "--yes"): "not_found",
        ("roles", "allow", "Media", "a/b/c/d"): "usage",
        ("users", "import", "none.csv", "--yes"): "failed",
    }
    for line, kind in kinds.items():
        said = run(*line, "--json")
        assert said.json["error"]["kind"] == kind and said.code == (1 if kind == "refused" else 2)


# Questions


def test_what_asks_is_refused_without_a_terminal_and_without_yes(run: Run, people: Shop) -> None:
    with people.untouched():
        for line in (
            ["users", "delete", "anna@shop.example"],
            ["users", "deactivate", "anna@shop.example", "tom@shop.example"],
            ["groups", "delete", "Empty"],
            ["groups", "remove-user", "Catalog", "anna@shop.example"],
            ["roles", "remove-rule", "Editor", "id:2"],
        ):
            said = run(*line)
            assert (said.code, said.out) == (1, "") and "There is no terminal to ask; --yes answers." in said.err, line


def test_to_shut_oneself_out_asks(run: Run, people: Shop, config: Path) -> None:
    config.write_text('me = "ada@shop.example"\n')
    (bob,) = people.users("bob@shop.example")
    people.join(1, bob)
    said = run("groups", "remove-role", "root_group", "root_role")  # refused anyway: the only role
    assert said.code == 1 and "At least one role must be selected." in said.err
    people.hold(1, 2)
    people.sql("INSERT INTO spy_acl_groups_has_roles (fk_acl_group, fk_acl_role) VALUES (4, 1)")
    people.join(4, bob)
    line = ["groups", "remove-role", "root_group", "root_role"]
    with people.untouched():
        said = run(*line)
    assert said.code == 1 and "You (ada@shop.example) will lose access to user administration." in said.err
    assert run(*line, "--yes").code == 0


def test_on_a_terminal_a_question_is_answered(people: Shop, config: Path) -> None:
    command = [sys.executable, "-m", "tui", "--database", people.location, "users", "delete", "anna@shop.example"]
    for answer, status in (("n", 0), ("", 0), ("y", 2)):
        with Terminal(command) as terminal:
            terminal.wait_for("Delete? (y/N)")
            assert "Delete the user “anna@shop.example”?" in terminal.text
            terminal.press(f"{answer}\r")
            terminal.wait_for("successfully" if status else "Nothing was changed.")
        assert people.sql("SELECT status FROM spy_user WHERE id_user = 1") == [status]


@pytest.mark.parametrize(
    "verb, asked",
    [
        ("activate", ["Reactivate deleted user “anna@shop.example”?"]),
        ("deactivate", ["Deactivate the user “anna@shop.example”?", "1 deleted user will be listed as Deactivated."]),
    ],
)
def test_of_a_deleted_user_the_question_says_what_they_become(
    verb: str, asked: list[str], people: Shop, config: Path
) -> None:
    people.sql("UPDATE spy_user SET status = 2 WHERE id_user = 1")
    command = [sys.executable, "-m", "tui", "--database", people.location, "users", verb, "anna@shop.example"]
    with Terminal(command) as terminal:
        terminal.wait_for("(y/N)")
        assert all(line in terminal.text for line in asked)
        assert "can sign in again" not in terminal.text


def test_in_production_the_name_is_typed(people: Shop, config: Path) -> None:
    config.write_text(f'[databases.live]\nurl = "{people.location}"\nmark = "production"\n')
    settings = f"XDG_CONFIG_HOME={config.parent.parent}"
    command = ["/usr/bin/env", settings, sys.executable, "-m", "tui", "--database", "live", "groups", "delete", "Empty"]
    for answer, left in (("y", 1), ("Empty", 0)):
        with Terminal(command) as terminal:
            terminal.wait_for("PRODUCTION: type Empty to confirm")
            terminal.press(f"{answer}\r")
            terminal.wait_for("Nothing was changed." if left else "Group was deleted successfully. Empty")
        assert people.sql("SELECT count(*) FROM spy_acl_group WHERE name = 'Empty'") == [left]


def test_in_production_a_rule_that_is_added_asks_since_it_holds_at_once(run: Run, people: Shop, config: Path) -> None:
    config.write_text(f'[databases.live]\nurl = "{people.location}"\nmark = "production"\n')
    for permission in ("allow", "deny"):
        line = ("--database", "live", "roles", permission, "Media", "cms/*/*", "sales/*/*")
        with people.untouched():
            said = run(*line)
            asked = f"Add 2 rules: {permission} cms/*/*, {permission} sales/*/* to the role “Media”?"
            assert said.code == 1 and asked in said.err and "--yes answers" in said.err
            assert "Rules take effect at once." in run(*line, "--dry-run").lines
            assert run("--database", "live", "roles", "allow", "Editor", "sales/*/*").code == 0  # nothing is added
        assert run(*line, "--yes").code == 0


def test_a_rule_of_the_administrators_asks_on_any_database(run: Run, people: Shop) -> None:
    warning = "It is the administrators' role: a wrong rule here can shut all of them out"
    with people.untouched():
        said = run("roles", "allow", "root_role", "cms/*/*")
        assert said.code == 1 and "--yes answers" in said.err
        assert warning in run("roles", "allow", "root_role", "cms/*/*", "--dry-run").out
    assert run("roles", "allow", "root_role", "cms/*/*", "--yes").code == 0
    assert warning in run("roles", "remove-rule", "root_role", "allow cms/*/*", "--dry-run").out


def test_in_production_a_deactivation_asks(run: Run, people: Shop, config: Path) -> None:
    config.write_text(f'[databases.live]\nurl = "{people.location}"\nmark = "production"\n')
    line = ("users", "deactivate", "anna@shop.example")
    with people.untouched():
        said = run(*line, "--database", "live")
    assert said.code == 1 and "Deactivate the user “anna@shop.example”?" in said.err
    assert run(*line, "--database", people.location).code == 0


# Passwords


def test_a_generated_password_is_printed_alone_and_is_the_users(run: Run, people: Shop) -> None:
    said = run(*NORA, "--generate-password")
    (password,) = said.lines
    (hash,) = people.sql("SELECT password FROM spy_user WHERE username = 'nora@shop.example'")
    assert verifies(password, hash) and password not in said.err
    again = run("users", "set-password", "nora@shop.example", "--generate-password").out.strip()
    assert again != password
    assert verifies(again, people.sql("SELECT password FROM spy_user WHERE username = 'nora@shop.example'")[0])
    assert run(*NORA, "--generate-password", "--json").code == 2


@pytest.mark.parametrize("stdin", [f"{PASSWORD}\n", PASSWORD, f"{PASSWORD}\r\n"])
def test_a_password_is_read_whole_from_the_standard_input(run: Run, people: Shop, stdin: str) -> None:
    assert run(*NORA, "--password-stdin", stdin=stdin.encode()).code == 0
    (hash,) = people.sql("SELECT password FROM spy_user WHERE username = 'nora@shop.example'")
    assert verifies(PASSWORD, hash)


@pytest.mark.parametrize("password", ["", "short-S3c", "s3cret-without-capitals", "S3cret-" + "é" * 9, "\xff"])
def test_a_password_that_cannot_be_is_refused_and_never_repeated(run: Run, people: Shop, password: str) -> None:
    with people.untouched():
        said = run(*NORA, "--password-stdin", "--json", stdin=password.encode("latin-1") + b"\n")
    assert said.code in (1, 2) and said.json["changed"] is False
    assert not password or password not in said.out + said.err


def test_of_a_file_that_is_no_password_it_is_said_that_it_is_too_long(run: Run, people: Shop) -> None:
    with people.untouched():
        said = run(*NORA, "--password-stdin", stdin=b"x" + "é".encode() * 6000)
    assert said.code == 2 and "too long for a password" in said.err and "UTF-8" not in said.err


# Users


def test_a_clone_has_the_groups_marks_and_language_of_the_other(run: Run, people: Shop) -> None:
    people.sql("UPDATE spy_user SET is_agent = 1, fk_locale = 46 WHERE id_user = 2")
    line = ["users", "clone", "tom@shop.example", "nora@shop.example", "--first-name", "Nora", "--last-name", "Neu"]
    assert run(*line, "--password-stdin", stdin=PASSWORD.encode()).code == 0
    tom, nora = (run("users", "show", f"{name}@shop.example", "--json").json for name in ("tom", "nora"))
    alike = ("groups", "language", "is_agent", "is_warehouse_user", "status")
    assert [tom[key] for key in alike] == [nora[key] for key in alike] and tom["groups"] == ["Support"]


def test_second_factors_are_reset_with_their_codes_and_attempts(run: Run, people: Shop) -> None:
    people.whole()
    whole = Shop(str(people.path.with_name("whole.db")))
    factors = whole.insert("spy_user_multi_factor_auth", "fk_user, type", [(1, "email"), (1, "app"), (2, "email")])
    codes = whole.insert(
        "spy_user_multi_factor_auth_codes",
        "fk_user_multi_factor_auth, code, expiration_date",
        [(factor, "123456", "2026-01-01") for factor in factors],
    )
    whole.insert(
        "spy_user_multi_factor_auth_codes_attempts",
        "fk_user_multi_factor_auth_code, created_at",
        [(code, "2026-01-01") for code in codes],
    )
    line = ["--database", whole.location, "users", "reset-mfa", "anna@shop.example"]
    asked = run(*line)
    assert asked.code == 1 and "Reset the second factors of the user “anna@shop.example”?" in asked.err
    assert run(*line, "--yes").err == "2 second factors were deleted. anna@shop.example\n"
    for table in ("", "_codes", "_codes_attempts"):
        assert whole.sql(f"SELECT count(*) FROM spy_user_multi_factor_auth{table}") == [1]
    assert run(*line, "--yes", "--json").json["changed"] is False


def test_a_mark_that_an_older_shop_has_no_column_for_is_refused(run: Run, people: Shop) -> None:
    older = people.older().location
    Shop(older).users("anna@shop.example")
    said = run("--database", older, "users", "set", "anna@shop.example", "--agent")
    assert said.code == 2 and "--agent: this shop's table of users has no column is_agent." in said.err
    assert run("--database", older, "users", "show", "anna@shop.example", "--json").json["is_agent"] is None


def test_an_import_writes_all_or_nothing_and_prints_where_the_passwords_are(
    run: Run, people: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    file.write_text("nora@shop.example,Nora,Neu,Catalog\nno mail,Max,Mut,Nowhere\n")
    with people.untouched():
        said = run("users", "import", str(file), "--yes")
    assert (said.code, said.out) == (1, "")
    wrong = "e-mail: This value is not a valid email address. groups: Unknown group “Nowhere”."
    assert said.err == f"backoffice: line 2: {wrong}\n"
    file.write_text("nora@shop.example,Nora,Neu,Catalog\nmax@shop.example,Max,Mut,Catalog|Support\n")
    said = run("users", "import", str(file), "--yes")
    passwords = Path(said.out.strip())
    assert said.code == 0 and "2 users were created successfully." in said.err
    assert passwords.read_text().count("\n") == 3 and passwords.stat().st_mode & 0o077 == 0
    assert people.sql(NAMES)[-2:] == ["nora@shop.example", "max@shop.example"]
    assert csv_import.COLUMNS[0] in run("help", "users", "import").out


@pytest.fixture
def locked(people: Shop, config: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """That shop is `production` in the settings, read-only until it is unlocked."""
    named = f'[databases.production]\nurl = "{people.location}"\nread_only = "until_unlocked"\n'
    config.write_text(f"{config.read_text()}{named}")
    return people


ON_LOCKED = ("--database", "production", "roles", "add", "New")
REFUSED = "production is locked: a change needs --write and --reason TEXT. Nothing was changed."


@pytest.mark.parametrize("shop", ["sqlite", *servers.KINDS], indirect=True)
@pytest.mark.parametrize("options", [[], ["--write"], ["--reason", "t"], ["--write", "--reason", " "], ["--yes"]])
def test_a_locked_database_is_not_changed_without_both_options(run: Run, locked: Shop, options: list[str]) -> None:
    arguments = ("groups", "delete", "Empty") if options == ["--yes"] else ON_LOCKED[2:]
    with locked.untouched():
        said = run(*ON_LOCKED[:2], *arguments, *options, "--json")
    error = {"kind": "refused", "message": REFUSED, "fields": {}}
    assert (said.code, said.json["error"]) == (1, error)
    assert said.err == f"backoffice: {REFUSED}\n"


@pytest.mark.parametrize("shop", ["sqlite", *servers.KINDS], indirect=True)
def test_a_locked_database_is_changed_with_both_and_a_dry_run_needs_neither(run: Run, locked: Shop) -> None:
    with locked.untouched():
        said = run(*ON_LOCKED, "--dry-run")
    assert (said.code, said.err) == (0, "")
    said = run(*ON_LOCKED, "--write", "--reason", "ticket 12", "--json")
    assert said.code == 0 and said.json["changed"]
    (record,) = run("history", "list", "--json").json
    assert (record["summary"], record["reason"]) == ("New: role created", "ticket 12")
    assert len(run(*ON_LOCKED[:2], "roles", "list", "--json").json) == 4
    assert run("--read-only", *ON_LOCKED[:-1], "Newer", "--write", "--reason", "t").code == 1


def test_every_command_that_changes_something_is_refused_on_a_locked_database(
    run: Run, locked: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "false")
    file = tmp_path / "shop.toml"
    file.write_text('format = 1\n[roles."New"]\nrules = []\n')
    run("roles", "add", "Other")
    with locked.untouched():
        for command in ("undo", f"apply {file}", "edit role Editor", "users reset-mfa anna@shop.example"):
            said = run("--database", "production", *command.split(), "--yes")
            assert (said.code, said.err) == (1, f"backoffice: {REFUSED}\n"), command
    said = run("--database", "production", "init")
    assert (said.code, said.err) == (
        1,
        "backoffice: production is locked: init needs one that is not. Nothing was changed.\n",
    )


def test_check_says_that_a_database_is_locked(run: Run, locked: Shop) -> None:
    said = run("--database", "production", "check")
    assert said.code == 0 and "W unlocks it for 15 minutes; commands need --write and --reason" in said.out


def test_a_read_only_database_is_not_changed(run: Run, people: Shop) -> None:
    with people.untouched():
        said = run("--read-only", "roles", "add", "New", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "refused"
    assert said.err == "backoffice: This database was opened read-only. Nothing was changed.\n"
    assert json.loads(run("--read-only", "roles", "list", "--json").out)
