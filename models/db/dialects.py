"""What differs between the database engines: one class for each, and nothing of it anywhere else.

How each is connected to is in `sqlite` and `servers`; what its errors mean is in `failures`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, Cast, CharField, Expression, Field, Node, TextField, Value, fn

from models.db.decoding import Undecodable
from models.db.statements import ask, tuples
from models.errors import Unavailable

LAST_CHARACTER = chr(0x10FFFF)
NO_ROW = SQL("1 = 0")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database declares it; `length` in characters, None where it sets no limit."""

    name: str
    length: int | None
    default: str | None = None
    charset: str = ""
    collation: str = ""


def is_text(field: Field) -> bool:
    """Whether the field holds a text."""
    return isinstance(field, CharField | TextField)


class Dialect(ABC):
    """One engine, over a database of its kind; the defaults are what PostgreSQL and MySQL have in common."""

    is_server = True
    """Whether the database is asked over a line that can be lost, and locks single rows."""
    placeholder = "%s"
    """What stands for a parameter in a statement."""
    quote = '"'
    """What stands around a name."""
    has_fixed_join_order = True
    """Whether the rows of the shop's unordered query for a user's groups come in the order of the groups' ids."""
    uses_sequences = False
    """Whether the ids of new rows may come from sequences of their own."""
    rolls_back_tables = True
    """Whether a transaction that fails takes back the tables that it created."""
    script: str
    """The file with the statements that install a shop."""

    foreign_keys_query: str
    """Asks for the foreign keys to a table: schema, table, name, delete rule, column, referenced column (or NULL)."""

    def __init__(self, database: Any) -> None:
        self.database = database

    def identity(self) -> str:
        """A text that differs for each database, whoever opens it and however; never with a password in it.

        A server's is known once it was connected to.
        """
        server = self.database.address
        host = "localhost" if server.host in ("127.0.0.1", "::1") else server.host
        return f"{type(self.database).__name__}:{host}:{server.port or ''}/{server.database}"

    def require_same_file(self) -> None:  # noqa: B027 (a server has no file)
        """Raise Unavailable where an opened file is not the one that is at its path by now."""

    @abstractmethod
    def describe(self) -> Iterator[tuple[str, str]]:
        """What `backoffice check` prints about the engine and its settings: names, and what they are."""

    def _setting(self, sql: str) -> str:
        return str(ask(self.database, sql)[0][0])

    # Statements

    def quoted(self, *path: str) -> str:
        """A name, after the schema it is in where one is given, for a statement that is executed with parameters.

        What ends a quoted name is doubled in it, and so is `%`, which a server's driver would take for a placeholder.
        """
        name = ".".join(f"{self.quote}{part.replace(self.quote, self.quote * 2)}{self.quote}" for part in path)
        return name.replace("%", "%%") if self.placeholder == "%s" else name

    def next_id(self, sequence: str) -> str:
        """The SQL expression for the next id of a sequence; only where `uses_sequences`."""
        return f"nextval('{sequence}')"

    def may_use_sequence(self, sequence: str) -> bool:
        """Whether the user that is connected may take ids of the sequence, of which none is taken."""
        return True

    # Locks and transactions

    def locked(self, query: Any) -> Any:
        """The query, whose rows nobody else changes until the transaction ends, and are read as they are now."""
        return query.for_update()

    def as_committed(self, query: Any) -> Any:
        """The query, whose rows are read as they are committed now."""
        return query

    def acquire_write_lock(self, first_group: Any) -> int | None:
        """Wait until no other change is in progress: for the row that the query has first.

        The id of the transaction, where the database can be asked later how it ended.
        """
        tuples(self.locked(first_group))
        return None

    def was_committed(self, transaction: int) -> bool | None:
        """How a transaction with an id ended; None where the database does not know any more.

        Raises Unavailable while it is still in progress.
        """
        return None

    # Order and search

    def ordering(self, field: Field) -> Any:
        """The field as lists sort it, so that an index answers it: by the column's own collation."""
        return field

    def has_ties(self, field: Field) -> bool:
        """Whether two rows can stand at the same place in that order, so that their ids decide.

        Of a unique column none can. To be asked for the ids all the same would cost MariaDB the index.
        """
        return not field.unique

    @abstractmethod
    def prefix_conditions(self, field: Field, text: str, encoding: str) -> list[Any]:
        """Conditions that an index answers, for rows whose field begins with the text, in their order.

        `encoding` is the column's character set. What they miss, a scan finds.
        """

    def contains(self, searched: Sequence[Node], text: str) -> Any:
        """The condition that each word of the text is in one of the expressions, without case, in any order."""
        condition: Any = SQL("1 = 1")
        for word in text.split():
            matches: Any = NO_ROW
            for expression in searched:
                matches |= self._has_word(expression, word)
            condition &= matches
        return condition

    @abstractmethod
    def _has_word(self, expression: Node, word: str) -> Any: ...

    # Stored texts

    def as_stored(self, value: Any) -> Any:
        """What a value of a row is compared as: an undecodable one is in other bytes than are shown of it."""
        return value

    def may_hold_undecodable(self, encodings: Collection[str]) -> bool:
        """Whether a database with columns of these character sets may hold texts that cannot be decoded."""
        return False

    # Schema

    _current_schema: str
    _charset_column = "NULL"

    def columns(self, tables: Sequence[str]) -> Iterator[tuple[str, Column]]:
        """The columns of those of the tables that exist, each with its table, in the table's order."""
        rows = ask(
            self.database,
            "SELECT table_name, column_name, character_maximum_length, column_default, "
            f"{self._charset_column}, collation_name FROM information_schema.columns "
            f"WHERE table_schema = {self._current_schema} "
            f"AND table_name IN ({', '.join(['%s'] * len(tables))}) ORDER BY table_name, ordinal_position",
            tables,
        )
        for table, name, length, default, charset, collation in rows:
            yield table, Column(name, int(length) if length else None, default, charset or "", collation or "")

    def encoding(self) -> str:
        """The character set of columns that declare none, empty for one that holds every text."""
        return ""

    def sequences(self) -> set[str]:
        """The names of the database's sequences."""
        return set()


