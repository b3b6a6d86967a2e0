"""Users imported from a CSV file, by keys: first shown, then all written or none, and where their passwords go."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from models import passwords, validation
from models.db.transactions import is_write_pending
from models.errors import Unavailable
from models.tools import csv_import
from tests.conftest import verifies
from tests.tui.conftest import Person, Sql, Start, late

ROWS = [
    ["nora@shop.example", "Nora", "Owl", "Content team"],
    ["omar@shop.example", "Omar", "Çelik", "Sales|Äpfel"],
]
HEADER = ["E-mail", "First Name", "Last Name", "Groups"]


def lines(separator: str, *rows: list[str]) -> str:
    return "".join(separator.join(row) + "\r\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the CSV file lies, and nothing else."""
    folder = tmp_path / "entry"
    folder.mkdir()
    return folder


async def read(person: Person, path: Path) -> None:
    """Open the import and read the file."""
    await person.press("i")
    await person.see("Users / Users / Import users from CSV", "Enter the path of a CSV file, then press Enter.")
    assert person.focus == "file"
    await person.paste(str(path))
    await person.press("enter")


async def ask_to_create(person: Person, path: Path) -> None:
    """Read a good file with the two users, and come as far as the question."""
    path.write_text(lines(",", *ROWS), encoding="utf-8")
    await read(person, path)
    await person.see("2 users can be created")
    await person.press("ctrl+s")
    await person.see("Create 2 users?")


def kept(folder: Path) -> list[Path]:
    """The files of passwords that were written."""
    return sorted(folder.glob("*-passwords-*"))


@pytest.mark.parametrize("mark", ["", pytest.param("\ufeff", marks=pytest.mark.slow)], ids=["no-bom", "bom"])
@pytest.mark.parametrize("header", [True, False], ids=["header", "no-header"])
@pytest.mark.parametrize("separator", [",", ";"])
async def test_a_good_file_is_shown_and_then_written_whole(
    start: Start, shop: None, sql: Sql, folder: Path, separator: str, header: bool, mark: str
) -> None:
    path = folder / "new.csv"
    path.write_text(mark + lines(separator, *[HEADER] * header, *ROWS), encoding="utf-8", newline="")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see("2 users can be created: ctrl+s.", "nora@shop.example", "Nora Owl", "Sales, Äpfel")
        assert person.screen.count("create\n") == 2
        assert sql("SELECT count(*) FROM spy_user") == [(3,)] and not kept(folder)
        await person.press("ctrl+s")
        await person.see("Create 2 users?", "nora@shop.example, omar@shop.example.", "Each gets a random")
        await person.press("y")
        await person.see("2 users were created successfully. Passwords:", "5 users")
        shown = person.screen
    added = "SELECT username, first_name, last_name, status, locale_name FROM spy_user"
    assert sql(f"{added} JOIN spy_locale ON id_locale = fk_locale ORDER BY id_user") == [
        ("nora@shop.example", "Nora", "Owl", 0, "en_US"),
        ("omar@shop.example", "Omar", "Çelik", 0, "en_US"),
    ]
    assert sql("SELECT fk_acl_group, fk_user FROM spy_acl_user_has_group ORDER BY 1") == [(2, 4), (3, 5), (4, 5)]
    (file,) = kept(folder)
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8", newline="") as opened:
        head, *rows = csv.reader(opened)
    assert head == ["e-mail", "password"]
    users: Any = sql("SELECT username, password FROM spy_user")
    hashes = dict(users)
    assert [email for email, _ in rows] == ["nora@shop.example", "omar@shop.example"]
    for email, password in rows:
        assert validation.password_problem(password) is None and verifies(password, str(hashes[email]))
        assert password not in shown


BAD = [
    (["nobody", "Nora", "Owl", "Sales"], "e-mail: This value is not a valid email address."),
    (["anna@shop.example", "Nora", "Owl", "Sales"], 'e-mail: User with email "anna@shop.example" already exists.'),
    (["OMAR@shop.example", "Nora", "Owl", "Sales"], "e-mail: Same e-mail as line 2."),
    (["nora@shop.example", "", "Owl", "Sales"], "first name: This value should not be blank."),
    (["nora@shop.example", "Nora", "O/wl", "Sales"], "last name: This value must not contain any"),
    (["nora@shop.example", "Nora", "Owl", "Nowhere"], "groups: Unknown group “Nowhere”."),
    (["nora@shop.example", "Nora", "Owl", ""], "groups: At least one group must be selected."),
    (["nora@shop.example", "Nora"], "last name: This value should not be blank.; groups: At"),
    (["nora@shop.example", "Nora", "Owl", "Sales", "more"], "row: 5 columns instead of 4."),
]


