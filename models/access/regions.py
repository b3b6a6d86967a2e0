"""All paths at once, exactly: rules name finitely many bundles, controllers and actions, and so do the verdicts.

Paths that no rule tells apart are decided alike, so each bundle that is named, and any other one, is looked into only
as far as its own rules reach: bundle > controller > action.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from models.access.decision import Chain
from models.access.rules import ANY, AccessRule, Path
from models.access.shop_rules import shop_rules

OTHER = "(any other)"
"""How a scope says: any other than the names beside it."""


class Scope(NamedTuple):
    """Paths that are decided alike: those that have these parts, as many as there are.

    A part is a name, `*`, or a set: any other than these names, which are decided otherwise.
    """

    parts: tuple[str | frozenset[str], ...] = ()

    @property
    def path(self) -> Path:
        """One of its paths, as `decide` takes it: `*` stands for what no rule names."""
        bundle, controller, action = (*(part if isinstance(part, str) else ANY for part in self.parts), *[ANY] * 3)[:3]
        return Path(bundle, controller, action)

    @property
    def name(self) -> str:
        """The last of its parts, as a tree shows it; `*` for all paths."""
        return _name(self.parts[-1]) if self.parts else ANY

    @property
    def is_named(self) -> bool:
        """Whether it is none of those that are any other than some."""
        return all(isinstance(part, str) for part in self.parts)

    def covers(self, path: Path) -> bool:
        """Whether this is one of its paths."""
        return all(
            part in (own, ANY) if isinstance(part, str) else own not in part
            for part, own in zip(self.parts, path.parts, strict=False)
        )

    def __str__(self) -> str:
        return "/".join([*map(_name, self.parts), *[ANY] * (3 - len(self.parts))])


def _name(part: str | frozenset[str]) -> str:
    return part if isinstance(part, str) else OTHER


class Branch(NamedTuple):
    """A scope, by its parts, and its verdicts: one for each of the users, or states of the shop, that the tree is of.

    `verdicts` is None where they are not the same for all paths; then `below` divides them, by name and any other
    last. In a tree of several it is None without any below where their rules are the same from here on, and () where a
    default rule allows the paths to everyone: these make no difference, and keep no scope from collapsing.
    """

    parts: tuple[str | frozenset[str], ...]
    verdicts: tuple[bool | None, ...] | None
    below: "tuple[Branch, ...]" = ()

    @property
    def scope(self) -> Scope:
        """The paths."""
        return Scope(self.parts)

    @property
    def allowed(self) -> bool | None:
        """The verdict of a tree of one user; None where it differs below."""
        return self.verdicts[0] if self.verdicts else None

    def leaves(self) -> "Iterator[Branch]":
        """The branches that divide no further, in order."""
        ahead = [self]
        while ahead:
            branch = ahead.pop()
            if branch.below:
                ahead.extend(reversed(branch.below))
            else:
                yield branch


Memo = dict[tuple[Any, ...], Branch]
"""Branches that are worked out already, by their parts and the rules that can be asked there.

