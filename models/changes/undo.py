"""Takes a recorded change back, by another change that is recorded too: to undo that one is to make it again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from models import groups, role_rules, roles
from models.access.impact import AccessChange
from models.access.safeguards import require_remaining_admin
from models.changes.history import Record
from models.changes.inverse import MODELS, ROWS, Inverse, is_counted
from models.changes.present import Model
from models.changes.record_history import is_of_this_shop
from models.changes.row_access import access_change
from models.changes.summary import summarize
from models.db.change import Change, Note, RowChange, annotate, current_note
from models.db.connection import read_connection
from models.db.links import add_links, remove_links
from models.db.opened import now
from models.db.restoring import fields_of, restore_rows
from models.db.rights import require_right
from models.db.rows import cascading_row_counts, insert_row, lock_rows, update_rows
from models.db.rows_beside import try_write
from models.db.tables import LINKS, EntityRule, Group, Role, Rule, Status, User, link_fields
from models.db.transactions import transaction
from models.errors import Conflict, FieldChange, Refused
from models.user_status import status_change

OTHER_DATABASE = "This change was made to another database: {}."
NOT_WRITTEN = "This change was not written: there is nothing to undo."
NO_ROWS = "This changed nothing in the shop: there is nothing to undo."
UNKNOWN_TABLE = "This version of the program cannot undo changes of {}."
REFUSED_DATA_RULE = "The data rule {1} of the role {0} does not return: the database refused it."


class Overtaken(Conflict):
    """What a change wrote was changed again since, so that to undo it would undo that too; nothing was written."""

    def __init__(self, changes: Sequence[FieldChange]) -> None:
        super().__init__("record", changes, theirs=None, merged=None, mine=None)
        self.args = (f"Changed again since, so that nothing was undone: {'; '.join(map(_told, changes))}.",)


@dataclass(frozen=True, slots=True)
class Undo:
    """What would take a change back."""

    record: Record
    rows: Sequence[RowChange]
    """What would be written; nothing where all is as it was before the change."""
    lost: Sequence[str]
    """What cannot go back, a sentence each."""
    access: AccessChange
    cascading: Mapping[str, int]
    """How many rows of other tables would be deleted too, by table."""
    overwriting: Collection[FieldChange] = ()
    """What was changed again since, and is undone too."""

    @property
    def summary(self) -> str:
        """What would be done, in one sentence."""
        return summarize(Change("undo.undo", self.rows, Note()))

    @property
    def deleted(self) -> dict[int, str]:
        """The groups and roles that would be deleted, their names by their ids."""
        return {row.id: row.name for model in (Group, Role) for row in _of(self.rows, model) if row.after is None}


def plan(record: Record, *, overwriting: Collection[FieldChange] = ()) -> Undo:
    """What `undo` would do. Raises Refused, Overtaken where that would, Unavailable where the database would refuse."""
    if not is_of_this_shop(record):
        raise Refused(OTHER_DATABASE.format(record.intent["database"]))
    if record.outcome == "not written":
        raise Refused(NOT_WRITTEN)
    if not record.ops:
        raise Refused(NO_ROWS)
    if unknown := {op["table"] for op in record.ops if not is_counted(op)} - MODELS.keys():
        raise Refused(UNKNOWN_TABLE.format(", ".join(sorted(unknown))))
    with read_connection():
        inverse = Inverse(record.ops)
        if set(inverse.conflicts) - set(overwriting):
            raise Overtaken(inverse.conflicts)
        if inverse.lost and not inverse.rows:
            raise Refused(" ".join(inverse.lost))
        cascading = Counter[str]()
        for model in (Group, Role, Rule):
            going = [row.id for row in _of(inverse.rows, model) if row.after is None]
            cascading.update(cascading_row_counts(model, going))
    _require_rights(inverse.rows)
    access = access_change(inverse.rows, inverse.present[Rule])
    return Undo(record, inverse.rows, inverse.lost, access, cascading, overwriting)


def _require_rights(rows: Sequence[RowChange]) -> None:
    models: Sequence[Model] = (Role, Group, User, Rule, *LINKS)
    for model in models:
        written = _of(rows, model)
        if any(row.after is None for row in written):
            require_right("delete", model)
        if any(row.before and row.after for row in written):
            require_right("update", model)


def undo(record: Record, *, overwriting: Collection[FieldChange] = ()) -> list[str] | None:
    """Take a change back, whole or not at all, in one transaction; what of it could not go back, a sentence each.

    None where all is as it was already. Raises Overtaken where something was changed again since, but for what was
    told of that and is to be undone too (`overwriting`); Refused where a name or id is another record's now, the
    current user would not stay active or no administrator would remain.
    """
    with annotate(replace(current_note(), undoes=record.id)):
        return _undo(record, overwriting)


@transaction
def _undo(record: Record, overwriting: Collection[FieldChange]) -> list[str] | None:
    for model in ROWS:
        lock_rows(model, {op["id"] for op in record.ops if MODELS.get(op["table"]) is model and not is_counted(op)})
    planned = plan(record, overwriting=overwriting)
    if not planned.rows:
        return None
    with require_remaining_admin():
        return [*planned.lost, *_write(planned.rows)]


def _write(rows: Sequence[RowChange]) -> list[str]:
    """Write rows as they are to be after, what comes back before what goes; what the database refused."""
    refused = _restore(rows)
    for model in ROWS:
        _update(model, _of(rows, model))
    for model in LINKS:
        add_links(model, [row.id for row in _of(rows, model) if row.before is None])
    for model in LINKS:
        removed: defaultdict[int, list[int]] = defaultdict(list)
        for row in _of(rows, model):
            if row.after is None:
                removed[row.id[0]].append(row.id[1])
        for group, others in removed.items():
            group_field, field = link_fields(model)
            remove_links(field, others, group_field == group)
    gone = {model: [row.id for row in _of(rows, model) if row.after is None] for model in (Rule, Group, Role)}
    linked = {row.id[0] for model in LINKS for row in _of(rows, model)} - {*gone[Group]}
    if linked:
        update_rows(Group, linked, updated_at=now())
    if gone[Rule]:
        role_rules.remove_all(gone[Rule])
    if gone[Group]:
        groups.delete(*gone[Group])
    if gone[Role]:
        roles.delete(*gone[Role])
    return refused


def _restore(rows: Sequence[RowChange]) -> list[str]:
    """Insert what was deleted; the data rules that the database refused, in sentences."""
    refused = []
    for model in (Role, Group, Rule):
        returning = [row for row in _of(rows, model) if row.before is None]
        restore_rows(model, {row.id: row.after for row in returning if row.id is not None})
        for row in returning:
            if row.id is None:
                insert_row(model, **fields_of(model, row.after), updated_at=now())
    for row in _of(rows, EntityRule):
        if row.before is None and not try_write(partial(_restore_data_rule, row)):
            refused.append(REFUSED_DATA_RULE.format(*row.name))
    return refused


def _restore_data_rule(row: Any) -> None:
    if row.id is None:
        insert_row(EntityRule, **fields_of(EntityRule, row.after))
    else:
        restore_rows(EntityRule, {row.id: row.after})


def _update(model: Model, rows: Sequence[Any]) -> None:
    """Set what is changed in rows, those together that get the same values."""
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in rows:
        if row.before is not None and row.after:
            alike[tuple(row.after.items())].append(row.id)
    for values, ids in alike.items():
        changed = fields_of(model, dict(values))
        status = changed.get("status") if model is User else None
        if status in set(Status):
            status = Status(status)
        with nullcontext() if status is None else status_change(ids, status):
            update_rows(model, ids, **changed, updated_at=now())


def _of(rows: Sequence[RowChange], model: Model) -> list[Any]:
    """The rows of a model, whose ids are those of that model."""
    return [row for row in rows if row.table == model._meta.table_name]


def _told(change: FieldChange) -> str:
    was = f" {change.baseline} →" if change.baseline else ""
    return f"{change.field}{was} {change.theirs}"
