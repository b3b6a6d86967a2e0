"""Thousands of random keys, pastes and resizes over all pages: nothing breaks, and the database stays whole.

The seed is printed on failure; MONKEY_SEED tries others, MONKEY_STEPS more of each.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from models import passwords
from models.db.connection import close_database, open_database
from models.tools.demo import fill
from tests.tui.conftest import Person, Sql, Start
from tui.dialogs.question import Question
from tui.lists.list_page import ListPage
from tui.widgets.field import Field

SEED = int(os.environ.get("MONKEY_SEED", "20261124"))
SESSIONS = 4
STEPS = int(os.environ.get("MONKEY_STEPS", "300"))

KEYS = [
    *"1234necdtfaxoirsyjkgGwpluHzYvSFh:[]",
    *("slash", "space", "space", "asterisk", "question_mark"),
    *("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "shift+down", "shift+up", "ctrl+d", "ctrl+f"),
    *("tab", "tab", "tab", "shift+tab", "enter", "enter", "enter", "escape", "escape", "ctrl+s", "ctrl+s"),
    *("up", "down", "pageup", "pagedown", "home", "end", "left", "right", "backspace", "delete"),
    *("ctrl+u", "ctrl+l", "ctrl+p", "ctrl+a", "ctrl+e", "ctrl+w", "ctrl+k", "q", "ctrl+q", "ctrl+c"),
]
HOSTILE = [
    *("[red]x[/]", "[@click=app.quit]x[/]", "'; DROP TABLE spy_user; --", "\x1b[2J\x07", "a\nb", "\u202eevil"),
    *("管理者🧑\u200d🚀", "x" * 300, "x" * 5000, "https://shop.example/user/edit/update?x=1", "\ud800", "\x00", "  "),
    *("", "e\u0301", "*", "*/*/*", "root_group", "root_role", "/nowhere/users.csv", "Night shift", "a@b.example"),
]
SIZES = [(80, 24), (60, 20), (120, 40), (100, 30), (40, 12), (200, 60), (20, 5)]


class Monkey:
    """Presses at random; now and then does what a person would, which random keys alone hardly ever come to."""

    def __init__(self, person: Person, chance: random.Random) -> None:
        self.person, self.chance = person, chance
        self.done = ""
        self.mischief = 0.0
        self.visited: Counter[str] = Counter()
        self.acts: list[Callable[[], Awaitable[None]]] = [
            *(self.create_group, self.create_role, self.create_user, self.edit, self.delete, self.clone),
            *(self.regroup, self.change_status, self.add_members, self.read_file),
            *(self.look_at_access, self.ask_who_may, self.compare, self.look_at_findings),
        ]

    async def step(self) -> None:
        """One key, paste, resize or whole act."""
        kind = self.chance.random()
        if len(self.person.app.screen_stack) > 5:  # deep enough: each page below has its share of a resize
            await self.home(self.chance.choice("1234"))
        elif kind < 0.02:
            size = self.chance.choice(SIZES)
            self.done = f"resize to {size}"
            await self.person.pilot.resize_terminal(*size)
        elif kind < 0.1:
            await self.paste(self.chance.choice(HOSTILE))
        elif kind < 0.125:
            await self.chance.choice(self.acts)()
        else:
            await self.press(self.chance.choice(KEYS))

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.done = f"key {key}"
            self.person.strike(key)
            await asyncio.sleep(0.001)
            while self.person.app.type_ahead and self.person.app.is_running:  # it is being handled
                await asyncio.sleep(0.001)
            screen = self.person.app.screen
            self.visited[getattr(screen, "breadcrumb", "") or type(screen).__name__] += 1

    async def paste(self, text: str) -> None:
        self.done = f"paste {text[:40]!r}"
        if self.person.app.focused is not None:
            await self.person.paste(text)

    async def look(self) -> None:
        """Wait as long as a person who sees something open."""
        await self.person.pilot.pause(0.03)

    def name(self) -> str:
        """A text for a field, a good one most of the time."""
        bad = self.chance.random() < self.mischief
        return self.chance.choice(HOSTILE) if bad else f"Monkey {self.chance.randrange(10_000)}"

    async def home(self, section: str) -> None:
        """Leave whatever is open, and go to a row of a section's list."""
        if self.person.app.covers.is_covered:  # too small for any key
            await self.person.pilot.resize_terminal(80, 24)
        for _ in range(12):
            screen = self.person.app.screen
            alone = len(self.person.app.screen_stack) == 1
            if alone and isinstance(screen, ListPage) and not isinstance(self.person.app.focused, Field):
                break
            await self.press("y" if isinstance(screen, Question) else "escape")
            await self.look()
        await self.press(section, *["down"] * self.chance.randrange(8))
        await self.look()

    async def create_group(self) -> None:
        await self.home("2")
        await self.press("n")
        await self.look()
        await self.paste(self.name())
        await self.press("tab", *["down"] * self.chance.randrange(5), "space", "down", "space", "ctrl+s")
        await self.look()

    async def create_role(self) -> None:
        await self.home("3")
        await self.press("n")
        await self.look()
        await self.paste(self.name())
        await self.press("ctrl+s")
        await self.look()
        for _ in range(2):
            await self.paste(f"bundle{self.chance.randrange(3)}/index/{self.chance.choice(['edit', '*'])}")
            await self.press(*["right"] * self.chance.randrange(2), "enter")
            await self.look()

    async def create_user(self) -> None:
        await self.home("1")
        await self.press("n")
        await self.look()
        await self.paste(f"monkey{self.chance.randrange(1000)}@shop.example")
        await self.press("f4")
        await self.look()
        await self.press("escape", "tab", "tab", "tab")
        await self.paste(self.name())
        await self.press("tab")
        await self.paste(self.name())
        for _ in range(8):
            if self.person.focus != "groups":
                await self.press("tab")
        await self.press(*["down"] * self.chance.randrange(5), "space", "ctrl+s")
        await self.look()

    async def edit(self) -> None:
        await self.home(self.chance.choice("123"))
        await self.press("e")
        await self.look()
        await self.paste(self.name())
        await self.press(*["tab"] * self.chance.randrange(9), self.chance.choice(["space", "right", "d"]), "ctrl+s")
        await self.look()

    async def delete(self) -> None:
        await self.home(self.chance.choice("123"))
        await self.press(*["space"] * self.chance.randrange(3), "d")
        await self.look()
        await self.press("y")

    async def clone(self) -> None:
        await self.home(self.chance.choice("23"))
        await self.press("c")
        await self.look()
        await self.paste(self.name())
        await self.press("enter")

    async def regroup(self) -> None:
        await self.home("1")
        await self.press("space", "space", self.chance.choice("ax"))
        await self.look()
        await self.press("space", "down", "space", "ctrl+s")
        await self.look()
        await self.press("y")

    async def change_status(self) -> None:
        await self.home("1")
        await self.press(*["space"] * self.chance.randrange(4), "t")
        await self.look()
        await self.press("y")

    async def add_members(self) -> None:
        await self.home("2")
        await self.press("e")
        await self.look()
        await self.press("tab", "tab", "a")
        await self.look()
        await self.press("space", "down", "space", "ctrl+s")
        await self.look()
        await self.press("d", "y")

    async def look_at_access(self) -> None:
        await self.home("4")
        await self.press("enter")
        await self.look()
        await self.press(*self.chance.choices(["down", "enter", "right", "left", "asterisk", "tab"], k=6))
        await self.press("p")
        await self.paste(self.chance.choice(["sales", "/acl/group/", "a/b/c/d", "*/*/*", self.name()]))
        await self.look()
        await self.press(self.chance.choice("olu"))
        await self.look()

    async def ask_who_may(self) -> None:
        await self.home("4")
        await self.press("p")
        await self.look()
        await self.paste(self.chance.choice(["sales/*/*", "user", "*/*/*", self.name()]))
        await self.look()
        await self.press(*["f"] * self.chance.randrange(4), "down", "enter")
        await self.look()

    async def compare(self) -> None:
        await self.home("4")
        await self.press("space", "space", "c")
        await self.look()
        await self.press("down", "enter")

    async def look_at_findings(self) -> None:
        await self.home("4")
        await self.press("f")
        await self.look()
        await self.press(*["down"] * self.chance.randrange(10), "enter")
        await self.look()
        await self.press("enter")
        await self.look()

    async def read_file(self) -> None:
        await self.home("1")
        await self.press("i")
        await self.look()
        await self.paste(__file__)
        await self.press("enter")
        await self.look()
        await self.press("down", "ctrl+s", "y")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEED, SEED + SESSIONS))
