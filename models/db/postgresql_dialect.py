"""What is PostgreSQL's own."""

from collections.abc import Collection, Iterator
from typing import Any

from peewee import Field, Node, Value, fn

from models.db.decoding import Undecodable
from models.db.dialects import LAST_CHARACTER, Dialect
from models.db.statements import ask, tuples
from models.errors import Unavailable


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
