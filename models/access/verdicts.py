"""Who may open a path: the verdict for all users, and for all groups, each with its reason."""

from collections import defaultdict
from dataclasses import dataclass

from models.access.decision import Chain, Decision, build_chain, first_match
from models.access.explain import verdict_reason
from models.access.grants import is_order_fixed, read_grants, read_users_by_groups
from models.access.regions import build_tree, restrict_chain
from models.access.rules import ANY, AccessRule, Path, rule_from_row, select_rules
from models.db.connection import read_connection
from models.db.statements import tuples
from models.db.tables import Group, Permission, Rule

ORDER_NOT_FIXED = "Groups are evaluated by id here; PostgreSQL may use another order in the shop."


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """Users with the same verdict on a path, or on all paths that it covers, by the same rule of the same group.

    For a path with `*` parts it is the verdict on the paths that no rule names; where that is allowed and some other
    path is denied, it is the verdict on the latter, which is `path`.
    """

    path: Path
    decision: Decision
    group_name: str | None
    """The group whose rule decided."""
    reason: str
    users: tuple[int, ...]
    """Their ids, in ascending order; `users.listing.rows` reads a page of them."""


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """The verdict of one group alone on a path, or on all paths that it covers."""

    id: int
    name: str
    decision: Decision
    reason: str


def users_by_verdict(path: Path) -> list[VerdictGroup]:
    """All users, by their verdict on a path and its reason, most users first.

    A path with `*` parts is allowed to users who may open every path that it covers. Whether they can sign in is
    another question.
    """
    with read_connection():
        users_by_groups = read_users_by_groups()
        grants = read_grants(set().union(*users_by_groups))
    users_by_reason: defaultdict[tuple[Path, Decision, str | None, str], list[int]] = defaultdict(list)
    for groups, users in users_by_groups.items():
        decided, decision = _decide_all(path, build_chain(grants.groups(groups)))
        group = None if decision.group_id is None else grants.group(decision.group_id)
        reason = verdict_reason(decision.allowed, decision.rule, group, len(groups))
        users_by_reason[decided, decision, group.name if group else None, reason] += users
    verdicts = [VerdictGroup(*verdict, tuple(sorted(users))) for verdict, users in users_by_reason.items()]
    return sorted(verdicts, key=lambda verdict: -len(verdict.users))


def group_verdicts(path: Path) -> list[GroupVerdict]:
    """Every group, and whether it alone would allow a path (with `*` parts: every path that it covers)."""
    with read_connection():
        grants = read_grants([id for (id,) in tuples(Group.select(Group.id))])
    verdicts = []
    for group in grants.groups(sorted(grants.group_names)):
        _, decision = _decide_all(path, build_chain([group]))
        reason = verdict_reason(decision.allowed, decision.rule, group if decision.group_id else None, 1)
        verdicts.append(GroupVerdict(group.id, group.name, decision, reason))
    return verdicts


def _decide_all(path: Path, chain: Chain) -> tuple[Path, Decision]:
    """The verdict on all paths that `path` covers, and the path that it is the verdict on (see `VerdictGroup`)."""
    decision = first_match(path, chain)
    if decision.allowed and ANY in path.parts:
        for leaf in build_tree(restrict_chain(chain, path)).leaves():
            if not leaf.allowed:
                pairs = zip(path.parts, leaf.scope.path.parts, strict=True)
                denied = Path(*[other if part == ANY else part for part, other in pairs])
                return denied, first_match(denied, chain)
    return path, decision


def order_note() -> str:
    """What to say beside verdicts for all users, which assume that groups are evaluated in the order of their ids.

    Empty where the shop always does so.
    """
    return "" if is_order_fixed() else ORDER_NOT_FIXED


def unknown_rules() -> list[AccessRule]:
    """The rules in the whole shop whose type no shop writes; they have no effect."""
    unknown = Rule.permission.not_in(list(Permission))
    with read_connection():
        return [rule_from_row(row) for row in tuples(select_rules().where(unknown).order_by(Rule.role, Rule.id))]
