"""`backoffice apply`: the shop becomes what a file says, in one transaction, after a question."""

import argparse
from pathlib import Path

from models.changes import apply, plan, shop_file
from models.changes.prune import Absent
from models.changes.shop_file import ShopFile, WrongFile
from models.errors import Refused
from models.text import plural
from tui.cli.change import Change, Question, run_change
from tui.cli.plan import lines, refuse
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.text import were
from tui.wording.consequences import unassigned_picking_lists
from tui.wording.questions import cascade_warning, reference_warning


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Apply the file; the exit code."""
    try:
        file = shop_file.read(Path(options.file))
        with opened(source, settings):
            planned = plan.make(file, prune=options.prune)
            return run_change(options, settings, source, lambda _: _expected(options, file, planned))
    except WrongFile as wrong:
        return refuse(options, wrong)


def _expected(options: argparse.Namespace, file: ShopFile, planned: plan.Plan) -> Change:
    if options.expect not in (None, planned.hash):
        raise Refused(apply.OTHER_DIFFERENCES)
    return change_to(file, planned, options.file, prune=options.prune)


def change_to(file: ShopFile, planned: plan.Plan, name: str, *, prune: bool = False) -> Change:
    """The change of the shop to what a file says, which is called so."""
    count = len(planned.differences)
    kept = [difference for difference in planned.differences if not difference.is_deleted]
    question = Question(
        asked=f"Change {plural(len(kept), 'record')} to what {name} says?",
        details=[
            *(line for difference in kept for line in lines(difference)),
            *unassigned_picking_lists(planned.access.statuses),
        ],
        verb="Apply",
    )
    return Change(
        about=name,
        what=f"{plural(count, 'record')} changed" if count else "no difference",
        make=(lambda: apply.apply(file, planned.hash, prune=prune)) if count else None,
        done=f"{name} was applied: {were(count, 'record')} changed.",
        access=planned.access,
        question=question if kept else None,
        deletions=[_deletion(name, absent) for absent in planned.absent if absent.names],
    )


def _deletion(name: str, absent: Absent) -> Question:
    """Whether the groups or roles are to be deleted that the file does not name."""
    count = len(absent.names)
    return Question(
        asked=f"Delete {plural(count, absent.kind)} that {name} does not name?",
        details=[
            *(f"{absent.kind} {each} (deleted)" for each in sorted(absent.names.values())),
            *reference_warning(absent.references, count, absent.kind),
            *cascade_warning(absent.cascading),
        ],
        verb="Delete",
        destroys=absent.names,
    )
