"""An hour's worth of page changes, in fast motion: nothing piles up."""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import groups, roles, users
from models.db.paging import Listing
from tests.conftest import Shop
from tests.models.db.test_transactions import at_once

ON_SERVERS = True
CHANGES = 360
"""A page change every ten seconds."""


def pages(shop: Shop) -> list[Callable[[], object]]:
    """What the pages ask, several of them at once: a list, its counts, a record."""

    def of(listing: Listing[Any]) -> Callable[[], object]:
        return lambda: listing.fill(listing.page(listing.default_sort, 50))

    (group,) = shop.groups("Night shift")
    shop.join(group, *shop.users(*(f"{number}@spryker.com" for number in range(100))))
    shown = groups.get(group)
    return [
        of(groups.listing),
        of(users.listing),
        of(roles.listing),
        users.listing.count,
        lambda: groups.update(groups.get(group), "Day shift" if shown.name == "Night shift" else "Night shift", [1]),
    ]


def connections(shop: Shop) -> int:
    """How many connections of ours the server has, or how often the file is open."""
    if shop.kind == "sqlite":
        return sum(link.is_symlink() and link.readlink() == shop.path for link in Path("/proc/self/fd").iterdir())
    ours = {
        "postgres": "pg_stat_activity WHERE datname = current_database() AND application_name = 'backoffice'",
        "mariadb": "information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
    }
    return int(shop.sql(f"SELECT count(*) FROM {ours[shop.kind]}")[0])


@pytest.mark.slow
def test_an_hour_of_page_changes_leaves_one_connection_and_no_more_memory(shop: Shop) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    acts = pages(shop)

    def use(changes: int) -> int:
        for _ in range(0, changes, len(acts)):
            assert not [error for error in at_once(*acts) if isinstance(error, Exception)]
        gc.collect()
        return len(gc.get_objects())

    use(30)  # what is made once
    before = use(30)
    assert use(CHANGES) < 1.01 * before
    most = len(acts) if shop.kind == "sqlite" else 1
    while connections(shop) > most:  # a server takes a moment to end one that was closed
        time.sleep(0.01)
