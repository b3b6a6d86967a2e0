"""Findings for an admin to check: users, groups, roles and rules without effect, with too much, or with surprises."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from peewee import SQL, fn

from models import groups, roles, users
from models.access.decision import GroupRules, build_chain, merge_groups
from models.access.grants import read_grants, read_users_by_groups
from models.access.labels import NOT_ALL_PAGES, page_problem, with_label
from models.access.page_requests import find_denied_requests
from models.access.regions import Scope, build_tree
from models.access.rules import ANY, AccessRule, Path, idle_reasons, rule_from_row, select_rules
from models.access.sign_in import sign_in_conditions
from models.access.verdicts import unknown_rules
from models.db.connection import read_connection
from models.db.given_rows import InMemoryRows
from models.db.opened import now
from models.db.paging import Listing
from models.db.statements import tuples
from models.db.tables import Group, GroupRole, Membership, Permission, Role, Rule, User, group_label
from models.pages.known import known_pages
from models.text import plural, some_names

INACTIVE_AFTER = timedelta(days=180)
"""A user who has not signed in for longer is a finding."""

_MAX_NAMED_REQUESTS = 3


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule without effect, and the reason."""

    id: int
    rule: AccessRule
    reason: str

    def __str__(self) -> str:
        return f"{self.rule} of role “{self.rule.role}”: {self.reason}"


@dataclass(frozen=True, slots=True)
class OrderFinding:
    """Groups whose order decides for the users who are in exactly these: `scope` is the first where it does.

    `id` is that of one of the users, whose page has the details.
    """

    id: int
    users: tuple[int, ...]
    groups: tuple[str, ...]
    scope: Scope

    def __str__(self) -> str:
        return f"{self.scope} for {len(self.users):,} in {', '.join(self.groups)}"


@dataclass(frozen=True, slots=True)
class PageFinding:
    """A page that users may open while requests of the same controller, which it is likely to make, are denied."""

    id: int
    page: Path
    requests: tuple[Path, ...]
    users: tuple[int, ...]

    def __str__(self) -> str:
        actions = some_names([request.action for request in self.requests], _MAX_NAMED_REQUESTS)
        return f"{with_label(self.page)}: allowed to {plural(len(self.users), 'user')}, to whom its {actions} is denied"


@dataclass(frozen=True)
class Finding:
    """One kind of finding. `rows` reads them, and may read the whole shop to do so.

    `subject` says what the rows are: users (`UserRow`), groups (`GroupRow`), roles (`RoleRow`), rules (`RuleFinding`),
    orders (`OrderFinding`).
    """

    name: str
    """As the command line calls it."""
    title: str
    about: str
    """What it means, in a sentence."""
    subject: str
    rows: Callable[[], Listing[Any]]

    def count(self) -> int:
        """How many there are."""
        return self.rows().count()


def _without(listing: Callable[..., Listing[Any]], id: Any, field: Any) -> Callable[[], Listing[Any]]:
    """The rows of a listing whose id is in no row of the linking table's `field`."""
    linking = field.model.select(SQL("1")).where(field == id)
    return partial(listing, ~fn.EXISTS(linking))


def _never_signed_in() -> Listing[Any]:
    return users.where(*sign_in_conditions(), User.last_login.is_null())


def _inactive() -> Listing[Any]:
    return users.where(*sign_in_conditions(), User.last_login < now() - INACTIVE_AFTER)


def _full_access() -> Listing[Any]:
    """Empty where there is only one: somebody has to have full access."""

    def has_rule(permission: Permission, *where: Any) -> Any:
        return fn.EXISTS(Rule.select(SQL("1")).where(Rule.role == Role.id, Rule.permission == permission, *where))

    everything = [field == ANY for field in (Rule.bundle, Rule.controller, Rule.action)]
    listing = roles.where(has_rule(Permission.ALLOW, *everything), ~has_rule(Permission.DENY))
    return listing if listing.count() > 1 else InMemoryRows([])


def _idle_rules() -> Listing[RuleFinding]:
    """Reads only roles with two rules or more."""
    several = Rule.select(Rule.role).group_by(Rule.role).having(fn.COUNT(SQL("*")) > 1)
    with read_connection():
        rows = tuples(select_rules().where(Rule.role.in_(several)).order_by(Rule.role, Rule.id))
    findings = []
    for _, role_rules in groupby(map(rule_from_row, rows), attrgetter("role_id")):
        rules = [rule for rule in role_rules if rule.permission is not None]
        reasons = idle_reasons(rules)
        findings += [RuleFinding(rule.id, rule, reasons[rule.id]) for rule in rules if rule.id in reasons]
    return InMemoryRows(findings)


def _unknown_rules() -> Listing[RuleFinding]:
    return InMemoryRows([RuleFinding(rule.id, rule, "unknown rule type") for rule in unknown_rules()])


