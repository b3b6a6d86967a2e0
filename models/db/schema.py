"""Which tables, columns and foreign keys a database has, and the models adapted to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from peewee import AutoField, CharField, Field

from models.db import tables
from models.db.dialects import Column, Dialect
from models.db.opened import OpenedShop, ShopSettings
from models.db.statements import ask
from models.errors import Unavailable
from models.text import some_names

Schema = Mapping[str, Mapping[str, Column]]
"""The columns of each table, by their names, in the table's order."""

ARCHIVES = tuple(map(tables.archive_of, tables.ARCHIVED))
NEEDED = tuple(model._meta.table_name for model in tables.MODELS) + ARCHIVES
KNOWN = NEEDED + tuple(model._meta.table_name for model in tables.NEIGHBOURS)


def read(dialect: Dialect) -> Schema:
    """The columns of those of the tables we know that exist."""
    schema: dict[str, dict[str, Column]] = {}
    for table, column in dialect.columns(KNOWN):
        schema.setdefault(table, {})[column.name] = column
    return schema


def missing(schema: Schema) -> list[str]:
    """The tables and columns that the database lacks and we cannot do without, each as an error names it."""
    lacking = [f"the table {table}" for table in NEEDED if table not in schema]
    for model in tables.MODELS:
        columns = schema.get(model._meta.table_name, {})
        optional = tables.OPTIONAL.get(model, {})
        needed = [field.column_name for name, field in model._meta.fields.items() if name not in optional]
        lacking += [f"the column {model._meta.table_name}.{name}" for name in needed if columns and name not in columns]
    archives = [table for table in ARCHIVES if table in schema and "archived_at" not in schema[table]]
    return lacking + [f"the column {table}.archived_at" for table in archives]


def adapt_models_to(dialect: Dialect, settings: ShopSettings | None = None) -> OpenedShop:
    """Adapt the models to a database, their optional fields and lengths; the shop that it is, to be opened.

    Raises Unavailable, naming what is missing, where a table or column that we cannot do without does not exist.
    """
    schema = read(dialect)
    if lacking := missing(schema):
        raise Unavailable(f"not a shop's database: it lacks {some_names(lacking, 5)}")
    neighbours = frozenset(model for model in tables.NEIGHBOURS if _is_whole(model, schema))
    for model in (*tables.MODELS, *neighbours):
        _adapt_optional(model, schema[model._meta.table_name])
    return OpenedShop(
        dialect,
        columns={table: list(columns) for table, columns in schema.items()},
        sequences=_find_sequences(dialect, schema, neighbours) if dialect.uses_sequences else {},
        encodings=_adapt_texts(schema, dialect.encoding()),
        neighbours=neighbours,
        settings=settings or ShopSettings(),
    )


def _is_whole(model: type[tables.ShopTable], schema: Schema) -> bool:
    """Whether the database has the model's table, with all of its columns that are not optional."""
    optional = tables.OPTIONAL.get(model, {})
    needed = {field.column_name for name, field in model._meta.fields.items() if name not in optional}
    return needed <= schema.get(model._meta.table_name, {}).keys()


def _adapt_optional(model: type[tables.ShopTable], columns: Mapping[str, Column]) -> None:
    """Give the model those of its optional fields that its table has."""
    meta = model._meta
    for name, kind in tables.OPTIONAL.get(model, {}).items():
        if name in columns and name not in meta.fields:
            meta.add_field(name, kind(null=True))
        elif name not in columns and name in meta.fields:
            meta.remove_field(name)


def _adapt_texts(schema: Schema, encoding: str) -> dict[Field, str]:
    """Give the text fields the lengths of their columns; the character set of each."""
    encodings: dict[Field, str] = {}
    for model in tables.MODELS:
        for name, field in model._meta.columns.items():
            if isinstance(field, CharField):
                column = schema[model._meta.table_name][name]
                field.max_length = column.length or tables.LENGTHS.get(field, 255)
                encodings[field] = column.charset or encoding
    return encodings


def _find_sequences(
    dialect: Dialect, schema: Schema, neighbours: Collection[type[tables.ShopTable]]
) -> dict[type[tables.ShopTable], str]:
    """Where the ids of new rows come from: free-standing sequences, where a column has no default."""
    sequences: dict[type[tables.ShopTable], str] = {}
    existing = dialect.sequences()
    # The one neighbour that gets new rows.
    entity_rules: set[type[tables.ShopTable]] = {model for model in neighbours if model is tables.EntityRule}
    for model in (*tables.MODELS, *entity_rules):
        key, table = model._meta.primary_key, model._meta.table_name
        if model is tables.Locale or not isinstance(key, AutoField) or schema[table][key.column_name].default:
            continue
        name = f"{table}_pk_seq"
        if name in existing:
            sequences[model] = name
        elif model not in entity_rules:  # which refuses new rows then
            raise Unavailable(f"not a shop's database: it lacks the sequence {name}")
    return sequences


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key to a table of ours, from a table that is none of ours."""

    schema: str
    """Of PostgreSQL; on MySQL the database. Empty where it is the one that our tables are in."""
    table: str
    columns: tuple[tuple[str, str], ...]
    """The names of its columns, each with that of the column which it refers to."""
    cascades: bool
    """Whether its rows are deleted with the ones they refer to; else they keep these from being deleted."""

    @property
    def name(self) -> str:
        """The table's, as people read it."""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def foreign_keys(dialect: Dialect, model: type[tables.ShopTable]) -> list[ForeignKey]:
    """The foreign keys to the model's table that matter where its rows are deleted, in the order of their tables."""
    keys = []
    rows = ask(dialect.database, dialect.foreign_keys_query, (model._meta.table_name,))
    for (schema, table, _, rule), columns in groupby(rows, itemgetter(0, 1, 2, 3)):
        if rule != "SET NULL" and (schema or table not in NEEDED):
            # SQLite names no column where the table's key is referred to
            pairs = tuple((name, referenced or model.id.column_name) for *_, name, referenced in columns)
            keys.append(ForeignKey(schema, table, pairs, rule == "CASCADE"))
    return keys


def count_referring(dialect: Dialect, key: ForeignKey, model: type[tables.ShopTable], ids: Sequence[int]) -> int:
    """How many rows of the foreign key's table refer to these rows of the model."""
    quoted = dialect.quoted
    ours, other = quoted(model._meta.table_name), quoted(*filter(None, (key.schema, key.table)))
    same = " AND ".join(f"other.{quoted(name)} = ours.{quoted(referenced)}" for name, referenced in key.columns)
    these = f"ours.{quoted(model.id.column_name)} IN ({', '.join([dialect.placeholder] * len(ids))})"
    query = f"SELECT COUNT(*) FROM {other} other JOIN {ours} ours ON {same} WHERE {these}"
    return int(ask(dialect.database, query, ids)[0][0])
