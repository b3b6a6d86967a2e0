"""How messages put names and numbers into words."""

from collections.abc import Iterable, Sequence


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
