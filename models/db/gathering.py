"""Gathers what a transaction changes, in its thread, where rows are written: the description of the change.

What the transaction has read of a row anyway is remembered, so that reading what was before costs no further statement;
what is not known costs one for each batch. Nothing is gathered where nothing records it.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from peewee import Field, chunked

from models.db.change import Change, RowChange, current_note
from models.db.described import NAMES, NAMING_FIELDS, OWNED, described, is_recorded, plain, recorded_fields, rule_text
from models.db.opened import opened
from models.db.statements import BATCH, one_of, tuples
from models.db.tables import LINKS, Role, Rule, ShopTable, link_fields, table_of

Model = type[ShopTable]
Values = dict[str, Any]
Sides = tuple[Values | None, Values | None]
"""A row before and after."""


class _Table:
    """What the transaction has read of a table, and what it changes there."""

    def __init__(self) -> None:
        self.known: dict[int, Values] = {}
        """What was read or written of each row, by column."""
        self.names: dict[int, Any] = {}
        """What rows are named by, as it was when it was read first: a text, or the values of several fields."""
        self.changed: dict[Any, Sides] = {}
        """By id, of a link both."""

    def merge(self, id: Any, before: Values | None, after: Values | None) -> None:
        """Put what happens to a row together with what happened to it before in the transaction."""
        if (earlier := self.changed.get(id)) is not None:
            was, became = earlier
            before = None if was is None else (before or {}) | was
            after = None if after is None else (became or {}) | after
        self.changed[id] = before, after

    def update(self, id: int, after: Values) -> None:
        known = self.known[id]
        self.merge(id, {column: known[column] for column in after if column in known}, after)
        known.update(after)


class _Transaction(threading.local):
    def __init__(self) -> None:
        self.reset(is_recorded=False)

    def reset(self, *, is_recorded: bool) -> None:
        self.is_recorded = is_recorded
        self.tables: defaultdict[Model, _Table] = defaultdict(_Table)
        self.counted: list[RowChange] = []
        self.copy_of: tuple[int, str] | None = None


_transaction = _Transaction()


@contextmanager
def active() -> Iterator[None]:
    """Around a transaction, in its thread: meanwhile what it writes is gathered, if there is a recorder for it."""
    _transaction.reset(is_recorded=opened().recorder is not None)
    try:
        yield
    finally:
        _transaction.reset(is_recorded=False)


def gather_all() -> None:
    """Gather what the transaction writes from now on, though nothing records it."""
    _transaction.is_recorded = True


def is_gathering() -> bool:
    """Whether the change will be recorded."""
    return _transaction.is_recorded


def remember(model: Model, fields: Sequence[Field], rows: Iterable[Sequence[Any]]) -> None:
    """Remember what was read of rows, each its id and the fields' values; what names them is among these."""
    columns, table = [field.column_name for field in fields], _transaction.tables[model]
    known, names = table.known, table.names
    naming = [columns.index(field.column_name) + 1 for field in NAMING_FIELDS.get(model, ())]
    name_of = itemgetter(*naming) if naming else None
    for row in rows:
        id, values = row[0], dict(zip(columns, map(plain, row[1:]), strict=True))
        known[id] = known[id] | values if id in known else values
        if name_of and id not in names:
            names[id] = name_of(row)


def remember_names(model: Model, rows: Iterable[tuple[int, str]]) -> None:
    """Remember the names of rows, each with its id."""
    names = _transaction.tables[model].names
    names.update((id, name) for id, name in rows if id not in names)


# What is written


def inserted(model: Model, id: int, values: Mapping[str, Any]) -> None:
    """Gather a new row, from its values by field."""
    if _transaction.is_recorded:
        table, after = _transaction.tables[model], described(model, values)
        table.known[id] = dict(after)
        if fields := NAMING_FIELDS.get(model):
            table.names[id] = itemgetter(*(field.column_name for field in fields))(after)
        table.merge(id, None, after)


def copying(id: int, name: str) -> None:
    """Gather that the new role is a copy of this one."""
    _transaction.copy_of = id, name


def copied(field: Field, target: int) -> None:
    """Gather the new rows that have `target` in the field: the database wrote them by itself."""
    if _transaction.is_recorded:
        model, fields = field.model, recorded_fields(field.model)
        for id, *values in tuples(model.select(model.id, *fields).where(field == target)):
            inserted(model, id, {each.name: value for each, value in zip(fields, values, strict=True)})


def updating(model: Model, ids: Collection[int], values: Mapping[str, Any]) -> None:
    """Gather new values of rows, the same for all, before they are written."""
    if _transaction.is_recorded and (after := described(model, values)):
        fields = [field for name in values if is_recorded(field := model._meta.fields[name])]
        _read(model, ids, fields)
        table = _transaction.tables[model]
        for id in sorted(table.known.keys() & set(ids)):
            table.update(id, after)


