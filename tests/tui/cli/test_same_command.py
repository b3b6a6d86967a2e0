"""The command of each change, run on a copy of the shop, writes the same rows."""

import io
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from models import roles, users
from models.changes import history
from models.changes.history import Record
from models.changes.shell_words import AND
from models.db.connection import close_database
from models.db.opened import opened
from models.user_form import UserForm
from tests.conftest import Shop
from tests.models.changes import pictures
from tests.models.changes.pictures import Picture
from tests.models.changes.test_recording import record_in
from tests.models.test_property import SideBySide, stand_in
from tui.cli.grammar import build_parser
from tui.cli.main import main

PASSWORD = b"Change-me-123"
SECRET = PASSWORD.decode()
counts: Counter[str] = Counter()


class SameCommand(SideBySide):
    """The random changes of `test_property`, and at the end their commands on a copy of what was there before."""

    def both(self, act: Callable[[], Any], change: Callable[[Any, Any], Any]) -> Any:
        if opened().recorder is None:
            self.twin = Shop(str(shutil.copy(self.shop.location, Path(self.folder.name) / "twin.db")))
            record_in(Path(self.folder.name) / "history")
        return super().both(act, change)

    def teardown(self) -> None:
        wanted = without_ids_of_rules(pictures.take())
        found = list(history.records(Path(self.folder.name) / "history"))[::-1]
        for record in found:
            if (command := record.intent["command"]) is None:
                write_rows(self.twin, record)
            else:
                run_in_this_process(command, self.twin.location)
            counts["none" if command is None else "some"] += 1
        self.twin.reopen()
        assert without_ids_of_rules(pictures.take()) == wanted
        super().teardown()


def run_in_this_process(command: str, location: str) -> None:
    for line in command.split(AND):
        program, *words = shlex.split(line)
        assert program == "backoffice"
        if hasattr(build_parser().parse_args(words), "yes") and words[:2] not in NEVER_ASK:
            words.insert(2, "--yes")
        said = io.StringIO()
        sys.stdin = io.TextIOWrapper(io.BytesIO(PASSWORD))
        with redirect_stdout(said), redirect_stderr(said):
            code = main(["--database", location, *words])
        assert code == 0, (words, said.getvalue())


NEVER_ASK = [
    *(["roles", verb] for verb in ("add", "rename", "clone")),
    *(["groups", verb] for verb in ("add", "rename", "clone")),
    *(["users", verb] for verb in ("add", "clone", "set-password")),
]


def write_rows(shop: Shop, record: Record) -> None:
    """Write the rows of a change for which there is no command."""
    for op in record.ops:
        keys = {"spy_acl_user_has_group": ("fk_acl_group", "fk_user")}
        keys["spy_acl_groups_has_roles"] = ("fk_acl_group", "fk_acl_role")
        ids = op["id"] if isinstance(op["id"], list) else [op["id"]]
        key = keys.get(op["table"], (f"id_{op['table'].removeprefix('spy_')}",))
        found = dict(zip(key, ids, strict=True))
        where = " AND ".join(f"{column} = {id}" for column, id in found.items())
        if op["after"] is None:
            shop.sql(f"DELETE FROM {op['table']} WHERE {where}")
        elif op["before"] is None:
            values = found | op["after"]
            shop.sql(
                f"INSERT INTO {op['table']} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                *values.values(),
            )
        elif op["after"]:
            columns = ", ".join(f"{column} = ?" for column in op["after"])
            shop.sql(f"UPDATE {op['table']} SET {columns} WHERE {where}", *op["after"].values())


def without_ids_of_rules(picture: Picture) -> Counter[Any]:
    """The rows, with their ids but for rules: one that is changed in place, a command removes and adds."""
    rows: Counter[Any] = Counter()
    for (table, id), row in picture.items():
        values = {column: value for column, value in row.items() if column not in ("created_at", "uuid")}
        rows[table, None if table == "spy_acl_rule" else id, tuple(sorted(values.items(), key=str))] += 1
    return rows


@pytest.mark.parametrize("examples", [pytest.param(40, marks=pytest.mark.slow), 3])
def test_the_commands_of_random_changes_write_the_same_rows(
    monkeypatch: pytest.MonkeyPatch, home: Path, examples: int
) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    run_state_machine_as_test(SameCommand, settings=settings(max_examples=examples, stateful_step_count=30))
    assert counts["some"] > 4 * counts["none"]


def test_a_clone_with_what_no_other_command_gives_and_a_user_without_language(
    shop: Shop, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    whole = shop.whole()
    (desk,), (group,) = whole.roles("De\u202esk"), whole.groups("Catalog")
    whole.hold(group, desk)
    _, unknown = whole.rules(desk, "allow cms/*/*", "deny a?b/*/*")
    whole.sql("UPDATE spy_acl_rule SET type = 7 WHERE id_acl_rule = ?", unknown)  # which no shop writes
    whole.insert("spy_acl_entity_rule", "fk_acl_role, entity, scope, permission_mask", [(desk, "Product", 0, 15)])
    close_database()  # whose last rows are beside the file until then
    twin = Shop(str(shutil.copy(whole.location, tmp_path / "twin.db")))
    whole.reopen()
    record_in(tmp_path / "history")
    roles.clone(desk, "Media")
    form = UserForm("anna@shop.example", "Anna", "Berg", frozenset({group}), 66, password=SECRET, repeated=SECRET)
    anna = users.create(form)
    users.create(replace(form, email="tom@shop.example", locale=None))
    shown = users.get(anna)
    users.update(shown, replace(shown.form, locale=None))
    wanted = without_ids_of_rules(pictures.take())
    for record in list(history.records(tmp_path / "history"))[::-1]:
        run_in_this_process(record.intent["command"], twin.location)
    twin.reopen()
    assert without_ids_of_rules(pictures.take()) == wanted
