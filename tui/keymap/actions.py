"""Bindings that know whether their action works now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode

Condition = Callable[[Any], bool | None]


@dataclass(frozen=True)
class Action(Binding):
    """A binding whose action does not always work; `enabled` is called with the page or widget that declares it.

    True: it works. None: not now, and it is shown dim. False: it is not there, and its key is free for what is above.
    A subclass that binds other keys to the action, with a plain `Binding`, keeps the condition.
    """

    enabled: Condition = field(kw_only=True)


def check_enabled(self: DOMNode, action: str, parameters: tuple[object, ...]) -> bool | None:
    """Whether an action works now; the `check_action` of a class with `Action`s, and of its subclasses.

    Textual asks for every binding each time that the focus moves.
    """
    enabled = _conditions(type(self)).get((action, parameters))
    return True if enabled is None else enabled(self)


@cache
def _conditions(node: type[DOMNode]) -> Mapping[tuple[str, tuple[object, ...]], Condition]:
    """The conditions by action and parameters, those of subclasses first: Textual's copies of bindings lack them."""
    declared = [binding for owner in reversed(node.__mro__) for binding in vars(owner).get("BINDINGS", ())]
    return {parse(each.action)[1:]: each.enabled for each in declared if isinstance(each, Action)}
