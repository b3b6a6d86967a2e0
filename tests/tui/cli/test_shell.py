"""Commands in a real shell: those of README.md and its pages, completion, and what a start loads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.documents import block

COMMANDS = ".github/docs/commands.md"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: Shop, home: Path) -> Shop:
    """A shop that the shell's `backoffice` works on."""
    program = tmp_path / "bin" / "backoffice"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tui "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("BACKOFFICE_DATABASE", people.location)
    return people


def shell(script: str, program: str = "sh") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([program, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.slow
def test_the_first_commands_lead_from_a_role_to_a_user_who_may(path: Shop) -> None:
    for table in ("spy_acl_user_has_group", "spy_user", "spy_acl_groups_has_roles", "spy_acl_group"):
        path.sql(f"DELETE FROM {table}")
    *lines, who, verdict = block(COMMANDS, "commands").splitlines()
    for line in lines:
        done = shell(line)
        assert done.returncode == 0 and "success" in done.stderr, done
    assert shell(who).stdout == "anna@shop.example\n"
    assert shell(verdict).stdout.startswith("allowed  product-attribute-gui/attribute/list  Group “Catalog” allows it")


@pytest.fixture
def editor(path: Shop) -> Shop:
    """That shop, with a role Catalog editor in Catalog."""
    (role,) = path.roles("Catalog editor")
    path.rules(role, "allow product-attribute-gui/*/*", "deny product-attribute-gui/attribute/create")
    path.hold(2, role)
    return path


@pytest.mark.slow
def test_the_readmes_recipes_do_what_it_says(editor: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new-users.csv").write_text("new@shop.example,Nora,Neu,Catalog\n")
    add, deactivate, why, who, import_users = block("README.md", "recipes").splitlines()
    assert [shell(line).returncode for line in (add, deactivate)] == [0, 0]
    assert editor.sql("SELECT status FROM spy_user WHERE username = 'tom.ost@shop.example'") == [1]
    assert shell(why).stdout.startswith("denied   product-attribute-gui/attribute/create  Group “Catalog” denies it")
    assert shell(who).stdout == "ada@shop.example\nanna@shop.example\n"
    assert shell(import_users).returncode == 0
    assert editor.sql("SELECT count(*) FROM spy_user WHERE username = 'new@shop.example'") == [1]


@pytest.mark.slow
def test_a_role_in_a_file_passes_the_gate_or_not(editor: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    export, plan, apply = block(COMMANDS, "gate").splitlines()
    assert [shell(line).returncode for line in (export, plan, apply)] == [0, 0, 0]
    file = tmp_path / "catalog-editor.toml"
    file.write_text(file.read_text().replace("allow product-attribute-gui/*/*", "allow user/*/*"))
    with editor.untouched():
        assert shell(plan).returncode == 1
    file.write_text(file.read_text().replace("allow user/*/*", "allow cms-gui/*/*"))
    assert [shell(line).returncode for line in (plan, apply)] == [0, 0]
    assert "cms-gui" in editor.sql("SELECT bundle FROM spy_acl_rule")


def test_the_sample_of_a_file_is_applied(editor: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.toml").write_text(block(COMMANDS, "file"))
    assert [shell(f"backoffice {line} shop.toml").returncode for line in ("plan", "apply --yes", "plan")] == [1, 0, 0]


def completed(line: str) -> list[str]:
    """What bash would offer after the line."""
    ask = f'eval "$(backoffice completion bash)"\nCOMP_LINE={line!r} COMP_POINT={len(line)} COMP_TYPE=9\n'
    ask += "_python_argcomplete backoffice\nprintf '%s\\n' \"${COMPREPLY[@]}\""
    return [word.strip() for word in shell(ask, "bash").stdout.splitlines() if word.strip()]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_commands_options_and_names(path: Shop) -> None:
    path.groups("Two words")
    assert completed("backoffice gr") == ["groups"]
    assert completed("backoffice groups add-") == ["add-role", "add-user"]
    assert completed("backoffice users list --so") == ["--sort"]
    assert completed("backoffice groups show Cat") == ["Catalog"]
    assert completed("backoffice groups show Tw") == ["Two\\ words"]
    assert completed("backoffice groups add-user Catalog an") == ["anna@shop.example"]
    assert completed("backoffice completion z") == ["zsh"]


def test_a_database_that_does_not_answer_completes_no_name(path: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_DATABASE", "/none.db")
    assert completed("backoffice groups show Cat") == []


@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_understood_by_it(path: Shop, program: str) -> None:
    script = shell(f"backoffice completion {program}")
    assert script.returncode == 0 and "backoffice" in script.stdout and script.stderr == ""
    if shutil.which(program):
        assert subprocess.run([program, "-n"], input=script.stdout, text=True, capture_output=True).stderr == ""


LOADS = """
import sys
from tui.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOADS, *arguments], capture_output=True, text=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "line",
    [
        *("users list", "users show id:1", "groups add New --role Editor", "roles allow Media a/b/c", "findings"),
        *("access --who a/b/c", "groups delete Empty --yes", "users deactivate id:1 --dry-run", "databases", "check"),
        "export --members",
    ],
)
def test_no_command_loads_anything_of_textual(line: str, path: Shop) -> None:
    modules = loaded(*line.split())
    assert "tui.cli.main" in modules
    assert not {name for name in modules if name.split(".")[0] == "textual"}


def test_a_list_of_groups_loads_nothing_that_only_other_commands_need(path: Shop) -> None:
    needless = {"models.access.impact", "models.access.decision", "models.users", "models.roles", "tui.cli.change"}
    needless |= {"models.records", "argcomplete", "csv", "bcrypt", "difflib", "psycopg", "pymysql", "tui.app"}
    assert needless & loaded("groups", "list") == set()
