"""Which tables and columns the opened database has, and the models fitted to them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from peewee import AutoField, CharField, Database, MySQLDatabase, PostgresqlDatabase

from models.db import tables
from models.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database declares it; `length` in characters, None where it sets no limit."""

    name: str
    length: int | None
    default: str | None = None
    charset: str = ""
    collation: str = ""


Schema = Mapping[str, Mapping[str, Column]]
"""The columns of each table, by their names, in the table's order."""

ARCHIVES = tuple(f"{model._meta.table_name}_archive" for model in tables.ARCHIVED)
NEEDED = tuple(model._meta.table_name for model in tables.MODELS) + ARCHIVES
KNOWN = NEEDED + tuple(model._meta.table_name for model in tables.NEIGHBOURS)


def read(database: Database) -> Schema:
    """The columns of those of the tables we know that are there."""
    if not isinstance(database, MySQLDatabase | PostgresqlDatabase):
        there = set(database.get_tables())
        return {
            table: {
                column.name: Column(column.name, int(size[1]) if (size := _SIZE.search(column.data_type)) else None)
                for column in database.get_columns(table)
            }
            for table in KNOWN
            if table in there
        }
    mysql = isinstance(database, MySQLDatabase)
    found: dict[str, dict[str, Column]] = {}
    rows = tables.ask(
        database,
        "SELECT table_name, column_name, character_maximum_length, column_default, "
        f"{'character_set_name' if mysql else 'NULL'}, collation_name FROM information_schema.columns "
        f"WHERE table_schema = {'DATABASE()' if mysql else 'current_schema()'} "
        f"AND table_name IN ({', '.join(['%s'] * len(KNOWN))}) ORDER BY table_name, ordinal_position",
        KNOWN,
    )
    for table, name, length, default, charset, collation in rows:
        column = Column(name, int(length) if length else None, default, charset or "", collation or "")
        found.setdefault(table, {})[name] = column
    return found


_SIZE = re.compile(r"\((\d+)\)")


def missing(schema: Schema) -> list[str]:
    """What the database lacks of that we cannot do without, a table or column each, in words."""
    lacking = [f"the table {table}" for table in NEEDED if table not in schema]
    for model in tables.MODELS:
        there = schema.get(model._meta.table_name, {})
        optional = tables.OPTIONAL.get(model, {})
        wanted = [field.column_name for name, field in model._meta.fields.items() if name not in optional]
        lacking += [f"the column {model._meta.table_name}.{name}" for name in wanted if there and name not in there]
    archives = [table for table in ARCHIVES if table in schema and "archived_at" not in schema[table]]
    return lacking + [f"the column {table}.archived_at" for table in archives]


def adapt_models_to(database: Database) -> None:
    """Fit the models to the opened database: its columns, their lengths and character sets, its sequences.

    Raises Unavailable, naming what is missing, where a table or column that we cannot do without is not there.
    """
    schema = read(database)
    if lacking := missing(schema):
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise Unavailable(f"not a shop's database: it lacks {', '.join(lacking[:5])}{more}")
    tables.columns.clear()
    tables.columns.update({table: list(columns) for table, columns in schema.items()})
    tables.sequences.clear()
    encoding = _encoding(database)
    for model in tables.MODELS:
        _adapt(model, schema[model._meta.table_name], encoding)
    tables.neighbours.clear()
    tables.neighbours.update(filter(lambda model: _is_whole(model, schema), tables.NEIGHBOURS))
    for model in tables.neighbours:
        _adapt_optional(model, schema[model._meta.table_name])
    if isinstance(database, PostgresqlDatabase):
        _find_sequences(database, schema)


def _is_whole(model: type[tables.ShopTable], schema: Schema) -> bool:
    """Whether the database has the model's table, with all of its columns that are not optional."""
    optional = tables.OPTIONAL.get(model, {})
    needed = {field.column_name for name, field in model._meta.fields.items() if name not in optional}
    return needed <= schema.get(model._meta.table_name, {}).keys()


def _adapt(model: type[tables.ShopTable], found: Mapping[str, Column], encoding: str) -> None:
    """Give the model the optional fields, lengths and character sets that its table has."""
    _adapt_optional(model, found)
    for name, field in model._meta.columns.items():
        if isinstance(field, CharField):
            field.max_length = found[name].length or tables.LENGTHS.get(field, 255)
            tables.encodings[field] = found[name].charset or encoding


def _adapt_optional(model: type[tables.ShopTable], found: Mapping[str, Column]) -> None:
    meta = model._meta
    for name, kind in tables.OPTIONAL.get(model, {}).items():
        if name in found and name not in meta.fields:
            meta.add_field(name, kind(null=True))
        elif name not in found and name in meta.fields:
            meta.remove_field(name)


