"""Gathers what a transaction changes, in its thread, where rows are written: the description of the change.

What the transaction has read of a row anyway is remembered, so that reading what was before costs no further statement;
what is not known costs one for each batch. Nothing is gathered where nothing records it.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from peewee import Field, chunked

from models.db.change import Change, RowChange, current_note
from models.db.described import NAMING_FIELDS, described, is_recorded, plain, recorded_fields, rule_text
from models.db.opened import opened
from models.db.statements import BATCH, tuples
from models.db.tables import Role, Rule, ShopTable

Model = type[ShopTable]
RowId = int | tuple[int, int]
Values = dict[str, Any]


class _Transaction(threading.local):
    def __init__(self, is_recorded: bool = False) -> None:
        self.is_recorded = is_recorded
        self.known: dict[tuple[Model, int], Values] = {}
        """What was read or written of each row, by column."""
        self.names: dict[tuple[Model, int], tuple[Any, ...]] = {}
        """What rows are named by, as it was when it was read first."""
        self.changed: dict[tuple[Model, RowId], tuple[Values | None, Values | None]] = {}
        self.counted: list[RowChange] = []


_transaction = _Transaction()


@contextmanager
def active() -> Iterator[None]:
    """Around a transaction, in its thread: meanwhile what it writes is gathered, if there is a recorder for it."""
    _transaction.__init__(opened().recorder is not None)  # type: ignore[misc]
    try:
        yield
    finally:
        _transaction.__init__()  # type: ignore[misc]


def is_gathering() -> bool:
    """Whether the change will be recorded."""
    return _transaction.is_recorded


def remember(model: Model, id: int, fields: Iterable[Field], values: Iterable[Any]) -> None:
    """Remember what was read of a row."""
    read = {field.column_name: plain(value) for field, value in zip(fields, values, strict=True)}
    known = _transaction.known.setdefault((model, id), {})
    known.update(read)
    _remember_name(model, id, known)


# What is written


def inserted(model: Model, id: int, values: Mapping[str, Any]) -> None:
    """Gather a new row, from its values by field."""
    if _transaction.is_recorded:
        after = described(model, values)
        _transaction.known[model, id] = dict(after)
        _remember_name(model, id, after)
        _merge((model, id), None, after)


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
        _read(model, ids, fields, lock=True)
        for id in sorted(ids):
            if (model, id) in _transaction.known:
                _update(model, id, after)


def updating_each(field: Field, values: Iterable[tuple[Any, int]]) -> None:
    """Gather the new values of a field, each with its row's id, before they are written."""
    if _transaction.is_recorded:
        each = [(plain(value), id) for value, id in values]
        _read(field.model, [id for _, id in each], [field], lock=True)
        for value, id in each:
            _update(field.model, id, {field.column_name: value})


def deleting(model: Model, ids: Collection[int]) -> None:
    """Gather rows that are about to be deleted."""
    if _transaction.is_recorded:
        _read(model, ids, recorded_fields(model), lock=True)
        for id in sorted(ids):
            if known := _transaction.known.get((model, id)):
                _merge((model, id), known, None)


def linked(model: Model, pairs: Iterable[tuple[int, int]]) -> None:
    """Gather new links."""
    if _transaction.is_recorded:
        for pair in pairs:
            _merge((model, pair), None, {})


def unlinked(model: Model, pairs: Iterable[tuple[int, int]]) -> None:
    """Gather links that are deleted."""
    if _transaction.is_recorded:
        for pair in pairs:
            _merge((model, pair), {}, None)


def counted(table: str, owner: Model | None, id: int | None, count: int, after: Mapping[str, Any] | None) -> None:
    """Gather how many rows of another part of the shop are changed (`after` has what is set) or deleted."""
    listed = {model._meta.table_name for model, _ in _transaction.changed}
    if _transaction.is_recorded and table not in listed:  # whose rows are gathered one by one
        name = _transaction.names.get((owner, id), ("",))[-1] if owner and id else ""
        values = None if after is None else {"rows": count} | {key: plain(value) for key, value in after.items()}
        _transaction.counted.append(RowChange(table, id, name, {"rows": count}, values))


