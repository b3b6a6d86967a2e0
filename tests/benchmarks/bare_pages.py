"""The pages and dialogs of the program out of stock widgets, to compare with: one for each part that takes the focus.

`python bare_pages.py DATABASE`: the keys open a page each, which reads the same rows as ours in a thread.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, DataTable, Input, Select, Static

from models import groups, locales, role_rules, roles, user_form, users
from models.access.compute_impact import compute_impact
from models.access.impact import AccessChange
from models.db.connection import open_database
from tests.benchmarks.shops import LARGE_GROUP
from tui.wording.consequences import group_deletion_consequences

Rows = list[tuple[str, ...]]


class Page(Screen[None]):
    """Fields, lists and the two buttons; what is read fills them."""

    BINDINGS = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        yield from self.content()
        yield Button("Save", compact=True)
        yield Button("Cancel", compact=True)

    def content(self) -> list[Widget]:
        """What stands above the buttons."""
        raise NotImplementedError

    def read(self) -> Any:
        """What is shown (in a thread)."""

    def fill(self, found: Any) -> None:
        """Show it."""

    def on_mount(self) -> None:
        self.run_worker(self._load())

    async def _load(self) -> None:
        self.fill(await asyncio.to_thread(self.read))


def field(id: str) -> Input:
    """A field without a blinking cursor, whose bytes never end."""
    field = Input(id=id, compact=True)
    field.cursor_blink = False
    return field


def table(*columns: str) -> "DataTable[str]":
    """A list."""
    table: DataTable[str] = DataTable(cursor_type="row")
    table.add_columns(*columns)
    return table


class Group(Page):
    """Title, roles and, of a group that exists, its users."""

    def __init__(self, id: int | None) -> None:
        super().__init__()
        self.record = id

    def content(self) -> list[Widget]:
        self.roles = table("", "Name")
        self.users = table("E-mail", "First Name", "Last Name")
        return [field("title"), self.roles, *([self.users] if self.record else [])]

    def read(self) -> Any:
        page = roles.listing.page(roles.listing.default_sort, 100)
        count = roles.listing.count()
        if self.record is None:
            return page, count, None, []
        members = users.members(self.record)
        return page, count, groups.get(self.record), members.page(members.default_sort, 100)

    def fill(self, found: Any) -> None:
        page, _, group, members = found
        held = group.roles if group else {}
        self.roles.add_rows(("x" if role.id in held else "", role.name) for role in page)
        self.query_one("#title", Input).value = group.name if group else ""
        if members:
            self.users.add_rows((user.email, user.first_name, user.last_name) for user in members)


class Role(Page):
    """Name, the parts of a rule, and the rules."""

    def content(self) -> list[Widget]:
        self.rules = table("Bundle", "Controller", "Action", "Permission")
        parts = [field(part) for part in ("bundle", "controller", "action")]
        permission = Select([("allow", 0), ("deny", 1)], value=0, compact=True)
        return [field("name"), *parts, permission, Button("Add Rule", compact=True), self.rules]

    def read(self) -> Any:
        rules = role_rules.listing(2)
        return roles.get(2), rules.fill(rules.page(rules.default_sort, 100))

    def fill(self, found: Any) -> None:
        role, rules = found
        self.query_one("#name", Input).value = role.name
        self.rules.add_rows((*rule.path.parts, str(rule.permission)) for rule in rules)


class User(Page):
    """The fields, the groups, language, status and marks."""

    FIELDS = ("email", "password", "repeated", "first_name", "last_name")

    def content(self) -> list[Widget]:
        self.groups = table("", "Name")
        return [
            *map(field, self.FIELDS),
            self.groups,
            Select([], id="locale", compact=True),
            Select([("Active", 0), ("Deactivated", 1)], value=0, compact=True),
            *(Checkbox(mark, compact=True) for mark in user_form.marks()),
        ]

    def read(self) -> Any:
        page = groups.listing.page(groups.listing.default_sort, 100)
        return page, groups.listing.count(), users.get(1), locales.read_locales()

    def fill(self, found: Any) -> None:
        page, _, user, languages = found
        self.groups.add_rows(("x" if group.id in user.groups else "", group.label) for group in page)
        for name in ("email", "first_name", "last_name"):
            self.query_one(f"#{name}", Input).value = getattr(user.form, name)
        self.query_one("#locale", Select).set_options((name, id) for id, name, offered in languages if offered)


class Help(ModalScreen[None]):
    """A text that can be scrolled."""

    BINDINGS = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        yield VerticalScroll(Static("\n".join(f"ctrl+{letter}  What this key does" for letter in "abcdefghijklmnopq")))


class Question(ModalScreen[None]):
    """A question with two buttons, and what it says of the deletion of a group."""

    BINDINGS = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        self.details = Static()
        yield Static(f"Delete the group “{LARGE_GROUP}”?")
        yield self.details
        yield Button("Delete", compact=True)
        yield Button("Cancel", compact=True)

    def on_mount(self) -> None:
        self.run_worker(self._load())

    async def _load(self) -> None:
        self.details.update("\n".join(await asyncio.to_thread(self._read)))

    def _read(self) -> list[str]:
        (group,) = groups.listing.rows([first_page()[0].id])
        return [
            *group_deletion_consequences([group.id]),
            compute_impact(AccessChange(deleted_groups=[group.id])).summary,
        ]


def first_page() -> list[groups.GroupRow]:
    """The groups that the list shows."""
    return groups.listing.page(groups.listing.default_sort, 100)


PAGES: dict[str, Callable[[], Screen[None]]] = {
    "n": lambda: Group(None),
    "e": lambda: Group(first_page()[0].id),
    "r": Role,
    "u": User,
    "question_mark": Help,
    "d": Question,
}


class Pages(App[None]):
    """A list of groups; opens a page for each key."""

    BINDINGS = [(key, f"open('{key}')", key) for key in PAGES]

    def compose(self) -> ComposeResult:
        groups_table = table("Name", "Roles")
        groups_table.add_rows((row.label, ", ".join(row.roles)) for row in first_page())
        yield groups_table

    def action_open(self, key: str) -> None:
        self.push_screen(PAGES[key]())


if __name__ == "__main__":
    open_database(sys.argv[1])
    Pages().run()
