"""What the database user may do, tried with statements of no row: a server that would refuse a change refuses these."""

from collections.abc import Iterator, Sequence
from typing import Literal

from peewee import CompositeKey

from models.db.archive import archived_columns
from models.db.connection import read_connection
from models.db.dialects import NO_ROW
from models.db.opened import OpenedShop, open_to_change, opened
from models.db.tables import ARCHIVED, PasswordReset, PickingList, ShopTable, archive_of, database, table_of

Act = Literal["insert", "update", "delete"]
"""What models do to the rows of a table; a deletion writes its archive too."""

_UPDATED: dict[type[ShopTable], str] = {PickingList: "user_uuid", PasswordReset: "status"}
"""The column that is set where other parts of the shop own the table."""


def require_right(act: Act, *models: type[ShopTable]) -> None:
    """Raise Unavailable, naming the table, where the database would refuse to do that to rows of one of the tables.

    Each is tried once for an opened database, so that a question costs no more than the first time; a file, which
    knows no rights, is not asked. Raises Locked while the shop is.
    """
    shop = opened()
    untried = [model for model in models if (act, model) not in shop.permitted]
    if not untried or not shop.dialect.is_server:
        return
    with open_to_change(), read_connection(), database.atomic() as transaction:
        for model in untried:
            try_statements(opened(), act, model)
        transaction.rollback()
    shop.permitted.update((act, model) for model in untried)


def try_statements(shop: OpenedShop, act: Act, model: type[ShopTable]) -> None:
    """Execute what models do to a table, for no row, inside the caller's transaction."""
    if act == "delete":  # rows are locked before, those of links while a remaining administrator is looked for
        shop.dialect.locked(model.select(model._meta.sorted_fields[0]).where(NO_ROW)).execute(shop.database)
    for statement in _statements(shop, act, model):
        shop.database.execute_sql(f"{statement} WHERE 1 = 0", ())


def _statements(shop: OpenedShop, act: Act, model: type[ShopTable]) -> Iterator[str]:
    quoted = shop.dialect.quoted

    def listed(columns: Sequence[str]) -> str:
        return ", ".join(map(quoted, columns))

    table, columns = quoted(table_of(model)), list(model._meta.columns)
    if act == "insert":
        has_id = not isinstance(model._meta.primary_key, CompositeKey) and model not in shop.sequences
        inserted = listed(columns[1:] if has_id else columns)  # the key is declared first
        yield f"INSERT INTO {table} ({inserted}) SELECT {inserted} FROM {table}"
    elif act == "update":
        updated = quoted(_UPDATED.get(model, "updated_at"))
        yield f"UPDATE {table} SET {updated} = {updated}"
    else:
        yield f"DELETE FROM {table}"
        if model in ARCHIVED:
            archive = quoted(archive_of(model))
            copied = listed(archived_columns(shop, model))
            yield f"DELETE FROM {archive}"
            columns_and_time = f"{copied}, {quoted('archived_at')}"
            yield f"INSERT INTO {archive} ({columns_and_time}) SELECT {copied}, {quoted('updated_at')} FROM {table}"
