"""Users / Access, by keys: what a user may do and why, who may, two users compared, findings."""

from functools import partial

import pytest

from models.access import explain, verdicts
from models.db.connection import close_database, open_database
from tests.conftest import Shop
from tests.tui.conftest import Person, Sql, Start, away, lost

ADDRESS = "https://backoffice.example/customer/delete/index?id-customer=7#top"


def is_told(person: Person, title: str, count: str) -> bool:
    return person.line(title).split()[-1:] == [count]


@pytest.fixture
def rules(shop: None, file: object) -> Shop:
    """Anna is in Content team (CMS editor) and Sales (Order support), Bert in Sales, Carla in no group."""
    opened = Shop(str(file))
    opened.rules(2, "allow cms-gui/*/*", "deny customer/*/*")
    opened.rules(3, "allow sales/*/*", "allow customer/*/*", "deny customer/delete/index")
    opened.sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group > 1")
    opened.hold(2, 2)
    opened.hold(3, 3)
    opened.join(2, 1)
    opened.join(3, 1, 2)
    return opened


async def open_access(person: Person, email: str = "anna@shop.example") -> None:
    """Open the user's access from the list of Access."""
    await person.wait(lambda: email in person.line(">"), email)
    await person.press("enter")
    await person.see(f"Users / Access / {email}", "Verdict", "_profiler")


async def enter_path(person: Person, text: str) -> None:
    await person.press("p" if "Who may" in person.line("Users / Access") else "slash")
    await person.wait(lambda: person.focus == "path", "the path's field")
    await person.replace("")
    await person.type(text)
    await person.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 40)])
async def test_4_lists_the_users_and_enter_shows_what_one_may_do(
    start: Start, rules: Shop, size: tuple[int, int]
) -> None:
    async with start(size=size, section="4") as person:
        await person.see("1 Users  2 User Groups  3 User Roles  4 Access", ">● anna@", "Enter Access")
        await open_access(person)
        await person.see("✓ allowed  _profiler/*/*", "A default rule allows it to")
        assert person.line(" cms-gui").partition("cms-gui")[2].split()[:2] == ["✓", "allowed"] or size[1] == 20
        assert person.line("▸ acl").partition("acl")[2].split()[:2] == ["◐", "partly"]
        await person.press("end")
        await person.see("Denied: none of the groups'", ">  (everything else)")
        assert person.line(">  (everything else)").partition("else)")[2].split()[:2] == ["✘", "denied"]
        await person.press("escape")
        await person.see(">● anna@shop.example", "3 users")


async def test_the_search_of_access_finds_a_user(start: Start, rules: Shop) -> None:
    async with start(section="4") as person:
        await person.press("slash")
        await person.paste("bert")
        await person.see("1 found")
        await person.press("enter", "enter")
        await person.see("Users / Access / bert@shop.example", "Cannot sign in: deactivated")
        await person.see("Cannot sign in: deactivated.")


async def test_a_line_opens_and_closes_with_enter_space_and_arrows(start: Start, rules: Shop) -> None:
    async with start(size=(120, 40), section="4") as person:
        await open_access(person)
        await person.press("down")
        await person.see(">▸ acl", "Mixed. Press Space to expand.")
        await person.press("enter")
        await person.see(">▾ acl", "▸ index")
        await person.press("down", "space", "down")
        await person.see("✓ allowed  acl/index/denied", "A default rule allows it to", "acl/index/denied.")
        await person.press("left", "left", "left")
        await person.see(">▾ acl", "▸ index")
        await person.press("left")
        await person.miss("▾ acl", "▸ index")
        await person.press("right")
        await person.see("▾ acl")
        await person.press("asterisk")
        await person.see("▾ health-check", "denied   ")
        assert "▸" not in person.screen


async def test_what_is_open_and_where_the_cursor_is_stay_when_it_is_read_anew(start: Start, rules: Shop) -> None:
    async with start(size=(80, 40), section="4") as person:
        await open_access(person)
        await person.press("down", "enter")
        await person.see(">▾ acl")
        rules.rules(3, "allow a-first/*/*")
        await person.press("r")
        await person.see("a-first", ">▾ acl")


