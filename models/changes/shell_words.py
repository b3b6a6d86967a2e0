"""Commands as they are typed into a shell."""

import shlex
from collections.abc import Mapping, Sequence

from models.errors import Refused
from models.text import is_visible

PROGRAM = "backoffice"
AND = " && "
"""Between commands, of which each is run where the one before it was."""

Options = Mapping[str, Sequence[str]]
"""The values of options; flags have none."""


class NoCommand(Refused):
    """What is to be done, no command does; its text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"No command does this: {why}.")


def typed(text: str) -> str:
    """The text itself. Raises NoCommand where it has invisible characters, which nobody can type or check."""
    if not is_visible(text):
        raise NoCommand(f"“{text}” has invisible characters, which nobody could check")
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


def on_database(command: str, name: str, *, is_locked: bool = False) -> str:
    """Such a command, or several, on the database that the settings call so, if any do.

    For one that is locked the reason is left open; as it stands there, it is refused.
    """
    commands: list[list[str]] = [[]]
    for word in shlex.split(command):
        if word == AND.strip():
            commands.append([])
        else:
            commands[-1].append(_quoted(word))
    for words in commands:
        if name:
            words[1:1] = map(_quoted, database(name))
        if is_locked:
            end = words.index("--") if "--" in words else len(words)
            words[end:end] = ["--write", "--reason", "'...'"]
    return AND.join(map(" ".join, commands))


def database(name: str) -> list[str]:
    """The option for the database that the settings call so."""
    return [f"--database={name}"] if name.startswith("-") else ["--database", name]


def _quoted(word: str) -> str:
    quoted = shlex.quote(word)
    return f"'{word}'" if quoted == word and word.startswith("=") else quoted  # which zsh would expand
