"""Runs the benchmarks and prints them, as a table or as JSON."""

import argparse
import atexit
import json
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import version

from tests import local_servers
from tests.benchmarks.result import Result

PARTS = (
    *("start", "commands", "open", "escape", "wire", "line", "far"),
    *("entry", "access", "preview", "recording", "pages", "scale"),
)


def main() -> int:
    """Run what is asked for; the exit code says whether every target was met."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, with commas between: %(default)s")
    parser.add_argument("--rows", type=int, default=1_000_000, help="size of the large shop of scale: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    local_servers.begin_run()
    atexit.register(local_servers.end_run)
    parts = options.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")

    results: list[Result] = []
    failed = False
    for part in PARTS:
        if part in parts:
            print(f"{part} ...", file=sys.stderr)
            try:
                for result in import_module(f"tests.benchmarks.{part}").measure(options.rows):
                    results.append(result)
            except TimeoutError as error:
                failed = True
                print(f"{part}: {error}", file=sys.stderr)
    if options.json:
        machine = {"cpus": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}
        libraries = {name: version(name) for name in ("textual", "peewee")}
        print(json.dumps(machine | libraries | {"results": [result.as_dict() for result in results]}, indent=2))
    else:
        print_table(results)
    return 1 if failed or not all(result.met for result in results) else 0


def print_table(results: list[Result]) -> None:
    """Print one line for each result."""
    rows = [("what", "ours", "compared with", "ratio", "target", "n", "met?")]
    rows += [
        (
            result.what,
            f"{result.ours:,.{result.digits}f} {result.unit}",
            f"{result.other:,.{result.digits}f} {result.unit} {result.against}",
            f"{result.ratio:.2f}",
            f"{result.target:.2f}",
            str(result.n),
            "yes" if result.met else "NO",
        )
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


sys.exit(main())
