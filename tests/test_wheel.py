"""What is installed is whole: a wheel, unpacked into an empty folder, starts the program and has its data files."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[1]
Run = Callable[..., str]
FIRST_PAGE = """
import asyncio
from models.db.connection import open_database
from tui.app import BackOffice
from tui.config import read_settings

async def show():
    app = BackOffice(open_database("shop.db"), read_settings())
    async with app.run_test() as pilot:
        await pilot.pause()
        print(app.screen.breadcrumb)

asyncio.run(show())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is unpacked into; what is built in between stays out of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source, wheels, target = (folder / name for name in ("source", "wheels", "target"))
    unwanted = shutil.ignore_patterns("__pycache__")
    for room in "models", "tui":
        shutil.copytree(ROOT / room, source / room, ignore=unwanted)
    for file in "pyproject.toml", "README.md":
        shutil.copy(ROOT / file, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, source], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", target, wheel], check=True)
    return target


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Run Python in an empty folder, with the installed packages before those of the checkout."""

    def run(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(installed), "HOME": str(tmp_path), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    return run


def test_a_wheel_starts_the_program_from_what_it_installed(run: Run, installed: Path) -> None:
    (version,) = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version in run("-m", "tui", "--version")
    assert run("-c", "import models, tui; print(models.__path__[0], tui.__path__[0])").split() == [
        str(installed / "models"),
        str(installed / "tui"),
    ]


def test_a_wheel_has_every_module_and_data_file(installed: Path) -> None:
    files = [file for room in ("models", "tui") for file in (ROOT / room).rglob("*")]
    names = {file.relative_to(ROOT) for file in files if file.suffix in (".py", ".sql", ".tcss")}
    assert {".sql", ".tcss"} <= {name.suffix for name in names}
    assert {name for name in names if not (installed / name).is_file()} == set()


def test_an_installed_program_makes_a_shop_and_opens_the_first_page(run: Run) -> None:
    run("-m", "tui", "init", "--database", "shop.db")
    assert "spy_acl_group" in run("-m", "tui", "check", "--database", "shop.db")
    assert run("-c", FIRST_PAGE) == "Users / User Groups\n"
