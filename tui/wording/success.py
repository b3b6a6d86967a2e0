"""What is said once a change is written: the Back Office's own sentences, to the letter, and what they are about."""

from collections.abc import Mapping, Sequence

from models.text import plural
from tui.text import were, with_name


def users_were(done: str, emails: Sequence[str], count: int | None = None) -> str:
    """For users who were `created`, `updated`, `activated`, `deactivated` or `deleted`; `count` if not for all."""
    if len(emails) == 1:
        return with_name(f"User was {done} successfully.", emails[0])
    return f"{were(len(emails) if count is None else count, 'user')} {done} successfully."


def user_removed(email: str) -> str:
    """For one user who was removed from a group."""
    return with_name("The User was removed from the group.", email)


def second_factors_deleted(count: int, emails: Sequence[str]) -> str:
    return with_name(f"{were(count, 'second factor')} deleted.", ", ".join(emails))


def groups_were(done: str, labels: Sequence[str]) -> str:
    """For groups that were `created`, `updated` or `deleted`."""
    if len(labels) == 1:
        return with_name(f"Group was {done} successfully.", labels[0])
    return f"{were(len(labels), 'group')} {done} successfully."


def role_added(name: str) -> str:
    return f'Role "{name}" successfully added.'


def role_updated(name: str) -> str:
    return f'Role "{name}" successfully updated.'


def roles_removed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return with_name("Role was successfully removed.", names[0])
    return f"{were(len(names), 'role')} successfully removed."


def rules_added(rules: Sequence[str]) -> str:
    return with_name("Rule successfully added.", ", ".join(rules))


def rule_updated(rule: str) -> str:
    return with_name("Rule successfully updated.", rule)


def rules_removed(rules: Mapping[int, str]) -> str:
    """For rules by their ids."""
    if len(rules) != 1:
        return f"{plural(len(rules), 'rule')} were successfully removed! {', '.join(rules.values())}"
    ((id, rule),) = rules.items()
    return f'Rule with id "{id}" was successfully removed! {rule}'
