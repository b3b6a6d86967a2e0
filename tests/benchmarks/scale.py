"""What a million groups and users cost against a thousand: in `models`, and from key to terminal."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Any

from models import groups, roles, users
from models.db.connection import close_database, open_database
from models.db.paging import Listing
from tests import servers
from tests.benchmarks.result import Result
from tests.benchmarks.shops import FIRST_MEMBER, LARGE_GROUP, group_names, shop, shop_on_server
from tests.benchmarks.terminal import CLEAR_FIELD, DOWN, ENTER, ESCAPE, PAGE_DOWN, Terminal, backoffice, paste

SMALL = 1_000
RUNS = 7
CALLS = 20
LIMIT = 100
FOUND = 50
"""Rows of a search that are read: as many as the smaller shop has, too."""
PAGES = 8
LETTERS = "wareh"
"""What every sixteenth name begins with."""

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Shop:
    """A shop to measure on: the kind of its database, where it is, and its groups' names in the order of the list."""

    kind: str
    location: str
    names: list[str]


def measure(rows: int) -> Iterator[Result]:
    """On a file, and on each server that the tests have."""
    for kind in ("sqlite", *servers.KINDS):
        if kind == "sqlite" or servers.url(kind):
            yield from _measure(kind, rows)


def _measure(kind: str, rows: int) -> Iterator[Result]:
    """Both sizes in turn; then keys while a search scans the larger one."""
    shops = {}
    for size in (rows, SMALL):
        location = str(shop(size)) if kind == "sqlite" else shop_on_server(kind, size)
        shops[size] = Shop(kind, location, group_names(size, kind))
    for where, run, digits in (("models", _call_models, 2), ("app", _drive_app, 0)):
        times: dict[int, Times] = {size: defaultdict(list) for size in shops}
        for _ in range(RUNS):
            for size in shops:
                run(shops[size], times[size])
        for act, taken in times[rows].items():
            pair = 1000 * median(taken), 1000 * median(times[SMALL][act])
            against = f"at {SMALL:,} rows"
            yield Result(f"scale, {kind}, {where}: {act}", *pair, against, "ms", 1.5, len(taken), digits)
    for keys, taken in _keys_during_search(shops[rows], rows).items():
        ordered = sorted(1000 * seconds for seconds in taken)
        for which, place in (("99th percentile", int(0.99 * (len(ordered) - 1))), ("worst", -1)):
            what = f"scale, {kind}, app: {keys} while a search scans, {which}"
            yield Result(what, ordered[place], 50, "allowed", "ms", 1, len(ordered), digits=1)


def _call_models(shop: Shop, times: Times) -> None:
    """The functions of `models` that each act of the app calls before rows can be shown."""
    open_database(shop.location)
    try:
        acts = _acts_on("groups", groups.listing, LETTERS) | _acts_on("users", users.listing, "person.9")
        acts |= _acts_on("roles", roles.listing, "role 00009")
        large = groups.listing.page(groups.listing.default_sort, 1)[0]
        members = users.members(large.id)

        def edit() -> None:
            groups.get(large.id)
            roles.listing.page(roles.listing.default_sort, LIMIT)
            members.page(members.default_sort, LIMIT)

        acts["open Edit Group"] = edit
        for name, act in acts.items():
            for _ in range(CALLS):
                start = time.perf_counter()
                act()
                times[name].append(time.perf_counter() - start)
    finally:
        close_database()


def _acts_on(what: str, listing: Listing[Any], letters: str) -> dict[str, Callable[[], object]]:
    """What a list asks for, by the name of the act."""
    sort = listing.default_sort
    first = listing.page(sort, LIMIT)

    def search() -> None:
        with closing(listing.find(letters, sort)) as batches:
            listing.rows(next(ids for ids in batches if ids)[:FOUND])

    return {
        f"{what}: open the list": lambda: listing.page(sort, LIMIT),
        f"{what}: next page": lambda: listing.page(sort, LIMIT, listing.key(first[-1], sort)),
        f"{what}: jump to the end": lambda: listing.page(sort, LIMIT, backwards=True),
        f"{what}: search by first letters": search,
    }


def _drive_app(shop: Shop, times: Times) -> None:
    """The same from the key to the terminal, the first act from the command."""
    names = shop.names
    first_match = next(name for name in names if name.lower().startswith(LETTERS))
    with Terminal(backoffice(shop.location)) as terminal:
        times["open the list (from the command)"].append(terminal.wait_for(LARGE_GROUP))
        terminal.settle()
        visible = sum(name in terminal.text for name in names[:24])
        for page in range(1, PAGES + 1):
            terminal.press(PAGE_DOWN)
            times["next page"].append(terminal.wait_for(names[page * visible]))
            terminal.pause(0.1)
        terminal.press("G")
        times["jump to the end"].append(terminal.wait_for(names[-1]))
        terminal.settle()
        terminal.press("g")
        terminal.wait_for(LARGE_GROUP)
        terminal.press("/")
        terminal.settle()
        terminal.press(paste(LETTERS))
        times["search by first letters"].append(terminal.wait_for(first_match))
        terminal.press(ESCAPE)
        terminal.settle()
        terminal.press("g")
        terminal.wait_for(LARGE_GROUP)
        terminal.settle()
        terminal.press(ENTER)
        times["open Edit Group"].append(terminal.wait_for("Edit Group", FIRST_MEMBER))


def _keys_during_search(shop: Shop, size: int) -> Times:
    """From each key to its effect on the terminal, while a search in the middle of names looks at every row."""
    times: Times = {"a letter": [], "a step": []}
    nowhere = f"eam {size:07}"
    with Terminal(backoffice(shop.location)) as terminal:
        terminal.wait_for(LARGE_GROUP)
        terminal.press("/")
        terminal.settle()
        terminal.press(paste(nowhere))
        scan = terminal.wait_for("Nothing found for")
        for _ in range(20):
            terminal.press(CLEAR_FIELD)
            terminal.pause(0.1)
            terminal.press(paste(nowhere))
            terminal.pause(0.1)
            typed = nowhere
            for letter in "qzjxvkwp":
                typed += letter
                terminal.press(letter)
                times["a letter"].append(terminal.wait_for(typed[-8:]))
                terminal.pause(0.07)
        for text in ("500", "700", "600"):
            found = [name for name in shop.names if text in name]
            terminal.press(CLEAR_FIELD)
            terminal.settle()
            start = time.perf_counter()
            terminal.press(paste(text))
            terminal.wait_for(found[0])
            terminal.press(DOWN)
            terminal.pause(0.2)
            for name in found[1:]:
                if time.perf_counter() - start > 0.8 * scan:
                    break
                terminal.press("j")
                times["a step"].append(terminal.wait_for(f"> {name}", timeout=10))
                terminal.pause(0.03)
            terminal.press("/")
            terminal.settle()
    return {keys: taken for keys, taken in times.items() if taken}
