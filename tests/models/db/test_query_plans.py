"""Which index answers what a page asks, on each kind of database; and by name what none can, so that it never waits.

The tables are a shop's own: PostgreSQL's have no index on the second column of the tables that link two others.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import pytest

from models import groups, role_rules, roles, users
from models.access import explain, sign_in, verdicts
from models.access.admins import find_admin
from models.access.compute_impact import compute_impact
from models.access.impact import AccessChange
from models.access.rules import Path
from models.db import connection, tables
from models.db.paging import Listing, Sort
from models.db.statements import ask
from models.db.tables import Permission, Status
from models.tools.findings import FINDINGS, PAGE_FINDINGS
from tests.benchmarks.shops import fill
from tests.conftest import Shop

ON_SERVERS = True
ROWS = 6_000
LIMIT = 10
PATH = Path("sales", "index", "index")

CATALOGS = ("information_schema.", "pg_constraint", "sqlite_master")
"""Where a database says which tables it has: a few hundred rows, whatever the shop's size."""

Statement = tuple[str, Any]


def walk(listing: Listing[Any], sort: Sort) -> None:
    """All that a list asks for in an order: its start and its end, a page on and back, and a record's neighbours."""
    rows = listing.page(sort, LIMIT)
    key = listing.key(rows[-1], sort)
    listing.page(sort, LIMIT, key)
    listing.page(sort, LIMIT, key, backwards=True)
    listing.page(sort, LIMIT, backwards=True)
    listing.around(sort, LIMIT, rows[-1])


def first_batch(listing: Listing[Any], text: str) -> None:
    with closing(listing.find(text, listing.default_sort)) as batches:
        next(batches)


def every_batch(listing: Listing[Any], text: str) -> None:
    for _ in listing.find(text, listing.default_sort):
        pass


def acts() -> dict[str, Callable[[], object]]:
    """Everything that a page asks of the database, by name."""
    group = groups.listing.page(Sort("name"), 1)[0]
    role, user = roles.get(2), users.listing.page(Sort("email"), 1)[0]
    group_rows, role_rows = groups.listing.page(Sort("name"), LIMIT), roles.listing.page(Sort("name"), LIMIT)
    user_rows = users.listing.page(Sort("email"), LIMIT)
    found: dict[str, Callable[[], object]] = {}
    for name, listing in (("groups", groups.listing), ("roles", roles.listing), ("users", users.listing)):
        for by in listing.orders:
            found[f"{name} by {by}"] = lambda listing=listing, by=by: walk(listing, Sort(by))  # type: ignore[misc]
        found[f"{name}: search by first letters"] = lambda listing=listing: first_batch(listing, "Sal")  # type: ignore[misc]
        found[f"{name}: search inside names"] = lambda listing=listing: every_batch(listing, "0000")  # type: ignore[misc]
        found[f"{name}: count"] = listing.count
    return found | {
        "members of a group": lambda: walk(users.members(group.id), Sort("id")),
        "rules of a role": lambda: walk(role_rules.listing(2), Sort("id")),
        "groups: users of a page": lambda: groups.listing.fill(group_rows),
        "roles: groups and rules of a page": lambda: roles.listing.fill(role_rows),
        "users: groups of a page": lambda: users.listing.fill(user_rows),
        "a group": lambda: groups.get(group.id),
        "a group: count of users": lambda: users.members(group.id).count(),
        "a role": lambda: roles.get(role.id),
        "a role: groups that hold it": lambda: groups.holding(role.id).page(Sort("name"), LIMIT),
        "a user": lambda: users.get(user.id),
        "a user: groups": lambda: groups.of_user(user.id).page(Sort("name"), LIMIT),
        "a rule: completion": lambda: role_rules.existing_values("bundle"),
        "access: a user": lambda: explain.of_user(user.id),
        "access: a user by e-mail": lambda: explain.of_email(user.email),
        "access: who may": lambda: verdicts.users_by_verdict(PATH),
        "access: which groups may": lambda: verdicts.group_verdicts(PATH),
        "access: people of a page": lambda: sign_in.user_summaries([row.id for row in user_rows]),
        **{f"findings: {finding.title}": finding.count for finding in FINDINGS + PAGE_FINDINGS},
        "impact: roles of a group": lambda: compute_impact(AccessChange(added_roles={group.id: [2, 3]})),
        "impact: a rule": lambda: compute_impact(
            AccessChange(added_rules={2: [(Path("a", "b", "c"), Permission.DENY)]})
        ),
        "impact: a user's status": lambda: compute_impact(AccessChange(statuses={user.id: Status.DEACTIVATED})),
        "a deletion's question: a group": lambda: groups.check_delete(group.id),
        "a deletion's question: a role": lambda: refused(role.id),
        "whether an admin is left": an_admin,
    }


