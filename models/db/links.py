"""Link rows of two tables, thousands at once: the users and the roles of groups."""

from collections.abc import Collection
from functools import partial
from typing import Any

from peewee import Field, chunked

from models.db import commit_probe, gathering
from models.db.commit_probe import describe_link, like
from models.db.opened import opened
from models.db.statements import BATCH, one_of, tuples
from models.db.tables import ShopTable, database


def add_links(model: type[ShopTable], pairs: Collection[tuple[int, int]]) -> None:
    """Insert rows into a table that links two others, each as the ids of its two columns."""
    dialect, names = opened().dialect, model._meta.sorted_field_names
    table = dialect.quoted(model._meta.table_name)
    columns = ", ".join(dialect.quoted(model._meta.fields[name].column_name) for name in names)
    for batch in chunked(sorted(pairs), BATCH):
        values = ", ".join([f"({int(one)}, {int(other)})" for one, other in batch])
        database.execute_sql(f"INSERT INTO {table} ({columns}) VALUES {values}", ())
        describe = partial(describe_link, model, batch[0])
        commit_probe.record(like(model, None, dict(zip(names, batch[0], strict=True))), exists=True, describe=describe)
    gathering.linked(model, pairs)


def remove_links(field: Field, ids: Collection[int], *where: Any) -> list[tuple[int, int]]:
    """Delete the rows of a linking table that have these ids in the field and meet the conditions; the ids of each."""
    model, removed = field.model, list[tuple[int, int]]()
    for batch in chunked(sorted(ids), BATCH):
        conditions = (one_of(field, batch), *where)
        if found := tuples(opened().dialect.locked(model.select().where(*conditions))):
            model.delete().where(*conditions).execute()
            describe = partial(describe_link, model, found[0])
            commit_probe.record(model.select(field).where(*conditions), exists=False, describe=describe)
            removed += found
    gathering.unlinked(model, removed)
    return removed
