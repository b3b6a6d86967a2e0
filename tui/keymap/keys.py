"""Keys: the sets that come with the program, and how a key is written and printed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

from textual.keys import REPLACED_KEYS, Keys, key_to_character

from tui.textual_compat import bindings_of, key_name

if TYPE_CHECKING:
    from textual.binding import ActiveBinding, Binding
    from textual.dom import DOMNode


class _HasKeys(Protocol):
    """An app whose keys differ from those in the code, by the ids of their bindings."""

    keys: Mapping[str, str]


_BACK = "ctrl+g,escape"

SETS: Mapping[str, Mapping[str, str]] = {
    "vim": {},  # what the bindings themselves say
    "emacs": {
        "app.palette": "alt+x",
        **dict.fromkeys(("list.up", "pick.up", "help.up", "palette.up"), "ctrl+p,up"),
        **dict.fromkeys(("list.down", "pick.down", "help.down", "palette.down"), "ctrl+n,down"),
        **dict.fromkeys(("list.page_up", "pick.page_up", "dialog.page_up"), "alt+v,pageup"),
        **dict.fromkeys(("list.page_down", "pick.page_down", "dialog.page_down"), "ctrl+v,pagedown"),
        "search.leave": "enter,down,ctrl+n",
        "page.next": "tab,ctrl+n",
        "page.previous": "shift+tab,ctrl+p",
        "conflict.up": "up,left,ctrl+p",
        "conflict.down": "down,right,ctrl+n",
        "draft.left": "left,ctrl+p",
        "draft.right": "right,ctrl+n",
        "question.other": "left,right,ctrl+n,ctrl+p",
        **dict.fromkeys(
            (
                "app.clear_messages",
                "page.clear",
                "search.clear",
                "pick.clear",
                "form.back",
                "import.back",
                "members.clear",
            ),
            _BACK,
        ),
        "access.back": _BACK,
        **dict.fromkeys(
            (
                "pick.cancel",
                "ask_name.cancel",
                "set_password.cancel",
                "unlock.cancel",
                "reason.cancel",
                "palette.close",
                "draft.later",
                "conflict.back",
            ),
            _BACK,
        ),
        "question.no": f"n,{_BACK}",
        **dict.fromkeys(("groups_of.cancel", "menu.cancel", "effect.close"), f"{_BACK},q"),
        "shown_once.close": f"{_BACK},enter,q",
        "help.clear": _BACK,
        "help.close": f"{_BACK},question_mark,f1,enter",
    },
}
"""The key sets by name: the keys that differ from those in the bindings, by the ids of these."""

_PRINTED = {"escape": "Esc", "delete": "Del", "pageup": "PgUp", "pagedown": "PgDn"}
"""Keys whose names in the bindings are not what is printed on them; signs are printed as they are."""


def printed(key: str) -> str:
    """A key as it is printed on keyboards and in shells: `ctrl+s`, `?`, `F1`, `Enter`."""
    *modifiers, name = key.split("+")
    character = key_to_character(REPLACED_KEYS.get(name, name))
    if character and character.isprintable() and character != " ":
        name = character
    else:
        name = _PRINTED.get(name, name.capitalize())
    return "+".join([*modifiers, name])


def keys_of(node: "DOMNode", id: str, *elsewhere: "type[DOMNode]") -> list[str]:
    """The keys of a binding of the node, of one above it, or of what is open elsewhere."""
    changed: str | None = cast(_HasKeys, node.app).keys.get(id)
    if changed is not None:
        return changed.split(",")
    owners = [*map(type, node.ancestors_with_self), *elsewhere]
    return [key for owner in owners for key, binding in bindings_of(owner) if binding.id == id]


def key_of(node: "DOMNode", id: str, *elsewhere: "type[DOMNode]") -> str:
    """The first of these keys, as it is printed."""
    return printed(keys_of(node, id, *elsewhere)[0])


def in_order(active: "Mapping[str, ActiveBinding]") -> "list[ActiveBinding]":
    """Active bindings in the order in which they are declared, whatever their keys are now."""
    nodes = sorted({each.node for each in active.values()}, key=lambda node: -len(node.ancestors))
    ids = dict.fromkeys(binding.id for node in nodes for _, binding in bindings_of(type(node)))
    places = {id: place for place, id in enumerate(ids)}
    return sorted(active.values(), key=lambda each: places[each.binding.id])


def is_step(binding: "Binding") -> bool:
    """Whether the binding only moves the cursor or the focus."""
    return binding.action.startswith(("move(", "page(", "jump(", "scroll(", "app.focus"))


def named(key: str) -> str:
    """The key that a person means by `x`, `?`, `Esc`, `F5` or `ctrl+x`, as Textual names it; empty where none is."""
    key = key.strip()
    *modifiers, name = key.replace("++", "+plus").split("+") if len(key) > 1 else [key]
    if len(name) > 1:
        name = name.lower()
        name = next((textual for textual, shown in _PRINTED.items() if shown.lower() == name), name)
    if len(name) == 1 and modifiers == ["shift"]:
        modifiers, name = [], name.upper()
    if len(name) == 1:
        name = key_name(name)
    known = {member.value.rpartition("+")[2] for member in Keys} | set(REPLACED_KEYS)
    if not (name in known or key_to_character(name)) or set(modifiers) - {"alt", "ctrl", "shift", "super", "meta"}:
        return ""
    return "+".join([*sorted(modifiers), name])
