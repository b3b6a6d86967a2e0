"""The shop's tables as Peewee models: their columns, lengths and uniqueness.

The models hold the columns that every shop has. Further ones (`OPTIONAL`) become fields only where the opened
database has them, and its lengths win over the ones written here: see `models.db.schema.adapt_models_to`.
"""

from enum import IntEnum
from functools import cache
from typing import Any

import peewee
from peewee import (
    AutoField,
    BooleanField,
    CompositeKey,
    DateTimeField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    SmallIntegerField,
)

from models.db.decoding import Undecodable
from models.db.peewee_compat import SwitchedDatabase

database = SwitchedDatabase()
"""What the models ask: the database of the opened shop, see `models.db.opened`."""

ROOT_GROUP = "root_group"
ROOT_GROUP_LABEL = f"Administrators group ({ROOT_GROUP})"
"""What the Back Office lists it as."""

ROOT_ROLE = "root_role"


class Permission(IntEnum):
    """What a rule does; stored as the position in the column's value set."""

    ALLOW = 0
    DENY = 1


class Status(IntEnum):
    """A user's state; stored as the position in the column's value set (the shop calls DEACTIVATED "blocked")."""

    ACTIVE = 0
    DEACTIVATED = 1
    DELETED = 2

    @property
    def verb(self) -> str:
        """What gives it to a user: `activate`."""
        return ("activate", "deactivate", "delete")[self]


class LinkStatus(IntEnum):
    """A state of a link that lets a user set a new password; stored as the position in the column's value set."""

    ACTIVE = 0
    EXPIRED = 1
    USED = 2


class ShopTable(Model):
    """A table of the shop."""

    id: Any
    """What numbers its rows; a table that links two others has none."""

    class Meta:
        database = database
        legacy_table_names = False


class TimeField(DateTimeField):
    """A time as it is stored: SQLite keeps a text, which another program may have written in a form of its own.

    Rows are sorted by what is stored, so a page must go on from that; `models.db.connection.parse_time` reads it.
    """

    def adapt(self, value: Any) -> Any:
        """The value itself."""
        return value


class CharField(peewee.CharField):
    """A text; bytes in its place, which SQLite allows, are shown as far as they are one."""

    def python_value(self, value: Any) -> Any:
        """The text of a row."""
        if isinstance(value, bytes):
            return Undecodable(value, is_blob=True)
        return value if value is None or isinstance(value, str) else str(value)


class Locale(ShopTable):
    """An interface language."""

    id = AutoField(column_name="id_locale")
    is_active = BooleanField(default=True)
    name = CharField(5, column_name="locale_name", unique=True)

    class Meta:
        table_name = "spy_locale"


class User(ShopTable):
    """Someone who signs in to the Back Office; `email` is what they sign in with."""

    id = AutoField(column_name="id_user")
    locale = ForeignKeyField(Locale, column_name="fk_locale", null=True)
    email = CharField(45, column_name="username", unique=True)
    first_name = CharField(45)
    last_name = CharField(255)
    password = CharField(255)
    status = SmallIntegerField(default=Status.ACTIVE)
    last_login = TimeField(null=True)
    created_at = TimeField(null=True)
    updated_at = TimeField(null=True)

    class Meta:
        table_name = "spy_user"


class Role(ShopTable):
    """A named set of rules."""

    id = AutoField(column_name="id_acl_role")
    name = CharField(255, unique=True)
    created_at = TimeField(null=True)
    updated_at = TimeField(null=True)

    class Meta:
        table_name = "spy_acl_role"


class Rule(ShopTable):
    """Allows or denies the paths that its bundle, controller and action name (`*` names any)."""

    id = AutoField(column_name="id_acl_rule")
    role = ForeignKeyField(Role, column_name="fk_acl_role")
    bundle = CharField(60)
    controller = CharField(60)
    action = CharField(45)
    permission = SmallIntegerField(column_name="type")
    created_at = TimeField(null=True)
    updated_at = TimeField(null=True)

    class Meta:
        table_name = "spy_acl_rule"


class Group(ShopTable):
    """A named set of users, and of the roles they hold."""

    id = AutoField(column_name="id_acl_group")
    name = CharField(255, unique=True)
    created_at = TimeField(null=True)
    updated_at = TimeField(null=True)

    class Meta:
        table_name = "spy_acl_group"


class GroupRole(ShopTable):
    """A role that a group holds."""

    group = ForeignKeyField(Group, column_name="fk_acl_group")
    role = ForeignKeyField(Role, column_name="fk_acl_role")

    class Meta:
        table_name = "spy_acl_groups_has_roles"
        primary_key = CompositeKey("group", "role")


