"""Which database is opened, and with which password."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from models.errors import Unavailable
from models.whole_file import read_text
from tui.config import MAX_BYTES, Settings, Source, config_file
from tui.folders import FOLDERS

_PIPE_TIMEOUT_S = 10
"""Seconds to wait for a password from another program's pipe, as a shell's `<(...)` is."""


def default_database() -> Path:
    """The embedded database that is opened without any setting."""
    return FOLDERS.user_data_path / "backoffice.db"


def find_database(
    option: str | None, settings: Settings, password_file: str | None = None, *, read_only: bool = False
) -> Source:
    """Which database to open: that of the option, else of the variable, else of the setting, by its name or location.

    Without any of them the one that the shop's own shell names (SPRYKER_DB_*), else the embedded one. Raises
    Unavailable where a password file cannot be read, or what the settings say of that name is wrong.
    """
    name = option if option is not None else os.environ.get("BACKOFFICE_DATABASE") or settings.database
    if option is None and not name:
        source = spryker_database(os.environ) or Source(str(default_database()))
    else:
        named = settings.databases.get(name)
        if named is None and _is_word(name) and not _exists(name):
            if settings.unreadable:
                raise Unavailable(f"{name}: no such file, and {config_file()} {settings.problems[0]}")
            if settings.databases:
                known = ", ".join(settings.databases)
                raise Unavailable(f"{name}: no such file, and no such database in the settings ({known})")
        source = named or Source(name)
    if source.problem:
        raise Unavailable(f"{config_file()}: {source.problem}")
    if file := password_file or source.password_file:
        source = replace(source, password=_read_password(file))
    mark = settings.history.ask_reason.casefold()
    source = replace(source, asks_reason=bool(mark) and source.mark.casefold() == mark)
    return with_settings(source, settings, read_only=read_only)


def with_settings(source: Source, settings: Settings, *, read_only: bool = False) -> Source:
    """A database with what holds for it: the option wins over its own settings, these win over those for all."""
    own = settings.read_only if source.read_only is None else source.read_only
    minutes = source.unlock_minutes or settings.unlock_minutes
    return replace(source, read_only=read_only or own, unlock_minutes=minutes)


def _is_word(name: str) -> bool:
    """Whether it looks like a name rather than like a file or a URL: nothing is created for a mistyped name."""
    return name.replace("-", "").replace("_", "").isalnum()


def _exists(name: str) -> bool:
    """Whether there is a file of this name; false too where the system cannot tell, as of one that is too long."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def spryker_database(environment: Mapping[str, str]) -> Source | None:
    """The database that the variables of the shop's own shell name; None where they name none."""
    engine = {"mysql": "mysql", "pgsql": "postgres"}.get(environment.get("SPRYKER_DB_ENGINE", "").lower())
    database, host = environment.get("SPRYKER_DB_DATABASE"), environment.get("SPRYKER_DB_HOST") or "localhost"
    if engine is None or not database:
        return None
    user, port = environment.get("SPRYKER_DB_USERNAME"), environment.get("SPRYKER_DB_PORT")
    at = (f"{quote(user, safe='')}@" if user else "") + host + (f":{port}" if port else "")
    return Source(f"{engine}://{at}/{quote(database, safe='')}", password=environment.get("SPRYKER_DB_PASSWORD"))


def _read_password(file: str) -> str:
    try:
        text = read_text(Path(file).expanduser(), MAX_BYTES, pipe_timeout_s=_PIPE_TIMEOUT_S)
    except (OSError, ValueError, RuntimeError) as error:
        raise Unavailable(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not text:
        raise Unavailable(f"{file}: is empty (the first line must be the password)")
    return text.partition("\n")[0].removesuffix("\r")
