"""The rules of a role: their listing, and every change to one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.access.labels import page_problem
from models.access.rules import ANY, AccessRule, Path, idle_reasons, to_permission
from models.access.safeguards import require_remaining_admin
from models.db.connection import read_connection
from models.db.encoding import can_hold
from models.db.opened import now
from models.db.paging import Listing
from models.db.rows import archive_and_delete, insert_row, lock_rows, update_rows
from models.db.statements import tuples
from models.db.tables import Permission, Role, Rule
from models.db.transactions import dry_run, transaction
from models.errors import ROLE_NOT_FOUND, NotFound
from models.merge import Merge, Saved
from models.validation import RULE_PARTS, require_valid, rule_problems, trimmed

RULE_NOT_FOUND = "Rule couldn't be found"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its role's page shows it; `idle` says why it can never matter, or that it matches no known page."""

    id: int
    path: Path
    permission: Permission | None
    """None where the database holds a value that no shop writes."""
    idle: str = ""


def listing(role_id: int) -> Listing[RuleRow]:
    """The rules of a role, in the order they were added."""

    def fill(rows: list[RuleRow]) -> list[RuleRow]:
        reasons = idle_reasons(_access_rules(role_id))
        return [replace(row, idle=reasons.get(row.id) or page_problem(row.path)) for row in rows]

    return Listing(
        query=lambda: Rule.select(*_COLUMNS).where(Rule.role == role_id),
        id=Rule.id,
        orders={"id": Rule.id},
        searched=lambda: [Rule.bundle.concat("/").concat(Rule.controller).concat("/").concat(Rule.action)],
        build=_build,
        fill=fill,
    )


_COLUMNS = (Rule.id, Rule.bundle, Rule.controller, Rule.action, Rule.permission)


def _build(rows: Sequence[tuple[Any, ...]]) -> list[RuleRow]:
    return [RuleRow(id, Path(*parts), to_permission(permission)) for id, *parts, permission in rows]


def _access_rules(role_id: int) -> list[AccessRule]:
    rows = _build(tuples(Rule.select(*_COLUMNS).where(Rule.role == role_id).order_by(Rule.id)))
    return [AccessRule(row.path, row.permission, row.id) for row in rows if row.permission is not None]


def existing_values(part: str, bundle: str = "", controller: str = "") -> list[str]:
    """What the shop's rules have as `part` (bundle, controller, action), of that bundle and controller where given."""
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


@transaction
def add(role_id: int, bundle: str, controller: str, action: str, permission: Permission) -> int:
    """Add a rule to a role; its id. Takes effect at once.

    Raises Invalid for `bundle`, `controller`, `action`; Refused where no administrator would remain; NotFound.
    """
    if not lock_rows(Role, [role_id], Role.name):
        raise NotFound(ROLE_NOT_FOUND)
    path, stamp = _trimmed(bundle, controller, action), now()
    require_valid(rule_problems(role_id, path.parts, permission, None))
    with require_remaining_admin():
        return insert_row(Rule, role=role_id, created_at=stamp, updated_at=stamp, **_values(path, permission))


@transaction
def add_all(role_id: int, paths: Collection[Path], permission: Permission) -> list[Path]:
    """Add rules of these paths to a role, all or none, except those that it has; the paths that were added.

    Raises as `add` does.
    """
    lock_rows(Role, [role_id])
    known = {rule.path for rule in _access_rules(role_id) if rule.permission is permission}
    added = [path for path in dict.fromkeys(_trimmed(*path.parts) for path in paths) if path not in known]
    for path in added:
        add(role_id, *path.parts, permission)
    return added


@transaction
def change(baseline: RuleRow, bundle: str, controller: str, action: str, permission: Permission | None) -> Saved:
    """Change a rule in place from what was shown; false where nothing differs. Takes effect at once.

    Raises Conflict (with bundle, controller, action and permission) where someone else changed it too; else as `add`
    does.
    """
    id = baseline.id
    lock_rows(Rule, [id])
    role_id, theirs = _get(id)
    path = _trimmed(bundle, controller, action)
    merge = Merge(
        _values(baseline.path, baseline.permission), _values(theirs.path, theirs.permission), _values(path, permission)
    )
    if merge.written:
        require_valid(rule_problems(role_id, path.parts, permission, id))
    saved = merge.resolve("rule", lambda: merge.changes(_describe), theirs, lambda values: tuple(values.values()))
    if saved:
        with require_remaining_admin():
            update_rows(Rule, [id], **merge.written, updated_at=now())
    return saved


@transaction
def remove(id: int) -> None:
    """Delete a rule; its row goes to the archive table first.

    Raises Refused where no administrator would remain, NotFound.
    """
    remove_all([id])


def check_remove(id: int) -> None:
    """Raise Refused or NotFound where `remove` would."""
    dry_run(lambda: remove(id))


@transaction
def remove_all(ids: Collection[int]) -> None:
    """Delete rules, all or none, as `remove` does."""
    if set(ids) - lock_rows(Rule, ids).keys():
        raise NotFound(RULE_NOT_FOUND)
    with require_remaining_admin():
        archive_and_delete(Rule, ids)


def _get(id: int) -> tuple[int, RuleRow]:
    """The id of the role that has the rule, and the rule. Raises NotFound."""
    rows = tuples(Rule.select(Rule.role, *_COLUMNS).where(Rule.id == id))
    if not rows:
        raise NotFound(RULE_NOT_FOUND)
    role_id, *columns = rows[0]
    return role_id, _build([tuple(columns)])[0]


def _trimmed(bundle: str, controller: str, action: str) -> Path:
    return Path(trimmed(bundle), trimmed(controller), trimmed(action))


def _values(path: Path, permission: Permission | None) -> dict[str, Any]:
    """What can be changed in a rule, by field."""
    return dict(zip(RULE_PARTS, path.parts, strict=True)) | {"permission": permission}


def _describe(_: str, value: Any) -> str:
    if isinstance(value, Permission):
        return value.name.lower()
    return "unknown" if value is None else str(value)
