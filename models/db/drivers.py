"""Which database drivers a start needs: Peewee imports every one that is installed, and each takes its time."""

import sys
from collections.abc import Collection

DRIVERS = ("pysqlite3", "psycopg2cffi", "psycopg2", "psycopg", "pymysql", "MySQLdb")
"""Every driver that Peewee looks for."""

SCHEMES = {"mysql": "mysql", "mariadb": "mysql", "postgres": "postgres", "postgresql": "postgres"}
"""The schemes of the URLs of servers, each with the extra that installs its driver."""

_OF_EXTRA = {"mysql": ("pymysql",), "postgres": ("psycopg",)}


def is_url(location: str) -> bool:
    """Whether a location names a database on a server."""
    return _extra(location) is not None


def needed(location: str) -> tuple[str, ...]:
    """The drivers that the database at `location` needs; none for a file, which Python's own sqlite3 reads."""
    extra = _extra(location)
    return _OF_EXTRA[extra] if extra else ()


def _extra(location: str) -> str | None:
    scheme, separator, _ = location.partition("://")
    return SCHEMES.get(scheme.lower()) if separator else None


def import_peewee(drivers: Collection[str] = ()) -> None:
    """Import Peewee with these drivers alone, before anything else imports it with all of them.

    Peewee 4 tries each at its import, with PyMySQL and psycopg 3 at 90 ms more than without, and there is no setting
    against it. A None in `sys.modules` makes Python's import fail: it is there during this one
    import only, so that a driver can be imported afterwards.
    """
    if "peewee" in sys.modules:
        return
    hidden = [name for name in DRIVERS if name not in drivers and name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        import peewee  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
