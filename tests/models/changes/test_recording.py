"""Every change is recorded whole: the records, replayed on the tables as they were, give them as they are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from models import groups, memberships, role_rules, roles, second_factors, user_status, users
from models.changes import history
from models.changes.journal import Journal
from models.db import connection, transactions
from models.db.change import Note, annotate
from models.db.opened import opened, set_opened
from models.db.tables import Permission, Status
from models.errors import Refused, Unknown
from models.tools import csv_import
from models.user_form import UserForm
from tests.conftest import Shop
from tests.models.changes import pictures
from tests.models.db.test_rows_beside import ruled
from tests.models.db.test_stumbles import once_then
from tests.models.test_property import SideBySide, stand_in
from tests.proxy import Line

ON_SERVERS = True
PASSWORD = "Change-me-123"
ANNA = UserForm("anna@shop.example", "Anna", "Berg", locale=66, password=PASSWORD, repeated=PASSWORD)


def record_in(folder: Path, **options: Any) -> Journal:
    """Record what is changed in the opened shop from now on."""
    journal = Journal(folder, **options)
    set_opened(replace(opened(), recorder=journal))
    return journal


class Recorded(SideBySide):
    """The random changes of `test_property`, recorded from the first one on."""

    def both(self, act: Callable[[], Any], change: Callable[[Any, Any], Any]) -> Any:
        if opened().recorder is None:
            record_in(Path(self.folder.name) / "history")
            self.picture = pictures.take()
        return super().both(act, change)

    def teardown(self) -> None:
        folder = Path(self.folder.name) / "history"
        found = list(history.records(folder))[::-1]
        assert {record.outcome for record in found} == {"written"}
        assert pictures.replay(self.picture, found) == pictures.take()
        assert history.verify_all(folder)[:2] == ([], [])
        super().teardown()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("kind", "examples"),
    [pytest.param("sqlite", 15, marks=pytest.mark.slow), ("sqlite", 2)],  # on servers: test_undo_at_random
)
def test_the_records_of_random_changes_replayed_give_the_tables_as_they_are(
    monkeypatch: pytest.MonkeyPatch, kind: str, examples: int
) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    monkeypatch.setattr(SideBySide, "kind", kind)
    run_state_machine_as_test(Recorded, settings=settings(max_examples=examples, stateful_step_count=50))


# What each kind of change says


def summaries(folder: Path) -> list[str]:
    return [record.summary for record in history.records(folder)][::-1]


def test_a_summary_names_what_was_changed(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    shop.join(1, *shop.users("admin@shop.example"))
    record_in(tmp_path)
    media, desk = roles.create("Media"), roles.create("Desk")
    role_rules.add(media, "sales", "*", "*", Permission.DENY)
    catalog = groups.create("Catalog", [media])
    groups.update(groups.get(catalog), "Catalog team", [desk])
    anna = users.create(replace(ANNA, groups=frozenset({catalog})))
    record = users.get(anna)
    form = replace(record.form, last_name="Berger", groups=frozenset({1}), marks=frozenset({"is_agent"}))
    users.update(record, replace(form, password=PASSWORD, repeated=PASSWORD))
    memberships.add([anna], [catalog], edited="group")
    user_status.set_status([anna], Status.DEACTIVATED)
    groups.delete(catalog)
    assert summaries(tmp_path) == [
        "Media: role created",
        "Desk: role created",
        "Media: rule deny sales/*/* added",
        "Catalog: group created; role Media added",
        "Catalog: title Catalog → Catalog team; role Desk added; role Media removed",
        "anna@shop.example: user created; group Catalog team added",
        "anna@shop.example: last name Berg → Berger; agent no → yes; password changed; "
        "group Administrators group (root_group) added; group Catalog team removed",
        "Catalog team: user anna@shop.example added",
        "anna@shop.example: status active → deactivated",
        "Catalog team: group deleted; user anna@shop.example removed; role Desk removed",
    ]


def test_many_records_that_were_changed_alike_are_told_together(shop: Shop, tmp_path: Path) -> None:
    ids = shop.users(*(f"user{number}@shop.example" for number in range(9)))
    record_in(tmp_path)
    user_status.set_status(ids, Status.DELETED)
    named = ", ".join(f"user{number}@shop.example" for number in range(5))
    assert summaries(tmp_path) == [f"{named} and 4 more: status active → deleted"]


def test_what_changes_nothing_and_what_is_refused_is_not_recorded(shop: Shop, tmp_path: Path) -> None:
    record_in(tmp_path)
    groups.update(groups.get(1), "root_group", [1])
    with pytest.raises(Refused):
        groups.delete(1)
    groups.check_delete(*shop.groups("Empty"))
    assert list(history.records(tmp_path)) == []


def test_a_note_says_why_and_gets_the_id_of_the_record(shop: Shop, tmp_path: Path) -> None:
    record_in(tmp_path)
    with annotate(Note(reason="ticket 12", effect=["1 user gains sales/*/*"])) as note:
        roles.create("Media")
    (record,) = history.records(tmp_path)
    assert note.records == [record.id]
    assert (record.intent["reason"], record.intent["effect"]) == ("ticket 12", ["1 user gains sales/*/*"])
    roles.create("Desk")
    assert next(history.records(tmp_path)).intent["reason"] is None


# Many at once, and rows of other parts of the shop


def test_imported_users_are_recorded_with_their_ids_and_groups(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    file, folder = tmp_path / "new.csv", tmp_path / "history"
    file.write_text("".join(f"user{number}@shop.example,First,Last,root_group\n" for number in range(500)))
    record_in(folder)
    before = pictures.take()
    csv_import.write(csv_import.read(file), tmp_path / "passwords.csv", lambda *_: None)
    (record,) = history.records(folder)
    assert record.summary.startswith("user0@shop.example, user1@shop.example, ")
    assert record.summary.endswith("and 495 more: user created; group Administrators group (root_group) added")
    assert pictures.replay(before, [record]) == pictures.take()


def test_a_cloned_and_a_deleted_role_are_recorded_with_their_data_rules(shop: Shop, tmp_path: Path) -> None:
    media = ruled(shop.whole())
    record_in(tmp_path)
    before = pictures.take()
    copy = roles.clone(media, "Copy")
    roles.delete(media)
    found = list(history.records(tmp_path))[::-1]
    rules = "rules allow sales/*/*, deny sales/index/index"
    data_rules = "data rules spy_sales_order, spy_merchant, spy_merchant"
    assert summaries(tmp_path) == [
        f"Copy: role created; {rules} added; {data_rules} added",
        f"Merchant staff: role deleted; {rules} removed; {data_rules} removed",
    ]
    assert pictures.replay(before, found) == pictures.take()
    owners = [op["after"]["fk_acl_role"] for op in found[0].ops if op["table"] == "spy_acl_entity_rule"]
    assert owners == [copy] * 3


def test_second_factors_links_and_picking_lists_are_a_number_of_rows(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    whole = shop.whole()
    (id,) = whole.users(ANNA.email)
    whole.join(1, id)
    factor = "id_user_multi_factor_auth, fk_user, type, configuration"
    code = "id_user_multi_factor_auth_code, fk_user_multi_factor_auth, code, expiration_date"
    link = "id_auth_reset_password, fk_user, code, status"
    for table, columns, values in (
        ("spy_user_multi_factor_auth", factor, f"1, {id}, 'email', 'SECRET-configuration'"),
        ("spy_user_multi_factor_auth", factor, f"2, {id}, 'app', 'SECRET-configuration'"),
        ("spy_user_multi_factor_auth_codes", code, "1, 1, 'SECRET-code', '2030-01-01'"),
        ("spy_auth_reset_password", link, f"1, {id}, 'SECRET-link', 0"),
        ("spy_auth_reset_password", link, f"2, {id}, 'SECRET-used', 2"),
        ("spy_picking_list", "id_picking_list, fk_warehouse, user_uuid, status", "1, 1, 'a-1', 'done'"),
    ):
        whole.sql(f"INSERT INTO {table} ({columns}) VALUES ({values})")
    whole.sql("UPDATE spy_user SET uuid = 'a-1', is_warehouse_user = ?, password = 'SECRET-hash'", True)
    record_in(tmp_path)
    second_factors.reset([id])
    record = users.get(id)
    users.update(record, replace(record.form, password="Secret-Horse-12", repeated="Secret-Horse-12"))
    user_status.set_status([id], Status.DEACTIVATED)
    counted = [
        [(op["table"], op["name"], op["before"], op["after"]) for op in record.ops if "rows" in (op["before"] or {})]
        for record in history.records(tmp_path)
    ][::-1]
    anna = "anna@shop.example"
    assert counted == [
        [("spy_user_multi_factor_auth", anna, {"rows": 2}, None)],
        [("spy_auth_reset_password", anna, {"rows": 1}, {"rows": 1, "status": 1})],
        [("spy_picking_list", "", {"rows": 1}, {"rows": 1, "user_uuid": None})],
    ]
    assert summaries(tmp_path) == [
        f"{anna}: 2 second factors deleted",
        f"{anna}: password changed; 1 password link changed",
        f"{anna}: status active → deactivated; 1 picking list changed",
    ]
    recorded = "".join(path.read_text() for path in tmp_path.glob("*.jsonl"))
    assert "a-1" not in recorded and "secret" not in recorded.casefold() and "hash of" not in recorded


# How it ended


@pytest.fixture
def line(shop: Shop) -> Iterator[Line]:
    """The shop is opened through a line that can be cut."""
    line = Line(shop.location)
    connection.open_database(line.url)
    yield line
    connection.close_database()
    line.shut()


@pytest.mark.server
@pytest.mark.parametrize("reaches", [True, False])
def test_a_lost_answer_to_a_commit_gives_the_right_outcome(
    shop: Shop, line: Line, tmp_path: Path, reaches: bool
) -> None:
    record_in(tmp_path)
    line.cut_at("COMMIT", reaches=reaches)
    with annotate(Note()) as note:
        groups.create("Night shift", [1])
    assert line.was_cut
    outcomes = [record.outcome for record in history.records(tmp_path)][::-1]
    assert outcomes == (["written"] if reaches else ["not written", "written"])
    assert note.records == [next(history.records(tmp_path)).id]


@pytest.mark.server
def test_an_answer_that_nobody_knows_is_recorded_as_unknown(
    shop: Shop, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_in(tmp_path)
    monkeypatch.setattr(transactions, "COMMIT_PROBE_TIMEOUT_S", 0.1)
    line.cut_at("COMMIT", reaches=True)
    monkeypatch.setattr(transactions, "acquire_write_lock", once_then(transactions.acquire_write_lock, line.shut))
    with pytest.raises(Unknown):
        groups.create("Night shift", [1])
    assert [record.outcome for record in history.records(tmp_path)] == ["unknown"]
    assert '"outcome":"unknown"' in next(tmp_path.glob("*.jsonl")).read_text()


@pytest.mark.server
def test_a_try_that_does_not_come_to_its_commit_leaves_no_record(shop: Shop, line: Line, tmp_path: Path) -> None:
    record_in(tmp_path)
    line.cut_at("spy_acl_groups_has_roles", reaches=True)
    groups.create("Night shift", [1])
    assert line.was_cut
    assert [record.outcome for record in history.records(tmp_path)] == ["written"]


def test_the_database_and_its_user_are_told_and_no_password(shop: Shop, tmp_path: Path) -> None:
    record_in(tmp_path)
    roles.create("Media")
    (record,) = history.records(tmp_path)
    parts = urlsplit(shop.location)
    assert record.intent["by"]["database_user"] == (parts.username if shop.kind != "sqlite" else None)
    assert not parts.password or parts.password not in str(record.intent)
