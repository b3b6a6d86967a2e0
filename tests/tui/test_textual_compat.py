"""What tui/textual_compat.py takes from Textual is there and works as it is used; no other private name is used."""

import ast
import asyncio
import importlib
import inspect
import os
import pkgutil
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.keys import Keys
from textual.notifications import Notification
from textual.widget import Widget
from textual.widgets import Input

import tui
from tui import textual_compat
from tui.textual_compat import (
    ANSI_SEQUENCES_KEYS,
    FUNCTIONAL_KEYS,
    ShownInput,
    WithoutTraceback,
    bindings_of,
    driver_of,
    key_name,
    new_parser,
    remove_notification,
    set_terminal_size,
    signal_resume,
    wrap_output,
)


def test_ansi_sequences_keys_has_keys_by_their_older_sequences_and_what_the_keypad_prints() -> None:
    assert ANSI_SEQUENCES_KEYS["\x1b[23~"] == (Keys.F11,)
    assert ANSI_SEQUENCES_KEYS["\x1b"] == (Keys.Escape,)
    assert ANSI_SEQUENCES_KEYS["\x1bOk"] == "+"


def test_functional_keys_has_keys_by_their_number_and_kind_in_kittys_protocol() -> None:
    assert [FUNCTIONAL_KEYS.get(code) for code in ("13u", "27u", "3~", "1A", "97u")] == [
        *("enter", "escape", "delete", "up"),
        None,
    ]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("ab", [("a", "a"), ("b", "b")]),
        ("?", [("question_mark", "?")]),
        ("\x1b[1092;5;u", [("ctrl+ф", None)]),
        ("\x1b[97;2;65u", [("A", "A")]),
        ("\x1b[97;5;u", [("ctrl+a", None)]),
        ("\x1b[13;;u", [("enter", "\r")]),
        ("\x1b[1;2;A", [("shift+up", None)]),
    ],
)
def test_new_parser_reads_keys_and_waits_for_nothing_more(sent: str, expected: list[tuple[str, str | None]]) -> None:
    parser = new_parser()
    keys = [event for event in [*parser.feed(sent), *parser.feed("z")] if isinstance(event, events.Key)]
    assert [(key.key, key.character) for key in keys] == [*expected, ("z", "z")]


def test_new_parser_reads_the_mouse_in_cells_unless_told_otherwise() -> None:
    parser = new_parser()
    (resize,) = parser.feed("\x1b[48;24;80;480;800t")
    assert isinstance(resize, events.Resize) and resize.size == (80, 24)
    (mouse,) = parser.feed("\x1b[<0;101;41M")
    assert isinstance(mouse, events.MouseDown) and (mouse.x, mouse.y) == (10, 2)
    parser.mouse_pixels = False
    (mouse,) = parser.feed("\x1b[<0;101;41M")
    assert isinstance(mouse, events.MouseDown) and (mouse.x, mouse.y) == (100, 40)


@pytest.mark.parametrize("character", ["?", "/", "a", "É", "+", "~"])
def test_key_name_names_a_key_as_bindings_do(character: str) -> None:
    (binding,) = Binding.make_bindings([(character, "act", "Act")])
    assert key_name(character) == binding.key


class Parent(Widget):
    BINDINGS = [Binding("b,a", "first", "First", id="first")]


class Child(Parent):
    BINDINGS = [Binding("c", "second", "Second", id="second")]


class Stranger(Parent, inherit_bindings=False):
    BINDINGS = [Binding("d", "third", "Third", id="third")]


def test_bindings_of_has_the_keys_of_a_class_and_those_it_inherits_in_order() -> None:
    assert [(key, binding.id) for key, binding in bindings_of(Child)][-3:] == [
        *(("b", "first"), ("a", "first"), ("c", "second")),
    ]
    assert [(key, binding.id) for key, binding in bindings_of(Stranger)] == [("d", "third")]


class Stars(Highlighter):
    def highlight(self, text: Text) -> None:
        text.plain = StarInput.stars(text.plain)


class StarInput(ShownInput, Input):
    """An input that shows a character as two cells, whatever it is."""

    @staticmethod
    def stars(text: str) -> str:
        return "漢" * len(text)

    @property
    def displayed(self) -> str:
        return self.stars(self.value)


class OneInput(App[None]):
    def compose(self) -> ComposeResult:
        yield StarInput("abcdef", highlighter=Stars(), compact=True, select_on_focus=False)


async def test_shown_input_puts_the_cursor_and_clicks_where_what_is_shown_is() -> None:
    app = OneInput()
    async with app.run_test(size=(20, 4)) as pilot:
        field = app.query_one(StarInput)
        assert "漢漢漢" in field.render_line(0).text
        field.cursor_position = 3
        assert field.cursor_screen_offset.x - field.content_region.x == 6
        await pilot.click(StarInput, offset=(9, 0))
        assert field.cursor_position == 4
        field.value = "a" * 30
        field.cursor_position = 20
        await pilot.pause()
        assert 0 <= 40 - field.scroll_offset.x < 20


