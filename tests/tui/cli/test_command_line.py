"""The commands that print and end, as they are started: check, init, databases; and which database is found."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests import servers
from tests.benchmarks.terminal import Terminal
from tui.config import Settings, read_settings
from tui.sources import find_database

PASSWORD = "s3cr:t/@ €"


def backoffice(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, **environment}, cwd=cwd
    )


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    netloc = f"{parts.username}:{quote(password, safe='')}@{parts.hostname}:{parts.port}"
    return parts._replace(netloc=netloc).geturl()


@pytest.fixture(params=servers.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(home: Path) -> Path:
    folder = home / "config" / "backoffice"
    folder.mkdir(parents=True)
    return folder / "config.toml"


# init


def test_init_puts_a_shop_into_an_empty_database_once(kind: str) -> None:
    url = servers.passing(kind, "init")
    done = backoffice("init", "--database", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(urlsplit(url).password) not in done.stdout and done.stdout.endswith(
        ": the tables of a shop were created.\n"
    )
    check = json.loads(backoffice("check", "--json", "--database", url).stdout)
    assert all(finding["ok"] for finding in check)
    rows = {finding["what"]: finding["found"] for finding in check}
    assert [rows[f"rows in spy_{table}"] for table in ("acl_group", "acl_role", "acl_rule", "user")] == list("1110")
    again = backoffice("init", "--database", url)
    assert again.returncode == 1
    assert "already has the table spy_acl_group; nothing changed" in again.stderr


def test_init_beside_a_table_of_a_shop_changes_nothing(kind: str) -> None:
    url = servers.passing(kind, "init")
    servers.run(url, "CREATE TABLE spy_user (id_user integer)")
    done = backoffice("init", "--database", url)
    assert done.returncode == 1 and "it already has the table spy_user; nothing changed" in done.stderr
    check = backoffice("check", "--database", url)
    assert check.returncode == 1
    assert "! table spy_acl_group" in check.stdout and "! table spy_user" in check.stdout


def test_init_creates_a_file_and_leaves_one_that_is_there(file: Path) -> None:
    assert backoffice("init", "--database", str(file)).returncode == 0
    before = file.read_bytes()
    again = backoffice("init", "--database", str(file))
    assert again.returncode == 1 and f"{file}: already exists; nothing changed" in again.stderr
    assert file.read_bytes() == before


# check


def test_check_says_what_the_server_is_and_what_an_older_shop_lacks(kind: str) -> None:
    url = servers.reset(kind)
    done = backoffice("check", "--database", url)
    assert done.returncode == 0 and done.stdout.endswith("OK: this database can be used.\n")
    for text in (
        "server",
        "time zone",
        "isolation",
        "strict mode",
        "14 columns",
        "may write",
        "yes",
        "rows in spy_user",
    ):
        assert text in done.stdout, text
    assert {"postgres": "PostgreSQL", "mariadb": "MariaDB"}[kind] in done.stdout
    assert {"postgres": "UTF8", "mariadb": "utf8mb3_general_ci"}[kind] in done.stdout


def test_check_names_a_column_that_is_too_short(kind: str) -> None:
    url = servers.passing(kind, "short")
    assert backoffice("init", "--database", url).returncode == 0
    narrow = "ALTER COLUMN password TYPE varchar(40)" if kind == "postgres" else "MODIFY password varchar(40) NOT NULL"
    servers.run(url, f"ALTER TABLE spy_user {narrow}")
    done = backoffice("check", "--database", url)
    assert done.returncode == 1
    assert "! column spy_user.password" in done.stdout and "too short: 40 characters" in done.stdout


def test_check_of_a_read_only_opening_says_that_nothing_may_be_written(kind: str, config: Path) -> None:
    config.write_text(f'[databases.shop]\nurl = "{servers.reset(kind)}"\nread_only = true\n')
    done = backoffice("check", "--json", "--database", "shop")
    assert done.returncode == 0
    assert {"what": "may write", "found": "no: it is read-only", "ok": True} in json.loads(done.stdout)


# What cannot be opened: one line that says which, and never a password


def test_what_cannot_be_connected_to_is_said_in_one_line_without_the_password(kind: str, tmp_path: Path) -> None:
    url = servers.needed(kind)
    parts = urlsplit(url)
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    cases = {
        with_password(url, PASSWORD): "the user or the password is wrong",
        servers.database(kind, "no_such_shop"): "no such database",
        parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl(): "refused",
        parts._replace(netloc=f"{parts.username}:{parts.password}@no-such-host.invalid").geturl(): "unknown host",
        f"{url}?nonsense=1": "nonsense",
    }
    if kind == "mariadb":
        option_file = tmp_path / "my.cnf"
        option_file.write_text(f"password={PASSWORD}\n")  # without the line of its section
        cases[f"{url}?init_command=SELECT%201"] = "“init_command” is not a connection option"
        cases[f"{url}?read_default_file={option_file}"] = "cannot be used (MissingSectionHeaderError)"
        cases[f"{url}?charset=bogus"] = "the option “charset” must be utf8mb4: any other loses characters on the line"
    for wrong, reason in cases.items():
        done = backoffice("check", "--database", wrong)
        assert (done.returncode, done.stdout) == (1, ""), done
        assert done.stderr.count("\n") == 1 and reason in done.stderr
        assert parts.password and parts.password not in done.stderr and PASSWORD not in done.stderr


@pytest.mark.parametrize("password", ["se/cr@t", "/cr@t", "12/cr@t", "12#cr@t", "1?cr@t"])
def test_a_password_that_is_not_percent_encoded_is_not_repeated(password: str) -> None:
    done = backoffice("check", "--database", f"mysql://admin:{password}@shop.example/shop")
    assert done.returncode == 1 and done.stderr.startswith("backoffice: mysql://")
    assert "percent-encoded" in done.stderr and "cr@t" not in done.stderr


def test_what_is_to_be_opened_read_only_is_not_installed_in(kind: str) -> None:
    url = servers.passing(kind, "empty")
    done = backoffice("--read-only", "init", "--database", url)
    assert done.returncode == 1 and "opened read-only; nothing changed" in done.stderr
    assert "missing" in backoffice("check", "--database", url).stdout


def test_text_that_cannot_be_printed_is_printed_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "\u03a9\x1b[2J.db"
    assert "\\u03a9" in backoffice("init", "--database", str(file), PYTHONIOENCODING="ascii").stdout
    again = backoffice("init", "--database", str(file))
    assert again.returncode == 1 and "\u03a9␛[2J.db: already exists" in again.stderr
    unknown = subprocess.run(
        [sys.executable, "-m", "tui", "access", "--database", str(file), b"\xff@x.yz", "a/b/c"], capture_output=True
    )
    assert unknown.returncode == 2 and unknown.stderr.startswith(b"backoffice: User couldn't be found")


def test_whoever_reads_only_the_beginning_is_no_trouble() -> None:
    for command in ("--keys", "--help"):
        with subprocess.Popen(
            [sys.executable, "-m", "tui", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as program:
            assert program.stdout and program.stderr
            program.stdout.close()
            assert program.stderr.read() == b""


def test_a_word_that_the_settings_do_not_know_creates_no_file(config: Path, tmp_path: Path) -> None:
    config.write_text('[databases.production]\nurl = "shop.db"\n')
    done = backoffice("init", "--database", "produktion", cwd=tmp_path)
    assert done.returncode == 1 and not (tmp_path / "produktion").exists()
    assert "produktion: no such file, and no such database in the settings (production)" in done.stderr


def test_a_server_that_never_answers_is_given_up_after_five_seconds(kind: str) -> None:
    scheme = urlsplit(servers.needed(kind)).scheme
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = backoffice("check", "--database", f"{scheme}://admin:x@127.0.0.1:{silent.getsockname()[1]}/shop")
    assert done.returncode == 1 and "it did not answer in time" in done.stderr


def test_a_missing_driver_is_named_with_the_line_that_installs_it(kind: str) -> None:
    scheme, driver, extra = {"postgres": ("postgres", "psycopg", "postgres"), "mariadb": ("mysql", "pymysql", "mysql")}[
        kind
    ]
    code = f"import sys; sys.modules[{driver!r}] = None\nfrom tui.cli.main import main\n"
    code += f"sys.exit(main(['check', '--database', '{scheme}://admin@shop.example/shop']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and f"pip install 'backoffice-tui[{extra}]'" in done.stderr
    assert done.stderr.count("\n") == 1


# Which database is found


def test_an_option_beats_the_variable_the_variable_the_setting_the_setting_the_shops_shell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(database="setting.db")
    shell = {"ENGINE": "pgsql", "HOST": "db", "PORT": "5432", "USERNAME": "sp@ryker", "DATABASE": "eu-docker"}
    for name, value in {**shell, "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"SPRYKER_DB_{name}", value)
    found = [find_database(None, Settings())]
    found.append(find_database(None, settings))
    monkeypatch.setenv("BACKOFFICE_DATABASE", "variable.db")
    found.append(find_database(None, settings))
    found.append(find_database("option.db", settings))
    assert [(source.location, source.password) for source in found] == [
        ("postgres://sp%40ryker@db:5432/eu-docker", PASSWORD),
        *((location, None) for location in ("setting.db", "variable.db", "option.db")),
    ]
    assert PASSWORD not in repr(found)


def test_a_password_file_keeps_it_off_the_command_line(kind: str, home: Path) -> None:
    url, password = servers.reset(kind), home / "password"
    without = urlsplit(url)._replace(netloc=urlsplit(url).netloc.replace(f":{urlsplit(url).password}@", "@")).geturl()
    assert backoffice("check", "--database", without, PGPASSFILE=str(home / "none")).returncode == 1
    password.write_text(f"{urlsplit(url).password}\n")
    assert backoffice("check", "--database", without, "--password-file", str(password)).returncode == 0
    done = backoffice("check", "--database", without, "--password-file", str(home / "missing"))
    assert done.returncode == 1 and f"{home / 'missing'}: cannot be read" in done.stderr


def test_the_drivers_own_password_files_are_read(kind: str, home: Path) -> None:
    url = servers.reset(kind)
    parts = urlsplit(url)
    kept = home / "kept"
    if kind == "postgres":
        kept.write_text(f"{parts.hostname}:{parts.port}:*:{parts.username}:{parts.password}\n")
        location = parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}").geturl()
    else:
        lines = f"host={parts.hostname}\nport={parts.port}\nuser={parts.username}\npassword={parts.password}\n"
        kept.write_text(f"[client]\n{lines}")
        location = f"mysql://{parts.path}?read_default_file={kept}"
    kept.chmod(stat.S_IRUSR)
    done = backoffice("check", "--database", location, PGPASSFILE=str(kept))
    assert done.returncode == 0, done


def test_databases_are_listed_by_name_without_passwords(config: Path) -> None:
    config.write_text(
        '[databases.production]\nurl = "mysql://admin:s3cret@db.example:3306/shop"\nmark = "production"\n'
        '[databases.copy]\nurl = "/srv/copy.db"\nread_only = true\n[databases.odd]\nmark = "x"\n'
        '[databases.locked]\nurl = "/srv/copy.db"\nread_only = "until_unlocked"\n'
        '[databases.strange]\nurl = "oracle://admin:s3cret@db.example/shop"\n'
        '[databases.slashed]\nurl = "MySQL://admin:/s3cret@db.example/shop"\n'
    )
    done = backoffice("databases")
    assert done.returncode == 0 and "s3cret" not in done.stdout
    assert done.stdout.splitlines() == [
        "production  mysql://db.example/shop  production",
        "copy        /srv/copy.db  read-only",
        "odd         cannot be opened: [databases.odd] must be a table with a url",
        "locked      /srv/copy.db  read-only until unlocked",
        "strange     oracle://: unknown scheme",
        "slashed     mysql://: the URL cannot be read; special characters in the user or password must be "
        "percent-encoded (%40 for @, %2F for /)",
    ]
    assert read_settings().problems == ["[databases.odd] must be a table with a url"]


def test_a_name_whose_settings_are_wrong_opens_nothing_else(config: Path, tmp_path: Path) -> None:
    config.write_text('[databases.production]\nurl = "shop.db"\nmark = 1\n')
    done = backoffice("init", "--database", "production", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "") and not (tmp_path / "production").exists()
    assert done.stderr == f"backoffice: {config}: [databases.production] mark must be a text\n"


def test_where_the_settings_cannot_be_read_a_name_creates_no_file(config: Path, tmp_path: Path) -> None:
    config.write_text('[databases.production]\nurl = "mysql://db.example/shop\n')
    done = backoffice("init", "--database", "production", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "") and not (tmp_path / "production").exists()
    problem, refusal = done.stderr.splitlines()
    assert problem.startswith(f"backoffice: {config}: cannot be read: ")
    assert refusal.startswith(f"backoffice: production: no such file, and {config} cannot be read: ")


# access


def test_who_may_says_once_that_postgresqls_order_of_groups_is_not_fixed(kind: str) -> None:
    done = backoffice("access", "--database", servers.reset(kind), "--who", "sales/index/index")
    said = "backoffice: Groups are evaluated by id here; PostgreSQL may use another order in the shop.\n"
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (said if kind == "postgres" else "")


# What goes wrong around the commands: one line each, and an exit code


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell, in which `$B` is the program."""
    environment = {**os.environ, "B": f"{sys.executable} -m tui", **environment}
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=environment, timeout=30)


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["databases", "--help", "--keys", "--version", "help check", "check"])
def test_an_output_that_cannot_be_written_is_said_in_one_line(home: Path, command: str, unbuffered: str) -> None:
    assert backoffice("init").returncode == 0
    for redirected, why in (("> /dev/full", "No space left on device"), (">&-", "it is closed")):
        done = shell(f"$B {command} {redirected}", PYTHONUNBUFFERED=unbuffered)
        assert (done.returncode, done.stderr) == (2, f"backoffice: the output cannot be written: {why}\n")


