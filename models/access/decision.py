"""Who may do what: how the Back Office decides whether a user may open a path, followed to the letter."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Field, chunked, fn

from models.access.rules import ANY, RULE_COLUMNS, AccessRule, Path, rule_from_row
from models.access.shop_rules import shop_rules
from models.db.opened import opened
from models.db.rows import BATCH
from models.db.statements import stream, tuples
from models.db.tables import (
    ROOT_GROUP,
    Group,
    GroupRole,
    Membership,
    MerchantUser,
    Permission,
    Role,
    Rule,
    Status,
    User,
    database,
)


class Chain(NamedTuple):
    """Rules in the order in which they are asked (see `chain`), and whose turn each is: a group's, or nobody's."""

    rules: list[AccessRule]
    turns: list[int | None]

    def add(self, rules: Iterable[AccessRule], turn: int | None, permission: Permission) -> None:
        """Put those of the rules that have this permission at the end."""
        found = [rule for rule in rules if rule.permission is permission]
        self.rules.extend(found)
        self.turns.extend([turn] * len(found))


@dataclass(frozen=True, slots=True)
class GroupRules:
    """A group as the decision takes it: the rules of all its roles, in the order of their ids."""

    id: int
    rules: Sequence[AccessRule]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with what decided it: the rule, and the group by its id where one did."""

    allowed: bool
    rule: AccessRule | None = None
    group: int | None = None


USER_PAGES = tuple(
    Path(*path.split("/")) for path in ("user/index/index", "user/edit/update", "acl/group/edit", "acl/role/update")
)
"""What someone must be able to open for the shop not to be locked out of its own user pages."""

FEW = 3
"""Batches of ids that are asked for one by one; with more of them the whole table is read."""


def chain(groups: Sequence[GroupRules]) -> Chain:
    """Every rule that counts for a user in these groups, in the order given: the first that matches decides.

    This is the shop's AccessControl as one list. It asks the default rules alone, a deny of theirs before an allow.
    Then it gathers them, the whitelist and group after group; what was gathered stays, so that the first group with a
    deny that matches ends it for all later ones, unless an earlier one has allowed. So: default denies, default
    allows, whitelist denies, then of each group its denies before its allows. The whitelist's allows come with the
    first group, which allows by them where it does not deny; without groups the whitelist is not asked at all.
    """
    default_rules, whitelist_rules, _ = shop_rules()
    found = Chain([], [])
    found.add(default_rules, None, Permission.DENY)
    found.add(default_rules, None, Permission.ALLOW)
    for place, group in enumerate(groups):
        if not place:
            found.add(whitelist_rules, None, Permission.DENY)
        found.add(group.rules, group.id, Permission.DENY)
        if not place:
            found.add(whitelist_rules, group.id, Permission.ALLOW)
        found.add(group.rules, group.id, Permission.ALLOW)
    return found


def decide(path: Path, groups: Sequence[GroupRules]) -> Decision:
    """The Back Office's verdict on a path for a user in these groups, in the order given."""
    return first_match(path, chain(groups))


def first_match(path: Path, asked: Chain) -> Decision:
    """The verdict of the first of these rules that matches; denied where none does."""
    bundles, controllers, actions = ((part, ANY) for part in path.parts)
    for rule, turn in zip(*asked, strict=True):
        bundle, controller, action = rule.parts
        if bundle in bundles and controller in controllers and action in actions:
            return Decision(rule.allows, rule, turn)
    return Decision(False)


def as_one(groups: Sequence[GroupRules]) -> GroupRules:
    """A group with the rules of all of these: it denies whatever one of them denies."""
    return GroupRules(0, [rule for group in groups for rule in group.rules])


def depends_on_order(path: Path, groups: Sequence[GroupRules]) -> bool:
    """Whether another order of the groups would give another verdict: one of them alone allows what another denies."""
    if len(groups) < 2 or decide(path, [as_one(groups)]).allowed:
        return False
    return any(decide(path, [group]).allowed for group in groups)


def chain_of_every_order(groups: Sequence[GroupRules]) -> Chain:
    """A chain of rules that allows what the groups allow in whichever order they are asked.

    That is what they allow as one group. A group with a deny that matches, asked first, denies the path for good,
    whatever the whitelist and the others allow; and where none has one, the first with an allow that matches is reached
    in any order.
    """
    return chain([as_one(groups)] if groups else [])


def is_order_fixed() -> bool:
    """Whether a user's groups are always asked in the order of their ids: PostgreSQL gives them in any order."""
    return opened().dialect.has_fixed_join_order


def opens_user_pages(asked: Chain) -> bool:
    """Whether a user with this chain of rules is allowed all of the user pages."""
    return all(first_match(path, asked).allowed for path in USER_PAGES)


