"""The shop's interface languages, and which of them a user's form offers."""

from collections.abc import Sequence

from models.db.connection import read_connection
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import Locale

NO_LANGUAGE = "none"
"""What commands and files call it that a user has no interface language."""


def read_locales() -> list[tuple[int, str, bool]]:
    """The id and name of each interface language of the shop, and whether it is offered; sorted by name.

    Offered are those of the setting `languages`, unless the shop has deactivated them; the others remain with users who
    have them.
    """
    with read_connection():
        rows = tuples(Locale.select(Locale.id, Locale.name, Locale.is_active).order_by(Locale.name))
    return [(id, name, bool(is_active) and name in opened().settings.languages) for id, name, is_active in rows]


def default_locale(locales: Sequence[tuple[int, str, bool]]) -> int | None:
    """The interface language that a new user begins with: the first of `languages` that is offered, if any is."""
    offered = {name: id for id, name, is_offered in locales if is_offered}
    return next((offered[name] for name in opened().settings.languages if name in offered), None)
