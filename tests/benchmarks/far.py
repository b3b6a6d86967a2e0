"""The main flow on a server that is far away, beside the same on loopback: both by way of a proxy in this process."""

from collections.abc import Iterator
from statistics import median

from tests import servers
from tests.benchmarks.result import Result
from tests.benchmarks.shops import LARGE_GROUP, shop_on_server
from tests.benchmarks.terminal import SAVE, Terminal, backoffice
from tests.proxy import Line

ROWS = 1_000
RUNS = 5
ROUND_TRIP_S = 0.02
"""Seconds that a server's answer takes longer from far away."""
ALLOWED_S = 0.6
"""How much longer the flow may take from there."""
TITLE = "Night shift of the benchmark"


def measure(_: int) -> Iterator[Result]:
    """Both in turn, on each kind of server that is there."""
    for kind in servers.KINDS:
        if servers.url(kind):
            url = shop_on_server(kind, ROWS)
            lines = Line(url, delay_s=ROUND_TRIP_S), Line(url)
            taken: list[tuple[float, ...]] = []
            for _run in range(RUNS):
                each = []
                for line in lines:
                    each.append(_flow(line.url))
                    _delete(url)
                taken.append(tuple(each))
            far, near = (median(seconds) for seconds in zip(*taken, strict=True))
            what = f"far, {kind}: main flow, start to toast, {1000 * ROUND_TRIP_S:.0f} ms more for each round trip"
            yield Result(what, far - near, ALLOWED_S, "allowed above loopback", "s", 1, RUNS, 2)


def _flow(url: str) -> float:
    """Seconds from the command to the toast, for someone who acts as soon as the screen shows what they wait for."""
    seconds = 0.0
    with Terminal(backoffice(url)) as terminal:
        seconds += terminal.wait_for(LARGE_GROUP, "? Help")
        for keys, text in (("n", "0 of 1,000"), (TITLE, TITLE), ("\t ", "1 of 1,000")):
            terminal.press(keys)
            seconds += terminal.wait_for(text)
        terminal.press(SAVE)
        return seconds + terminal.wait_for("Group was created successfully.")


def _delete(url: str) -> None:
    """Take away what the flow created."""
    of_title = f"IN (SELECT id_acl_group FROM spy_acl_group WHERE name = '{TITLE}')"
    servers.run(
        url,
        f"DELETE FROM spy_acl_groups_has_roles WHERE fk_acl_group {of_title}",
        f"DELETE FROM spy_acl_group WHERE name = '{TITLE}'",
    )