class SQLite(Dialect):
    """An embedded file: locked as a whole, without servers, character sets or sequences."""

    is_server = False
    placeholder = "?"
    script = "embedded.sql"
    foreign_keys_query = """
        SELECT '', t.name, k.id, k.on_delete, k."from", k."to"
        FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
        WHERE t.type = 'table' AND k."table" = ? COLLATE NOCASE
        ORDER BY t.name, k.id, k.seq
    """

    def identity(self) -> str:
        """The file's URI, without its options."""
        return str(self.database.database).partition("?")[0]

    def require_same_file(self) -> None:
        """Raise Unavailable where another file is at the path; Unreachable where none is."""
        self.database.require_same_file()

    def describe(self) -> Iterator[tuple[str, str]]:
        """Version and journal."""
        yield "server", f"SQLite {self._setting('SELECT sqlite_version()')}"
        yield "journal", self._setting("PRAGMA journal_mode")

    def locked(self, query: Any) -> Any:
        """The query itself: a change has locked the file."""
        return query

    def acquire_write_lock(self, first_group: Any) -> int | None:
        """Nothing: transactions have waited when they begin."""
        return None

    def ordering(self, field: Field) -> Any:
        """Texts without case; the embedded file has indexes for it."""
        return Expression(field, "COLLATE", SQL("NOCASE")) if is_text(field) else field

    def has_ties(self, field: Field) -> bool:
        """Always: two unique names may differ in case alone."""
        return True

    def prefix_conditions(self, field: Field, text: str, encoding: str) -> list[Any]:
        """One range."""
        column = self.ordering(field)
        return [(column >= text) & (column < text + LAST_CHARACTER)]

    def contains(self, searched: Sequence[Node], text: str) -> Any:
        """Asks a Python function for each row: see `sqlite.contains`."""
        return fn.text_contains(text.casefold(), *(Cast(expression, "BLOB") for expression in searched))

    def _has_word(self, expression: Node, word: str) -> Any:
        return self.contains([expression], word)

    def as_stored(self, value: Any) -> Any:
        """Bytes that are no UTF-8, as the text or the BLOB that they are."""
        if not isinstance(value, Undecodable):
            return value
        return Cast(Value(value.raw, converter=False), "BLOB" if value.is_blob else "TEXT")

    def may_hold_undecodable(self, encodings: Collection[str]) -> bool:
        """Always: SQLite checks no text."""
        return True

    def columns(self, tables: Sequence[str]) -> Iterator[tuple[str, Column]]:
        """The columns; their lengths are in their declared types, as in VARCHAR(255)."""
        existing = set(self.database.get_tables())
        for table in filter(existing.__contains__, tables):
            for column in self.database.get_columns(table):
                size = re.search(r"\((\d+)\)", column.data_type)
                yield table, Column(column.name, int(size[1]) if size else None)


