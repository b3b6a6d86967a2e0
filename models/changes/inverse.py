"""What would take a recorded change back: the rows that are to be written, from how the shop is now."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from models.changes.chain import Entry
from models.changes.present import (
    Model,
    Pair,
    Values,
    added_to_group,
    added_to_role,
    read_rows,
    stored_links,
)
from models.changes.summary import NOUNS, describe
from models.changes.undo_words import field_label, label_of, name_of, noun_of, told_link, told_rows
from models.db.change import RowChange
from models.db.described import NAMES
from models.db.rows import existing_ids
from models.db.statements import tuples
from models.db.tables import (
    LINKS,
    ROOT_GROUP,
    ROOT_ROLE,
    EntityRule,
    Group,
    GroupRole,
    Membership,
    Permission,
    Role,
    Rule,
    Status,
    User,
    group_label,
    link_fields,
)
from models.errors import FieldChange, Refused
from models.groups import ROOT_NOT_RENAMED
from models.merge import MAX_NAMES
from models.roles import ROOT_KEPT
from models.text import some_names
from models.validation import ROLE_NEEDED, SAME_RULE, rule_problems

ROWS: tuple[Model, ...] = (Role, Group, User, Rule, EntityRule)
"""What has rows of its own: those first that others belong to."""

MODELS: Mapping[str, Model] = {model._meta.table_name: model for model in (*ROWS, *LINKS)}

UNREADABLE = "\ufffd"
"""What is recorded for each byte that is no text."""

_ROOTS: Mapping[Model, tuple[str, str]] = {Group: (ROOT_GROUP, ROOT_NOT_RENAMED), Role: (ROOT_ROLE, ROOT_KEPT)}
_STATUS, _OWNER = User.status.column_name, Rule.role.column_name


class Inverse:
    """The rows that take a change back, what cannot go back, and what others changed since.

    Raises Refused where the change cannot be taken back at all, as where a name is another record's now.
    """

    def __init__(self, ops: Sequence[Entry]) -> None:
        self.rows: list[RowChange] = []
        """What is to be written; where there are conflicts, what would be if theirs were overwritten."""
        self.lost: list[str] = []
        """What cannot go back, a sentence each."""
        self.conflicts: list[FieldChange] = []
        """Values other than the change wrote: what it wrote, what is there now, and what would be set back."""
        self._ops: dict[Model, list[Entry]] = {model: [] for model in (*ROWS, *LINKS)}
        for op in ops:
            if is_counted(op):
                self.lost.append(told_rows(op))
            else:
                self._ops[MODELS[op["table"]]].append(op)
        self.present = {model: read_rows(model, [op["id"] for op in self._ops[model]]) for model in ROWS}
        """The rows of the change that the shop has now, by id."""
        for model in ROWS:
            for op in self._ops[model]:
                self._take_back(model, op)
        for model in LINKS:
            self._take_back_links(model)
        self._find_additions()
        self._require_roles()

    # Rows

    def _take_back(self, model: Model, op: Entry) -> None:
        now = self.present[model].get(op["id"])
        if op["before"] is None and now is not None:
            self._remove(model, op, now)
        elif op["after"] is None and now != op["before"]:
            self._return(model, op, now)
        elif op["before"] is not None and op["after"] is not None:
            self._set_back(model, op, now)

    def _remove(self, model: Model, op: Entry, now: Values) -> None:
        """What the change created; a user is set to deleted, as the shop does it."""
        written = {column: value for column, value in op["after"].items() if column in now}
        after: Values | None = None
        if model is User:
            written, after = {_STATUS: written[_STATUS]}, {_STATUS: int(Status.DELETED)}
            if now[_STATUS] == Status.DELETED:
                return
        for column, value in written.items():
            if now[column] != value:
                self._conflict(model, op, column, value, now, "deleted")
        self.rows.append(RowChange(op["table"], op["id"], name_of(model, op, now), written, after))

    def _return(self, model: Model, op: Entry, now: Values | None) -> None:
        """What the change deleted; a rule whose id is another's by now gets a new one."""
        name, id, before = name_of(model, op, None), op["id"], op["before"]
        if model in (Rule, EntityRule):
            if before[_OWNER] not in self._owners:
                self.lost.append(f"The {NOUNS[op['table']]} {name[1]} cannot return: the role {name[0]} is deleted.")
                return
            if model is Rule and self._is_held(before, None):
                self.lost.append(f"The role {name[0]} has the rule {name[1]} already.")
                return
            id = None if now is not None else id
        elif now is not None:
            taken = name_of(model, op, now)
            raise Refused(f"The {NOUNS[op['table']]} “{name}” cannot return: its id {id} is now that of “{taken}”.")
        else:
            _require_free(model, before, None)
        self.rows.append(RowChange(op["table"], id, name, None, before))

    def _set_back(self, model: Model, op: Entry, now: Values | None) -> None:
        """What the change wrote into a row, where it is still there."""
        old: dict[str, Any] = {}
        new: dict[str, Any] = {}
        for column, written in op["after"].items():
            if now is None:
                self.lost.append(f"{field_label(model, op, column)} cannot be set back: it is deleted.")
                continue
            if column not in op["before"] or column not in now:  # what is never recorded, whoever wrote this
                self.lost.append(f"The {column} of {op['name']} stays: the one before is not recorded.")
                continue
            value = op["before"][column]
            if now[column] == value:
                continue
            if now[column] != written:
                self._conflict(model, op, column, written, now, describe(column, value))
            if isinstance(value, str) and UNREADABLE in value:
                self.lost.append(f"{field_label(model, op, column)} stays: the one before was no readable text.")
            else:
                old[column], new[column] = now[column], value
        if not new or now is None:
            return
        if model in _ROOTS and now[NAMES[model].column_name] == _ROOTS[model][0]:
            raise Refused(_ROOTS[model][1])
        if model in NAMES:
            _require_free(model, new, op["id"])
        if model is Rule and self._is_held({**now, **new}, op["id"]):
            raise Refused(f"{op['name'][0]}: {SAME_RULE}")
        self.rows.append(RowChange(op["table"], op["id"], name_of(model, op, now), old, new))

    @cached_property
    def _owners(self) -> set[int]:
        """Those of the roles of returning rules that are there, or return too."""
        ids = {op["before"][_OWNER] for model in (Rule, EntityRule) for op in self._ops[model] if op["after"] is None}
        return self._existing(Role, ids)

    def _is_held(self, rule: Values, id: int | None) -> bool:
        """Whether a role has another rule like this."""
        if rule[_OWNER] in self._returning(Role):
            return False
        parts = [rule[field.column_name] for field in (Rule.bundle, Rule.controller, Rule.action)]
        stored = rule[Rule.permission.column_name]
        permission = Permission(stored) if stored in set(Permission) else None
        return rule_problems(rule[_OWNER], parts, permission, id).get("bundle") == SAME_RULE

    def _conflict(self, model: Model, op: Entry, column: str, written: Any, now: Values, mine: str) -> None:
        field, theirs = field_label(model, op, column), describe(column, now[column])
        self.conflicts.append(FieldChange(field, describe(column, written), theirs, mine, True, True))

    def _returning(self, model: Model) -> set[Any]:
        return {row.id for row in self.rows if row.table == model._meta.table_name and row.before is None}

    def _going(self, model: Model) -> dict[Any, Any]:
        """The names of the records that are deleted, by id."""
        return {row.id: row.name for row in self.rows if row.table == model._meta.table_name and row.after is None}

    def _existing(self, model: Model, ids: Collection[int]) -> set[int]:
        """Those of the ids that a record has, or will have again."""
        return existing_ids(model.id, ids) | self._returning(model)

    # Links

    def _take_back_links(self, model: Model) -> None:
        """One by one; one whose record is gone stays away. An undone user keeps their groups, as a deleted one does."""
        ops, ends = self._ops[model], [field.rel_model for field in link_fields(model)]
        existing = [self._existing(end, {op["id"][place] for op in ops}) for place, end in enumerate(ends)]
        stored = stored_links(model, [_pair(op) for op in ops])
        created = {op["id"] for op in self._ops[User] if op["before"] is None} if model is Membership else set()
        for op in ops:
            pair, name = _pair(op), (op["name"][0], op["name"][1])
            if op["before"] is None:
                if pair in stored and pair[1] not in created:
                    self.rows.append(RowChange(op["table"], pair, name, {}, None))
            elif pair not in stored:
                if gone := [end for end, id, found in zip(ends, pair, existing, strict=True) if id not in found]:
                    self.lost.append(told_link(ends[1], gone[0], name))
                else:
                    self.rows.append(RowChange(op["table"], pair, name, None, {}))

    def _find_additions(self) -> None:
        """What others have added to the groups and roles that are deleted."""
        known = {(model, _pair(op)) for model in LINKS for op in self._ops[model]}
        known |= {(model, op["id"]) for model in (Rule, EntityRule) for op in self._ops[model]}
        for model, find in (Group, added_to_group), (Role, added_to_role):
            for id, name in self._going(model).items():
                for kind, names in find(id, known):
                    if names:
                        field = f"{noun_of(model)} {label_of(model, name)}: {kind}"
                        theirs = f"added {some_names(names, MAX_NAMES)}"
                        self.conflicts.append(FieldChange(field, "", theirs, "deleted", True, True))

    def _require_roles(self) -> None:
        """Raise Refused where a group would be left without a role."""
        table, deleted = GroupRole._meta.table_name, self._going(Group)
        links = [(row.id, row.name[0], row) for row in self.rows if row.table == table and isinstance(row.id, tuple)]
        kept = {group for (group, _), _, row in links if row.before is None} | deleted.keys()
        losing = {group: name for (group, _), name, row in links if row.after is None and group not in kept}
        for group, name in losing.items():
            removed = {role for (other, role), _, _ in links if other == group}
            held = GroupRole.select(GroupRole.role).where(GroupRole.group == group)
            if removed.issuperset(role for (role,) in tuples(held)):
                raise Refused(f"{group_label(name)}: {ROLE_NEEDED}")


def is_counted(op: Entry) -> bool:
    """Whether only the number of rows is recorded."""
    return "rows" in (op["before"] or {})


def _require_free(model: Model, values: Values, id: int | None) -> None:
    """Raise Refused where another record than `id` has the name now."""
    field = NAMES[model]
    if (name := values.get(field.column_name)) is None:
        return
    for other, other_name in tuples(model.select(model.id, field).where(field == name)):
        if other != id:
            label = label_of(model, other_name)
            raise Refused(
                f"The name “{label_of(model, name)}” is now that of the {noun_of(model)} “{label}” (id {other})."
            )


def _pair(op: Entry) -> Pair:
    group, other = op["id"]
    return group, other
