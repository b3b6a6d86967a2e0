"""Paths and rules from texts as in `deny user/edit/update`."""

from models.access.rules import AccessRule, Path
from models.db.tables import Permission
from tests.models.access.by_the_book import Rule


def at(path: str) -> Path:
    return Path(*path.split("/"))


def lines(*rules: str) -> list[AccessRule]:
    """The rules of a role, with ids from 1."""
    return [
        AccessRule(at(path), Permission[permission.upper()], id)
        for id, (permission, path) in enumerate((rule.split() for rule in rules), 1)
    ]


def text(rule: Rule) -> str:
    """A rule of the book as a text."""
    permission, *parts = rule
    return f"{permission} {'/'.join(parts)}"