def updating_each(field: Field, values: Iterable[tuple[Any, int]]) -> None:
    """Gather the new values of a field, each with its row's id, before they are written."""
    if _transaction.is_recorded:
        each = [(plain(value), id) for value, id in values]
        _read(field.model, [id for _, id in each], [field])
        for value, id in each:
            _transaction.tables[field.model].update(id, {field.column_name: value})


def deleting(model: Model, ids: Collection[int]) -> None:
    """Gather rows that are about to be deleted."""
    if _transaction.is_recorded:
        _read(model, ids, recorded_fields(model))
        table = _transaction.tables[model]
        for id in sorted(table.known.keys() & set(ids)):
            table.merge(id, table.known[id], None)


def linked(model: Model, pairs: Iterable[tuple[int, int]]) -> None:
    """Gather new links."""
    if _transaction.is_recorded:
        for pair in pairs:
            _transaction.tables[model].merge(pair, None, {})


def unlinked(model: Model, pairs: Iterable[tuple[int, int]]) -> None:
    """Gather links that are deleted."""
    if _transaction.is_recorded:
        for pair in pairs:
            _transaction.tables[model].merge(pair, {}, None)


def counted(table: str, owner: Model | None, id: int | None, count: int, after: Mapping[str, Any] | None) -> None:
    """Gather how many rows of another part of the shop are changed (`after` has what is set) or deleted."""
    tables = _transaction.tables
    is_listed = any(table_of(model) == table and tables[model].changed for model in tables)  # its rows one by one
    if _transaction.is_recorded and not is_listed:
        name = str(tables[owner].names.get(id, "")) if owner and id else ""
        values = None if after is None else {"rows": count} | {key: plain(value) for key, value in after.items()}
        _transaction.counted.append(RowChange(table, id, name, {"rows": count}, values))


def gathered(kind: str) -> Change | None:
    """The change that the transaction makes, with the names of its rows; None where it writes nothing."""
    _read_names()
    tables = list(_transaction.tables.items())
    rows = [change for model, table in tables if table.changed for change in _row_changes(model, table)]
    rows += _transaction.counted
    return Change(kind, rows, current_note(), copy_of=_transaction.copy_of) if rows else None


def _row_changes(model: Model, table: _Table) -> Iterator[RowChange]:
    """The changes of a table's rows but those that are as they were."""
    name, name_of = table_of(model), _link_name(model) if model in LINKS else _row_name(model)
    for id, (before, after) in table.changed.items():
        if before and after:
            before, after = _differing(before, after)
            if after and model in OWNED:
                owner = {Rule.role.column_name: table.names[id][0]}
                before, after = owner | before, owner | after
        if before != after:
            yield RowChange(name, id, name_of(id), before, after)


def _differing(before: Values, after: Values) -> tuple[Values, Values]:
    columns = [column for column, value in after.items() if before.get(column, _MISSING) != value]
    return {column: before[column] for column in columns if column in before}, {each: after[each] for each in columns}


_MISSING = object()


# What rows are named by


def _row_name(model: Model) -> Callable[[Any], str | tuple[str, str]]:
    """What the rows of a table are called: by their own names, or by those of their roles and what they say."""
    names, roles = _transaction.tables[model].names, _transaction.tables[Role].names
    if model not in OWNED:
        return lambda id: str(names.get(id, ""))

    def name(id: int) -> tuple[str, str]:
        role, *own = names[id]
        return roles.get(role, ""), rule_text(*own) if model is Rule else str(own[0])

    return name


def _link_name(model: Model) -> Callable[[Any], tuple[str, str]]:
    ones, others = (_transaction.tables[field.rel_model].names for field in link_fields(model))
    return lambda pair: (ones.get(pair[0], ""), others.get(pair[1], ""))


def _read_names() -> None:
    """Read the names that are needed and were not read yet: those of linked rows, and of the roles of rules."""
    needed: defaultdict[Model, dict[int, None]] = defaultdict(dict)
    for model, table in list(_transaction.tables.items()):
        if model in LINKS:
            for side, field in enumerate(link_fields(model)):
                needed[field.rel_model].update(dict.fromkeys([pair[side] for pair in table.changed]))
        elif model in OWNED:
            needed[Role].update(dict.fromkeys([table.names[id][0] for id in table.changed]))
    for model, ids in needed.items():
        for batch in chunked(sorted(ids.keys() - _transaction.tables[model].names.keys()), BATCH):
            remember_names(model, tuples(model.select(model.id, NAMES[model]).where(one_of(model.id, batch))))


def _read(model: Model, ids: Collection[int], fields: Collection[Field]) -> None:
    """Read fields of rows that are about to be written, where they are not known, and lock these rows until then.

    One statement for each batch; what the rows are named by is read too.
    """
    wanted = list(dict.fromkeys([*NAMING_FIELDS.get(model, ()), *fields]))
    columns = {field.column_name for field in wanted}
    known = _transaction.tables[model].known
    missing = [id for id in ids if id not in known or not columns <= known[id].keys()]
    for batch in chunked(sorted(missing), BATCH):
        query = model.select(model.id, *wanted).where(one_of(model.id, batch)).order_by(model.id)
        remember(model, wanted, tuples(opened().dialect.locked(query)))
