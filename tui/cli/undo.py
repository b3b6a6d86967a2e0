"""`backoffice undo`: a recorded change is taken back, after a question."""

import argparse
from pathlib import Path

from models.changes import history, undo
from models.changes.history import Record
from tui.cli.change import Change, Question, run_change
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.state import history_folder
from tui.text import print_error
from tui.wording.consequences import undo_consequences
from tui.wording.questions import undo_question


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Undo a change; the exit code."""
    folder, _ = history_folder(settings)
    with opened(source, settings):
        return run_change(options, settings, source, lambda _: _change(options, folder))


def _change(options: argparse.Namespace, folder: Path) -> Change:
    record = history.find(folder, options.id) if options.id else history.find_last(folder)
    planned = undo.plan(record)
    said = [] if options.dry_run else [f"{planned.summary}."]  # which has it in its first line
    question = Question(
        asked=undo_question(record.summary, record.who),
        details=[*said, *undo_consequences(planned)],
        verb="Undo",
        destroys=planned.deleted,
    )
    return Change(
        about=f"undo {record.id}",
        what=planned.summary if planned.rows else "all is as it was before",
        make=(lambda: _undo(options, record)) if planned.rows else None,
        done=f"Undone: {record.summary}.",
        access=planned.access,
        question=question,
    )


def _undo(options: argparse.Namespace, record: Record) -> bool:
    lost = undo.undo(record)
    for line in [] if options.dry_run else lost or []:
        print_error(line)
    return lost is not None
