"""Bare Textual apps out of stock widgets, to compare with: `text`, `list DATABASE`, `form`."""

import sys
from collections.abc import Callable


def text() -> None:
    """The smallest app, with one text."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Text(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("Hello")

    Text().run()


def list(database: str) -> None:
    """The list of groups: two lines of text, a table with the same columns and rows, and a footer."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable, Footer, Static

    from models import groups
    from models.db.connection import open_database, parse_time
    from tui.text import date

    open_database(database)
    page = groups.listing.fill(groups.listing.page(groups.listing.default_sort, 100))

    class List(App[None]):
        BINDINGS = [
            ("n", "create", "Create"),
            ("e", "edit", "Edit"),
            ("d", "delete", "Delete"),
            ("slash", "search", "Search"),
            ("s", "sort", "Sort"),
            ("question_mark", "help", "Help"),
        ]

        def compose(self) -> ComposeResult:
            yield Static("Users / User Groups")
            yield Static("2 User Groups")
            table: DataTable[str] = DataTable(cursor_type="row")
            table.add_column("Name", width=28)
            table.add_column("Roles", width=18)
            table.add_column("Users", width=8)
            table.add_column("Created At", width=12)
            for row in page:
                table.add_row(row.label, ", ".join(row.roles), f"{row.users:,}", date(parse_time(row.created_at), 10))
            yield table
            yield Footer()

    List().run()


def form() -> None:
    """A field and a footer; ctrl+s shows the toast."""
    from textual.app import App, ComposeResult
    from textual.widgets import Footer, Input, Static

    class Form(App[None]):
        BINDINGS = [("ctrl+s", "save", "Save"), ("escape", "back", "Back"), ("f1", "help", "Help")]

        def compose(self) -> ComposeResult:
            yield Static("Users / User Groups / Create new Group")
            yield Input(compact=True)
            yield Footer()

        def action_save(self) -> None:
            self.notify("No changes to save. All staff")

    Form().run()


APPS: dict[str, Callable[..., None]] = {"text": text, "list": list, "form": form}
APPS[sys.argv[1]](*sys.argv[2:])