@pytest.mark.parametrize(
    ("typed", "heading", "line"),
    [
        ("customer/delete/index", "✘ denied  customer/delete/index", "> "),
        ("/sales", "✓ allowed  sales/index/index", ">  sales"),
        ("acl/index/denied", "✓ allowed  acl/index/denied", ">      "),
        ("nowhere/at/all", "✘ denied  nowhere/at/all", ">  (everything else)"),
        ("acl/*/*", "◐ partly  acl/*/*", ">▸ acl"),
        ("*/*/*", "◐ partly  */*/*", ">  _profiler"),
    ],
)
async def test_a_typed_path_is_gone_to_and_its_own_verdict_told(
    start: Start, rules: Shop, typed: str, heading: str, line: str
) -> None:
    async with start(size=(80, 40), section="4") as person:
        await open_access(person)
        await enter_path(person, typed)
        await person.see(heading, line)
        assert person.focus == "tree"


async def test_an_address_that_is_pasted_is_gone_to_at_once(start: Start, rules: Shop) -> None:
    async with start(section="4") as person:
        await open_access(person)
        await person.press("slash")
        await person.paste(ADDRESS)
        await person.see("✘ denied  customer/delete/index", "Group “Content team” denies it")
        await person.press("slash")
        await person.paste("sales/detail/index")
        await person.see("✓ allowed  sales/detail/index", "“Order support”")


async def test_a_mixed_line_tells_what_is_in_it_with_the_reason_of_each(start: Start, rules: Shop) -> None:
    async with start(size=(70, 40), section="4") as person:
        await open_access(person)
        await person.press("down")
        await person.see("◐ partly  acl/*/*", "✓ allowed  acl/index/denied: A default rule allows it to")
        await person.see("✘ denied  acl/index/(everything else): Denied: none of the")


async def test_the_other_users_stand_beside_the_tree_and_the_cursor_chooses_one(start: Start, rules: Shop) -> None:
    async with start(size=(120, 40), section="4") as person:
        await open_access(person)
        await person.press("down")
        await person.see(">▸ acl", ">● anna@shop.example")
        await person.press("shift+tab")
        await person.wait(lambda: person.focus == "users", "the list of users")
        await person.press("down")
        await person.see(
            "Users / Access / bert@shop.example", "Group: 1 Sales", "! Cannot sign in: deactivated", ">▸ acl"
        )


async def test_a_very_wide_page_tells_who_else_may_open_the_highlighted_path(start: Start, rules: Shop) -> None:
    async with start(size=(200, 50), section="4") as person:
        await open_access(person)
        await enter_path(person, "sales/*/*")
        await person.see("1 other may open sales/*/*", "│>○ bert@shop.example")


@pytest.mark.parametrize("wrong", ["a/b/c/d", "", "///"])
async def test_what_is_no_path_is_said_under_the_field_and_nothing_moves(start: Start, rules: Shop, wrong: str) -> None:
    async with start(section="4") as person:
        await open_access(person)
        await enter_path(person, wrong)
        await person.see("enter a path of one to three parts")
        assert person.focus == "path"
        await person.type("x")
        await person.miss("one to three parts")
        await person.press("escape")
        assert person.focus == "tree"


async def test_why_names_what_decided_and_what_it_beat_and_a_key_opens_group_role_and_user(
    start: Start, rules: Shop
) -> None:
    async with start(size=(75, 30), section="4") as person:
        await open_access(person)
        await enter_path(person, "customer/index/index")
        await person.see("Group “Content team” denies it via role “CMS editor”: deny")
        await person.see("Overrides allow customer/*/* of role “Order support” in group “Sales”")
        await person.see("Depends on group order: could be allowed.")
        await person.press("o")
        await person.see("Users / User Groups / Edit Group")
        await person.wait(lambda: person.value("title") == "Content team", "the group that decided")
        await person.press("escape")
        await person.see("Users / Access / anna@", "✘ denied  customer/index/index")
        await person.press("l")
        await person.see("Users / User Roles / Edit Role", "> customer ")
        assert person.value("name") == "CMS editor" and person.focus == "rules"
        await person.press("escape")
        await person.see("Users / Access / anna@")
        await person.press("u")
        await person.see("Users / Users / Edit User")
        await person.press("escape")
        await person.see("Users / Access / anna@")
        await person.press("tab", "down", "down")
        await person.see("> Overrides")
        await person.press("enter")
        await person.see("Users / User Roles / Edit Role", "> customer ")
        await person.wait(lambda: person.value("name") == "Order support", "the role that was beaten")


async def test_what_is_changed_on_a_page_opened_from_the_reasons_is_told_when_coming_back(
    start: Start, rules: Shop
) -> None:
    async with start(size=(80, 30), section="4") as person:
        await open_access(person)
        await enter_path(person, "customer/index/index")
        await person.see("✘ denied  customer/index/index")
        await person.press("l")
        await person.see("> customer ")
        await person.press("d")
        await person.see("Delete the rule")
        await person.press("y")
        await person.see("was successfully removed!")
        await person.press("escape")
        await person.see("✓ allowed  customer/index/index", "“Order support”")


