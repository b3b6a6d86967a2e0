"""`backoffice findings`: what an admin should look at, each kind with its count, or what was found of one."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from models import records
from models.access.labels import label_of
from models.db.streaming import stream_rows
from models.errors import NotFound
from models.text import did_you_mean
from models.tools.findings import Finding, OrderFinding, PageFinding, RuleFinding, findings
from tui.cli import groups, roles, users
from tui.cli.output import Record, print_list
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.shop_code import read_known_pages

KINDS = {"name": "Name", "title": "Finding", "count": "Found"}
RULES = {"id": "Id", "rule": "Rule", "role": "Role", "reason": "Why"}
PAGES = {"page": "Page", "label": "Label", "requests": "Denied", "users": "Users"}
ORDERS = {"path": "Paths", "users": "Users", "groups": "Groups"}


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Print what was found; the exit code."""
    read_known_pages(settings)
    with opened(source, settings, read_only=True):
        if options.name is None:
            counts = ([_kind(finding)] for finding in findings())
            print_list(options, counts, [*KINDS], KINDS)
            return 0
        finding = _find(options.name)
        as_records, keys, table = _SUBJECTS[finding.subject]
        rows = finding.rows()
        batches = (as_records(some) for some in stream_rows(rows, rows.default_sort))
        print_list(options, batches, keys, table)
        return 0


def _kind(finding: Finding) -> Record:
    return {"name": finding.name, "title": finding.title, "count": finding.count()}


def _find(name: str) -> Finding:
    named = {finding.name: finding for finding in findings()}
    if name not in named:
        raise NotFound(f"There is no such finding: {name}{did_you_mean(name, [*named])}")
    return named[name]


def _rules(rows: Sequence[RuleFinding]) -> list[Record]:
    return [{"id": row.id, "rule": str(row.rule), "role": row.rule.role, "reason": row.reason} for row in rows]


def _orders(rows: Sequence[OrderFinding]) -> list[Record]:
    return [{"path": str(row.scope), "users": len(row.users), "groups": list(row.groups)} for row in rows]


def _pages(rows: Sequence[PageFinding]) -> list[Record]:
    return [
        {
            "page": str(row.page),
            "label": label_of(row.page),
            "requests": list(map(str, row.requests)),
            "users": len(row.users),
        }
        for row in rows
    ]


def _users(rows: Sequence[Any]) -> list[Record]:
    return list(map(users.as_record, records.full_users(rows)))


def _groups(rows: Sequence[Any]) -> list[Record]:
    return list(map(groups.as_record, rows))


def _roles(rows: Sequence[Any]) -> list[Record]:
    return list(map(roles.as_record, records.full_roles(rows)))


_SUBJECTS: dict[str, tuple[Callable[[Sequence[Any]], list[Record]], Sequence[str], dict[str, str]]] = {
    "users": (_users, users.KEYS, users.TABLE),
    "groups": (_groups, groups.KEYS, groups.TABLE),
    "roles": (_roles, roles.KEYS, roles.TABLE),
    "rules": (_rules, [*RULES], RULES),
    "orders": (_orders, [*ORDERS], ORDERS),
    "pages": (_pages, [*PAGES], PAGES),
}
"""What is printed of each subject of a finding: its records, their keys, and the columns of a table."""