class Membership(ShopTable):
    """A user who is in a group."""

    group = ForeignKeyField(Group, column_name="fk_acl_group")
    user = ForeignKeyField(User, column_name="fk_user")

    class Meta:
        table_name = "spy_acl_user_has_group"
        primary_key = CompositeKey("group", "user")


class MerchantUser(ShopTable):
    """A user of a merchant, who belongs in the Merchant Portal."""

    id = AutoField(column_name="id_merchant_user")
    user = ForeignKeyField(User, column_name="fk_user")

    class Meta:
        table_name = "spy_merchant_user"


class EntityRule(ShopTable):
    """A rule of a role on data rather than on pages."""

    id = AutoField(column_name="id_acl_entity_rule")
    role = ForeignKeyField(Role, column_name="fk_acl_role")
    segment = IntegerField(column_name="fk_acl_entity_segment", null=True)
    entity = CharField(255)
    scope = SmallIntegerField()
    permission_mask = IntegerField()

    class Meta:
        table_name = "spy_acl_entity_rule"


class PickingList(ShopTable):
    """A list of goods to be picked in a warehouse, by the user with this uuid."""

    id = AutoField(column_name="id_picking_list")
    user_uuid = CharField(36, null=True)
    status = CharField(255)

    class Meta:
        table_name = "spy_picking_list"


class PasswordReset(ShopTable):
    """A link that lets its user set a new password; `status` is a `LinkStatus`."""

    id = AutoField(column_name="id_auth_reset_password")
    user = ForeignKeyField(User, column_name="fk_user")
    status = SmallIntegerField()

    class Meta:
        table_name = "spy_auth_reset_password"


class SecondFactor(ShopTable):
    """What a user has to give beside the password to sign in: a code by e-mail, an app."""

    id = AutoField(column_name="id_user_multi_factor_auth")
    user = ForeignKeyField(User, column_name="fk_user")

    class Meta:
        table_name = "spy_user_multi_factor_auth"


class SecondFactorCode(ShopTable):
    """A code that was sent for a second factor."""

    id = AutoField(column_name="id_user_multi_factor_auth_code")
    factor = ForeignKeyField(SecondFactor, column_name="fk_user_multi_factor_auth")

    class Meta:
        table_name = "spy_user_multi_factor_auth_codes"


class CodeAttempt(ShopTable):
    """An attempt to enter such a code."""

    id = AutoField(column_name="id_user_multi_factor_auth_code_attempt")
    code = ForeignKeyField(SecondFactorCode, column_name="fk_user_multi_factor_auth_code")

    class Meta:
        table_name = "spy_user_multi_factor_auth_codes_attempts"


MODELS: tuple[type[ShopTable], ...] = (Locale, User, Role, Rule, Group, GroupRole, Membership)

LINKS: tuple[type[ShopTable], ...] = (GroupRole, Membership)
"""Those that link two others."""

NEIGHBOURS: tuple[type[ShopTable], ...] = (
    *(MerchantUser, EntityRule, PickingList, PasswordReset),
    *(SecondFactor, SecondFactorCode, CodeAttempt),
)
"""Tables of other parts of the shop that refer to ours; any of them may be missing."""

LENGTHS: dict[Field, int] = {
    field: field.max_length for model in MODELS for field in model._meta.sorted_fields if isinstance(field, CharField)
}
"""A current shop's lengths, for a database that declares none (SQLite may)."""

ARCHIVED: tuple[type[ShopTable], ...] = (User, Role, Rule, Group)
"""The models whose deleted rows the shop keeps in a table `..._archive`."""

OPTIONAL: dict[type[ShopTable], dict[str, type[Field]]] = {
    User: {
        "is_agent": BooleanField,
        "is_merchant_agent": BooleanField,
        "is_warehouse_user": BooleanField,
        "uuid": CharField,
    },
    Role: {"reference": CharField},
    Group: {"reference": CharField},
    PickingList: {"updated_at": TimeField},
    PasswordReset: {"updated_at": TimeField},
}
"""Columns that some shops lack, and the kind of field each becomes where it is there."""


def link_fields(model: type[ShopTable]) -> tuple[ForeignKeyField, ForeignKeyField]:
    """The two fields of a link, the group's first."""
    group, other = (model._meta.fields[name] for name in model._meta.sorted_field_names)
    return group, other


@cache
def table_of(model: type[ShopTable]) -> str:
    """The name of a model's table."""
    return str(model._meta.table_name)


def archive_of(model: type[ShopTable]) -> str:
    """The name of the table in which the shop keeps the deleted rows of a model's table."""
    return f"{table_of(model)}_archive"


def group_label(name: str) -> str:
    """A group's name as it is shown."""
    return ROOT_GROUP_LABEL if name == ROOT_GROUP else name
