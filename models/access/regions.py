"""The verdicts on all paths at once, as a tree of bundle > controller > action.

The tree is exact and finite: rules name finitely many bundles, controllers and actions, and paths that no rule
distinguishes have the same verdict. Each named bundle, and "any other", is divided only as far as its rules reach.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from models.access.decision import Chain
from models.access.rules import ANY, AccessRule, Path
from models.access.shop_rules import shop_rules

OTHER = "(everything else)"
"""How a scope shows a part that is any other than the names beside it."""

Parts = tuple[str | frozenset[str], ...]
"""Bundle, controller and action, or fewer: each a name, `*`, or a set of names for any other than these."""


class Scope(NamedTuple):
    """Paths with the same verdict: all that begin with these parts."""

    parts: Parts = ()

    @property
    def path(self) -> Path:
        """One of its paths, for `decide`: `*` stands for a part that no rule names."""
        bundle, controller, action = (*(part if isinstance(part, str) else ANY for part in self.parts), *[ANY] * 3)[:3]
        return Path(bundle, controller, action)

    @property
    def name(self) -> str:
        """The last of its parts, as a tree shows it; `*` for all paths."""
        return _name(self.parts[-1]) if self.parts else ANY

    @property
    def is_named(self) -> bool:
        """Whether no part of it is a set of excluded names."""
        return all(isinstance(part, str) for part in self.parts)

    def covers(self, path: Path) -> bool:
        """Whether the path is one of its paths."""
        return all(
            part in (asked, ANY) if isinstance(part, str) else asked not in part
            for part, asked in zip(self.parts, path.parts, strict=False)
        )

    def meets(self, path: Path) -> bool:
        """Whether some of its paths are covered by this one, whose parts may be `*`."""
        return all(
            ANY in (part, asked) or (part == asked if isinstance(part, str) else asked not in part)
            for part, asked in zip(self.parts, path.parts, strict=False)
        )

    def is_within(self, path: Path) -> bool:
        """Whether all of its paths are covered by this one, whose parts may be `*`."""
        return all(asked in (ANY, part) for asked, part in zip(path.parts, (*self.parts, *[ANY] * 3), strict=False))

    def __str__(self) -> str:
        return "/".join([*map(_name, self.parts), *[ANY] * (3 - len(self.parts))])


def _name(part: str | frozenset[str]) -> str:
    return part if isinstance(part, str) else OTHER


class Branch(NamedTuple):
    """A scope, by its parts, with its verdicts: one for each chain of rules that the tree was built from.

    `verdicts` is None where they are not the same for all paths; then `below` divides the scope, by name, "any other"
    last. In a tree of several chains it is None with nothing below where their rules are the same from here on, and ()
    where a default rule allows the paths to everyone: these make no difference, and no scope is divided for them.
    """

    parts: Parts
    verdicts: tuple[bool | None, ...] | None
    below: "tuple[Branch, ...]" = ()

    @property
    def scope(self) -> Scope:
        """The paths."""
        return Scope(self.parts)

    @property
    def allowed(self) -> bool | None:
        """The verdict in a tree of one chain; None where it differs below."""
        return self.verdicts[0] if self.verdicts else None

    def leaves(self) -> "Iterator[Branch]":
        """The branches with nothing below, in order."""
        pending = [self]
        while pending:
            branch = pending.pop()
            if branch.below:
                pending.extend(reversed(branch.below))
            else:
                yield branch


Memo = dict[tuple[Any, ...], Branch]
"""Branches that were built before, by their parts and the rules that can match there.

