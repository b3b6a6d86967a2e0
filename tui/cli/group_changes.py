"""`backoffice groups`: what changes user groups, their roles and their users."""

import argparse

from models import groups, lookup, memberships, validation
from models.access.impact import AccessChange, merchants_note
from models.db.tables import group_label
from tui.cli.change import Change, Question, listed
from tui.text import counted
from tui.wording.consequences import group_deletion_consequences
from tui.wording.questions import last_group_warning, named
from tui.wording.success import groups_were, user_removed


def add_group(options: argparse.Namespace) -> Change:
    """A new group."""
    title, roles = validation.trimmed(options.title), lookup.find("role", options.role)
    return Change(
        about=title,
        what=f"group created with {listed('role', roles.values())}",
        make=lambda: groups.create(title, roles),
        creates=True,
        done=groups_were("created", [title]),
    )


def rename_group(options: argparse.Namespace) -> Change:
    """Another title for a group."""
    id, name = lookup.find_one("group", options.name)
    title, record = validation.trimmed(options.new_name), groups.get(id)
    return Change(
        about=group_label(name),
        what=f"title {name} → {title}",
        make=lambda: groups.update(record, title, record.roles),
        id=id,
        done=groups_were("updated", [group_label(title)]),
    )


def clone_group(options: argparse.Namespace) -> Change:
    """Clone a group."""
    id, name = lookup.find_one("group", options.name)
    title = validation.trimmed(options.new_name)
    return Change(
        about=title,
        what=f"group created with the roles of {group_label(name)}",
        make=lambda: groups.clone(id, title),
        creates=True,
        done=groups_were("created", [title]),
    )


def delete_groups(options: argparse.Namespace) -> Change:
    """Delete groups."""
    found = lookup.find("group", options.names)
    ids, labels = [*found], list(map(group_label, found.values()))
    question = Question(
        asked=f"Delete {named(labels, 'group')}?",
        details=group_deletion_consequences(ids),
        verb="Delete",
        destroys=dict(zip(ids, labels, strict=True)),
    )
    return Change(
        about=", ".join(labels),
        what="group deleted" if len(ids) == 1 else "groups deleted",
        make=lambda: (groups.delete(*ids), True),
        id=ids[0] if len(ids) == 1 else None,
        done=groups_were("deleted", labels),
        access=AccessChange(deleted_groups=ids),
        question=question,
    )


def add_roles(options: argparse.Namespace) -> Change:
    """Add roles to a group."""
    id, _ = lookup.find_one("group", options.group)
    found, record = lookup.find("role", options.roles), groups.get(id)
    added = {role: name for role, name in found.items() if role not in record.roles}
    return _with_roles(record, added, added_roles=True)


def remove_roles(options: argparse.Namespace) -> Change:
    """Remove roles from a group."""
    id, _ = lookup.find_one("group", options.group)
    found, record = lookup.find("role", options.roles), groups.get(id)
    removed = {role: name for role, name in found.items() if role in record.roles}
    return _with_roles(record, removed, added_roles=False)


def _with_roles(record: groups.GroupRecord, differing: dict[int, str], *, added_roles: bool) -> Change:
    """A group with these roles too, or without them."""
    wanted = {*record.roles, *differing} if added_roles else {*record.roles} - {*differing}
    by_group = {record.id: [*differing]}
    return Change(
        about=record.label,
        what=f"{listed('role', differing.values())} {'added' if added_roles else 'removed'}",
        make=(lambda: groups.update(record, record.name, wanted)) if differing else None,
        id=record.id,
        done=groups_were("updated", [record.label]),
        access=AccessChange(added_roles=by_group) if added_roles else AccessChange(removed_roles=by_group),
    )


def add_users(options: argparse.Namespace) -> Change:
    """Add users to a group."""
    id, name = lookup.find_one("group", options.group)
    found, label = lookup.find("user", options.users), group_label(name)
    members, _ = memberships.find_leavers(found, [id])
    added = {user: email for user, email in found.items() if user not in members}
    merchants = memberships.count_merchants(added)
    otherwise = "already in it" if len(found) > 1 else f"already in “{label}”"
    done = counted([*found.values()], len(added), f"added to “{label}”", otherwise)
    return Change(
        about=label,
        what=f"{listed('user', added.values())} added",
        make=(lambda: memberships.add(added, [id], edited="group")) if added else None,
        id=id,
        done=f"{done} {merchants_note(merchants)}." if merchants else done,
        access=AccessChange(joining={id: [*added]}),
    )


def remove_users(options: argparse.Namespace) -> Change:
    """Fewer users in a group."""
    id, name = lookup.find_one("group", options.group)
    found, label = lookup.find("user", options.users), group_label(name)
    members, last = memberships.find_leavers(found, [id])
    removed = {user: email for user, email in found.items() if user in members}
    emails = [*removed.values()]
    question = Question(
        asked=f"Remove {named(emails, 'user')} from the group “{label}”?" if emails else "",
        details=last_group_warning(len(removed), last),
        verb="Remove",
        destroys=removed,
    )
    return Change(
        about=label,
        what=f"{listed('user', emails)} removed",
        make=(lambda: memberships.remove(removed, [id], edited="group")) if removed else None,
        id=id,
        done=user_removed("".join(emails))
        if len(found) == 1
        else counted([*found.values()], len(removed), f"removed from “{label}”", "not in it"),
        access=AccessChange(leaving={id: [*removed]}),
        question=question,
    )


CHANGES = {
    "add": add_group,
    "rename": rename_group,
    "clone": clone_group,
    "delete": delete_groups,
    "add-role": add_roles,
    "remove-role": remove_roles,
    "add-user": add_users,
    "remove-user": remove_users,
}
