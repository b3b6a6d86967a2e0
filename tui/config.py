"""Settings: a TOML file in the config folder, which the program never writes."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from models.errors import Invalid
from models.whole_file import read_text
from tui.folders import FOLDERS

if TYPE_CHECKING:
    from models.db.opened import ShopSettings


UNTIL_UNLOCKED: Final = "until_unlocked"
MAX_UNLOCK_MINUTES = 24 * 60

ReadOnly = bool | Literal["until_unlocked"]
"""Whether a database refuses every change, or does until somebody unlocks it for some minutes."""

MAX_BYTES = 100_000
"""Of a config file or a password file: a larger one is another file."""


@dataclass(frozen=True)
class Source:
    """A database to open: its file or URL; `mark` is what stands beside its name on every page."""

    location: str
    mark: str = ""
    name: str = ""
    """What the settings call it; empty where it is no named one."""
    read_only: ReadOnly | None = None
    """None, like the next two where they are empty, where the settings for all databases hold."""
    unlock_minutes: int = 0
    theme: str = ""
    password: str | None = field(default=None, repr=False)
    """In place of the one in a URL."""
    password_file: str = ""
    """A file whose first line is that password."""
    problem: str = ""
    """Why it cannot be opened: what is wrong in the settings."""
    asks_reason: bool = False
    """Whether a change needs a reason."""

    @property
    def is_locked(self) -> bool:
        """Whether it is read-only until it is unlocked."""
        return self.read_only == UNTIL_UNLOCKED

    @property
    def is_production(self) -> bool:
        """Whether it is one on which nothing is destroyed by one key."""
        return self.mark.casefold() == "production"


SAMPLE = Source("")
"""The sample shop, which is no database of anybody's."""


@dataclass(frozen=True)
class HistorySettings:
    """How changes are recorded."""

    folder: str = ""
    """One that several admins share; empty for one of one's own."""
    required: bool = False
    """Whether what cannot be recorded is refused."""
    syslog: bool = False
    """Whether the system's log gets the hashes too."""
    ask_reason: str = ""
    """The mark of the databases whose changes need a reason."""


@dataclass
class Settings:
    """What the config file says; `problems` names what in it was not understood, while the rest holds."""

    database: str = ""
    theme: str = ""
    me: str = ""
    read_only: ReadOnly = False
    unlock_minutes: int = 15
    password_cost: int = 12
    time_zone: str = "UTC"
    databases: dict[str, Source] = field(default_factory=dict)
    history: HistorySettings = field(default_factory=HistorySettings)
    ascii: bool = False
    key_set: str = "vim"
    keys: dict[str, str] = field(default_factory=dict)
    default_rules: object = None
    whitelist_rules: object = None
    warehouse_users_sign_in: bool = False
    full_output: bool = False
    languages: list[str] = field(default_factory=list)
    shop_root: str = ""
    problems: list[str] = field(default_factory=list)
    unreadable: bool = False
    """Whether none of it could be read."""


def config_file() -> Path:
    """Where the settings are read from."""
    return FOLDERS.user_config_path / "config.toml"


def read_settings() -> Settings:
    """The settings; an unknown or wrong one is named in `problems`."""
    settings = Settings()
    try:
        text = read_text(config_file(), MAX_BYTES)
        from models.toml import TOO_DEEP, load_toml

        _apply(load_toml(text), settings)
    except (FileNotFoundError, NotADirectoryError):
        return settings
    except RecursionError:  # the table of keys, which may be nested
        settings = Settings(problems=[f"cannot be read: {TOO_DEEP}"], unreadable=True)
    except (OSError, ValueError) as error:
        settings.problems.append(f"cannot be read: {getattr(error, 'strerror', None) or error}")
        settings.unreadable = True
    return settings


def _apply(table: dict[str, Any], settings: Settings) -> None:
    """Set what the table says; what is unknown or wrong in it goes to `problems`."""
    known = {item.name for item in fields(Settings)} - {"problems", "unreadable"}
    for name, value in table.items():
        default = getattr(settings, name) if name in known else None
        if name not in known:
            what = f"unknown table [{name}]" if isinstance(value, dict) else f"unknown setting “{name}”"
            settings.problems.append(what)
        elif name == "history" and isinstance(value, dict):
            settings.history = _parse_history(value, settings.problems)
        elif default is not None and (problem := _problem(name, value, type(default))):
            settings.problems.append(f"{name} {problem}")
            if name == "read_only":  # rather too careful than not at all
                settings.read_only = True
        elif name == "languages" and not (value and all(isinstance(language, str) for language in value)):
            settings.problems.append(f"{name} must be {_KINDS[list]}")
        elif name == "keys":
            settings.keys = _parse_keys(value, settings.problems)
        elif name == "databases":
            settings.databases = _parse_databases(value, settings.problems)
        else:
            setattr(settings, name, value)


