"""Each private name of Textual that the program leans on still does what it is needed for."""

import pytest
from textual.app import App
from textual.driver import Driver
from textual.notifications import Notification, Notify

from tui.textual_compat import WithoutTraceback, driver_of, remove_notification


async def test_driver_of_is_what_writes_to_the_terminal_once_the_app_runs() -> None:
    app: App[None] = App()
    assert driver_of(app) is None
    async with app.run_test():
        assert isinstance(driver_of(app), Driver)


async def test_remove_notification_takes_one_and_leaves_the_others() -> None:
    app: App[None] = App()
    async with app.run_test(notifications=True) as pilot:
        first, second = Notification("first"), Notification("second")
        for notification in (first, second):
            app.post_message(Notify(notification))
        await pilot.pause()
        remove_notification(app, first)
        await pilot.pause()
        assert [str(toast.render()) for toast in app.query("Toast")] == ["second"]


class Failing(WithoutTraceback, App[None]):
    """Fails as soon as it runs, with an error that Textual prints, or one that prints itself."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.failures: list[Exception] = []

    def on_mount(self) -> None:
        raise self.error

    def failed(self, failure: Exception) -> None:
        self.failures.append(failure)


class Printing(Exception):
    def __rich__(self) -> str:
        return "a secret value"


@pytest.mark.parametrize("error", [RuntimeError("a secret value"), Printing()])
async def test_without_traceback_a_failure_ends_the_app_is_handed_on_and_prints_nothing(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Failing(error)
    await app.run_async(headless=True)
    assert app.failures == [error]
    assert "secret" not in "".join(capsys.readouterr())
