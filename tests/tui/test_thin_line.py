"""Sessions over all pages: after every frame the terminal shows what it would show over Textual's own driver."""

import os
import random
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from models import passwords
from models.database import close_database, open_database
from models.demo import fill
from tests.emulator import Line
from tests.tui.conftest import Person, Start
from tests.tui.test_monkey import SIZES, Monkey

SEED = int(os.environ.get("MONKEY_SEED", "20261124"))
STEPS = int(os.environ.get("MONKEY_STEPS", "120"))


class Watched(HeadlessDriver):
    """Textual believes in a terminal, and there are two; after every frame both are compared."""

    def __init__(self, *arguments: Any, size: tuple[int, int], **options: Any) -> None:
        self.line = Line(*size)
        self.frames = 0
        self.lost = True  # until Textual draws the whole screen
        super().__init__(*arguments, size=size, **options)

    is_headless = False  # type: ignore[assignment]
    can_suspend = True  # type: ignore[assignment]

    @property  # type: ignore[override]
    def _size(self) -> tuple[int, int]:
        return self.line.size

    @_size.setter
    def _size(self, size: tuple[int, int]) -> None:
        if tuple(size) != self.line.size:
            self.line.resize(*size)
            self.lost = True

    def write(self, data: str) -> None:
        self.line.write(data)
        if data.endswith("H"):  # a frame
            self.frames += 1
            self.lost = self.lost and data.count("\n") < self.line.size[1] - 1
            if not self.lost:
                self.line.check()

    def redraw(self) -> None:
        self.line.redraw()

    def suspend_application_mode(self) -> None:
        self.write("\x1b[?1049l")
        self.lost = True
        self.line.meanwhile("\x1b[1;1H$ ls\nshop.db\n")

    def resume_application_mode(self) -> None:
        self.write("\x1b[?1049h")


@pytest.fixture
def watched(start: Start, file: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start the program on a full shop, and watch both lines."""
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", Watched)
    monkeypatch.setattr(passwords, "hashed", lambda password: "$2y$12$" + "x" * 53)
    open_database(str(file))
    fill()
    close_database()
    return start


async def suspend(person: Person) -> None:
    """Another program runs in between."""
    with person.app.suspend():
        pass
    await person.wait(lambda: not person.app._driver.lost, "the whole screen")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_random_keys_resizes_and_suspends_on_all_pages_show_the_same_as_textual_alone(
    watched: Start, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED + size[0])
    async with watched(size=size) as person:
        driver = person.app._driver
        assert isinstance(driver, Watched)
        person.app._sync_available = size != (80, 24)
        monkeypatch.setattr(person.app, "exit", lambda *_, **__: None)
        monkey = Monkey(person, chance)
        try:
            for act in monkey.acts:
                await act()
                await person.press("ctrl+l")
                await person.pilot.resize_terminal(*chance.choice(SIZES))
                await suspend(person)
                await person.pilot.resize_terminal(*size)
            monkey.mischief = 0.3
            for _ in range(STEPS):
                await monkey.step()
        finally:
            print(f"MONKEY_SEED={SEED}, last: {monkey.done}, {driver.frames} frames, visited: {monkey.visited}")
        await person.settle()
        assert person.screen.split("\n") == driver.line.ours.text.split("\n")
    assert driver.frames > 300
    assert len(monkey.visited) >= 14
    assert driver.line.sent < driver.line.written / 2
