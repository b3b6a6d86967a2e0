"""Bindings that know whether their action works now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode

Condition = Callable[[Any], bool | str | None]

NO_ROW = "no row is highlighted"
NOT_RECORDED = "changes are not recorded here"


def changeable(page: Any) -> bool | str:
    """The condition that the database of a page can be written; where it is locked the action asks first."""
    return page.app.why_unwritable if page.read_only else True


def writable(page: Any) -> bool | str:
    """The condition that the database of a page can be written now."""
    return page.app.why_unwritable or True


def is_recorded(page: Any) -> bool | str:
    """The condition that changes are recorded; those of a sample shop are not."""
    return NOT_RECORDED if page.app.history_folder is None else True


def has_row(row: Any) -> bool | str:
    """The condition that a row is highlighted."""
    return NO_ROW if row is None else True


def can_change(page: Any, row: Any) -> bool | str | None:
    """The condition that a row is highlighted, on a database that can be written."""
    return all_of(writable(page), has_row(row))


def all_of(*answers: bool | str | None) -> bool | str | None:
    """Of several conditions the first that does not hold."""
    return next((answer for answer in answers if answer is not True), True)


@dataclass(frozen=True)
class Action(Binding):
    """A binding whose action does not always work; `enabled` is called with the page or widget that declares it.

    True: it works. A text or None: not now, and it is shown dim; the text says why, in the last line where its key is
    pressed. False: it is not there, and its key is free for what is above.
    A subclass that binds other keys to the action, with a plain `Binding`, keeps the condition.
    """

    enabled: Condition = field(kw_only=True)


def check_enabled(self: DOMNode, action: str, parameters: tuple[object, ...]) -> bool | None:
    """Whether an action works now; the `check_action` of a class with `Action`s, and of its subclasses.

    Textual asks for every binding each time that the focus moves.
    """
    enabled = _conditions(type(self)).get((action, parameters))
    answer = True if enabled is None else enabled(self)
    return None if isinstance(answer, str) else answer


def why_not(node: DOMNode, action: str) -> str:
    """Why an action of a binding does not work now; empty where that is not said."""
    _, name, parameters = parse(action)
    enabled = _conditions(type(node)).get((name, parameters))
    answer = None if enabled is None else enabled(node)
    return answer if isinstance(answer, str) else ""


@cache
def _conditions(node: type[DOMNode]) -> Mapping[tuple[str, tuple[object, ...]], Condition]:
    """The conditions by action and parameters, those of subclasses first: Textual's copies of bindings lack them."""
    declared = [binding for owner in reversed(node.__mro__) for binding in vars(owner).get("BINDINGS", ())]
    return {parse(each.action)[1:]: each.enabled for each in declared if isinstance(each, Action)}
