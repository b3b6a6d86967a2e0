"""Keys: the sets that come with the program, what the settings change in them, and how a key is printed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from textual.keys import REPLACED_KEYS, Keys, _character_to_key, key_to_character

if TYPE_CHECKING:
    from textual.binding import ActiveBinding, Binding
    from textual.dom import DOMNode

_BACK = "ctrl+g,escape"

SETS: Mapping[str, Mapping[str, str]] = {
    "vim": {},  # what the bindings themselves say
    "emacs": {
        "app.palette": "alt+x",
        **dict.fromkeys(("list.up", "pick.up", "help.up", "palette.up"), "ctrl+p,up"),
        **dict.fromkeys(("list.down", "pick.down", "help.down", "palette.down"), "ctrl+n,down"),
        **dict.fromkeys(("list.page_up", "pick.page_up"), "alt+v,pageup"),
        **dict.fromkeys(("list.page_down", "pick.page_down"), "ctrl+v,pagedown"),
        "search.leave": "enter,down,ctrl+n",
        "page.next": "tab,ctrl+n",
        "page.previous": "shift+tab,ctrl+p",
        "question.other": "left,right,ctrl+n,ctrl+p",
        **dict.fromkeys(("page.clear", "search.clear", "pick.clear", "form.back", "mass_entry.back"), _BACK),
        "access.back": _BACK,
        **dict.fromkeys(("pick.cancel", "ask_name.cancel", "palette.close"), _BACK),
        "question.no": f"n,{_BACK}",
        **dict.fromkeys(("groups_of.cancel", "effect.close"), f"{_BACK},q"),
        "shown_once.close": f"{_BACK},enter,q",
        "help.close": f"{_BACK},question_mark,f1,q,enter",
    },
}
"""The key sets by name: the keys, by the ids of their bindings, that are not what the bindings say."""

_PRINTED = {"escape": "esc", "delete": "del"}
"""Keys whose names in the bindings are not what is printed on them; signs are printed as they are."""


def printed(key: str) -> str:
    """A key as it is printed on keyboards and in shells: `ctrl+s`, `?`, `F1`."""
    *modifiers, name = key.split("+")
    character = key_to_character(REPLACED_KEYS.get(name, name))
    if name in _PRINTED:
        name = _PRINTED[name]
    elif character and character.isprintable() and character != " ":
        name = character
    elif name[1:].isdigit():
        name = name.upper()
    return "+".join([*modifiers, name])


def keys_of(node: "DOMNode", id: str) -> list[str]:
    """The keys of a binding of the node, or of one above it."""
    changed: str | None = node.app.keys.get(id)  # type: ignore[attr-defined]
    if changed is not None:
        return changed.split(",")
    return [key for owner in node.ancestors_with_self for key, binding in owner._bindings if binding.id == id]


def key_of(node: "DOMNode", id: str) -> str:
    """The first key of a binding of the node, or of one above it, as it is printed."""
    return printed(keys_of(node, id)[0])


def in_order(active: "Mapping[str, ActiveBinding]") -> "list[ActiveBinding]":
    """Active bindings in the order in which they are declared, whatever their keys are now."""
    nodes = sorted({each.node for each in active.values()}, key=lambda node: -len(node.ancestors))
    ids = dict.fromkeys(binding.id for node in nodes for _, binding in node._bindings)
    places = {id: place for place, id in enumerate(ids)}
    return sorted(active.values(), key=lambda each: places[each.binding.id])


def named(key: str) -> str:
    """The key that a person means by `x`, `?`, `esc`, `F5` or `ctrl+x`, as Textual names it; empty where none is."""
    key = key.strip()
    *modifiers, name = key.replace("++", "+plus").split("+") if len(key) > 1 else [key]
    name = next((textual for textual, shown in _PRINTED.items() if shown == name), name)
    if name[1:].isdigit():
        name = name.lower()
    if len(name) == 1 and modifiers == ["shift"]:
        modifiers, name = [], name.upper()
    if len(name) == 1:
        name = _character_to_key(name)
    known = {member.value.rpartition("+")[2] for member in Keys} | set(REPLACED_KEYS)
    if not (name in known or key_to_character(name)) or set(modifiers) - {"alt", "ctrl", "shift", "super", "meta"}:
        return ""
    return "+".join([*sorted(modifiers), name])


# What the settings say is checked after the first page is there: it takes all pages to know all bindings.

_Chain = list[list["Binding"]]
"""The bindings of a widget, of its page and of the program: those that can be meant at the same time."""


def check(changes: Mapping[str, str], key_set: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with changes to a set, by the ids of their bindings: those are better left out."""
    chains = list(_chains())
    known = {binding.id: binding for chain in chains for part in chain for binding in part}
    wrong: dict[str, str] = {}
    for id, keys in changes.items():
        if id not in known:
            wrong[id] = "is not the id of a key"
        elif known[id].priority and any(len(key) == 1 or key == "space" for key in keys.split(",")):
            wrong[id] = "works in fields too, where a letter is text"
    while True:
        held = {id: keys for id, keys in changes.items() if id not in wrong}
        clash = next(_clashes(held, key_set, chains), None)
        if clash is None:
            return wrong
        wrong |= [clash]


