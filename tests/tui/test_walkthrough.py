"""The walk-through of the shop's guide, by keys alone: a role with rules, a group with it, a user in the group."""

import pytest

from tests import servers
from tests.conftest import Shop
from tests.tui.conftest import Start

PASSWORD = "Night-owl-2026"


@pytest.mark.slow
@pytest.mark.parametrize("location", ["sqlite", *servers.KINDS], indirect=True)
async def test_the_guides_walk_through_by_keys_ends_with_the_user_in_the_groups_pane(
    start: Start, location: str
) -> None:
    async with start() as person:
        await person.press("3")
        await person.see("Users / User Roles", "> root_role", "1 allow")
        await person.press("n")
        await person.see("Users / User Roles / Create new Role")
        await person.type("All but attributes")
        await person.press("ctrl+s")
        await person.see('Role "All but attributes" successfully added.', "Users / User Roles / Edit Role")
        await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")
        for part in "***":
            await person.type(part)
            await person.press("enter")
        assert person.focus == "permission"
        await person.press("enter")
        await person.see("Rule successfully added.", "1 rule")
        await person.wait(lambda: person.focus == "bundle", "the focus back in BUNDLE")
        for part in ("product-attribute-gui", "attribute", "create"):
            await person.type(part)
            await person.press("enter")
        await person.press("d", "enter")
        await person.see("2 rules", "> product-attrib", "deny")
        await person.press("escape")
        await person.see("> All but attributes", "1 allow, 1 deny")

        await person.press("2")
        await person.see("Users / User Groups", "> Administrators group")
        await person.press("n")
        await person.see("Users / User Groups / Create new Group", "All but attributes", "0 of 2")
        await person.type("Night shift")
        await person.press("tab")
        await person.type("attributes all")
        await person.see("1 found")
        await person.press("enter", "ctrl+s")
        await person.see("Group was created successfully.", "Users / User Groups / Edit Group")
        await person.see("Users assigned to this group will be shown here.")
        await person.press("escape")
        await person.see("> Night shift")

        await person.press("1")
        await person.see("Users / Users", "No users yet (press n)")
        await person.press("n")
        await person.see("Users / Users / Create new User", "0 of 2")
        await person.type("nora@shop.example")
        for value in (PASSWORD, PASSWORD, "Nora", "Owl"):
            await person.press("tab")
            await person.type(value)
        assert PASSWORD not in person.screen
        while person.focus != "groups":
            await person.press("tab")
        await person.type("night")
        await person.see("1 found", "> [ ] Night shift")
        await person.press("enter", "ctrl+s")
        await person.see(">● nora@shop.example", "Night shift", "N/A", "Active")
        await person.hear("User was created successfully. nora@shop.example")
        assert person.page.breadcrumb == "Users / Users"

        await person.press("2")
        await person.see("> Night shift")
        await person.press("enter")
        await person.see("Users / User Groups / Edit Group", "E-mail", "Name", "nora@shop.example")
        await person.pilot.resize_terminal(100, 24)
        await person.see("First Name", "Last Name", "E-mail", "Status")
        words = person.line("nora@shop.example").split()
        assert words[words.index("nora@shop.example") :] == ["nora@shop.example", "Nora", "Owl", "Active", "N/A"]

    shop = Shop(location, location.partition("://")[0] if "://" in location else "sqlite")
    rules = """
        SELECT bundle, controller, action, type FROM spy_acl_rule JOIN spy_acl_role ON id_acl_role = fk_acl_role
        WHERE name = 'All but attributes' ORDER BY id_acl_rule
    """
    assert shop.sql(rules) == [("*", "*", "*", 0), ("product-attribute-gui", "attribute", "create", 1)]
    chain = """
        SELECT username, first_name, last_name, status, g.name, r.name, locale_name
        FROM spy_user
        JOIN spy_acl_user_has_group m ON m.fk_user = id_user
        JOIN spy_acl_group g ON g.id_acl_group = m.fk_acl_group
        JOIN spy_acl_groups_has_roles h ON h.fk_acl_group = g.id_acl_group
        JOIN spy_acl_role r ON r.id_acl_role = h.fk_acl_role
        JOIN spy_locale ON id_locale = fk_locale
    """
    assert shop.sql(chain) == [("nora@shop.example", "Nora", "Owl", 0, "Night shift", "All but attributes", "en_US")]
    (hash,) = shop.sql("SELECT password FROM spy_user")
    assert hash.startswith("$2y$10$") and PASSWORD not in hash
    for table in ("user", "acl_role", "acl_group", "acl_rule"):
        assert shop.sql(f"SELECT count(*) FROM spy_{table}_archive") == [0]