def test_closed_streams_are_no_trouble_and_no_file_is_written_to_in_their_place(home: Path) -> None:
    assert shell("$B init <&- 2>&-").returncode == 0
    file = home / "data" / "backoffice" / "backoffice.db"
    before = file.read_bytes()
    assert shell("$B check <&-").returncode == 0
    failed = shell("$B check --database /no/such/file <&- 2>&-")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert file.read_bytes() == before
    screens = shell("$B <&-")
    assert screens.returncode == 2 and screens.stderr.count("\n") == 1 and "needs a terminal" in screens.stderr


def test_whatever_fails_inside_a_command_is_one_line_without_source_code_or_values(home: Path) -> None:
    for command in (["databases"], ["check"]):
        code = "import sys, tui.cli.databases, tui.cli.check\ndef fail(*_, **__): raise KeyError('s3cret')\n"
        code += "tui.cli.databases.run = tui.cli.check.run = fail\n"
        code += f"from tui.cli.main import main\nsys.exit(main({command}))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "backoffice: internal error (KeyError in __main__, line 2)\n"


def test_an_interrupt_ends_a_command_without_a_word(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scheme = urlsplit(servers.needed(kind)).scheme
        command = [sys.executable, "-m", "tui", "check"]
        command += ["--database", f"{scheme}://admin:x@127.0.0.1:{silent.getsockname()[1]}/shop"]
        # As a shell starts it in the foreground: where the tests run in the background, they ignore interrupts.
        heed = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=heed)
        client, _ = silent.accept()
        with client:
            client.settimeout(0.5)
            with suppress(TimeoutError):  # until it waits for an answer
                client.recv(1000)
            running.send_signal(signal.SIGINT)
            said, _ = running.communicate(timeout=20)
    assert (running.returncode, said) == (130, b"")


