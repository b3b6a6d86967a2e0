"""What a file would change in the shop: the differences by record, and whose access they change. Nothing is written."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal

from peewee import chunked

from models import lookup
from models.access.grants import rows_by_ids
from models.access.impact import NEW, AccessChange
from models.access.rules import AccessRule, Path, parse_rule, rule_from_row, select_rules
from models.changes.named import UNKNOWN, Named, entry_problem
from models.changes.prune import Absent, check_holders, find_absent
from models.changes.shop_file import ShopFile, WrongFile, place, quoted
from models.changes.user_fields import UserChange, plan_users
from models.db.connection import read_connection
from models.db.statements import BATCH, tuples
from models.db.tables import GroupRole, Membership, Permission, Rule
from models.errors import Invalid
from models.lookup import Kind
from models.validation import ROLE_NEEDED, RULE_PARTS

TWICE = "stands here twice"

Ids = dict[int, list[int]]
LinkKey = Literal["roles", "users"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a record differs from the file; the keys are those of the file."""

    kind: Kind
    name: str
    is_new: bool = False
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Rules, roles or users that it would get, by key."""
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Values before and after, by key."""
    is_deleted: bool = False

    def __bool__(self) -> bool:
        return self.is_new or self.is_deleted or any([*self.added.values(), *self.removed.values(), self.changed])


