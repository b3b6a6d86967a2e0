"""Commands as they are typed into a shell."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress

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
        commands = _split(command)
    except ValueError:
        return False
    as_typed = AND.join(" ".join(map(_quoted, words)) for words in commands)
    return as_typed == command and all(words[:1] == [PROGRAM] for words in commands)


def on_database(command: str, name: str, *, is_locked: bool = False) -> str:
    """Such a command, or several, on the database that the settings call so, if any do.

    For one that is locked the reason is left open; as it stands there, it is refused.
    """
    commands = [list(map(_quoted, words)) for words in _split(command)]
    option = [f"--database={name}"] if name.startswith("-") else ["--database", name]
    for words in commands:
        if name:
            words[1:1] = map(_quoted, option)
        if is_locked:
            end = words.index("--") if "--" in words else len(words)
            words[end:end] = ["--write", "--reason", "'...'"]
    return AND.join(map(" ".join, commands))


def _split(command: str) -> list[list[str]]:
    """The words of each of several commands. Raises ValueError where a quotation has no end."""
    commands: list[list[str]] = []
    text = ""
    for part in command.split(AND):
        text += AND * bool(text) + part
        with suppress(ValueError):  # else it was cut within a name
            commands.append(shlex.split(text))
            text = ""
    if text:
        raise ValueError
    return commands


def _quoted(word: str) -> str:
    quoted = shlex.quote(word)
    return f"'{word}'" if quoted == word and word.startswith("=") else quoted  # which zsh would expand
