"""What a change would do is told before it is saved: in forms, pickers and questions; twice, where it hits oneself."""

import threading

import pytest

from models.access import impact as previews
from models.access.compute_impact import compute_impact
from tests import servers
from tests.conftest import Shop
from tests.tui.conftest import Person, Start
from tui.dialogs import impact_line
from tui.dialogs.impact_line import ImpactLine
from tui.dialogs.question import Question

CMS, ORDERS, RETURNS = 2, 3, 4
ROOT, CONTENT, SALES = 1, 2, 3
ANNA, BERT, CARLA = 1, 2, 3
ME = "anna@shop.example"


@pytest.fixture
def rules(shop: None, file: object) -> Shop:
    """Anna and Bert are in Content team, which holds CMS editor; Carla in no group. All of them can sign in."""
    opened = Shop(str(file))
    opened.rules(CMS, "allow cms-gui/*/*")
    opened.rules(ORDERS, "allow sales/*/*")
    opened.sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group > 1")
    opened.sql("UPDATE spy_user SET status = 0")
    opened.hold(CONTENT, CMS)
    opened.hold(SALES, ORDERS)
    opened.join(CONTENT, ANNA, BERT)
    return opened


@pytest.fixture
def admins(rules: Shop) -> Shop:
    """Anna and Carla can open the user pages, Anna by the group Content team."""
    rules.hold(CONTENT, 1)
    rules.join(ROOT, CARLA)
    return rules


def effect(person: Person) -> str:
    """What the effect line says, on one line."""
    line = person.app.screen.query_one(ImpactLine)
    return str(line.content) if line.display else ""


async def told(person: Person, text: str) -> None:
    await person.wait(lambda: text in effect(person), text)


async def untold(person: Person) -> None:
    await person.wait(lambda: not effect(person), "nothing")


async def take(person: Person, name: str) -> None:
    """Select a record in the picker that has the focus, or unselect it."""
    await person.press("ctrl+u")
    await person.type(name)
    await person.see("1 found")
    await person.press("enter")


async def open_first_group(person: Person) -> None:
    await person.press("enter")
    await person.see("Edit Group", "[x] CMS editor", "bert@")
    await person.press("tab")


# Forms


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 40)])
async def test_edit_group_says_what_its_users_would_gain_and_lose_as_roles_are_taken(
    start: Start, rules: Shop, size: tuple[int, int]
) -> None:
    async with start(size=size) as person:
        await open_first_group(person)
        assert not effect(person) and " F6" not in person.screen  # in parentheses at most: not now
        await take(person, "order")
        await person.see("If saved (F6): + 2 users gain sales/*/*", "F6 Effect" if size[0] > 60 else "F1 Help")
        await take(person, "cms")
        await told(person, "2 users gain sales/*/*; - 2 users lose cms-gui/*/*")
        await take(person, "cms")
        await take(person, "order")
        await untold(person)
        await person.miss(" F6 Effect", "If saved")
        await take(person, "returns")
        await untold(person)


async def test_a_title_changes_nobodys_access_and_a_save_ends_the_line(start: Start, rules: Shop) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        await person.type("More ")
        await untold(person)
        await person.press("tab")
        await take(person, "order")
        await told(person, "2 users gain sales/*/*")
        await person.press("ctrl+s")
        await person.see("Group was updated successfully.")
        await untold(person)


async def test_the_detail_is_one_key_away_and_names_users_and_scopes(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30)) as person:
        await open_first_group(person)
        await take(person, "order")
        await take(person, "cms")
        await told(person, "2 users lose")
        await person.press("f6")
        await person.see("Effect of this change", "Gains", "Loses", ">● anna@shop.example")
        assert person.line("anna@shop.example  ").split()[-4:-1] == ["Active", "sales/*/*", "cms-gui/*/*"]
        await person.see("Gains sales/*/*.", "Loses cms-gui/*/*.")
        await person.press("down", "enter")
        await person.see("Users / Access / bert@shop.example")
        await person.press("escape", "escape")
        await person.see("Edit Group", "If saved (F6)")


