"""All paths at once, exactly: rules name finitely many bundles, controllers and actions, and so do the verdicts.

Paths that no rule tells apart are decided alike, so each bundle that is named, and any other one, is looked into only
as far as its own rules reach: bundle > controller > action.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.access import Step
from models.rules import ANY, Path

OTHER = "(any other)"
"""How a scope says: any other than those that rules name beside it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Paths that are decided alike: those that have these parts, as many as there are.

    A part is a name, `*`, or a set: any other than these names, which rules name beside it.
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


@dataclass(frozen=True, slots=True)
class Branch:
    """A scope and its verdicts, one for each of the users (or states of the shop) that the tree is of.

    `verdicts` is None where they are not the same for all paths; then `below` divides them, by name and any other
    last. In a tree of several it is None without any below where their rules are the same from here on, and () where a
    default rule allows the paths to everyone: these make no difference, and keep no scope from collapsing.
    """

    scope: Scope
    verdicts: tuple[bool, ...] | None
    below: tuple["Branch", ...] = ()

    @property
    def allowed(self) -> bool | None:
        """The verdict of a tree of one user; None where it differs below."""
        return self.verdicts[0] if self.verdicts else None

    def leaves(self) -> Iterator["Branch"]:
        """The branches that divide no further, in order."""
        if not self.below:
            yield self
        for branch in self.below:
            yield from branch.leaves()


def tree(*chains: Sequence[Step]) -> Branch:
    """The verdicts of these chains of rules (see `access.chain`) on all paths, collapsed where all below agree."""
    return _branch(Scope(), chains)


def changes(before: Sequence[Step], after: Sequence[Step]) -> tuple[tuple[Scope, ...], tuple[Scope, ...]]:
    """The scopes gained and those lost from one chain of rules to another: together, every path that differs.

    What a default rule allows to everyone is left out of a scope without saying so: `*/*/*` gained is all the rest.
    """
    gained, lost = [], []
    for leaf in tree(before, after).leaves():
        if leaf.verdicts == (False, True):
            gained.append(leaf.scope)
        elif leaf.verdicts == (True, False):
            lost.append(leaf.scope)
    return tuple(gained), tuple(lost)


def within(asked: Path, steps: Sequence[Step]) -> list[Step]:
    """The steps that matter for the paths that match one with `*` parts, as they are for its other parts."""
    found = []
    for step in steps:
        pairs = list(zip(asked.parts, step.parts, strict=True))
        if all(part == own or ANY in (part, own) for part, own in pairs):
            bundle, controller, action = (own if part == ANY else ANY for part, own in pairs)
            found.append(Step.of((bundle, controller, action), step.allows, step.rule, step.group))
    return found


def _branch(scope: Scope, chains: Sequence[Sequence[Step]]) -> Branch:
    depth = len(scope.parts)
    cut = [_reaching(steps, depth) for steps in chains]
    if len(cut) > 1 and _for_everyone(cut[0], depth):
        return Branch(scope, ())
    agreed = [_agreed(steps, depth) for steps in cut]
    verdicts = tuple([allowed for allowed in agreed if allowed is not None])
    if len(verdicts) == len(cut):
        return Branch(scope, verdicts)
    if len(cut) > 1 and all(steps == cut[0] for steps in cut[1:]):
        return Branch(scope, None)
    split = [_split(steps, depth) for steps in cut]
    names = sorted({name for named, _ in split for name in named})
    below = [_branch(Scope((*scope.parts, name)), [named.get(name, rest) for named, rest in split]) for name in names]
    below.append(_branch(Scope((*scope.parts, frozenset(names) if names else ANY)), [rest for _, rest in split]))
    counting = [branch for branch in below if branch.verdicts != ()] or below
    if all(branch.verdicts == counting[0].verdicts and not branch.below for branch in counting):
        return Branch(scope, counting[0].verdicts)
    return Branch(scope, None, tuple(below))


def _reaching(steps: Sequence[Step], depth: int) -> Sequence[Step]:
    """The steps up to the first that matches whatever the parts from `depth` on are: no later one is asked."""
    for place, step in enumerate(steps, 1):
        if step.depth <= depth:
            return steps[:place]
    return steps


def _for_everyone(steps: Sequence[Step], depth: int) -> bool:
    """Whether the shop's default rules, which come first in every chain, allow it whatever follows."""
    return bool(steps) and steps[0].depth <= depth and steps[0].allows and steps[0].group is None


def _agreed(steps: Sequence[Step], depth: int) -> bool | None:
    """The verdict where all the steps lead to the same one, whichever of them match."""
    last = bool(steps) and steps[-1].depth <= depth and steps[-1].allows
    return last if all(step.allows == last for step in steps) else None


def _split(steps: Sequence[Step], depth: int) -> tuple[dict[str, list[Step]], list[Step]]:
    """The steps that matter for each value that they name at `depth`, and those that do for any other, in order."""
    named: dict[str, list[Step]] = {}
    rest: list[Step] = []
    for step in steps:
        name = step.parts[depth]
        if name == ANY:
            rest.append(step)
            for found in named.values():
                found.append(step)
        elif name in named:
            named[name].append(step)
        else:
            named[name] = [*rest, step]
    return named, rest