def _clashes(
    changes: Mapping[str, str], key_set: Mapping[str, str], chains: Iterable[_Chain]
) -> Iterator[tuple[str, str]]:
    """The changed bindings with a key that another one has, where both can be meant."""

    def keys(binding: "Binding", *keymaps: Mapping[str, str]) -> set[str]:
        id = binding.id or ""
        return set(next((keymap[id] for keymap in keymaps if id in keymap), binding.key).split(","))

    for chain in chains:
        bindings = [binding for part in chain for binding in part]
        for one in bindings:
            for other in bindings if one.id in changes else ():
                both = keys(one, changes, key_set) & keys(other, changes, key_set)
                meant = keys(one, key_set) & keys(other, key_set)  # one of them comes before the other, by design
                if both and not meant and other.action != one.action:
                    yield one.id or "", f"{printed(min(both))} is the key of {other.id or other.description}"


def _chains() -> Iterator[_Chain]:
    """Every place where a key may be pressed: each widget with keys of its own, on each page that has it."""
    import pkgutil
    from importlib import import_module

    from textual.screen import Screen
    from textual.widget import Widget

    import tui.screens
    from tui.app import BackOffice
    from tui.widgets.search_field import SearchField

    app = _bindings(BackOffice)
    names = [f"tui.screens.{module.name}" for module in pkgutil.iter_modules(tui.screens.__path__)]
    for module in map(import_module, [*names, "tui.palette"]):
        classes = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, Widget)]
        widgets: list[type[Widget]] = [SearchField, *(item for item in classes if not issubclass(item, Screen))]
        for screen in classes:
            if issubclass(screen, Screen) and screen.__module__ == module.__name__:
                yield [_bindings(screen), app]
                for widget in widgets:
                    bindings = _bindings(widget)
                    actions = [binding.action.partition("(")[0] for binding in bindings]
                    asked = [action.removeprefix("screen.") for action in actions if action.startswith("screen.")]
                    if all(hasattr(screen, f"action_{action}") for action in asked):
                        yield [bindings, _bindings(screen), app]


def _bindings(node: "type[DOMNode]") -> "list[Binding]":
    """The bindings of a class and those it has from others, each with all of its keys."""
    from dataclasses import replace

    found: dict[tuple[str | None, str], Binding] = {}
    for key, binding in node._merge_bindings():
        known = found.setdefault((binding.id, binding.action), binding)
        if known is not binding:
            found[binding.id, binding.action] = replace(known, key=f"{known.key},{key}")
    return list(found.values())


def as_settings(keymap: Mapping[str, str]) -> Iterator[str]:
    """All keys as a table for the config file, with what each is for."""
    bindings = {binding.id: binding for chain in _chains() for part in chain for binding in part if binding.id}
    yield "[keys]"
    for id, binding in sorted(bindings.items()):
        yield f'"{id}" = "{keymap.get(id, binding.key)}"  # {binding.tooltip}'
