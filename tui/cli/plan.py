"""`backoffice plan`: how the shop differs from a file, and who would gain or lose what; nothing is written."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from models.access.compute_impact import compute_impact
from models.access.gates import find_new_access, forbidden
from models.access.regions import Scope
from models.access.rules import parse_pattern
from models.changes import plan, shop_file
from models.changes.plan import Difference
from models.changes.shop_file import WrongFile
from models.text import plural
from tui.cli.change import WrongUsage, warn_of_unknown_pages
from tui.cli.output import as_json
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.text import print_error, shown

NOUNS = {"rules": "", "roles": "role ", "users": "user "}


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Print the differences, their effect, and what a gate forbids of it; the exit code.

    0: no difference, or the gates let them through; 1: differences, or what a gate forbids; 2: wrong usage or file.
    """
    never, excepted = ([*map(parse_pattern, paths)] for paths in (options.not_granted, options.excepted))
    if excepted and not options.no_new_access:
        raise WrongUsage("--except requires --no-new-access (see --help).")
    is_gated = bool(never or options.no_new_access)
    stopped: list[Scope] = []
    try:
        file = shop_file.read(Path(options.file))
        with opened(source, settings, read_only=True):
            planned = plan.make(file, prune=options.prune)
            warn_of_unknown_pages(settings, planned.access)
            impact = compute_impact(planned.access)
            if is_gated:
                new = find_new_access(planned.access, impact)
                stopped = forbidden(new, never=never, excepted=excepted if options.no_new_access else None)
    except WrongFile as wrong:
        return refuse(options, wrong)
    if options.json:
        differences = list(map(as_record, planned.differences))
        found = {"differences": differences, "effect": impact.lines, "hash": planned.hash}
        print(as_json(found | {"forbidden": list(map(str, stopped))}))
    elif planned.differences:
        for difference in planned.differences:
            print(*lines(difference), sep="\n")
        print("", shown(impact.summary), "", sep="\n")
        print(f"{plural(len(planned.differences), 'record')} would be changed; hash {planned.hash}")
    else:
        print("No difference.")
    for scope in stopped:
        print_error(f"forbidden: somebody could open {scope} then who cannot now")
    return 1 if (stopped if is_gated else planned.differences) else 0


def refuse(options: argparse.Namespace, wrong: WrongFile) -> int:
    """Say each mistake in the file with its place; the exit code."""
    if options.json:
        error = {"kind": "file", "message": str(wrong), "fields": wrong.problems}
        print(as_json({"changed": False, "id": None, "record": None, "error": error}))
    for place, problem in wrong.problems.items():
        print_error(f"{place}: {problem}")
    return 2


def as_record(difference: Difference) -> dict[str, object]:
    """A difference as programs read it."""
    return {
        "kind": difference.kind,
        "name": difference.name,
        "is_new": difference.is_new,
        "is_deleted": difference.is_deleted,
        "added": difference.added,
        "removed": difference.removed,
        "changed": {key: {"before": before, "after": after} for key, (before, after) in difference.changed.items()},
    }


def lines(difference: Difference) -> Iterator[str]:
    """A difference for eyes: the record, then a line for each part of it."""
    note = " (new)" * difference.is_new + " (deleted)" * difference.is_deleted
    yield shown(f"{difference.kind} {difference.name}{note}")
    for sign, parts in (("-", difference.removed), ("+", difference.added)):
        for key, names in parts.items():
            yield from (shown(f"  {sign} {NOUNS[key]}{name}") for name in names)
    for key, (before, after) in difference.changed.items():
        yield shown(f"  {key}: {_word(before)} → {_word(after)}")


def _word(value: object) -> str:
    words: dict[object, str] = {True: "yes", False: "no", None: "none"}
    return words.get(value, str(value))
