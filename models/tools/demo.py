"""A sample shop for a first look: users named by what they do, with plausible groups and roles."""

from datetime import datetime, timedelta

from models.db.links import add_links
from models.db.opened import now
from models.db.rows import insert_row
from models.db.tables import ROOT_GROUP, Group, GroupRole, Locale, Membership, Permission, Role, Rule, Status, User
from models.db.transactions import transaction

NO_PASSWORD = "!"
"""In place of a password's hash: nobody can sign in as one of these users."""

_ALLOW, _DENY = Permission.ALLOW, Permission.DENY

_ROLES: dict[str, list[tuple[Permission, str]]] = {
    "Catalog editor": [(_ALLOW, "product-management/*/*"), (_ALLOW, "category-gui/*/*"), (_ALLOW, "price-product/*/*")],
    "CMS editor": [(_ALLOW, "cms-gui/*/*"), (_ALLOW, "cms-block-gui/*/*"), (_ALLOW, "navigation-gui/*/*")],
    "Everything but attributes": [(_ALLOW, "*/*/*"), (_DENY, "product-attribute-gui/attribute/create")],
    "Media": [(_ALLOW, "file-manager-gui/*/*"), (_DENY, "file-manager-gui/delete-file/*")],
    "Order support": [(_ALLOW, "sales/*/*"), (_ALLOW, "customer/*/*"), (_DENY, "customer/delete/*")],
    "Reports": [(_ALLOW, "dashboard/*/*"), (_ALLOW, "search-elasticsearch-gui/*/*")],
    "Returns desk": [(_ALLOW, "sales-return-gui/*/*"), (_ALLOW, "refund/*/*")],
    "Translator": [(_ALLOW, "glossary/*/*"), (_ALLOW, "cms-gui/edit-glossary/*")],
}

_GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "Catalog": (["Catalog editor", "Media"], ["Catalog lead", "Price checker", "Attribute keeper", "Bundle builder"]),
    "Content team": (
        ["CMS editor", "Media", "Translator", "Reports"],
        ["Content lead", "Page writer", "Block writer", "Menu keeper", "Photo editor", "Video editor", "Proof reader"],
    ),
    "Customer care": (
        ["Order support", "Returns desk"],
        ["Care lead", "Phone agent", "Chat agent", "Mail agent", "Weekend agent", "Evening agent", "Social agent"],
    ),
    "Developers": (
        ["Everything but attributes"],
        ["Shop developer", "Search developer", "Data developer", "Payment developer", "Test developer"],
    ),
    "Finance": (["Reports"], ["Book keeper", "Tax adviser", "Invoice clerk", "Audit guest"]),
    "Marketing": (
        ["CMS editor", "Reports"],
        ["Campaign planner", "Newsletter writer", "Voucher maker", "Banner designer", "Market analyst"],
    ),
    "Night shift": (["Order support", "Returns desk"], ["Night lead", "Night agent", "Night packer"]),
    "Returns": (["Returns desk"], ["Returns lead", "Returns clerk", "Parcel opener", "Refund clerk"]),
    "Sales": (
        ["Order support", "Reports"],
        ["Sales lead", "Key accounts", "Quote writer", "Field seller", "Trade fair"],
    ),
    "Seasonal helpers": (["Order support"], ["Summer helper", "Winter helper", "Holiday helper"]),
    "Translators": (
        ["Translator"],
        ["German translator", "French translator", "Dutch translator", "Polish translator", "Spanish translator"],
    ),
}

_ROOT_USERS = ["Shop owner", "Shop admin", "Deputy admin", "Emergency access"]
_NO_GROUP = ["New colleague", "Former partner", "Import job", "Printer account"]


@transaction
def fill() -> None:
    """Add the sample shop's rows to the opened database, which holds only an installer's rows."""
    today = now()
    _add_roles(today)
    _add_groups(today)
    _add_users(today)


def _add_roles(today: datetime) -> None:
    for index, (name, rules) in enumerate(_ROLES.items()):
        created = today - timedelta(days=200 - 9 * index)
        dates = {"created_at": created, "updated_at": created}
        role = insert_row(Role, name=name, **dates)
        for permission, path in rules:
            bundle, controller, action = path.split("/")
            parts = {"bundle": bundle, "controller": controller, "action": action, "permission": permission}
            insert_row(Rule, role=role, **parts, **dates)


def _add_groups(today: datetime) -> None:
    roles = {role.name: role.id for role in Role.select()}
    for index, (name, (role_names, _)) in enumerate(_GROUPS.items()):
        created = today - timedelta(days=190 - 13 * index)
        group = insert_row(Group, name=name, created_at=created, updated_at=created)
        add_links(GroupRole, [(group, roles[role]) for role in role_names])


def _add_users(today: datetime) -> None:
    english = Locale.get(Locale.name == "en_US").id
    groups = {group.name: group.id for group in Group.select()}
    members = {ROOT_GROUP: _ROOT_USERS, **{name: users for name, (_, users) in _GROUPS.items()}}
    everyone: list[tuple[str | None, str]] = [(None, user) for user in _NO_GROUP]
    everyone += [(group, user) for group, users in members.items() for user in users]
    for index, (group, name) in enumerate(everyone):
        first_name, last_name = name.split()
        created = today - timedelta(days=180 - index)
        last_login = today - timedelta(days=index * 5 % 240, hours=index)
        user = insert_row(
            User,
            email=f"{first_name}.{last_name}@shop.example".lower(),
            first_name=first_name,
            last_name=last_name.capitalize(),
            password=NO_PASSWORD,
            status=Status.DELETED if index % 29 == 11 else Status.DEACTIVATED if index % 17 == 5 else Status.ACTIVE,
            locale=english,
            last_login=None if index % 7 == 3 else last_login,
            created_at=created,
            updated_at=created,
        )
        if group is not None:
            add_links(Membership, [(groups[group], user)])
