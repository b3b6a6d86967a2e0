"""Every page as text, in two sizes, beside what it was: a person reads in the diff what a change does to the screens.

`--update-snapshots` writes them as they are now, and the pictures of README.md with them.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from difflib import unified_diff
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region

from models.changes.chain import Entry, seal
from models.db.connection import close_database, open_database
from models.db.opened import opened
from models.tools import demo, findings
from tests.documents import DOCUMENTS, ROOT
from tests.shop_code import entry, small_shop
from tests.tui.conftest import Person, Sql, Start
from tui import workers
from tui.dialogs.draft import DraftQuestion
from tui.drafts import Draft

FOLDER = Path(__file__).with_name("snapshots")
PICTURES = {
    "users-list-80x24.txt": ROOT / ".github/users.svg",
    "access-reasons-80x24.txt": ROOT / ".github/access.svg",
    "groups-conflict-80x24.txt": ROOT / ".github/conflict.svg",
}
"""The snapshots that README.md shows as pictures."""
SIZES = [(80, 24), (120, 40)]
NOW = datetime(2026, 11, 27, 12)
CSV = """E-mail,First Name,Last Name,Groups
nora@shop.example,Nora,Owl,Content team
omar@shop.example,Omar,Çelik,Sales|Returns
shop.owner@shop.example,Shop,Owner,Sales
pia@shop.example,Pia,,Nowhere
"""


@pytest.fixture(scope="module")
def sample(fresh: Path) -> Path:
    """The sample shop, filled at a fixed time."""
    path = Path(shutil.copy(fresh, fresh.with_name("sample.db")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "now", lambda: NOW)
        open_database(str(path))
        demo.fill()
        close_database()
    return path


@pytest.fixture
def shop(sample: Path, file: Path, sql: Sql, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """That shop, looked at when it was filled, and a CSV file beside it; for `pages` its code, too."""
    shutil.copy(sample, file)
    for table in "spy_acl_role", "spy_acl_group":
        sql(f"UPDATE {table} SET created_at = '2026-02-02 09:00:00' WHERE name LIKE 'root%'")
    monkeypatch.setattr(findings, "now", lambda: NOW)
    monkeypatch.setattr(workers, "RESTS_AFTER_S", 0.001)
    monkeypatch.chdir(file.parent)
    if request.node.callspec.params.get("walk") is pages:
        sales = "vendor/spryker/sales/src/Spryker/Zed/Sales/Communication"
        code = small_shop(file.parent)
        code.controller(sales, "Index", "index", "table")
        orders = entry("orders", "Orders", "sales", entry("detail", "Order Overview", "sales/detail"))
        code.navigation(sales, entry("sales", "Sales", "", orders))
    Path("new-users.csv").write_text(CSV, encoding="utf-8")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[object]:
    """What threads are still asked."""
    asked, to_thread = set(), asyncio.to_thread

    async def ask(*question: Any) -> Any:
        asked.add(me := object())
        try:
            return await to_thread(*question)
        finally:
            asked.discard(me)

    monkeypatch.setattr(asyncio, "to_thread", ask)
    return asked


async def go_to(person: Person, name: str) -> None:
    """Go down to the row of this name."""
    for _ in range(20):
        if re.search(rf"^(.*│ )?>.*{name}", person.screen, re.MULTILINE):
            return
        await person.press("down")
    pytest.fail(f"no row {name}\n{person.screen}")


async def turn(person: Person, key: str) -> None:
    """Press a key that leads to another page or dialog."""
    before = person.page
    await person.press(key)
    await person.wait(lambda: person.page is not before, "another page")


# Each walk yields the name of what is on the screen. It waits for pages and for names of the shop, not for wording.


async def groups(person: Person, sql: Sql) -> AsyncIterator[str]:
    yield "list"
    await turn(person, "question_mark")
    yield "help"
    await turn(person, "escape")
    await turn(person, "ctrl+p")
    yield "palette"
    await turn(person, "escape")
    await turn(person, "n")
    await person.see("Media")
    yield "create"
    await turn(person, "escape")
    await go_to(person, "Content team")
    await turn(person, "d")
    yield "delete"
    await turn(person, "escape")
    await turn(person, "enter")
    await person.see("block.writer@")
    yield "edit"
    await person.press("tab")
    await person.type("returns")
    await person.see("1 found", "[ ] Returns desk")
    await person.press("enter")
    await person.see("Type to filter", "sales-return-gui")
    await person.press("home")  # it is scrolled by whether the effect's line came before its rows
    yield "edit-with-effect"
    await turn(person, "f6")
    await person.see("content.lead@")
    yield "effect"
    await turn(person, "escape")
    await person.press("shift+tab")
    await person.replace("Editors")
    sql("UPDATE spy_acl_group SET name = 'Content and media' WHERE name = 'Content team'")
    await turn(person, "ctrl+s")
    yield "conflict"


async def roles(person: Person, sql: Sql) -> AsyncIterator[str]:
    await turn(person, "3")
    await person.see("Catalog editor")
    yield "list"
    await turn(person, "n")
    yield "create"
    await turn(person, "escape")
    await go_to(person, "Order support")
    await turn(person, "enter")
    await person.see("customer")
    yield "edit"
    await turn(person, "f3")
    await person.see("Customer care")
    yield "groups-of-it"


async def users(person: Person, sql: Sql) -> AsyncIterator[str]:
    await turn(person, "1")
    await person.see("attribute.keeper@")
    yield "list"
    await turn(person, "n")
    await person.see("[ ] Catalog")
    yield "create"
    await turn(person, "escape")
    await turn(person, "a")
    await person.see("[ ] Catalog")
    yield "add-to-groups"
    await turn(person, "escape")
    await turn(person, "enter")
    await person.see("[x] Catalog")
    yield "edit"
    await turn(person, "escape")
    await turn(person, "i")
    yield "import"
    await person.paste("new-users.csv")
    await person.press("enter")
    await person.see("pia@shop.example")
    yield "import-read"
    await turn(person, "escape")
    draft = Draft(Path("draft.json"), "groups", 2, "Users / User Groups / Edit Group", "Content team", NOW, {})
    person.app.push_screen(DraftQuestion(draft))
    await person.see("Content team")
    yield "draft"


async def access(person: Person, sql: Sql) -> AsyncIterator[str]:
    await turn(person, "4")
    await person.see("attribute.keeper@")
    yield "list"
    await turn(person, "enter")
    await person.see("_profiler")
    yield "user"
    await go_to(person, "file-manager-gui")
    await person.press("enter")
    await go_to(person, "delete-file")
    await person.see("Overrides")
    yield "reasons"
    await turn(person, "escape")
    await person.press("space", "down", "space")
    await turn(person, "c")
    await person.see("product-management")
    yield "compare"
    await turn(person, "escape")
    await turn(person, "p")
    await person.paste("customer/delete/index")
    await person.see("shop.developer@")
    yield "who-may"
    await turn(person, "escape")
    await turn(person, "f")
    yield "findings"
    await turn(person, "enter")
    await person.see("former.partner@")
    yield "finding"


async def pages(person: Person, sql: Sql) -> AsyncIterator[str]:
    """The shop's code is at hand."""
    await turn(person, "3")
    await go_to(person, "Order support")
    await turn(person, "enter")
    await person.see("customer", "picks")
    await person.type("sales/detail")
    await person.see("Overview")
    yield "rule"
    await turn(person, "f4")
    await person.type("edit")
    await person.see("7 found")
    await person.miss("found…")
    yield "picker"
    await person.press("escape")
    await turn(person, "escape")
    await turn(person, "escape")
    await person.press("y")
    await turn(person, "4")
    await go_to(person, "care.lead@")
    await turn(person, "enter")
    await go_to(person, "sales")
    yield "access"
    await turn(person, "escape")
    await turn(person, "f")
    await go_to(person, "no known page")
    await turn(person, "enter")
    await person.see("typo?")
    yield "finding"


