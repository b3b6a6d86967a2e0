"""Edit User resets second factors, after a question, where the user has any."""

from pathlib import Path

from models.changes import history
from models.changes.journal import Journal
from tests.conftest import Shop
from tests.tui.conftest import Sql, Start
from tui.config import Source


async def test_second_factors_are_reset_after_a_question(start: Start, shop: None, file: Path) -> None:
    whole = Shop(str(file)).whole()
    whole.insert("spy_user_multi_factor_auth", "fk_user, type", [(1, "email"), (1, "app"), (2, "email")])
    async with start(to=whole.location, section="1") as person:
        await person.press("enter")
        await person.see("Edit User")
        button = person.page.query_one("#reset-mfa")
        assert button.display
        button.focus()
        await person.press("enter")
        await person.see("Reset the second factors of the user", "2 second factors will be deleted")
        await person.press("n")
        assert whole.sql("SELECT count(*) FROM spy_user_multi_factor_auth") == [3]
        await person.press("enter")
        await person.see("Reset the second factors of the user")
        await person.press("y")
        await person.see("2 second factors were deleted.")
        assert whole.sql("SELECT fk_user FROM spy_user_multi_factor_auth") == [2]
        assert not button.display


async def test_the_question_takes_the_reason_where_one_is_needed(
    start: Start, shop: None, file: Path, tmp_path: Path
) -> None:
    whole = Shop(str(file)).whole()
    whole.insert("spy_user_multi_factor_auth", "fk_user, type", [(1, "email")])
    source = Source("", mark="production", asks_reason=True)
    recorder = Journal(tmp_path / "history")
    async with start(to=whole.location, section="1", source=source, recorder=recorder) as person:
        await person.press("enter")
        await person.see("Edit User")
        person.page.query_one("#reset-mfa").focus()
        await person.press("enter")
        await person.see("Reset the second factors of the user", "Reason")
        await person.type("lost her phone")
        await person.press("enter")
        await person.see("1 second factor was deleted.")
    (record,) = history.records(tmp_path / "history")
    assert record.intent["reason"] == "lost her phone"


async def test_without_second_factors_there_is_nothing_to_reset(start: Start, shop: None, sql: Sql) -> None:
    async with start(section="1") as person:
        await person.press("enter")
        await person.see("Edit User")
        assert not person.page.query_one("#reset-mfa").display
