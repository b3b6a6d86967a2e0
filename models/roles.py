"""User roles and their rules: their pages of rows, one role, and every change to it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import SQL, Field, chunked, fn

from models import validation
from models.access.rules import ANY, AccessRule, Path, idle_reasons, to_permission
from models.access.safeguards import require_remaining_admin
from models.db import schema
from models.db.connection import read_connection
from models.db.paging import EVERY_ROW, Listing
from models.db.rows import (
    BATCH,
    archive_and_delete,
    cascading_row_counts,
    copy_rows,
    existing_ids,
    insert_row,
    insert_rows,
    is_name_taken,
    lock_rows,
    references_by_name,
    try_write,
    update_rows,
    values_where,
)
from models.db.search import ordered
from models.db.tables import (
    ROOT_ROLE,
    EntityRule,
    Group,
    GroupRole,
    Permission,
    Role,
    Rule,
    can_hold,
    neighbours,
    now,
    shop,
    tuples,
)
from models.db.transactions import dry_run, transaction
from models.errors import ROLE_NOT_FOUND, Invalid, NotFound, Refused, Unavailable
from models.merge import NAMED, Merge, Saved, all_names
from models.validation import text_problem

ROOT_KEPT = "You are not allowed to edit the root role."
RULE_GONE = "Rule couldn't be found"
PARTS = ("bundle", "controller", "action")
SAME_RULE = "This role has the same rule already."


class InUse(Refused):
    """A role that groups hold cannot be deleted; `groups` are the first ten of them (id and name), `more` the rest."""

    def __init__(self, groups: Sequence[tuple[int, str]], more: int) -> None:
        names = ", ".join(name for _, name in groups) + (f" and {more:,} more" if more else "")
        super().__init__(f"Unable to delete because role has groups assigned. It is held by: {names}.")
        self.groups, self.more = groups, more


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as lists show it; the counts are None until they are counted."""

    id: int
    name: str
    created_at: datetime | str | None
    """As it is stored, for `parse_time`."""
    groups: int | None = None
    allows: int | None = None
    denies: int | None = None


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """A role as its page shows it."""

    id: int
    name: str

    @property
    def is_root(self) -> bool:
        """Whether this is the role of the administrators, which can be neither renamed nor deleted."""
        return self.name == ROOT_ROLE


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its role's page shows it; `idle` says why it can never matter, where it cannot."""

    id: int
    path: Path
    permission: Permission | None
    """None where the database holds a value that no shop writes."""
    idle: str = ""


def _build(found: Sequence[tuple[Any, ...]]) -> list[RoleRow]:
    return [RoleRow(*row) for row in found]


def _fill(rows: list[RoleRow]) -> list[RoleRow]:
    ids = [row.id for row in rows]
    held = GroupRole.select(GroupRole.role, fn.COUNT(SQL("*"))).group_by(GroupRole.role)
    groups = dict(tuples(held.where(GroupRole.role.in_(ids))))
    ruled = Rule.select(Rule.role, Rule.permission, fn.COUNT(SQL("*"))).group_by(Rule.role, Rule.permission)
    rules: defaultdict[tuple[int, int], int] = defaultdict(int)
    for role, permission, count in tuples(ruled.where(Rule.role.in_(ids))):
        rules[role, permission] = count
    return [
        replace(
            row,
            groups=groups.get(row.id, 0),
            allows=rules[row.id, Permission.ALLOW],
            denies=rules[row.id, Permission.DENY],
        )
        for row in rows
    ]


def where(*conditions: Any) -> Listing[RoleRow]:
    """The roles that meet the conditions; all without any."""
    return Listing(
        query=lambda: Role.select(Role.id, Role.name, Role.created_at).where(EVERY_ROW, *conditions),
        id=Role.id,
        orders={"name": Role.name, "created_at": Role.created_at},
        searched=lambda: [Role.name],
        build=_build,
        fill=_fill,
    )


listing = where()
"""All roles."""


