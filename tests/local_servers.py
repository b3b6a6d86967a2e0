"""PostgreSQL and MariaDB on loopback for the tests alone: started where they are installed, and stopped with the run.

Whichever process of a run needs a server first starts it for all of them. `python -m tests.local_servers KIND OWNER
FOLDER` keeps it until the run's first process (OWNER) ends, killed or not, and leaves neither server nor data behind.
"""

import fcntl
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from glob import glob
from pathlib import Path
from threading import Event
from typing import Any

NAMES = {"postgres": "PostgreSQL", "mariadb": "MariaDB"}
PROGRAMS = {"postgres": (("initdb",), ("postgres",)), "mariadb": (("mariadb-install-db",), ("mariadbd", "mysqld"))}
"""What makes a data folder, and what serves it; each by any of these names."""
FOLDERS = {
    "postgres": ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"),
    "mariadb": ("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/opt/homebrew/opt/mariadb*/bin"),
}
"""Where they are installed, besides the folders on PATH."""
ACCOUNTS = {"postgres": "postgres", "mariadb": "mysql"}
"""Whom a server runs as where the tests run as root."""
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
PORTS = range(20_000, 32_000)
"""Below those that a system gives to outgoing connections."""
START_TIMEOUT_S = 50.0
STOP_TIMEOUT_S = 30.0

RUN = "BACKOFFICE_TEST_RUN"
"""The environment variable that names the run to all of its processes: the first one's id, and the folder."""


def how_to_install(names: list[str]) -> str:
    """A command that installs these of NAMES."""
    tool = next((tool for tool in ("apt-get", "dnf", "brew") if shutil.which(tool)), "apt-get")
    server = {"apt-get": "", "dnf": "-server", "brew": ""}[tool]
    packages = {"PostgreSQL": f"postgresql{server}", "MariaDB": "mariadb" if tool == "brew" else "mariadb-server"}
    return " ".join([tool, "install", *(packages[name] for name in names)])


def begin_run() -> None:
    """Make this process the one whose end stops the servers."""
    folder = Path(tempfile.gettempdir(), f"backoffice-tests-{secrets.token_hex(6)}")
    os.environ[RUN] = f"{os.getpid()} {folder}"


def end_run() -> None:
    """Stop the servers of the run, if any were started, and wait until nothing of them is left."""
    folder = Path(os.environ.pop(RUN).split(" ", 1)[1])
    for file in folder.glob("*.keeper"):
        with suppress(ProcessLookupError, FileNotFoundError, ValueError):
            os.kill(int(file.read_text()), signal.SIGTERM)
    end = time.monotonic() + STOP_TIMEOUT_S
    while any(folder.glob("*.keeper")) and time.monotonic() < end:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def programs(kind: str) -> tuple[Path, Path] | None:
    """The newest pair of PROGRAMS that is installed; as root, none without the server's own account."""
    if os.geteuid() == 0 and not _account(kind):
        return None
    usual = [Path(folder) for pattern in FOLDERS[kind] for folder in glob(pattern)]
    usual.sort(key=lambda folder: [int(number) for number in re.findall(r"\d+", str(folder))], reverse=True)
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder] + usual
    makers, servers = PROGRAMS[kind]
    for maker in _installed(folders, makers):
        beside = [maker.parent]  # initdb belongs to the server of its version
        for server in _installed(beside if kind == "postgres" else beside + folders, servers):
            return maker, server
    return None


def _installed(folders: list[Path], names: tuple[str, ...]) -> list[Path]:
    """Where a link leads: Debian's and Homebrew's programs find their own files beside that."""
    found = (folder / name for name in names for folder in folders)
    return [file.resolve() for file in found if os.access(file, os.X_OK)]


def _account(kind: str) -> dict[str, Any]:
    """The arguments for subprocess that make a process the server's own user, where this one is root."""
    with suppress(KeyError):
        account = pwd.getpwnam(ACCOUNTS[kind])
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return {}


