"""CONTRIBUTING.md is true: what it names is there, and the map has every module; likewise the other documents."""

import re
import shutil
import sys
from itertools import chain
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, ROOT

GUIDE = DOCUMENTS[".github/CONTRIBUTING.md"]
PATH = re.compile(r"\b(?:models|tui|tests)/[\w./-]*\w|\.ci/run|\.github/[\w/]+\.\w+")
NAME = r"`([A-Za-z_]\w*(?:\.\w+)*)(?:\([^`]*\))?`"
PLACED = re.compile(NAME + r"\s+of\s+`([\w./]+\.py)`")


def on_the_map() -> set[str]:
    """The files and folders that have a line there."""
    folder, found = "", set()
    (tree,) = re.findall(r"## The map\n.*?```\n(.*?)```", GUIDE, re.DOTALL)
    for line in filter(None, tree.splitlines()):
        name, *_ = line.split()
        if line[0] != " ":
            folder = name
        found.add(name if line[0] != " " else folder + name)
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_path_that_is_named_exists(document: str) -> None:
    assert {path for path in PATH.findall(DOCUMENTS[document]) if not (ROOT / path).exists()} == set()


def test_each_name_that_is_said_to_be_in_a_module_is_there() -> None:
    placed = PLACED.findall(GUIDE)
    assert placed
    assert [(name, path) for name, path in placed if not has_words(name, (ROOT / path).read_text("utf-8"))] == []


def test_each_name_is_one_of_the_code() -> None:
    files = [*(ROOT / "models").rglob("*.py"), *(ROOT / "tui").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    code = "\n".join(file.read_text("utf-8") for file in files if file != Path(__file__))
    assert {name for name in re.findall(NAME, GUIDE) if not has_words(name, code)} == set()


def has_words(name: str, code: str) -> bool:
    """Whether each part of a name as in `GroupPage.write` is a word of the code."""
    return all(re.search(rf"\b{part}\b", code) for part in name.split("."))


def test_the_map_names_nothing_that_is_not_there() -> None:
    assert {path for path in on_the_map() if not (ROOT / path).exists()} == set()


def test_the_map_has_every_module_of_models_and_tui() -> None:
    modules = chain.from_iterable((ROOT / room).rglob("*.py") for room in ("models", "tui"))
    paths = {module.relative_to(ROOT).as_posix() for module in modules if module.name != "__init__.py"}
    assert paths - on_the_map() == set()


@pytest.mark.parametrize("command", sorted({*re.findall(r"\.venv/bin/([\w-]+)", "".join(DOCUMENTS.values()))}))
def test_each_command_is_there_where_the_tests_run(command: str) -> None:
    assert shutil.which(command, path=Path(sys.executable).parent)
