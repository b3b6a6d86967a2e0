"""`backoffice undo`: a change is taken back, by its id or as one's last; what cannot be is refused, saying why."""

from tests.conftest import Shop
from tests.tui.cli.conftest import Run

ROLES = "SELECT name FROM spy_acl_role ORDER BY 1"


def test_a_change_is_undone_by_its_id_and_made_again_by_undoing_that(run: Run, people: Shop) -> None:
    renamed = run("groups", "rename", "Catalog", "Catalog team", "--json").json
    run("roles", "add", "Other")
    undone = run("undo", renamed["record"][:20].lower(), "--yes", "--json").json
    assert undone["changed"] is True
    assert undone["summary"] == f"undo {renamed['record']}: Catalog team: title Catalog team → Catalog"
    record = run("history", "show", undone["record"], "--json").json
    assert (record["undoes"], record["change"]) == (renamed["record"], "undo.undo")
    assert people.sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == ["Catalog"]
    again = run("undo", "--yes")
    assert again.err.startswith("Undone: Catalog team: title Catalog team → Catalog.")
    assert people.sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 2") == ["Catalog team"]


def test_without_an_id_it_is_ones_last_change(run: Run, people: Shop) -> None:
    assert run("undo", "--yes").code == 2
    before = people.sql(ROLES)
    run("roles", "add", "One")
    run("roles", "add", "Other")
    assert run("undo", "--yes").code == 0
    assert people.sql(ROLES) == sorted([*before, "One"])


def test_it_asks_and_says_what_it_does_and_to_what_effect(run: Run, people: Shop) -> None:
    record = run("groups", "delete", "Catalog", "--yes", "--json").json["record"]
    with people.untouched():
        refused = run("undo")
        assert (refused.code, refused.out) == (1, "")
        assert "Undo “Catalog: group deleted; " in refused.err and "--yes answers" in refused.err
        shown = run("undo", "--dry-run")
    assert shown.code == 0
    effect = "1 user gains application/*/*, sales/(everything else)/*, sales/order/(everything else)"
    assert shown.lines == [
        f"Would be done: undo {record}: Catalog: group created; role Editor added; user anna@shop.example added",
        effect,
    ]
    assert run("undo", "--yes", "--json").json["effect"] == [effect]


def test_what_was_changed_again_since_is_refused_naming_it(run: Run, people: Shop) -> None:
    first = run("groups", "rename", "Catalog", "Sales", "--json").json["record"]
    run("groups", "rename", "Sales", "Other")
    with people.untouched():
        refused = run("undo", first, "--yes", "--json")
        assert run("undo", first, "--dry-run").code == 1
    assert refused.code == 1
    assert refused.json["error"] == {
        "kind": "conflict",
        "message": "Changed again since, so that nothing was undone: group Catalog: title Sales → Other.",
        "fields": {},
    }


def test_what_cannot_come_back_is_said(run: Run, people: Shop) -> None:
    run("users", "set-password", "anna@shop.example", "--generate-password")
    refused = run("undo", "--yes")
    said = "The password of anna@shop.example stays: the one before is not recorded."
    assert (refused.code, refused.err) == (1, f"backoffice: {said}\n")


def test_what_is_undone_already_changes_nothing(run: Run, people: Shop) -> None:
    first = run("roles", "add", "New", "--json").json["record"]
    run("undo", first, "--yes")
    again = run("undo", first, "--yes", "--json")
    assert (again.code, again.json["changed"], again.json["record"]) == (0, False, None)


def test_an_unknown_record_is_2(run: Run, people: Shop) -> None:
    assert run("undo", "ZZZ", "--yes").code == 2
