"""A sample shop, so that a newcomer sees full pages: people named by what they do, with sensible groups and roles."""

from datetime import timedelta

from models.db.opened import now
from models.db.rows import add_links, insert_row
from models.db.tables import Group, GroupRole, Locale, Membership, Permission, Role, Rule, Status, User
from models.db.transactions import transaction

NO_PASSWORD = "!"
"""Stands where a password's hash would: nobody can sign in as one of these."""

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
    """Put the sample shop's rows into the opened database, which holds an installer's rows and nothing else."""
    today = now()
    english = Locale.get(Locale.name == "en_US").id
    roles = {role.name: role.id for role in Role.select()}
    groups = {group.name: group.id for group in Group.select()}
    members: dict[str, list[str]] = {"root_group": _ROOT_USERS}
    for age, (name, rules) in enumerate(_ROLES.items()):
        stamp = today - timedelta(days=200 - 9 * age)
        dates = {"created_at": stamp, "updated_at": stamp}
        roles[name] = insert_row(Role, name=name, **dates)
        for permission, path in rules:
            bundle, controller, action = path.split("/")
            parts = {"bundle": bundle, "controller": controller, "action": action, "permission": permission}
            insert_row(Rule, role=roles[name], **parts, **dates)
    for age, (name, (held, people)) in enumerate(_GROUPS.items()):
        stamp = today - timedelta(days=190 - 13 * age)
        groups[name] = insert_row(Group, name=name, created_at=stamp, updated_at=stamp)
        add_links(GroupRole, [(groups[name], roles[role]) for role in held])
        members[name] = people
    everyone: list[tuple[str | None, str]] = [(None, person) for person in _NO_GROUP]
    everyone += [(group, person) for group, people in members.items() for person in people]
    for age, (group, person) in enumerate(everyone):
        first_name, last_name = person.split()
        status = Status.DELETED if age % 29 == 11 else Status.DEACTIVATED if age % 17 == 5 else Status.ACTIVE
        user = insert_row(
            User,
            email=f"{first_name}.{last_name}@shop.example".lower(),
            first_name=first_name,
            last_name=last_name.capitalize(),
            password=NO_PASSWORD,
            status=status,
            locale=english,
            last_login=None if age % 7 == 3 else today - timedelta(days=age * 5 % 240, hours=age),
            created_at=today - timedelta(days=180 - age),
            updated_at=today - timedelta(days=180 - age),
        )
        if group is not None:
            add_links(Membership, [(groups[group], user)])
