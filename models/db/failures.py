"""What a database's errors mean: a message for each, and whether to retry."""

import re
from errno import EDQUOT, ENOSPC

from peewee import IntegrityError, InterfaceError, InternalError, OperationalError

from models.errors import Unavailable

_LOST = {1053, 1927, 4031}  # the server shuts down, the connection was killed, was idle for too long
_CONTENDED = {1213, 1020, "40001", "40P01"}  # a deadlock, a row that was changed meanwhile, a lost serialization

CLEAR_TEXT = (
    "it asks for the password in clear text, which is sent only over TLS: "
    "add ?ssl=true to the URL or, to check the server's certificate too, ?ssl=verify"
)
"""Why a server is not given the password."""

OLD_PASSWORD = "it asks for the password in a form that is broken (mysql_old_password), which is not sent"
"""Likewise, whether or not there is TLS."""

TIMED_OUT = "it did not answer in time"

FORBIDDEN = "the database user may not do that"

_MESSAGES: tuple[tuple[str, str], ...] = (
    # SQLite
    ("database is locked", "locked by another program"),
    ("database table is locked", "locked by another program"),
    ("readonly database", "it is read-only"),
    ("database or disk is full", "the disk is full"),
    ("not a database", "not a database"),
    ("malformed", "the file is damaged"),
    ("unable to open", "the file cannot be opened"),
    ("No space left on device", "the disk is full"),
    ("Got error 28 ", "the disk is full"),  # MySQL's words for it
    ("disk I/O", "the disk cannot be read or written"),
    # servers, when they are connected to
    ("password authentication failed", "the user or the password is wrong"),
    ("server requested a cleartext password", CLEAR_TEXT),
    (CLEAR_TEXT, CLEAR_TEXT),
    (OLD_PASSWORD, OLD_PASSWORD),
    ("no password supplied", "it requires a password"),
    ("no pg_hba.conf entry", "this user is not allowed from this host"),
    ("Connection refused", "connection refused (is the server running?)"),
    ("timed out", TIMED_OUT),
    ("timeout expired", TIMED_OUT),
    ("Name or service not known", "unknown host"),
    ("failed to resolve host", "unknown host"),
    ("could not translate host name", "unknown host"),
    ("Temporary failure in name resolution", "the host name cannot be resolved"),
    ("No address associated", "unknown host"),
    ("Network is unreachable", "the network cannot be reached"),
    ("No route to host", "the host cannot be reached"),
    ("does not support SSL", "no TLS on the server, which the URL requires"),
    ("SSL is required but the server doesn't support it", "no TLS on the server, which the URL requires"),
    ("does not match host name", "its certificate is for another name"),
    ("Hostname mismatch", "its certificate is for another name"),
    ("IP address mismatch", "its certificate is for another name"),
    ("certificate has expired", "its certificate has expired"),
    ("certificate verify failed", "its certificate is not trusted"),
    ("root certificate file", "no trusted certificates found (set ?sslrootcert=FILE)"),
    ("too many connections for role", "too many connections for this user"),
    ("max_user_connections", "too many connections for this user"),
    ("too many connections for database", "too many connections to this database"),
    ("too many clients", "too many connections"),
    ("connection slots are reserved", "too many connections"),
    ("starting up", "it is starting"),
    ("shutting down", "it is shutting down"),
    # servers, when something is changed
    ("read-only transaction", "it is read-only"),
    ("READ ONLY transaction", "it is read-only"),
    ("read-only", "it is read-only"),
)

_MESSAGES_BY_CODE: dict[int | str, str] = {
    1040: "too many connections",
    1044: "access denied for this user",
    1045: "the user or the password is wrong",
    1049: "no such database",
    1142: FORBIDDEN,
    1143: FORBIDDEN,
    1205: "another program's change is taking too long",
    1290: "it is read-only",
    1792: "it is read-only",
    1836: "it is read-only",
    1021: "the disk is full",
    "25006": "it is read-only",
    "42501": FORBIDDEN,
    "53100": "the disk is full",
    1114: "the disk or the table is full",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR_SHMSIZE": "the disk is full",  # no room for the index of the write-ahead log
    1203: "too many connections for this user",
    "53300": "too many connections",
    "55P03": "another program's change is taking too long",
}


