"""In which columns of a user a search found its words."""

from models.db.tables import group_label
from models.users import UserRow


def found_in(row: UserRow, text: str) -> str:
    """The columns of a user in which the words of a search are; empty where it is not known yet."""
    columns = {
        "E-mail": row.email,
        "First Name": row.first_name,
        "Last Name": row.last_name,
        "Groups": "\n".join(map(group_label, row.groups or ())),
    }
    found = {
        next((column for column, value in columns.items() if word in value.casefold()), "")
        for word in text.casefold().split()
    }
    return ", ".join(column for column in columns if column in found)