def administers(groups: Sequence[GroupRules]) -> bool:
    """Whether a user in these groups, in the order of their ids, is sure to open all of the user pages."""
    return opens_user_pages(chain(groups) if is_order_fixed() else chain_of_every_order(groups))


def find_admin(first: int | None = None) -> int | None:
    """The id of a user who can sign in and open all of the user pages; None where nobody can.

    On PostgreSQL only who can in every order of their groups, since which one the shop gets is not fixed. The user
    `first` is looked at before any other: who could before a change most often still can after it.
    """
    return next(find_admins(first), None)


def find_admins(first: int | None = None) -> Iterator[int]:
    """All whom `find_admin` may find, one after the other; nobody is looked at before they are asked for."""
    verdicts: dict[tuple[int, ...], bool] = {}
    found: set[int] = set()
    for users in _who_may_be_admins(first):
        held = groups_of(users)
        fresh = list({held[user] for user in users} - verdicts.keys())
        for some in fresh[:1], fresh[1:]:  # most often the first of them will do
            grants = read_grants(set().union(*some))
            verdicts |= {ids: administers(grants.groups(ids)) for ids in some}
            admins = [user for user in users if verdicts.get(held[user]) and user not in found]
            found.update(admins)
            yield from admins


def _who_may_be_admins(first: int | None) -> Iterator[Sequence[int]]:
    """Users who can sign in, a batch at a time: all who may be able to open the user pages, the likely ones first."""
    can = User.select(User.id).where(*can_sign_in())
    if opens_user_pages(chain([])):
        yield [id for (id,) in tuples(can.limit(1))]
        return
    if first is not None:
        yield [id for (id,) in tuples(can.where(User.id == first))]
    root = [id for (id,) in tuples(Group.select(Group.id).where(Group.name == ROOT_GROUP))]
    for group in itertools.chain(root, (group for group in _granting() if group not in root)):
        members = Membership.select(Membership.user).join(User).where(Membership.group == group, *can_sign_in())
        yield from chunked(_each(Membership.user, members), BATCH)


def _granting() -> Iterator[int]:
    """The groups that allow one of the user pages by a rule of theirs: who may open all of these is in one of them."""
    given = [*shop_rules().default_rules, *shop_rules().whitelist_rules]
    page = next((page for page in USER_PAGES if not any(rule.path.covers(page) for rule in given)), None)
    if page is None:
        yield from _each(Membership.group, Membership.select(Membership.group).distinct())
        return
    rules = Rule.select(Rule.role).where(Rule.permission == Permission.ALLOW).distinct()
    for field, part in (Rule.bundle, page.bundle), (Rule.controller, page.controller), (Rule.action, page.action):
        rules = rules.where(field.in_((part, ANY)))
    for roles in chunked([role for (role,) in tuples(rules)], BATCH):
        yield from _each(GroupRole.group, GroupRole.select(GroupRole.group).where(GroupRole.role.in_(roles)).distinct())


def _each(field: Field, query: Any) -> Iterator[int]:
    """The ids in the field, upwards, read a batch at a time by key."""
    batch: list[tuple[Any, ...]] = [(0,)]
    while batch:
        batch = tuples(query.where(field > batch[-1][0]).order_by(field).limit(BATCH))
        yield from (id for (id,) in batch)


def can_sign_in() -> list[Any]:
    """The conditions that a user meets who can sign in at all: active, no warehouse user, and no merchant's.

    Warehouse users can where the shop lets them, a merchant's where they are in a group of `root_groups`.
    """
    if MerchantUser not in opened().neighbours:
        return is_staff()
    return [*is_staff(), ~fn.EXISTS(_of_merchants(SQL("1")).where(MerchantUser.user == User.id))]


def is_staff() -> list[Any]:
    """The conditions of `can_sign_in` that ask nothing but the user's own row: active, and no warehouse user."""
    conditions: list[Any] = [User.status == Status.ACTIVE]
    if not shop_rules().warehouse_users_sign_in and "is_warehouse_user" in User._meta.fields:
        warehouse = User._meta.fields["is_warehouse_user"]
        conditions.append(warehouse.is_null() | (warehouse == False))  # noqa: E712 (SQL)
    return conditions


def root_groups() -> set[int]:
    """The groups whose reference is root_group: a merchant's user who is in one can sign in to the Back Office."""
    return {id for (id,) in tuples(select_root_groups())}


def select_root_groups() -> Any:
    """The query for `root_groups`."""
    reference = Group._meta.fields.get("reference")  # older shops' groups have none
    return Group.select(Group.id).where(SQL("1 = 0") if reference is None else reference == ROOT_GROUP)


