"""Gathers what a transaction changes, in its thread, where rows are written: the description of the change.

What the transaction has read of a row anyway is remembered, so that reading what was before costs no further statement;
what is not known costs one for each batch. Nothing is gathered where nothing records it.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from peewee import Field, chunked

from models.db.change import Change, RowChange, current_note
from models.db.described import NAMING_FIELDS, OWNED, described, is_recorded, plain, recorded_fields, rule_text
from models.db.opened import opened
from models.db.statements import BATCH, one_of, tuples
from models.db.tables import Role, Rule, ShopTable, link_fields

Model = type[ShopTable]
RowId = int | tuple[int, int]
Values = dict[str, Any]


class _Transaction(threading.local):
    def __init__(self) -> None:
        self.reset(is_recorded=False)

    def reset(self, *, is_recorded: bool) -> None:
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
    columns, known, names = [field.column_name for field in fields], _transaction.known, _transaction.names
    naming = [columns.index(field.column_name) + 1 for field in NAMING_FIELDS.get(model, ())]
    for row in rows:
        key, values = (model, row[0]), {column: plain(value) for column, value in zip(columns, row[1:], strict=True)}
        known[key] = known[key] | values if key in known else values
        if naming and key not in names:
            names[key] = tuple([row[place] for place in naming])


# What is written


def inserted(model: Model, id: int, values: Mapping[str, Any]) -> None:
    """Gather a new row, from its values by field."""
    if _transaction.is_recorded:
        after = described(model, values)
        _transaction.known[model, id] = dict(after)
        _transaction.names[model, id] = tuple(after[field.column_name] for field in NAMING_FIELDS.get(model, ()))
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
        _merge_all(model, pairs, None, {})


def unlinked(model: Model, pairs: Iterable[tuple[int, int]]) -> None:
    """Gather links that are deleted."""
    if _transaction.is_recorded:
        _merge_all(model, pairs, {}, None)


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
    rows = [change for key, sides in _transaction.changed.items() if (change := _row_change(*key, *sides))]
    rows += _transaction.counted
    return Change(kind, rows, current_note()) if rows else None


def _merge(key: tuple[Model, RowId], before: Values | None, after: Values | None) -> None:
    """Put what happens to a row together with what happened to it before in the transaction."""
    if (earlier := _transaction.changed.get(key)) is not None:
        was, became = earlier
        before = None if was is None else (before or {}) | was
        after = None if after is None else (became or {}) | after
    _transaction.changed[key] = before, after


def _merge_all(model: Model, pairs: Iterable[tuple[int, int]], before: Values | None, after: Values | None) -> None:
    changed = _transaction.changed
    for pair in pairs:
        if (key := (model, pair)) in changed:
            _merge(key, before, after)
        else:
            changed[key] = before, after


def _update(model: Model, id: int, after: Values) -> None:
    known = _transaction.known[model, id]
    _merge((model, id), {column: known[column] for column in after if column in known}, after)
    known.update(after)


def _row_change(model: Model, id: RowId, before: Values | None, after: Values | None) -> RowChange | None:
    """The change of a row; None where all is as it was."""
    if before and after:
        differing = [column for column, value in after.items() if before.get(column, _MISSING) != value]
        before = {column: before[column] for column in differing if column in before}
        after = {column: after[column] for column in differing}
        if after and model in OWNED:
            owner = {Rule.role.column_name: _transaction.names[model, id][0]}  # type: ignore[index]
            before, after = owner | before, owner | after
    if before == after:
        return None
    name = _link_name(model, id) if isinstance(id, tuple) else _name(model, id)
    return RowChange(model._meta.table_name, id, name, before, after)


_MISSING = object()


# What rows are named by


def _name(model: Model, id: int) -> str | tuple[str, str]:
    names = _transaction.names
    first, *rest = names.get((model, id)) or ("",)
    if not rest:
        return str(first)
    role = names.get((Role, first), ("",))[0]
    return role, rule_text(*rest) if model is Rule else str(rest[0])


def _link_name(model: Model, pair: tuple[int, int]) -> tuple[str, str]:
    (one, other), names = _linked_models(model), _transaction.names
    return names.get((one, pair[0]), ("",))[0], names.get((other, pair[1]), ("",))[0]


@cache
def _linked_models(model: Model) -> tuple[Model, Model]:
    one, other = (field.rel_model for field in link_fields(model))
    return one, other


def _read_names() -> None:
    """Read the names that are needed and were not read yet: those of linked rows, and of the roles of rules."""
    names = _transaction.names
    needed: dict[tuple[Model, int], None] = {}
    for model, id in _transaction.changed:
        if isinstance(id, tuple):
            one, other = _linked_models(model)
            needed[one, id[0]] = needed[other, id[1]] = None
        elif len(name := names.get((model, id), ())) > 1:
            needed[Role, name[0]] = None
    for other in {model for model, _ in needed}:
        _read(other, [id for model, id in needed if model is other and (model, id) not in names], [])


def _read(model: Model, ids: Collection[int], fields: Collection[Field], *, lock: bool = False) -> None:
    """Read fields of the rows, and what they are named by, where that is not known; one statement for each batch.

    With `lock` they are read as they are now, and kept so until they are written.
    """
    wanted = list(dict.fromkeys([*NAMING_FIELDS.get(model, ()), *fields]))
    columns = {field.column_name for field in wanted}
    known = _transaction.known
    missing = [id for id in ids if not columns <= known.get((model, id), {}).keys()]
    for batch in chunked(sorted(missing), BATCH):
        query = model.select(model.id, *wanted).where(one_of(model.id, batch)).order_by(model.id)
        remember(model, wanted, tuples(opened().dialect.locked(query) if lock else query))
