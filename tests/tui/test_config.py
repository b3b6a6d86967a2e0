"""A config file with mistakes in it: each is named, the rest holds, the program starts."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from models.db.connection import Opened
from models.errors import Unavailable
from tests.documents import block
from tests.tui.conftest import Start
from tui import key_table, sources
from tui.app import BackOffice
from tui.config import Settings, Source, read_settings, shop_settings
from tui.keymap import keys
from tui.sources import find_database
from tui.state import remember


@pytest.fixture
def config(home: Path) -> Path:
    folder = home / "config" / "backoffice"
    folder.mkdir(parents=True)
    return folder / "config.toml"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('colour = "red"', "unknown setting “colour”"),
        ('[colours]\nlist = "red"', "unknown table [colours]"),
        ('problems = ["x"]', "unknown setting “problems”"),
        ("theme = 7", "theme must be a text"),
        ('password_cost = "12"', "password_cost must be a whole number"),
        ("password_cost = true", "password_cost must be a whole number"),
        ("ascii = 1", "ascii must be true or false"),
        ('warehouse_users_sign_in = "yes"', "warehouse_users_sign_in must be true or false"),
        ('keys = "emacs"', "keys must be a table"),
        ('[keys]\npage.edit = ""', "[keys] page.edit: unknown key “”"),
        ('[keys]\n"page.edit" = ["x", 1]', "[keys] page.edit must be a text or a list of texts"),
        ('languages = "en_US"', "languages must be a list of texts"),
        ("languages = []", "languages must be a list of texts"),
        ("history = 7", "history must be a table"),
        ('[history]\ncolour = "red"', "[history] unknown setting “colour”"),
        ("[history]\nfolder = 7", "[history] folder must be a text"),
        ('[history]\nrequired = "yes"', "[history] required must be true or false"),
        ('languages = ["en_US", 7]', "languages must be a list of texts"),
        ('read_only = "yes"', "read_only must be true, false or “until_unlocked”"),
        ("unlock_minutes = 0", "unlock_minutes must be from 1 to 1440"),
        ("unlock_minutes = true", "unlock_minutes must be a whole number"),
        ("theme = ", "cannot be read: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_named_with_its_table_and_key(config: Path, text: str, problem: str) -> None:
    config.write_text(f'me = "anna@shop.example"\n{text}')
    settings = read_settings()
    assert settings.problems == [problem]
    assert settings.me == ("" if problem.startswith("cannot be read") else "anna@shop.example")


BAD_FILES = {
    "nested arrays": (b"me = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    "nested keys": (b"[keys]\n" + b"a." * 5000 + b"a = 1", "nested too deeply"),
    "a deep key": (b"me" + b".a" * 49_000 + b" = 1", "nested too deeply"),
    "a deep table": (b"[" + b"a . 'b'." * 12_000 + b"a]", "nested too deeply"),
    "Latin-1": ("me = 'müller'".encode("latin-1"), "not UTF-8 at byte 7"),
    "UTF-16": ("me = 'anna'".encode("utf-16"), "not UTF-8 at byte 0"),
    "huge": (b"#" * 100_001, "too large (more than 100,000 bytes)"),
    "zeros": (b"\0" * 50, "Illegal character '\\x00' (at line 1, column 1)"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_config_file_that_is_none_is_named_in_one_line(config: Path, name: str) -> None:
    content, why = BAD_FILES[name]
    config.write_bytes(content)
    settings = read_settings()
    if name == "zeros":
        assert settings.unreadable and settings.problems[0].startswith("cannot be read: ")
    else:
        assert settings.problems == [f"cannot be read: {why}"] and settings.unreadable
    done = subprocess.run([sys.executable, "-m", "tui", "databases"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and str(config) in done.stderr


@pytest.mark.timeout(20)
def test_what_is_no_file_is_no_config_file_and_is_not_waited_for(config: Path) -> None:
    config.mkdir()
    assert read_settings().problems == ["cannot be read: not a file"]
    config.rmdir()
    os.mkfifo(config)
    assert read_settings().problems == ["cannot be read: not a file"]
    config.unlink()
    config.symlink_to("/dev/zero")
    assert read_settings().problems == ["cannot be read: not a file"]


def test_a_config_file_with_a_byte_order_mark_and_windows_lines_is_read(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbfme = 'anna@shop.example'\r\ntheme = 'x'\r\n")
    assert (read_settings().problems, read_settings().me) == ([], "anna@shop.example")


@pytest.mark.timeout(20)
def test_a_password_file_that_is_none_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_PIPE_TIMEOUT_S", 1)
    pipe, large, other = tmp_path / "pipe", tmp_path / "large", tmp_path / "other"
    os.mkfifo(pipe)
    large.write_bytes(b"x" * 100_001)
    other.write_bytes(b"s3cret\xe9\n")
    cases = {pipe: "nothing came through the pipe for 1 s", tmp_path: "not a file", Path("/dev/zero"): "not a file"}
    cases |= {large: "too large (more than 100,000 bytes)", other: "not UTF-8 at byte 6"}
    for file, why in cases.items():
        with pytest.raises(Unavailable) as refused:
            find_database("shop.db", Settings(), str(file))
        assert str(refused.value) == f"{file}: cannot be read: {why}"


def test_a_password_is_the_whole_first_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes("s3\x0b\x1c\u2028cret \r\nanother\n".encode())
    assert find_database("shop.db", Settings(), str(file)).password == "s3\x0b\x1c\u2028cret "


def test_a_password_may_come_through_another_programs_pipe(config: Path) -> None:
    code = "import sys; from tui.config import Settings; from tui.sources import find_database\n"
    code += "print(find_database('x.db', Settings(), sys.argv[1]).password)"
    line = f'"{sys.executable}" -c "{code}" <(sleep 0.3; echo s3cret)'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("s3cret\n", "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('theme = "no-such"', "unknown theme “no-such”"),
        ('key_set = "ed"', "unknown key set “ed” (vim or emacs)"),
        (
            'default_rules = "b2x"',
            "default_rules: unknown kind of shop “b2x” (suite, b2b, b2c, marketplace)",
        ),
        (
            "warehouse_users_sign_in = true",
            "warehouse_users_sign_in: only used with a list of default_rules; otherwise the kind of shop decides",
        ),
        ('[keyz]\npage.edit = "x"', "unknown table [keyz]"),
        ('[keys]\npage.edid = "x"', "[keys] page.edid: unknown id"),
    ],
)
async def test_the_program_starts_says_what_is_wrong_and_keeps_the_rest(
    start: Start, config: Path, text: str, problem: str
) -> None:
    config.write_text(f"ascii = true\n{text}", encoding="utf-8")
    async with start(size=(240, 24), first="\n>") as person:
        said = f"{config}: {problem}"
        await person.wait(lambda: any(said in message for message in person.told), said)
        await person.see("config.toml")
        assert person.screen.isascii()


UNLOCKED = "until_unlocked"


@pytest.mark.parametrize(
    ("option", "of_database", "of_all", "holds"),
    [
        (False, None, None, False),
        (False, None, True, True),
        (False, None, UNLOCKED, UNLOCKED),
        (False, False, True, False),
        (False, False, UNLOCKED, False),
        (False, True, None, True),
        (False, True, UNLOCKED, True),
        (False, UNLOCKED, None, UNLOCKED),
        (False, UNLOCKED, True, UNLOCKED),
        (True, None, None, True),
        (True, False, False, True),
        (True, UNLOCKED, UNLOCKED, True),
    ],
)
def test_an_option_wins_over_the_databases_setting_and_that_over_the_one_for_all(
    config: Path, option: bool, of_database: object, of_all: object, holds: object
) -> None:
    lines = ["" if value is None else f"read_only = {json.dumps(value)}\n" for value in (of_all, of_database)]
    config.write_text(f'{lines[0]}[databases.production]\nurl = "shop.db"\n{lines[1]}')
    settings = read_settings()
    assert settings.problems == []
    assert find_database("production", settings, read_only=option).read_only == holds
    assert find_database("other.db", settings, read_only=option).read_only == (option or of_all or False)


@pytest.mark.parametrize(("of_database", "of_all", "holds"), [("", "", 15), ("", 5, 5), (3, "", 3), (3, 5, 3)])
def test_a_databases_own_minutes_win_over_those_for_all(
    config: Path, of_database: object, of_all: object, holds: int
) -> None:
    lines = [value and f"unlock_minutes = {value}\n" for value in (of_all, of_database)]
    config.write_text(f'{lines[0]}[databases.production]\nurl = "shop.db"\n{lines[1]}')
    assert find_database("production", read_settings()).unlock_minutes == holds


@pytest.mark.parametrize(
    ("of_database", "chosen", "of_all", "holds"),
    [
        ("", "", "", "textual-dark"),
        ("", "", "nord", "nord"),
        ("", "gruvbox", "nord", "gruvbox"),
        ("dracula", "", "", "dracula"),
        ("dracula", "gruvbox", "nord", "dracula"),
        ("no-such", "gruvbox", "nord", "gruvbox"),
        ("no-such", "", "nord", "nord"),
    ],
)
def test_a_databases_own_theme_wins_over_one_chosen_in_the_palette_and_that_over_the_one_for_all(
    home: Path, of_database: str, chosen: str, of_all: str, holds: str
) -> None:
    if chosen:
        remember("theme", chosen)
    settings = Settings(theme=of_all)
    app = BackOffice(Opened("shop.db", False, False), settings, Source("shop.db", name="production", theme=of_database))
    assert app.theme == holds
    wrong = ["[databases.production] unknown theme “no-such”"]
    assert settings.problems == (wrong if of_database == "no-such" else [])


async def test_a_theme_chosen_on_a_database_with_its_own_is_not_remembered(start: Start) -> None:
    async with start(source=Source("shop.db", theme="dracula")) as person:
        person.app.theme = "textual-light"
        await person.pilot.pause()
    async with start() as person:
        assert person.app.theme == "textual-dark"


def test_a_wrong_read_only_for_all_opens_nothing_for_changes(config: Path) -> None:
    config.write_text('read_only = "until_unlock"')
    assert find_database("shop.db", read_settings()).read_only is True
    config.write_text('[databases.production]\nurl = "shop.db"\nread_only = "until_unlock"')
    with pytest.raises(Unavailable, match="read_only must be true, false or “until_unlocked”"):
        find_database("production", read_settings())


async def test_an_unknown_theme_is_named_though_another_was_chosen_in_the_palette(start: Start, config: Path) -> None:
    config.write_text('theme = "no-such"')
    async with start() as person:
        person.app.theme = "textual-light"
        await person.pilot.pause()
    async with start(size=(240, 24)) as person:
        await person.see("unknown theme “no-such”")
        assert person.app.theme == "textual-light"


def test_keys_prints_a_table_that_the_config_file_takes_as_it_is(config: Path) -> None:
    config.write_text('key_set = "emacs"\n[keys]\n"page.create" = "ctrl+x"', encoding="utf-8")
    command = [sys.executable, "-m", "tui", "--keys"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    table = tomllib.loads(printed)["keys"]
    assert table["page.create"] == "ctrl+x" and table["list.down"] == "ctrl+n,down" and table["page.search"] == "slash"
    config.write_text(printed)
    assert read_settings().problems == [] and read_settings().keys == table


def test_the_example_of_other_keys_holds(config: Path) -> None:
    config.write_text(block(".github/docs/keys.md", "keys"), encoding="utf-8")
    settings = read_settings()
    assert settings.problems == [] and settings.keys == {"page.search": "f3", "members.add": "a,plus"}
    assert key_table.check(BackOffice, settings.keys, keys.SETS[settings.key_set]) == {}


async def test_the_sample_of_all_settings_is_read_without_a_complaint(start: Start, config: Path) -> None:
    config.write_text(block(".github/docs/settings.md", "settings"), encoding="utf-8")
    settings = read_settings()
    assert settings.problems == [] and shop_settings(settings)[1] == {}
    assert [name for name, source in settings.databases.items() if source.problem] == []
    async with start() as person:
        await person.app.workers.wait_for_complete()
        assert [message for message in person.told if str(config) in message] == []
        assert person.app.theme == settings.theme