def refused(role: int) -> None:
    with pytest.raises(roles.InUse):
        roles.check_delete(role)


def an_admin() -> None:
    with connection.read_connection():
        assert find_admin() and find_admin(1)


SCANS = {f"{name}: {what}" for name in ("groups", "roles", "users") for what in ("count", "search inside names")}
SCANS |= {"a rule: completion"}
OTHER_ORDERS = {"groups by created_at", "roles by created_at"}
OTHER_ORDERS |= {f"users by {by}" for by in ("first_name", "last_name", "last_login", "status")}
BY_THE_SECOND_COLUMN = {
    "rules of a role", "roles: groups and rules of a page", "users: groups of a page",
    "a user", "a user: groups", "access: a user", "access: a user by e-mail", "a deletion's question: a role",
    "impact: a user's status", "impact: roles of a group", "whether an admin is left",
    "a deletion's question: a group",  # which asks whether an admin is left
}  # fmt: skip
OF_THE_WHOLE_SHOP = {"access: who may", "access: which groups may", "impact: a rule"}
OF_THE_WHOLE_SHOP |= {f"findings: {finding.title}" for finding in FINDINGS + PAGE_FINDINGS}
BY_STATUS = {f"findings: Active users{what}" for what in (" who never signed in", ", no sign-in for 180 days")}
"""The embedded database has an index of its own on the status."""
READS_ALL = {
    "sqlite": SCANS | OF_THE_WHOLE_SHOP - BY_STATUS,
    "mariadb": SCANS | OF_THE_WHOLE_SHOP | OTHER_ORDERS,
    "postgres": SCANS | OF_THE_WHOLE_SHOP | OTHER_ORDERS | BY_THE_SECOND_COLUMN,
}
"""What no index of the shop's own tables answers: the database reads all of a table."""


def test_an_index_answers_all_that_a_page_waits_for(shop: Shop) -> None:
    fill(shop.location, shop.kind, ROWS)
    found = acts()
    asked = {}
    for name, act in found.items():
        with listening() as statements:
            act()
        asked[name] = statements
    assert all(asked.values())
    assert READS_ALL[shop.kind] <= set(asked)
    with connection.read_connection():
        if shop.kind == "postgres":
            tables.database.execute_sql("SET enable_seqscan = off")
        reads_all = {name for name in asked if any(reads_all_of(shop.kind, *statement) for statement in asked[name])}
    assert reads_all == READS_ALL[shop.kind]


@contextmanager
def listening() -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile."""
    heard: list[Statement] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sql = str(record.msg[0]) if isinstance(record.msg, tuple) else ""
            if sql.lstrip("(").startswith("SELECT") and not any(catalog in sql for catalog in CATALOGS):
                heard.append(cast(Statement, record.msg))

    logger, listener = logging.getLogger("peewee"), Listener()
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)


def reads_all_of(kind: str, sql: str, parameters: Any) -> bool:
    """Whether the database would read all rows of a table, or sort them all, to answer the statement."""
    if any(function in sql for function in ("text_contains(", "LOCATE(", "STRPOS(")):
        return True
    whole = "LIMIT" not in sql or "COUNT(" in sql
    if kind == "sqlite":
        plan = [row[-1] for row in ask(tables.database, f"EXPLAIN QUERY PLAN {sql}", parameters)]
        sorts = any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
        scans = [line for line in plan if line.startswith("SCAN") and line != "SCAN _wrapped"]  # what was found
        return any("USING" not in line or sorts or whole for line in scans)
    if kind == "mariadb":
        rows = ask(tables.database, f"EXPLAIN {sql}", parameters)
        rows = [row for row in rows if not str(row[2]).startswith("<derived")]  # what was found
        return any(row[3] == "ALL" or (row[3] == "index" and ("filesort" in (row[-1] or "") or whole)) for row in rows)
    plan = ask(tables.database, f"EXPLAIN (FORMAT JSON) {sql}", parameters)[0][0]
    return _reads_all((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], False)


def _reads_all(node: dict[str, Any], limited: bool) -> bool:
    kind = node["Node Type"]
    if kind == "Seq Scan":
        return True
    if "Index" in kind:
        condition = node.get("Index Cond", "")
        if "_has_" in node["Index Name"]:  # an index on two columns: the group's, then the role's or user's
            return "fk_acl_group" not in condition
        return not condition and ("Filter" in node or not limited)
    if kind == "Limit":
        limited = True
    elif kind in ("Sort", "Aggregate", "Hash", "Materialize", "Unique", "HashAggregate"):
        limited = False
    return any(_reads_all(child, limited) for child in node.get("Plans", []))
