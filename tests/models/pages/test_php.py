"""The actions of a controller: what only looks like one is none, and hides none."""

from pathlib import Path

import pytest

from models.pages.reading import read_pages
from tests.shop_code import ACL, ShopCode, small_shop


@pytest.fixture
def code(tmp_path: Path) -> ShopCode:
    return small_shop(tmp_path / "shop")


def actions(code: ShopCode, *above: str) -> list[str]:
    """What is known below a bundle or a controller."""
    return read_pages(code.root, code.root / "cache").names(*above)


def test_an_action_may_be_abstract_or_static_or_without_a_word_but_not_hidden(code: ShopCode) -> None:
    code.php(
        ACL,
        "AbstractRule",
        """
        abstract class AbstractRuleController
        {
            abstract public function firstAction(): array;
            final public static function secondAction () {}
            function &thirdAction() {}
            PUBLIC FUNCTION fourthAction() {}
            protected function fifthAction() {}
            private static function sixthAction() {}
            final protected function seventhAction() {}
            public function Action() {}
            public function helper() { return function ($x) { return $this->viewAction($x); }; }
        }
        """,
    )
    assert actions(code, "acl", "abstract-rule") == ["first", "fourth", "second", "third"]


@pytest.mark.parametrize(
    "noise",
    [
        "/* public function fakeAction() {} */",
        "/** it's \" * / public function fakeAction() {} **/",
        "// public function fakeAction() { /* ' \" <<<EOT",
        "# public function fakeAction() { /* ' \" <<<EOT",
        "const A = 'public function fakeAction() {} // \\' /* \" \\\\';",
        'const A = "public function fakeAction() {} // \\" /* \' \\\\ {not} $a";',
        "const A = `public function fakeAction() {} \\` ' \" /*`;",
        "const A = <<<EOT\n public function fakeAction() {} ' \" /*\n EOTX\n  EOT;",
        "const A = <<<'EOT'\n public function fakeAction() {} \\ {$x ' \" /*\n EOT . '';",
        'const A = <<<"EOT"\n it\'s {$a["it\'s {$b(<<<X\n } \'\n X\n)}"]} public function fakeAction() {} "\nEOT;',
        'public $a = "{$b["public function fakeAction() {} it\'s"]} \' /*";',
        'public $a = "{$b(fn () => ["}", \'}\'])} public function fakeAction() {}";',
        "?> public function fakeAction() {} ' \" /* <?php",
        "// a comment ends here ?> public function fakeAction() {} ' \" /* <?= 1 ?> '<?php",
        "#[Attribute('public function fakeAction() {}')]",
        "use function Some\\fakeAction;",
        "public $a = $function . 'fakeAction(';",
        "public function b() { $this->function fakeAction(); Foo::function fakeAction(); }",
    ],
)
def test_what_only_looks_like_an_action_is_none_and_hides_none(noise: str, code: ShopCode) -> None:
    code.php(ACL, "Odd", f"class OddController\n{{\n{noise}\n    public function realAction() {{}}\n}}\n")
    assert actions(code, "acl", "odd") == ["real"]


MANY = 60_000


@pytest.mark.parametrize("times", [1, MANY])
@pytest.mark.parametrize(
    "rest",
    ["/*", "'", '"', "`", "<<<EOT\n", "<<<'EOT'\n", "?>", '"{$', "'\\", "#[", "function ", "//?", "private ", '"\\'],
)
@pytest.mark.timeout(10)
def test_code_that_breaks_off_hides_nothing_before_it(rest: str, times: int, code: ShopCode) -> None:
    code.php(ACL, "Odd", f"class OddController {{ public function realAction() {{}}\n {rest * times}")
    code.php(ACL, "Other", f"class OtherController {{ {rest * times}\n public function lastAction() {{}}")
    assert actions(code, "acl", "odd") == ["real"]
    assert actions(code, "acl", "group")


def test_nothing_after_the_end_of_the_code_counts(code: ShopCode) -> None:
    code.write(f"{ACL}/Controller/TextController.php", "no PHP: public function fakeAction() {}")
    code.php(ACL, "Odd", "class A { function aAction() {} } __halt_compiler(); public function fakeAction() {}")
    assert actions(code, "acl") == ["group", "odd", "role"]
    assert actions(code, "acl", "odd") == ["a"]
