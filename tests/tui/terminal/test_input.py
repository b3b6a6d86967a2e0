"""What goes through the terminal as bytes: Escape, letters of another encoding, and the clipboard."""

import base64
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste, Resize

from models.db.connection import close_database, open_database
from tests.benchmarks.terminal import ESCAPE, KITTY_ESCAPE, SAVE, Terminal, backoffice, paste
from tests.conftest import Shop
from tui.terminal import input
from tui.terminal.input import _PASTE_END as PASTE_END
from tui.terminal.input import TerminalInput
from tui.textual_compat import ANSI_SEQUENCES_KEYS, new_parser

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
    terminal.wait_for("Keyboard shortcuts")
    terminal.press("\x1b")
    terminal.wait_for("Administrators group")


def test_escape_waits_for_nothing_more_where_the_terminal_names_the_key(
    shop_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCDELAY", "600000")  # longer than any test waits for what comes after a bare one
    with Terminal(backoffice(shop_file)) as terminal:
        terminal.wait_for("Administrators group")
        terminal.press("?")
        terminal.wait_for("Keyboard shortcuts")
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


NOISE = [
    *("\x1b[97:65;2u", "\x1b[97;5:3u", "\x1b[1;5:3A", "\x1b[1114112u", "\x1b[55296u", "\x1b[97;2;55296u", "\x1b[٣u"),
    *("\x1b[48;24;80;0;0t\x1b[<0;5;5M\x1b[<0;5;5m", "\x1b[<0;99999999;99999999M", "\x1b[?2048;9$y", "\x1b[24;80R"),
    *("\x1b[1;2;3;4u", "\x1b[" + "9" * 60 + "u", "\x1b[?62;22c", "\x1bP>|XTerm(370)\x1b\\", "\x1b]11;rgb:0/0/0\x07"),
    *("\x1b[M\x1b[12\x07", "\x1b[201~"),
]
"""What terminals send with kitty's protocol turned up, late answers to other programs, and worse."""


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--full-output",)], ids=["thin line", "full output"])
def test_nothing_that_a_terminal_sends_ends_the_program_or_is_typed(shop_file: Path, options: tuple[str, ...]) -> None:
    with Terminal(backoffice(shop_file, *options)) as terminal:
        terminal.wait_for("Administrators group")
        for noise in NOISE:
            terminal.press(noise)
            terminal.settle(0.15)
        terminal.press("n")
        terminal.wait_for("Create new Group", "root_role")
        terminal.settle(0.1)
        for noise in [*NOISE[1:3], *NOISE[9:]]:  # without the click
            terminal.press(noise)
            terminal.settle(0.15)
        terminal.press("\x1b[97:65;2ub")
        terminal.wait_for("Title           Ab\n")


NINES = "9" * 4000
"""Digits that two reads bring together are more than Python makes a number of."""


@pytest.mark.parametrize(
    "sequence",
    ["\x1b[{}u", "\x1b[97;{}u", "\x1b[97;1;{}u", "\x1b[97:{};2u", "\x1b[48;{};80;0;0t", "\x1b[<0;{};1M", "\x1b[?{}$y"],
)
def test_a_number_of_any_length_is_dropped(sequence: str) -> None:
    first, _, last = sequence.partition("{}")
    assert keys(first + NINES, NINES + last, "a") == ["a 'a'"]


def keys(*sent: str, silence: bool = True) -> list[str]:
    """What the keys are called that the terminal sent, and what they print; other events by their names."""
    terminal = TerminalInput()
    found: list[Any] = []
    for part in sent:
        found += terminal.feed(part)
    if silence:
        terminal._deadline = 0
        found += terminal.tick()
    return [f"{event.key} {event.character!r}" if isinstance(event, Key) else type(event).__name__ for event in found]


def test_kittys_alternate_keys_and_repeats_are_the_key_and_releases_are_nothing() -> None:
    assert keys("\x1b[97:65;2u") == keys("\x1b[97;2;65u") == ["A 'A'"]
    assert keys("\x1b[97;1:1u", "\x1b[97;1:2u") == ["a 'a'", "a 'a'"]
    assert keys("\x1b[1089::99;5u") == ["ctrl+\N{CYRILLIC SMALL LETTER ES} None"]
    assert keys("\x1b[1;5:2A") == ["ctrl+up None"]
    assert keys("\x1b[97;5:3u", "\x1b[1;5:3A", "\x1b[13;1:3u", "\x1b[3;1:3~") == []


@pytest.mark.parametrize("value", ["5", "9", "10", "", "2;2", "1:2"])
def test_an_answer_that_no_terminal_gives_is_dropped(value: str) -> None:
    assert keys(f"\x1b[?2048;{value}$y", f"\x1b[?2026;{value}$y", "a") == ["a 'a'"]


def test_the_answers_that_terminals_give_are_taken() -> None:
    assert keys(*(f"\x1b[?2048;{value}$y" for value in range(5))) == ["InBandWindowResize"] * 5
    assert keys("\x1b[?2026;2$y") == ["TerminalSupportsSynchronizedOutput"]


def test_a_sequence_that_comes_in_parts_is_one_and_an_unknown_one_is_dropped() -> None:
    assert keys("\x1b", "[", "1;5", "A") == ["ctrl+up None"]
    assert keys("\x1b[1;2;3;4u", "\x1b[", "9" * 5000, "d") == []
    assert keys("\x1bP>|XTerm", "(370)\x1b", "\\y") == ["y 'y'"]
    assert keys("\x1b[200~a\x1b[20", "1~b") == ["Paste", "b 'b'"]
    assert keys("\x1b") == ["escape '\\x1b'"] and keys("\x1bO") == ["alt+shift+o 'O'"]
    assert keys("\x1b\x1b[A") == ["escape '\\x1b'", "up None"]


@pytest.mark.parametrize(
    "sequence", sorted({*ANSI_SEQUENCES_KEYS, "\x1ba", "\x1bA", "é", "\x1b[97;2;65u", "\x1b[97;5u"})
)
def test_what_textuals_own_parser_takes_for_a_key_is_that_key(sequence: str) -> None:
    theirs = new_parser()
    expected: list[Any] = [*theirs.feed(sequence)]
    if theirs._timeout_time is not None:
        theirs._timeout_time = 0.0
        expected += theirs.tick()
    if not re.fullmatch(
        "\x1b\\[(?:[0-9]{2}~|5[A-D]|1;[0-9]R)|.*u", sequence
    ):  # there it takes a function key for another
        assert keys(sequence) == [f"{event.key} {event.character!r}" for event in expected]


def test_random_bytes_never_stop_the_parser_and_no_key_has_half_a_character() -> None:
    chance = random.Random(12)
    numbers = [*("", "0", "1", "2", "3", "13", "27", "48", "97", "200", "201", "2026", "2048", "55296", "57441")]
    numbers += ["1114112", "4294967296", "٣"]
    ends = [*"uuu~~tMmRyABCDIO", *map(chr, range(0x40, 0x7F))]
    terminal = TerminalInput()
    for _ in range(int(os.environ.get("FUZZ_SEQUENCES", "20000"))):
        if chance.random() < 0.7:
            parts = [chance.choice(numbers) + chance.choice(";;:") for _ in range(chance.randrange(7))]
            sent = f"\x1b[{chance.choice(['', '', '<', '?'])}{''.join(parts)[:-1]}{chance.choice(ends)}"
        else:
            begin = chance.choice(["", "\x1b", "\x1b[", "\x1bO", "\x1b]1", "\x1bP1", "\x1b[M", "\x1b[200~"])
            sent = begin + bytes(chance.randrange(256) for _ in range(chance.randrange(12))).decode("utf-8", "ignore")
        terminal._burst = 0
        for event in [*terminal.feed(sent), *terminal.tick()]:
            if isinstance(event, Key) and event.character:
                assert event.character.encode()
            elif isinstance(event, Resize):
                assert all(1 <= cells <= 1000 for cells in event.size)
        if terminal._pasted is not None:
            assert list(terminal.feed(PASTE_END))
    terminal = TerminalInput()
    assert [getattr(event, "key", None) for event in terminal.feed("j")] == ["j"]


def test_a_paste_without_an_end_ends_after_long_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = TerminalInput()
    assert list(terminal.feed("\x1b[200~abc")) == [] and list(terminal.tick()) == []
    monkeypatch.setattr(input, "_PASTE_TIMEOUT_S", -1.0)
    (paste,) = terminal.tick()
    assert isinstance(paste, Paste) and paste.text == "abc"
    assert [getattr(event, "key", None) for event in terminal.feed("j")] == ["j"]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["list", "field", "picker", "dialog", "search"])
