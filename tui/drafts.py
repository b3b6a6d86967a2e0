"""Drafts: unsaved forms of a program that was ended from outside, each in a file until it is offered again."""

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from models.db.opened import opened
from tui.shape import Shape, fits, is_id, is_one_of, is_text
from tui.state import drafts_folder, make_private

_MAX_FILE_BYTES = 4 * 1024 * 1024
"""No form of ours makes a larger file."""
_MAX_NAME = 255
_SHAPE: Shape = {
    "database": str,
    "section": is_one_of("users", "groups", "roles"),
    "id": (None, is_id),
    "breadcrumb": is_text,
    "time": str,
    "values": {"name": is_text},
}


class Form(Protocol):
    """A form that can be saved as a draft."""

    section: str
    record_id: int | None
    breadcrumb: str

    @property
    def unsaved(self) -> bool:
        """Whether it has changes that closing it now would lose."""

    def draft(self) -> dict[str, Any]:
        """Its baseline and its form values, as plain values for a file: a `name` for people, and never a password."""


@dataclass(frozen=True)
class Draft:
    """An unsaved form, without its passwords; `values` is what `Form.draft` gave, for the same page to read."""

    file: Path
    section: str
    id: int | None
    breadcrumb: str
    name: str
    time: datetime
    values: dict[str, Any]

    def drop(self) -> None:
        """Delete the file: its form is on a page again, or is not wanted."""
        with suppress(OSError):
            self.file.unlink()


def save(forms: Iterable[Form]) -> int:
    """Write each unsaved form to a file that only its owner can read; how many were written.

    A form that cannot be written is passed over: there is nobody to tell, and the others are saved all the same.
    """
    count = 0
    for form in forms:
        with suppress(Exception):
            if form.unsaved:
                of_form = {"section": form.section, "id": form.record_id, "breadcrumb": form.breadcrumb}
                of_now = {"database": opened().dialect.identity(), "time": datetime.now().isoformat(timespec="seconds")}
                _write(json.dumps({**of_form, **of_now, "values": form.draft()}, default=sorted))  # sets become lists
                count += 1
    return count


def load() -> tuple[list[Draft], int]:
    """The drafts of the opened database, the oldest first, and how many files cannot be read as a draft of any."""
    drafts, unreadable = [], 0
    for file in drafts_folder().glob("*.json"):
        try:
            draft = _read(file)
        except (OSError, ValueError, RecursionError):
            unreadable += 1
        else:
            drafts += [draft] if draft else []
    return sorted(drafts, key=lambda draft: (draft.time, draft.file)), unreadable


def _read(file: Path) -> Draft | None:
    """The draft in a file, None where it is another database's; ValueError where it is none."""
    if not file.is_file() or file.stat().st_size > _MAX_FILE_BYTES:  # a pipe would be waited for
        raise ValueError
    found = json.loads(file.read_text(encoding="utf-8"))
    if not fits(found, _SHAPE):
        raise ValueError
    time, values = datetime.fromisoformat(found["time"]).replace(tzinfo=None), found["values"]
    if found["database"] != opened().dialect.identity():
        return None
    name = values["name"][:_MAX_NAME]
    return Draft(file, found["section"], found["id"], found["breadcrumb"], name, time, values)


def _write(text: str) -> None:
    """A new file, mode 0600, that is whole from the moment it has its name."""
    folder = drafts_folder()
    make_private(folder)
    handle, name = tempfile.mkstemp(prefix="draft-", suffix=".part", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).rename(Path(name).with_suffix(".json"))
