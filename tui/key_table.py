"""The table [keys] of the config file: validated, and with all keys that it can have.

It takes all pages to know all bindings: this is loaded when the first page is there, if it is needed at all.
"""

import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tui.keymap.keys import printed
from tui.textual_compat import bindings_of
from tui.widgets.search_field import SearchField

_Chain = list[list[Binding]]
"""The bindings of a widget, of its page and of the app: those that can apply at the same time."""


def check(app: type[DOMNode], changes: Mapping[str, str], key_set: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with changes to a set, by the ids of their bindings: those are better left out."""
    chains = list(_chains(app))
    known = {binding.id: binding for chain in chains for part in chain for binding in part}
    wrong: dict[str, str] = {}
    for id, keys in changes.items():
        if id not in known:
            wrong[id] = "unknown id"
        elif known[id].priority and any(len(printed(key)) == 1 or key == "space" for key in keys.split(",")):
            wrong[id] = "also works in text fields, where a letter is text"
    while True:
        remaining = {id: keys for id, keys in changes.items() if id not in wrong}
        clash = next(_clashes(remaining, key_set, chains), None)
        if clash is None:
            return wrong
        wrong |= [clash]


def _clashes(
    changes: Mapping[str, str], key_set: Mapping[str, str], chains: Iterable[_Chain]
) -> Iterator[tuple[str, str]]:
    """The changed bindings with a key that another one has, where both can apply."""

    def keys(binding: Binding, *keymaps: Mapping[str, str]) -> set[str]:
        id = binding.id or ""
        return set(next((keymap[id] for keymap in keymaps if id in keymap), binding.key).split(","))

    for chain in chains:
        bindings = [binding for part in chain for binding in part]
        for one in bindings:
            for other in bindings if one.id in changes else ():
                common = keys(one, changes, key_set) & keys(other, changes, key_set)
                by_design = keys(one, key_set) & keys(other, key_set)  # one of them comes before the other
                if common and not by_design and other.action != one.action:
                    yield one.id or "", f"{printed(min(common))} is already used by {other.id or other.description}"


def _chains(app: type[DOMNode]) -> Iterator[_Chain]:
    """Every place where a key may be pressed: each widget with keys of its own, on each page that has it."""
    of_app = _bindings(app)
    rooms = {room: Path(__file__).with_name(room) for room in ("access", "dialogs", "forms", "history", "lists")}
    names = [f"tui.{room}.{module.name}" for room, path in rooms.items() for module in pkgutil.iter_modules([path])]
    for module in map(import_module, [*names, "tui.palette"]):
        widgets: list[type[Widget]] = [SearchField, *_widgets(module)]
        parts = [part for widget in widgets for part in _widgets(sys.modules[widget.__module__])]
        for screen in _classes(module):
            if issubclass(screen, Screen) and screen.__module__ == module.__name__:
                yield [_bindings(screen), of_app]
                for widget in dict.fromkeys([*widgets, *parts]):
                    bindings = _bindings(widget)
                    actions = [binding.action.partition("(")[0] for binding in bindings]
                    of_screen = [action.removeprefix("screen.") for action in actions if action.startswith("screen.")]
                    if all(hasattr(screen, f"action_{action}") for action in of_screen):
                        yield [bindings, _bindings(screen), of_app]


def _classes(module: ModuleType) -> list[type[Widget]]:
    return [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, Widget)]


def _widgets(module: ModuleType) -> list[type[Widget]]:
    """Those that a module has or imports."""
    return [item for item in _classes(module) if not issubclass(item, Screen) and item.__module__.startswith("tui.")]


def _bindings(node: type[DOMNode]) -> list[Binding]:
    """The bindings of a class and those it has from others, each with all of its keys."""
    bindings: dict[tuple[str | None, str], Binding] = {}
    for key, binding in bindings_of(node):
        known = bindings.setdefault((binding.id, binding.action), binding)
        if known is not binding:
            bindings[binding.id, binding.action] = replace(known, key=f"{known.key},{key}")
    return list(bindings.values())


def as_settings(app: type[DOMNode], keymap: Mapping[str, str]) -> Iterator[str]:
    """All keys as a table for the config file, with what each is for."""
    bindings = {binding.id: binding for chain in _chains(app) for part in chain for binding in part if binding.id}
    yield "[keys]"
    for id, binding in sorted(bindings.items()):
        yield f'"{id}" = "{keymap.get(id, binding.key)}"  # {binding.tooltip}'
