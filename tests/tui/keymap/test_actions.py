"""Bindings that know whether their action works now."""

from collections.abc import Iterator

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widget import Widget

from tui import key_table
from tui.app import BackOffice
from tui.keymap.actions import Action, check_enabled, why_not


class Door(Widget):
    check_action = check_enabled
    state: bool | str | None = True
    BINDINGS = [
        Action("o,enter", "open", "Open", enabled=lambda door: door.state),
        Action("l", "turn('left')", "Left", enabled=lambda door: None),
        Binding("r", "turn('right')", "Right"),
    ]


class Gate(Door):
    BINDINGS = [Binding("g", "open", "Open the gate"), Action("l", "turn('left')", "Left", enabled=lambda gate: False)]


def test_an_action_works_is_dim_or_is_not_there_as_its_binding_says_now() -> None:
    door = Door()
    for state in (True, None, False):
        door.state = state
        assert door.check_action("open", ()) is state


def test_a_text_says_why_an_action_does_not_work_now() -> None:
    door = Door()
    assert why_not(door, "open") == ""
    door.state = "locked"
    assert door.check_action("open", ()) is None
    assert why_not(door, "open") == "locked"


def test_a_condition_is_for_the_parameters_of_its_binding_alone() -> None:
    assert Door().check_action("turn", ("left",)) is None
    assert Door().check_action("turn", ("right",)) is True


def test_the_nearest_class_that_has_a_condition_decides_and_other_keys_keep_it() -> None:
    gate = Gate()
    gate.state = None
    assert gate.check_action("open", ()) is None
    assert gate.check_action("turn", ("left",)) is False
    assert Door().check_action("turn", ("left",)) is None


def _below(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in node.__subclasses__():
        yield each
        yield from _below(each)


def test_every_condition_of_the_program_is_asked() -> None:
    list(key_table._chains(BackOffice))  # every page is there now
    for node in set(_below(DOMNode)):
        actions = [each for each in vars(node).get("BINDINGS", ()) if isinstance(each, Action)]
        assert not actions or node.check_action is check_enabled, node
        assert not any(parse(each.action)[0] for each in actions), f"{node} is not who is asked"
