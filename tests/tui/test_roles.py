"""User Roles, by keys: the list, Create new Role, Edit Role with its rules, and who holds them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tests.tui.conftest import Person, Sql, Start

RULES = "SELECT bundle, controller, action, type FROM spy_acl_rule WHERE fk_acl_role = 2 ORDER BY id_acl_rule"
CMS, ORDERS, RETURNS = 2, 3, 4
"""The roles of the shop: the first is held by each of its three groups, the others by none."""


@pytest.fixture
def ruled(shop: None, sql: Sql) -> Callable[..., None]:
    """Give a role of the shop rules, each as in `deny user/edit/update`."""

    def give(role: int, *lines: str) -> None:
        for line in lines:
            permission, _, path = line.partition(" ")
            values = (*path.split("/"), ("allow", "deny").index(permission), role)
            sql(
                "INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES (?, ?, ?, ?, ?)",
                *values,
            )

    return give


async def open_role(person: Person, name: str = "CMS editor") -> None:
    """Open the role's page from the list; the focus is in BUNDLE then."""
    for _ in range(4):
        if person.line("> ").startswith(f"> {name}"):
            break
        await person.press("j")
    await person.press("enter")
    await person.see("Users / User Roles / Edit Role", "Assigned")
    await person.wait(lambda: name == person.value("name"), "the role's name")
    if name != "root_role":
        await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")


def parts(person: Person) -> tuple[str, str, str]:
    """What the three fields of the rule hold."""
    return person.value("bundle"), person.value("controller"), person.value("action")


async def fill(person: Person, bundle: str, controller: str, action: str) -> None:
    """Fill the rule's fields, each with Enter; the focus is on PERMISSION then."""
    for part in (bundle, controller, action):
        await person.replace(part)
        await person.press("enter")
    assert person.focus == "permission"


async def test_the_list_says_how_many_groups_hold_a_role_and_what_rules_it_has(
    start: Start, ruled: Callable[..., None]
) -> None:
    ruled(CMS, "allow cms/*/*", "allow cms-gui/*/*", "deny cms/page/delete")
    async with start(section="3") as person:
        await person.see("Name ↑", "Groups", "Rules", "Created at", "4 roles", "2 allow, 1 deny")
        words = person.line("CMS editor").split()[1:]
        assert words == ["CMS", "editor", "3", "2", "allow,", "1", "deny", "2026-03-01", "09:00"]
        assert person.line("Returns desk").split()[-4:] == ["0", "none", "2026-03-01", "09:00"]


