"""How rows are described in records: which of their fields, what they are named by, and values as JSON has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import Field

from models.db.tables import EntityRule, Group, Permission, Role, Rule, ShopTable, User

SECRET = frozenset({User.password})
"""What is never read, and recorded as the word `changed`."""

NAMES: Mapping[type[ShopTable], Field] = {User: User.email, Group: Group.name, Role: Role.name}
"""What a record is named by; no two of a kind have the same."""

NAMING_FIELDS: Mapping[type[ShopTable], tuple[Field, ...]] = {
    **{model: (name,) for model, name in NAMES.items()},
    Rule: (Rule.role, Rule.bundle, Rule.controller, Rule.action, Rule.permission),
    EntityRule: (EntityRule.role, EntityRule.entity),
}
"""What a row is named by; of what belongs to a role, that role is the first."""


OWNED = frozenset({Rule, EntityRule})
"""What belongs to a role: each change to such a row has the role's id."""


def recorded_fields(model: type[ShopTable]) -> list[Field]:
    """The fields of a row that are recorded, but its id."""
    return [field for field in model._meta.sorted_fields if field.name != "id" and is_recorded(field)]


def is_recorded(field: Field) -> bool:
    """Whether the field's values are recorded as they are."""
    return field.name != "updated_at" and field not in SECRET


def described(model: type[ShopTable], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field as they are recorded, by column."""
    result = {}
    for name, value in values.items():
        field = model._meta.fields[name]
        if is_recorded(field):
            result[field.column_name] = plain(value)
        elif field in SECRET:
            result[field.column_name] = "changed"
    return result


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, int):
        return int(value)
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


_PLAIN = frozenset({str, int, bool, float})


def rule_text(bundle: str, controller: str, action: str, permission: int) -> str:
    """A rule as it is read."""
    word = Permission(permission).name.lower() if permission in set(Permission) else "unknown"
    return f"{word} {bundle}/{controller}/{action}"
