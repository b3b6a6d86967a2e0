"""What is installed is whole, and starts: from a wheel, by pipx, by uv, from a single file; for whoever starts it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, ROOT, block
from tests.tui.terminal.tmux import Terminal, needs_tmux

pytestmark = pytest.mark.slow

Run = Callable[..., str]
(VERSION,) = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
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
def folder() -> Iterator[Path]:
    """A folder that every user can look into, unlike pytest's own, with a copy of what is built."""
    with tempfile.TemporaryDirectory(prefix="backoffice-install-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for room in "models", "tui":
            shutil.copytree(ROOT / room, folder / "source" / room, ignore=shutil.ignore_patterns("__pycache__"))
        for file in "pyproject.toml", "README.md":
            shutil.copy(ROOT / file, folder / "source")
        yield folder


@pytest.fixture(scope="module")
def installed(folder: Path) -> Path:
    """The folder that the wheel is unpacked into."""
    wheels, target = folder / "wheels", folder / "target"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, folder / "source"], check=True)
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
    assert run("-m", "tui", "--version") == f"backoffice {VERSION}\n"
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


def test_the_changelog_begins_with_the_version() -> None:
    assert re.findall(r"^## (\S+)", DOCUMENTS[".github/CHANGELOG.md"], re.MULTILINE)[0] == VERSION


INSTALL = ".github/docs/install.md"
Do = Callable[[str, str], None]


@pytest.fixture(scope="module")
def do(folder: Path) -> Do:
    """Does what a block of a page says, in a checkout; tools keep all they have in the folder."""
    kept = {"PIPX_HOME": "pipx", "PIPX_BIN_DIR": "by-pipx", "UV_TOOL_DIR": "uv", "UV_TOOL_BIN_DIR": "by-uv"}
    environment = {**os.environ, **{name: str(folder / path) for name, path in {**kept, "HOME": "home"}.items()}}
    environment.setdefault("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))  # what was downloaded once is not again
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def do(page: str, name: str) -> None:
        command = ["bash", "-euc", block(page, name)]
        subprocess.run(command, cwd=folder / "source", env=environment, check=True, stdin=subprocess.DEVNULL)

    return do


@pytest.fixture(scope="module")
def install(folder: Path, do: Do) -> Callable[[str], Path]:
    """Installs the program in one of the ways; the file to start."""

    @cache
    def install(way: str) -> Path:
        if way == "single":
            do(INSTALL, "single")
            (folder / "by-single").mkdir()
            return Path(shutil.move(folder / "source" / "backoffice", folder / "by-single" / "backoffice"))
        do("README.md", way)
        return folder / f"by-{way}" / "backoffice"

    return install


def bare(*command: object, **variables: object) -> str:
    """A command without this environment and, where that can be, without a network."""
    given = {"PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin", "TERM": "xterm-256color", **variables}
    network = ["unshare", "--net"] if os.geteuid() == 0 else []
    return shlex.join(
        [*network, "env", "-i", *(f"{name}={value}" for name, value in given.items()), *map(str, command)]
    )


def said(command: str) -> str:
    done = subprocess.run(command, shell=True, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def see(folder: Path, command: str, *texts: str) -> None:
    """See the texts in a terminal, then quit."""
    terminal = Terminal(folder)
    try:
        terminal.run(command)
        terminal.see(*texts)
        terminal.press("q")
        terminal.see("exit:0")
    finally:
        terminal.close()


@needs_tmux
@pytest.mark.parametrize("way", ["pipx", "uv", "single"])
def test_each_way_to_install_leads_to_the_first_rows(install: Callable[[str], Path], tmp_path: Path, way: str) -> None:
    program = install(way)
    assert said(bare(program, "--version", HOME=tmp_path)) == f"backoffice {VERSION}\n"
    see(tmp_path, bare(program, "demo", HOME=tmp_path), "demo, gone at exit", "> Catalog", "Content team")
    for driver in "postgres", "mysql":
        tried = said(bare(program, "check", "--database", f"{driver}://x@127.0.0.1:1/x", HOME=tmp_path))
        assert "refused" in tried or "cannot be reached" in tried


@pytest.mark.parametrize("way", ["pipx", "uv"])
def test_an_upgrade_takes_the_newer_source_and_nothing_of_the_program_is_left_behind(
    install: Callable[[str], Path], do: Do, folder: Path, tmp_path: Path, way: str
) -> None:
    program = install(way)
    settings = folder / "source" / "pyproject.toml"
    whole = settings.read_text()
    settings.write_text(whole.replace(f'version = "{VERSION}"', 'version = "99.0"'))
    try:
        do(INSTALL, f"upgrade-{way}")
    finally:
        settings.write_text(whole)
    assert said(bare(program, "--version", HOME=tmp_path)) == "backoffice 99.0\n"
    do(INSTALL, f"uninstall-{way}")
    assert not program.exists()
    do("README.md", way)


def as_user(number: int) -> list[str]:
    return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]


NOBODY, UNKNOWN = 65534, 54321
WHO: dict[str, tuple[list[str], dict[str, str]]] = {
    "without HOME": ([], {}),
    "as another user": (as_user(NOBODY), {}),
    "as a user whom the system does not know": (as_user(UNKNOWN), {}),
    "with a home that cannot be written": (as_user(NOBODY), {"HOME": "{home}"}),
    "from a single file, without a home": (as_user(UNKNOWN), {"SHIV_ROOT": "{own}/unpacked"}),
}


@needs_tmux
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("who", WHO)
def test_whoever_starts_it_sees_the_first_rows(
    install: Callable[[str], Path], tmp_path: Path, folder: Path, who: str
) -> None:
    user, variables = WHO[who]
    program = install("single" if "single" in who else "pipx")
    home, own = folder / "home-of-another", folder / who
    home.mkdir(mode=0o555, exist_ok=True)
    own.mkdir()
    own.chmod(0o777)
    given = {name: value.format(home=home, own=own) for name, value in variables.items()}
    shop = ["--database", own / "shop.db"]
    assert "were created" in said(bare(*user, program, "init", *shop, **given))
    changed = said(bare(*user, program, "roles", "add", "Testers", *shop, **given))
    assert 'Role "Testers" successfully added.' in changed
    assert ("not recorded: /" in changed) == bool(user)
    see(tmp_path, bare(*user, program, "demo", **given), "Users / User Groups", "> Catalog")
    see(tmp_path, bare(*user, program, *shop, **given), "Users / User Groups", "> Administrators group")
    if user:
        assert "Permission denied" in said(bare(*user, program, "init", **given))