Users in different groups often have the same rules for a bundle, so that most branches of their trees are the same.
"""


ScopeDiff = tuple[tuple[Scope, ...], tuple[Scope, ...]]
"""The scopes that are gained, and those that are lost."""


def build_tree(*chains: Chain, memo: Memo | None = None) -> Branch:
    """The verdicts of these chains of rules on all paths, collapsed where all below agree."""
    return _get_branch((), [_cut_unreachable(chain.rules) for chain in chains], {} if memo is None else memo)


def compare_chains(before: Chain, after: Chain, memo: Memo | None = None) -> ScopeDiff:
    """The scopes gained and the scopes lost from one chain of rules to another: together, every path that differs.

    A scope does not mention the paths in it that a default rule allows to everyone: `*/*/*` gained is all the others.
    """
    gained: list[Scope] = []
    lost: list[Scope] = []
    for leaf in build_tree(before, after, memo=memo).leaves():
        if leaf.verdicts and leaf.verdicts[0] is not leaf.verdicts[1]:
            (lost if leaf.verdicts[0] else gained).append(leaf.scope)
    return tuple(gained), tuple(lost)


def restrict_chain(chain: Chain, path: Path) -> Chain:
    """The rules that can match paths covered by `path`, with `*` for the parts that it names itself."""
    restricted = Chain([], [])
    for rule, group_id in zip(*chain, strict=True):
        pairs = list(zip(path.parts, rule.parts, strict=True))
        if all(part == own or ANY in (part, own) for part, own in pairs):
            remaining = Path(*[own if part == ANY else ANY for part, own in pairs])
            restricted.rules.append(replace(rule, path=remaining))
            restricted.group_ids.append(group_id)
    return restricted


def _get_branch(parts: Parts, chains: list[tuple[AccessRule, ...]], memo: Memo) -> Branch:
    """The branch of these parts, from the memo if it is there; each chain has the rules that can still match."""
    key = (parts, *chains)
    branch = memo.get(key)
    if branch is None:
        branch = memo[key] = _build_branch(parts, chains, memo)
    return branch


def _build_branch(parts: Parts, chains: list[tuple[AccessRule, ...]], memo: Memo) -> Branch:
    depth, first = len(parts), chains[0]
    if len(chains) > 1:
        if first and not first[0].id and first[0].depth <= depth and _allows_everyone(first[0]):
            return Branch(parts, ())
        if chains.count(first) == len(chains):
            return Branch(parts, None)
    verdicts = tuple([_unanimous(rules, depth) for rules in chains])
    if None not in verdicts:
        return Branch(parts, verdicts)
    below = _leaf_level(parts, chains) if depth == 2 else _split_level(parts, chains, memo)
    relevant = [branch for branch in below if branch.verdicts != ()] or below
    if all([branch.verdicts == relevant[0].verdicts and not branch.below for branch in relevant]):
        return Branch(parts, relevant[0].verdicts)
    *named, other = below
    if not other.below:  # a name with the verdict of any other needs no branch of its own
        named = [branch for branch in named if branch.below or branch.verdicts not in (other.verdicts, ())]
        names = frozenset([str(branch.parts[-1]) for branch in named])
        other = Branch((*parts, names) if names else other.parts, other.verdicts)
    return Branch(parts, None, (*named, other))


def _split_level(parts: Parts, chains: list[tuple[AccessRule, ...]], memo: Memo) -> list[Branch]:
    """The branches of each name that the rules have in the next part, and of any other.

    A name whose rules are the same in all of several chains has no branch of its own if that is so for any other too.
    """
    split = [_rules_by_name(rules, len(parts)) for rules in chains]
    rest = [rest for _, rest in split]
    rest_is_equal = len(chains) > 1 and rest.count(rest[0]) == len(rest)
    below, names = [], sorted(set().union(*[named for named, _ in split]))
    for name in names:
        matching = [named.get(name, rest) for named, rest in split]
        if not rest_is_equal or matching.count(matching[0]) < len(matching):
            below.append(_get_branch((*parts, name), matching, memo))
    below.append(_get_branch((*parts, frozenset(names) if names else ANY), rest, memo))
    return below


def _leaf_level(parts: Parts, chains: list[tuple[AccessRule, ...]]) -> list[Branch]:
    """The branches of the last part: the first rule of each chain that matches decides."""
    deciding = [{rule.parts[2]: rule for rule in reversed(rules)} for rules in chains]
    names = sorted(set().union(*deciding) - {ANY})
    below = []
    for name in (*names, ANY):
        matches = [rules.get(name) or rules.get(ANY) for rules in deciding]
        first = matches[0]
        is_free = len(chains) > 1 and first is not None and not first.id and _allows_everyone(first)
        verdicts = () if is_free else tuple([rule is not None and rule.allows for rule in matches])
        below.append(Branch((*parts, frozenset(names) if names and name == ANY else name), verdicts))
    return below


def _allows_everyone(rule: AccessRule) -> bool:
    """Whether it is a default rule that allows: these come first in every chain."""
    return rule.allows and rule in shop_rules().default_rules


def _cut_unreachable(rules: Sequence[AccessRule]) -> tuple[AccessRule, ...]:
    """The rules up to the first that matches any path: no later one can decide."""
    count = next((count for count, rule in enumerate(rules, 1) if not rule.depth), None)
    return tuple(rules[:count])


def _unanimous(rules: Sequence[AccessRule], depth: int) -> bool | None:
    """The verdict if it is the same whichever of the rules match, otherwise None; only the last may match all."""
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
    """The rules that can match each name that they have at `depth`, and those that can match any other."""
    named: dict[str, list[AccessRule]] = {}
    rest: list[AccessRule] = []
    for rule in rules:
        name = rule.parts[depth]
        if name == ANY:
            rest.append(rule)
            for matching in named.values():
                if matching[-1].depth > depth + 1:
                    matching.append(rule)
        elif name not in named:
            named[name] = [*rest, rule]
        elif named[name][-1].depth > depth + 1:
            named[name].append(rule)
    return {name: tuple(matching) for name, matching in named.items()}, tuple(rest)
