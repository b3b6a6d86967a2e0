"""Export, plan and apply on the command line: what is printed where, and the exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal
from tests.conftest import Shop
from tests.tui.cli.conftest import Run

LOST = "1 user loses sales/(everything else)/*, sales/order/(everything else)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.toml"


def test_what_is_exported_through_a_pipe_is_utf_8_and_no_difference(
    run: Run, people: Shop, file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.roles("Ü\u20ac\n\x1b[2J")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with people.untouched(), file.open("wb") as output:
        command = [sys.executable, "-m", "tui", "--database", people.location, "export", "--members", "--users"]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, check=True)
    assert '[roles."Ü\u20ac\\u000A\\u001B[2J"]' in file.read_text("utf-8")
    assert run("plan", str(file)).code == 0
    assert run("plan", str(file), "--json").json["differences"] == []


def test_a_record_to_export_that_is_not_there_is_said_with_2(run: Run) -> None:
    said = run("export", "--role", "editor")
    assert (said.code, said.out) == (2, "") and "did you mean Editor?" in said.err


def test_differences_are_listed_with_their_effect_and_1(run: Run, people: Shop, file: Path) -> None:
    file.write_text(
        'format = 1\nroles.Media.rules = ["allow cms/*/*"]\nroles."A\\u202eB" = {}\n'
        'groups.Support.roles = ["Media"]\nusers."tom@shop.example".first_name = "Tom"\n'
    )
    with people.untouched():
        said = run("plan", str(file))
    assert (said.code, said.err) == (1, "")
    *lines, last = said.lines
    assert lines == [
        "role A�B (new)",
        "role Media",
        "  + allow cms/*/*",
        "group Support",
        "  - role Editor",
        "user tom@shop.example",
        "  first_name: First → Tom",
        "",
        f"1 user gains cms/*/*; {LOST}",
        "",
    ]
    found = run("plan", str(file), "--json").json
    assert last == f"4 records would be changed; hash {found['hash']}"
    assert found["effect"] == ["1 user gains cms/*/*", LOST]


def test_each_mistake_in_a_file_is_a_line_with_its_place_and_2(run: Run, file: Path) -> None:
    file.write_text('format = 1\nroles.Media.rules = ["x"]\ngroups.Support.users = ["x@y.example"]\n')
    said = run("plan", str(file))
    assert (said.code, said.out) == (2, "")
    first, second = said.err.splitlines()
    assert first.startswith('backoffice: roles."Media".rules: ')
    assert second.startswith('backoffice: groups."Support".users: "x@y.example": no such user')
    error = run("plan", str(file), "--json").json["error"]
    assert error["kind"] == "file" and [*error["fields"]] == ['roles."Media".rules', 'groups."Support".users']
    assert run("plan", "no-such-file.toml").code == 2


def test_a_file_is_applied_after_a_question_and_only_once(run: Run, people: Shop, file: Path) -> None:
    file.write_text('format = 1\ngroups.Support.roles = ["Media"]\n')
    hash = run("plan", str(file), "--json").json["hash"]
    with people.untouched():
        said = run("apply", str(file))
        assert said.code == 1 and "--yes answers" in said.err
        said = run("apply", str(file), "--dry-run")
        assert (said.code, said.err) == (0, "")
        assert said.lines == [f"Would be done: {file}: 1 record changed", "group Support", "  - role Editor", LOST]
        said = run("apply", str(file), "--yes", "--expect", "0")
        assert said.code == 1 and "plan again" in said.err
    said = run("apply", str(file), "--yes", "--expect", hash)
    assert (said.code, said.out) == (0, "") and "1 record was changed" in said.err
    with people.untouched():
        assert run("plan", str(file)).code == 0
        said = run("apply", str(file))
        assert said.code == 0 and "no difference; nothing changed" in said.err


def test_the_picking_lists_that_a_file_would_unassign_are_counted_before(run: Run, people: Shop, file: Path) -> None:
    people.sql("CREATE TABLE spy_picking_list (id_picking_list INTEGER PRIMARY KEY, user_uuid TEXT, status TEXT)")
    for user, email in enumerate(("anna", "tom"), 1):
        people.sql("UPDATE spy_user SET is_warehouse_user = 1, uuid = ? WHERE id_user = ?", email, user)
        people.insert("spy_picking_list", "user_uuid, status", [(email, "started"), (email, "ready")][: 3 - user])
    file.write_text(
        'format = 1\nusers."anna@shop.example".status = "deactivated"\nusers."tom@shop.example".status = "deleted"\n'
    )
    with people.untouched():
        said = run("apply", str(file), "--dry-run")
        assert "3 picking lists (2 started, 1 ready) will be unassigned." in said.lines
        said = run("users", "deactivate", "tom@shop.example", "--dry-run")
        assert "1 picking list (1 started) will be unassigned." in said.lines
    with Terminal([sys.executable, "-m", "tui", "--database", people.location, "apply", str(file)]) as terminal:
        terminal.wait_for("3 picking lists (2 started, 1 ready) will be unassigned.", "Apply? (y/N)")
        terminal.press("n\r")
        terminal.wait_for("Nothing was changed.")
    assert run("apply", str(file), "--yes").code == 0
    assert people.sql("SELECT user_uuid FROM spy_picking_list") == [None] * 3


def test_what_a_file_does_not_name_is_deleted_after_a_question_of_its_own(
    run: Run, people: Shop, file: Path, config: Path
) -> None:
    people.sql("UPDATE spy_acl_group SET reference = 'desk' WHERE name = 'Support'")
    file.write_text('format = 1\ngroups.Catalog = { roles = ["Media"], users = ["tom@shop.example"] }\n')
    with people.untouched():
        said = run("plan", str(file), "--prune")
        assert said.code == 1
        assert said.lines[5:9] == ["group Empty (deleted)", "group Support (deleted)", "role Editor (deleted)", ""]
        assert [each["name"] for each in run("plan", str(file), "--prune", "--json").json["differences"]] == [
            *("Catalog", "Empty", "Support", "Editor")
        ]
        assert "Other parts of the shop find 1 group of these" in run("apply", str(file), "--prune", "--dry-run").out
        said = run("apply", str(file), "--prune")
        assert said.code == 1 and "Change 1 record to what" in said.err
    config.write_text(f'[databases.live]\nurl = "{people.location}"\nmark = "production"\n')
    command = [
        "/usr/bin/env",
        f"XDG_CONFIG_HOME={config.parent.parent}",
        sys.executable,
        "-m",
        "tui",
        "--database",
        "live",
    ]
    command += ["apply", str(file), "--prune"]
    with Terminal(command) as terminal:
        terminal.wait_for("group Catalog", "Apply? (y/N)")
        terminal.press("y\r")
        terminal.wait_for("Delete 2 groups", "group Empty (deleted)", "type delete 2 to confirm")
        terminal.press("delete 2\r")
        terminal.wait_for("Delete 1 role", "type Editor to confirm")
        terminal.press("Editor\r")
        terminal.wait_for("1 user loses application")
    assert people.sql("SELECT name FROM spy_acl_group ORDER BY 1") == ["Catalog", "root_group"]
    assert people.sql("SELECT name FROM spy_acl_role ORDER BY 1") == ["Media", "root_role"]


def test_a_gate_stops_what_lets_somebody_open_more(run: Run, people: Shop, file: Path) -> None:
    file.write_text('format = 1\nroles.Media.rules = ["allow cms/*/*"]\ngroups.Catalog.roles = ["Media"]\n')
    with people.untouched():
        for gate, code, forbidden in (
            (["--no-new-access"], 1, ["cms/*/*"]),
            (["--no-new-access", "--except", "cms/*/*"], 0, []),
            (["--no-new-access", "--except", "sales/*/*", "--except", "cms/page/*"], 1, ["cms/*/*"]),
            (["--not-granted", "user/*/*", "--not-granted", "https://shop.example/cms/page"], 1, ["cms/*/*"]),
            (["--not-granted", "sales/*/*"], 0, []),
        ):
            said = run("plan", str(file), *gate, "--json")
            assert (said.code, said.json["forbidden"]) == (code, forbidden), gate
            assert ("could open cms/*/*" in said.err) is bool(forbidden)
    assert run("plan", str(file), "--except", "cms/*/*").code == 2
    assert run("plan", str(file), "--not-granted", "cms/*").code == 2
