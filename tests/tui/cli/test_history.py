"""`backoffice history`: what was changed is listed, shown and verified, and each change says which record it has."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.tui.cli.conftest import Run


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "state" / "backoffice" / "history"


def test_a_change_says_its_record_which_history_shows(run: Run) -> None:
    changed = run("groups", "rename", "Catalog", "Catalog team", "--reason", "ticket 12", "--json").json
    (listed,) = run("history", "--json").json
    assert listed["id"] == changed["record"]
    assert (listed["summary"], listed["reason"]) == ("Catalog: title Catalog → Catalog team", "ticket 12")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", listed["at"])
    shown = run("history", "show", changed["record"][:20].lower())
    assert "changed   group Catalog: title Catalog → Catalog team" in shown.lines
    assert "command   backoffice groups rename Catalog 'Catalog team'" in shown.lines
    assert run("history", "show", changed["record"], "--json").json["ops"] == [
        {
            "table": "spy_acl_group",
            "id": 2,
            "name": "Catalog",
            "before": {"name": "Catalog"},
            "after": {"name": "Catalog team"},
        }
    ]


def test_the_effect_that_was_computed_before_is_recorded(run: Run) -> None:
    changed = run("groups", "remove-user", "Catalog", "anna@shop.example", "--yes", "--json").json
    recorded = run("history", "show", changed["record"], "--json").json
    assert recorded["effect"] == changed["effect"] != []


def test_what_changes_nothing_has_no_record(run: Run, folder: Path) -> None:
    assert run("groups", "rename", "Catalog", "Catalog", "--json").json["record"] is None
    assert run("groups", "rename", "Catalog", "Sales", "--dry-run", "--json").json["record"] is None
    assert run("groups", "delete", "root_group", "--yes", "--json").json["record"] is None
    assert run("history", "--json").json == [] and not folder.exists()


def test_the_list_is_the_newest_first_and_can_be_searched_and_limited(run: Run) -> None:
    for name in ("Media desk", "Order desk", "Returns"):
        assert run("roles", "add", name).code == 0
    assert [line["summary"] for line in run("history", "list", "--json").json] == [
        *("Returns: role created", "Order desk: role created", "Media desk: role created")
    ]
    assert len(run("history", "--search", "DESK created", "--csv").lines) == 3
    assert run("history", "--search", "desk", "--limit", "1", "--json").json[0]["summary"] == "Order desk: role created"


def test_an_unknown_record_an_ambiguous_beginning_and_none_at_all_are_2(run: Run) -> None:
    for name in ("One", "Other"):
        run("roles", "add", name)
    for arguments, said in (
        (["ZZZ"], "There is no such record: ZZZ"),
        (["0"], "Several records begin with 0: "),
        ([], "Which record? backoffice history show ID"),
    ):
        answer = run("history", "show", *arguments)
        assert (answer.code, answer.out) == (2, "") and said in answer.err


def test_verify_names_the_file_and_line_that_was_changed(run: Run, folder: Path) -> None:
    for name in ("One", "Other"):
        run("roles", "add", name)
    assert run("history", "verify").code == 0
    (file,) = folder.glob("*.jsonl")
    file.write_text(file.read_text().replace("Other", "Else"))
    broken = run("history", "verify")
    assert (broken.code, broken.lines) == (1, [f"{file}, line 3: the line is not as it was written"])
    told = run("history", "verify", "--json")
    assert (told.code, told.json["whole"], told.json["damages"][0]["line"]) == (1, False, 3)


def test_no_password_and_no_hash_is_in_any_file(run: Run, people: Shop, folder: Path) -> None:
    new = ("--first-name", "Nora", "--last-name", "Neu", "--group", "Catalog", "--generate-password")
    passwords = [run("users", "add", "nora@shop.example", *new).out.strip()]
    passwords += [run("users", "set-password", "anna@shop.example", "--generate-password").out.strip()]
    recorded = "".join(path.read_text() for path in folder.glob("*.jsonl"))
    assert recorded.count('"password":"changed"') == 2
    hashes = [hash for hash in people.sql("SELECT password FROM spy_user") if hash.startswith("$2y$")]
    assert len(hashes) == 2 and all(len(password) >= 12 for password in passwords)
    for secret in (*passwords, *hashes, "$2y$"):
        assert secret not in recorded


# The settings


def test_a_folder_of_ones_own_choice_is_used_and_the_variable_wins(
    run: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shared", "other"):
        (tmp_path / name).mkdir()
    config.write_text(f'[history]\nfolder = "{tmp_path}/shared"\n')
    run("roles", "add", "One")
    monkeypatch.setenv("BACKOFFICE_HISTORY", str(tmp_path / "other"))
    run("roles", "add", "Other")
    assert [len(list((tmp_path / name).glob("*.jsonl"))) for name in ("shared", "other")] == [1, 1]
    assert f"  history                           {tmp_path}/other can be written" in run("check").lines


def test_what_cannot_be_recorded_is_made_and_said(run: Run, config: Path, tmp_path: Path) -> None:
    config.write_text(f'[history]\nfolder = "{tmp_path}/nowhere"\n')
    said = run("roles", "add", "One", "--json")
    assert (said.code, said.json["changed"], said.json["record"]) == (0, True, None)
    assert said.err == f"backoffice: not recorded: {tmp_path}/nowhere: there is no such folder\n"
    checked = run("check")
    assert checked.code == 0
    assert (
        f"cannot be written: {tmp_path}/nowhere: there is no such folder; changes are made all the same" in checked.out
    )


def test_where_a_record_is_required_what_cannot_be_recorded_is_refused(
    run: Run, people: Shop, config: Path, tmp_path: Path
) -> None:
    config.write_text(f'[history]\nfolder = "{tmp_path}/nowhere"\nrequired = true\n')
    with people.untouched():
        said = run("roles", "add", "One", "--json")
    assert (said.code, said.json["error"]["kind"]) == (1, "refused")
    checked = run("check", "--json")
    assert (checked.code, checked.json[-1]["ok"]) == (1, False)


def test_a_reason_is_needed_where_the_settings_ask_for_one(run: Run, people: Shop, config: Path) -> None:
    database = f'[databases.live]\nurl = "{people.location}"\nmark = "Production"\n'
    config.write_text(f'{database}[history]\nask_reason = "production"\n')
    with people.untouched():
        refused = run("roles", "add", "One", "--database", "live")
        assert (refused.code, refused.out) == (1, "") and "A reason is needed here: --reason TEXT." in refused.err
        assert run("roles", "add", "One", "--database", "live", "--dry-run").code == 0
    assert run("roles", "add", "One", "--database", "live", "--reason", "ticket 12").code == 0
    assert run("roles", "add", "Other").code == 0  # without that mark


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_colleagues_file_that_cannot_be_read_is_named(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    file = folder / "tom@db1-2026-11.jsonl"
    file.write_text("{}\n")
    file.chmod(0)
    run("roles", "add", "One")
    listed = run("history", "--json")
    assert len(json.loads(listed.out)) == 1 and f"{file}: Permission denied" in listed.err
    assert run("history", "verify").code == 2


def test_a_change_whose_end_is_not_recorded_is_looked_up_where_the_database_answers(run: Run, folder: Path) -> None:
    assert run("roles", "add", "One").code == 0
    (file,) = folder.glob("*.jsonl")
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])  # as of a program that was killed then
    (line,) = run("history", "--json").json
    told = run("history", "show", line["id"])
    assert "unknown. Its rows are as it would have written them." in told.out
    assert run("roles", "delete", "One", "--yes").code == 0
    assert "unknown. Its rows are not there." in run("history", "show", line["id"]).out
    away = run("history", "show", line["id"], "--database", "nowhere.db")
    assert (away.code, "unknown. It was not looked up: " in away.out) == (0, True)
