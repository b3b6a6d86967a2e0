"""The rules of every text field: what is trimmed, what is stored to the letter, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.validation import BLANK, line_problem, too_long, trimmed

WHITE = " \t\r\n\u00a0\u2003\u2028\u3000\u200b\u200e\ufeff\x00\x1b"
HOSTILE = [
    "[red]x[/]", "' OR 1=1; --", "%_\\", "שלום world", "e\u0301", "店 👨\u200d👩\u200d👧", "a\u202eb", "N/A",
]  # fmt: skip


@pytest.mark.parametrize("character", WHITE, ids=ascii)
def test_separators_and_control_and_format_characters_are_trimmed_at_the_ends(character: str) -> None:
    assert trimmed(f"{character} Night{character}shift {character}") == f"Night{character}shift"


@given(st.text())
def test_trimming_only_takes_from_the_ends_and_all_at_once(text: str) -> None:
    assert trimmed(text) in text
    assert trimmed(trimmed(text)) == trimmed(text)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_any_one_line_text_can_be_saved(text: str) -> None:
    assert trimmed(text) == text
    assert line_problem(text, 255) is None


def test_the_messages_are_those_of_the_back_office() -> None:
    assert line_problem("", 255) == BLANK == "This value should not be blank."
    assert line_problem("x" * 256, 255) == too_long(255)
    assert too_long(255) == "This value is too long. It should have 255 characters or less."


def test_length_is_counted_in_characters() -> None:
    assert line_problem("店" * 255, 255) is None
    assert line_problem("👍" * 256, 255) == too_long(255)


@pytest.mark.parametrize("character", "\n\r\t\x00\x1b\x7f\x9b\u2028\u2029", ids=ascii)
def test_control_characters_and_line_breaks_are_refused_by_position(character: str) -> None:
    expected = f"Character 2 is a control character or line break (U+{ord(character):04X}), which cannot be saved."
    assert line_problem(f"a{character}b", 255) == expected


def test_half_a_character_is_refused() -> None:
    """A lone surrogate has no UTF-8 form: the driver would raise."""
    assert line_problem("ab\ud800", 255) == "Character 3 is half a character (U+D800), which cannot be saved."


@given(st.text(min_size=1))
def test_what_passes_can_be_encoded_and_is_one_line(text: str) -> None:
    if line_problem(text, 1_000) is None:
        assert text.encode().decode().splitlines() == [text]
