"""What was typed outlives the program: kept in a file when it is ended from outside, offered at the next start."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pyte
import pytest
from textual.events import Key

from models.db.connection import close_database, open_database
from models.tools.demo import fill
from tests.tui.conftest import Person, Sql, Start
from tests.tui.terminal.tmux import Terminal, backoffice, needs_tmux

SECRET = "Night-owl-2026"


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "state" / "backoffice" / "drafts"


@asynccontextmanager
async def ended(start: Start, **options: Any) -> AsyncIterator[Person]:
    """A session that is ended from outside."""
    async with start(**options) as person:
        yield person
        person.app.lifecycle.save_drafts()
    close_database()


def asked(start: Start) -> AbstractAsyncContextManager[Person]:
    """The next one, which asks about a draft."""
    return start(first="Restore unsaved changes?")


async def offered(person: Person, page: str, name: str, answer: str = "y") -> None:
    """Answer the question about a draft."""
    await person.see("Restore unsaved changes?", page, f"“{name}”, autosaved 20")
    await person.press(answer)
    await person.miss("Restore unsaved changes?")


async def test_a_new_group_is_kept_for_its_owner_alone_offered_and_saved(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    async with ended(start) as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.type("Night shift")
        await person.press("tab", "space")
        await person.see("[x] CMS editor")
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    async with asked(start) as person:
        await offered(person, "Users / User Groups / Create new Group", "Night shift")
        await person.see("Create new Group", "[x] CMS editor")
        assert person.value("title") == "Night shift" and person.page.unsaved
        await person.wait(lambda: not list(folder.iterdir()), "the end of the draft")
        await person.press("ctrl+s")
        await person.see("Group was created successfully.")
        await person.press("escape")
        await person.see("> Night shift")
    assert sql("SELECT count(*) FROM spy_acl_group WHERE name = 'Night shift'") == [(1,)]


async def test_an_edited_user_comes_back_in_their_section_without_the_password(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with ended(start, section="1") as person:
        await person.press("enter")
        await person.wait(lambda: person.value("email") == "anna@shop.example", "the user's e-mail")
        for id, text in (("password", SECRET), ("repeated", SECRET), ("last_name", "[red]Owl")):
            person.app.screen.query_one(f"#{id}").focus()
            await person.settle()
            await person.replace(text)
        person.app.screen.query_one("#groups").focus()
        await person.settle()
        await person.type("sales")
        await person.wait(lambda: person.focused.current and person.focused.current.name == "Sales", "the group")
        await person.press("enter")
        person.app.screen.query_one("#locale").focus()
        await person.press("d")
    (file,) = folder.iterdir()
    assert SECRET not in file.read_text()
    async with asked(start) as person:
        await offered(person, "Users / Users / Edit User", "anna@shop.example")
        await person.see("Edit User", "Passwords are not autosaved", "Content team, Sales")
        assert person.value("last_name") == "[red]Owl" and person.value("password") == ""
        assert person.app.current_mode == "users"
        person.app.screen.query_one("#last_name").focus()
        await person.settle()
        await person.replace("Owl")
        await person.press("ctrl+s")
        await person.see("User was updated successfully.")
    assert sql("SELECT last_name, fk_locale, password FROM spy_user WHERE id_user = 1") == [("Owl", 46, "!")]
    assert sql("SELECT fk_acl_group FROM spy_acl_user_has_group") == [(2,), (3,)]


async def test_what_a_colleague_changed_before_the_next_start_is_asked_about(
    start: Start, shop: None, sql: Sql
) -> None:
    async with ended(start) as person:
        await person.press("enter")
        await person.see("[x] CMS editor")
        await person.replace("Mine")
    sql("UPDATE spy_acl_group SET name = 'Theirs' WHERE id_acl_group = 2")
    async with asked(start) as person:
        await offered(person, "Users / User Groups / Edit Group", "Mine")
        await person.wait(lambda: person.value("title") == "Mine", "the draft")
        await person.press("ctrl+s")
        await person.see("Someone else changed this group", "before  Content team", "theirs  Theirs", "yours   Mine")


async def test_a_rule_being_changed_comes_back(start: Start, shop: None, sql: Sql) -> None:
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms', 'page', 'view', 0, 2)")
    async with ended(start, section="3") as person:
        await person.press("enter")
        await person.see("Edit Role", "1 rule")
        await person.wait(lambda: person.focus == "bundle", "the focus in BUNDLE")
        person.app.screen.query_one("#rules").focus()
        await person.settle()
        await person.press("e", "tab", "tab")
        await person.replace("mine")
        await person.press("tab", "d")
        await person.see("◄ deny ►")
    async with asked(start) as person:
        await offered(person, "Users / User Roles / Edit Role", "CMS editor")
        await person.see("Change Rule", "mine", "◄ deny ►")
        person.app.screen.query_one("#permission").focus()
        await person.press("enter")
        await person.see("Rule successfully updated.")
    assert sql("SELECT action, type FROM spy_acl_rule WHERE fk_acl_role = 2") == [("mine", 1)]


async def test_a_record_that_is_gone_is_said_so(start: Start, shop: None, sql: Sql, folder: Path) -> None:
    async with ended(start) as person:
        await person.press("enter")
        await person.see("[x] CMS editor")
        await person.type("x")
    sql("DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group = 2")
    sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
    async with asked(start) as person:
        await offered(person, "Users / User Groups / Edit Group", "Content teamx")
        await person.see("Group couldn't be found", "3 groups")
        assert list(folder.iterdir()) == []


async def test_a_draft_that_does_not_fit_is_said_and_stays(start: Start, shop: None, folder: Path) -> None:
    async with ended(start) as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        await person.type("!")
    (file,) = folder.iterdir()
    draft = json.loads(file.read_text())
    del draft["values"]["roles"]
    file.write_text(json.dumps(draft))
    async with asked(start) as person:
        await offered(person, "Users / User Groups / Edit Group", "Content team!")
        await person.see("Edit Group", "[x] CMS editor", "! The autosaved form cannot be read")
        assert person.app.is_running and [*folder.iterdir()] == [file]


ODD = {
    "list": [],
    "text": "x",
    "number": 7,
    "nothing": {},
    "deep": None,
    "huge": None,
    "half": {"values": {"name": "\ud800"}},
    "section": {"section": "x"},
    "id": {"id": "2"},
    "large id": {"id": 10**30},
    "breadcrumb": {"breadcrumb": ["x"]},
    "time": {"time": "yesterday"},
    "number for time": {"time": 5},
    "values": {"values": []},
    "name": {"values": {"name": 5}},
}


async def test_whatever_lies_in_the_folder_of_the_drafts_is_one_line_and_the_others_are_offered(
    start: Start, shop: None, folder: Path
) -> None:
    async with ended(start) as person:
        await person.press("enter")
        await person.see("Edit Group", "[x] CMS editor")
        await person.type("!")
    (file,) = folder.iterdir()
    draft = json.loads(file.read_text())
    for name, change in ODD.items():
        (folder / f"{name}.json").write_text(json.dumps({**draft, **change} if isinstance(change, dict) else change))
    (folder / "nothing.json").write_text("{}")
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "huge.json").write_text(json.dumps({**draft, "breadcrumb": "x" * 5_000_000}))
    (folder / "bytes.json").write_bytes(b"\xff\x00")
    (folder / "folder.json").mkdir()
    (folder / "nowhere.json").symlink_to(folder / "nothing at all")
    (folder / "loop.json").symlink_to(folder / "loop.json")
    os.mkfifo(folder / "pipe.json")
    (folder / "zone.json").write_text(json.dumps({**draft, "time": "2026-01-01T00:00:00+05:00", "database": "other"}))
    async with asked(start) as person:
        unreadable = f"Unsaved changes cannot be read: {len(ODD) + 5} files in {folder}."
        await person.wait(lambda: any(unreadable in message for message in person.told), unreadable)
        await offered(person, "Users / User Groups / Edit Group", "Content team!", "escape")
        await person.press("n")
        await person.see("Create new Group")


WRONG: list[tuple[str, str, object]] = [
    ("2", "name", "x" * 20_000),
    *(("2", "roles", roles) for roles in (["1"], {"x": "y"}, {"9" * 30: "y"}, {"2": 5}, None)),
    *(("2", "shown", shown) for shown in (1, {"id": "2", "name": "x", "roles": {}}, {"name": 5, "roles": []})),
    *(("3", "rule", rule) for rule in ("abcd", ["a"], ["a", "b", "c", 7], [1, "b", "c", None], [None] * 4)),
    *(("3", "changing", changing) for changing in (5, {}, {"id": 1, "path": "x", "permission": 0})),
    ("3", "changing", {"id": 1, "path": {"bundle": 1, "controller": "", "action": ""}, "permission": 0}),
    ("1", "form", None),
    ("1", "form", {}),
    ("1", "form", "x"),
    *(("1", "groups", groups) for groups in ({"1": None}, 5)),
    *(("1", f"form.{name}", value) for name, value in {"email": 5, "groups": [None], "status": 9, "marks": 1}.items()),
]


@pytest.mark.slow
@pytest.mark.parametrize(("section", "name", "value"), WRONG)
async def test_values_of_a_wrong_shape_are_said_and_the_page_is_as_the_record_is(
    start: Start, shop: None, sql: Sql, folder: Path, section: str, name: str, value: object
) -> None:
    sql("INSERT INTO spy_acl_user_has_group VALUES (2, 1)")
    async with ended(start, section=section if section != "2" else "") as person:
        await person.press("enter")
        await person.see("Edit ")
        await person.wait(lambda: person.focus, "the form")
        await person.type("!")
        assert person.page.unsaved
    (file,) = folder.iterdir()
    draft = json.loads(file.read_text())
    values = draft["values"]
    name, _, part = name.partition(".")
    if part:
        values[name][part] = value
    else:
        values[name] = value
    file.write_text(json.dumps(draft))
    async with start(first="") as person:
        if name == "name":
            await person.see("Unsaved changes cannot be read", "1 file in")
        else:
            await person.see("Restore unsaved changes?")
            await person.press("y")
            await person.see("Edit ", "! The autosaved form cannot be read")
            await person.wait(lambda: person.focus, "the form")
            assert not person.page.unsaved
        assert person.app.is_running and [*folder.iterdir()] == [file]


async def test_folders_that_others_could_look_into_are_closed(start: Start, shop: None, folder: Path) -> None:
    folder.mkdir(parents=True)
    for one in (folder, folder.parent, folder.parent.parent):
        one.chmod(0o755)
    async with ended(start) as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.type("x")
    modes = [one.stat().st_mode & 0o777 for one in (folder, folder.parent, folder.parent.parent)]
    assert modes == [0o700, 0o700, 0o755]  # the last is not ours


async def test_a_draft_that_cannot_be_opened_now_is_offered_again(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    async with ended(start) as person:
        await person.press("enter")
        await person.see("[x] CMS editor")
        await person.type("x")
    async with asked(start) as person:
        sql("ALTER TABLE spy_acl_group RENAME TO hidden")
        await offered(person, "Users / User Groups / Edit Group", "Content teamx")
        await person.see("no such table")
        sql("ALTER TABLE hidden RENAME TO spy_acl_group")
        assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(("answer", "left"), [("d", 0), ("escape", 1)])
async def test_a_draft_is_deleted_on_demand_or_offered_later(
    start: Start, shop: None, folder: Path, answer: str, left: int
) -> None:
    async with ended(start) as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.type("x")
    async with asked(start) as person:
        await person.see("Create new Group", "“x”, autosaved 20")
        await person.press(answer, *(["y"] if answer == "d" else []))
        await person.miss("Restore unsaved changes?")
        await person.see("> Content team")
        await person.wait(lambda: len(list(folder.iterdir())) == left, f"{left} drafts")


async def test_several_forms_are_offered_one_after_the_other(start: Start, shop: None) -> None:
    async with ended(start) as person:
        await person.press("n")
        await person.see("CMS editor")
        await person.type("one")
        await person.press("tab", "ctrl+u")
        await person.app.action_section("roles")
        await person.see("4 roles")
        await person.press("n")
        await person.see("Create new Role")
        await person.type("two")
    async with asked(start) as person:
        for _ in range(2):
            await person.see("Restore unsaved changes?")
            await person.press("y")
            await person.pilot.pause()
        await person.wait(lambda: len(person.app.forms) == 2, "both pages")
        await person.wait(lambda: all(form.unsaved for form in person.app.forms), "both forms")
        assert {form.draft()["name"] for form in person.app.forms} == {"one", "two"}


async def test_nothing_is_kept_of_a_form_that_was_not_touched_and_nothing_offered_elsewhere(
    start: Start, shop: None, folder: Path, home: Path
) -> None:
    async with start() as person:
        await person.press("enter")
        await person.see("[x] CMS editor")
        person.app.lifecycle.save_drafts()
        assert not folder.exists()
    close_database()
    folder.mkdir(parents=True)
    other = {"section": "groups", "id": None, "breadcrumb": "x", "time": "2026-05-01T10:00:00", "values": {"name": "x"}}
    (folder / "draft-1.json").write_text(json.dumps(other | {"database": "file:/another.db"}))
    (folder / "draft-2.json").write_text("{half of")
    async with start() as person:
        await person.see("> Content team", "4 groups")
        await person.press("n")
        await person.see("Create new Group")


@pytest.mark.slow
@needs_tmux
@pytest.mark.parametrize(("name", "code"), [("HUP", 129), ("TERM", 143)])
def test_a_form_outlives_the_signal_that_ends_the_program(tmp_path: Path, name: str, code: int) -> None:
    file = tmp_path / "shop.db"
    open_database(str(file))
    fill()
    close_database()
    pid = tmp_path / "pid"
    with closing(Terminal(tmp_path)) as terminal:
        terminal.run("sh", "-c", f"'echo $$ > {pid}; exec {' '.join(backoffice('--database', str(file)))}'")
        terminal.see("12 groups")
        terminal.press("n")
        terminal.see("Create new Group", "Catalog editor")
        terminal.press("type:Kept for later", "Tab", "Space")
        terminal.see("[x] Catalog editor")
        os.kill(int(pid.read_text()), getattr(signal, f"SIG{name}"))
        terminal.see(f"exit:{code}", "unsaved changes were kept and will be offered next time.")
    with closing(Terminal(tmp_path)) as terminal:
        terminal.run(*backoffice("--database", str(file)))
        terminal.see("Restore unsaved changes?", "Create new Group", "“Kept for later”, autosaved 20")
        terminal.press("Enter")
        terminal.see("Kept for later", "[x] Catalog editor")
        terminal.press("C-s")
        terminal.see("Group was created successfully.")


def test_a_form_outlives_a_terminal_that_is_gone(tmp_path: Path) -> None:
    """As where an SSH line drops: nothing can be read from it any more, or written to it."""
    file = tmp_path / "shop.db"
    open_database(str(file))
    close_database()
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))

    def own_terminal() -> None:
        """The program is told when it is gone, even if it was started to ignore that."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    program = subprocess.Popen(
        backoffice("--database", str(file)),
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        preexec_fn=own_terminal,
    )
    os.close(its)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)

    def see(text: str) -> None:
        while text not in "\n".join(screen.display):
            stream.feed(os.read(ours, 65536))

    see("Administrators")
    os.write(ours, b"n")
    see("Create new Group")
    see("root_role")
    os.write(ours, b"Kept!")
    see("Kept!")
    os.close(ours)
    assert program.wait() in (1, 129)
    (draft,) = (tmp_path / "state" / "backoffice" / "drafts").iterdir()
    assert json.loads(draft.read_text())["values"]["name"] == "Kept!"


async def test_what_is_typed_before_a_draft_is_offered_does_not_delete_it_and_delete_asks_first(
    start: Start, shop: None, folder: Path
) -> None:
    async with ended(start) as person:
        await person.press("n")
        await person.type("Late")
    async with asked(start) as person:
        await person.wait(lambda: person.page.shown_at, "the question's first frame")
        for key in ("d", "enter", "y"):
            early = Key(key, key if len(key) == 1 else None)
            early.time = person.page.shown_at - 0.01
            person.app.post_message(early)
        await person.settle()
        await person.see("Restore unsaved changes?")
        assert [*folder.iterdir()]
        await person.press("d")
        await person.see("Delete the unsaved changes?", "Create new Group", "“Late”, autosaved 20")
        await person.press("d", "d", "enter")
        await person.miss("Delete the unsaved changes?")
        await person.see("Restore unsaved changes?")
        assert [*folder.iterdir()]
        await person.press("d")
        await person.see("Delete the unsaved changes?")
        await person.press("y")
        await person.miss("Restore unsaved changes?")
        await person.wait(lambda: not [*folder.iterdir()], "the end of the draft")
