"""Paths and rules as texts, and which rules of a role have no effect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access.rules import idle_reasons, parse_path
from models.errors import Invalid
from tests.models.access.by_the_book import Rule, allows
from tests.models.access.test_decision import path, rule
from tests.models.access.texts import lines, text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/product-attribute-gui/attribute/create", "product-attribute-gui/attribute/create"),
        ("/user", "user/index/index"),
        ("/acl/group", "acl/group/index"),
        (" user/edit/update/ ", "user/edit/update"),
        ("https://shop.example/product-attribute-gui/attribute/create?x=1", "product-attribute-gui/attribute/create"),
        ("https://backoffice.example/user/edit/update?back=https://backoffice.example/sales", "user/edit/update"),
        ("/user/edit/update?back=https://backoffice.example/sales", "user/edit/update"),
        ("/user/edit#https://backoffice.example/sales", "user/edit/index"),
        ("*/*/*", "*/*/*"),
    ],
)  # fmt: skip
def test_an_addresss_missing_parts_are_index(text: str, path: str) -> None:
    assert str(parse_path(text)) == path


@pytest.mark.parametrize("text", ["", " / ", "a/b/c/d", "https://backoffice.example", "https://", "?x=/a/b"])
def test_a_text_that_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as invalid:
        parse_path(text)
    assert list(invalid.value.fields) == ["path"]


def test_a_rule_without_effect_comes_with_the_reason() -> None:
    def reasons(*rules: str) -> dict[int, str]:
        return idle_reasons(lines(*rules))

    assert reasons("allow user/edit/update", "deny user/*/*") == {1: "overridden by deny user/*/*"}
    assert reasons("allow user/edit/update", "allow user/*/*") == {1: "covered by allow user/*/*"}
    assert reasons("deny user/edit/update", "deny */*/update") == {1: "covered by deny */*/update"}
    assert reasons("allow user/*/*", "deny user/*/*") == {1: "overridden by deny user/*/*"}
    assert reasons("allow */*/*", "deny user/edit/update") == {}
    assert reasons("deny user/edit/update", "allow user/*/*") == {}
    assert reasons("allow user/*/update", "allow user/edit/*") == {}
    assert reasons("allow user/edit/update", "allow User/*/*") == {}
    assert reasons("deny user/*/*", "deny user/*/*") == {2: "covered by deny user/*/*"}  # the web pages may
    assert reasons(*["allow a/b/c"] * 3) == dict.fromkeys((2, 3), "covered by allow a/b/c")


@settings(max_examples=300)
@given(st.lists(rule, max_size=5), st.lists(rule, max_size=3), path)
def test_without_the_idle_rules_of_a_role_every_verdict_is_the_same(
    rules: list[Rule], elsewhere: list[Rule], asked: str
) -> None:
    written = [text(rule) for rule in rules]
    idle = idle_reasons(lines(*written))
    remaining = [rule for id, rule in enumerate(rules, 1) if id not in idle]
    assert allows(asked, [rules, elsewhere]) == allows(asked, [remaining, elsewhere])
    assert allows(asked, [elsewhere, rules]) == allows(asked, [elsewhere, remaining])
