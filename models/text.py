"""How messages put names and numbers into words."""

from collections.abc import Iterable, Sequence

# C0 has pictures of its own. C1, half characters, the line and paragraph separators and the marks that turn the
# direction of what follows would move the cursor, or show a name that is not the one stored. What shows nothing (the
# joiners, fillers, variation selectors and tags that Unicode calls default-ignorable, and a few more) or looks like a
# space would let two names look the same.
_INVISIBLE = (
    *((0x80, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xD800, 0xDFFF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    *((0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
_SPACES = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
SIGNS = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
SIGNS |= {code: 0xFFFD for first, last in _INVISIBLE for code in range(first, last + 1)}
SIGNS |= dict.fromkeys(_SPACES, 0x2423)
"""What is shown in place of each of these."""


def some_names(names: Sequence[str], limit: int) -> str:
    """The first of the names, and how many more there are: `Catalog, Media and 3 more`."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more:,} more" if more > 0 else "")


def plural(count: int, noun: str) -> str:
    """`1 user`, `12 users`, `1,000,000 users`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to add to a message about a mistyped word if a similar one is known, else nothing."""
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold(), by_folded, 1)
    return f"; did you mean {by_folded[found[0]]}?" if found else ""


def is_visible(text: str) -> bool:
    """Whether each character shows what it is, so that somebody can type and check it."""
    return text.isprintable() and text.translate(SIGNS) == text