def _build_rules(found: Sequence[tuple[Any, ...]]) -> list[RuleRow]:
    return [
        RuleRow(id, Path(bundle, controller, action), to_permission(permission))
        for id, bundle, controller, action, permission in found
    ]


def rules(role_id: int) -> Listing[RuleRow]:
    """The rules of a role, in the order they were added."""

    def fill(rows: list[RuleRow]) -> list[RuleRow]:
        reasons = idle_reasons(_lines(role_id))
        return [replace(row, idle=reasons.get(row.id, "")) for row in rows]

    return Listing(
        query=lambda: Rule.select(Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission).where(
            Rule.role == role_id
        ),
        id=Rule.id,
        orders={"id": Rule.id},
        searched=lambda: [Rule.bundle.concat("/").concat(Rule.controller).concat("/").concat(Rule.action)],
        build=_build_rules,
        fill=fill,
    )


def get(id: int) -> RoleRecord:
    """One role. Raises NotFound."""
    with read_connection():
        return _get(id)


def check(shown: RoleRecord | None, name: str) -> None:
    """Check what `create` (without `shown`) or `rename` would write, without writing it.

    Raises Invalid for `name`, Refused for root_role, NotFound.
    """
    with read_connection():
        _check(validation.trimmed(name), shown)


@transaction
def create(name: str) -> int:
    """Create a role without rules; its id. Raises Invalid for `name`."""
    return _create(validation.trimmed(name))


@transaction
def rename(shown: RoleRecord, name: str) -> Saved:
    """Give a role another name; false where it is the one that was shown.

    Raises Conflict (with the name, in a tuple) where someone else renamed it too, Invalid for `name`, Refused for
    root_role, NotFound.
    """
    name = validation.trimmed(name)
    lock_rows(Role, [shown.id])
    theirs = _check(name, shown)
    assert theirs is not None
    merge = Merge(*({"name": validation.trimmed(each)} for each in (shown.name, theirs.name, name)))
    saved = merge.resolve("role", lambda: merge.changes(_said), theirs, lambda values: (values["name"],))
    if saved:
        update_rows(Role, [shown.id], name=name, updated_at=now())
    return saved


@transaction
def clone(id: int, name: str) -> int:
    """Create a role under a new name with the rules of another; its id. Raises Invalid for `name`, NotFound.

    Its data rules are copied too, if the database lets us: see `missing_in_copy`.
    """
    _get(id)
    fresh, stamp = _create(validation.trimmed(name)), now()
    copied: list[Field] = [Rule.bundle, Rule.controller, Rule.action, Rule.permission]
    rules = tuples(Rule.select(*copied).where(Rule.role == id).order_by(Rule.id))
    insert_rows(
        [Rule.role, *copied, Rule.created_at, Rule.updated_at],
        [(fresh, *rule, str(stamp), str(stamp)) for rule in rules],
    )
    if EntityRule in neighbours:
        try_write(lambda: copy_rows(EntityRule.role, id, fresh))
    return fresh


def missing_in_copy(id: int, copy: int) -> str:
    """What the copy of a role lacks of the data rules that the role has, in words; empty where it lacks nothing."""
    table = EntityRule._meta.table_name
    unread = f"Data rules may be missing: {table} cannot be read."

    def data_rules(role: int) -> Counter[tuple[Any, ...]]:
        compared = (EntityRule.entity, EntityRule.segment, EntityRule.scope, EntityRule.permission_mask)
        return Counter(tuples(EntityRule.select(*compared).where(EntityRule.role == role)))

    try:
        with read_connection():
            if EntityRule not in neighbours:  # or a table whose columns this user may not see
                there = any(key.table == table for key in schema.foreign_keys(shop.obj, Role))
                return unread if there else ""
            missing = data_rules(id) - data_rules(copy)
    except Unavailable:
        return unread
    if not missing:
        return ""
    entities = sorted({entity for entity, *_ in missing})
    more = f" and {len(entities) - NAMED:,} more" if len(entities) > NAMED else ""
    return f"Data rules were not copied, the database refused them: {', '.join(entities[:NAMED])}{more}."


