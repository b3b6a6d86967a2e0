"""The journal: each change to a shop as lines of JSON in files, its intent before the commit, its outcome after it.

`models.changes.history` reads it.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.changes.actor import current_actor
from models.changes.chained_files import ChainedFiles
from models.changes.summary import summarize
from models.changes.syslog import send
from models.db.change import Change, Outcome
from models.db.failures import reason
from models.db.opened import opened
from models.errors import Refused

APPEND_TIMEOUT_S = 2.0
"""Seconds after which a record counts as not written: the shop is locked meanwhile."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32, in which ids sort by time: see https://github.com/ulid/spec."""


class Journal:
    """Records changes in a folder; what cannot be recorded is made all the same, unless a record is required."""

    def __init__(
        self, folder: Path, *, is_own: bool = True, is_required: bool = False, uses_syslog: bool = False
    ) -> None:
        """Without `is_own` the folder is never created: see `ChainedFiles`."""
        self.folder, self.is_required = folder, is_required
        self.problem = ""
        """Why the last record was not written; empty where it was."""
        self._uses_syslog = uses_syslog
        self._warning = self._said = ""
        self._actor = current_actor()
        self._files = ChainedFiles(folder, self._actor.file_name, is_own=is_own)

    def intend(self, change: Change) -> str | None:
        """Record a change before its commit; the id of its record, None where it cannot be recorded.

        Raises Refused where it has to be.
        """
        from models.changes.command import find_command  # the first page is opened without it

        now, shop = datetime.now(UTC), opened()
        id, summary = _new_id(now), summarize(change)
        by = asdict(self._actor)
        by |= {"me": shop.settings.current_user_email or None, "database_user": shop.database.signed_in_as or None}
        entry = {
            "kind": "intent",
            "id": id,
            "at": now.isoformat(timespec="milliseconds"),
            "by": by,
            "database": shop.dialect.identity(),
            "change": change.kind,
            "summary": summary,
            "reason": change.note.reason,
            "ops": [_op(row.table, row.id, row.name, row.before, row.after) for row in change.rows],
            "effect": change.note.effect,
            "command": find_command(change),
            "undoes": change.note.undoes,
        }
        if self._append(entry, now, f"intent {id} {self._actor.login}: {summary[:500]}"):
            return id
        if self.is_required:
            raise Refused(f"The change cannot be recorded: {self.problem}. Nothing was changed.")
        return None

    def conclude(self, id: str, outcome: Outcome) -> None:
        """Record how a change ended."""
        now = datetime.now(UTC)
        entry = {"kind": "outcome", "of": id, "at": now.isoformat(timespec="milliseconds"), "outcome": outcome}
        self._append(entry, now, f"outcome {id} {outcome}")

    def check(self) -> str:
        """Set `problem`: why the journal cannot be written, empty where it can; nothing is written."""
        self.problem = self._try(self._files.check)
        return self.problem

    def take_warning(self) -> str:
        """Why syslog was not reached, when that is to be said: once until it is reached again."""
        is_new = self._warning != self._said
        self._said = self._warning
        return self._warning if is_new else ""

    def _append(self, entry: Mapping[str, Any], now: datetime, told: str) -> bool:
        """Whether the entry was written; syslog is told then."""
        hashes: list[str] = []
        self.problem = self._try(lambda: hashes.append(self._files.append(entry, f"{now:%Y-%m}", APPEND_TIMEOUT_S)))
        if self._uses_syslog and hashes:
            self._warning = send(f"{told} {hashes[0]}")
        return not self.problem

    def _try(self, act: Callable[[], object]) -> str:
        """Why an act on the files failed, empty where it did not; it may hang, as on a network that went away."""
        problems = [f"{self.folder}: it takes longer than {APPEND_TIMEOUT_S:g} seconds"]

        def run() -> None:
            try:
                act()
                problems.append("")
            except OSError as error:
                problems.append(f"{self.folder}: {reason(error)}")
            except Exception as error:  # without what was to be written
                problems.append(f"internal error ({type(error).__name__})")

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(APPEND_TIMEOUT_S)
        return problems[-1]


def _new_id(time: datetime) -> str:
    """26 characters that sort by time."""
    number = int(time.timestamp() * 1000) << 80 | secrets.randbits(80)
    return "".join(_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))


def _op(table: str, id: Any, name: Any, before: Any, after: Any) -> dict[str, Any]:
    return {"table": table, "id": id, "name": name, "before": before, "after": after}