@dataclass(frozen=True)
class Plan:
    """The differences of a shop from a file: roles, then groups, then users, each by name; what is deleted at last."""

    differences: Sequence[Difference]
    access: AccessChange
    """The same by ids; what is new has an id from `NEW` on."""
    new_roles: Mapping[int, str]
    new_groups: Mapping[int, str]
    users: Sequence[UserChange]
    absent: Sequence[Absent] = ()
    """What is deleted, in that order."""

    @property
    def hash(self) -> str:
        """The same for the same differences."""
        return sha256(json.dumps([asdict(each) for each in self.differences]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Links:
    """The roles or users of groups that differ."""

    gained: Ids
    lost: Ids
    names: Mapping[int, str]

    def named(self, side: Ids, group: int) -> list[str]:
        return sorted(self.names[id] for id in side.get(group, ()))


def make(file: ShopFile, *, prune: bool = False) -> Plan:
    """The differences of the shop from a file; with `prune` the groups and roles that it does not name are deleted.

    Raises WrongFile where the shop cannot become what the file says.
    """
    problems = dict(file.problems)
    with read_connection():
        shop = Named(file, problems)
        added_rules, removed_rules, roles = _plan_rules(file, shop, problems)
        held, members = (_plan_links(key, file, shop, problems) for key in ("roles", "users"))
        changes = plan_users(file.users, shop.users, UNKNOWN["users"], problems)
        absent = []
        if prune:
            absent = [find_absent("group", shop.groups.values()), find_absent("role", shop.roles.values())]
            check_holders(absent[1], absent[0], held.lost, problems)
    groups = _group_differences(file, shop, held, members, problems)
    if problems:
        raise WrongFile(problems)
    access = AccessChange(
        added_roles=held.gained,
        removed_roles=held.lost,
        added_rules=added_rules,
        removed_rules=removed_rules,
        joining=members.gained,
        leaving=members.lost,
        deleted_groups=[id for each in absent if each.kind == "group" for id in each.names],
        deleted_roles=[id for each in absent if each.kind == "role" for id in each.names],
        statuses={change.id: change.status for change in changes if change.status is not None},
        warehouse={change.id: change.is_warehouse for change in changes if "is_warehouse_user" in change.changed},
    )
    users = [Difference("user", change.name, changed=change.changed) for change in changes]
    deleted = [Difference(each.kind, name, is_deleted=True) for each in absent for name in sorted(each.names.values())]
    differences = [each for each in (*roles, *groups, *users, *deleted) if each]
    return Plan(differences, access, shop.new_roles, shop.new_groups, changes, absent)


def _plan_rules(
    file: ShopFile, shop: Named, problems: dict[str, str]
) -> tuple[dict[int, list[tuple[Path, Permission]]], list[int], list[Difference]]:
    """The rules that roles would get, the ids of those they would lose, and both by role."""
    asked = {shop.roles[name] for name, values in file.roles.items() if "rules" in values}
    held: defaultdict[int, list[AccessRule]] = defaultdict(list)
    for row in rows_by_ids(select_rules(), Rule.role, [id for id in asked if id < NEW]):
        rule = rule_from_row(row)
        held[rule.role_id] += [rule] if rule.permission is not None else []
    gained: dict[int, list[tuple[Path, Permission]]] = {}
    lost: list[int] = []
    differences = []
    for name, values in sorted(file.roles.items()):
        id, rules = shop.roles[name], held[shop.roles[name]]
        known = {str(rule) for rule in rules}
        wanted = (
            _wanted_rules(place("roles", name, "rules"), values["rules"], known, problems) if id in asked else known
        )
        added = sorted(wanted - known)
        removed = sorted((str(rule), rule.id) for rule in rules if str(rule) not in wanted)
        if added:
            parsed = map(parse_rule, added)
            gained[id] = [(rule.path, rule.permission) for rule in parsed if rule.permission is not None]
        lost += [rule for _, rule in removed]
        texts = {"rules": added}, {"rules": [text for text, _ in removed]}
        differences.append(Difference("role", name, id >= NEW, *texts))
    return gained, lost, differences


def _wanted_rules(where: str, texts: Sequence[str], known: Collection[str], problems: dict[str, str]) -> set[str]:
    """The rules that a role is to have, as they are written; those that it has need not be such as can be saved."""
    wanted: set[str] = set()
    wrong = []
    for text in texts:
        problem = None
        if text not in known:
            try:
                rule = parse_rule(text)
            except Invalid as invalid:
                wrong.append(str(invalid))
                continue
            text, columns = str(rule), [getattr(Rule, part) for part in RULE_PARTS]
            problem = next(filter(None, map(entry_problem, columns, rule.path.parts)), None)
        if problem or text in wanted:
            wrong.append(f"{quoted(text)}: {problem or TWICE}")
        wanted.add(text)
    if wrong:
        problems[where] = "; ".join(wrong)
    return wanted


def _plan_links(key: LinkKey, file: ShopFile, shop: Named, problems: dict[str, str]) -> _Links:
    """What the groups that have the key would get and lose."""
    asked = {name: values[key] for name, values in file.groups.items() if key in values}
    model, column, known = (
        (GroupRole, GroupRole.role, shop.roles) if key == "roles" else (Membership, Membership.user, shop.users)
    )
    held: defaultdict[int, set[int]] = defaultdict(set)
    stored = [shop.groups[name] for name in asked if shop.groups[name] < NEW]
    existing = model.select(model.group, column).join(column.rel_model)  # a link to nothing is none of theirs
    for group, other in rows_by_ids(existing, model.group, stored):
        held[group].add(other)
    gained: Ids = {}
    lost: Ids = {}
    for name, texts in asked.items():
        id, where, wanted = shop.groups[name], place("groups", name, key), set[int]()
        wrong = []
        for text in texts:
            if text not in known or known[text] in wanted:
                wrong.append(f"{quoted(text)}: {TWICE if text in known else UNKNOWN[key]}")
            else:
                wanted.add(known[text])
        if wrong:
            problems[where] = "; ".join(wrong)
        elif key == "roles" and held[id] and not wanted:
            problems[where] = ROLE_NEEDED
        if wanted - held[id]:
            gained[id] = sorted(wanted - held[id])
        if held[id] - wanted:
            lost[id] = sorted(held[id] - wanted)
    names = {id: text for text, id in known.items()}
    return _Links(gained, lost, names | _stored_names(key, {id for ids in lost.values() for id in ids} - names.keys()))


def _stored_names(key: LinkKey, ids: Collection[int]) -> dict[int, str]:
    column = lookup.FIELDS["role" if key == "roles" else "user"]
    query = column.model.select(column.model.id, column)
    return {
        id: name
        for batch in chunked(sorted(ids), BATCH)
        for id, name in tuples(query.where(column.model.id.in_(batch)))
    }


def _group_differences(
    file: ShopFile, shop: Named, held: _Links, members: _Links, problems: dict[str, str]
) -> list[Difference]:
    differences = []
    for name, values in sorted(file.groups.items()):
        id = shop.groups[name]
        where = place("groups", name, "roles")
        if id >= NEW and not values.get("roles") and problems.keys().isdisjoint((where, place("groups", name))):
            problems[where] = ROLE_NEEDED
        added = {"roles": held.named(held.gained, id), "users": members.named(members.gained, id)}
        removed = {"roles": held.named(held.lost, id), "users": members.named(members.lost, id)}
        differences.append(Difference("group", name, id >= NEW, added, removed))
    return differences
