"""The servers that the tests start are shared by all processes of a run, and end with it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import local_servers, servers

BEGIN = "from tests import local_servers; local_servers.begin_run(); "
ASK = "import sys; from tests import local_servers; print(local_servers.url(sys.argv[1]), flush=True); "
PATIENCE_S = 40


@pytest.fixture(params=servers.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    if not local_servers.programs(request.param):
        pytest.skip(f"{servers.NOT_INSTALLED}{local_servers.NAMES[request.param]}")
    return str(request.param)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The folder for temporary files of a run; a server's own user can enter it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


def begin(code: str, *arguments: str, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_served(url: str) -> bool:
    with socket.socket() as end:
        return end.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_leaves_neither_server_nor_data(kind: str, how: signal.Signals, temporary: Path) -> None:
    with begin(f"{BEGIN}{ASK}sys.stdin.read()", kind, temporary=temporary) as run:
        assert run.stdout
        url = run.stdout.readline().strip()
        assert is_served(url) and any(temporary.iterdir())
        run.send_signal(how)
        run.wait()
    end = time.monotonic() + PATIENCE_S
    while any(temporary.iterdir()) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_served(url)
    assert not any(temporary.iterdir())


@pytest.mark.slow
def test_two_processes_that_need_a_server_at_once_share_it_until_the_run_ends(kind: str, temporary: Path) -> None:
    code = f"{BEGIN}import subprocess, sys\nask = [sys.executable, '-c', {ASK!r}, sys.argv[1]]\n"
    code += "both = [subprocess.Popen(ask, stdout=subprocess.PIPE, text=True) for _ in range(2)]\n"
    code += "for process in both: print(process.communicate()[0].strip(), flush=True)\n"
    code += "sys.stdin.read(); local_servers.end_run()"
    with begin(code, kind, temporary=temporary) as run:
        assert run.stdout and run.stdin
        urls = {run.stdout.readline().strip() for _ in range(2)}
        assert len(urls) == 1 and all(map(is_served, urls))
        run.stdin.close()
    assert not any(map(is_served, urls))


def test_without_servers_one_line_says_what_to_install(temporary: Path) -> None:
    code = "from tests import local_servers; local_servers.FOLDERS = dict.fromkeys(local_servers.FOLDERS, ())\n"
    code += "import pytest; pytest.main(['-p', 'no:cacheprovider', 'tests/models/tools/test_install.py'])"
    unset = {"CI", "BACKOFFICE_TEST_POSTGRES", "BACKOFFICE_TEST_MARIADB"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"PATH": "", "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    (line,) = [line for line in done.stdout.splitlines() if "install" in line]
    assert line == (
        "4 tests were skipped: PostgreSQL and MariaDB not installed (apt-get install postgresql mariadb-server)"
    )
    assert done.returncode == 0
