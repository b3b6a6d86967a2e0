"""What is SQLite's own."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from peewee import SQL, Cast, Expression, Field, Node, Value, fn

from models.db.decoding import Undecodable
from models.db.dialects import LAST_CHARACTER, Column, Dialect, is_text


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
