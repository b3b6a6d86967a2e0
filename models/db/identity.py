"""Which database is open, to tell it from others when it is opened again."""

from peewee import SqliteDatabase

from models.db.tables import shop


def identity() -> str:
    """A text that is another for each database, whoever opens it and however; never with a password in it.

    A server's is known once it was connected to.
    """
    database = shop.obj
    if isinstance(database, SqliteDatabase):
        return str(database.database).partition("?")[0]
    server = database.address
    host = "localhost" if server.host in ("127.0.0.1", "::1") else server.host
    return f"{type(database).__name__}:{host}:{server.port or ''}/{server.database}"
