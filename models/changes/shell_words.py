"""Commands as they are typed into a shell."""

import shlex
from collections.abc import Mapping, Sequence

PROGRAM = "backoffice"
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
    return " ".join([PROGRAM, verb, *map(_quoted, words)])


def is_ours(command: str) -> bool:
    """Whether a text is such a command, or several: nothing else that a shell would run."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    as_typed = " ".join(word if word == AND.strip() else _quoted(word) for word in words)
    first = [word for word, before in zip(words, [AND.strip(), *words], strict=False) if before == AND.strip()]
    return as_typed == command and {*first} == {PROGRAM}


def on_database(command: str, name: str) -> str:
    """Such a command, or several, on the database that the settings call so."""
    words = shlex.split(command)
    for place, before in reversed(list(enumerate([AND.strip(), *words[:-1]]))):
        if before == AND.strip():
            words[place + 1 : place + 1] = ["--database", name]
    return " ".join(word if word == AND.strip() else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    quoted = shlex.quote(word)
    return f"'{word}'" if quoted == word and word.startswith("=") else quoted  # which zsh would expand
