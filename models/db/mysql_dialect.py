"""What MySQL and MariaDB have of their own."""

from collections.abc import Iterator
from typing import Any

from peewee import Field, Node, fn

from models.db.dialects import Dialect


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
