"""Styles: each sheet is parsed once, and what comes of it is what Textual's own parsing gives."""

from collections import Counter
from typing import Any

import pytest
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet

from tests.tui.conftest import Person, Start


async def visit_pages(person: Person) -> None:
    for section, shown in [("1", "Users / Users"), ("3", "Users / User Roles"), ("4", "Users / Access")]:
        await person.press(section)
        await person.see(shown)
    await person.press("2", "n")
    await person.see("Create new Group", "CMS editor")
    await person.press("escape")
    await person.see("> Content team")


def styles(sheet: Stylesheet) -> list[tuple[str, str]]:
    return [(rule.selectors, repr(rule.styles.get_rules())) for rule in sheet.rules]


async def test_opening_a_section_or_a_page_parses_only_what_is_new(
    start: Start, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: Counter[object] = Counter()

    def counted(scope: str, css: str, read_from: object, **options: Any) -> object:
        parsed[scope, read_from, options["tie_breaker"]] += 1  # how near a class stands to the widget
        return parse(scope, css, read_from, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("textual.css.stylesheet.parse", counted)
    async with start() as person:
        await visit_pages(person)
    assert len(parsed) > 10 and max(parsed.values()) == 1


async def test_the_styles_are_those_that_textual_makes_also_in_another_theme(start: Start, shop: None) -> None:
    async with start() as person:
        await visit_pages(person)
        for theme in ("textual-light", "textual-dark"):
            person.app.theme = theme
            await person.settle()
            own = Stylesheet(variables=person.app.get_css_variables())
            own.source = person.app.stylesheet.source
            own.parse()
            assert styles(person.app.stylesheet) == styles(own)
