"""The pages of a shop, read from its code: what names them, what hides none of them, and what is kept of that."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.pages import reading
from models.pages.files import Stamps, find_modules
from models.pages.known import KnownPages
from models.pages.reading import dashed, read_pages
from models.pages.shop_root import find_shop_root
from tests.shop_code import ACL, USER, ShopCode, entry, small_shop


@pytest.fixture
def code(tmp_path: Path) -> ShopCode:
    return small_shop(tmp_path / "shop")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where what was read is kept."""
    return tmp_path / "cache" / "backoffice"


def read(code: ShopCode, kept: Path) -> KnownPages:
    return read_pages(code.root, kept)


def labels(code: ShopCode, kept: Path) -> dict[str, str]:
    return dict(read(code, kept).labels)


def test_each_public_action_is_a_page_but_those_of_the_gateway(code: ShopCode, kept: Path) -> None:
    pages = read(code, kept)
    assert pages.names() == ["acl", "dashboard", "user"]
    assert pages.names("acl") == ["group", "role"]
    assert pages.names("acl", "group") == ["add", "delete", "delete-user-from-group", "edit", "index", "table", "users"]
    assert not pages.unread


def test_a_page_is_called_as_all_that_it_is_below(code: ShopCode, kept: Path) -> None:
    found = labels(code, kept)
    assert found["acl/group/edit"] == "Users Control / Groups / Edit Group"
    assert found["user/index/index"] == "Users Control / Users"
    assert "acl/group/table" not in found
    assert read(code, kept).menu == {"acl/group/index", "acl/role/index", "dashboard/index/index", "user/index/index"}


@pytest.mark.parametrize(
    "module",
    [
        "src/Pyz/Zed/OrderExport/Communication",
        "vendor/my-vendor/order-export/src/MyVendor/Zed/OrderExport/Communication",
        "vendor/spryker/spryker/Bundles/OrderExport/src/Spryker/Zed/OrderExport/Communication",
    ],
)
def test_modules_lie_in_the_project_in_packages_and_in_the_bundles_of_one_package(
    module: str, code: ShopCode, kept: Path
) -> None:
    code.controller(module, "FileList", "showAll")
    code.navigation(module, entry("export", "Export", "order-export/other/index"))
    pages = read(code, kept)
    assert pages.names("order-export") == ["file-list", "other"]
    assert pages.names("order-export", "file-list") == ["show-all"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ProductAttributeGui", "product-attribute-gui"),
        ("B2BProduct", "b2-b-product"),
        ("CMSBlock", "cms-block"),
        ("Index2Fa", "index2-fa"),
        ("acl", "acl"),
        ("_profiler", "_profiler"),
    ],
)
def test_names_are_dashed_as_the_shop_does_it(name: str, path: str) -> None:
    assert dashed(name) == path


def test_folders_links_and_pipes_in_the_place_of_files_hide_nothing(code: ShopCode, kept: Path) -> None:
    before = read(code, kept)
    (code.root / ACL / "Controller" / "FolderController.php").mkdir()
    os.mkfifo(code.root / ACL / "Controller" / "PipeController.php")
    (code.root / ACL / "Controller" / "LoopController.php").symlink_to("LoopController.php")
    (code.root / ACL / "Controller" / "GoneController.php").symlink_to("nowhere")
    (code.root / "vendor" / "loop").symlink_to(".")
    (code.root / "vendor" / "self").symlink_to("self")
    (code.root / "vendor" / "spryker" / "up").symlink_to(code.root)
    (code.root / "src" / "Pyz" / "Zed" / "Again").symlink_to("../..")
    code.write(f"{USER}/Controller/HugeController.php", "<?php function hugeAction() {}" + " " * 1_000_000)
    after = read(code, kept)
    assert after.paths == before.paths
    assert [problem.rpartition("/")[2] for problem in after.unread] == [
        "FolderController.php: Is a directory",
        "LoopController.php: Too many levels of symbolic links",
        "PipeController.php: not a file",
        "HugeController.php: too large (more than 1,000,000 bytes)",
    ]


def test_a_package_that_is_a_link_is_read(code: ShopCode, kept: Path, tmp_path: Path) -> None:
    ShopCode(tmp_path / "elsewhere").controller("src/Our/Zed/Our/Communication", "Index", "index")
    (code.root / "vendor" / "our").mkdir()
    (code.root / "vendor" / "our" / "package").symlink_to(tmp_path / "elsewhere")
    assert "our/index/index" in read(code, kept).paths


# What is kept


@pytest.fixture
def times_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that the code was read, not what is kept of it."""
    times: list[str] = []

    def find(stamps: Stamps) -> Iterator[str]:
        times.append("read")
        return find_modules(stamps)

    monkeypatch.setattr(reading, "find_modules", find)
    return times


def test_code_that_is_unchanged_is_not_read_again(code: ShopCode, kept: Path, times_read: list[str]) -> None:
    assert read(code, kept) == read(code, kept)
    assert times_read == ["read"]


def later(path: Path) -> None:
    """Let a file or folder have been changed at another time than it was."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