def shop_settings(settings: Settings) -> "tuple[ShopSettings, dict[str, str]]":
    """Those of the settings that models need, and what is wrong with them, by their names.

    A wrong one counts as not set; rules do all together.
    """
    from models.db.opened import ShopSettings, find_zone
    from models.passwords import HIGHEST_COST, LOWEST_COST

    problems: dict[str, str] = {}
    chosen = ShopSettings(current_user_email=settings.me, password_cost=settings.password_cost)
    if not LOWEST_COST <= settings.password_cost <= HIGHEST_COST:
        bounds = f"from {LOWEST_COST} to {HIGHEST_COST}"
        problems["password_cost"] = f"password_cost must be {bounds}; the nearest is used"
    if settings.languages:
        chosen = replace(chosen, languages=tuple(settings.languages))
    try:
        chosen = replace(chosen, zone=find_zone(settings.time_zone))
    except Invalid as invalid:
        problems |= invalid.fields
    rules: dict[str, Any] = {name: rule for name in RULE_SETTINGS if (rule := getattr(settings, name)) is not None}
    if rules != {"warehouse_users_sign_in": False}:
        from models.access.shop_rules import rule_problems

        rules = {name: tuple(rule) if isinstance(rule, list) else rule for name, rule in rules.items()}
        wrong = rule_problems(with_rules := replace(chosen, **rules))
        problems |= wrong
        if wrong.keys() <= {"warehouse_users_sign_in"}:  # the kind of shop decides
            chosen = with_rules
    return chosen, problems


RULE_SETTINGS = ("default_rules", "whitelist_rules", "warehouse_users_sign_in")
"""The settings of the shop's own rules."""

DATABASE_SETTINGS: dict[str, type] = {
    "url": str,
    "mark": str,
    "read_only": bool,
    "unlock_minutes": int,
    "theme": str,
    "password_file": str,
}
"""What is said of each of the databases, and of which kind it is."""


def _problem(name: str, value: object, kind: type) -> str:
    """What is wrong with the value of a setting of this kind; empty where nothing is."""
    if name == "read_only":
        is_known = isinstance(value, bool) or value == UNTIL_UNLOCKED
        return "" if is_known else f"must be true, false or “{UNTIL_UNLOCKED}”"
    if type(value) is not kind:
        return f"must be {_KINDS.get(kind, 'a table')}"
    if name == "unlock_minutes" and not 0 < int(str(value)) <= MAX_UNLOCK_MINUTES:
        return f"must be from 1 to {MAX_UNLOCK_MINUTES}"
    return ""


_KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list of texts",
}


def _parse_history(table: dict[str, Any], problems: list[str]) -> HistorySettings:
    """How changes are recorded; what is wrong counts as not set."""
    kinds = {item.name: type(item.default) for item in fields(HistorySettings)}
    problems += [f"[history] unknown setting “{key}”" for key in table if key not in kinds]
    odd = [key for key, kind in kinds.items() if key in table and type(table[key]) is not kind]
    problems += [f"[history] {key} must be {_KINDS[kinds[key]]}" for key in odd]
    return HistorySettings(**{key: value for key, value in table.items() if key in kinds and key not in odd})


def _parse_databases(table: dict[str, Any], problems: list[str]) -> dict[str, Source]:
    """The databases that the settings name; with a problem where one cannot be opened."""
    kinds = DATABASE_SETTINGS
    databases = {}
    for name, values in table.items():
        if not isinstance(values, dict) or "url" not in values:
            problems.append(f"[databases.{name}] must be a table with a url")
            databases[name] = Source("", problem=problems[-1])
            continue
        wrong = [key for key in values if key not in kinds]
        problems += [f"[databases.{name}] unknown setting “{key}”" for key in wrong]
        found = {key: _problem(key, values[key], kind) for key, kind in kinds.items() if key in values}
        odd = [f"[databases.{name}] {key} {problem}" for key, problem in found.items() if problem]
        problems += odd
        known = {key: value for key, value in values.items() if key in kinds and key != "url"}
        databases[name] = Source("", problem=odd[-1]) if odd else Source(values["url"], name=name, **known)
    return databases


def _parse_keys(table: dict[str, Any], problems: list[str]) -> dict[str, str]:
    """The changed keys by the ids of their bindings, which may be written with quotes (`"page.edit"`) or without."""
    from tui.keymap.keys import named

    changes: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            changes |= _parse_keys({f"{name}.{rest}": keys for rest, keys in value.items()}, problems)
            continue
        asked = value if isinstance(value, list) else [value]
        if not all(isinstance(keys, str) for keys in asked):
            problems.append(f"[keys] {name} must be a text or a list of texts")
            continue
        keys = [key for text in asked for key in text.split(",")]
        if wrong := [key for key in keys if not named(key)]:
            problems.append(f"[keys] {name}: unknown key “{wrong[0]}”")
        else:
            changes[name] = ",".join(map(named, keys))
    return changes