@pytest.fixture
def handlers() -> Iterator[None]:
    """The handlers of signals are those of before afterwards."""
    names = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTOU, signal.SIGTTIN)
    before = {name: signal.getsignal(name) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.fixture
async def driver(handlers: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Textual's driver on a terminal of its own; what it tells the app is in `heard`."""
    if sys.platform == "win32":
        pytest.skip("has another driver")
    from textual.drivers.linux_driver import LinuxDriver

    ours, its = os.openpty()
    heard: list[Any] = []

    async def post(message: object) -> None:
        heard.append(message)

    with open(its, "r+b", buffering=0) as raw, os.fdopen(os.dup(its), "w") as output:
        monkeypatch.setattr(sys, "__stdin__", SimpleNamespace(fileno=raw.fileno, isatty=lambda: True))
        monkeypatch.setattr(sys, "__stderr__", output)
        driver: Any = LinuxDriver(SimpleNamespace(_post_message=post))  # type: ignore[arg-type]
        driver.heard = heard
        yield driver
        driver.stop_application_mode()
        driver.close()
    os.close(ours)


async def heard(driver: Any, kind: type, is_it: Callable[[Any], bool] = bool) -> Any:
    """The first message of a kind that the driver told the app."""
    end = time.monotonic() + 10
    while True:
        for message in driver.heard:
            if isinstance(message, kind) and is_it(message):
                return message
        assert time.monotonic() < end, f"never came: {kind.__name__}"
        await asyncio.sleep(0.01)


async def test_set_terminal_size_says_the_size_at_the_start_and_when_it_changes(driver: Any) -> None:
    sizes = [(123, 45)]
    set_terminal_size(driver, lambda: sizes[0])
    driver.start_application_mode()
    await heard(driver, events.Resize, lambda resize: resize.size == (123, 45))
    sizes[0] = (67, 23)
    os.kill(os.getpid(), signal.SIGWINCH)
    await heard(driver, events.Resize, lambda resize: resize.size == (67, 23))


async def test_wrap_output_sees_all_that_the_driver_writes(driver: Any) -> None:
    written: list[str] = []
    wrap_output(driver, lambda file: SimpleNamespace(fileno=file.fileno, write=written.append, flush=lambda: None))
    driver.start_application_mode()
    driver.write("to be seen")
    driver.flush()
    driver.close()
    assert "\x1b[?1049h" in "".join(written) and "to be seen" in written


async def test_signal_resume_tells_the_app_once_the_driver_has_the_terminal_again(driver: Any) -> None:
    signal_resume(driver)
    driver.start_application_mode()
    await heard(driver, Driver.SignalResume, lambda _: True)


class Failing(WithoutTraceback, App[None]):
    failure: Exception | None = None

    def failed(self, failure: Exception) -> None:
        self.failure = failure

    def on_mount(self) -> None:
        raise ValueError("s3cret")


async def test_without_traceback_an_app_that_fails_says_why_and_prints_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = Failing()
    with pytest.raises(ValueError, match="s3cret"):
        async with app.run_test():
            pass
    assert isinstance(app.failure, ValueError)
    assert "s3cret" not in "".join(capfd.readouterr())


async def test_driver_of_is_what_writes_to_the_terminal_while_the_app_runs() -> None:
    app: App[None] = App()
    assert driver_of(app) is None
    async with app.run_test():
        assert isinstance(driver_of(app), Driver)


async def test_remove_notification_takes_one_off_the_screen_and_leaves_the_other() -> None:
    app: App[None] = App()
    async with app.run_test(notifications=True) as pilot:
        app.notify("first")
        app.notify("second")
        await pilot.pause()
        shown: list[Notification] = list(app._notifications)
        remove_notification(app, shown[0])
        await pilot.pause()
        assert [toast.message for toast in app._notifications] == ["second"]
        assert len(app.screen.query("Toast")) == 1


MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(tui.__path__, "tui.")
    if module.name not in ("tui.__main__", textual_compat.__name__)
]
_PRIVATE = re.compile("_[a-z]").match


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_other_module_asks_for_a_private_name(module: ModuleType) -> None:
    asked = []
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            asked += [*str(node.module).split("."), *(name.name for name in node.names)]
        elif isinstance(node, ast.Attribute) and not _is_own(node.value):
            asked.append(node.attr)
    known = {"_replace", "_exit"}  # which named tuples and os have for all
    if module.__name__ == "tui.cli.parser":
        known |= {"_actions", "_SubParsersAction"}  # argparse has no other way to list the commands of a parser
    assert [name for name in asked if _PRIVATE(name) and name not in known] == []


def _is_own(node: ast.expr) -> bool:
    return ast.unparse(node) in ("self", "cls", "super()")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_class_has_a_private_name_that_textual_has_for_itself(module: ModuleType) -> None:
    """Neither on purpose nor by chance: an upgrade may bring a name that a class of ours has already."""
    classes: list[Any] = [own for own in vars(module).values() if inspect.isclass(own)]
    for own in classes:
        if own.__module__ == module.__name__:
            bases = [base for base in own.__mro__ if base.__module__.startswith(("textual.", "rich."))]
            theirs = {name for base in bases for name in _private_names(base)}
            assert _private_names(own) & theirs == set(), own.__name__


def _private_names(owner: type) -> set[str]:
    return _names_by_class(str(sys.modules[owner.__module__].__file__)).get(owner.__name__, set())


@cache
def _names_by_class(file: str) -> dict[str, set[str]]:
    """The private names that each class of a module defines, or asks of itself."""
    names = {}
    for owner in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(owner, ast.ClassDef):
            nodes = [*ast.walk(owner)]
            used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_own(node.value)}
            defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            names[owner.name] = {name for name in used | defined if _PRIVATE(name)}
    return names
