"""Toasts are seen whole, and say how grave they are."""

import pytest

from tests.tui.conftest import Start


async def test_no_line_of_a_toast_is_hidden_whatever_its_length(start: Start) -> None:
    async with start() as person:
        for length in range(54, 70):
            person.app.notify(f"{'x' * length} end{length}")
            await person.see(f"end{length}")
            person.app.clear_notifications()
            await person.miss(f"end{length}")


async def test_a_mark_before_the_text_tells_an_error_and_a_note_from_a_success(start: Start) -> None:
    async with start() as person:
        person.app.notify("Done.")
        person.app.notify("Careful.", severity="warning")
        person.app.notify("Failed.", severity="error")
        await person.see("▌ Done.", "▌ Note: Careful.", "▌ ! Failed.")


async def test_a_toast_whose_time_runs_out_while_the_page_changes_stops_nothing(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as person:
        person.app.notify("It is over.", timeout=0.3)
        await person.see("It is over.")
        (toast,) = person.app._notifications
        monkeypatch.setattr(type(toast), "has_expired", False)  # as at the moment in which it is asked
        toast.raised_at -= 10
        await person.press("n")
        await person.see("Create new Group")
        await person.miss("It is over.")
        await person.press("escape")
        await person.see("/ to search")
