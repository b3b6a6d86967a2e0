"""`backoffice edit`: a record as text in an editor, what it would change, and what becomes of mistakes."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal
from tests.conftest import Shop
from tests.tui.cli.conftest import Run

EDITOR = """
import json, os, signal, sys
steps, seen = sys.argv[1:3]
with open(steps) as file:
    old, new, *rest = json.load(file)
with open(steps, "w") as file:
    json.dump(rest, file)
with open(sys.argv[3]) as file:
    text = file.read()
with open(seen, "a") as file:
    print(text, file=file)
if "interrupt" in sys.argv:  # as ctrl+c does, which all programs of the terminal get
    os.kill(os.getppid(), signal.SIGINT)
with open(sys.argv[3], "w") as file:
    file.write(text.replace(old, new))
sys.exit(3 * new.startswith("fail"))
"""
"""Each time it is opened it replaces one text by another, and keeps what it was shown."""


class Editor:
    """An editor that does what it is told, and what it was shown each time."""

    def __init__(self, folder: Path) -> None:
        self.steps, self.seen, script = folder / "steps", folder / "seen", folder / "editor.py"
        script.write_text(EDITOR)
        self.command = shlex.join([sys.executable, str(script), str(self.steps), str(self.seen)])

    def will(self, *replacements: str) -> None:
        """Replace the first text by the second when it is opened first, and so on."""
        self.steps.write_text(json.dumps(replacements))
        self.seen.write_text("")

    @property
    def shown(self) -> list[str]:
        return [f"format{text}" for text in self.seen.read_text().split("format")[1:]]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    editor = Editor(tmp_path)
    monkeypatch.setenv("EDITOR", editor.command)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return editor


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Callable[[], list[Path]]]:
    """The texts that were not thrown away."""
    yield lambda: sorted(tmp_path.glob("backoffice-*.toml"))


Kept = Callable[[], list[Path]]


def test_a_role_is_edited_as_text(run: Run, people: Shop, editor: Editor, kept: Kept) -> None:
    editor.will("allow sales", "allow cms")
    said = run("edit", "role", "Editor", "--yes", "--reason", "ticket 12")
    assert (said.code, said.out) == (0, "") and "Editor" in said.err and not kept()
    assert editor.shown[0].startswith('format = 1\n\n[roles."Editor"]\nrules = [\n    "allow sales/*/*",\n')
    assert {*run("roles", "show", "Editor", "--json").json["rules"]} == {"allow cms/*/*", "deny sales/order/delete"}
    assert run("history", "--json").json[0]["reason"] == "ticket 12"


def test_a_group_is_edited_with_its_users_where_that_is_asked_for(run: Run, editor: Editor) -> None:
    editor.will("Editor", "Media")
    assert run("edit", "group", "Catalog", "--yes").code == 0
    assert "anna" not in editor.shown[0]
    editor.will("anna@", "tom@")
    assert run("edit", "group", "Catalog", "--members", "--yes", "--json").json["summary"] == "Catalog: group changed"
    found = run("groups", "show", "Catalog", "--json").json
    assert (found["roles"], found["users"]) == (["Media"], ["tom@shop.example"])


def test_nothing_typed_is_no_difference(run: Run, people: Shop, editor: Editor, kept: Kept) -> None:
    editor.will("Editor", "Editor")
    with people.untouched():
        said = run("edit", "role", "Editor")
    assert said.code == 0 and "no difference" in said.err and not kept()


def test_a_mistake_opens_the_text_again_with_the_reason_on_top(run: Run, people: Shop, editor: Editor) -> None:
    editor.will("allow sales", "alow sales", "alow", 'allow x/y/z", "allow', "x/y/z", "cms/page/list")
    with people.untouched():
        said = run("edit", "role", "Editor", "--dry-run")
    assert said.code == 0 and "  + allow cms/page/list" not in said.err
    first, second, *_ = editor.shown
    assert "#: " not in first.partition("rules")[0]
    text = editor.seen.read_text()
    assert '#: roles."Editor".rules: “alow sales/*/*” is not a rule' in text and '"alow sales/*/*"' in second
    said = run("edit", "role", "nobody", "--json")
    assert said.code == 2 and said.json["error"]["kind"] == "not_found"


def test_an_editor_that_makes_the_same_mistake_again_ends_it(
    run: Run, people: Shop, editor: Editor, kept: Kept
) -> None:
    editor.will("format", "xx", "format", "yy", "format", "zz")  # from the second time on in the reason alone
    with people.untouched():
        said = run("edit", "role", "Editor", "--yes")
    assert said.code == 2 and "format: must be 1" in said.err and len(kept()) == 1


def test_another_record_and_a_refusal_are_mistakes_too(run: Run, people: Shop, editor: Editor, kept: Kept) -> None:
    editor.will('"Editor"', '"Boss"', "x", "x")
    with people.untouched():
        said = run("edit", "role", "Editor", "--yes")
    assert said.code == 2 and 'roles."Boss": only one role is edited here' in said.err
    assert "only one role" in editor.seen.read_text() and '[roles."Boss"]' in kept()[0].read_text()
    editor.will("allow */*/*", "deny */*/*", "x", "x")
    with people.untouched():
        said = run("edit", "role", "root_role", "--yes", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "refused"
    assert "#: Refused: no active user could manage users any more" in editor.seen.read_text()
    assert len(kept()) == 2 and f"the text is kept in {kept()[0].parent}" in said.err


def test_what_a_colleague_changed_meanwhile_is_shown_on_top(
    run: Run, people: Shop, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.will("allow sales", "allow cms", "allow cms", "allow product")
    colleague = [sys.executable, "-m", "tui", "--database", people.location, "roles", "allow", "Editor", "x/y/z"]
    monkeypatch.setenv("EDITOR", f"sh -c '{shlex.join(colleague)}; {editor.command} \"$0\"'")
    said = run("edit", "role", "Editor", "--dry-run")
    assert said.code == 0 and "  - allow x/y/z" in said.out and "  + allow product/*/*" in said.out
    text = editor.seen.read_text()
    assert "#: Someone else changed this. As it is now:" in text and '#:     "allow x/y/z",' in text


def test_an_editor_that_fails_is_named_and_the_text_kept(
    run: Run, people: Shop, editor: Editor, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with people.untouched():
        editor.will("allow sales", "fail")
        said = run("edit", "role", "Editor", "--yes")
        assert said.code == 2 and "ended with 3" in said.err and str(kept()[0]) in said.err
        monkeypatch.setenv("VISUAL", "no-such-editor")
        said = run("edit", "role", "Editor", "--yes", "--json")
        assert said.code == 2 and "no-such-editor cannot be started" in said.err and not said.json["changed"]
    assert len(kept()) == 1, "of an editor that was never open nothing is left"


def test_an_editor_that_removes_the_text_changes_nothing(
    run: Run, people: Shop, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "rm")
    with people.untouched():
        said = run("edit", "role", "Editor", "--yes", "--json")
    assert said.code == 2 and not said.json["changed"]
    assert "the editor rm left no text; nothing was changed" in said.err and "kept" not in said.err


def test_ctrl_c_in_the_editor_is_the_editors_own(run: Run, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.will("allow sales", "allow cms")
    monkeypatch.setenv("EDITOR", f"sh -c 'exec {editor.command} \"$0\" interrupt'")
    assert run("edit", "role", "Editor", "--yes").code == 0
    assert "allow cms/*/*" in run("roles", "show", "Editor", "--json").json["rules"]


@pytest.mark.parametrize(("answer", "said"), [("n\r", "Nothing was changed."), ("\x03", "^C")])
def test_a_no_to_the_question_changes_nothing_and_keeps_the_text(
    people: Shop, editor: Editor, answer: str, said: str
) -> None:
    editor.will("allow sales", "allow cms")
    with (
        people.untouched(),
        Terminal([sys.executable, "-m", "tui", "--database", people.location, "edit", "role", "Editor"]) as terminal,
    ):
        terminal.wait_for("Change the role “Editor”?", "- allow sales/*/*", "+ allow cms/*/*", "Apply? (y/N)")
        terminal.press(answer)
        terminal.wait_for(said, "the text is kept in")
