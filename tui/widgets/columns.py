"""What lists show of a record, where more than one list does."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.db.connection import parse_time
from models.db.tables import Status
from models.groups import GroupRow
from tui.text import DATE_AND_TIME, date, full_name, names
from tui.widgets.column_layout import Column

if TYPE_CHECKING:
    from models.roles import RoleRow
    from models.users import UserRow


def group_columns(*, is_beside_preview: bool = False) -> list[Column[GroupRow]]:
    """Name, Roles, Users, Created At; beside a preview, which has them, Roles only where all else is shown."""
    return [
        Column("Name", lambda row, _: row.label, share=3, most=36, sort="name"),
        Column("Roles", lambda row, width: names(row.roles, width), share=2, most=24, spare=2, roomy=is_beside_preview),
        Column(
            "Users", lambda row, _: "…" if row.users is None else f"{row.users:,}", width=7, right=True, filled=True
        ),
        date_column("Created At", lambda row: row.created_at, "created_at", spare=1),
    ]


_AGENTS = (("is_agent", "Agent Customer"), ("is_merchant_agent", "Agent Merchant"))

STATUS_SIGNS: Mapping[int, tuple[str, str]] = {
    Status.ACTIVE: ("●", "record-list--good"),
    Status.DEACTIVATED: ("○", "record-list--doubtful"),
    Status.DELETED: ("✗", "record-list--gone"),
}
"""The sign of each status, and the style of it and of its name."""


def status_sign(row: "UserRow") -> tuple[str, str]:
    """The sign of a user's status, and its style."""
    return STATUS_SIGNS.get(row.status, ("?", "record-list--bad"))


def _mark(title: str, mark: str) -> "Column[UserRow]":
    """Whether a user has one of the shop's marks."""
    return Column(title, lambda row, _: "Yes" if mark in row.marks else "No", width=14, roomy=True)


def date_column(title: str, time: Callable[[Any], Any], sort: str = "", *, spare: int) -> Column[Any]:
    """A time of the rows; the day alone where there is too little room."""
    return Column(
        title,
        lambda row, width: date(parse_time(time(row)), width),
        width=12,
        wide=DATE_AND_TIME,
        sort=sort,
        newest_first=True,
        spare=spare,
    )


def user_columns(*, is_beside_preview: bool = False) -> "list[Column[UserRow]]":
    """E-mail, Name, Groups, Last Login, Status; Agent Customer and Agent Merchant where these are.

    Beside a preview, which has them, Groups and Status are shown only where all else is.
    """
    from models.user_form import marks  # the first page shows no users

    return [
        Column("E-mail", lambda row, _: row.email, share=3, sort="email"),
        Column(
            "Name",
            lambda row, _: full_name(row.first_name, row.last_name),
            share=2,
            most=24,
            spare=1,
            sorts={"first_name": "First Name", "last_name": "Last Name"},
            parts=[
                Column("First Name", lambda row, _: row.first_name, sort="first_name"),
                Column("Last Name", lambda row, _: row.last_name, sort="last_name"),
            ],
        ),
        Column(
            "Groups",
            lambda row, width: "…" if row.groups is None else names(row.groups, width),
            share=2,
            most=20,
            filled=True,
            spare=3,
            roomy=is_beside_preview,
        ),
        date_column("Last Login", lambda row: row.last_login, "last_login", spare=2),
        Column(
            "Status",
            lambda row, _: row.status_label,
            width=11,
            sort="status",
            spare=4,
            roomy=is_beside_preview,
            style=lambda row: status_sign(row)[1],
        ),
        *(_mark(title, mark) for mark, title in _AGENTS if mark in marks()),
    ]


def role_columns() -> "list[Column[RoleRow]]":
    """Name, Groups, Rules, Created at."""
    return [
        Column("Name", lambda row, _: row.name, most=38, sort="name"),
        Column(
            "Groups", lambda row, _: "…" if row.groups is None else f"{row.groups:,}", width=7, right=True, filled=True
        ),
        rules_column(),
        date_column("Created at", lambda row: row.created_at, "created_at", spare=2),
    ]


def rules_column() -> "Column[RoleRow]":
    """How many rules of which permission a role has."""
    return Column("Rules", lambda row, _: rules_of(row), width=18, filled=True, spare=1)


def rules_of(row: "RoleRow") -> str:
    """How many rules a role has: `12 allow, 1 deny`."""
    if row.allows is None or row.denies is None:
        return "…"
    return (
        ", ".join(f"{count:,} {word}" for count, word in ((row.allows, "allow"), (row.denies, "deny")) if count)
        or "none"
    )
