"""How lists are sorted and searched, in the words of each kind of database."""

from collections.abc import Sequence
from typing import Any

from peewee import SQL, Cast, Expression, Field, MySQLDatabase, Node, SqliteDatabase, fn
from peewee import _StringField as StringField

from models.db.tables import can_hold, encodings, shop

LAST_CHARACTER = chr(0x10FFFF)
NO_ROW = SQL("1 = 0")


def ordered(field: Field) -> Any:
    """The field as lists sort it: in SQLite without case, elsewhere as the column's own collation has it.

    In both an index answers it: one of the embedded file's own, or the one that makes a shop's names unique.
    """
    if isinstance(field, StringField) and isinstance(shop.obj, SqliteDatabase):
        return Expression(field, "COLLATE", SQL("NOCASE"))
    return field


def ties(field: Field) -> bool:
    """Whether two rows can stand at the same place in that order, so that their ids decide.

    In the order of a unique column none can, but in SQLite, where two names may differ in case alone. To be asked for
    the ids all the same would cost MariaDB the index: it sorts all rows.
    """
    return not field.unique or isinstance(shop.obj, SqliteDatabase)


def beginning(field: Field, text: str) -> list[Any]:
    """Conditions that an index answers, for rows whose field begins with the text; what they miss, a scan finds.

    PostgreSQL compares to the letter, so it is asked for the text as typed and in the usual cases, in their order.
    """
    if not text or not isinstance(field, StringField) or not can_hold(text):
        return []
    if isinstance(shop.obj, MySQLDatabase):
        return [field.startswith(text)]
    column = ordered(field)
    if isinstance(shop.obj, SqliteDatabase):
        return [(column >= text) & (column < text + LAST_CHARACTER)]
    if encodings.get(field):  # not UTF-8, which alone has the last of all characters
        return []
    cases = sorted({text, text.lower(), text.upper(), text[:1].upper() + text[1:]})
    return [(column >= case) & (column < case + LAST_CHARACTER) & fn.STARTS_WITH(column, case) for case in cases]


def containing(searched: Sequence[Node], text: str) -> Any:
    """The condition that each word of the text stands in one of the expressions, without case, in any order."""
    if isinstance(shop.obj, SqliteDatabase):
        return fn.text_contains(text.casefold(), *(Cast(expression, "BLOB") for expression in searched))
    if not can_hold(text):
        return NO_ROW
    condition: Any = SQL("1 = 1")
    for word in text.split():
        found: Any = NO_ROW
        for expression in searched:
            if isinstance(shop.obj, MySQLDatabase):  # the column's collation knows upper and lower case, and accents
                found |= fn.LOCATE(word, expression) > 0
            else:
                found |= fn.STRPOS(fn.LOWER(expression), fn.LOWER(word)) > 0
        condition &= found
    return condition