def test_5_mb_are_refused_whatever_has_the_focus(terminal: Terminal, where: str) -> None:
    keys, seen = {
        "list": ("", "1 group"),
        "field": ("n", "Create new Group"),
        "picker": ("n\t", "Type to filter, Enter selects"),
        "dialog": ("?", "Keyboard shortcuts"),
        "search": ("/", "1 group"),
    }[where]
    terminal.press(keys)
    terminal.wait_for(seen)
    terminal.settle()
    terminal.press(paste("x" * 5_000_000))
    terminal.wait_for("Pasted text refused")
    terminal.settle()
    assert "xxx" not in terminal.text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_5_mb_from_a_terminal_that_marks_no_pastes_are_cut_off(terminal: Terminal) -> None:
    terminal.press("?")
    terminal.wait_for("Keyboard shortcuts")
    terminal.press("x" * 5_000_000)
    terminal.wait_for("Pasted text refused")
    terminal.settle(0.5)
    terminal.press(ESCAPE)
    terminal.wait_for("1 group")
    assert terminal.peak_memory < 150


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_terminal_that_reports_a_huge_size_is_drawn_on_1000_by_1000_cells(terminal: Terminal) -> None:
    terminal.press("\x1b[48;3000;99999;9;9t")
    terminal.pause(3)
    terminal.press("\x1b[48;24;80;384;640t")
    terminal.press("\x0c")
    terminal.wait_for("Administrators group")
    assert terminal.peak_memory < 250
