"""`backoffice apply`: the shop becomes what a file says, in one transaction, after a question."""

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from models import user_status
from models.changes import apply, plan, shop_file
from models.changes.shop_file import WrongFile
from models.db.tables import Status
from models.errors import Refused
from models.text import plural
from tui.cli.change import Change, Question, run_change
from tui.cli.plan import lines, refuse
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.text import were
from tui.wording.questions import picking_list_warning


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Apply the file; the exit code."""
    try:
        file = shop_file.read(Path(options.file))
        with opened(source, settings):
            planned = plan.make(file)
            return run_change(options, source, lambda _: _change(options, file, planned))
    except WrongFile as wrong:
        return refuse(options, wrong)


def _change(options: argparse.Namespace, file: shop_file.ShopFile, planned: plan.Plan) -> Change:
    count = len(planned.differences)
    if options.expect not in (None, planned.hash):
        raise Refused(apply.OTHER_DIFFERENCES)
    question = Question(
        asked=f"Change {plural(count, 'record')} to what {options.file} says?",
        details=[
            *(line for difference in planned.differences for line in lines(difference)),
            *_unassigned(planned.access.statuses),
        ],
        verb="Apply",
    )
    return Change(
        about=options.file,
        what=f"{plural(count, 'record')} changed" if count else "no difference",
        make=(lambda: apply.apply(file, planned.hash)) if count else None,
        done=f"{options.file} was applied: {were(count, 'record')} changed.",
        access=planned.access,
        question=question,
    )


def _unassigned(statuses: Mapping[int, Status]) -> list[str]:
    """What becomes of the picking lists of the users who get these statuses."""
    lists: Counter[str] = Counter()
    for status in {*statuses.values()}:
        lists.update(user_status.picking_lists([id for id, wanted in statuses.items() if wanted is status], status))
    return picking_list_warning(dict(lists.most_common()))
