"""Whether a value that was read from a file has the shape that its reader relies on."""

from collections.abc import Callable
from typing import Any, TypeAlias

from tui.terminal.capabilities import MAX_PASTED

Shape: TypeAlias = "type | dict[str, Shape] | list[Shape] | tuple[Shape, ...] | Callable[[Any], bool] | None"
"""A type, a dict with at least these keys, a list of this length, one of several, a test, or None."""


def fits(value: Any, shape: Shape) -> bool:
    """Whether the value has the shape."""
    if shape is None or isinstance(shape, type):
        return value is None if shape is None else type(value) is shape
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, dict):
        return type(value) is dict and all(name in value and fits(value[name], part) for name, part in shape.items())
    if isinstance(shape, list):
        return type(value) is list and len(value) == len(shape) and all(map(fits, value, shape))
    return shape(value)


def is_text(value: Any) -> bool:
    """Whether it is a text that a field may hold."""
    return type(value) is str and len(value) <= MAX_PASTED and not any("\ud800" <= char <= "\udfff" for char in value)


def is_id(value: Any) -> bool:
    """Whether it may be the id of a row."""
    return type(value) is int and 0 <= value < 2**31


def are_names(value: Any) -> bool:
    """Whether it has names by their ids; JSON's keys are texts."""
    ids = value if type(value) is dict else {"": ""}
    return all(id.isascii() and id.isdigit() and len(id) < 10 and is_text(name) for id, name in ids.items())


def each(shape: Shape) -> Callable[[Any], bool]:
    """Whether it is a list, and each of its items has the shape."""
    return lambda value: type(value) is list and all(fits(item, shape) for item in value)


def is_one_of(*values: Any) -> Callable[[Any], bool]:
    """Whether it is one of these texts or numbers."""
    return lambda value: any(type(value) is type(one) and value == one for one in values)
