"""What is told without colours and beyond ASCII, and what the environment says of a terminal."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.conftest import Start
from tui.terminal.capabilities import encoding, only_ascii
from tui.terminal.plain import in_ascii
from tui.text import shown

DATABASE_TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(shown)


@given(DATABASE_TEXT)
def test_ascii_is_as_wide_as_what_it_stands_for(text: str) -> None:
    plain = in_ascii(text)
    assert plain.isascii() and plain.isprintable()
    assert len(plain) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("title A → B", "title A > B"),
        ("Äpfel & Birnen", "?pfel & Birnen"),
        ("漢字", "????"),
        ("e\N{COMBINING ACUTE ACCENT}té", "?t?"),
        ("👩\N{ZERO WIDTH JOINER}🚀 team", "?? team"),
        ("Night sh…", "Night sh~"),
        ("“x”", '"x"'),
        ("┌─┐│█", "+-+||"),
        ("●○✗✓◐◆", "+o#+~="),
    ],
)
def test_signs_have_their_nearest_in_ascii_and_letters_a_question_mark(text: str, plain: str) -> None:
    assert in_ascii(text) == plain


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-16color"}, 16),
        ({"TERM": "xterm-16color", "COLORTERM": "truecolor"}, 256),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
        ({"TERM": "vt100", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "linux"}, 16),
        ({"TERM": "no-such-terminal"}, 16),
        ({}, 16),
    ],
)
def test_how_many_colours_there_are(variables: dict[str, str], count: int) -> None:
    # A process of its own each: curses knows one terminal a process.
    code = f"from tui.terminal.capabilities import colours\nprint(colours({variables}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(printed) == count


@pytest.mark.parametrize(
    ("variables", "ascii", "keys"),
    [
        ({"LANG": "en_US.UTF-8"}, False, "utf-8"),
        ({"LANG": "de_DE.utf8@euro"}, False, "utf-8"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True, "utf-8"),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, False, "utf-8"),
        ({"LC_CTYPE": "ja_JP.eucJP"}, True, "euc_jp"),
        ({"LANG": "de_DE.ISO-8859-15"}, True, "iso8859-15"),
        ({"LANG": "de_DE"}, True, "utf-8"),
        ({"LANG": "xx.no-such"}, True, "utf-8"),
        ({}, False, "utf-8"),
    ],
)
def test_what_the_locale_says(variables: dict[str, str], ascii: bool, keys: str) -> None:
    assert (only_ascii(variables), encoding(variables)) == (ascii, keys)


@pytest.mark.parametrize(
    ("theme", "shown"), [("textual-light", "ansi-light"), ("nord", "ansi-dark"), (None, "ansi-dark")]
)
async def test_with_16_colours_a_theme_becomes_one_of_them(
    start: Start, monkeypatch: pytest.MonkeyPatch, theme: str | None, shown: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.delenv("COLORTERM", raising=False)
    async with start() as person:
        if theme:
            person.app.theme = theme
        assert person.app.theme == shown


async def test_what_cannot_be_done_now_is_told_by_more_than_a_colour(start: Start, shop: None) -> None:
    async with start(read_only=True) as person:
        await person.see("(n Create)  Enter Edit  / Search  s/S Sort  (d Delete)")
        await person.press("enter")
        await person.see("Save (read-only)", "(ctrl+s Save)  Esc Back")