@pytest.mark.parametrize("start", ["a" * 5000, "/tmp/" + "a" * 5000, "/abc" * 1300, "sqlite:///" + "a" * 5000])
@pytest.mark.parametrize("option", ["--database", "--password-file"])
def test_a_path_that_is_too_long_is_said_so_in_one_short_line(home: Path, option: str, start: str) -> None:
    for command in ("init", "check", "access"):
        done = backoffice(command, option, start, *["a@b.c", "user/edit"] * (command == "access"))
        assert done.returncode == (2 if command == "access" else 1) and done.stdout == ""
        assert done.stderr.count("\n") == 1 and len(done.stderr) < 1200
        assert "File name too long" in done.stderr or (start.startswith("sqlite") and "No such file" in done.stderr)


@pytest.mark.parametrize(
    "arguments", [["no\x1b[31m"], ["check", "\x1b]0;x\x07"], ["access", "--\x1b[2J"], ["help", "\x9b2J"]]
)
def test_what_was_typed_is_repeated_without_what_would_command_the_terminal(arguments: list[str]) -> None:
    done = backoffice(*arguments)
    assert done.returncode == 2
    assert not [mark for mark in "\x1b\x07\x9b" if mark in done.stderr] and " error: " in done.stderr


def test_a_path_is_shown_without_what_would_command_the_terminal(tmp_path: Path) -> None:
    for command in ("init", "check", "init"):
        done = backoffice(command, "--database", str(tmp_path / "a\x1b[31m\n.db"))
        assert "\x1b" not in done.stdout + done.stderr and "a␛[31m␊.db" in done.stdout + done.stderr


def test_help_shows_what_help_of_a_command_shows() -> None:
    assert backoffice("help").stdout == backoffice("--help").stdout != ""
    for command in ("check", "demo", "help"):
        assert backoffice("help", command).stdout == backoffice(command, "--help").stdout != ""
    assert backoffice("help", "nonsense").returncode == 2


def test_check_before_the_first_start_says_how_the_database_is_created(home: Path) -> None:
    done = backoffice("check")
    assert done.returncode == 1
    assert done.stderr.endswith("backoffice.db: no such file; backoffice or backoffice init creates it\n")
    assert not (home / "data" / "backoffice").exists()


@pytest.mark.parametrize("option", ["--ascii", "--read-only"])
@pytest.mark.parametrize("first", [True, False])
def test_the_demo_takes_the_options_of_the_screens(option: str, first: bool) -> None:
    arguments = [option, "demo"] if first else ["demo", option]
    with Terminal([sys.executable, "-m", "tui", *arguments]) as terminal:
        terminal.wait_for("Administrators group")
        shown = terminal.text
    assert ("read-only" in shown) == (option == "--read-only")
    assert shown.isascii() == (option == "--ascii")
