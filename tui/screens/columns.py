"""What lists show of a record, where more than one list does."""

from models.groups import GroupRow
from tui.text import day, names
from tui.widgets.record_list import Column


def group_columns() -> list[Column[GroupRow]]:
    """Name, Roles, Users, Created At."""
    return [
        Column("Name", lambda row, _: row.label, share=7, sort="name"),
        Column("Roles", lambda row, width: names(row.roles, width), share=4),
        Column("Users", lambda row, _: "…" if row.users is None else f"{row.users:,}", width=7, right=True),
        Column("Created At", lambda row, _: day(row.created_at), width=12, sort="created_at"),
    ]
