"""Toasts are seen whole, say how grave they are, cover nothing that matters, and go when they have been read."""

import pytest
from textual.events import Key
from textual.notifications import Notify

from tests.tui.conftest import Person, Start
from tui.messages import TimedNotification


def age(person: Person, seconds: float) -> None:
    """Let all messages have appeared so many seconds earlier."""
    for message in person.app.messages:
        message.appeared -= seconds


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
        toast = TimedNotification("It is over.", timeout=30)
        person.app.post_message(Notify(toast))
        await person.see("It is over.")
        monkeypatch.setattr(type(toast), "has_expired", False)  # as at the moment in which it is asked
        toast.raised_at -= 40
        await person.press("n")
        await person.see("Create new Group")
        await person.miss("It is over.")
        await person.press("escape")
        await person.see("/ to search")


async def test_a_success_goes_with_the_first_key_pressed_two_seconds_after_it_came(start: Start, shop: None) -> None:
    async with start() as person:
        person.app.notify("Done.")
        await person.see("▌ Done.")
        await person.press("down", "up")
        await person.see("▌ Done.")
        age(person, 2)
        early = Key("down", None)
        early.time -= 1  # it waited in a queue
        person.app.post_message(early)
        await person.settle()
        await person.see("▌ Done.")
        await person.press("down")
        await person.miss("▌ Done.")
        await person.see("> Sales")


async def test_a_success_lasts_ten_seconds_and_what_is_wrong_thirty(start: Start) -> None:
    async with start() as person:
        for severity, seconds in (("information", 10), ("warning", 30), ("error", 30)):
            person.app.notify("It is so.", severity=severity, timeout=1)
            assert [message.timeout for message in person.app.messages][-1] == seconds


async def test_escape_is_for_one_thing_messages_marks_search_filter_then_back(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("f")
        await person.see("1 active user")
        await person.press("slash", *"anna", "enter")
        await person.see("1 found")
        await person.press("space")
        await person.see("1 selected")
        person.app.notify("Careful.", severity="warning")
        await person.see("▌ Note: Careful.")
        age(person, 20)
        await person.press("down")
        await person.see("▌ Note: Careful.")
        await person.press("escape")
        await person.miss("Careful.")
        await person.see("1 selected")
        await person.press("escape")
        await person.see("1 found")
        await person.press("escape")
        await person.see("1 active user")
        await person.press("escape")
        await person.see("3 users", "carla@shop.example")


async def test_an_escape_pressed_before_a_message_came_is_not_for_it(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("n")
        await person.see("Create new Group")
        early = Key("escape", None)
        early.time -= 1
        person.app.notify("Careful.", severity="warning")
        await person.see("▌ Note: Careful.")
        person.app.post_message(early)
        await person.see("/ to search", "▌ Note: Careful.")


async def test_in_a_dialog_escape_cancels_at_once(start: Start, shop: None) -> None:
    async with start() as person:
        await person.press("d")
        await person.see("Delete the group “Content team”?")
        person.app.notify("Careful.", severity="warning")
        await person.see("▌ Note: Careful.")
        await person.press("escape")
        await person.miss("Delete the group “Content team”?", "Careful.")


async def test_a_message_is_drawn_once_where_a_dialog_is_opened_over_it(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("n")
        await person.see("Create", "0 of 4")
        await person.type("a")
        await person.press("shift+tab", "shift+tab", "shift+tab")
        person.app.notify("Careful.", severity="warning")
        await person.see("▌ Note: Careful.")
        assert "▌" in person.screen.splitlines()[2]
        await person.press("ctrl+q")
        await person.wait(lambda: "▌" in person.screen.splitlines()[-2], "the message beside the dialog")
        await person.wait(lambda: person.screen.count("Careful.") == 1, "one message")
        await person.press("n")
        await person.wait(lambda: not person.app.screen.is_modal, "the page")
        person.app.notify("Careful.", severity="warning")
        await person.see("▌ Note: Careful.")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_a_message_never_covers_the_row_that_has_the_focus(
    start: Start, shop: None, size: tuple[int, int]
) -> None:
    async with start(size=size) as person:
        for number in range(3):
            person.app.notify(f"Careful {number}: {'text ' * 20}", severity="warning")
        await person.see("▌ Note: Careful 2")
        for key in ("end", "home", "down", "down", "down"):
            await person.press(key)
            await person.wait(lambda: person.line("> ") and "▌" not in person.line("> "), "the row in full")
            name = person.page.records.current.label
            await person.see(f"> {name[:12]}")
            await person.see("▌ Note: Careful 2")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_a_message_never_covers_the_field_that_has_the_focus(
    start: Start, shop: None, size: tuple[int, int]
) -> None:
    def focused_lines(person: Person) -> list[str]:
        field = person.focused.region
        lines = range(field.y, field.bottom) if field.height == 1 else [person.app.cursor_position.y]
        screen = person.screen.splitlines()
        return [screen[line] if line < len(screen) else "▌ (below the screen)" for line in lines]

    async with start(size=size, section="1") as person:
        await person.press("n")
        await person.see("Create", "0 of 4")
        person.app.notify(f"Careful: {'text ' * 20}", severity="warning")
        visited = []
        while (person.focus, person.focused) not in visited:
            visited.append((person.focus, person.focused))
            await person.see("▌ Note: Careful")
            await person.wait(lambda: all("▌" not in line for line in focused_lines(person)), "the field in full")
            if size[1] > 12:  # where there is room beside the field
                await person.wait(lambda: "▌" not in person.screen.splitlines()[-2], "Save and Cancel in full")
            await person.press("tab")
        assert {"email", "groups", "is_warehouse_user", "save", "cancel"} <= {id for id, _ in visited}


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
@pytest.mark.parametrize("key", ["d", "c", "question_mark"])
async def test_a_message_never_covers_a_dialog(start: Start, shop: None, size: tuple[int, int], key: str) -> None:
    async with start(size=size) as person:
        person.app.notify(f"Careful: {'text ' * 20}", severity="warning")
        await person.see("▌ Note: Careful")
        await person.press(key)
        await person.see("─┐", "─┘", "▌ Note: Careful")
        lines = person.screen.splitlines()
        top = next(place for place, line in enumerate(lines) if "─┐" in line)
        bottom = next(place for place, line in enumerate(lines) if "─┘" in line)
        assert bottom > top + 2
        assert all("▌" not in line for line in lines[top : bottom + 1]), person.screen
        if key != "question_mark":
            assert "Cancel" in person.screen
