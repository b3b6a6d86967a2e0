"""What differs between the database engines: a subclass for each, and nothing of it anywhere else.

How each is connected to is in `sqlite` and `servers`; what its errors mean is in `failures`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, CharField, Field, Node, TextField

from models.db.statements import ask, tuples

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
