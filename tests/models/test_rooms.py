"""Two rooms, one direction: models knows no screen, and tui knows no SQL."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCREENS = {"textual", "rich", "tui"}
QUERIES = {"peewee", "playhouse", "sqlite3"}


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(("room", "forbidden"), [("models", SCREENS), ("tui", QUERIES)])
def test_no_module_of_the_room_imports_what_belongs_to_the_other(room: str, forbidden: set[str]) -> None:
    modules = sorted((ROOT / room).rglob("*.py"))
    if not modules:
        pytest.skip(f"{room} is empty")
    wrong = {str(module.relative_to(ROOT)): found for module in modules if (found := forbidden & set(imported(module)))}
    assert wrong == {}


def test_importing_all_of_models_brings_in_no_screen() -> None:
    """Not even through something else that is imported."""
    script = f"""
import importlib, pkgutil, sys, models
for module in pkgutil.walk_packages(models.__path__, "models."):
    importlib.import_module(module.name)
print(*sorted({SCREENS} & {{name.partition(".")[0] for name in sys.modules}}))
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