@pytest.mark.parametrize("module", [ACL, "src/Pyz/Zed/Dashboard/Communication"])
def test_each_change_to_the_code_is_noticed(module: str, code: ShopCode, kept: Path, times_read: list[str]) -> None:
    code.controller(module, "Index", "index")
    code.navigation(module, entry("a", "A", "acl"))
    read(code, kept)
    changed = code.controller(module, "Index", "index", "fresh")
    later(changed)
    assert read(code, kept).has(("*", "index", "fresh"))
    later(code.navigation(module, entry("a", "Fresh", "acl")))
    assert read(code, kept).labels["acl/index/index"] == "Fresh"
    code.controller(module, "Fresh", "index")
    later(code.root / module / "Controller")
    assert read(code, kept).has(("*", "fresh", "index"))
    changed.unlink()
    later(code.root / module / "Controller")
    assert not read(code, kept).has(("*", "index", "fresh"))
    code.write("composer.lock", "{fresh}")
    read(code, kept)
    assert len(times_read) == 6


def test_a_new_module_of_the_project_is_noticed(code: ShopCode, kept: Path) -> None:
    code.write("src/Pyz/Zed/Later/README.md", "")
    read(code, kept)
    code.controller("src/Pyz/Zed/Later/Communication", "Index", "index")
    assert "later/index/index" in read(code, kept).paths
    code.controller("src/Other/Zed/Own/Communication", "Index", "index")
    assert "own/index/index" in read(code, kept).paths
    code.navigation("src/Other/Zed/Own/Communication", entry("a", "Own", "own"))
    assert read(code, kept).labels["own/index/index"] == "Own"


def test_a_first_navigation_of_the_whole_shop_is_noticed(tmp_path: Path, kept: Path) -> None:
    code = ShopCode(tmp_path / "shop")
    assert not read(code, kept)
    code.navigation("config/Zed", entry("a", "A", "acl"))
    assert read(code, kept).labels == {"acl/index/index": "A"}


@pytest.mark.parametrize("damage", [b"", b"x", b"00000000\n{}", b"{}", b"\xff" * 90, None])
def test_what_is_kept_and_damaged_is_read_anew_and_repaired(
    damage: bytes | None, code: ShopCode, kept: Path, times_read: list[str]
) -> None:
    before = read(code, kept)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-40] if damage is None else damage)
    assert read(code, kept) == before
    assert file.read_bytes() == whole
    assert len(times_read) == 2


def test_what_is_kept_is_its_owners_alone_and_written_whole(code: ShopCode, kept: Path) -> None:
    read(code, kept)
    (file,) = kept.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.stat().st_ino
    code.write("composer.lock", "{fresh}")
    read(code, kept)
    assert [each.stat().st_ino for each in kept.iterdir()] != [before]


def test_each_shop_has_its_own(code: ShopCode, kept: Path, tmp_path: Path, times_read: list[str]) -> None:
    other = ShopCode(tmp_path / "other")
    assert read(code, kept) != read(other, kept)
    assert read(code, kept) and not read(other, kept)
    assert len(times_read) == 2


def test_pages_are_known_where_nothing_can_be_kept(code: ShopCode, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert read_pages(code.root, tmp_path / "file" / "cache").names() == ["acl", "dashboard", "user"]


# Where the code lies


@pytest.mark.parametrize("below", [".", "src", "src/Pyz/Zed", "vendor/spryker/acl"])
def test_the_shop_is_found_from_each_folder_in_it(below: str, code: ShopCode) -> None:
    code.write("vendor/spryker/acl/composer.json", '{"require": {"php": ">=8"}}')
    assert find_shop_root(code.root / below) == code.root


@pytest.mark.parametrize(
    "composer",
    [
        *("", "{", "[]", '"x"', "{}", "[" * 100_000, '{"require": []}', '{"require": "spryker/acl"}'),
        *('{"require": {"symfony/console": "^7"}}', '{"require": {"x/spryker/acl": "^7"}}'),
    ],
    ids=lambda composer: composer[:24],
)
def test_a_folder_that_requires_nothing_of_the_shop_is_none(composer: str, tmp_path: Path) -> None:
    ShopCode(tmp_path).write("composer.json", composer)
    assert find_shop_root(tmp_path) != tmp_path


@pytest.mark.parametrize("package", ["spryker/acl", "spryker-shop/cart-page", "spryker-feature/acl"])
def test_any_package_of_the_shop_makes_one(package: str, tmp_path: Path) -> None:
    ShopCode(tmp_path).write("composer.json", f'{{"require": {{"{package}": "*"}}}}')
    assert find_shop_root(tmp_path) == tmp_path
