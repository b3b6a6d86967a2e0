"""Which database is open, to tell it from others when it is opened again."""

from peewee import SqliteDatabase

from models.tables import shop


def identity() -> str:
    """A text that is another for each database, whoever opens it and however; never with a password in it."""
    database = shop.obj
    if isinstance(database, SqliteDatabase):
        return str(database.database).partition("?")[0]
    server = database.connect_params
    return f"{type(database).__name__}:{server.get('host', '')}:{server.get('port', '')}/{database.database}"
