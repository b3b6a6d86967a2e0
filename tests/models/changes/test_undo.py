"""What is undone, what cannot be, and what is refused; that all rows come back as they were: test_undo_at_random.py."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from models import groups, memberships, role_rules, roles, second_factors, user_status, users
from models.access.compute_impact import compute_impact
from models.changes import history, undo
from models.changes.history import Record
from models.changes.record_history import look_up
from models.changes.undo import Overtaken
from models.db.change import Note, annotate
from models.db.opened import opened, set_opened
from models.db.tables import Permission, Status
from models.errors import FieldChange, NotFound, Refused
from models.roles import InUse
from models.tools import csv_import
from models.user_form import UserForm
from tests.conftest import Shop, change_settings
from tests.models.changes import pictures
from tests.models.changes.test_recording import record_in
from tests.models.db.test_rows_beside import add, ruled
from tests.models.test_property import stand_in

ON_SERVERS = True
ALLOW, DENY = Permission.ALLOW, Permission.DENY
PASSWORD = "Change-me-123"
ANNA = UserForm("anna@shop.example", "Anna", "Berg", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)
ADMIN = "admin@shop.example"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.passwords.hashed", stand_in)


@pytest.fixture
def folder(shop: Shop, tmp_path: Path) -> Path:
    """The changes to the shop, which has an administrator, are recorded there."""
    shop.join(1, *shop.users(ADMIN))
    record_in(tmp_path / "history")
    return tmp_path / "history"


def last(folder: Path) -> Record:
    return next(history.records(folder))


def refusal(record: Record) -> str:
    """Why a change is not undone; nothing was written."""
    before = pictures.take()
    with pytest.raises((Refused, Overtaken)) as planned:
        undo.plan(record)
    with pytest.raises(type(planned.value)) as error:
        undo.undo(record)
    assert str(error.value) == str(planned.value)
    assert pictures.take() == before
    return str(error.value)


def changed_since(record: Record) -> Sequence[FieldChange]:
    """What was changed again since a change."""
    with pytest.raises(Overtaken) as error:
        undo.plan(record)
    return error.value.changes


# What comes back


def test_a_deleted_group_returns_from_the_archive_with_what_is_not_recorded(shop: Shop, folder: Path) -> None:
    media, (anna,) = roles.create("Media"), shop.users("anna@shop.example")
    catalog = groups.create("Catalog", [1, media])
    memberships.add([anna], [catalog], edited="group")
    shop.sql("UPDATE spy_acl_group SET updated_at = '2020-01-01 00:00:00' WHERE name = 'Catalog'")
    before = pictures.take()
    groups.delete(catalog)
    assert undo.undo(last(folder)) == []
    assert pictures.take() == before
    assert shop.sql("SELECT updated_at FROM spy_acl_group_archive") == []
    assert last(folder).summary == "Catalog: group created; roles root_role, Media added; user anna@shop.example added"
    undo.undo(last(folder))
    assert shop.sql("SELECT name FROM spy_acl_group_archive") == ["Catalog"]


def test_columns_that_are_not_recorded_return_from_the_archive(shop: Shop, folder: Path) -> None:
    media = roles.create("Media")
    shop.sql("UPDATE spy_acl_role SET updated_at = '2020-01-01 00:00:00'")
    roles.delete(media)
    undo.undo(last(folder))
    assert shop.sql("SELECT updated_at FROM spy_acl_role WHERE name = 'Media'") == ["2020-01-01 00:00:00"]


def test_what_the_archive_lacks_or_has_otherwise_returns_from_the_record(shop: Shop, folder: Path) -> None:
    ids = [groups.create(name, [1]) for name in ("Catalog", "Media")]
    before = pictures.take()
    groups.delete(*ids)
    shop.sql("DELETE FROM spy_acl_group_archive WHERE name = 'Media'")
    shop.sql("UPDATE spy_acl_group_archive SET name = 'Something else'")
    undo.undo(last(folder))
    assert pictures.take() == before
    assert shop.sql("SELECT name FROM spy_acl_group_archive") == ["Something else"]


def test_a_deleted_role_returns_with_its_rules_and_data_rules(shop: Shop, tmp_path: Path) -> None:
    media = ruled(shop.whole())
    record_in(tmp_path)
    before = pictures.take()
    roles.delete(media)
    assert undo.undo(last(tmp_path)) == []
    assert pictures.take() == before
    undo.undo(last(tmp_path))
    assert media not in {id for table, id in pictures.take() if table == "spy_acl_role"}


def test_a_data_rule_that_the_database_refuses_is_told(shop: Shop, tmp_path: Path) -> None:
    whole = shop.whole()
    media = ruled(whole)
    record_in(tmp_path)
    roles.delete(media)
    whole.sql("DELETE FROM spy_acl_entity_segment")
    refused = "The data rule {} of the role Merchant staff does not return: the database refused it."
    assert undo.undo(last(tmp_path)) == [refused.format("spy_sales_order"), refused.format("spy_merchant")]
    assert whole.sql("SELECT count(*) FROM spy_acl_entity_rule") == [1]


def test_a_rule_whose_id_was_taken_gets_a_new_one(shop: Shop, folder: Path) -> None:
    media, desk = roles.create("Media"), roles.create("Desk")
    rule = role_rules.add(media, "sales", "*", "*", DENY)
    role_rules.remove(rule)
    row = f"{rule}, {desk}, 'cms', '*', '*', 0"
    shop.sql(f"INSERT INTO spy_acl_rule (id_acl_rule, fk_acl_role, bundle, controller, action, type) VALUES ({row})")
    assert undo.undo(last(folder)) == []
    (found,) = shop.sql("SELECT id_acl_rule FROM spy_acl_rule WHERE bundle = 'sales'")
    assert found != rule


def test_imported_users_are_set_to_deleted_and_keep_their_groups(shop: Shop, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("".join(f"user{number}@shop.example,First,Last,root_group\n" for number in range(500)))
    csv_import.write(csv_import.read(file), tmp_path / "passwords.csv", lambda *_: None)
    assert undo.undo(last(folder)) == []
    assert shop.sql("SELECT status, count(*) FROM spy_user GROUP BY status ORDER BY status") == [(0, 1), (2, 500)]
    assert shop.sql("SELECT count(*) FROM spy_acl_user_has_group") == [501]
    undo.undo(last(folder))
    assert shop.sql("SELECT status, count(*) FROM spy_user GROUP BY status") == [(0, 501)]


# What cannot


def test_a_password_and_a_second_factor_cannot_be_taken_back_and_that_is_said(shop: Shop, tmp_path: Path) -> None:
    whole = shop.whole()
    anna, _ = whole.users(ANNA.email, ADMIN)
    whole.join(1, anna, anna + 1)
    columns = "id_user_multi_factor_auth, fk_user, type, configuration"
    whole.sql(f"INSERT INTO spy_user_multi_factor_auth ({columns}) VALUES (1, {anna}, 'email', 'SECRET')")
    record_in(tmp_path)
    record = users.get(anna)
    new = replace(record.form, password=PASSWORD, repeated=PASSWORD)
    users.update(record, new)
    told = "The password of anna@shop.example stays: the one before is not recorded."
    assert refusal(last(tmp_path)) == told
    users.update(users.get(anna), replace(new, last_name="Berger"))
    assert undo.plan(last(tmp_path)).lost == [told]
    assert undo.undo(last(tmp_path)) == [told]
    assert users.get(anna).form.last_name == "Last"
    second_factors.reset([anna])
    assert look_up(last(tmp_path)) == "Only the number of its rows is recorded."
    assert refusal(last(tmp_path)) == "1 second factor of anna@shop.example does not return."


def test_no_record_whoever_wrote_it_sets_a_password(shop: Shop, folder: Path) -> None:
    (anna,) = shop.users(ANNA.email)
    user_status.set_status([anna], Status.DEACTIVATED)
    record = last(folder)
    (op,) = record.ops
    forged = op | {"before": {"password": "$2y$10$known"}, "after": {"password": None}}
    told = "The password of anna@shop.example stays: the one before is not recorded."
    assert refusal(replace(record, intent=record.intent | {"ops": [forged]})) == told


def test_links_return_one_by_one_and_those_that_cannot_are_listed(shop: Shop, folder: Path) -> None:
    media, desk = roles.create("Media"), roles.create("Desk")
    catalog = groups.create("Catalog", [1, media, desk])
    groups.update(groups.get(catalog), "Catalog", [1])
    removed = last(folder)
    roles.delete(media)
    assert undo.undo(removed) == ["The role Media cannot return to the group Catalog: the role Media is deleted."]
    assert groups.get(catalog).roles == {1: "root_role", desk: "Desk"}


def test_rows_of_other_tables_that_went_along_do_not_return(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    key = "FOREIGN KEY (fk_group) REFERENCES spy_acl_group (id_acl_group) ON DELETE CASCADE"
    shop.sql(f"CREATE TABLE pyz_desk (fk_group INTEGER, {key})")
    try:
        shop.sql("INSERT INTO pyz_desk VALUES (?)", catalog)
        created = last(folder)
        assert undo.plan(created).cascading == {"pyz_desk": 1}
        undo.undo(created)
        assert undo.undo(last(folder)) == ["1 row of pyz_desk does not return."]
    finally:
        shop.sql("DROP TABLE pyz_desk")


# What is refused


def test_a_value_that_was_changed_again_is_a_conflict_that_names_both(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    groups.update(groups.get(catalog), "Catalog team", [1])
    renamed = last(folder)
    groups.update(groups.get(catalog), "Sales", [1])
    with pytest.raises(Overtaken) as error:
        undo.undo(renamed)
    (change,) = error.value.changes
    assert (change.field, change.baseline, change.theirs, change.mine) == (
        *("group Catalog: title", "Catalog team", "Sales", "Catalog"),
    )
    assert refusal(renamed) == (
        "Changed again since, so that nothing was undone: group Catalog: title Catalog team → Sales."
    )


def test_what_was_changed_again_is_undone_too_where_that_is_chosen(shop: Shop, folder: Path) -> None:
    media = roles.create("Media")
    created_role = last(folder)
    catalog = groups.create("Catalog", [1])
    created = last(folder)
    groups.update(groups.get(catalog), "Catalog team", [1])
    renamed = last(folder)
    groups.update(groups.get(catalog), "Sales", [1])
    told = changed_since(renamed)
    assert undo.plan(renamed, overwriting=told).summary == "Sales: title Sales → Catalog"
    assert undo.undo(renamed, overwriting=told) == []
    assert groups.get(catalog).name == "Catalog"
    groups.update(groups.get(catalog), "Sales", [1, media])
    shop.rules(media, "allow sales/*/*")
    with pytest.raises(InUse, match="Assigned to: Sales"):
        undo.undo(created_role, overwriting=changed_since(created_role))
    undo.undo(created, overwriting=changed_since(created))
    undo.undo(created_role, overwriting=changed_since(created_role))
    assert shop.sql("SELECT name FROM spy_acl_group") == ["root_group"]
    assert shop.sql("SELECT count(*) FROM spy_acl_rule") == [1]


def test_what_others_change_after_that_was_told_is_not_undone(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    groups.update(groups.get(catalog), "Catalog team", [1])
    renamed = last(folder)
    groups.update(groups.get(catalog), "Sales", [1])
    told = changed_since(renamed)
    groups.update(groups.get(catalog), "Media", [1])
    with pytest.raises(Overtaken, match="Catalog team → Media"):
        undo.undo(renamed, overwriting=told)
    assert groups.get(catalog).name == "Media"


def test_what_is_deleted_since_cannot_be_set_back(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    groups.update(groups.get(catalog), "Catalog team", [1])
    renamed = last(folder)
    groups.delete(catalog)
    assert refusal(renamed) == "group Catalog: title cannot be set back: it is deleted."


def test_what_others_added_to_a_new_group_or_role_keeps_it(shop: Shop, folder: Path) -> None:
    media = roles.create("Media")
    created_role = last(folder)
    catalog = groups.create("Catalog", [1])
    created = last(folder)
    shop.join(catalog, *shop.users("anna@shop.example"))
    shop.hold(catalog, media)
    shop.rules(media, "allow sales/*/*")
    said = "Changed again since, so that nothing was undone: "
    assert refusal(created) == (
        f"{said}group Catalog: users added anna@shop.example; group Catalog: roles added Media."
    )
    assert refusal(created_role) == f"{said}role Media: groups added Catalog; role Media: rules added sales/*/*."


def test_data_rules_that_others_gave_a_new_role_keep_it(shop: Shop, tmp_path: Path) -> None:
    whole = shop.whole()
    original = ruled(whole)
    record_in(tmp_path)
    copy = roles.clone(original, "Copy")
    created = last(tmp_path)
    rule: dict[str, object] = {"fk_acl_role": copy, "entity": "spy_store", "scope": 0, "permission_mask": 1}
    add(whole, "spy_acl_entity_rule", "id_acl_entity_rule", **rule)
    said = "Changed again since, so that nothing was undone: "
    assert refusal(created) == f"{said}role Copy: data rules added spy_store."
    whole.sql("DELETE FROM spy_acl_entity_rule WHERE entity = 'spy_store'")
    assert undo.undo(created) == []


def test_a_name_or_an_id_that_is_taken_is_refused_saying_by_what(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    groups.delete(catalog)
    deleted = last(folder)
    (other,) = shop.groups("Catalog")
    assert refusal(deleted) == f"The name “Catalog” is now that of the group “Catalog” (id {other})."
    shop.sql(f"UPDATE spy_acl_group SET name = 'Other', id_acl_group = {catalog} WHERE id_acl_group = {other}")
    assert refusal(deleted) == f"The group “Catalog” cannot return: its id {catalog} is now that of “Other”."
    anna = users.create(ANNA)
    users.update(users.get(anna), replace(ANNA, email="ann@shop.example", password="", repeated=""))
    (tom,) = shop.users("anna@shop.example")
    assert (
        refusal(last(folder)) == f"The name “anna@shop.example” is now that of the user “anna@shop.example” (id {tom})."
    )


def test_no_undo_takes_the_last_administrator_or_the_current_user_away(shop: Shop, folder: Path) -> None:
    anna = users.create(ANNA)
    created = last(folder)
    user_status.set_status([shop.sql("SELECT id_user FROM spy_user WHERE username = ?", ADMIN)[0]], Status.DELETED)
    with pytest.raises(Refused, match="no active user could manage users any more"):
        undo.undo(created)
    change_settings(current_user_email=ANNA.email)
    with pytest.raises(Refused, match="User was not deleted"):
        undo.undo(created)
    assert users.get(anna).form.status is Status.ACTIVE


def test_a_group_is_not_left_without_a_role(shop: Shop, folder: Path) -> None:
    media, desk = roles.create("Media"), roles.create("Desk")
    catalog = groups.create("Catalog", [media])
    groups.update(groups.get(catalog), "Catalog", [media, desk])
    added = last(folder)
    groups.update(groups.get(catalog), "Catalog", [desk])
    assert refusal(added) == "Catalog: At least one role must be selected."


def test_a_change_to_another_database_or_one_that_was_not_written_is_refused(shop: Shop, folder: Path) -> None:
    roles.create("Media")
    record = last(folder)
    assert refusal(replace(record, outcome="not written")) == undo.NOT_WRITTEN
    elsewhere = replace(record, intent={**record.intent, "database": "elsewhere"})
    assert refusal(elsewhere) == "This change was made to another database: elsewhere."


def test_a_change_of_a_table_that_another_version_knows_is_refused(shop: Shop, folder: Path) -> None:
    roles.create("Media")
    record = last(folder)
    newer = {**record.intent, "ops": [record.ops[0] | {"table": "spy_new"}]}
    assert refusal(replace(record, intent=newer)) == "This version of the program cannot undo changes of spy_new."


# Which


def test_what_is_undone_already_is_left_as_it_is(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    groups.update(groups.get(catalog), "Catalog team", [1])
    renamed = last(folder)
    assert undo.undo(renamed) == []
    assert undo.undo(renamed) is None
    assert len([*history.records(folder)]) == 3


def test_an_undo_is_recorded_with_what_it_undoes_and_with_its_note(shop: Shop, folder: Path) -> None:
    roles.create("Media")
    record = last(folder)
    with annotate(Note(reason="ticket 12")) as note:
        undo.undo(record)
    undone = last(folder)
    assert note.records == [undone.id]
    intent = undone.intent
    assert (intent["change"], intent["undoes"], intent["reason"]) == ("undo.undo", record.id, "ticket 12")
    assert intent["command"] == f"backoffice undo {record.id}"
    assert undone.summary == "Media: role deleted"


def test_the_last_change_is_that_of_the_same_person_to_the_same_database(shop: Shop, folder: Path) -> None:
    with pytest.raises(NotFound, match=history.NO_CHANGE):
        history.find_last(folder)
    roles.create("Media")
    mine = last(folder)
    change_settings(current_user_email=ADMIN)
    with pytest.raises(NotFound):
        history.find_last(folder)
    roles.create("Desk")
    assert history.find_last(folder).summary == "Desk: role created"
    change_settings(current_user_email="")
    assert history.find_last(folder) == mine


def test_the_plan_says_in_words_and_in_effect_what_an_undo_does(shop: Shop, folder: Path) -> None:
    (anna,) = shop.users("anna@shop.example")
    media = roles.create("Media")
    role_rules.add(media, "sales", "*", "*", ALLOW)
    catalog = groups.create("Catalog", [media])
    memberships.add([anna], [catalog], edited="group")
    groups.delete(catalog)
    planned = undo.plan(last(folder))
    assert planned.summary == "Catalog: group created; role Media added; user anna@shop.example added"
    assert compute_impact(planned.access).lines == ["1 user gains application/*/*, sales/*/*"]
    undo.undo(last(folder))
    undone = undo.plan(last(folder))
    assert compute_impact(undone.access).lines == ["1 user loses application/*/*, sales/*/*"]
    assert undone.access.deleted_groups == [catalog]


def test_a_shop_whose_changes_are_not_recorded_can_still_be_undone(shop: Shop, folder: Path) -> None:
    catalog = groups.create("Catalog", [1])
    before = pictures.take()
    groups.delete(catalog)
    set_opened(replace(opened(), recorder=None))
    undo.undo(last(folder))
    assert pictures.take() == before
