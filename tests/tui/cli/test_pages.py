"""`backoffice pages`, and what other commands know of the shop's pages."""

from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.shop_code import ShopCode, entry, small_shop
from tests.tui.cli.conftest import Run

EDIT_GROUP = "Users Control / Groups / Edit Group"


@pytest.fixture
def code(tmp_path: Path) -> ShopCode:
    return small_shop(tmp_path / "shop")


def test_pages_prints_each_known_page_with_its_label_and_where_they_are_from(run: Run, code: ShopCode) -> None:
    said = run("pages", "--shop-root", str(code.root))
    assert said.code == 0
    assert said.lines[:4] == [
        "path\tlabel\tin_menu",
        "acl/group/add\tUsers Control / Groups / Create new Group\tfalse",
        "acl/group/delete\t\tfalse",
        "acl/group/delete-user-from-group\t\tfalse",
    ]
    assert f"20 known pages in {code.root}, not all: inherited actions are missed." in said.err


def test_pages_are_searched_by_path_and_label(run: Run, code: ShopCode) -> None:
    said = run("--shop-root", str(code.root), "pages", "--search", "EDIT group", "--json")
    assert said.json == [{"path": "acl/group/edit", "label": EDIT_GROUP, "in_menu": False}]


def test_the_shop_is_that_of_the_option_then_of_the_setting_then_of_the_working_folder(
    run: Run, code: ShopCode, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run("pages")
    assert (said.code, said.out) == (2, "") and "requires Spryker's packages" in said.err
    monkeypatch.chdir(code.root / "src" / "Pyz")
    assert f"in {code.root}," in run("pages").err
    other, third = ShopCode(tmp_path / "other"), ShopCode(tmp_path / "third")
    config.write_text(f'shop_root = "{other.root}"\n')
    assert f"0 known pages in {other.root}," in run("pages").err
    assert f"in {third.root}," in run("pages", "--shop-root", str(third.root)).err
    config.write_text('shop_root = "/no/such/folder"\n')
    said = run("pages")
    assert (said.code, said.out) == (2, "") and "the shop's code: /no/such/folder: no such folder" in said.err


def test_what_could_not_be_read_is_said_and_hides_nothing_else(run: Run, code: ShopCode) -> None:
    code.write("config/Zed/navigation.xml", "<config>")
    said = run("pages", "--shop-root", str(code.root))
    assert said.code == 0 and "dashboard/index/index" in said.out
    assert "config/Zed/navigation.xml: line 1: no element found" in said.err


def test_control_characters_of_a_label_are_never_printed(run: Run, code: ShopCode) -> None:
    code.navigation("config/Zed", entry("a", "Evil &#x9b;31m label", "dashboard"))
    said = run("pages", "--shop-root", str(code.root), "--search", "evil")
    assert "Evil �31m label" in said.out and "\x9b" not in said.out


def test_access_takes_a_label_and_prints_it(run: Run, code: ShopCode) -> None:
    said = run("access", "--shop-root", str(code.root), "ada@shop.example", EDIT_GROUP.lower(), "sales/order/list")
    assert [line.partition("  Group")[0] for line in said.lines] == [
        f"allowed  acl/group/edit ({EDIT_GROUP})",
        "allowed  sales/order/list",
    ]
    said = run("access", "--json", "--shop-root", str(code.root), "ada@shop.example", "acl/group/edit", "user")
    assert [(answer["path"], answer["label"]) for answer in said.json] == [
        ("acl/group/edit", EDIT_GROUP),
        ("user/index/index", "Users Control / Users"),
    ]
    assert run("access", "--shop-root", str(code.root), "--who", EDIT_GROUP).lines == ["ada@shop.example"]


def test_a_label_that_no_page_or_several_have_is_refused(run: Run, code: ShopCode) -> None:
    said = run("access", "--shop-root", str(code.root), "--who", "Users Control / Groups / Edit Grup")
    assert said.code == 2 and f"no known page has this label; did you mean {EDIT_GROUP}?" in said.err
    code.navigation("src/Pyz/Zed/Twice/Communication", entry("a", "Twice", "acl/a"), entry("b", "Twice", "acl/b"))
    said = run("access", "--shop-root", str(code.root), "--who", "Twice")
    assert said.code == 2 and "several pages have this label, enter a path: acl/a/index, acl/b/index" in said.err


@pytest.mark.parametrize("label", ["Edit Grup", EDIT_GROUP])
def test_what_is_a_label_is_never_asked_as_a_path(run: Run, label: str) -> None:
    """A rule `*/*/*` would allow it."""
    said = run("access", "ada@shop.example", label)
    assert said.code == 2 and f"{label}: no page is known here that has this label." in said.err and not said.out


def test_a_path_of_a_page_is_no_label_of_another(run: Run, code: ShopCode) -> None:
    code.navigation("src/Pyz/Zed/Odd/Communication", entry("a", "user", "odd"))
    said = run("access", "--shop-root", str(code.root), "ada@shop.example", "user", "--json")
    assert said.json[0]["path"] == "user/index/index"


def test_without_the_shops_code_access_is_as_ever(run: Run) -> None:
    said = run("access", "--json", "ada@shop.example", "acl/group/edit")
    assert [*said.json[0]] == ["path", "allowed", "reason", "group", "role", "rule", "order_dependent", "can_sign_in"]
    said = run("access", "ada@shop.example", "acl/group/edit")
    assert said.lines[0].startswith("allowed  acl/group/edit  Group")


def test_findings_about_pages_are_printed_where_the_shops_code_is_at_hand(
    run: Run, people: Shop, code: ShopCode
) -> None:
    people.rules(2, "allow acl/group/index", "allow acl/grup/index")
    assert "rules-without-page" not in run("findings").out
    root = ("--shop-root", str(code.root))
    assert "rules-without-page\tRules that match no known page\t3" in run("findings", *root).out
    (typo,) = [row for row in run("findings", "rules-without-page", "--json", *root).json if "grup" in row["rule"]]
    assert typo["reason"] == "matches no page of this shop: typo?"
    assert run("findings", "pages-without-requests", "--json", *root).json == [
        {
            "page": "acl/group/index",
            "label": "Users Control / Groups",
            "requests": [f"acl/group/{action}" for action in ("delete", "delete-user-from-group", "table", "users")],
            "users": 2,
        }
    ]


def test_a_rule_that_matches_no_known_page_is_warned_of_and_added(
    run: Run, code: ShopCode, people: Shop, config: Path, tmp_path: Path
) -> None:
    shop = ("--shop-root", str(code.root))
    warning = "backoffice: allow acl/grup/* matches no page of this shop: typo?\n"
    line = ("roles", "allow", "Media", "acl/grup/*", "acl/group/*")
    for more in (["--dry-run"], ["--json"]):
        said = run(*shop, *line, *more)
        assert (said.code, said.err) == (0, warning), more
    assert said.json["changed"]
    assert "matches no page" not in run(*shop, *line).err  # none is added
    assert "matches no page" not in run("roles", "allow", "Media", "x/y/z").err  # no page is known
    file = tmp_path / "shop.toml"
    file.write_text('format = 1\nroles.Editor.rules = ["deny acl/grup/edit"]\n')
    for command in ([], ["--yes"]):
        assert "deny acl/grup/edit matches no page" in run(*shop, "apply", str(file), *command).err
    assert "deny acl/grup/edit matches" not in run(*shop, "undo", "--yes").err
    assert "deny acl/grup/edit matches no page" in run(*shop, "plan", str(file)).err
    config.write_text('shop_root = "/no/such/folder"\n')
    said = run("roles", "allow", "Media", "x/y/again")
    assert said.code == 0 and "the shop's code: /no/such/folder: no such folder" in said.err
