"""The recipe of security.md for people who have nothing but this program: its script, settings and rights, as they are.

Beside it stands a user of the database who has the rights of that page alone; what these are enough for in all, and
that none is given for nothing, is in tests/models/db/test_fewest_rights.py.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.changes import history
from tests import servers
from tests.conftest import Shop
from tests.documents import block
from tests.models.db.test_fewest_rights import PAGE, granted, only
from tests.tui.terminal.tmux import Terminal, needs_tmux

pytestmark = [needs_tmux, pytest.mark.slow]
PASSWORD = "Change-me-123"


@pytest.fixture(params=servers.KINDS)
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(servers.reset(request.param), request.param)


@pytest.fixture
def script(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """The script, with the program, the settings, the password and the history in the folder of this test."""
    program, etc, log = tmp_path / "program", tmp_path / "etc", tmp_path / "log"
    for folder in (etc / "backoffice", log):
        folder.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\ncd {os.getcwd()} && exec {sys.executable} -m tui "$@"\n')
    script = tmp_path / "backoffice-only"
    text = block(PAGE, "only").replace("XDG_CONFIG_HOME=/etc", f"XDG_CONFIG_HOME={etc}")
    script.write_text(text.replace("/usr/local/bin/backoffice", str(program)))
    program.chmod(0o755)
    script.chmod(0o755)
    with only(shop, granted(shop.kind)) as url:
        password = url.partition("@")[0].rpartition(":")[2]
        settings = block(PAGE, "only-settings").replace("/etc/backoffice", str(etc / "backoffice"))
        settings = re.sub(r'url = ".*"', f'url = "{url.replace(f":{password}@", "@")}"', settings)
        (etc / "backoffice" / "config.toml").write_text(settings.replace("/var/log/backoffice", str(log)))
        (etc / "backoffice" / "password").write_text(f"{password}\n")
        yield script


def test_the_main_flow_runs_with_these_rights_and_no_others_and_is_recorded(
    terminal: Terminal, script: Path, shop: Shop, tmp_path: Path
) -> None:
    mine = ("BACKOFFICE_DATABASE=mine.db", f"BACKOFFICE_HISTORY={tmp_path}", f"XDG_CONFIG_HOME={tmp_path}")
    terminal.run("env", f"HOME={tmp_path}", "SSH_ORIGINAL_COMMAND=sh", *mine, str(script))
    terminal.see("Users / User Groups", "PRODUCTION", "[locked]", "Administrators group")
    terminal.press("d")
    terminal.see("Delete: locked: W unlocks")
    terminal.press("W")
    terminal.see("Allow changes to production for 15 minutes?")
    terminal.press("type:production", "Enter", "type:ticket 12", "Enter")
    terminal.see(" until ")  # the name of the database leaves no room for "changes allowed"
    terminal.press("n")
    terminal.see("Title", "[ ] root_role")
    terminal.press("type:Night shift", "Tab", "Space", "C-s")
    terminal.see("Group was created successfully.", "none yet")
    terminal.press("Escape")
    terminal.see("> Night shift")
    terminal.press("1")
    terminal.see("No users yet")
    terminal.press("n")
    terminal.see("E-mail", "Night shift")
    for text in ("anna@shop.example", PASSWORD, PASSWORD, "Anna", "Berg", "Night"):
        terminal.press(f"type:{text}", "Tab" if text != "Night" else "Enter")
    terminal.see("[x] Night shift")
    terminal.press("C-s")
    terminal.see("User was created successfully.")
    terminal.press("2", "Enter")
    terminal.see("Edit Group", "anna@shop.example")
    assert shop.sql("SELECT username FROM spy_user") == ["anna@shop.example"]
    records = list(history.records(tmp_path / "log"))
    kinds = [record.intent["change"] for record in records]
    assert (kinds, records[-1].intent["reason"]) == (["users.create", "groups.create", "database.unlock"], "ticket 12")


def test_the_palette_opens_nothing_else_and_no_shell_is_found(terminal: Terminal, script: Path, tmp_path: Path) -> None:
    terminal.run("env", f"HOME={tmp_path}", str(script))
    terminal.see("PRODUCTION", "Administrators group")
    terminal.press("C-p", "type:Start again")
    terminal.see("No matches found")
    terminal.press("Escape")
    terminal.see("n Create")
    terminal.press("q")
    terminal.see("exit:0")


def test_without_a_terminal_nothing_is_done(script: Path, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "TERM": "xterm", "SSH_ORIGINAL_COMMAND": "scp -f /etc/passwd"}
    done = subprocess.run([script], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "backoffice: this program needs a terminal; its input and output cannot be piped.\n"