def _of_merchants(*columns: Any) -> Any:
    """The query for the merchants' users who are in no group of `root_groups`."""
    held = Membership.alias()
    excepted = held.select(SQL("1")).where(held.user == MerchantUser.user, held.group.in_(select_root_groups()))
    return MerchantUser.select(*columns).where(~fn.EXISTS(excepted))


def of_merchants(users: Collection[int]) -> set[int]:
    """Those of the users who are a merchant's, and in no group of `root_groups`: they cannot sign in."""
    if MerchantUser not in opened().neighbours:
        return set()
    return {user for (user,) in found_among(_of_merchants(MerchantUser.user), MerchantUser.user, users)}


def users_by_groups(condition: Any = None) -> dict[tuple[int, ...], list[int]]:
    """All users, or those that meet the condition, by the groups they are in (in the order of their ids)."""
    query = User.select(User.id, Membership.group).join(Membership, JOIN.LEFT_OUTER, on=Membership.user == User.id)
    found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    query = query if condition is None else query.where(condition)
    rows = stream(query.order_by(User.id, Membership.group))
    for user, held in itertools.groupby(rows, itemgetter(0)):
        found[tuple([group for _, group in held if group is not None])].append(user)
    return found


def groups_of(users: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
    """The groups of each user, in the order of their ids."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for batch in chunked(users, BATCH):
        memberships = Membership.select(Membership.user, Membership.group)
        for user, group in tuples(memberships.where(Membership.user.in_(batch))):
            found[user].append(group)
    return defaultdict(tuple, {user: tuple(sorted(groups)) for user, groups in found.items()})


def order_for_shop(user: int) -> tuple[int, ...]:
    """The groups of a user in the order in which the shop asks them: that of its own query, to the letter."""
    query = (
        "SELECT spy_acl_group.* FROM spy_acl_group INNER JOIN spy_acl_user_has_group ON "
        "(spy_acl_group.id_acl_group = spy_acl_user_has_group.fk_acl_group) WHERE spy_acl_user_has_group.fk_user = "
    )
    cursor = database.execute_sql(query + opened().dialect.placeholder, (user,))
    place = [column[0] for column in cursor.description].index(Group.id.column_name)
    return tuple([row[place] for row in cursor.fetchall()])


@dataclass(frozen=True)
class Grants:
    """What groups hold: their names and roles by group, and the rules by role."""

    names: dict[int, str]
    roles: dict[int, frozenset[int]]
    rules: dict[int, tuple[AccessRule, ...]]

    def groups(self, ids: Iterable[int]) -> list[GroupRules]:
        """These groups as the decision takes them, in the order given; each is made once."""
        return [self.group(id) for id in ids]

    def group(self, id: int) -> GroupRules:
        """One group as the decision takes it."""
        if id not in self._made:
            rules = [rule for role in self.roles.get(id, ()) for rule in self.rules.get(role, ())]
            self._made[id] = GroupRules(id, sorted(rules, key=lambda rule: rule.id), self.names.get(id, ""))
        return self._made[id]

    @cached_property
    def _made(self) -> dict[int, GroupRules]:
        return {}


def read_grants(groups: Collection[int], roles: Collection[int] = ()) -> Grants:
    """What these groups hold; the rules of further `roles` too."""
    names: dict[int, str] = {}
    held: defaultdict[int, set[int]] = defaultdict(set)
    query = Group.select(Group.id, Group.name, GroupRole.role)
    query = query.join(GroupRole, JOIN.LEFT_OUTER, on=GroupRole.group == Group.id)
    for group, name, role in found_among(query, Group.id, groups):
        names[group] = name
        if role is not None:
            held[group].add(role)
    wanted = set(roles).union(*held.values())
    rules: defaultdict[int, list[AccessRule]] = defaultdict(list)
    for row in found_among(Rule.select(*RULE_COLUMNS).join(Role), Rule.role, wanted):
        rules[row[0]].append(rule_from_row(row))
    return Grants(
        names,
        {group: frozenset(roles) for group, roles in held.items()},
        {role: tuple(lines) for role, lines in rules.items()},
    )


def found_among(query: Any, field: Field, ids: Collection[int]) -> Iterator[tuple[Any, ...]]:
    """The query's rows whose `field`, its first column, has one of the ids: in a handful of statements.

    Many ids are picked out of the whole table, which is quicker than asking for them in as many batches.
    """
    if len(ids) > FEW * BATCH:
        wanted = set(ids)
        yield from (row for row in tuples(query) if row[0] in wanted)
    else:
        for batch in chunked(sorted(ids), BATCH):
            yield from tuples(query.where(field.in_(batch)))
