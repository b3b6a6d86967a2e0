"""Makes a shop what a file says, in one transaction."""

from dataclasses import replace

from models import groups, memberships, role_rules, roles, user_status, users
from models.access.impact import AccessChange
from models.changes import plan
from models.changes.plan import Plan
from models.changes.shop_file import ShopFile
from models.changes.user_fields import UserChange
from models.db.tables import Status
from models.db.transactions import transaction
from models.errors import Refused

OTHER_DIFFERENCES = "The shop differs from the file in another way than was read. Nothing was changed: plan again."


@transaction
def apply(file: ShopFile, expected: str | None = None, *, prune: bool = False) -> bool:
    """Write all differences of the shop from a file, or none; false where there are none.

    With `prune` the groups and roles that it does not name are deleted.

    What is gained is written before what is lost, so that an administrator is left at each step. `expected` is the
    hash of the differences that were read. Raises Refused where they are others now, WrongFile, and what the functions
    raise that write each part.
    """
    planned = plan.make(file, prune=prune)
    if expected is not None and planned.hash != expected:
        raise Refused(OTHER_DIFFERENCES)
    _write(planned)
    return bool(planned.differences)


def _write(planned: Plan) -> None:
    access = planned.access
    role_ids = {id: roles.create(name) for id, name in planned.new_roles.items()}
    for role, rules in access.added_rules.items():
        for path, permission in rules:
            role_rules.add(role_ids.get(role, role), *path.parts, permission)
    held = {group: {role_ids.get(role, role) for role in added} for group, added in access.added_roles.items()}
    group_ids = {id: groups.create(name, held.pop(id)) for id, name in planned.new_groups.items()}
    for group, members in access.joining.items():
        memberships.add(members, [group_ids.get(group, group)], edited="group")
    for change in planned.users:
        _write_fields(change)
    _set_statuses(access, Status.ACTIVE)
    for group in sorted({*held, *access.removed_roles}):
        record = groups.get(group)
        wanted = {*record.roles, *held.get(group, ())}.difference(access.removed_roles.get(group, ()))
        groups.update(record, record.name, wanted)
    for group, members in access.leaving.items():
        memberships.remove(members, [group], edited="group")
    role_rules.remove_all(access.removed_rules)
    for delete, ids in ((groups.delete, access.deleted_groups), (roles.delete, access.deleted_roles)):
        if ids:
            delete(*ids)
    _set_statuses(access, Status.DEACTIVATED, Status.DELETED)


def _write_fields(change: UserChange) -> None:
    if change.form != change.record.form:
        record = users.get(change.id)  # whose groups may be others by now
        users.update(record, replace(change.form, groups=record.form.groups))


def _set_statuses(access: AccessChange, *statuses: Status) -> None:
    for status in statuses:
        if ids := [id for id, wanted in access.statuses.items() if wanted is status]:
            user_status.set_status(ids, status)
