"""Characters that cannot be seen are seen: no two names look the same for one of them."""

import subprocess
import sys
import unicodedata

import pytest

from tests.tui.conftest import Sql, Start
from tests.tui.terminal.tmux import backoffice
from tui.text import ends_shown, shown

VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Signs that Unicode files under format though they are drawn (Prepended_Concatenation_Mark), and Syriac's one."""
INVISIBLE = [
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0"),
    *("\ufe0f", "\U000e0101", "\U000e0041", "\u180e", "\u2064", "\u17b4", "\u2800", "\u202e", "\x9b"),
]
SPACES = ["\u00a0", "\u1680", "\u2003", "\u2009", "\u200a", "\u202f", "\u205f", "\u3000"]


def test_every_character_is_shown_as_one_that_is_seen_and_commands_nothing() -> None:
    for code in range(sys.maxunicode + 1):
        sign = shown(chr(code))
        assert len(sign) == 1
        category = unicodedata.category(sign)
        assert category not in ("Cc", "Cs", "Zl", "Zp") and (category != "Zs" or sign == " "), hex(code)
        assert category != "Cf" or code in VISIBLE_FORMATS, hex(code)


@pytest.mark.parametrize("character", INVISIBLE)
def test_what_is_invisible_is_a_replacement_character(character: str) -> None:
    assert shown(f"Sa{character}les") == "Sa�les"


@pytest.mark.parametrize("space", SPACES)
def test_an_unusual_space_is_a_visible_one(space: str) -> None:
    assert shown(f"Night{space}shift") == "Night␣shift"


def test_spaces_at_the_ends_are_visible_in_a_list() -> None:
    assert ends_shown(" a b  ") == "␣a b␣␣" and ends_shown("a b") == "a b" and ends_shown("  ") == "␣␣"


async def test_names_that_differ_in_something_invisible_look_different_in_lists_and_fields(
    start: Start, shop: None, sql: Sql
) -> None:
    for name in ("Sal\u200bes", "Sales ", "Sales\u3164"):
        sql("INSERT INTO spy_acl_group (name) VALUES (?)", name)
    async with start() as person:
        await person.see("  Sales  ", "  Sal�es  ", "  Sales␣  ", "  Sales�  ")
        await person.press("ctrl+p")
        await person.type("sal")
        await person.see("Sal�es", "Sales�")
        await person.press("escape", "slash")
        await person.paste("Sal\u200be")
        await person.see("1 found")
        await person.press("enter", "enter")
        await person.see("Edit Group", "Sal�es")
        field = person.focused
        assert field is not None and field.id == "title"
        await person.press("home", *["right"] * 5)
        assert field._position_to_cell(5) == 5 and field._cell_offset_to_index(4) == 4
        await person.type("x")
        await person.see("Sal�exs")


@pytest.mark.parametrize("argument", ["--ba\x1b[2Jd", "--x\u202ed", "--n\nd"])
def test_an_argument_is_echoed_as_shown_text(argument: str) -> None:
    done = subprocess.run(backoffice("check", argument), capture_output=True, text=True)
    assert done.returncode == 2
    assert shown(argument) in done.stderr and argument not in done.stderr


def test_a_database_that_cannot_be_opened_is_echoed_as_shown_text() -> None:
    done = subprocess.run(backoffice("check", "--database", "/no\x1b[2Jwhere/\u202ex"), capture_output=True, text=True)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert "/no␛[2Jwhere/�x" in text and "\x1b" not in text
