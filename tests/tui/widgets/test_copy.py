"""y copies what the highlighted row is known by, as it is shown."""

from pathlib import Path

from tests.tui.conftest import Sql, Start


async def test_the_name_of_a_group_or_role_the_e_mail_of_a_user_and_the_path_of_a_rule(
    start: Start, shop: None, sql: Sql
) -> None:
    sql("UPDATE spy_acl_group SET name = '[red]Äpfel' || char(27) WHERE name = 'Äpfel'")
    sql("INSERT INTO spy_acl_user_has_group SELECT 2, id_user FROM spy_user WHERE first_name = 'Bert'")
    sql(
        "INSERT INTO spy_acl_rule (fk_acl_role, bundle, controller, action, type) VALUES (2, 'cms-gui', '*', 'edit', 0)"
    )
    async with start() as person:
        await person.press("y")
        await person.see("“[red]Äpfel␛” was sent to the terminal's clipboard.", "as the signs shown")
        assert person.app.clipboard == "[red]Äpfel␛"
        await person.press("down", "down", "y")
        await person.see("> Administrators group (root_group)", "“root_group” was sent")
        await person.press("k", "enter")
        await person.see("Edit Group", "bert@shop.example")
        await person.press("tab", "tab", "y")
        await person.see("“bert@shop.example” was sent")
        await person.press("escape", "1")
        await person.see(">● anna@shop.example")
        await person.press("y")
        assert person.app.clipboard == "anna@shop.example"
        await person.press("3")
        await person.see("> CMS editor")
        await person.press("y", "enter")
        assert person.app.clipboard == "CMS editor"
        await person.see("Edit Role", "> cms-gui")
        await person.press("tab", "tab", "tab", "tab", "tab", "y")
        assert person.app.clipboard == "cms-gui/*/edit"


async def test_the_reason_why_a_row_of_an_import_cannot_be_written(start: Start, shop: None, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("nora@shop.example,Nora,Owl,No such group\n")
    async with start(section="1") as person:
        await person.press("i")
        await person.type(str(file))
        await person.press("enter")
        await person.see("1 row of 1 cannot be written", ">      1  ")
        await person.press("y")
        assert "No such group" in person.app.clipboard and "nora" not in person.app.clipboard


async def test_where_nothing_is_highlighted_nothing_is_copied(start: Start) -> None:
    async with start(section="1") as person:
        await person.see("No users yet")
        await person.press("y")
        assert person.app.clipboard == "" and "clipboard" not in person.screen
