"""The tables as a picture, and records replayed on one."""

from datetime import datetime
from typing import Any

from peewee import Column, Table

from models.changes.history import Record
from models.db.described import recorded_fields
from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import EntityRule, Group, GroupRole, Membership, Role, Rule, User

Picture = dict[tuple[str, Any], dict[str, Any]]
"""The rows by table and id (of links both ids), without passwords and `updated_at`."""


def take() -> Picture:
    """A picture of all tables that are recorded row by row."""
    picture: Picture = {}
    neighbours = [EntityRule] if EntityRule in opened().neighbours else []
    with opened().database.connection_context():
        for model in (User, Group, Role, Rule, *neighbours):
            fields = recorded_fields(model)
            for id, *values in tuples(model.select(model.id, *fields)):
                row = {field.column_name: plain(value) for field, value in zip(fields, values, strict=True)}
                picture[model._meta.table_name, id] = row
        for model in (GroupRole, Membership):
            for pair in tuples(model.select()):
                picture[model._meta.table_name, tuple(pair)] = {}
    return picture


def take_archives() -> Picture:
    """A picture of what the shop keeps of deleted groups, roles and rules, without when."""
    picture: Picture = {}
    with opened().database.connection_context():
        for model in (Group, Role, Rule):
            name, fields = f"{model._meta.table_name}_archive", recorded_fields(model)
            table = Table(name).bind(opened().database)
            columns = [Column(table, field.column_name) for field in (model.id, *fields)]
            for id, *values in tuples(table.select(*columns)):
                row = {field.column_name: plain(value) for field, value in zip(fields, values, strict=True)}
                picture[name, id] = row
    return picture


def plain(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, datetime) else value


def replay(picture: Picture, records: list[Record]) -> Picture:
    """The picture with the changes of written records; what they say was before must be in it."""
    picture = {key: dict(row) for key, row in picture.items()}
    for record in records:
        for op in record.ops if record.outcome == "written" else []:
            before, after = op["before"], op["after"]
            if "rows" in (before or {}):
                continue
            key = op["table"], tuple(op["id"]) if isinstance(op["id"], list) else op["id"]
            stored = picture.pop(key, None)
            assert (stored is None) == (before is None), op
            assert stored is None or before.items() <= stored.items(), (op, stored)
            if after is not None:
                empty = dict.fromkeys(columns(key[0])) if stored is None else {}
                row = {**empty, **(stored or {}), **after}
                picture[key] = {column: value for column, value in row.items() if column != "password"}
    return picture


def columns(table: str) -> list[str]:
    models = {model._meta.table_name: model for model in (User, Group, Role, Rule, EntityRule)}
    return [field.column_name for field in recorded_fields(models[table])] if table in models else []