def reason(error: Exception) -> str:
    """A message for the user; the driver's own where we have none."""
    while "cannot rollback" in str(error) and isinstance(error.__context__, Exception):  # SQLite had done so by itself
        error = error.__context__
    text = str(error)
    if isinstance(error, Unavailable):  # with a message of ours
        return text
    if isinstance(error, OSError):
        return "the disk is full" if error.errno in (ENOSPC, EDQUOT) else error.strerror or text
    if code := next((code for code in _codes(error) if code in _MESSAGES_BY_CODE), None):
        message = _MESSAGES_BY_CODE[code]
        return message + _forbidden_in(text) if message is FORBIDDEN else message
    if "database" in text and "does not exist" in text:
        return "no such database"
    known = next((message for part, message in _MESSAGES if part in text), None)
    if not known and (at_connecting := _at_connecting(text)):
        return at_connecting
    if not known and is_lost(error):
        return "the connection was lost"
    return known or (str(error.args[-1]) if error.args else type(error).__name__).strip().split("\n")[0].rstrip(".")


def _forbidden_in(text: str) -> str:
    """The table or sequence that a server names where it says that a right is missing."""
    named = re.search(r"\b(table|sequence) (?:`.*`\.)?[`']?(\w+)", text)
    return f" ({named[1]} {named[2]})" if named else ""


def _at_connecting(text: str) -> str:
    """Why a server or the driver refused a connection; without the values of libpq's options."""
    first = text.split("\n")[0]
    if mysql := re.search(r"Can't connect to MySQL server on .*? \((?:\[Errno -?\d+\] )?(.*?)\)", first):
        return mysql[1]
    if not first.startswith(("connection failed: ", "connection is bad: ")):
        return ""
    message = first.rpartition("FATAL:  ")[2].rpartition(" failed: ")[2].removeprefix("connection is bad: ")
    if message.startswith("invalid") and "FATAL" not in first:  # which quotes a value
        return message.partition('"')[0].rstrip(": ")
    return message


def is_lost(error: Exception) -> bool:
    """True if the connection was lost; what was not committed on it is not written."""
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return False
    state = getattr(_original(error), "sqlstate", "")  # a server's error has one; SQLite's have not even the attribute
    return state is None or state.startswith(("08", "57P")) or not _LOST.isdisjoint(_codes(error))


def has_timed_out(error: Exception) -> bool:
    """True if no answer came in time: what was asked may be slow, and would be again."""
    return reason(error) == TIMED_OUT


def is_locked(error: Exception) -> bool:
    """Whether another program has an SQLite file locked."""
    return "database is locked" in str(error)


def is_contended(error: Exception) -> bool:
    """True if the error is a deadlock, a serialization failure or a constraint that a concurrent change broke: retry.

    What a change checks before it writes (that a name is free, that a link does not exist yet, that a role does) may
    not hold any more when it writes: the shop's own pages do not wait for our lock.
    """
    return isinstance(error, IntegrityError) or not _CONTENDED.isdisjoint(_codes(error))


def _codes(error: Exception) -> list[int | str]:
    """MySQL's error number, PostgreSQL's SQLSTATE, or SQLite's name of it."""
    original = _original(error)
    codes: list[int | str] = [value for value in error.args[:2] if isinstance(value, int)]
    codes += [value for value in original.args[:1] if isinstance(value, int) and value not in codes]
    state = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return [*codes, state] if isinstance(state, str) else codes


def _original(error: Exception) -> Exception:
    """The driver's own error, which Peewee's holds, maybe in another one of Peewee's."""
    while isinstance(original := getattr(error, "orig", None), Exception):
        error = original
    return error