async def history(person: Person, sql: Sql) -> AsyncIterator[str]:
    assert person.app.history_folder is not None
    person.app.history_folder.mkdir(parents=True)
    group: Entry = {"table": "spy_acl_group", "id": 2, "name": "Catalogue"}
    link: Entry = {"table": "spy_acl_user_has_group", "id": [2, 3], "name": ["Catalogue", "price.checker@shop.example"]}
    by: Entry = {"login": "anna", "host": "db1", "sudo_user": None, "me": "anna@shop.example"}
    told = {
        "by": by,
        "database": opened().dialect.identity(),
        "change": "groups.update",
        "summary": "Catalogue: title Catalogue → Catalog; user price.checker@shop.example removed",
        "reason": "ticket 12",
        "ops": [
            {**group, "before": {"name": "Catalogue"}, "after": {"name": "Catalog"}},
            {**link, "before": {}, "after": None},
        ],
        "effect": ["1 user loses category-gui/*/*"],
        "command": "backoffice groups rename Catalogue Catalog",
    }
    lines, prev = list[bytes](), ""
    for number, outcome in enumerate(("written", "not written", "written")):
        id, at = f"{number:026}", f"2026-11-2{number + 4}T10:00:00.000+00:00"
        for sealed in (
            {"kind": "intent", "id": id, "at": at, **told},
            {"kind": "outcome", "of": id, "at": at, "outcome": outcome},
        ):
            line, prev = seal(sealed, prev)
            lines.append(line + b"\n")
    (person.app.history_folder / "anna@db1-2026-11.jsonl").write_bytes(b"".join(lines))
    sql("UPDATE spy_acl_group SET name = 'Catalog team' WHERE id_acl_group = 2")
    await person.press("r")
    await go_to(person, "Catalog team")
    await turn(person, "H")
    yield "list"
    await person.press("down")
    await turn(person, "enter")
    yield "change"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
