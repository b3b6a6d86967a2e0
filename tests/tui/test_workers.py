"""Questions asked off the event loop, of which only the latest counts."""

import asyncio
import threading
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from models.errors import ShopError
from tui.workers import LatestOnly

PAGE: Any = SimpleNamespace(is_attached=True, is_running=True, screen=SimpleNamespace(display=True))
"""As much of a page as is asked for."""


async def test_one_question_is_under_way_and_of_those_behind_it_only_the_latest_is_asked() -> None:
    latest, go_on, asked = LatestOnly(PAGE), threading.Event(), []

    def question(number: int) -> int:
        asked.append(number)
        assert go_on.wait(10)
        return number

    tasks = [asyncio.create_task(latest.run(partial(question, number))) for number in range(5)]
    while not asked:
        await asyncio.sleep(0)
    tasks.append(asyncio.create_task(latest.run(lambda: question(5))))
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*tasks) == [None] * 5 + [5]
    assert asked == [0, 5], "the others fell away"


async def test_a_question_that_fails_does_not_hold_up_the_next() -> None:
    latest = LatestOnly(PAGE)
    with pytest.raises(ZeroDivisionError):
        await latest.run(lambda: 1 // 0)
    assert await latest.run(lambda: 1) == 1


async def test_what_was_asked_before_it_is_forgotten_is_not_told() -> None:
    latest, go_on = LatestOnly(PAGE), threading.Event()
    task = asyncio.create_task(latest.run(lambda: go_on.wait(10)))
    await asyncio.sleep(0)
    latest.forget()
    go_on.set()
    assert await task is None


@pytest.mark.parametrize("failure", [None, ShopError("gone")])
async def test_what_is_answered_after_its_page_was_closed_is_not_told(failure: ShopError | None) -> None:
    page: Any = SimpleNamespace(**vars(PAGE))
    go_on = threading.Event()

    def question() -> str:
        assert go_on.wait(10)
        if failure is not None:
            raise failure
        return "answer"

    task = asyncio.create_task(LatestOnly(page).run(question))
    await asyncio.sleep(0)
    page.is_attached = False
    go_on.set()
    assert await task is None
