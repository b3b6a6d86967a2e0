"""What the program keeps by itself, in the state folder: what it remembers, drafts and the history."""

import json
import os
from pathlib import Path

from tui.config import Settings
from tui.folders import FOLDERS


def remembered(name: str) -> str:
    """What the program remembered under this name, empty where nothing."""
    try:
        value = json.loads(_state_file().read_text(encoding="utf-8"))[name]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) else ""


def remember(name: str, value: str) -> None:
    """Remember a value for the next start; a folder that cannot be written is no reason to stop."""
    path = _state_file()
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    known[name] = value
    try:
        make_private(path.parent)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return


def make_private(folder: Path) -> None:
    """Make a folder in the state folder, or the state folder itself, that only its owner can look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for one in (folder, *folder.parents):
        if FOLDERS.user_state_path in (one, *one.parents) and one.stat().st_mode & 0o077:
            one.chmod(0o700)


def drafts_folder() -> Path:
    """Where forms are kept that were not saved when the program was ended from outside."""
    return FOLDERS.user_state_path / "drafts"


def _state_file() -> Path:
    return FOLDERS.user_state_path / "state.json"


def history_folder(settings: Settings) -> tuple[Path, bool]:
    """Where changes are recorded, and whether that is a folder of this program's own: one that is named is not."""
    if named := os.environ.get("BACKOFFICE_HISTORY") or settings.history.folder:
        return Path(os.path.expanduser(named)).absolute(), False
    return FOLDERS.user_state_path / "history", True
