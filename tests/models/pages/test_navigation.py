"""The labels of pages: from whichever navigation names them, however hostile or broken another one is."""

from pathlib import Path

import pytest

from models.pages.known import KnownPages
from models.pages.reading import read_pages
from tests.shop_code import ShopCode, entry, small_shop


@pytest.fixture
def code(tmp_path: Path) -> ShopCode:
    return small_shop(tmp_path / "shop")


def read(code: ShopCode) -> KnownPages:
    return read_pages(code.root, code.root / "cache")


def labels(code: ShopCode) -> dict[str, str]:
    return dict(read(code).labels)


def test_what_the_project_calls_a_page_counts_before_what_a_vendor_does(code: ShopCode) -> None:
    code.navigation(
        "config/Zed",
        entry("people", "People", "", entry("teams", "Teams", "acl/group/index")),
        entry("users", "Staff", ""),
    )
    found = labels(code)
    assert found["acl/group/index"] == "People / Teams"
    assert found["acl/group/edit"] == "People / Teams / Edit Group"  # below where the project has put that page
    assert found["acl/role/index"] == "Staff / Roles"  # the same entry by its name
    code.navigation("src/Pyz/Zed/Acl/Communication", entry("x", "Own role", "acl/role/index", visible=0))
    assert labels(code)["acl/role/index"] == "Own role"
    assert "acl/role/index" not in read(code).menu


BOMB = (
    '<!DOCTYPE config [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<config><a><label>&b;</label><bundle>bomb</bundle></a></config>"
)
OUTSIDE = (
    '<!DOCTYPE config [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    "<config><a><label>&a;</label><bundle>outside</bundle></a></config>"
)


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        OUTSIDE,
        BOMB.encode("utf-16"),
        "",
        "<config>",
        "not XML",
        b"\xff\x00\xfe",
        '<?xml version="1.0" encoding="no-such-code"?><config/>',
        '<?xml version="1.0" encoding="euc-jp"?><config/>',
        "<config>" + "<a><pages>" * 20_000,
        "<config>" + "<a>" * 40_000 + "<bundle>deep</bundle>",
        "<config><a><label>" + "x<!-- -->" * 60_000,
        "<config><a><label/><bundle>a b</bundle></a><b><bundle>a/b</bundle></b><c><bundle>*</bundle></c></config>",
        "<config/>" + " " * 1_000_001,
    ],
    ids=lambda xml: str(xml[:24]),
)
@pytest.mark.timeout(10)
def test_a_hostile_or_broken_navigation_hides_nothing_else(xml: str | bytes, code: ShopCode) -> None:
    before = read(code)
    code.write("vendor/a/a/src/A/Zed/A/Communication/navigation.xml", xml)
    code.write("composer.lock", "{...}")
    after = read(code)
    assert (after.paths, after.labels) == (before.paths, before.labels)
    assert not any(len(problem) > 200 or "root:" in problem for problem in after.unread)


def test_what_a_navigation_has_before_it_breaks_off_is_read_and_said(code: ShopCode) -> None:
    code.navigation("config/Zed", entry("a", "First", "dashboard"), "<b><label>Second</label></c>")
    pages = read(code)
    assert pages.labels["dashboard/index/index"] == "First"
    assert pages.unread == ["config/Zed/navigation.xml: line 2: mismatched tag"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_navigation_may_have_any_encoding_that_it_names(encoding: str, code: ShopCode) -> None:
    named = encoding.removesuffix("-sig")
    entries = entry("a", "Übersicht &amp;\n mehr", "acl/role")
    xml = f'<?xml version="1.0" encoding="{named}"?><config>{entries}</config>'
    code.write("config/Zed/navigation.xml", xml.encode(encoding))
    assert labels(code)["acl/role/index"] == "Übersicht & mehr"
