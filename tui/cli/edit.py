"""`backoffice edit`: a role or group as text in an editor, then what that would change, and a question."""

import argparse
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models import lookup
from models.changes import apply, plan, shop_file
from models.changes.plan import Plan
from models.changes.shop_file import ShopFile, WrongFile, place
from models.db.tables import group_label
from models.db.transactions import dry_run
from models.errors import Invalid, Refused, ShopError
from tui.cli.apply import change_to
from tui.cli.change import Change, require_write, run_change
from tui.cli.plan import refuse
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.text import print_error, shown
from tui.wording.questions import named
from tui.wording.success import groups_were, role_updated

CHANGED_MEANWHILE = "Someone else changed this. Nothing has been saved."

REASON = "#: "
"""What the lines on top of a text begin with that say why it was opened again."""


class EditorFailed(ShopError):
    """The editor could not be started, or ended with an error."""


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Edit a record until its text can be meant so, then ask and write it; the exit code.

    The file with the text stays where it was not written.
    """
    with opened(source, settings):
        try:
            if not options.dry_run:
                require_write(source)  # before anything is typed
            return _edit(options, settings, source)
        except ShopError as error:
            return _give_up(options, settings, source, error)


def _edit(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    id, _ = lookup.find_one(options.verb, options.name)
    base = _written(options, id)
    text = Text(base)
    change: Change | None = None
    error: ShopError | None = None
    try:
        while text.edit():
            now = _written(options, id)
            if now != base:
                base, error = now, Refused(CHANGED_MEANWHILE)
                text.open_again(["Someone else changed this. As it is now:", *now.splitlines()])
                continue
            try:
                change = _change(options, *_read(options, text, base))
                break
            except (WrongFile, Invalid, Refused) as wrong:
                error = wrong
                text.open_again(_reasons(wrong))
        if change:
            code = run_change(options, settings, source, lambda _: change)
        else:
            code = _give_up(options, settings, source, error)
    except BaseException:  # ctrl+c too
        text.end(is_needed=True)
        raise
    text.end(is_needed=code != 0 or options.dry_run)
    return code


class Text:
    """The text of a record in a file, as it was shown last and as it is now."""

    def __init__(self, text: str) -> None:
        handle, name = tempfile.mkstemp(prefix="backoffice-", suffix=".toml")
        os.close(handle)
        self.path = Path(name)
        self._written = self._shown = text.encode()

    @property
    def is_as_written(self) -> bool:
        """Whether nothing was typed at all, or what was typed is gone."""
        return not self.path.exists() or self.path.read_bytes() == self._written

    def edit(self) -> bool:
        """Open the editor; whether something was typed. Raises EditorFailed."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        self.path.write_bytes(self._shown)
        try:
            code = _call([*shlex.split(editor), str(self.path)])
        except (OSError, ValueError) as error:
            raise EditorFailed(f"the editor {editor} cannot be started ({error}); set EDITOR to another one") from None
        if code:
            raise EditorFailed(f"the editor {editor} ended with {code}; nothing was changed")
        try:
            return _without_reasons(self.path.read_bytes()) != _without_reasons(self._shown)
        except FileNotFoundError:
            raise EditorFailed(f"the editor {editor} left no text; nothing was changed") from None

    def open_again(self, reasons: Sequence[str]) -> None:
        """Put these lines on top of it, in place of those that are there, for the next time it is opened."""
        lines = [f"{REASON}{shown(line)}\n".encode() for line in reasons]
        self._shown = b"".join(lines) + _without_reasons(self.path.read_bytes())

    def end(self, *, is_needed: bool) -> None:
        """Remove the file, or say where what was typed is kept, where it is needed."""
        if is_needed and not self.is_as_written:
            print_error(f"the text is kept in {self.path}")
        else:
            self.path.unlink(missing_ok=True)


def _without_reasons(text: bytes) -> bytes:
    """A text without the lines that say why it was opened again."""
    lines = text.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(REASON.strip().encode()))


def _call(editor: Sequence[str]) -> int:
    """Run an editor; its exit code. Meanwhile ctrl+c is the editor's: in vi it is a key like any other."""
    process = subprocess.Popen(editor)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _written(options: argparse.Namespace, id: int) -> str:
    """The record as text, as it is now."""
    roles, groups = ([id], []) if options.verb == "role" else ([], [id])
    members = options.verb == "group" and options.members
    return "".join(f"{line}\n" for line in shop_file.export(roles, groups, members=members, with_users=False))


def _read(options: argparse.Namespace, text: Text, base: str) -> tuple[ShopFile, Plan]:
    """What was typed, and what that would change. Raises WrongFile, Invalid, Refused."""
    file, table = shop_file.read(text.path), f"{options.verb}s"
    known = shop_file.parse(base, "the shop")
    if not any((known.roles, known.groups)):
        raise Refused(f"Someone else deleted this {options.verb}.")
    for each in ("roles", "groups", "users"):
        for name in getattr(file, each):
            if each != table or name not in getattr(known, each):
                rename = f"backoffice {table} rename gives another name"
                raise WrongFile({place(each, name): f"only one {options.verb} is edited here; {rename}"})
    planned = plan.make(file)
    if planned.differences:
        dry_run(lambda: apply.apply(file))
    return file, planned


def _reasons(wrong: ShopError) -> list[str]:
    if isinstance(wrong, WrongFile):
        return [f"{where}: {problem}" for where, problem in wrong.problems.items()]
    return [str(wrong)]


def _give_up(options: argparse.Namespace, settings: Settings, source: Source, error: ShopError | None) -> int:
    """Say why nothing is changed, or that nothing differs; the exit code."""
    if isinstance(error, WrongFile):
        return refuse(options, error)

    def nothing(_: argparse.Namespace) -> Change:
        if error is not None:
            raise error
        return Change(about=options.name, what="no difference", make=None)

    return run_change(options, settings, source, nothing)


def _change(options: argparse.Namespace, file: ShopFile, planned: Plan) -> Change:
    change = change_to(file, planned, options.name)
    label = "".join([*file.roles, *map(group_label, file.groups)])
    done = role_updated(label) if options.verb == "role" else groups_were("updated", [label])
    question = change.question and replace(change.question, asked=f"Change {named([label], options.verb)}?")
    what = f"{options.verb} changed" if change.make else change.what
    return replace(change, about=label, what=what, done=done, question=question)