async def test_edit_user_says_what_groups_and_status_would_change(start: Start, rules: Shop) -> None:
    async with start(section="1") as person:
        await person.press("enter")
        await person.wait(lambda: person.value("email") == ME, "the user")
        person.app.screen.query_one("#status").focus()
        await person.press("d")
        await told(person, "1 user can no longer sign in")
        await person.press("a")
        await untold(person)
        person.app.screen.query_one("#groups").focus()
        await take(person, "sales")
        await told(person, "If saved (F6): + 1 user gains sales/*/*")
        person.app.screen.query_one("#is_warehouse_user").focus()
        await person.press("y")
        await told(person, "1 user gains sales/*/* (cannot sign in); - 1 user can no longer sign in")


async def test_a_new_user_is_told_all_that_the_groups_allow(start: Start, rules: Shop) -> None:
    async with start(section="1") as person:
        await person.press("n")
        await person.see("Create new User", "0 of 4")
        person.app.screen.query_one("#groups").focus()
        await take(person, "content")
        await told(person, "1 user gains")
        assert "cms-gui/*/*" in effect(person)
        await person.press("f6")
        await person.see(">● the new user", "Gains application/*/*, cms-gui/*/*.")


async def test_edit_role_says_what_a_rule_would_do_once_it_is_whole(start: Start, rules: Shop) -> None:
    async with start(section="3") as person:
        await person.press("enter")
        await person.see("Edit Role", "> cms-gui")
        await person.press("tab", "asterisk", "tab")
        await untold(person)
        await person.press("asterisk", "shift+tab", "shift+tab")
        await person.type("sales")
        await told(person, "With this rule (F6): + 2 users gain sales/*/*")
        await person.press("tab", "tab", "tab", "d")
        await untold(person)
        await person.press("ctrl+s")
        await person.see("The rule is not saved yet: Add Rule does that.")
        person.app.screen.query_one("#rules").focus()
        await person.press("e")
        await person.see("Discard the unfinished rule?")
        await person.press("y")
        await person.see("Change Rule")
        await untold(person)
        await person.replace("cms-block-gui")
        await told(person, "2 users gain cms-block-gui/*/*; - 2 users lose cms-gui/*/*")


async def test_what_cannot_be_worked_out_is_said_and_the_form_goes_on(start: Start, rules: Shop) -> None:
    async with start() as person:
        await open_first_group(person)
        await person.type("order")
        await person.see("1 found")
        rules.sql("ALTER TABLE spy_acl_user_has_group RENAME TO gone")
        await person.press("enter")
        await told(person, "Database error: no such table: spy_acl_user_has_group.")
        assert person.line("[x] Order support")
        rules.sql("ALTER TABLE gone RENAME TO spy_acl_user_has_group")
        await person.press("space", "space")
        await told(person, "2 users gain sales/*/*")


async def test_a_picker_whose_records_cannot_be_read_says_why(start: Start, rules: Shop) -> None:
    async with start() as person:
        await open_first_group(person)
        rules.sql("ALTER TABLE spy_acl_role RENAME TO gone")
        await person.type("order")
        await person.see("Database error: no such table: spy_acl_role.")


async def test_keys_go_on_while_it_is_worked_out_and_only_the_newest_change_is_told(
    start: Start, rules: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), []

    def slow(change: previews.AccessChange) -> previews.Impact:
        asked.append(change)
        assert go_on.wait(60)
        return compute_impact(change)

    monkeypatch.setattr(impact_line, "compute_impact", slow)
    async with start() as person:
        await open_first_group(person)
        await take(person, "order")
        await told(person, "…")
        for _ in range(3):
            await take(person, "root")
            await take(person, "returns")
        await person.press("ctrl+u")
        await person.see("4 of 4")
        go_on.set()
        await told(person, "2 users gain")
    assert len(asked) == 2, "what came in between fell away"
    assert asked[1] == previews.AccessChange(added_roles={CONTENT: [1, 3, 4]}, removed_roles={CONTENT: []})


# Pickers and questions


async def test_adding_users_to_a_group_says_what_they_gain_as_they_are_taken(start: Start, rules: Shop) -> None:
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "a")
        await person.see("Add users", "0 of 3")
        await take(person, "carla")
        await told(person, "Effect (F6): + 1 user gains")
        await person.press("f6")
        await person.see("Effect of this change", ">● carla@shop.example")
        await person.press("escape")
        await take(person, "carla")
        await untold(person)


