"""What README.md and the pages of .github/docs say, for the tests that hold them to it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / ".github" / "docs"
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
}
"""The texts by their paths."""


def block(path: str, name: str) -> str:
    """The lines of the block that is marked `<!-- name -->`."""
    found = re.findall(rf"^<!-- {name} -->\n```\w*\n(.*?)^```", DOCUMENTS[path], re.DOTALL | re.MULTILINE)
    assert len(found) == 1, f"{path} has no block <!-- {name} -->, or several"
    return str(found[0])


def table(path: str, head: str) -> list[list[str]]:
    """The cells of the table with that head, row by row."""
    found = re.findall(rf"^{re.escape(head)}\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENTS[path], re.MULTILINE)
    assert len(found) == 1, f"{path} has no table {head}, or several"
    return [[cell.strip() for cell in row.strip("|").split(" |")] for row in found[0].splitlines()]
