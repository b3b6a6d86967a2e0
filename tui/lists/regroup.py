"""Users of a list added to groups, or removed from groups: asked for with a picker, and each a single change."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from models import groups, memberships
from models.access.impact import AccessChange, merchants_note
from models.db.change import Note
from models.errors import GROUP_NOT_FOUND, NotFound, Refused
from models.text import plural
from models.users import UserRow
from tui.dialogs.pick import Pick
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.lists.editable_list import EditableListPage
from tui.text import counted, with_name
from tui.wording.questions import last_group_warning, named
from tui.workers import run_busy

T = TypeVar("T")


async def add_to_groups(page: EditableListPage[UserRow]) -> str | None:
    """Add the target users to groups; a message, None if it was cancelled."""
    rows = await run_busy(page.target_rows())
    ids = [row.id for row in rows]

    def change(group_ids: Sequence[int]) -> AccessChange:
        return AccessChange(joining=dict.fromkeys(group_ids, ids))

    picker = Pick.groups(f"Add {named(page.labels(rows).values(), 'user')} to groups", "Add", change)
    selected = await page.app.push_screen_wait(picker)
    if not selected:
        return None
    group_ids = [*selected]
    note = None
    if len(rows) > 1:
        asked = f"Add {named(page.labels(rows).values(), 'user')} to {_in_question(selected)}?"
        question = Question(asked, yes="Add", change=change(group_ids))
        if not await page.app.push_screen_wait(question):
            return None
        note = question.note
    merchants, added = await _write(
        page, lambda: (memberships.count_merchants(ids), memberships.add(ids, group_ids)), note, _in_message(selected)
    )
    message = _message(rows, added, selected, "added to", "already in")
    return f"{message} {merchants_note(merchants)}." if merchants else message


async def remove_from_groups(page: EditableListPage[UserRow]) -> str | None:
    """Remove the target users from groups; a message, None if it was cancelled."""
    rows = await run_busy(page.target_rows())
    ids = [row.id for row in rows]

    def change(group_ids: Sequence[int]) -> AccessChange:
        return AccessChange(leaving=dict.fromkeys(group_ids, ids))

    offered = await run_busy(lambda: groups.of_users(ids))
    picker = Pick.groups(f"Remove {named(page.labels(rows).values(), 'user')} from groups", "Remove", change, offered)
    selected = await page.app.push_screen_wait(picker)
    if not selected:
        return None
    group_ids = [*selected]
    members, last = await run_busy(lambda: memberships.find_leavers(ids, group_ids))
    rows = [row for row in rows if row.id in members]
    if not rows:
        raise Refused("None of them is in a selected group.")
    ids, note = [row.id for row in rows], None
    if len(rows) > 1 or last:
        await run_busy(lambda: memberships.check_remove(ids, group_ids))
        question = Question(
            f"Remove {named(page.labels(rows).values(), 'user')} from {_in_question(selected)}?",
            *last_group_warning(len(rows), last),
            yes="Remove",
            destroys=page.labels(rows),
            change=change(group_ids),
        )
        if not await page.app.push_screen_wait(question):
            return None
        note = question.note
    removed = await _write(page, lambda: memberships.remove(ids, group_ids), note, _in_message(selected))
    return _message(rows, removed, selected, "removed from", "not in")


async def _write(page: EditableListPage[UserRow], write: Callable[[], T], note: Note | None, of_groups: str) -> T:
    try:
        return await make_change(page.app, write, note)
    except NotFound as error:
        raise NotFound(with_name(str(error), of_groups)) if str(error) == GROUP_NOT_FOUND else error from None


def _in_message(selected: Mapping[int, str]) -> str:
    """One group by its name, several by how many."""
    return f"“{''.join(selected.values())}”" if len(selected) == 1 else plural(len(selected), "group")


def _in_question(selected: Mapping[int, str]) -> str:
    return f"the group {_in_message(selected)}" if len(selected) == 1 else _in_message(selected)


def _message(rows: Sequence[UserRow], changed: int, selected: Mapping[int, str], done: str, otherwise: str) -> str:
    """What became of the users."""
    of_groups, them = _in_message(selected), "it" if len(selected) == 1 else "all of them"
    emails = [row.email for row in rows]
    return counted(emails, changed, f"{done} {of_groups}", f"{otherwise} {them if len(emails) > 1 else of_groups}")
