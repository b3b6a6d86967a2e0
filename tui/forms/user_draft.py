"""A user's form as a draft's file has it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.db.tables import Status
from models.user_form import UserForm
from tui.shape import Shape, are_names, each, is_id, is_one_of, is_text

_FORM: dict[str, Shape] = {
    **dict.fromkeys(("email", "first_name", "last_name"), is_text),
    "groups": each(is_id),
    "locale": (None, is_id),
    "marks": each(is_text),
    "status": (None, is_one_of(*map(int, Status))),
}
USER_SHAPE: dict[str, Shape] = {
    "shown": (None, {"form": _FORM, "groups": are_names}),
    "form": _FORM,
    "name": is_text,
    "groups": are_names,
    "password": bool,
}


def to_plain(form: UserForm) -> dict[str, Any]:
    """The form as plain values, without its passwords."""
    return {name: value for name, value in asdict(form).items() if name not in ("password", "repeated")}


def from_plain(plain: Mapping[str, Any]) -> UserForm:
    """The form of plain values."""
    status = None if plain["status"] is None else Status(plain["status"])
    sets = {name: frozenset(plain[name]) for name in ("groups", "marks")}
    return UserForm(**{**plain, **sets, "status": status})
