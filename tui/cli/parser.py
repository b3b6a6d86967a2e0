"""A parser of command lines that says what was meant, and reads the options of a command when it is typed."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from models.text import did_you_mean


class Parser(argparse.ArgumentParser):
    """A parser that repeats what was typed as text, whatever it would command the terminal.

    `fill` adds its arguments once they are needed: a start reads those of one command alone.
    """

    def __init__(self, *args: Any, fill: "Callable[[Parser], None] | None" = None, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", partial(argparse.RawDescriptionHelpFormatter, max_help_position=29))
        super().__init__(*args, **kwargs)
        self._fill = fill

    def filled(self) -> "Parser":
        """The parser itself, with its arguments."""
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)
        return self

    def commands(self) -> "dict[str, Parser]":
        """The parsers of its commands, by their names."""
        actions = self.filled()._actions
        return next((dict(action.choices) for action in actions if isinstance(action, argparse._SubParsersAction)), {})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse, and refuse here what is not known here, where it is known what could be meant."""
        found, unknown = super(Parser, self.filled()).parse_known_args(args, namespace)
        if unknown:
            options = [name for action in self._actions for name in action.option_strings]
            meant = next((did_you_mean(word, options) for word in unknown if word.startswith("-")), "")
            self.error(f"unrecognized arguments: {' '.join(unknown)}{meant}")
        return found, unknown

    def format_help(self) -> str:
        """The help, with all arguments."""
        return super(Parser, self.filled()).format_help()

    def print_help(self, file: Any = None) -> None:
        """Print the help; argparse itself ignores that it cannot be written."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with 2."""
        from tui.text import brief, shown

        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {shown(brief(message))}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # from Python 3.14 on: suggest_on_error
        if action.choices is not None and value not in action.choices:
            meant = did_you_mean(str(value), action.choices)
            known = f" (choose from {', '.join(map(str, action.choices))})"
            raise argparse.ArgumentError(action, f"invalid choice: “{value}”{meant or known}")


class Verbs:
    """The commands of a noun, as `add` of `groups`."""

    def __init__(self, noun: Parser) -> None:
        self._noun = noun.prog
        self._verbs = noun.add_subparsers(
            dest="verb", title="commands", metavar="COMMAND", required=True, prog=noun.prog
        )

    def add(self, name: str, help: str, usage: str, *examples: str) -> Parser:
        """Add a command: what it does, what is typed after it, examples of that."""
        prog = f"{self._noun} {name}"
        lines = "\n".join(f"  {prog} {example}".rstrip() for example in examples)
        parser: Parser = self._verbs.add_parser(
            name,
            help=help,
            usage=f"{prog} {usage}".rstrip(),
            description=f"{help[0].upper()}{help[1:]}.",
            epilog=f"examples:\n{lines}",
            add_help=False,
        )
        parser.set_defaults(verb=name)
        parser.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
        return parser
