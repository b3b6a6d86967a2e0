"""Commands as they are typed into a shell."""

import shlex
from collections.abc import Mapping, Sequence

AND = " && "
"""Between commands, of which each is run where the one before it was."""

Options = Mapping[str, Sequence[str]]
"""The values of options; flags have none."""


class NoCommand(Exception):
    """What is to be done, no command does."""


def typed(text: str) -> str:
    """The text itself. Raises NoCommand where it has invisible characters, which nobody can type or check."""
    if not text.isprintable():
        raise NoCommand
    return text


def line(verb: str, names: Sequence[str], options: Options | None = None) -> str:
    """A command of these names and options, each as one word for a shell."""
    has_dashes = any(name.startswith("-") for name in names)
    words: list[str] = []
    for option, values in (options or {}).items():
        if has_dashes or any(value.startswith("-") for value in values):
            words += [f"{option}={value}" for value in values] or [option]
        else:
            words += [option, *values]
    words = [*words, "--", *names] if has_dashes else [*names, *words]
    return " ".join(["backoffice", verb, *map(_quoted, words)])


def _quoted(word: str) -> str:
    quoted = shlex.quote(word)
    return f"'{word}'" if quoted == word and word.startswith("=") else quoted  # which zsh would expand
