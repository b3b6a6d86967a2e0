"""What goes through the terminal as bytes: Escape, letters of another encoding, and the clipboard."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import close_database, open_database
from tests.benchmarks.terminal import KITTY_ESCAPE, SAVE, Terminal, backoffice
from tests.conftest import Shop

EMAIL = "anna@shop.example"
COPY = b"\x1b]52;c;" + base64.b64encode(EMAIL.encode()) + b"\x07"


@pytest.fixture
def shop_file(tmp_path: Path) -> Path:
    file = tmp_path / "shop.db"
    open_database(str(file))
    close_database()
    Shop(str(file)).users(EMAIL)
    return file


@pytest.fixture
def terminal(shop_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in ("TMUX", "STY", "LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        yield terminal


def test_escape_goes_back_in_a_terminal_that_does_not_name_the_key(terminal: Terminal) -> None:
    terminal.press("?")
    terminal.wait_for("Keys of this page")
    terminal.press("\x1b")
    terminal.wait_for("Administrators group")


def test_escape_waits_for_nothing_more_where_the_terminal_names_the_key(
    shop_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCDELAY", "600000")  # longer than any test waits for what comes after a bare one
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        terminal.press("?")
        terminal.wait_for("Keys of this page")
        terminal.press(KITTY_ESCAPE)
        terminal.wait_for("Administrators group")


def test_a_byte_that_is_no_utf_8_is_passed_over_and_nothing_typed_is_lost(terminal: Terminal, shop_file: Path) -> None:
    create_group(terminal, "Caf\udce9\udcff bar")
    assert Shop(str(shop_file)).sql("SELECT name FROM spy_acl_group WHERE name LIKE 'Caf%'") == ["Caf bar"]


def test_letters_come_in_the_encoding_of_the_locale(shop_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        create_group(terminal, "Caf\udce9 bar")
    assert Shop(str(shop_file)).sql("SELECT name FROM spy_acl_group WHERE name LIKE 'Caf%'") == ["Café bar"]


def create_group(terminal: Terminal, title: str) -> None:
    terminal.press("n")
    terminal.wait_for("Create new Group", "root_role")
    for character in title:
        terminal.press(character)
    terminal.press("\t ")
    terminal.wait_for("1 of 1")
    terminal.press(SAVE)
    terminal.wait_for("Group was created successfully.")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("LANG", COPY),
        ("TMUX", b"\x1bPtmux;\x1b" + COPY + b"\x1b\\"),
        ("STY", b"\x1bP" + COPY + b"\x1b\\"),
    ],
    ids=["plain", "tmux", "screen"],
)
def test_y_copies_the_highlighted_e_mail_also_through_tmux_and_screen(
    shop_file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, expected: bytes
) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "C.UTF-8")
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        terminal.press("1")
        terminal.wait_for(EMAIL)
        terminal.press("y")
        terminal.wait_for("was sent to the terminal's clipboard.")
        assert expected in terminal.output


def test_a_long_name_is_passed_through_screen_in_parts(shop_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "Ä" * 255
    Shop(str(shop_file)).groups(name)
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("STY", "1234.pts-0")
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        terminal.press("G")
        terminal.wait_for("> ÄÄÄ")
        terminal.press("y")
        terminal.wait_for("clipboard.")
        parts = re.findall(rb"\x1bP(.*?)\x1b\\", terminal.output, re.DOTALL)
    assert len(parts) > 1 and max(map(len, parts)) <= 256
    assert b"".join(parts) == b"\x1b]52;c;" + base64.b64encode(name.encode()) + b"\x07"