async def test_a_rule_of_an_unknown_type_is_told_and_hides_nothing(start: Start, rules: Shop) -> None:
    rules.sql("UPDATE spy_acl_rule SET type = 7 WHERE bundle = 'cms-gui'")
    async with start(size=(75, 30), section="4") as person:
        await open_access(person)
        await person.see("1 rule of an unknown type ignored")
        await enter_path(person, "cms-gui")
        await person.see("✘ denied  cms-gui/index/index", "Ignored: unknown rule type cms-gui/*/* of role “CMS editor”")


async def test_a_user_who_is_gone_is_said_and_the_page_closes(start: Start, rules: Shop, sql: Sql) -> None:
    async with start(section="4") as person:
        await open_access(person)
        sql("DELETE FROM spy_acl_user_has_group WHERE fk_user = 1")
        sql("DELETE FROM spy_user WHERE id_user = 1")
        await person.press("r")
        await person.see("Enter Access")
        await person.hear("! User couldn't be found: anna@shop.example")


async def test_hostile_names_are_shown_as_text(start: Start, rules: Shop, sql: Sql) -> None:
    sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 3", "[red]x[/]\x1b[2J")
    sql("UPDATE spy_acl_group SET name = ? WHERE id_acl_group = 2", "N" * 200)
    sql("UPDATE spy_acl_role SET name = ? WHERE id_acl_role = 3", "[@click=app.quit]y[/]")
    sql("UPDATE spy_acl_rule SET bundle = ? WHERE bundle = 'sales'", "[b]z\u202e")
    async with start(size=(120, 40), section="4") as person:
        await person.press("enter")
        await person.see(f"in the order they are asked: 1 {'N' * 39}…   2 [red]x[/]␛[2J", "[b]z\ufffd")
        await person.press("slash")
        await person.paste("[b]z\u202e")
        await person.see("✓ allowed  [b]z\ufffd/index/index", "[b]z\ufffd/*/*.")
        assert "“[@click=app.quit]y[/]”" in person.screen and "Group “[red]x[/]␛[2J” allows it" in person.screen


# From the pages of users


async def test_w_on_users_and_f9_on_edit_user_lead_to_the_access_of_the_user(start: Start, rules: Shop) -> None:
    async with start(section="1") as person:
        await person.press("w")
        await person.see("Users / Access / anna@shop.example", "sales")
        await person.press("escape")
        await person.see(">● anna@shop.example", "n Create")
        await person.press("enter")
        await person.see("Edit User", "F9 Access")
        await person.press("f9")
        await person.see("Users / Access / anna@shop.example")
        await person.press("escape")
        await person.see("Users / Users / Edit User")


async def test_p_on_the_access_of_a_user_asks_who_may_open_the_highlighted_path(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await open_access(person)
        await enter_path(person, "sales/order/list")
        await person.see("✓ allowed  sales/order/list")
        await person.press("p")
        await person.see("Users / Access / Who may", "allowed: 1 can sign in, 1 cannot", ">● anna@shop.example")
        assert person.value("path") == "sales/order/list"
        await person.press("escape")
        await person.see("Users / Access / anna@shop.example")
        await person.press("home", "p")
        await person.see("Users / Access / Who may", "_profiler/*/*")
        await person.press("escape", "end", "p")
        await person.see("Enter a path")
        assert person.focus == "path"


# Who may


async def test_p_asks_for_a_path_and_lists_who_may_with_the_deciding_rule_each(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await person.press("p")
        await person.see("Users / Access / Who may", "Enter a path")
        await person.type("sales")
        await person.press("enter")
        await person.see("allowed: 1 can sign in, 1 cannot", ">● anna@shop.example")
        assert person.line(">● anna@").split()[2:] == ["Active", "allow", "sales/*/*", "Sales"]
        assert person.line(" ○ bert@").split()[2:] == ["Deactivated", "allow", "sales/*/*", "Sales"]
        await person.see("✓ allowed  sales/index/index", "Group “Sales” allows it via role “Order support”: allow")
        await person.press("f")
        await person.see("denied: 0 can sign in, 1 cannot")
        await person.see(">✗ carla@shop.example", "no rule matches", "Denied: the user is in no group.")
        await person.press("f")
        await person.see("2 allowed groups", "> Administrators group (root_group)", "  Sales")
        await person.press("f")
        await person.see("2 denied groups", "> Content team")
        await person.press("F")
        await person.see("2 allowed groups")
        await person.press("f", "f", "enter")
        await person.see("Users / Access / anna@shop.example", "✓ allowed  sales/index/index")
        await person.press("escape", "escape")
        await person.see(">● anna@shop.example", "3 users")


async def test_who_may_takes_a_star_for_any_part_and_a_pasted_address(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await person.press("p")
        await person.see("Enter a path")
        await person.paste("customer/*/*")
        await person.see("0 allowed users", "No allowed users for customer/*/*.")
        await enter_path(person, "sales/*/*")
        await person.see("allowed: 1 can sign in, 1 cannot")
        await person.press("p")
        await person.paste(ADDRESS)
        await person.see("No allowed users for customer/delete/index.")
        await enter_path(person, "one/two/three/four")
        await person.see("enter a path of one to three parts")


async def test_the_search_looks_among_those_who_may(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await person.press("p")
        await person.paste("sales")
        await person.see("allowed: 1 can sign in, 1 cannot")
        await person.press("slash")
        await person.paste("bert")
        await person.see("1 found", ">○ bert@")
        await person.miss("anna@")
        await person.press("escape")
        await person.see("allowed: 1 can sign in, 1 cannot", "anna@")


# Compare


async def test_two_marked_users_are_compared_only_where_they_differ(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await person.press("c")
        await person.see("Compare: select two users first, with Space")
        await person.press("space", "space", "c")
        await person.see("Users / Access / Compare", "First   anna@shop.example", "Second  bert@shop.example")
        await person.see(
            "Groups, in the order they are asked: 1 Content team   2 Sales", "! Cannot sign in: deactivated"
        )
        await person.see("3 differences")
        assert person.line("> cms-gui/*/*").split()[2:] == ["✓", "allowed", "✘", "denied"]
        assert person.line("customer/(everything").split()[2:] == ["✘", "denied", "✓", "allowed"]
        assert "sales" not in person.screen
        await person.see("anna@shop.example: Group “Content team” allows it")
        await person.see("bert@shop.example: Denied: none of")
        await person.press("down", "enter")
        assert person.focus == "why"
        await person.see("anna@shop.example: Group “Content team” denies it", "Overrides allow customer/*/*")


@pytest.mark.parametrize(
    ("width", "headings"), [(70, ["First", "Second"]), (100, ["anna@shop.example", "bert@shop.example"])]
)
async def test_compared_verdicts_are_never_cut_nor_are_the_e_mails_over_them(
    start: Start, rules: Shop, width: int, headings: list[str]
) -> None:
    rules.rules(2, "allow a-bundle-with-a-rather-long-name/and-a-controller-like-it/*")
    async with start(size=(width, 24), section="4") as person:
        await person.press("space", "space", "c")
        await person.see("4 differences")
        assert person.line("  Path").split()[1:] == headings
        assert person.line("> a-bundle-with").split()[2:] == ["✓", "allowed", "✘", "denied"]


async def test_a_user_is_compared_with_one_that_is_picked(start: Start, rules: Shop) -> None:
    async with start(size=(100, 30), section="4") as person:
        await open_access(person)
        await person.press("c")
        await person.see("Compare anna@shop.example with another user", "0 of 3")
        await person.press("down", "space", "ctrl+s")
        await person.see("Users / Access / Compare", "3 differences")
        await person.press("escape")
        await person.see("Users / Access / anna@")


async def test_users_who_may_do_the_same_have_no_differences(start: Start, rules: Shop, sql: Sql) -> None:
    sql("DELETE FROM spy_acl_user_has_group")
    async with start(section="4") as person:
        await person.press("space", "space", "c")
        await person.see("Both have the same access.", "0 differences")


# Findings


async def test_findings_are_counted_listed_and_opened(start: Start, rules: Shop, sql: Sql) -> None:
    rules.rules(2, "allow cms-gui/index/*")
    async with start(size=(100, 30), section="4") as person:
        await person.press("f")
        await person.see("Users / Access / Findings", "10 kinds")
        await person.see("They may open only what the default rules allow to everyone.")
        for title, count in (
            ("Users without groups", "1"),
            ("Groups without users", "2"),
            ("Roles without groups", "1"),
            ("Roles without rules", "1"),
            ("Rules without effect", "1"),
            ("Results that depend on group order", "1"),
            ("Rules of an unknown type", "none"),
        ):
            await person.wait(partial(is_told, person, title, count), f"{title}: {count}")
        await person.press("enter")
        await person.see("Users / Access / Users without groups", ">✗ carla@shop.example", "1 user")
        await person.press("enter")
        await person.see("Users / Users / Edit User")
        await person.press("escape", "escape")
        await person.see("> Users without groups")


@pytest.mark.parametrize(
    ("title", "row", "page"),
    [
        ("Groups without users", "> Administrators group", "Users / User Groups / Edit Group"),
        ("Roles without groups", "> Returns desk", "Users / User Roles / Edit Role"),
        ("Rules without effect", "overridden by deny customer/*/*", "Users / User Roles / Edit Role"),
        ("Results that depend", "Content team, Sales", "Users / Access / anna@shop.example"),
    ],
)
async def test_each_kind_of_finding_opens_its_own_page(
    start: Start, rules: Shop, title: str, row: str, page: str
) -> None:
    rules.rules(2, "allow customer/index/*")
    async with start(size=(120, 30), section="4") as person:
        await person.press("f")
        await person.see("10 kinds")
        for _ in range(10):
            if f"> {title}" in person.screen:
                break
            await person.press("down")
        await person.press("enter")
        await person.see(f"Users / Access / {title}", row)
        await person.press("enter")
        await person.see(page)


async def test_a_finding_of_which_there_is_none_says_so(start: Start, file: object) -> None:
    open_database(str(file))
    close_database()
    async with start() as person:
        await person.press("4")
        await person.see("No users yet (press 1, then n).")
        await person.press("f")
        await person.see("10 kinds")
        await person.press("enter")
        await person.see("Nothing to show.")


async def test_a_search_among_findings_that_finds_nothing_says_how_to_show_all_again(start: Start, rules: Shop) -> None:
    async with start(section="4") as person:
        await person.press("f")
        await person.see("10 kinds")
        await person.press("slash")
        await person.paste("zzz")
        await person.see("Nothing found for “zzz”. Esc shows all again.")
        await person.press("escape")
        await person.see("10 kinds")
        await person.press("escape")
        await person.see(">● anna@shop.example")


async def test_a_star_in_the_path_of_a_user_means_all_and_in_part_is_said(start: Start, rules: Shop) -> None:
    rules.sql("DELETE FROM spy_acl_rule WHERE bundle = 'customer' AND type = 1 AND fk_acl_role = 2")
    async with start(size=(100, 40), section="4") as person:
        await open_access(person)
        await enter_path(person, "customer/*/index")
        await person.see("◐ partly  customer/*/index", "Mixed. Everything else: ")
        await enter_path(person, "sales/*/index")
        await person.see("✓ allowed  sales/*/index", "Group “Sales” allows it")


async def test_y_copies_an_e_mail_of_who_may(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.paste("user/index/index")
        await person.press("f")
        await person.see(">● anna@shop.example")
        await person.press("y")
        await person.see("“anna@shop.example” was sent")


async def test_a_users_access_stays_open_where_the_database_is_away(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="4") as person:
        await person.press("enter")
        await person.see("Users / Access / anna@shop.example", "Verdict")
        await person.press("end")
        line = person.line("> ")
        with lost(monkeypatch, explain, "of_user"):
            await person.press("r")
            await person.see("The database cannot be reached.", "Users / Access / anna@shop.example")
        await person.see("The database is back.", line)


async def test_who_may_says_that_it_could_not_be_worked_out(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.see("Users / Access / Who may")
        monkeypatch.setattr(verdicts, "users_by_verdict", away)
        await person.paste("user/index/index")
        await person.see("The database cannot be reached.")
        await person.miss("Calculating")


async def test_a_paste_that_is_no_path_leaves_what_was_typed(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("p")
        await person.type("cms-gui/edit/x")
        await person.paste("one\ntwo")
        await person.see("! A text of several lines was pasted", "cms-gui/edit/x")


async def test_what_a_finding_lists_keeps_the_cursor_over_a_page_opened_from_it(start: Start, shop: None) -> None:
    async with start(section="4") as person:
        await person.press("f")
        await person.see("Findings", "kinds")
        await person.press("enter")
        await person.see(">● anna@shop.example")
        await person.press("down", "enter")
        await person.see("Edit User", "bert@shop.example")
        await person.press("escape")
        await person.see(">○ bert@shop.example")


@pytest.mark.parametrize("location", ["postgres"], indirect=True)
async def test_on_postgresql_it_is_said_that_the_order_of_groups_is_not_fixed(start: Start, location: str) -> None:
    shop = Shop(location, "postgres")
    shop.roles("Sales")
    async with start(section="4") as person:
        await person.press("p")
        await person.see("Users / Access / Who may", "PostgreSQL may use another order")