async def test_removing_users_says_what_they_lose(start: Start, rules: Shop) -> None:
    async with start() as person:
        await open_first_group(person)
        await person.press("tab", "asterisk", "d")
        await person.see("Remove 2 users")
        await told(person, "Effect (F6): - 2 users lose application/*/*, cms-gui/*/*")


async def test_deleting_a_group_says_what_its_users_lose_and_f6_shows_them(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30)) as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?")
        await told(person, "2 users lose application/*/*, cms-gui/*/*")
        await person.press("f6")
        await person.see("Effect of this change", ">● anna@shop.example")
        await person.press("escape")
        await person.see("Delete the group “Content team”?")
        await person.press("y")
        await person.see("Group was deleted successfully.")


async def test_deleting_a_role_or_a_group_without_users_changes_nobodys_access(start: Start, rules: Shop) -> None:
    async with start() as person:
        await person.press("end", "d")
        await person.see("Delete the group “Äpfel”?", "Nobody's access changes.")
        await person.press("n", "3")
        await person.see("> CMS editor")
        await person.press("end", "up", "d")
        await person.see("Delete the role “Returns desk”?", "Nobody's access changes.")
        assert " F6 Effect" not in person.screen


@pytest.mark.parametrize(("key", "says"), [("d", "Delete 2 users"), ("t", "Deactivate 2 users")])
async def test_deleting_and_deactivating_users_says_that_they_can_no_longer_sign_in(
    start: Start, rules: Shop, key: str, says: str
) -> None:
    async with start(section="1") as person:
        await person.press("space", "space", key)
        await person.see(says)
        await told(person, "2 users can no longer sign in")


async def test_putting_users_into_groups_and_out_of_them_says_what_that_does(start: Start, rules: Shop) -> None:
    async with start(section="1") as person:
        await person.press("space", "space", "a")
        await person.see("Add 2 users", "0 of 4")
        await take(person, "sales")
        await told(person, "2 users gain sales/*/*")
        await person.press("ctrl+s")
        await person.see("Add 2 users", "Cancel (n)")
        await told(person, "2 users gain sales/*/*")
        await person.press("n", "x")
        await person.see("Remove 2 users", "0 of 1")  # the one group that either is in
        await take(person, "content")
        await told(person, "2 users lose")


async def test_deleting_a_rule_says_what_that_does(start: Start, rules: Shop) -> None:
    async with start(section="3") as person:
        await person.press("enter")
        await person.see("> cms-gui")
        person.app.screen.query_one("#rules").focus()
        await person.press("d")
        await person.see("Delete the rule “allow cms-gui/*/*”?")
        await told(person, "2 users lose cms-gui/*/*")


# Oneself


async def asked_twice(person: Person, shop: Shop, done: str) -> None:
    """It is asked twice, and No to either leaves everything as it is."""
    await person.see(f"You ({ME}) will lose access to user", "Continue?")
    await person.press("y")
    await person.see("Remove your own access?", "Only another admin could restore it.")
    await person.press("y")
    await person.see(done)


async def test_a_save_that_takes_the_user_pages_from_oneself_asks_twice(start: Start, admins: Shop) -> None:
    async with start(me=ME) as person:
        await open_first_group(person)
        with admins.untouched():
            await take(person, "root")
            await told(person, "2 users can no longer open the user pages")
            await person.press("ctrl+s")
            await person.see("will lose access to user")
            await person.press("n")
            await person.miss("will lose access to user")
            await person.press("ctrl+s")
            await person.see("will lose access to user")
            await person.press("y")
            await person.see("Remove your own access?")
            await person.press("escape")
            await person.miss("yourself")
        assert person.page.unsaved
        await person.press("ctrl+s")
        await asked_twice(person, admins, "Group was updated successfully.")


async def test_what_takes_nothing_from_oneself_asks_nothing(start: Start, admins: Shop) -> None:
    async with start(me="carla@shop.example") as person:
        await open_first_group(person)
        await take(person, "root")
        await told(person, "2 users can no longer open the user pages")
        await person.press("ctrl+s")
        await person.see("Group was updated successfully.")


