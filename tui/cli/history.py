"""`backoffice history`: the recorded changes, one of them, or whether the records are whole."""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from models.changes import history
from models.changes.details import details
from models.changes.history import UNKNOWN, Record
from models.errors import NotFound, ShopError
from models.text import plural
from tui.cli.output import Record as Row
from tui.cli.output import as_json, print_list, print_record
from tui.config import Settings
from tui.state import history_folder
from tui.text import print_error, shown

BATCH = 100
KEYS = ["id", "at", "who", "change", "outcome", "summary", "reason", "database"]
TABLE = {"id": "Id", "at": "At (UTC)", "who": "Who", "outcome": "Outcome", "summary": "Change"}


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print what is asked for; the exit code."""
    folder, _ = history_folder(settings)
    if options.verb == "verify":
        return _verify(options, folder)
    for problem in history.unreadable(folder):
        print_error(problem)
    if options.verb == "show":
        _show(options, settings, folder)
    else:
        found = history.search(history.records(folder), options.search)
        print_list(options, _batches(islice(found, options.limit)), KEYS, TABLE)
    return 0


def _batches(found: Iterator[Record]) -> Iterator[list[Row]]:
    while batch := list[Row](map(_as_record, islice(found, BATCH))):
        yield batch


def _as_record(record: Record) -> dict[str, Any]:
    told = {"id": record.id, "at": record.at, "who": record.who, "outcome": record.outcome, "summary": record.summary}
    told |= {key: record.intent.get(key) for key in ("change", "reason")}
    return told | {"database": record.database}


def _show(options: argparse.Namespace, settings: Settings, folder: Path) -> None:
    if options.id is None:
        raise NotFound("Which record? backoffice history show ID")
    record = history.find(folder, options.id)
    if options.json:
        print(as_json({**record.intent, "outcome": record.outcome}))
        return
    told = _as_record(record) | {"by": [f"{key} {value}" for key, value in record.intent["by"].items() if value]}
    told |= {
        "undoes": record.intent.get("undoes"),
        "command": record.intent.get("command"),
        "effect": list(record.intent.get("effect") or []),
    }
    if record.outcome == UNKNOWN:
        told["outcome"] = f"{UNKNOWN}. {_look_up(options, settings, record)}"
    print_record(options, told | {"changed": [str(detail) for detail in details(record)]})


def _look_up(options: argparse.Namespace, settings: Settings, record: Record) -> str:
    """Whether its rows are in the database, in a sentence."""
    from models.changes.record_history import look_up
    from models.db.connection import read_connection
    from tui.cli.session import find_source, opened

    try:
        with opened(find_source(options, settings), settings, read_only=True), read_connection():
            return look_up(record)
    except ShopError as error:
        return f"It was not looked up: {error}"


def _verify(options: argparse.Namespace, folder: Path) -> int:
    damages, torn, count = history.verify_all(folder)
    if options.json:
        broken, cut = (
            [{"file": str(each.file), "line": each.line, "what": each.what} for each in some]
            for some in (damages, torn)
        )
        print(as_json({"whole": not damages, "files": count, "damages": broken, "torn": cut}))
        return 1 if damages else 0
    for each in torn:
        print(shown(f"{each.file}, line {each.line}: torn while it was written; all others are whole"))
    for each in damages:
        print(shown(f"{each.file}, line {each.line}: {each.what}"))
    if not damages:
        print(shown(f"The records are whole: {plural(count, 'file')} in {folder}."))
    return 1 if damages else 0
