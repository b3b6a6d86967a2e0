"""`backoffice roles`: what changes user roles and their rules."""

import argparse
import re
from collections.abc import Sequence

from models import lookup, records, role_rules, roles, validation
from models.access.impact import AccessChange
from models.access.rules import AccessRule, Path, parse_pattern
from models.db.tables import ROOT_ROLE, Permission
from models.errors import Invalid, NotFound
from models.text import did_you_mean
from tui.cli.change import Change, Question, WrongUsage, listed
from tui.text import print_error
from tui.wording.consequences import role_deletion_consequences
from tui.wording.questions import ROOT_RULES_WARNING, RULES_AT_ONCE, add_rules_question, named
from tui.wording.success import role_added, role_updated, roles_removed, rules_added, rules_removed


def add_role(options: argparse.Namespace) -> Change:
    """Add a role."""
    name = validation.trimmed(options.name)
    return Change(
        about=name,
        what="role created",
        make=lambda: roles.create(name),
        creates=True,
        done=role_added(name),
    )


def rename_role(options: argparse.Namespace) -> Change:
    """Rename a role."""
    id, old = lookup.find_one("role", options.name)
    name, record = validation.trimmed(options.new_name), roles.get(id)
    return Change(
        about=old,
        what=f"name {old} → {name}",
        make=lambda: roles.rename(record, name),
        id=id,
        done=role_updated(name),
    )


def clone_role(options: argparse.Namespace) -> Change:
    """Clone a role."""
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
        done=role_added(name),
    )


def delete_roles(options: argparse.Namespace) -> Change:
    """Delete roles."""
    found = lookup.find("role", options.names)
    ids, labels = [*found], [*found.values()]
    question = Question(
        asked=f"Delete {named(labels, 'role')}?",
        details=role_deletion_consequences(ids),
        verb="Delete",
        destroys=found,
    )
    return Change(
        about=", ".join(labels),
        what="role deleted" if len(ids) == 1 else "roles deleted",
        make=lambda: (roles.delete(*ids), True),
        id=ids[0] if len(ids) == 1 else None,
        done=roles_removed(labels),
        access=AccessChange(deleted_roles=ids),
        question=question,
    )


def allow(options: argparse.Namespace) -> Change:
    """Allow paths in a role."""
    return _with_rules(options, Permission.ALLOW)


def deny(options: argparse.Namespace) -> Change:
    """Deny paths in a role."""
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
        done=rules_added(rules),
        access=AccessChange(added_rules={id: [(path, permission) for path in added]}),
        question=Question(
            asked=add_rules_question(rules, name),
            details=_rule_consequences(name),
            verb="Add",
            only_in_production=name != ROOT_ROLE,
        )
        if added
        else None,
    )


def remove_rules(options: argparse.Namespace) -> Change:
    """Remove rules of a role."""
    id, name = lookup.find_one("role", options.role)
    held = records.role(id).rules
    removed = {rule.id: rule for text in options.rules for rule in _find_rules(held, text)}
    said = [str(rule) for rule in removed.values()]
    return Change(
        about=name,
        what=f"{listed('rule', said)} removed",
        make=lambda: (role_rules.remove_all(removed), True),
        id=id,
        done=rules_removed({id: str(rule) for id, rule in removed.items()}),
        access=AccessChange(removed_rules=[*removed]),
        question=Question(
            asked=f"Delete {named(said, 'rule')}?",
            details=_rule_consequences(name),
            verb="Delete",
            destroys={rule.id: str(rule.path) for rule in removed.values()},
        ),
    )


def _rule_consequences(role: str) -> list[str]:
    """What a question says before rules of a role are added or deleted."""
    return [*([ROOT_RULES_WARNING] if role == ROOT_ROLE else []), RULES_AT_ONCE]


def _parse_rule_path(text: str) -> Path:
    """The path that a rule is to name. Raises WrongUsage where only a part of it is given with a `*`."""
    try:
        return parse_pattern(text)
    except Invalid as invalid:
        raise WrongUsage(str(invalid)) from None


def _find_rules(held: Sequence[AccessRule], text: str) -> list[AccessRule]:
    """The rules of a role that a text names: `allow sales/*/*`, `sales/*/*` or `id:7`. Raises NotFound."""
    words = " ".join(text.split())
    found = [rule for rule in held if words in (str(rule), str(rule.path))]
    if not found and (number := re.fullmatch(r"id:(\d+)", words)):
        found = [rule for rule in held if rule.id == int(number[1])]
    if not found:
        raise NotFound(f"{role_rules.RULE_NOT_FOUND}: {text}{did_you_mean(words, [str(rule) for rule in held])}")
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
