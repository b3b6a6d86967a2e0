"""Settings: a TOML file in the config folder, which the program never writes, and what it remembers by itself."""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path

from platformdirs import PlatformDirs

_FOLDERS = PlatformDirs("backoffice", appauthor=False)


@dataclass
class Settings:
    """What the config file says; `problems` names what in it was not understood, while the rest holds."""

    database: str = ""
    theme: str = ""
    me: str = ""
    password_cost: int = 12
    full_output: bool = False
    problems: list[str] = field(default_factory=list)


def config_file() -> Path:
    """Where the settings are read from."""
    return _FOLDERS.user_config_path / "config.toml"


def default_database() -> Path:
    """The embedded database that is opened without any setting."""
    return _FOLDERS.user_data_path / "backoffice.db"


def read_settings() -> Settings:
    """The settings; an unknown or wrong one is named in `problems`."""
    settings = Settings()
    path = config_file()
    if not path.exists():
        return settings
    import tomllib

    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (OSError, ValueError) as error:
        settings.problems.append(f"{path} cannot be read: {error}")
        return settings
    known = {item.name for item in fields(Settings)} - {"problems"}
    for name, value in table.items():
        if name not in known:
            settings.problems.append(f"{path}: “{name}” is not a setting")
        elif type(value) is not type(getattr(settings, name)):
            kind = {str: "a text", int: "a whole number", bool: "true or false"}[type(getattr(settings, name))]
            settings.problems.append(f"{path}: {name} must be {kind}")
        else:
            setattr(settings, name, value)
    return settings


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
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return


def _state_file() -> Path:
    return _FOLDERS.user_state_path / "state.json"