@pytest.mark.parametrize(("row", "reason"), BAD)
async def test_a_bad_row_writes_nothing_and_names_row_column_and_reason(
    start: Start, shop: None, sql: Sql, folder: Path, row: list[str], reason: str
) -> None:
    path = folder / "new.csv"
    path.write_text(lines(",", HEADER, ROWS[1], row), encoding="utf-8")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see(f"Line 3: {reason}")
        await person.press("down")
        await person.see(">      2  omar@")
        await person.press("ctrl+s", "y")
        await person.settle()
        assert person.page.breadcrumb == "Users / Users / Import users from CSV"
    assert sql("SELECT count(*) FROM spy_user") == [(3,)] and not kept(folder)


async def test_how_many_rows_are_wrong_is_still_said_while_their_reasons_are_read(
    start: Start, shop: None, folder: Path
) -> None:
    path = folder / "new.csv"
    path.write_text(lines(",", ROWS[0], ["x", "", "", ""], ["y", "", "", ""]), encoding="utf-8")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see("Line 2: e-mail: This value is not a valid email", "2 rows of 3 cannot be written")


async def test_a_file_that_was_mended_is_read_again(start: Start, shop: None, sql: Sql, folder: Path) -> None:
    path = folder / "new.csv"
    path.write_text(lines(",", ["nobody", "Nora", "Owl", "Sales"]), encoding="utf-8")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see("Line 1: e-mail: This value is not a valid")
        path.write_text(lines(",", ROWS[0]), encoding="utf-8")
        await person.press("shift+tab", "enter")
        await person.see("1 user can be created: ctrl+s.")


@pytest.mark.timeout(30)
async def test_what_is_no_file_is_not_waited_for(start: Start, shop: None, folder: Path) -> None:
    os.mkfifo(folder / "new.csv")
    async with start(size=(180, 30), section="1") as person:
        await read(person, folder / "new.csv")
        await person.see(f"! {folder / 'new.csv'}", "not a file.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory."),
        ("Çelik".encode("latin-1"), "not UTF-8 at byte 0."),
        (b"", "no users in this file."),
        (lines(",", HEADER).encode(), "no users in this file."),
        (b'a@b.example,"N', "unexpected end of data."),
    ],
    ids=["missing", "latin-1", "empty", "only-a-header", "broken"],
)
async def test_a_file_that_cannot_be_read_is_named_with_the_reason_under_the_field(
    start: Start, shop: None, folder: Path, content: bytes | None, reason: str
) -> None:
    path = folder / "new.csv"
    if content is not None:
        path.write_bytes(content)
    async with start(size=(180, 30), section="1") as person:
        await read(person, path)
        await person.see(f"! {path}", reason)
        assert person.focus == "file" and person.value("file") == str(path)
        await person.press("ctrl+s")
        await person.settle()
        assert "Create 0" not in person.screen


