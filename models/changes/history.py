"""The records of all changes, read from the files of all who share the folder, the newest first."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from models.changes.actor import current_actor, file_name
from models.changes.chain import Damage, Entry, lines_from_end, parse, verify
from models.db.opened import opened
from models.db.tables import LINKS, table_of
from models.errors import NotFound, Unavailable

UNKNOWN = "unknown"
NO_CHANGE = "No change of yours to this database is recorded."

_LINK_TABLES = set(map(table_of, LINKS))
_SCHEMES = {"PostgresServer": "postgres", "MySQLServer": "mysql"}
_INTENT = re.compile(rb'{"kind":"intent","id":"(?P<id>[0-9A-Z]{26})",')
_OUTCOME = re.compile(rb'{"kind":"outcome","of":"(?P<of>[0-9A-Z]{26})","at":"[^"]*","outcome":"(?P<outcome>[a-z ]*)"')
_FILE = re.compile(r"(.+)-\d{4}-\d{2}\.jsonl")


@dataclass(frozen=True, slots=True)
class Record:
    """A recorded change."""

    intent: Entry
    """All that is recorded of it: see .github/docs/history.md."""
    outcome: str
    """`written`, `not written`, or `unknown` where that is not recorded."""

    @property
    def id(self) -> str:
        """26 characters that sort by time."""
        return str(self.intent["id"])

    @property
    def at(self) -> datetime:
        """When it was made, in UTC."""
        return datetime.fromisoformat(str(self.intent["at"]))

    @property
    def who(self) -> str:
        """Who made it: the login, before it who became that by sudo, after it who they said they are in the shop."""
        by = self.intent["by"]
        login = f"{by['sudo_user']} as {by['login']}" if by.get("sudo_user") else str(by["login"])
        return f"{login}@{by['host']}" + (f" ({by['me']})" if by.get("me") else "")

    @property
    def database(self) -> str:
        """The database that was changed, as a URL without user and password."""
        identity = str(self.intent["database"])
        kind, _, rest = identity.partition(":")
        if kind == "file":
            return f"sqlite:///{unquote(rest)}"
        place, _, name = rest.rpartition("/")
        host, _, port = place.rpartition(":")
        host = f"[{host}]" if ":" in host else host
        return f"{_SCHEMES[kind]}://{host}{port and f':{port}'}/{name}" if kind in _SCHEMES else identity

    @property
    def summary(self) -> str:
        """The change in one sentence."""
        return str(self.intent["summary"])

    @property
    def ops(self) -> list[Entry]:
        """The rows, each with table, id, name, before and after."""
        return list(self.intent["ops"])


@dataclass(frozen=True)
class Wanted:
    """Which records are wanted."""

    accepts: Callable[[Record], bool]
    """Asked of the newest first."""
    may_accept: Callable[[bytes], object]
    """False for a line that is certainly not wanted: to look into a line takes a tenth of parsing it."""


def records(folder: Path, wanted: Wanted | None = None) -> Iterator[Record]:
    """The records in the folder, the newest first; of the files only as much is read as is asked for.

    A file that cannot be read is left out: `unreadable` names it. Raises Unavailable where the folder cannot be read.
    """
    may_accept = wanted.may_accept if wanted else lambda _: True
    chains = [_records_of(owner, files, may_accept) for owner, files in _chains(folder).items()]
    found = merge(*chains, key=lambda record: record.id, reverse=True)
    return filter(wanted.accepts, found) if wanted else found


def find_last(folder: Path) -> Record:
    """The last change to the opened shop by the one who runs the program: the same login, `sudo_user` and `me`.

    Raises NotFound.
    """
    actor, shop = current_actor(), opened().dialect.identity()
    wanted = (actor.login, actor.sudo_user, opened().settings.current_user_email or None)
    for record in records(folder):
        by = record.intent["by"]
        is_mine = (by["login"], by["sudo_user"], by["me"]) == wanted and record.intent["database"] == shop
        if is_mine and record.ops and record.outcome != "not written":  # an unlock writes nothing
            return record
    raise NotFound(NO_CHANGE)


def find(folder: Path, beginning: str) -> Record:
    """The record whose id begins so. Raises NotFound where none does, or several do."""
    beginning = beginning.upper()
    line_begin = f'{{"kind":"intent","id":"{beginning}'.encode(errors="replace")
    wanted = Wanted(lambda record: record.id.startswith(beginning), lambda line: line.startswith(line_begin))
    found = list(islice(records(folder, wanted), 4)) if beginning else []
    if len(found) > 1:
        ids = ", ".join(record.id for record in found[:3])
        raise NotFound(f"Several records begin with {beginning}: {ids}{', …' * (len(found) > 3)}")
    if not found:
        raise NotFound(f"There is no such record: {beginning}")
    return found[0]


def search(found: Iterator[Record], words: str) -> Iterator[Record]:
    """Those of the records that contain each of the words, in any case."""
    wanted = words.casefold().split()
    for record in found:
        text = f"{record.id} {record.who} {record.intent['change']} {record.summary} {record.intent.get('reason')}"
        if all(word in text.casefold() for word in wanted):
            yield record


def unreadable(folder: Path) -> list[str]:
    """The files of the folder that cannot be read, each with the reason."""
    problems = []
    for path in [path for files in _chains(folder).values() for path in files]:
        try:
            path.open("rb").close()
        except OSError as error:
            problems.append(f"{path}: {error.strerror}")
    return problems


def verify_all(folder: Path) -> tuple[list[Damage], list[Damage], int]:
    """The first damage of each chain in the folder, all torn lines, and how many files there are.

    Raises Unavailable where one of them cannot be read.
    """
    damages, torn, count = [], list[Damage](), 0
    for files in _chains(folder).values():
        count += len(files)
        try:
            damage, torn_lines = verify(files)
        except OSError as error:
            raise Unavailable(f"{error.filename}: {error.strerror}") from None
        damages += [damage] if damage else []
        torn += torn_lines
    return damages, torn, count


def _chains(folder: Path) -> dict[str, list[Path]]:
    """The files of each login on each host, the oldest first."""
    chains: dict[str, list[Path]] = {}
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unavailable(f"{folder}: {error.strerror}") from None
    for path in paths:
        if (named := _FILE.fullmatch(path.name)) and path.is_file():
            chains.setdefault(named[1], []).append(path)
    return chains


def _records_of(owner: str, files: Sequence[Path], may_accept: Callable[[bytes], object]) -> Iterator[Record]:
    outcomes: dict[bytes, str] = {}
    for path in reversed(files):
        with suppress(OSError), path.open("rb") as file:
            for line in lines_from_end(file):
                if outcome := _OUTCOME.match(line):
                    outcomes.setdefault(outcome["of"], outcome["outcome"].decode())
                elif intent := _INTENT.match(line):
                    outcome_text = outcomes.pop(intent["id"], UNKNOWN)
                    if may_accept(line) and (entry := parse(line)) and _is_intent(entry, owner):
                        yield Record(entry, outcome_text)


def _is_intent(entry: Entry, owner: str) -> bool:
    """Whether an entry has what is read of it, and is by whom its file is: anybody may have written it."""
    try:
        by = entry["by"]
        is_known = _is_time(entry["at"]) and _is_effect(entry.get("effect"))
        texts = [by["login"], by["host"], entry["summary"], entry["change"], entry["database"]]
        is_known &= all(isinstance(text, str) for text in texts)
        is_known &= all(isinstance(by[key], str | None) for key in ("sudo_user", "me"))
        is_known &= all(isinstance(entry.get(key), str | None) for key in ("reason", "command", "undoes"))
        is_known &= file_name(by["login"], by["host"]) == owner
        return is_known and all(map(_is_op, entry["ops"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _is_time(text: str) -> bool:
    """Whether it is a time in UTC, and one that other zones have, too."""
    at = datetime.fromisoformat(text)
    return at.utcoffset() == timedelta(0) and 1 < at.year < 9999


def _is_effect(effect: object) -> bool:
    return effect is None or (isinstance(effect, list) and all(isinstance(line, str) for line in effect))


def _is_op(op: Entry) -> bool:
    table, id, name, before, after = (op[key] for key in ("table", "id", "name", "before", "after"))
    sides = [side for side in (before, after) if side is not None]
    if not isinstance(table, str) or not sides or not all(isinstance(side, dict) for side in sides):
        return False
    if "rows" in (before or {}):
        return isinstance(before["rows"], int) and isinstance(id, int | None) and isinstance(name, str)
    if table in _LINK_TABLES:
        return _is_pair(id, int) and _is_pair(name, str)
    return isinstance(id, int) and (isinstance(name, str) or _is_pair(name, str))


def _is_pair(value: object, kind: type) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, kind) for each in value)
