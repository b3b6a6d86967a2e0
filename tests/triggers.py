"""Triggers in the words of each kind of database, for tests: some that refuse a change, some that note it down."""

from collections.abc import Sequence

Statements = tuple[list[str], list[str]]
"""What makes the triggers, and what takes them away."""


def refusing(kind: str, event: str, table: str) -> Statements:
    """Every INSERT, UPDATE or DELETE of a row of the table fails, with the word `no`."""
    trigger = f"CREATE TRIGGER no BEFORE {event} ON {table}"
    if kind == "sqlite":
        return [f"{trigger} BEGIN SELECT RAISE(ABORT, 'no'); END"], ["DROP TRIGGER no"]
    if kind == "mariadb":
        return [f"{trigger} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'"], ["DROP TRIGGER no"]
    function = "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$"
    return [function, f"{trigger} FOR EACH ROW EXECUTE FUNCTION no()"], ["DROP FUNCTION no CASCADE"]


def noting(kind: str, table: str, key: str, columns: Sequence[str]) -> Statements:
    """A table `written` holds INSERT, DELETE or the name of the updated column, and the row's value in `key`.

    MariaDB cannot tell an updated column from one that got the value it had.
    """
    names = [f"on_{table}_{what}" for what in ("INSERT", "DELETE", *(columns if kind == "sqlite" else ["UPDATE"]))]
    make = ["CREATE TABLE IF NOT EXISTS written (what VARCHAR(60), id INTEGER)"]
    away = ["DROP TABLE IF EXISTS written"]
    if kind == "postgres":
        make.append(
            "CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO written SELECT TG_ARGV[0], (to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END) "
            "->> TG_ARGV[1])::int; RETURN NULL; END $$"
        )
        for what in ("INSERT", "DELETE", *columns):
            event = what if what.isupper() else f"UPDATE OF {what}"
            note = f"FOR EACH ROW EXECUTE FUNCTION note('{what}', '{key}')"
            make.append(f"CREATE TRIGGER on_{what} AFTER {event} ON {table} {note}")
        return make, [*away, "DROP FUNCTION IF EXISTS note CASCADE"]
    start, end = ("BEGIN", "; END") if kind == "sqlite" else ("FOR EACH ROW", "")
    for what, row in ("INSERT", "new"), ("DELETE", "old"):
        note = f"INSERT INTO written VALUES ('{what}', {row}.{key})"
        make.append(f"CREATE TRIGGER on_{table}_{what} AFTER {what} ON {table} {start} {note}{end}")
    if kind == "sqlite":
        for column in columns:
            note = f"INSERT INTO written VALUES ('{column}', new.{key})"
            make.append(f"CREATE TRIGGER on_{table}_{column} AFTER UPDATE OF {column} ON {table} {start} {note}{end}")
    else:
        notes = [f"SELECT '{name}', new.{key} FROM DUAL WHERE NOT old.{name} <=> new.{name}" for name in columns]
        note = f"INSERT INTO written {' UNION ALL '.join(notes)}"
        make.append(f"CREATE TRIGGER on_{table}_UPDATE AFTER UPDATE ON {table} {start} {note}")
    return make, [*away, *(f"DROP TRIGGER {name}" for name in names)]
