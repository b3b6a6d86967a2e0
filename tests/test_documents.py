"""README.md and the pages of .github/docs are true: what they name is there, and what there is they have."""

import argparse
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields

import pytest

from tests.documents import DOCUMENTS, ROOT, block, table
from tui import key_table
from tui.app import BackOffice
from tui.cli.grammar import build_parser
from tui.cli.parser import Parser
from tui.config import DATABASE_SETTINGS, HistorySettings, Settings
from tui.keymap.keys import printed

PAGES = [path for path in DOCUMENTS if not path.endswith("CONTRIBUTING.md")]
COMMANDS, KEYS, SETTINGS = (f".github/docs/{name}.md" for name in ("commands", "keys", "settings"))
ARROWS = {"up", "down", "left", "right"}
"""They are said in words."""


def test_the_readme_is_read_to_its_end() -> None:
    lines = DOCUMENTS["README.md"].splitlines()
    assert len(lines) <= 150, "README.md has room for 150 lines; the reference is in .github/docs"
    assert [line for line in lines if len(line) > 120] == []


def anchors(text: str) -> set[str]:
    """Where links into a page lead, as GitHub makes these of its headings."""
    headings = re.findall(r"^#+ (.*)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_each_link_leads_somewhere(path: str) -> None:
    wrong = []
    for link in re.findall(r"\]\((?!https:)([^)\s]+)\)", DOCUMENTS[path]):
        name, _, anchor = link.partition("#")
        file = (ROOT / path).parent / name if name else ROOT / path
        if not file.is_file() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in PAGES if path != "README.md"])
def test_the_readme_leads_to_each_page(path: str) -> None:
    assert f"]({path}" in DOCUMENTS["README.md"]


def test_each_marked_block_is_taken_by_a_test() -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in [ROOT / ".ci/run", *(ROOT / "tests").rglob("*.py")])
    marked = {name for path in PAGES for name in re.findall(r"^<!-- ([\w-]+) -->$", DOCUMENTS[path], re.MULTILINE)}
    taken = r'"{}"|block {}\b|"{}-\{{'  # by its name, in .ci/run, or by the first word of it
    assert {name for name in marked if not re.search(taken.format(name, name, name.split("-")[0]), tests)} == set()


def commands(parser: Parser, name: str = "") -> Iterator[tuple[str, Parser, str]]:
    """Each command by its name, with its parser and what it is for."""
    choices = next((action for action in parser._actions if isinstance(action, argparse._SubParsersAction)), None)
    helps = {choice.dest: choice.help or "" for choice in choices._choices_actions} if choices else {}
    for word, command in parser.commands().items():
        path = f"{name} {word}".strip()
        if command.commands():
            yield from commands(command, path)
        else:
            yield path, command, helps[word]


def options(parser: Parser) -> list[str]:
    return [name for action in parser._actions for name in action.option_strings if name.startswith("--")]


def row(name: str, parser: Parser, help: str, common: set[str]) -> str:
    """The line of a command in the table of all."""
    words = [name]
    for action in parser._actions:
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction):
            word = f"{action.metavar}{'...' if action.nargs in ('+', '*') else ''}"
            words.append(f"[{word}]" if action.nargs in ("?", "*") else word)
    own = " ".join(f"`{option}`" for option in options(parser) if option not in common)
    return f"| `{' '.join(words)}` | {help} | {own} |".replace("|  |", "| |")


def test_the_table_of_commands_has_each_with_its_options() -> None:
    heads = (f"{COMMANDS}: ", "| option | what it does |", "| command | what it does | its own options |")
    common = {option for cells in table(COMMANDS, heads[1]) for option in re.findall("--[a-z-]+", cells[0])}
    expected = [row(*command, common) for command in commands(build_parser())]
    found = [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in table(COMMANDS, heads[2])]
    assert found == expected, f"{COMMANDS} has a row for each command; an option of many stands in the table above it"


def test_the_table_of_options_has_each() -> None:
    found = {re.findall("--[a-z-]+", cells[0])[0] for cells in table(SETTINGS, "| option | what it does |")}
    assert found == {*options(build_parser())}, f"the table of options is in {SETTINGS}"


@pytest.mark.parametrize("path", PAGES)
def test_each_option_and_command_that_is_named_is_one(path: str) -> None:
    parser = build_parser()
    every = list(commands(parser))
    known = {"--only", "--version", *options(parser), *(option for _, one, _ in every for option in options(one))}
    code = "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", DOCUMENTS[path], re.DOTALL | re.MULTILINE))
    ours = re.sub(r"^.*\b(?:pipx?|uv|shiv|python3?|tmux|pytest|ssh) .*$", "", code, flags=re.MULTILINE)
    assert {*re.findall(r"(?<![\w-])--[a-z][a-z-]*", ours)} - known == set()
    assert {*re.findall(r"\bbackoffice ([a-z]+)\b", ours)} - set(parser.commands()) == set()


def test_the_table_of_variables_has_each() -> None:
    code = "".join(file.read_text("utf-8") for room in ("models", "tui") for file in (ROOT / room).rglob("*.py"))
    found = {cells[0].strip("`") for cells in table(SETTINGS, "| variable | what it is |")}
    assert found == {*re.findall(r"\bBACKOFFICE_[A-Z_]+", code)}, f"the table of variables is in {SETTINGS}"


def test_the_sample_of_the_config_file_has_each_setting() -> None:
    sample = tomllib.loads(block(SETTINGS, "settings"))
    known = {item.name for item in fields(Settings)} - {"problems", "unreadable"}
    known |= {f"history.{item.name}" for item in fields(HistorySettings)}
    known |= {f"databases.{name}" for name in DATABASE_SETTINGS}
    found = {*sample, *(f"history.{name}" for name in sample["history"])}
    found |= {f"databases.{name}" for database in sample["databases"].values() for name in database}
    assert found == known, f"the sample is in {SETTINGS}: each setting needs an example there, and what it does"


def test_the_table_of_keys_has_each_and_no_other() -> None:
    bindings = [binding for chain in key_table._chains(BackOffice) for part in chain for binding in part]
    keys = {key for binding in bindings if binding.tooltip for key in binding.key.split(",")}
    found = {key for cells in table(KEYS, "| where | keys |") for key in re.findall(r"`([^`]+)`", cells[1])}
    assert {*map(folded, found)} - ARROWS == {*map(folded, map(printed, keys))} - ARROWS, f"the table is in {KEYS}"


def folded(key: str) -> str:
    """A key, but for letters as it may be written; `g` and `G` are two keys."""
    return key if len(key) == 1 else key.casefold()
