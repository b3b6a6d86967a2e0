"""The conditions of a search."""

from collections.abc import Callable, Sequence
from typing import Any

from peewee import SQL, Field, Node

from models.db.dialects import NO_ROW, is_text
from models.db.encoding import can_hold
from models.db.opened import opened


def prefix_conditions(field: Field, text: str) -> list[Any]:
    """Conditions that an index answers, for rows whose field begins with the text; what they miss, a scan finds."""
    if not text or not is_text(field) or not can_hold(text):
        return []
    shop = opened()
    return shop.dialect.prefix_conditions(field, text, shop.encodings.get(field, ""))


def contains(searched: Sequence[Node], text: str, elsewhere: Callable[[str], Any | None] = lambda _: None) -> Any:
    """The condition that each word of the text is in one of the expressions, without case, in any order.

    `elsewhere` gives for a word the condition that it is in what belongs to the row; None where no row can meet that.
    """
    dialect = opened().dialect
    if dialect.is_server and not can_hold(text):
        return NO_ROW
    found_elsewhere = {word: condition for word in text.split() if (condition := elsewhere(word)) is not None}
    here_alone = " ".join(word for word in text.split() if word not in found_elsewhere)
    condition = dialect.contains(searched, here_alone) if here_alone or not found_elsewhere else SQL("1 = 1")
    for word, found in found_elsewhere.items():
        condition &= dialect.contains(searched, word) | found
    return condition