async def test_a_folder_or_a_forbidden_file_is_named_with_the_reason(
    start: Start, shop: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(size=(180, 30), section="1") as person:
        await read(person, folder)
        await person.see(f"! {folder}: not a file.")

        def forbidden(path: Path, max_bytes: int) -> str:
            raise PermissionError(13, "Permission denied")

        path = folder / "new.csv"
        path.write_text("x")
        monkeypatch.setattr(csv_import, "read_text", forbidden)  # root, who runs CI, may read everything
        await person.replace(str(path))
        await person.press("enter")
        await person.see(f"! {path}: Permission denied.")


async def test_when_an_email_is_taken_between_check_and_write_nothing_is_left_behind(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        sql("UPDATE spy_user SET username = 'omar@shop.example' WHERE id_user = 3")
        await person.press("y")
        await person.see("Line 2, e-mail: User with email", "Nothing has been saved.")
        assert person.page.breadcrumb == "Users / Users / Import users from CSV"
    assert sql("SELECT count(*) FROM spy_user") == [(3,)]
    assert sql("SELECT count(*) FROM spy_acl_user_has_group") == [(0,)]
    assert [item.name for item in folder.iterdir()] == ["new.csv"]


async def test_when_the_write_itself_fails_the_passwords_are_gone_again(
    start: Start, shop: None, sql: Sql, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.db.sqlite.BUSY_TIMEOUT_S", 0.05)
    seen: list[Path] = []
    check = csv_import.check_again

    def taken_meanwhile(*entries: Any) -> object:
        seen.extend(kept(folder))
        found = check(*entries)
        raise_on_insert()
        return found

    def raise_on_insert() -> None:
        monkeypatch.setattr(
            "models.users.insert_rows", lambda *_, **__: (_ for _ in ()).throw(Unavailable("disk is full"))
        )

    monkeypatch.setattr(csv_import, "check_again", taken_meanwhile)
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        await person.press("y")
        await person.see("disk is full", "Nothing has been saved.")
    assert len(seen) == 1 and not kept(folder)
    assert sql("SELECT count(*) FROM spy_user") == [(3,)]


async def test_what_the_new_users_could_open_is_said_before_they_are_written(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    sql("INSERT INTO spy_acl_rule (bundle, controller, action, type, fk_acl_role) VALUES ('cms-gui', '*', '*', 0, 2)")
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        await person.see("Effect (F6): + 2 users gain application/*/*", "cms-gui/*/*", "users can now sign in")
        await person.press("f6")
        await person.see(">● nora@shop.example", "omar@shop.example", "Gains application/*/*, cms-gui/*/*.")
    assert sql("SELECT count(*) FROM spy_user") == [(3,)]


async def test_leaving_while_the_passwords_are_made_is_said_first(
    start: Start, shop: None, sql: Sql, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = late(monkeypatch, passwords, "hashed")
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        await person.press("y")
        await person.wait(is_write_pending, "the first password")
        await person.press("ctrl+q")
        await person.see("Still saving. Press again")
        assert person.app.is_running and sql("SELECT count(*) FROM spy_user") == [(3,)]
        going_on.set()
        await person.see("2 users were created successfully.")


async def test_of_a_single_user_the_message_tells_who_was_created(start: Start, shop: None, folder: Path) -> None:
    path = folder / "new.csv"
    path.write_text(lines(",", ROWS[0]), encoding="utf-8")
    async with start(section="1") as person:
        await read(person, path)
        await person.see("1 user can be created")
        await person.press("ctrl+s")
        await person.see("Create 1 user?")
        await person.press("y")
        await person.see("4 users")
        (file,) = kept(folder)
        await person.hear(f"User was created successfully. nora@shop.example. Passwords: {file}")


async def test_without_a_folder_to_write_the_passwords_to_no_user_is_created(
    start: Start, shop: None, sql: Sql, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_import, "password_file", lambda path: path.parent / "missing" / "passwords.csv")
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        await person.press("y")
        await person.see("passwords cannot be written", "Nothing has been saved.")
    assert sql("SELECT count(*) FROM spy_user") == [(3,)]


async def test_no_is_the_default_and_writes_nothing(start: Start, shop: None, sql: Sql, folder: Path) -> None:
    async with start(size=(120, 30), section="1") as person:
        await ask_to_create(person, folder / "new.csv")
        await person.press("enter")
        await person.miss("Create 2 users?")
        await person.press("escape")
        await person.see(">● anna@", "3 users")
    assert sql("SELECT count(*) FROM spy_user") == [(3,)] and not kept(folder)


async def test_hostile_cells_are_shown_as_text(start: Start, shop: None, folder: Path) -> None:
    path = folder / "new.csv"
    path.write_text(lines(",", ["[red]x[/]@x.yz", "N\x1b[2J", "O\u202ewl", "[b]Sales[/b]"]), encoding="utf-8")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see("Line 1: e-mail", "[red]x[/]@x.yz", "N␛[2J", "[b]Sales[/b]")
        assert "\x1b" not in person.screen and "\u202e" not in person.screen


async def test_the_administrators_group_is_known_by_both_its_names(
    start: Start, shop: None, sql: Sql, folder: Path
) -> None:
    path = folder / "new.csv"
    rows = [["nora@x.yz", "N", "O", "Administrators group (root_group)"], ["omar@x.yz", "O", "P", "root_group|Sales"]]
    path.write_text(lines(",", *rows), encoding="utf-8")
    async with start(size=(120, 30), section="1") as person:
        await read(person, path)
        await person.see("2 users can be created")


async def test_a_home_folder_of_nobody_is_no_csv_file(start: Start, shop: None) -> None:
    async with start(section="1") as person:
        await person.press("i")
        await person.see("Import users from CSV")
        await person.type("~nobody-here/new.csv")
        await person.press("enter")
        await person.see("! ~nobody-here/new.csv: ")
