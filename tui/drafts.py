"""Forms that were not saved when the program was ended from outside: kept in files, each until it is offered again."""

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.identity import identity
from tui.settings import drafts_folder

if TYPE_CHECKING:
    from tui.screens.form_page import FormPage


@dataclass(frozen=True)
class Draft:
    """A form as it was typed, without its passwords; `values` is what its page made of it, and can read."""

    file: Path
    section: str
    id: int | None
    breadcrumb: str
    name: str
    time: datetime
    values: dict[str, Any]

    def drop(self) -> None:
        """Delete it: its form is on a page again, or is not wanted."""
        with suppress(OSError):
            self.file.unlink()


def keep(forms: Iterable["FormPage"]) -> int:
    """Write each form that is not saved to a file that only its owner can read; how many there were.

    Where that cannot be done there is nobody to tell, and the others are kept all the same.
    """
    count = 0
    for form in forms:
        with suppress(Exception):
            if form.unsaved:
                of_form = {"section": form.section, "id": form.record_id, "breadcrumb": form.breadcrumb}
                of_now = {"database": identity(), "time": datetime.now().isoformat(timespec="seconds")}
                _write(json.dumps({**of_form, **of_now, "values": form.draft()}, default=sorted))  # sets become lists
                count += 1
    return count


def kept() -> list[Draft]:
    """The drafts of the opened database, the oldest first; a file that is none of ours is left alone."""
    drafts = []
    for file in drafts_folder().glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(file.read_text(encoding="utf-8"))
            if found["database"] == identity():
                time = datetime.fromisoformat(found["time"])
                values = found["values"]
                drafts.append(
                    Draft(file, found["section"], found["id"], found["breadcrumb"], values["name"], time, values)
                )
    return sorted(drafts, key=lambda draft: (draft.time, draft.file))


def _write(text: str) -> None:
    """A new file, mode 0600, that is whole from the moment it has its name."""
    folder = drafts_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix="draft-", suffix=".part", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).rename(Path(name).with_suffix(".json"))