async def test_a_question_asks_once_more_where_it_takes_the_user_pages_from_oneself(start: Start, admins: Shop) -> None:
    async with start(me=ME) as person:
        await open_first_group(person)
        await person.press("tab", "d")
        await person.see("Remove Anna Example")
        await person.press("y")
        await person.see("Remove your own access?")
        with admins.untouched():
            await person.press("n")
            await person.miss("yourself")
            assert isinstance(person.app.screen, Question)
            await person.press("n")
        await person.press("d")
        await person.see("Remove Anna Example")
        await person.press("y")
        await person.see("Remove your own access?")
        await person.press("y")
        await person.see("The User was removed from the group.")


async def test_a_rule_and_an_addition_that_take_the_user_pages_from_oneself_ask_twice(
    start: Start, admins: Shop
) -> None:
    admins.rules(RETURNS, "deny user/*/*")
    (early,) = admins.groups("Early")
    admins.hold(early, RETURNS)
    admins.sql("UPDATE spy_acl_user_has_group SET fk_acl_group = ? WHERE fk_acl_group = ?", early, CONTENT)
    admins.hold(early, 1)
    admins.sql("DELETE FROM spy_acl_rule WHERE bundle = 'user'")
    async with start(me=ME, section="3") as person:
        await person.press("end", "up")
        await person.see("> Returns desk")
        await person.press("enter")
        await person.see("This role has no rules yet")
        await person.paste("user/edit/*")
        await person.press("d")
        await told(person, "With this rule (F6)")
        await person.press("enter")
        await asked_twice(person, admins, "Rule successfully added.")


async def test_the_last_who_can_open_the_user_pages_is_guarded_as_before(start: Start, admins: Shop) -> None:
    admins.sql("DELETE FROM spy_acl_user_has_group WHERE fk_user = ?", CARLA)
    async with start(me=ME) as person:
        await open_first_group(person)
        with admins.untouched():
            await take(person, "root")
            await person.press("ctrl+s")
            await asked_twice(person, admins, "Refused: no active user could manage users any more")


# Merchants' users


@pytest.fixture
def merchant(rules: Shop) -> Shop:
    """The first of the users in a picker is a merchant's, and in no group."""
    for statement in servers.whole("sqlite"):
        if "spy_merchant" in statement:
            rules.sql(statement)
    rules.sql("DELETE FROM spy_acl_user_has_group")
    rules.insert("spy_merchant", "id_merchant, name", [(1, "Fruits")])
    rules.insert("spy_merchant_user", "fk_merchant, fk_user", [(1, ANNA)])
    return rules


async def test_that_a_merchants_user_is_added_to_a_group_is_said_before_and_after(start: Start, merchant: Shop) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("Users assigned to this group will be shown here.")
        await person.press("tab", "tab", "a")
        await person.see("Add users", "anna@shop.example")
        await person.press("space")
        await told(person, "cannot sign in); ! 1 is a merchant user, for the Merchant Portal")
        await person.press("f6")
        await person.see("Gains application/*/*, cms-gui/*/*.", "Merchant user, for the Merchant Portal.")
        await person.press("escape", "ctrl+s")
        note = "1 is a merchant user, for the Merchant Portal."
        await person.hear(f"anna@shop.example was added to “Content team”. {note}")


async def test_likewise_where_users_are_put_into_groups(start: Start, merchant: Shop) -> None:
    async with start(section="1") as person:
        await person.see(">● anna@shop.example")
        await person.press("a", "space", "ctrl+s")
        note = "1 is a merchant user, for the Merchant Portal."
        await person.hear(f"anna@shop.example was added to “Content team”. {note}")


async def test_f6_says_why_there_is_no_effect(start: Start, shop: None) -> None:
    nobody = "\n Effect: Nobody's access changes."
    async with start(first="> Content team") as person:
        await person.press("d")
        await person.see("Effect: Nobody's access changes.", "(F6 Effect)")
        await person.press("f6")
        await person.see(nobody)
        await person.press("escape")
        await person.press("3", "enter")
        await person.see("Edit Role", "(F6 Effect)")
        await person.press("f6")
        await person.see("\n Effect: no whole rule is entered, or one that is as before")
        await person.press("escape", "2", "enter")
        await person.see("Edit Group", "[x] CMS editor", "Tab Roles  (F6 Effect)")
        await person.press("f6")
        await person.see(nobody)
        await person.press("tab")
        await person.see("Tab Users")
        await person.press("shift+tab")
        await person.type("x")
        await person.press("escape")
        await person.see("Discard changes?")
        await person.miss("F6")