def check_delete(*ids: int) -> dict[str, int]:
    """Whether `delete` would take them, and how many rows of tables that are none of ours would go too, by table.

    Raises Refused, InUse, NotFound.
    """
    with read_connection():
        _check_delete(ids)
        along = Counter(cascading_row_counts(Role, ids))
        along.update(cascading_row_counts(Rule, values_where(Rule.id, ids, by=Rule.role)))
        return dict(along)


def references(*ids: int) -> dict[str, str]:
    """The references by which other parts of the shop find these roles, by the names of those that have one."""
    with read_connection():
        return references_by_name(Role, ids)


@transaction
def delete(*ids: int) -> None:
    """Delete roles, all or none; their rules and their rows go to the archive tables first.

    Raises Refused for root_role, InUse where groups hold one, NotFound.
    """
    lock_rows(Role, ids)
    _check_delete(ids)
    archive_and_delete(Rule, values_where(Rule.id, ids, by=Rule.role))
    archive_and_delete(Role, ids)


@transaction
def add_rule(role_id: int, bundle: str, controller: str, action: str, permission: Permission) -> int:
    """Give a role a rule; its id. Takes effect at once.

    Raises Invalid for `bundle`, `controller`, `action`; Refused where nobody could open the user pages then; NotFound.
    """
    lock_rows(Role, [role_id])
    _get(role_id)
    path, stamp = _trimmed(bundle, controller, action), now()
    _check_rule(role_id, path, permission)
    with require_remaining_admin():
        return insert_row(Rule, role=role_id, created_at=stamp, updated_at=stamp, **_values(path, permission))


@transaction
def add_rules(role_id: int, paths: Collection[Path], permission: Permission) -> list[Path]:
    """Give a role rules of these paths, all or none, but for those that it has; the paths that were added.

    Raises as `add_rule` does.
    """
    lock_rows(Role, [role_id])
    known = {line.path for line in _lines(role_id) if line.permission is permission}
    added = [path for path in dict.fromkeys(_trimmed(*path.parts) for path in paths) if path not in known]
    for path in added:
        add_rule(role_id, *path.parts, permission)
    return added


@transaction
def change_rule(shown: RuleRow, bundle: str, controller: str, action: str, permission: Permission | None) -> Saved:
    """Change a rule in place from what was shown; false where nothing differs. Takes effect at once.

    Raises Conflict (with bundle, controller, action and permission) where someone else changed it too; else as
    `add_rule` does.
    """
    lock_rows(Rule, [shown.id])
    role_id, theirs = _get_rule(shown.id)
    path = _trimmed(bundle, controller, action)
    rules = ((shown.path, shown.permission), (theirs.path, theirs.permission), (path, permission))
    merge = Merge(*(_values(*rule) for rule in rules))
    if merge.written:
        _check_rule(role_id, path, permission, shown.id)
    saved = merge.resolve("rule", lambda: merge.changes(_said), theirs, lambda values: tuple(values.values()))
    if saved:
        with require_remaining_admin():
            update_rows(Rule, [shown.id], **merge.written, updated_at=now())
    return saved


@transaction
def remove_rule(rule_id: int) -> None:
    """Delete a rule; its row goes to the archive table first. Raises Refused as `add_rule` does, NotFound."""
    remove_rules([rule_id])


def check_remove_rule(rule_id: int) -> None:
    """Raise Refused or NotFound where `remove_rule` would."""
    dry_run(lambda: remove_rule(rule_id))


@transaction
def remove_rules(rule_ids: Collection[int]) -> None:
    """Delete rules, all or none, as `remove_rule` does."""
    lock_rows(Rule, rule_ids)
    if set(rule_ids) - existing_ids(Rule.id, rule_ids):
        raise NotFound(RULE_GONE)
    with require_remaining_admin():
        archive_and_delete(Rule, rule_ids)