async def test_random_keys_break_nothing_and_leave_the_database_whole(
    start: Start, file: Path, sql: Sql, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(passwords, "hashed", lambda password: "$2y$12$" + "x" * 53)  # else half the time is hashing
    open_database(str(file))
    fill()
    close_database()
    tables = ("spy_acl_group", "spy_acl_role", "spy_acl_rule", "spy_user")
    before = {table: sql(f"SELECT max(rowid) FROM {table}")[0][0] for table in tables}
    step = -1
    async with start() as person:
        monkey = Monkey(person, random.Random(seed))
        # Quitting goes as far as it can: what it asks is asked, and the last step is not done.
        quits: list[bool] = []
        monkeypatch.setattr(person.app, "exit", lambda *_, **__: quits.append(True))
        try:
            for act in monkey.acts:  # each once as it should be
                await act()
            monkey.mischief = 0.3
            for step in range(STEPS):  # noqa: B007 (printed on failure)
                await monkey.step()
                assert person.app.is_running
            assert person.screen
            await person.settle()
        finally:
            print(f"MONKEY_SEED={seed}, step {step}, last: {monkey.done}, visited: {monkey.visited}")
    created = {table: sql(f"SELECT count(*) FROM {table} WHERE rowid > ?", before[table])[0][0] for table in tables}
    print(f"created: {created}, quits: {len(quits)}")
    assert len(monkey.visited) >= 15
    assert all(created.values())
    assert quits or STEPS < 500
    assert_whole(sql)


def assert_whole(sql: Sql) -> None:
    """Nothing half-written, nothing that a rule forbids."""
    assert sql("PRAGMA integrity_check") == [("ok",)]
    assert sql("PRAGMA foreign_key_check") == []
    for table in ("acl_group", "acl_role"):
        names = [str(name) for (name,) in sql(f"SELECT name FROM spy_{table}")]
        assert all(name == name.strip() and 0 < len(name) <= 255 for name in names)
        assert not any(ord(character) < 32 for name in names for character in name)
        assert len(set(names)) == len(names)
        # Only deleted rows are archived, and a row that is gone was archived: no id is used twice.
        assert sql(f"SELECT id_{table} FROM spy_{table} INTERSECT SELECT id_{table} FROM spy_{table}_archive") == []
        rows = sql(f"SELECT (SELECT count(*) FROM spy_{table}) + (SELECT count(*) FROM spy_{table}_archive)")
        assert rows == sql("SELECT seq FROM sqlite_sequence WHERE name = ?", f"spy_{table}")
    rules = "'' IN (trim(bundle), trim(controller), trim(action)) OR type NOT IN (0, 1)"
    assert sql(f"SELECT * FROM spy_acl_rule WHERE {rules}") == []
    same = "SELECT 1 FROM spy_acl_rule GROUP BY fk_acl_role, bundle, controller, action, type HAVING count(*) > 1"
    assert sql(same) == []
    assert sql("SELECT id_acl_group FROM spy_acl_group EXCEPT SELECT fk_acl_group FROM spy_acl_groups_has_roles") == []
    assert sql("SELECT name FROM spy_acl_group WHERE id_acl_group = 1") == [("root_group",)]
    assert sql("SELECT name FROM spy_acl_role WHERE id_acl_role = 1") == [("root_role",)]
    users = "username NOT LIKE '%_@_%._%' OR trim(first_name) = '' OR trim(last_name) = '' OR status NOT IN (0, 1, 2)"
    assert sql(f"SELECT * FROM spy_user WHERE {users}") == []
    assert sql("SELECT * FROM spy_user WHERE password != '!' AND password NOT LIKE '$2y$%'") == []
    assert sql("SELECT count(*) FROM spy_user_archive") == [(0,)]  # deleting a user keeps the row
    assert sql("SELECT count(*) FROM spy_user") == sql("SELECT seq FROM sqlite_sequence WHERE name = 'spy_user'")
    # Whatever happened, somebody who administers the shop can still sign in.
    admins = """
        SELECT count(*) FROM spy_user JOIN spy_acl_user_has_group ON fk_user = id_user
        JOIN spy_acl_groups_has_roles USING (fk_acl_group) WHERE status = 0
    """
    assert sql(admins) != [(0,)]
