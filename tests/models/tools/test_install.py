"""Putting a shop into an empty database that somebody else fills at the same time."""

from urllib.parse import urlsplit

import pytest

from models.db import schema
from models.db.dialects import Dialect
from models.db.schema import Schema
from models.errors import Unavailable
from models.tools.install import install
from tests import servers

MINE = "CREATE TABLE spy_acl_role (id_acl_role integer)"


@pytest.mark.parametrize("kind", servers.KINDS)
@pytest.mark.parametrize("winner", ["init", MINE])
def test_whoever_comes_second_changes_nothing_of_the_firsts(
    monkeypatch: pytest.MonkeyPatch, kind: str, winner: str
) -> None:
    url = servers.passing(kind, "race")
    read = schema.read

    def read_before_the_winner_comes(dialect: Dialect) -> Schema:
        found = read(dialect)
        monkeypatch.setattr(schema, "read", read)
        install(url) if winner == "init" else servers.run(url, winner)
        return found

    monkeypatch.setattr(schema, "read", read_before_the_winner_comes)
    with pytest.raises(Unavailable, match="already exists"):
        install(url)
    with servers.connect(url) as connection, connection.cursor() as cursor:
        schemas = f"('public', '{urlsplit(url).path[1:]}')"
        cursor.execute(f"SELECT table_name FROM information_schema.tables WHERE table_schema IN {schemas}")
        there = {name for (name,) in cursor.fetchall()}
    assert there == (set(servers.TABLES) if winner == "init" else {"spy_acl_role"})