def named(part: str, bundle: str = "", controller: str = "") -> list[str]:
    """What the shop's rules name as `part` (bundle, controller, action), of that bundle and controller where given."""
    if not can_hold(bundle + controller):
        return []
    field = getattr(Rule, part)
    query = Rule.select(field).distinct().where(field != ANY).order_by(field)
    if part != "bundle" and bundle not in ("", ANY):
        query = query.where(Rule.bundle == bundle)
    if part == "action" and controller not in ("", ANY):
        query = query.where(Rule.controller == controller)
    with read_connection():
        return [value for (value,) in tuples(query)]


def _get(id: int) -> RoleRecord:
    found = tuples(Role.select(Role.name).where(Role.id == id))
    if not found:
        raise NotFound(ROLE_NOT_FOUND)
    return RoleRecord(id, found[0][0])


def _check_delete(ids: Collection[int]) -> None:
    if ROOT_ROLE in all_names(Role.name, ids, ROLE_NOT_FOUND):
        raise Refused(ROOT_KEPT)
    for batch in chunked(sorted(ids), BATCH):
        held = Group.select(Group.id, Group.name).join(GroupRole).where(GroupRole.role.in_(batch)).distinct()
        if first := tuples(held.order_by(ordered(Group.name)).limit(10)):
            raise InUse([(group, name) for group, name in first], held.count() - len(first))


def _get_rule(id: int) -> tuple[int, RuleRow]:
    """The rule and the role that has it."""
    columns = (Rule.role, Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
    found = tuples(Rule.select(*columns).where(Rule.id == id))
    if not found:
        raise NotFound(RULE_GONE)
    return found[0][0], _build_rules([found[0][1:]])[0]


def _values(path: Path, permission: Permission | None) -> dict[str, Any]:
    """What can be changed in a rule, by field."""
    return dict(zip(PARTS, path.parts, strict=True)) | {"permission": permission}


def _said(_: str, value: Any) -> str:
    """A value of a role or a rule, in words."""
    if isinstance(value, Permission):
        return value.name.lower()
    return "unknown" if value is None else str(value)


def _lines(role_id: int) -> list[AccessRule]:
    found = Rule.select(Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)
    rows = _build_rules(tuples(found.where(Rule.role == role_id).order_by(Rule.id)))
    return [AccessRule(row.path, row.permission, row.id) for row in rows if row.permission is not None]


def _create(name: str) -> int:
    _check(name, None)
    stamp = now()
    return insert_row(Role, name=name, created_at=stamp, updated_at=stamp)


def _name_taken(name: str) -> Invalid:
    return Invalid({"name": f'Role with name "{name}" already exists!'})


def _check(name: str, shown: RoleRecord | None) -> RoleRecord | None:
    """The role as it is now. Raises Invalid, Refused, NotFound."""
    theirs = _get(shown.id) if shown else None
    if shown and name == validation.trimmed(shown.name):
        return theirs
    if shown and shown.is_root:
        raise Refused(ROOT_KEPT)
    if found := text_problem(Role.name, name):
        raise Invalid({"name": found})
    if is_name_taken(Role.name, name, shown.id if shown else None):
        raise _name_taken(name)
    return theirs


def _trimmed(bundle: str, controller: str, action: str) -> Path:
    return Path(validation.trimmed(bundle), validation.trimmed(controller), validation.trimmed(action))


def _check_rule(role_id: int, path: Path, permission: Permission | None, id: int | None = None) -> None:
    """Raise Invalid where a part cannot be saved, or another rule than `id` of the role is the same."""
    fields = {
        name: found
        for name, value in zip(PARTS, path.parts, strict=True)
        if (found := text_problem(getattr(Rule, name), value)) is not None
    }
    if fields:
        raise Invalid(fields)
    # Compared here, to the letter, as the shop decides access; a MySQL server would not mind upper and lower case.
    held = Rule.select(Rule.id, Rule.bundle, Rule.controller, Rule.action)
    held = held.where(Rule.role == role_id, Rule.permission == permission, Rule.bundle == path.bundle)
    if any(other != id and Path(*parts) == path for other, *parts in tuples(held)):
        raise Invalid({"bundle": SAME_RULE})
