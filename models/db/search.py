"""The conditions of a search."""

from collections.abc import Sequence
from typing import Any

from peewee import Field, Node

from models.db.dialects import NO_ROW, is_text
from models.db.encoding import can_hold
from models.db.opened import opened


def prefix_conditions(field: Field, text: str) -> list[Any]:
    """Conditions that an index answers, for rows whose field begins with the text; what they miss, a scan finds."""
    if not text or not is_text(field) or not can_hold(text):
        return []
    shop = opened()
    return shop.dialect.prefix_conditions(field, text, shop.encodings.get(field, ""))


def contains(searched: Sequence[Node], text: str) -> Any:
    """The condition that each word of the text is in one of the expressions, without case, in any order."""
    dialect = opened().dialect
    return NO_ROW if dialect.is_server and not can_hold(text) else dialect.contains(searched, text)
