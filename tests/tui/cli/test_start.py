"""What is loaded before the first page is on the screen: every module there makes each start slower."""

import gc
import os
import signal
import sys
from pathlib import Path

import pytest

from models.db.connection import close_database, open_database
from tests.benchmarks.terminal import Terminal
from tests.tui.conftest import Start

HEAVY = {
    *("bcrypt", "csv", "curses", "tomllib", "logging.config", "logging.handlers"),
    *("rich.traceback", "rich.markdown", "rich.syntax", "markdown_it", "pygments", "tree_sitter"),
    *("textual.widgets._markdown", "textual.widgets._footer", "textual.widgets._text_area"),
    *("pysqlite3", "psycopg2cffi", "psycopg2", "psycopg", "pymysql", "MySQLdb"),
    *("models.tools.demo", "models.tools.csv_import", "models.tools.findings", "models.roles", "models.users"),
    *("models.role_rules", "models.memberships", "models.user_status", "models.locales"),
    *(f"models.access.{name}" for name in ("admins", "decision", "explain", "grants", "impact", "last_admin")),
    *(f"models.access.{name}" for name in ("compute_impact", "regions", "rules", "sign_in", "verdicts")),
    "models.db.servers",
    *("models.previews", "models.changes.history", "models.changes.undo"),
    *("tui.key_table", "tui.palette", "tui.forms.form_page", "tui.dialogs.help", "tui.dialogs.question"),
    *("tui.dialogs.unlock", "tui.history.history", "tui.widgets.computed_list"),
    *("tui.forms.group", "tui.forms.role", "tui.lists.roles", "tui.forms.user", "tui.lists.users"),
    *("tui.widgets.field", "tui.widgets.pick_list", "tui.widgets.too_small"),
}
"""What the first page does not show; drivers of databases that it does not open."""

TELL = """
import os, signal, sys
def tell(*_):
    with open(sys.argv[2], "w") as file:
        print(*sys.modules, file=file)
    os._exit(0)
signal.signal(signal.SIGUSR1, tell)
from tui.cli.main import main
main(["--database", sys.argv[1]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_the_first_paint_nothing_is_loaded_that_the_page_does_not_show(tmp_path: Path) -> None:
    database, told, script = tmp_path / "shop.db", tmp_path / "told", tmp_path / "tell.py"
    open_database(str(database))
    close_database()
    script.write_text(TELL)
    for driver in ("pymysql", "psycopg"):  # installed, whether or not they are here
        (tmp_path / f"{driver}.py").write_text("")
    with Terminal([sys.executable, str(script), str(database), str(told)]) as terminal:
        terminal.wait_for("Administrators group")
        os.kill(terminal.process, signal.SIGUSR1)
        with pytest.raises(RuntimeError, match="the command ended"):
            terminal.wait_for("the end")
    loaded = set(told.read_text().split())
    assert "tui.lists.groups" in loaded
    assert HEAVY & loaded == set()


async def test_garbage_that_the_command_line_left_is_collected_again_once_the_page_is_there(start: Start) -> None:
    gc.disable()
    try:
        async with start():
            assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
