"""`backoffice check`: what a database is, and whether the program can work on it, as a table or in JSON."""

import argparse
import json
from dataclasses import asdict

from models.errors import Unavailable
from models.text import plural
from models.tools import check as checking
from tui.cli.session import make_journal
from tui.config import Settings, Source
from tui.text import shown


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Print what is found; the exit code: 0 the program can work, 1 it cannot, and why."""
    try:
        found = checking.check(source.location, read_only=bool(source.read_only), password=source.password)
    except Unavailable as error:
        if not options.json:
            raise
        found = [checking.CheckLine("database", str(error), ok=False)]
    if source.is_locked:
        unlocked = f"W unlocks it for {plural(source.unlock_minutes, 'minute')}; commands need --write and --reason"
        found.append(checking.CheckLine("locked", unlocked))
    found.append(_find_history(settings))
    if options.json:
        print(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        width = max(len(finding.what) for finding in found)
        for finding in found:
            print(shown(f"{'  ' if finding.ok else '! '}{finding.what.ljust(width)}  {finding.found}"))
        wrong = sum(not finding.ok for finding in found)
        print(
            "OK: this database can be used." if not wrong else f"This database cannot be used: see the {wrong} marked !"
        )
    return 0 if all(finding.ok for finding in found) else 1


def _find_history(settings: Settings) -> checking.CheckLine:
    """Where changes are recorded, and whether they can be."""
    journal = make_journal(settings)
    if problem := journal.check():
        refused = "; every change is refused" if journal.is_required else "; changes are made all the same"
        return checking.CheckLine("history", f"cannot be written: {problem}{refused}", ok=not journal.is_required)
    return checking.CheckLine("history", f"{journal.folder} can be written")