def _encoding(database: Database) -> str:
    if not isinstance(database, PostgresqlDatabase):
        return ""
    encoding = str(tables.ask(database, "SHOW server_encoding")[0][0]).lower()
    if encoding == "utf8":  # whole, unlike MySQL's of that name
        return ""
    return "iso8859-1" if encoding == "latin1" else encoding.replace("win", "cp")  # MySQL's latin1 is Windows'


def _find_sequences(database: Database, schema: Schema) -> None:
    """Where the ids of new rows come from: PostgreSQL's free-standing sequences, where a column has no default."""
    there = {name for (name,) in tables.ask(database, "SELECT sequence_name FROM information_schema.sequences")}
    entity_rules = tables.neighbours & {tables.EntityRule}  # the only neighbour that gets new rows
    for model in (*tables.MODELS, *entity_rules):
        key, table = model._meta.primary_key, model._meta.table_name
        if model is tables.Locale or not isinstance(key, AutoField) or schema[table][key.column_name].default:
            continue
        name = f"{table}_pk_seq"
        if name not in there:
            if model in entity_rules:  # it refuses new rows then
                continue
            raise Unavailable(f"not a shop's database: it lacks the sequence {name}")
        tables.sequences[model] = name


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key to a table of ours, from a table that is none of ours."""

    schema: str
    """Of PostgreSQL; on MySQL the database. Empty where it is the one that our tables are in."""
    table: str
    columns: tuple[tuple[str, str], ...]
    """The names of its columns, each with that of the column which it refers to."""
    deletes: bool
    """Whether its rows are deleted with the ones they refer to; else they keep these from being deleted."""

    @property
    def name(self) -> str:
        """The table's, as people read it."""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def foreign_keys(database: Database, model: type[tables.ShopTable]) -> list[ForeignKey]:
    """The foreign keys to the model's table that matter where its rows are deleted, in the order of their tables."""
    if isinstance(database, PostgresqlDatabase):
        query = _POSTGRES_KEYS
    elif isinstance(database, MySQLDatabase):
        query = _MYSQL_KEYS
    else:
        query = _SQLITE_KEYS
    found = []
    rows = tables.ask(database, query, (model._meta.table_name,))
    for (schema, table, _, rule), columns in groupby(rows, itemgetter(0, 1, 2, 3)):
        if rule != "SET NULL" and (schema or table not in NEEDED):
            # SQLite names no column where the table's key is referred to
            pairs = tuple((name, referenced or model.id.column_name) for *_, name, referenced in columns)
            found.append(ForeignKey(schema, table, pairs, rule == "CASCADE"))
    return found


_POSTGRES_KEYS = """
    SELECT CASE n.nspname WHEN current_schema() THEN '' ELSE n.nspname END, c.relname, k.oid,
    CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'RESTRICT' END, a.attname, r.attname
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (name, referenced)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.name
    JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = pair.referenced
    WHERE k.contype = 'f' AND k.confrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident(%s))
    ORDER BY 1, 2, 3, a.attnum
"""
_MYSQL_KEYS = """
    SELECT CASE k.table_schema WHEN DATABASE() THEN '' ELSE k.table_schema END, k.table_name, k.constraint_name,
    r.delete_rule, k.column_name, k.referenced_column_name
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
    AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.referenced_table_schema = DATABASE() AND k.referenced_table_name = %s
    ORDER BY 1, 2, 3, k.ordinal_position
"""
_SQLITE_KEYS = """
    SELECT '', t.name, k.id, k.on_delete, k."from", k."to"
    FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
    WHERE t.type = 'table' AND k."table" = ? COLLATE NOCASE
    ORDER BY t.name, k.id, k.seq
"""


def count_referring(database: Database, key: ForeignKey, model: type[tables.ShopTable], ids: Sequence[int]) -> int:
    """How many rows of the foreign key's table refer to these rows of the model."""

    def quoted(*path: str) -> str:
        return tables.quoted(database, *path)

    ours, other = quoted(model._meta.table_name), quoted(*filter(None, (key.schema, key.table)))
    same = " AND ".join(f"other.{quoted(name)} = ours.{quoted(referenced)}" for name, referenced in key.columns)
    these = f"ours.{quoted(model.id.column_name)} IN ({', '.join([database.param] * len(ids))})"
    counted = tables.ask(database, f"SELECT COUNT(*) FROM {other} other JOIN {ours} ours ON {same} WHERE {these}", ids)
    return int(counted[0][0])