@pytest.mark.parametrize("walk", [groups, roles, users, access, pages, history], ids=lambda walk: walk.__name__)
async def test_pages_look_as_in_their_snapshots(
    start: Start,
    shop: None,
    sql: Sql,
    asked: set[object],
    walk: Callable[[Person, Sql], AsyncIterator[str]],
    size: tuple[int, int],
    request: pytest.FixtureRequest,
) -> None:
    shown = {}
    async with start(size=size) as person:
        async for step in walk(person, sql):
            name = "{}-{}-{}x{}.txt".format(walk.__name__, step, *size)
            shown[name] = await at_rest(person, asked)
            if name in PICTURES and request.config.getoption("update_snapshots"):
                PICTURES[name].write_text(picture(person), encoding="utf-8")
    pattern = "{}-*-{}x{}.txt".format(walk.__name__, *size)
    if request.config.getoption("update_snapshots"):
        for file in FOLDER.glob(pattern):
            file.unlink()
        for name, screen in shown.items():
            (FOLDER / name).write_text(screen, encoding="utf-8")
    kept = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob(pattern)}
    lines = [line for name in sorted({*kept, *shown}) for line in differences(name, kept.get(name), shown.get(name))]
    if lines:
        pytest.fail("\n".join(["--update-snapshots writes them as they are now.", *lines]), pytrace=False)


@pytest.mark.parametrize("name", PICTURES)
def test_the_readmes_pictures_show_what_the_snapshots_say(name: str) -> None:
    drawn = without_spaces(unescape("".join(re.findall(r">([^<]*)<", PICTURES[name].read_text(encoding="utf-8")))))
    kept = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    again = "pytest tests/tui/test_snapshots.py --update-snapshots draws it again"
    assert [line for line in kept if without_spaces(line) not in drawn] == [], again
    assert PICTURES[name].relative_to(ROOT).as_posix() in DOCUMENTS["README.md"]


def without_spaces(text: str) -> str:
    return "".join(text.split())


def picture(person: Person) -> str:
    """The screen as SVG that loads no font, and keeps its spaces everywhere."""
    svg = person.app.export_screenshot(title="backoffice", simplify=True)
    svg = re.sub(r"\n *@font-face {.*?}\n", "", svg, flags=re.DOTALL)
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1).replace("&#160;", "\N{NO-BREAK SPACE}")


async def at_rest(person: Person, asked: set[object]) -> str:
    """The screen, once nothing is read and nothing moves any more."""
    screen, unchanged = "", 0
    while unchanged < 3:
        await person.pilot.pause(workers.RESTS_AFTER_S)
        await person.settle()
        is_same = screen == person.screen and not asked and not is_frame_due(person)
        screen, unchanged = person.screen, unchanged + 1 if is_same else 0
    if person.page.is_modal:
        screen = without_page_below(screen, next(iter(person.page.query(".dialog, #--container"))).region)
    return f"{screen}\n"


def is_frame_due(person: Person) -> bool:
    """Whether something is still to be drawn: Textual waits for the end of a batch, then for its next frame."""
    return person.app._batch_count > 0 or person.page._layout_required or person.page._update_timer._active.is_set()


def without_page_below(screen: str, dialog: Region) -> str:
    """A dialog alone, and the key line: when the page below it is drawn is Textual's to decide."""
    *lines, keys = screen.splitlines()
    framed = [
        " " * dialog.x + line[dialog.x : dialog.right] if dialog.y <= row < dialog.bottom else ""
        for row, line in enumerate(lines)
    ]
    return "\n".join([line.rstrip() for line in framed] + [keys])


def differences(name: str, kept: str | None, shown: str | None) -> list[str]:
    """What differs of one snapshot, as lines of a diff."""
    before, now = (text.splitlines() if text else [] for text in (kept, shown))
    return list(unified_diff(before, now, f"{name} as kept", f"{name} as shown", lineterm="", n=1))