async def test_roles_are_searched_and_sorted_as_groups_are(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await person.press("slash")
        await person.type("DESK")
        await person.see("1 found", "> Returns desk")
        await person.press("escape")
        await person.see("4 roles")
        await person.press("S")
        await person.see("Name ↓", "> Returns desk")
        await person.press("s")
        await person.see("Created at ↑")


async def test_a_role_without_a_name_or_with_a_taken_one_is_refused_under_the_field(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Users / User Roles / Create new Role")
        await person.press("ctrl+s")
        await person.see("! This value should not be blank.")
        await person.type("CMS editor")
        await person.see('! Role with name "CMS editor" already exists!')
        await person.type(" 2")
        await person.miss("already exists!")
        await person.replace("x" * 256)
        await person.see("! This value is too long. It should have 255 characters")
    assert sql("SELECT count(*) FROM spy_acl_role") == [(4,)]


async def test_creating_a_role_opens_its_page_and_escape_leads_back_to_it_in_the_list(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await person.press("n")
        await person.see("Create new Role")
        await person.type("Media")
        await person.press("ctrl+s")
        await person.see('Role "Media" successfully added.', "Users / User Roles / Edit Role", "Add Rule")
        await person.see("This role has no rules yet, so it allows nothing.")
        await person.press("escape")
        await person.see("> Media", "5 roles")


async def test_a_role_is_renamed_and_says_so_or_that_nothing_has_changed(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.press("ctrl+s")
        await person.hear("No changes to save. CMS editor")
        await person.press("shift+tab")
        assert person.focus == "name"
        await person.replace("Page writers")
        await person.press("ctrl+s")
        await person.see('Role "Page writers" successfully updated.')
        await person.press("escape")
        await person.see("> Page writers")
    assert sql("SELECT name FROM spy_acl_role WHERE id_acl_role = 2") == [("Page writers",)]


async def test_a_clone_has_the_rules_under_a_new_name(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(CMS, "allow cms/*/*", "deny cms/page/delete")
    async with start(section="3") as person:
        await person.press("c")
        await person.see("Clone the role “CMS editor” with its rules", "CMS editor (copy)")
        await person.replace("CMS editor")
        await person.press("enter")
        await person.see('! Role with name "CMS editor" already exists!')
        await person.replace("CMS guest")
        await person.miss("already exists!")
        await person.press("enter")
        await person.see("Edit Role", "2 rules")
        await person.press("escape")
        await person.see("> CMS guest", "5 roles", "1 allow, 1 deny")
    copied = "SELECT bundle, controller, action, type FROM spy_acl_rule WHERE fk_acl_role = 5 ORDER BY id_acl_rule"
    assert sql(copied) == sql(RULES) == [("cms", "*", "*", 0), ("cms", "page", "delete", 1)]
    assert sql("SELECT * FROM spy_acl_groups_has_roles WHERE fk_acl_role = 5") == []


async def test_a_role_is_deleted_after_a_question_and_archived_with_its_rules(
    start: Start, ruled: Callable[..., None], sql: Sql
) -> None:
    ruled(RETURNS, "allow sales-return-gui/*/*")
    async with start(section="3") as person:
        await person.press("j", "j")
        await person.see("> Returns desk")
        await person.press("d")
        await person.see("Delete the role “Returns desk”?", "No group holds it.", "1 rule will go with it.")
        await person.press("enter")
        await person.miss("Delete the role")
        assert sql("SELECT count(*) FROM spy_acl_role") == [(4,)]
        await person.press("d")
        await person.see("Delete the role")
        await person.press("y")
        await person.see("3 roles")
        await person.hear("Role was successfully removed. Returns desk")
    assert sql("SELECT name FROM spy_acl_role_archive") == [("Returns desk",)]
    assert sql("SELECT bundle, fk_acl_role FROM spy_acl_rule_archive") == [("sales-return-gui", RETURNS)]
    assert sql("SELECT count(*) FROM spy_acl_rule WHERE fk_acl_role = 4") == [(0,)]


async def test_marked_roles_are_deleted_together_after_one_question(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await person.press("j", "space", "space")
        await person.see("2 selected")
        await person.press("d")
        await person.see("Delete 2 roles: Order support, Returns desk?")
        await person.press("y")
        await person.see("2 roles were successfully removed.", "2 roles")
    assert sql("SELECT name FROM spy_acl_role ORDER BY id_acl_role") == [("root_role",), ("CMS editor",)]


async def test_a_role_in_use_is_not_deleted_and_its_first_group_is_offered(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await person.see("> CMS editor")
        await person.press("d")
        await person.see("Unable to delete because role has groups", "team, Sales, Äpfel", "Open Content team (y)")
        await person.press("enter")
        await person.miss("Unable to delete")
        await person.press("d")
        await person.see("Open Content team (y)")
        await person.press("y")
        await person.see("Users / User Groups / Edit Group", "[x] CMS editor")
        assert person.value("title") == "Content team"
        await person.press("escape")
        await person.see("> CMS editor", "4 roles")
    assert sql("SELECT count(*) FROM spy_acl_role") == [(4,)]


async def test_of_many_groups_that_hold_a_role_the_first_ten_are_named_and_how_many_more(
    start: Start, shop: None, sql: Sql
) -> None:
    for number in range(20):
        sql("INSERT INTO spy_acl_group (name) VALUES (?)", f"A{number:02}")
        sql("INSERT INTO spy_acl_groups_has_roles SELECT max(id_acl_group), 2 FROM spy_acl_group")
    async with start(section="3") as person:
        await person.press("d")
        await person.see("A00, A01", "A09", "and 13 more", "Open A00 (y)")
        assert "A10" not in person.screen


async def test_root_role_can_be_neither_renamed_nor_deleted(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await person.press("G")
        await person.see("> root_role")
        await person.press("d")
        await person.see("You are not allowed to edit the root role.")
        await open_role(person, "root_role")
        assert person.app.screen.query_one("#name").disabled
    assert sql("SELECT name FROM spy_acl_role WHERE id_acl_role = 1") == [("root_role",)]


async def test_a_rule_of_root_role_is_changed_only_after_a_question(start: Start, shop: None, sql: Sql) -> None:
    rules = "SELECT bundle, type FROM spy_acl_rule WHERE fk_acl_role = 1"
    async with start(section="3") as person:
        await person.press("G")
        await open_role(person, "root_role")
        await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")
        await fill(person, "sales", "*", "*")
        await person.press("enter")
        await person.see("Change the rules of root_role?", "can shut")
        await person.press("enter")
        await person.miss("Change the rules of root_role?")
        assert parts(person) == ("sales", "*", "*")
        assert sql(rules) == [("*", 0)]
        await person.press("enter")
        await person.see("Change the rules of root_role?")
        await person.press("y")
        await person.see("Rule successfully added.", "2 rules")
    assert sql(rules) == [("*", 0), ("sales", 0)]


async def test_enter_on_the_last_field_adds_the_rule_and_the_next_can_be_typed_at_once(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await fill(person, "*", "*", "*")
        await person.press("enter")
        await person.see("Rule successfully added.", "1 rule")
        await person.wait(lambda: person.focus == "bundle", "the focus back in BUNDLE")
        assert parts(person) == ("", "", "")
        await fill(person, "product-attribute-gui", "attribute", "create")
        await person.press("d")
        await person.see("◄ deny ►")
        await person.press("enter")
        await person.see("2 rules")
        await person.see("◄ allow ►")
        assert sql(RULES) == [("*", "*", "*", 0), ("product-attribute-gui", "attribute", "create", 1)]
        # They are in effect already: there is nothing left to save.
        await person.press("escape")
        await person.see("> CMS editor", "1 allow, 1 deny")


async def test_the_errors_of_a_rule_stand_under_its_fields_and_go_when_they_are_right(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.press("tab")
        await person.type("page")
        await person.press("tab")
        await person.paste("a" * 46)
        await person.press("enter", "enter")
        await person.see("Failed to add Rule.", "! This value should not be blank.", "! This value is too long.")
        await person.hear(f"! Failed to add Rule. allow …/page/{'a' * 46}")
        assert person.focus == "bundle"
        assert parts(person) == ("", "page", "a" * 46)
        await fill(person, "cms", "page", "view")
        await person.press("enter")
        await person.see("Rule successfully added.")
        await person.miss("! This value")
    assert sql(RULES) == [("cms", "page", "view", 0)]


async def test_the_same_rule_twice_is_refused(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(CMS, "allow cms/page/view")
    async with start(section="3") as person:
        await open_role(person)
        await fill(person, "cms", "page", "view")
        await person.press("enter")
        await person.see("Failed to add Rule.", "! This role already has this rule.")
        await person.hear("! Failed to add Rule. allow cms/page/view")
        await person.press("tab", "tab", "tab")
        assert person.focus == "permission"
        await person.press("right", "enter")
        await person.see("Rule successfully added.", "2 rules")
        await person.hear("Rule successfully added. deny cms/page/view")
        await person.miss("! This role has")
    assert sql(RULES) == [("cms", "page", "view", 0), ("cms", "page", "view", 1)]


def is_suggested(person: Person, text: str) -> bool:
    return bool(person.focused._suggestion == text)


async def test_the_right_arrow_completes_from_what_the_shops_rules_name(
    start: Start, ruled: Callable[..., None]
) -> None:
    ruled(ORDERS, "allow sales/detail/index", "allow sales/edit/save", "allow customer/delete/confirm")
    async with start(section="3") as person:
        await open_role(person)
        for typed, completed in (("sa", "sales"), ("e", "edit"), ("s", "save")):
            await person.type(typed)
            await person.wait(partial(is_suggested, person, completed), f"the rest of {completed}")
            await person.see(completed)
            await person.press("right")
            assert person.focused.value == completed
            await person.press("enter")
        await person.press("shift+tab", "shift+tab")
        assert person.focus == "controller"
        await person.replace("d")
        await person.wait(lambda: person.focused._suggestion == "detail", "detail, of this bundle: not delete")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("product-attribute-gui/attribute/create", ("product-attribute-gui", "attribute", "create")),
        (
            "https://backoffice.example/product-attribute-gui/attribute/create?x=1",
            ("product-attribute-gui", "attribute", "create"),
        ),
        ("/user", ("user", "index", "index")),
        ("  /acl/group\n", ("acl", "group", "index")),
    ],
)
async def test_a_whole_address_pasted_into_bundle_fills_all_three_fields(
    start: Start, shop: None, text: str, expected: tuple[str, str, str]
) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.paste(text)
        await person.wait(lambda: parts(person) == expected, str(expected))
        assert person.focus == "permission"


async def test_a_typed_path_and_enter_add_the_rule(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_user_has_group (fk_user, fk_acl_group) VALUES (1, 2)")
    async with start(section="3") as person:
        await open_role(person)
        await person.type("sales/*/*")
        await person.see("With this rule")
        await person.press("enter")
        await person.hear("Rule successfully added. allow sales/*/*")
        await person.wait(lambda: person.focus == "bundle", "the focus back in BUNDLE")
        assert parts(person) == ("", "", "")
    assert sql(RULES) == [("sales", "*", "*", 0)]


async def test_an_address_that_is_typed_is_split_and_can_be_looked_at_first(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("/acl/group")
        await person.press("enter")
        assert person.focus == "permission" and parts(person) == ("acl", "group", "index")
        await person.press("escape", "y")
        await person.see("> CMS editor")
        await open_role(person)
        await person.type("cms/page/view")
        await person.press("tab")
        assert person.focus == "controller" and parts(person) == ("cms", "page", "view")
    assert sql(RULES) == []


async def test_an_empty_controller_and_action_are_any(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("sales")
        await person.press("enter", "enter", "enter", "d", "enter")
        await person.hear("Rule successfully added. deny sales/*/*")
    assert sql(RULES) == [("sales", "*", "*", 1)]


async def test_a_typed_path_of_too_many_parts_is_refused_with_the_reason(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("a/b/c/d/e")
        await person.press("enter")
        await person.see("! a/b/c/d/e: enter a path of one to three parts")
        assert person.focus == "bundle" and parts(person) == ("a/b/c/d/e", "", "")


async def test_a_pasted_path_of_too_many_parts_is_refused_with_the_reason(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.paste("a/b/c/d/e")
        await person.see("! a/b/c/d/e: enter a path of one to three parts")
        assert parts(person) == ("", "", "")
        await person.type("x")
        await person.miss("! a/b/c/d/e")


async def test_a_rule_is_changed_in_place(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(CMS, "allow cms/page/view", "deny cms/page/delete")
    async with start(section="3") as person:
        await open_role(person)
        await to_rules(person)
        await person.press("j", "e")
        await person.see("Change Rule", "◄ deny ►")
        assert person.focus == "bundle" and parts(person) == ("cms", "page", "delete")
        await person.press("tab", "tab")
        await person.replace("remove")
        await person.press("enter", "enter")
        await person.see("Rule successfully updated.", "remove", "Add Rule")
    assert sql(RULES) == [("cms", "page", "view", 0), ("cms", "page", "remove", 1)]
    assert sql("SELECT count(*) FROM spy_acl_rule_archive") == [(0,)]


async def test_escape_gives_up_the_change_of_a_rule_before_it_leaves_the_page(
    start: Start, ruled: Callable[..., None], sql: Sql
) -> None:
    ruled(CMS, "allow cms/page/view")
    async with start(section="3") as person:
        await open_role(person)
        await to_rules(person)
        await person.press("e")
        await person.see("Change Rule")
        await person.type("x")
        await person.press("escape")
        await person.see("Discard the unfinished rule?")
        await person.press("n")
        await person.miss("Discard the unfinished rule")
        assert parts(person)[0] == "cmsx"
        await person.press("escape", "y")
        await person.see("Add Rule", "Edit Role")
        assert parts(person) == ("", "", "")
        await person.press("escape")
        await person.see("> CMS editor")
    assert sql(RULES) == [("cms", "page", "view", 0)]


async def test_a_rule_is_deleted_after_a_question_and_archived(
    start: Start, ruled: Callable[..., None], sql: Sql
) -> None:
    ruled(CMS, "deny cms/page/delete")
    async with start(section="3") as person:
        await open_role(person)
        await to_rules(person)
        await person.press("d")
        await person.see("Delete the rule “deny cms/page/delete”?")
        await person.press("enter")
        await person.miss("Delete the rule")
        assert len(sql(RULES)) == 1
        await person.press("d")
        await person.see("Delete the rule")
        await person.press("y")
        await person.see("This role has no rules yet")
        await person.hear('Rule with id "2" was successfully removed! deny cms/page/delete')
    assert sql(RULES) == []
    assert sql("SELECT id_acl_rule, bundle, action FROM spy_acl_rule_archive") == [(2, "cms", "delete")]


async def test_a_rule_that_can_never_matter_says_why(start: Start, ruled: Callable[..., None]) -> None:
    ruled(CMS, "allow cms/*/*", "allow cms/page/view")
    async with start(size=(120, 40), section="3") as person:
        await open_role(person)
        await to_rules(person)
        await person.press("j")
        await person.see("highlighted: covered by allow cms/*/*")


async def test_a_rule_that_was_typed_and_not_added_is_not_lost_without_a_question(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.type("cms")
        await person.press("escape")
        await person.see("Discard changes?")
        await person.press("n")
        await person.miss("Discard changes?")
        assert parts(person)[0] == "cms"


async def test_f3_shows_the_groups_that_hold_the_role_and_opens_one(start: Start, shop: None) -> None:
    async with start(section="3") as person:
        await open_role(person)
        await person.press("f3")
        await person.see("Groups that hold the role “CMS editor”", "> Content team", "Sales", "Äpfel")
        await person.press("down", "enter")
        await person.see("Users / User Groups / Edit Group")
        await person.wait(lambda: person.value("title") == "Sales", "the group Sales")
        await person.press("escape")
        await person.see("Users / User Roles / Edit Role")
        assert person.value("name") == "CMS editor"


async def test_a_rule_that_is_gone_meanwhile_is_said_so(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(RETURNS, "allow cms/page/view")
    async with start(section="3") as person:
        await open_role(person, "Returns desk")
        await to_rules(person)
        await person.press("d")
        await person.see("Delete the rule")
        sql("DELETE FROM spy_acl_rule WHERE fk_acl_role = 4")
        await person.press("y")
        await person.see("This role has no rules yet")
        await person.hear("! Rule couldn't be found: allow cms/page/view")


async def test_a_change_that_would_lock_everyone_out_of_the_user_pages_is_refused(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (1, 1)")
    async with start(section="3") as person:
        await person.press("G")
        await open_role(person, "root_role")
        await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")
        await fill(person, "user", "*", "*")
        await person.press("d", "enter")
        await person.see("Change the rules of root_role?")
        await person.press("y")
        await person.hear(
            "! Failed to add Rule. deny user/*/*: Refused: no active user could manage users any more "
            "(needs user/index/index, user/edit/update, acl/group/edit, acl/role/update)."
        )
        assert parts(person) == ("user", "*", "*")
    assert sql("SELECT count(*) FROM spy_acl_rule") == [(1,)]


async def test_read_only_changes_no_rule(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(CMS, "allow cms/page/view")
    async with start(section="3", read_only=True) as person:
        await open_role(person)
        await fill(person, "a", "b", "c")
        await person.press("enter")
        await to_rules(person)
        await person.press("d", "e")
        await person.pilot.pause()
        assert "Delete the rule" not in person.screen and "Change Rule" not in person.screen
    assert sql(RULES) == [("cms", "page", "view", 0)]


async def to_rules(person: Person) -> None:
    """Go on to the list of rules."""
    for _ in range(8):
        if person.focus == "rules":
            break
        await person.press("tab")
    assert person.focus == "rules"
    await person.wait(lambda: person.focused.window.rows, "the rules")


async def test_what_a_clone_lacks_of_data_rules_is_said(start: Start, ruled: Callable[..., None], sql: Sql) -> None:
    ruled(CMS, "allow cms/*/*")
    columns = "id_acl_entity_rule INTEGER PRIMARY KEY, fk_acl_role INTEGER, fk_acl_entity_segment INTEGER"
    sql(f"CREATE TABLE spy_acl_entity_rule ({columns}, entity TEXT, scope INTEGER, permission_mask INTEGER)")
    sql("INSERT INTO spy_acl_entity_rule VALUES (1, ?, NULL, 'spy_merchant', 0, 1)", CMS)
    sql("CREATE TRIGGER no BEFORE INSERT ON spy_acl_entity_rule BEGIN SELECT RAISE(ABORT, 'no'); END")
    async with start(size=(100, 30), section="3") as person:
        await person.press("c", "enter")
        await person.see("Edit Role", "1 rule", "Data rules were not copied (refused by the database): spy_merchant.")


async def test_the_question_before_a_deletion_says_what_finds_the_role_by_its_reference(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_role SET reference = 'product-viewer' WHERE id_acl_role = ?", RETURNS)
    async with start(size=(100, 30), section="3") as person:
        await person.press("j", "j")
        await person.see("> Returns desk")
        await person.press("d")
        await person.see(
            "Delete the role “Returns desk”?", "Other parts of the shop find this role", "“product-viewer”"
        )


async def test_a_rule_that_the_last_admin_needs_is_not_asked_about(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (2, '*', '*', '*', 0)")
    sql("INSERT INTO spy_acl_user_has_group SELECT id_acl_group, 1 FROM spy_acl_group WHERE name = 'Content team'")
    async with start(size=(100, 30), section="3") as person:
        await open_role(person)
        person.app.screen.query_one("#rules").focus()
        await person.press("d")
        await person.see("Refused: no active user could manage users any more")
        assert "Delete the rule" not in person.screen
    assert len(sql("SELECT 1 FROM spy_acl_rule WHERE fk_acl_role = 2")) == 1


async def test_in_production_a_rule_is_asked_about_before_it_is_added_changed_or_deleted(
    start: Start, shop: None, sql: Sql
) -> None:
    async with start(section="3") as person:
        person.app.source = replace(person.app.source, mark="Production")
        await open_role(person)
        await person.see("0 rules, in effect at once")
        await person.type("sales/*/*")
        await person.press("enter")
        await person.see("Add the rule “allow sales/*/*” to the role “CMS editor”?", "Rules take effect at once.")
        await person.press("escape")
        await person.miss("Add the rule “allow")
        assert parts(person) == ("sales", "*", "*") and sql(RULES) == []
        await person.press("enter")
        await person.see("Add the rule")
        await person.press("y")
        await person.hear("Rule successfully added. allow sales/*/*")
        await to_rules(person)
        await person.press("e", "tab", "tab")
        await person.replace("list")
        await person.press("enter", "enter")
        await person.see("Change the rule “allow sales/*/*”", "sales/*/list”?")
        await person.press("y")
        await person.see("Rule successfully updated.")
        await to_rules(person)
        await person.press("d")
        await person.see("Delete the rule “allow sales/*/list”?", "PRODUCTION: type")
        await person.press("escape")
    assert sql(RULES) == [("sales", "*", "list", 0)]


async def test_the_last_line_says_what_enter_does_on_the_permission_and_no_heading_is_cut(
    start: Start, shop: None
) -> None:
    async with start(size=(60, 20), section="3") as person:
        await person.press("enter")
        await person.see("Edit Role", "Assigned Rules\n", "Action    Permission")
        person.page.query_one("#bundle").focus()
        await person.type("cms/page/list")
        await person.press("tab", "tab", "tab")
        await person.see("Enter Add Rule")
        await person.press("enter")
        await person.hear("Rule successfully added. allow cms/page/list")
        person.page.query_one("#rules").focus()
        await person.press("enter")
        person.page.query_one("#permission").focus()
        await person.see("Enter Change Rule")
