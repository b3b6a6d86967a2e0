"""A config file with mistakes in it: each is named, the rest holds, the program starts."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tui.conftest import Start
from tui import key_table, keys
from tui.settings import read_settings


@pytest.fixture
def config(home: Path) -> Path:
    folder = home / "config" / "backoffice"
    folder.mkdir(parents=True)
    return folder / "config.toml"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('colour = "red"', "“colour” is not a setting"),
        ('[colours]\nlist = "red"', "[colours] is not a table of settings"),
        ('problems = ["x"]', "“problems” is not a setting"),
        ("theme = 7", "theme must be a text"),
        ('password_cost = "12"', "password_cost must be a whole number"),
        ("password_cost = true", "password_cost must be a whole number"),
        ("ascii = 1", "ascii must be true or false"),
        ('keys = "emacs"', "keys must be a table"),
        ('[keys]\npage.edit = ""', "[keys] page.edit: “” is not a key"),
        ('[keys]\n"page.edit" = ["x", 1]', "[keys] page.edit must be a text, or a list of texts"),
        ('languages = "en_US"', "languages must be a list of texts"),
        ("languages = []", "languages must be a list of texts"),
        ('languages = ["en_US", 7]', "languages must be a list of texts"),
        ("theme = ", "cannot be read: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_named_with_its_table_and_key(config: Path, text: str, problem: str) -> None:
    config.write_text(f'me = "anna@shop.example"\n{text}')
    settings = read_settings()
    assert settings.problems == [problem]
    assert settings.me == ("" if problem.startswith("cannot be read") else "anna@shop.example")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('theme = "no-such"', "theme: “no-such” is not a theme"),
        ('key_set = "ed"', "key_set: “ed” is not a set of keys, which are vim or emacs"),
        ('[keyz]\npage.edit = "x"', "[keyz] is not a table of settings"),
        ('[keys]\npage.edid = "x"', "[keys] page.edid: no key has this id"),
    ],
)
async def test_the_program_starts_says_what_is_wrong_and_keeps_the_rest(
    start: Start, config: Path, text: str, problem: str
) -> None:
    config.write_text(f"ascii = true\n{text}", encoding="utf-8")
    async with start(size=(240, 24), first="\n>") as person:
        await person.see(f"{config}: {problem}".replace("“", '"').replace("”", '"'))
        assert person.screen.isascii()


async def test_an_unknown_theme_is_named_though_another_was_chosen_in_the_palette(start: Start, config: Path) -> None:
    config.write_text('theme = "no-such"')
    async with start() as person:
        person.app.theme = "textual-light"
        await person.pilot.pause()
    async with start(size=(240, 24)) as person:
        await person.see("theme: “no-such” is not a theme")
        assert person.app.theme == "textual-light"


def test_keys_prints_a_table_that_the_config_file_takes_as_it_is(config: Path) -> None:
    config.write_text('key_set = "emacs"\n[keys]\n"page.create" = "ctrl+x"', encoding="utf-8")
    command = [sys.executable, "-m", "tui", "--keys"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    table = tomllib.loads(printed)["keys"]
    assert table["page.create"] == "ctrl+x" and table["list.down"] == "ctrl+n,down" and table["page.search"] == "slash"
    config.write_text(printed)
    assert read_settings().problems == [] and read_settings().keys == table


def test_the_readmes_example_holds(config: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    config.write_text(readme.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    settings = read_settings()
    assert settings.problems == [] and settings.keys == {"page.search": "f3", "members.add": "a,plus"}
    assert key_table.check(settings.keys, keys.SETS[settings.key_set]) == {}
