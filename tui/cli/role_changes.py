"""`backoffice roles`: what changes user roles and their rules."""

import argparse
import re
from collections.abc import Sequence

from models import lookup, records, role_rules, roles, validation
from models.access.impact import AccessChange
from models.access.rules import ANY, AccessRule, Path, parse_path
from models.db.tables import Permission
from models.errors import Invalid, NotFound
from tui.cli.change import Change, Question, WrongUsage, listed
from tui.dialogs.consequences import of_deleting_roles
from tui.dialogs.wording import named
from tui.text import plural, print_error, with_name


def add_role(options: argparse.Namespace) -> Change:
    """A new role."""
    name = validation.trimmed(options.name)
    return Change(
        about=name,
        what="role created",
        make=lambda: roles.create(name),
        creates=True,
        done=f'Role "{name}" successfully added.',
    )


def rename_role(options: argparse.Namespace) -> Change:
    """Another name for a role."""
    id, old = lookup.find_one("role", options.name)
    name, record = validation.trimmed(options.new_name), roles.get(id)
    return Change(
        about=old,
        what=f"name {old} → {name}",
        make=lambda: roles.rename(record, name),
        id=id,
        done=f'Role "{name}" successfully updated.',
    )


def clone_role(options: argparse.Namespace) -> Change:
    """A copy of a role."""
    id, old = lookup.find_one("role", options.name)
    name = validation.trimmed(options.new_name)

    def clone() -> int:
        copy = roles.clone(id, name)
        if not options.dry_run and (missing := roles.missing_in_copy(id, copy)):
            print_error(missing)
        return copy

    return Change(
        about=name,
        what=f"role created with the rules of {old}",
        make=clone,
        creates=True,
        done=f'Role "{name}" successfully added.',
    )


def delete_roles(options: argparse.Namespace) -> Change:
    """No such roles any more."""
    found = lookup.find("role", options.names)
    ids, labels = [*found], [*found.values()]
    question = Question(
        asked=f"Delete {named(labels, 'role')}?",
        details=of_deleting_roles(ids),
        verb="Delete",
        destroys=found,
    )
    several = f"{len(ids):,} roles were successfully removed."
    return Change(
        about=", ".join(labels),
        what="role deleted" if len(ids) == 1 else "roles deleted",
        make=lambda: (roles.delete(*ids), True),
        id=ids[0] if len(ids) == 1 else None,
        done=with_name("Role was successfully removed.", labels[0]) if len(ids) == 1 else several,
        access=AccessChange(deleted_roles=ids),
        question=question,
    )


def allow(options: argparse.Namespace) -> Change:
    """More paths that a role allows."""
    return _with_rules(options, Permission.ALLOW)


def deny(options: argparse.Namespace) -> Change:
    """More paths that a role denies."""
    return _with_rules(options, Permission.DENY)


def _with_rules(options: argparse.Namespace, permission: Permission) -> Change:
    id, name = lookup.find_one("role", options.role)
    paths = list(dict.fromkeys(map(_parse_rule_path, options.paths)))
    known = {rule.path for rule in records.role(id).rules if rule.permission is permission}
    added = [path for path in paths if path not in known]
    word = permission.name.lower()
    rules = [f"{word} {path}" for path in added]
    return Change(
        about=name,
        what=f"{listed('rule', rules)} added",
        make=(lambda: role_rules.add_all(id, added, permission)) if added else None,
        id=id,
        done=with_name("Rule successfully added.", ", ".join(rules)),
        access=AccessChange(added_rules={id: [(path, permission) for path in added]}),
    )


def remove_rules(options: argparse.Namespace) -> Change:
    """Fewer rules of a role."""
    id, name = lookup.find_one("role", options.role)
    held = records.role(id).rules
    removed = {rule.id: rule for text in options.rules for rule in _find_rules(held, text)}
    said = [str(rule) for rule in removed.values()]
    number = "".join(map(str, list(removed)[:1]))
    one = f'Rule with id "{number}" was successfully removed! {"".join(said[:1])}'
    return Change(
        about=name,
        what=f"{listed('rule', said)} removed",
        make=lambda: (role_rules.remove_all(removed), True),
        id=id,
        done=one
        if len(removed) == 1
        else f"{plural(len(removed), 'rule')} were successfully removed! {', '.join(said)}",
        access=AccessChange(removed_rules=[*removed]),
        question=Question(
            asked=f"Delete {named(said, 'rule')}?",
            details=["Rules take effect at once."],
            verb="Delete",
            destroys={rule.id: str(rule.path) for rule in removed.values()},
        ),
    )


def _parse_rule_path(text: str) -> Path:
    """The path that a rule is to name. Raises WrongUsage where only a part of it is given with a `*`."""
    try:
        path = parse_path(text)
    except Invalid as invalid:
        raise WrongUsage(str(invalid)) from None
    if ANY in path.parts and text.strip().strip("/").count("/") < 2:
        raise WrongUsage(f"{text}: with * all three parts are needed: bundle/controller/action.")
    return path


def _find_rules(held: Sequence[AccessRule], text: str) -> list[AccessRule]:
    """The rules of a role that a text names: `allow sales/*/*`, `sales/*/*` or `id:7`. Raises NotFound."""
    words = " ".join(text.split())
    found = [rule for rule in held if words in (str(rule), str(rule.path))]
    if not found and (number := re.fullmatch(r"id:(\d+)", words)):
        found = [rule for rule in held if rule.id == int(number[1])]
    if not found:
        raise NotFound(f"{role_rules.RULE_NOT_FOUND}: {text}{lookup.similar(words, [str(rule) for rule in held])}")
    return found


CHANGES = {
    "add": add_role,
    "rename": rename_role,
    "clone": clone_role,
    "delete": delete_roles,
    "allow": allow,
    "deny": deny,
    "remove-rule": remove_rules,
}
