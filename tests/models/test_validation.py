"""The rules of text fields and passwords: what is trimmed, what is stored to the letter, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.validation import (
    BLANK,
    PASSWORD_RULE,
    line_problem,
    password_problem,
    password_progress,
    too_long,
    trimmed,
)

SPECIAL = r"!@#$%^&*()_-+=[]{}|;:<>.,/?~"
SHORT = "This value is too short. It should have 12 characters or more."
LONG = "This value is too long. It should have 128 characters or less."
GOOD = "Change-me-123"

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
    assert line_problem("ab\ud800", 255) == "Character 3 is an incomplete character (U+D800), which cannot be saved."


@given(st.text(min_size=1))
def test_what_passes_can_be_encoded_and_is_one_line(text: str) -> None:
    if line_problem(text, 1_000) is None:
        assert text.encode().decode().splitlines() == [text]


# Passwords


@pytest.mark.parametrize("length", [12, 128])
def test_both_length_bounds_are_taken(length: int) -> None:
    assert password_problem("Aa1!" * 3 + "x" * (length - 12)) is None


def test_beyond_the_length_bounds_the_message_names_them() -> None:
    assert password_problem("") == password_problem("Aa1!" * 2 + "xxx") == SHORT
    assert password_problem("Aa1!" * 32 + "x") == LONG


@pytest.mark.parametrize(
    "password",
    ["change-me-123", "CHANGE-ME-123", "Change-me-now", "Changeme1234"],
    ids=["no upper case", "no lower case", "no digit", "no special character"],
)
def test_each_kind_of_character_is_needed(password: str) -> None:
    assert password_problem(password) == PASSWORD_RULE


@pytest.mark.parametrize("character", SPECIAL)
def test_each_special_character_is_enough(character: str) -> None:
    assert password_problem(f"Changeme1234{character}") is None


@pytest.mark.parametrize("character", [*" \\`'\"\t\n\x00", "ä", "Ж", "٣", "店", "😀", "\u0301", "\ud800"], ids=ascii)
def test_no_other_character_is_taken(character: str) -> None:
    assert password_problem(GOOD + character) == PASSWORD_RULE


def test_letters_and_digits_of_other_scripts_do_not_count_as_a_kind() -> None:
    for password in ("Änderung-öffnen", "ÄNDERUNG-eins-\u0661", "éA1!éA1!éA1!"):
        assert password_problem(password) == PASSWORD_RULE


def test_the_message_is_the_back_offices_without_the_backslash_that_its_rule_refuses() -> None:
    assert (
        "Your password must include at least one uppercase letter, one lowercase letter, one number, and one special "
        f"character from the following list: {SPECIAL}. Non-Latin and other special characters are not allowed."
    ) == PASSWORD_RULE


def test_progress_says_in_words_what_is_met_and_what_is_missing() -> None:
    length, upper, lower, digit, special = password_progress("")[1]
    assert length == "12 to 128 characters"
    assert password_progress("Secret") == ([upper, lower], [length, digit, special])
    assert password_progress("aaaaaaaaaaaa") == ([length, lower], [upper, digit, special])
    assert password_progress("X" * 129) == ([upper], [length, lower, digit, special])
    assert password_progress(GOOD) == ([length, upper, lower, digit, special], [])
    assert password_progress(GOOD + "ß") == ([length, upper, lower, digit, special], ["no other characters"])


@pytest.mark.parametrize("password", ["", "Secret", GOOD, GOOD + " ", "x" * 129, "Aa1!" * 3, "Aa1!" * 32], ids=len)
def test_progress_misses_nothing_exactly_where_the_password_is_taken(password: str) -> None:
    assert (password_progress(password)[1] == []) == (password_problem(password) is None)
