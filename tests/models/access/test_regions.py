"""Thousands of random shops against the rules by the book: each verdict, what decided it, and all paths at once."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access.decision import GroupRules, build_chain, decide, depends_on_order
from models.access.regions import OTHER, Scope, build_tree, compare_chains, restrict_chain
from models.access.rules import AccessRule, Path, parse_rule
from models.db.tables import Permission
from models.tools.findings import order_scope
from tests.conftest import change_settings
from tests.models.access import by_the_book
from tests.models.access.by_the_book import Rule, all_paths, allows, parts_of
from tests.models.access.texts import at, text

part = st.sampled_from(["*", "*", "user", "index", "application", "acl", "denied"])
rule = st.tuples(st.sampled_from(["allow", "allow", "deny"]), part, part, part)
rules = st.lists(rule, max_size=4)
group_rules = st.lists(rules, max_size=4)
path = st.tuples(*[st.sampled_from(["user", "index", "application", "acl", "denied", "unnamed"])] * 3).map("/".join)
any_own = st.tuples(rules, st.lists(rule, max_size=2))
"""A shop's default rules and whitelist, even such as deny."""
own = st.one_of(st.just((by_the_book.DEFAULT, by_the_book.WHITELIST)), any_own)


def numbered(groups: Sequence[Sequence[Rule]]) -> list[GroupRules]:
    """The groups with ids from 0."""
    return [GroupRules(id, [parse_rule(text(rule)) for rule in rules]) for id, rules in enumerate(groups)]


def use(default: Sequence[Rule], whitelist: Sequence[Rule]) -> None:
    change_settings(default_rules=tuple(map(text, default)), whitelist_rules=tuple(map(text, whitelist)))


@pytest.mark.slow
@settings(max_examples=2_000)
@given(group_rules, own, path)
def test_the_verdict_the_rule_and_the_group_that_decide_are_those_by_the_book(
    groups: list[list[Rule]], own: tuple[list[Rule], list[Rule]], asked: str
) -> None:
    use(*own)
    decision = decide(at(asked), numbered(groups))
    allowed, rule, group = by_the_book.decision(asked, groups, *own)
    assert (decision.allowed, decision.rule and str(decision.rule), decision.group_id) == (
        allowed,
        rule and text(rule),
        group,
    )


@pytest.mark.slow
@settings(max_examples=500)
@given(group_rules, own, path)
def test_a_verdict_depends_on_the_order_of_groups_where_some_order_gives_another(
    groups: list[list[Rule]], own: tuple[list[Rule], list[Rule]], asked: str
) -> None:
    use(*own)
    assert depends_on_order(at(asked), numbered(groups)) == by_the_book.depends_on_order(asked, groups, *own)


@settings(max_examples=50)
@given(st.lists(rules, min_size=2, max_size=3), any_own)
def test_the_scope_where_the_order_matters_is_found_where_there_is_one(
    groups: list[list[Rule]], own: tuple[list[Rule], list[Rule]]
) -> None:
    use(*own)
    scope = order_scope(numbered(groups))
    depending = [p for p in all_paths(*groups, *own) if by_the_book.depends_on_order(p, groups, *own)]
    assert (scope is not None) == bool(depending)
    inside = [p for p in all_paths(*groups, *own) if scope and scope.covers(at(p)) and not allows(p, [], *own)]
    assert set(inside) <= set(depending)


@pytest.mark.slow
@settings(max_examples=500)
@given(group_rules, any_own)
def test_the_tree_of_all_paths_has_each_path_once_with_its_verdict(
    groups: list[list[Rule]], own: tuple[list[Rule], list[Rule]]
) -> None:
    use(*own)
    leaves = list(build_tree(build_chain(numbered(groups))).leaves())
    for asked in all_paths(*groups, *own):
        (leaf,) = [leaf for leaf in leaves if leaf.scope.covers(at(asked))]
        assert leaf.allowed == allows(asked, groups, *own), (asked, str(leaf.scope))
    assert all(decide(leaf.scope.path, numbered(groups)).allowed == leaf.allowed for leaf in leaves)


@settings(max_examples=300)
@given(group_rules)
def test_the_tree_is_collapsed_wherever_all_below_agree(groups: list[list[Rule]]) -> None:
    branches = [build_tree(build_chain(numbered(groups)))]
    while branches:
        branch = branches.pop()
        if branch.below:
            assert branch.allowed is None
            assert len({leaf.allowed for leaf in branch.leaves()}) == 2
        branches += branch.below


@pytest.mark.slow
@settings(max_examples=500)
@given(group_rules, group_rules, any_own)
def test_what_is_gained_and_what_is_lost_is_every_path_that_differs(
    before: list[list[Rule]], after: list[list[Rule]], own: tuple[list[Rule], list[Rule]]
) -> None:
    use(*own)
    gained, lost = compare_chains(build_chain(numbered(before)), build_chain(numbered(after)))

    def among(scopes: Sequence[Scope], path: str) -> bool:
        """Scopes leave out what the default rules allow to everyone."""
        return not allows(path, [], *own) and any(scope.covers(at(path)) for scope in scopes)

    for asked in all_paths(*before, *after, *own):
        verdicts = (allows(asked, before, *own), allows(asked, after, *own))
        assert among(gained, asked) == (verdicts == (False, True)), asked
        assert among(lost, asked) == (verdicts == (True, False)), asked


@settings(max_examples=500)
@given(group_rules, any_own, st.tuples(part, part, part).map("/".join))
def test_every_path_that_matches_is_allowed_where_the_tree_within_it_agrees(
    groups: list[list[Rule]], own: tuple[list[Rule], list[Rule]], asked: str
) -> None:
    use(*own)
    matching = [path for path in all_paths(*groups, *own, [("allow", *parts_of(asked))]) if at(asked).covers(at(path))]
    every = build_tree(restrict_chain(build_chain(numbered(groups)), at(asked))).allowed is True
    assert every == all(allows(path, groups, *own) for path in matching)


def test_a_name_that_looks_like_any_other_is_an_ordinary_name() -> None:
    """A hostile row may contain it, past every check."""
    hostile = GroupRules(1, [AccessRule(Path(name, "*", "*"), Permission.ALLOW) for name in (OTHER, "")])
    branch = build_tree(build_chain([hostile]))
    assert [leaf.allowed for leaf in branch.leaves() if leaf.scope.path.bundle in (OTHER, "")] == [True, True]
    last = branch.below[-1]
    assert (last.scope.name, last.allowed, decide(last.scope.path, [hostile]).allowed) == (OTHER, False, False)