Users in other groups often have the same rules for a bundle, so that most branches of their trees are the same.
"""


def tree(*chains: Chain, known: Memo | None = None) -> Branch:
    """The verdicts of these chains of rules on all paths, collapsed where all below agree."""
    return _branch((), [_reaching(chain.rules) for chain in chains], {} if known is None else known)


def changes(before: Chain, after: Chain, known: Memo | None = None) -> tuple[tuple[Scope, ...], tuple[Scope, ...]]:
    """The scopes gained and those lost from one chain of rules to another: together, every path that differs.

    What a default rule allows to everyone is left out of a scope without saying so: `*/*/*` gained is all the rest.
    """
    gained: list[Scope] = []
    lost: list[Scope] = []
    for leaf in tree(before, after, known=known).leaves():
        if leaf.verdicts and leaf.verdicts[0] is not leaf.verdicts[1]:
            (lost if leaf.verdicts[0] else gained).append(leaf.scope)
    return tuple(gained), tuple(lost)


def within(asked: Path, chain: Chain) -> Chain:
    """The rules that matter for the paths that match one with `*` parts, as they are for its other parts."""
    found = Chain([], [])
    for rule, turn in zip(*chain, strict=True):
        pairs = list(zip(asked.parts, rule.parts, strict=True))
        if all(part == own or ANY in (part, own) for part, own in pairs):
            left = Path(*[own if part == ANY else ANY for part, own in pairs])
            found.rules.append(replace(rule, path=left))
            found.turns.append(turn)
    return found


def _branch(parts: tuple[str | frozenset[str], ...], chains: list[tuple[AccessRule, ...]], known: Memo) -> Branch:
    """The branch of these parts, each chain with the rules that can still be asked there."""
    key = (parts, *chains)
    found = known.get(key)
    if found is None:
        found = known[key] = _build(parts, chains, known)
    return found


def _build(parts: tuple[str | frozenset[str], ...], chains: list[tuple[AccessRule, ...]], known: Memo) -> Branch:
    depth, first = len(parts), chains[0]
    if len(chains) > 1:
        if first and not first[0].id and first[0].depth <= depth and _for_everyone(first[0]):
            return Branch(parts, ())
        if chains.count(first) == len(chains):
            return Branch(parts, None)
    verdicts = tuple([_unanimous(rules, depth) for rules in chains])
    if None not in verdicts:
        return Branch(parts, verdicts)
    below = _leaf_level(parts, chains) if depth == 2 else _split_level(parts, chains, known)
    counting = [branch for branch in below if branch.verdicts != ()] or below
    if all([branch.verdicts == counting[0].verdicts and not branch.below for branch in counting]):
        return Branch(parts, counting[0].verdicts)
    *named, other = below
    if not other.below:  # a name that is decided as any other need not be told from it
        named = [branch for branch in named if branch.below or branch.verdicts not in (other.verdicts, ())]
        names = frozenset([str(branch.parts[-1]) for branch in named])
        other = Branch((*parts, names) if names else other.parts, other.verdicts)
    return Branch(parts, None, (*named, other))


def _split_level(
    parts: tuple[str | frozenset[str], ...], chains: list[tuple[AccessRule, ...]], known: Memo
) -> list[Branch]:
    """The branches of each name that the rules have in the next part, and of any other.

    Of several chains, names whose rules are the same in all are left to any other one where that is so there too.
    """
    split = [_rules_by_name(rules, len(parts)) for rules in chains]
    rest = [rest for _, rest in split]
    alike = len(chains) > 1 and rest.count(rest[0]) == len(rest)
    below, names = [], sorted(set().union(*[named for named, _ in split]))
    for name in names:
        found = [named.get(name, rest) for named, rest in split]
        if not alike or found.count(found[0]) < len(found):
            below.append(_branch((*parts, name), found, known))
    below.append(_branch((*parts, frozenset(names) if names else ANY), rest, known))
    return below


def _leaf_level(parts: tuple[str | frozenset[str], ...], chains: list[tuple[AccessRule, ...]]) -> list[Branch]:
    """The branches of the last part, as most are: of each chain the first rule that matches decides."""
    deciding = [{rule.parts[2]: rule for rule in reversed(rules)} for rules in chains]
    names = sorted(set().union(*deciding) - {ANY})
    below = []
    for name in (*names, ANY):
        found = [rules.get(name) or rules.get(ANY) for rules in deciding]
        free = len(chains) > 1 and found[0] is not None and not found[0].id and _for_everyone(found[0])
        verdicts = () if free else tuple([rule is not None and rule.allows for rule in found])
        below.append(Branch((*parts, frozenset(names) if names and name == ANY else name), verdicts))
    return below


def _for_everyone(rule: AccessRule) -> bool:
    """Whether it is a default rule that allows: these come first in every chain."""
    return rule.allows and rule in shop_rules().default_rules


def _reaching(rules: Sequence[AccessRule]) -> tuple[AccessRule, ...]:
    """The rules up to the first that matches any path: no later one is asked."""
    last = next((place for place, rule in enumerate(rules, 1) if not rule.depth), None)
    return tuple(rules[:last])


def _unanimous(rules: Sequence[AccessRule], depth: int) -> bool | None:
    """The verdict where all the rules lead to the same one, whichever of them match; only the last may match all."""
    if not rules:
        return False
    final = rules[-1].allows and rules[-1].depth <= depth
    for rule in rules:
        if rule.allows is not final:
            return None
    return final


def _rules_by_name(
    rules: Sequence[AccessRule], depth: int
) -> tuple[dict[str, tuple[AccessRule, ...]], tuple[AccessRule, ...]]:
    """The rules that can be asked for each name that they have at `depth`, and for any other."""
    named: dict[str, list[AccessRule]] = {}
    rest: list[AccessRule] = []
    for rule in rules:
        name = rule.parts[depth]
        if name == ANY:
            rest.append(rule)
            for found in named.values():
                if found[-1].depth > depth + 1:
                    found.append(rule)
        elif name not in named:
            named[name] = [*rest, rule]
        elif named[name][-1].depth > depth + 1:
            named[name].append(rule)
    return {name: tuple(found) for name, found in named.items()}, tuple(rest)