def url(kind: str) -> str:
    """The URL of the run's server, started by the first who asks. Raises RuntimeError where it does not start."""
    if RUN not in os.environ:
        raise RuntimeError("no run has begun")
    owner, name = os.environ[RUN].split(" ", 1)
    folder = Path(name)
    folder.mkdir(mode=0o711, exist_ok=True)
    told = folder / f"{kind}.url"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            command = [sys.executable, "-m", "tests.local_servers", kind, owner, name]
            # The command goes on alone as soon as it has started: nobody waits for the server's keeper.
            done = subprocess.run(
                command,
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            told.touch(mode=0o600)
            told.write_text(done.stdout.strip())
    found = told.read_text()
    if not re.fullmatch(r"\w+://\S+", found):
        raise RuntimeError(f"{NAMES[kind]} did not start:\n{found}")
    return found


def keep(kind: str, owner: int, folder: Path) -> None:
    """Serve until the owner has ended, or SIGTERM; the URL goes to standard output, which ends then."""
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    keeper, data = folder / f"{kind}.keeper", folder / kind
    keeper.write_text(str(os.getpid()))
    server: subprocess.Popen[bytes] | None = None
    try:
        data.mkdir(mode=0o700)
        server, url = {"postgres": _start_postgres, "mariadb": _start_mariadb}[kind](data)
        print(url, flush=True)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        while not stopped.wait(0.2) and not _has_ended(owner):
            pass
    finally:
        if server:
            # Nothing of it is kept: PostgreSQL only takes its shared memory along.
            server.send_signal(signal.SIGQUIT if kind == "postgres" else signal.SIGKILL)
            try:
                server.wait(STOP_TIMEOUT_S / 2)
            except subprocess.TimeoutExpired:
                server.kill()
        shutil.rmtree(data, ignore_errors=True)
        keeper.unlink(missing_ok=True)
        if _has_ended(owner) and not any(folder.glob("*.keeper")):
            shutil.rmtree(folder, ignore_errors=True)


def _has_ended(process: int) -> bool:
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat").read_text()
    except ProcessLookupError:
        return True
    except OSError:  # no /proc here, or another user's process
        return False
    return status.rpartition(")")[2].split()[0] in "ZX"  # ended, though whoever started it has not asked how


def _start_postgres(data: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Without any care for what a crash would lose; a user who may create databases, and no more."""
    import psycopg

    initdb, postgres = _programs("postgres")
    password, administrator, port = secrets.token_hex(12), secrets.token_hex(12), _free_port()
    (data / "password").write_text(administrator)
    _give_to_server("postgres", data, data / "password")
    cluster = data / "cluster"
    options = ["-D", cluster, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={data / 'password'}", "--no-sync"]
    _run("postgres", data, initdb, *options, "-E", "UTF8", f"--locale={LOCALE}")
    settings = {
        **{"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""},
        **{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal"},
        **{"max_wal_senders": 0, "autovacuum_naptime": "10min"},
    }
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = _popen("postgres", data, postgres, "-D", cluster, *given)

    def set_up() -> None:
        url = f"postgresql://postgres:{administrator}@127.0.0.1:{port}/postgres"
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE spryker LOGIN CREATEDB CREATEROLE PASSWORD '{password}'")
            connection.execute("CREATE DATABASE spryker_test OWNER spryker TEMPLATE template0")

    _when_up(server, data, set_up, psycopg.OperationalError)
    return server, f"postgresql://spryker:{password}@127.0.0.1:{port}/spryker_test"


def _start_mariadb(data: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """As Spryker's own docker has it, but for what a crash would lose; a user who may do everything."""
    import pymysql

    install, mariadbd = _programs("mariadb")
    password, port = secrets.token_hex(12), _free_port()
    script = [
        f"CREATE USER spryker@'%' IDENTIFIED BY '{password}';",
        "GRANT ALL PRIVILEGES ON *.* TO spryker@'%';",
        "CREATE DATABASE spryker_test CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;",
    ]
    (data / "first.sql").write_text("\n".join(script) + "\n")
    _give_to_server("mariadb", data, data / "first.sql")
    user = pwd.getpwuid(data.stat().st_uid).pw_name
    folder = data / "cluster"
    no_password = ["--auth-root-authentication-method=socket", f"--auth-root-socket-user={user}"]
    _run(
        "mariadb",
        data,
        install,
        "--no-defaults",
        f"--datadir={folder}",
        f"--user={user}",
        "--skip-test-db",
        *no_password,
    )
    options = [f"--datadir={folder}", f"--init-file={data / 'first.sql'}", f"--port={port}"]
    options += ["--bind-address=127.0.0.1", "--socket=s.sock", "--skip-name-resolve", "--performance-schema=OFF"]
    options += ["--character-set-server=utf8mb3", "--collation-server=utf8mb3_general_ci"]
    options += ["--sql-mode=STRICT_ALL_TABLES", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF"]
    options += ["--innodb-buffer-pool-size=64M", f"--pid-file={folder / 'server.pid'}", "--debug-no-sync"]
    server = _popen("mariadb", data, mariadbd, "--no-defaults", *options)

    def ask() -> None:
        pymysql.connect(
            host="127.0.0.1", port=port, user="spryker", password=password, database="spryker_test", ssl_disabled=True
        ).close()

    _when_up(server, data, ask, pymysql.err.OperationalError)
    return server, f"mysql://spryker:{password}@127.0.0.1:{port}/spryker_test"


def _programs(kind: str) -> tuple[Path, Path]:
    found = programs(kind)
    assert found, f"{NAMES[kind]} is not installed"
    return found


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("no port is free")


def _give_to_server(kind: str, *files: Path) -> None:
    if os.geteuid() == 0:
        for file in files:
            os.chown(file, _account(kind)["user"], _account(kind)["group"])


def _popen(kind: str, data: Path, *command: object) -> "subprocess.Popen[bytes]":
    """Start as the server's user, with what it writes in a log."""
    account = _account(kind) if os.geteuid() == 0 else {}
    with (data / "log").open("a") as log:
        return subprocess.Popen(
            [str(part) for part in command],
            **account,
            cwd=data,
            env={**os.environ, "TMPDIR": str(data)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _run(kind: str, data: Path, *command: object) -> None:
    if _popen(kind, data, *command).wait(START_TIMEOUT_S):
        raise RuntimeError((data / "log").read_text())


def _when_up(server: "subprocess.Popen[bytes]", data: Path, act: Callable[[], None], early: type[Exception]) -> None:
    """Do something that fails in this way until the server answers; end the server where it cannot be done."""
    end = time.monotonic() + START_TIMEOUT_S
    try:
        while True:
            try:
                return act()
            except early as error:
                if server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{error}\n{(data / 'log').read_text()}") from None
            time.sleep(0.05)
    except BaseException:
        server.kill()
        raise


if __name__ == "__main__":
    kind, owner, folder = sys.argv[1:]
    if os.fork():
        os._exit(0)
    os.setsid()
    try:
        keep(kind, int(owner), Path(folder))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}"[-4_000:])