class PostgreSQL(Dialect):
    """PostgreSQL: sequences, SQLSTATEs, transactions that can be asked for by id, and texts compared to the letter."""

    has_fixed_join_order = False
    uses_sequences = True
    script = "postgres.sql"
    foreign_keys_query = """
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
    _current_schema = "current_schema()"

    def describe(self) -> Iterator[tuple[str, str]]:
        """Version, time zone, isolation, strictness and collation."""
        yield "server", f"PostgreSQL {self._setting('SHOW server_version')}"
        yield "time zone", self._setting("SHOW TimeZone")
        yield "isolation", self._setting("SHOW default_transaction_isolation")
        yield "strict mode", "always"
        collation = self._setting("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        yield "collation", f"{collation}, {self._setting('SHOW server_encoding')}"

    def may_use_sequence(self, sequence: str) -> bool:
        """Whether the user has both privileges that `nextval` needs."""
        return bool(ask(self.database, "SELECT has_sequence_privilege(%s, 'USAGE, UPDATE')", [sequence])[0][0])

    def acquire_write_lock(self, first_group: Any) -> int | None:
        """Lock the row and learn the transaction's id in one statement."""
        ids = tuples(self.locked(first_group.select(fn.txid_current())))
        return int((ids or ask(self.database, "SELECT txid_current()"))[0][0])

    def was_committed(self, transaction: int) -> bool | None:
        """As the server's own log of transactions says."""
        status = ask(self.database, "SELECT txid_status(%s)", [transaction])[0][0]
        if status == "in progress":
            raise Unavailable("The transaction is still in progress.")
        return None if status is None else status == "committed"

    def prefix_conditions(self, field: Field, text: str, encoding: str) -> list[Any]:
        """A range for the text as typed and in the usual cases each, since it compares to the letter."""
        if encoding:  # not UTF-8, which alone has the last of all characters
            return []
        cases = sorted({text, text.lower(), text.upper(), text[:1].upper() + text[1:]})
        return [(field >= case) & (field < case + LAST_CHARACTER) & fn.STARTS_WITH(field, case) for case in cases]

    def _has_word(self, expression: Node, word: str) -> Any:
        return fn.STRPOS(fn.LOWER(expression), fn.LOWER(word)) > 0

    def as_stored(self, value: Any) -> Any:
        """Bytes that a database in SQL_ASCII holds unchecked, as a text."""
        if not isinstance(value, Undecodable):
            return value
        return fn.CONVERT_FROM(Value(value.raw, converter=False), "SQL_ASCII")

    def may_hold_undecodable(self, encodings: Collection[str]) -> bool:
        """Only in SQL_ASCII, which no one checks."""
        return "sql_ascii" in encodings

    def encoding(self) -> str:
        """The database's one encoding."""
        encoding = self._setting("SHOW server_encoding").lower()
        if encoding == "utf8":  # whole, unlike MySQL's of that name
            return ""
        return "iso8859-1" if encoding == "latin1" else encoding.replace("win", "cp")  # MySQL's latin1 is Windows'

    def sequences(self) -> set[str]:
        """From the information schema."""
        return {name for (name,) in ask(self.database, "SELECT sequence_name FROM information_schema.sequences")}


class MySQL(Dialect):
    """MySQL and MariaDB: collations without case, snapshots that hide commits, tables outside transactions."""

    quote = "`"
    rolls_back_tables = False
    script = "mysql.sql"
    foreign_keys_query = """
        SELECT CASE k.table_schema WHEN DATABASE() THEN '' ELSE k.table_schema END, k.table_name, k.constraint_name,
        r.delete_rule, k.column_name, k.referenced_column_name
        FROM information_schema.key_column_usage k
        JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
        AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
        WHERE k.referenced_table_schema = DATABASE() AND k.referenced_table_name = %s
        ORDER BY 1, 2, 3, k.ordinal_position
    """
    _current_schema = "DATABASE()"
    _charset_column = "character_set_name"

    def describe(self) -> Iterator[tuple[str, str]]:
        """Version, time zones, isolation and strictness."""
        version = self._setting("SELECT VERSION()")
        is_mariadb = "maria" in version.lower()
        yield "server", version if is_mariadb else f"MySQL {version}"
        yield "time zone", f"{self._setting('SELECT @@time_zone')}, {self._setting('SELECT @@system_time_zone')}"
        yield "isolation", self._setting(f"SELECT @@{'tx_isolation' if is_mariadb else 'transaction_isolation'}")
        is_strict = "STRICT" in self._setting("SELECT @@GLOBAL.sql_mode")
        yield "strict mode", "on" if is_strict else "off on the server; this program's own sessions are strict"

    def as_committed(self, query: Any) -> Any:
        """A locking read: any other sees the rows as they were when the transaction began."""
        return query.for_update("LOCK IN SHARE MODE")

    def prefix_conditions(self, field: Field, text: str, encoding: str) -> list[Any]:
        """LIKE, which knows no case here."""
        return [field.startswith(text)]

    def _has_word(self, expression: Node, word: str) -> Any:
        return fn.LOCATE(word, expression) > 0  # the column's collation knows upper and lower case, and accents