def gathered(kind: str) -> Change | None:
    """The change that the transaction makes, with the names of its rows; None where it writes nothing."""
    _read_names()
    rows = [change for key, values in _transaction.changed.items() if (change := _row_change(key, *values))]
    rows += _transaction.counted
    return Change(kind, rows, current_note()) if rows else None


def _merge(key: tuple[Model, RowId], before: Values | None, after: Values | None) -> None:
    """Put what happens to a row together with what happened to it before in the transaction."""
    if (earlier := _transaction.changed.get(key)) is not None:
        was, became = earlier
        before = None if was is None else (before or {}) | was
        after = None if after is None else (became or {}) | after
    _transaction.changed[key] = before, after


def _update(model: Model, id: int, after: Values) -> None:
    known = _transaction.known[model, id]
    _merge((model, id), {column: known[column] for column in after if column in known}, after)
    known.update(after)


def _row_change(key: tuple[Model, RowId], before: Values | None, after: Values | None) -> RowChange | None:
    """The change of a row; None where all is as it was."""
    if before is not None and after is not None:
        differing = [column for column, value in after.items() if before.get(column, _MISSING) != value]
        before = {column: before[column] for column in differing if column in before}
        after = {column: after[column] for column in differing}
    if before == after:
        return None
    model, id = key
    return RowChange(model._meta.table_name, id, _name(model, id), before, after)


_MISSING = object()


# What rows are named by


def _name(model: Model, id: RowId) -> str | tuple[str, str]:
    names = _transaction.names
    if isinstance(id, tuple):
        (one, other) = (names.get(key, ("",))[0] for key in _linked_rows(model, id))
        return one, other
    parts = names.get((model, id), ("",))
    if len(parts) == 1:
        return str(parts[0])
    role, *rest = parts
    return names.get((Role, role), ("",))[0], rule_text(*rest) if model is Rule else str(rest[0])


def _linked_rows(model: Model, pair: tuple[int, int]) -> list[tuple[Model, int]]:
    others = [model._meta.fields[name].rel_model for name in model._meta.sorted_field_names]
    return list(zip(others, pair, strict=True))


def _read_names() -> None:
    """Read the names that are needed and were not read yet: those of linked rows, and of the roles of rules."""
    needed: dict[Model, set[int]] = {}
    for model, id in _transaction.changed:
        if isinstance(id, tuple):
            rows = _linked_rows(model, id)
        else:
            rows = [(Role, name[0]) for name in [_transaction.names.get((model, id), ())] if len(name) > 1]
        for other, key in rows:
            if (other, key) not in _transaction.names:
                needed.setdefault(other, set()).add(key)
    for model, ids in needed.items():
        _read(model, ids, [])


def _remember_name(model: Model, id: int, values: Values) -> None:
    fields = NAMING_FIELDS.get(model)
    if fields and (model, id) not in _transaction.names and all(field.column_name in values for field in fields):
        _transaction.names[model, id] = tuple(values[field.column_name] for field in fields)


def _read(model: Model, ids: Collection[int], fields: Collection[Field], *, lock: bool = False) -> None:
    """Read fields of the rows, and what they are named by, where that is not known; one statement for each batch.

    With `lock` they are read as they are now, and kept so until they are written.
    """
    wanted = list(dict.fromkeys([*NAMING_FIELDS.get(model, ()), *fields]))
    columns = {field.column_name for field in wanted}
    known = _transaction.known
    missing = [id for id in ids if not columns <= known.get((model, id), {}).keys()]
    for batch in chunked(sorted(missing), BATCH):
        query = model.select(model.id, *wanted).where(model.id.in_(batch)).order_by(model.id)
        for id, *values in tuples(opened().dialect.locked(query) if lock else query):
            remember(model, id, wanted, values)