def _group_orders() -> Listing[OrderFinding]:
    with read_connection():
        users_by_groups = {ids: members for ids, members in read_users_by_groups().items() if len(ids) > 1}
        grants = read_grants(set().union(*users_by_groups))
    findings = []
    for ids, members in users_by_groups.items():
        scope = order_scope(grants.groups(ids))
        if scope is not None:
            names = tuple([group_label(grants.group_names[id]) for id in ids])
            findings.append(OrderFinding(members[0], tuple(members), names, scope))
    return InMemoryRows(sorted(findings, key=lambda finding: -len(finding.users)))


def order_scope(groups: Sequence[GroupRules]) -> Scope | None:
    """The first scope where another order of these groups would give another verdict; None where there is none.

    There one of them alone allows what all of them together, as one group, deny.
    """
    if len(groups) < 2 or all(rule.allows for group in groups for rule in group.rules):
        return None
    for leaf in build_tree(build_chain([merge_groups(groups)]), *[build_chain([group]) for group in groups]).leaves():
        if leaf.verdicts and not leaf.verdicts[0] and any(leaf.verdicts):
            return leaf.scope
    return None


def _rules_of_no_page() -> Listing[RuleFinding]:
    with read_connection():
        rules = list(map(rule_from_row, tuples(select_rules().order_by(Rule.role, Rule.id))))
    problems = {path: page_problem(path) for path in {rule.path for rule in rules}}
    return InMemoryRows([RuleFinding(rule.id, rule, problem) for rule in rules if (problem := problems[rule.path])])


def _pages_without_requests() -> Listing[PageFinding]:
    with read_connection():
        users_by_groups = read_users_by_groups()
        grants = read_grants(set().union(*users_by_groups))
    users: defaultdict[tuple[Path, tuple[Path, ...]], list[int]] = defaultdict(list)
    for ids, members in users_by_groups.items():
        for found in find_denied_requests(build_chain(grants.groups(ids))):
            users[found] += members
    findings = [PageFinding(id, *found, tuple(sorted(users[found]))) for id, found in enumerate(users)]
    return InMemoryRows(sorted(findings, key=lambda finding: (-len(finding.users), str(finding.page))))


FINDINGS = (
    Finding(
        "users-without-groups",
        "Users without groups",
        "They may open only what the default rules allow to everyone.",
        "users",
        _without(users.where, User.id, Membership.user),
    ),
    Finding(
        "users-never-signed-in",
        "Active users who never signed in",
        "Their accounts are active, and nobody has used them yet.",
        "users",
        _never_signed_in,
    ),
    Finding(
        "users-inactive",
        f"Active users, no sign-in for {INACTIVE_AFTER.days} days",
        "Deactivate those who do not work here any more.",
        "users",
        _inactive,
    ),
    Finding(
        "groups-without-users",
        "Groups without users",
        "Nobody has anything by these groups.",
        "groups",
        _without(groups.where, Group.id, Membership.group),
    ),
    Finding(
        "roles-without-groups",
        "Roles without groups",
        "No group holds these roles, so their rules hold for nobody.",
        "roles",
        _without(roles.where, Role.id, GroupRole.role),
    ),
    Finding(
        "roles-without-rules",
        "Roles without rules",
        "These roles allow nothing and deny nothing.",
        "roles",
        _without(roles.where, Role.id, Rule.role),
    ),
    Finding(
        "roles-with-full-access",
        "More than one role with full access",
        "Each of these roles allows everything; one is enough.",
        "roles",
        _full_access,
    ),
    Finding(
        "rules-without-effect",
        "Rules without effect",
        "Other rules of the same role decide wherever these match.",
        "rules",
        _idle_rules,
    ),
    Finding(
        "rules-of-unknown-type",
        "Rules of an unknown type",
        "The shop ignores rules that neither allow nor deny.",
        "rules",
        _unknown_rules,
    ),
    Finding(
        "group-orders",
        "Results that depend on group order",
        "Another order of a user's groups would give another verdict.",
        "orders",
        _group_orders,
    ),
)
"""Every kind of finding that the database alone tells, in the order of the page."""

PAGE_FINDINGS = (
    Finding(
        "rules-without-page",
        "Rules that match no known page",
        f"Typos, most likely. {NOT_ALL_PAGES}",
        "rules",
        _rules_of_no_page,
    ),
    Finding(
        "pages-without-requests",
        "Pages whose own requests are denied",
        f"Tables and actions of the page are other paths of its controller. {NOT_ALL_PAGES}",
        "pages",
        _pages_without_requests,
    ),
)
"""What the pages of the shop tell, too."""


def findings() -> tuple[Finding, ...]:
    """Every kind of finding that there can be, with those about pages where the shop's are known."""
    return FINDINGS + PAGE_FINDINGS if known_pages() else FINDINGS
