"""What a user may do, as a tree of paths: bundle > controller > action."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textual.binding import Binding

from models.access.labels import label_of
from models.access.regions import Branch, Scope
from models.access.rules import ANY, Path
from models.db.given_rows import InMemoryRows
from models.pages.navigation import SEPARATOR
from tui.keymap.actions import Action
from tui.widgets.column_layout import Column
from tui.widgets.computed_list import ComputedList

VERDICTS = {True: "✓ allowed", False: "✘ denied", None: "◐ partly"}
"""Verdicts with a sign, so that a column of them can be read down."""

VERDICT_STYLES = {True: "record-list--good", False: "record-list--bad", None: "record-list--doubtful"}

INDENT = 2


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A branch as the tree shows it: `end` is the line after the last of those below it, `mark` says if it is open."""

    id: int
    branch: Branch
    level: int
    end: int
    mark: str = ""

    @property
    def scope(self) -> Scope:
        """Its paths."""
        return self.branch.scope

    def __str__(self) -> str:
        name = self.scope.name if self.branch.parts else "all paths"
        label = label_of(self.scope)
        if len(self.branch.parts) == 3:  # the lines that it is below have the rest
            label = label.rpartition(SEPARATOR)[2]
        return f"{' ' * INDENT * self.level}{self.mark or ' '} {name}" + (f"   {label}" if label else "")


def lines_of(root: Branch) -> list[TreeLine]:
    """Every branch of a tree, each before those below it; the root itself only where it divides no further."""
    lines: list[TreeLine] = []

    def add(branch: Branch, level: int) -> None:
        index = len(lines)
        lines.append(TreeLine(index, branch, level, index + 1))
        for below in branch.below:
            add(below, level + 1)
        lines[index] = TreeLine(index, branch, level, len(lines))

    for branch in root.below or (root,):
        add(branch, 0)
    return lines


def verdict_counts(lines: Sequence[TreeLine]) -> str:
    """How many of the topmost lines have which verdict."""
    counts = Counter(line.branch.allowed for line in lines if not line.level)
    words = {verdict: text.split()[1] for verdict, text in VERDICTS.items()}
    return ", ".join(f"{counts[verdict]:,} {words[verdict]}" for verdict in (True, None, False) if counts[verdict])


def path_to(lines: Sequence[TreeLine], path: Path) -> list[TreeLine]:
    """The line that decides a path, after those that it is below.

    Parts at the end that are `*` mean all that is there.
    """
    passed: list[TreeLine] = []
    index, end = 0, len(lines)
    named = [part for depth, part in enumerate(path.parts) if set(path.parts[depth:]) != {ANY}]
    for part in named:
        while index < end and _part_of(lines[index].branch) not in (part, ANY):
            index = lines[index].end
        if index == end:
            break
        passed.append(lines[index])
        index, end = index + 1, lines[index].end
    return passed


def _part_of(branch: Branch) -> str:
    """The last part of its path; `*` where that is any other."""
    part = branch.parts[-1] if branch.parts else ANY
    return part if isinstance(part, str) else ANY


def verdict_column(title: str, verdict: Callable[[Any], bool | None]) -> Column[Any]:
    """A column of verdicts, which is never cut."""
    return Column(
        title,
        lambda row, _: VERDICTS[verdict(row)],
        width=max(9, len(title)),
        style=lambda row: VERDICT_STYLES[verdict(row)],
    )


class AccessTree(ComputedList[TreeLine]):
    """Verdicts on all paths, collapsed where all below agree; the cursor is on a line."""

    BINDINGS = [
        Action(
            "enter,space",
            "toggle_branch",
            "Expand",
            tooltip="Expand or collapse",
            id="tree.toggle",
            enabled=lambda tree: bool(tree.current and tree.current.branch.below),
        ),
        Binding("right", "expand", "Expand", tooltip="Expand", show=False, id="tree.open"),
        Binding("left", "collapse", "Collapse", tooltip="Collapse, or go to the parent", show=False, id="tree.close"),
        Binding("asterisk", "expand_all", "Expand all", tooltip="Expand all", show=False, id="tree.open_all"),
    ]

    marker_cells = 1

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            InMemoryRows([]),
            [
                Column("  Path", lambda line, _: str(line), indented=True),
                verdict_column("Verdict", lambda line: line.branch.allowed),
            ],
            noun="path",
            empty="",
            copied=lambda line: str(line.scope),
            rows_above=lambda line: line.level,
            id=id,
        )
        self._lines: Sequence[TreeLine] = ()
        self._open: set[tuple[str | frozenset[str], ...]] = set()

    def show_lines(self, lines: Sequence[TreeLine]) -> None:
        """Show this tree, open where the one before was, the cursor on the same paths."""
        before = self.window.current_or_last
        self._lines = lines
        same = next((line.id for line in lines if before and line.branch.parts == before.branch.parts), 0)
        self._show_open(same)

    def go_to(self, path: Path) -> int:
        """Open all that the line is below that decides a path, and go there; its id."""
        *above, line = path_to(self._lines, path) or self._lines[:1]
        self._open.update(each.branch.parts for each in above)
        self._show_open(line.id)
        return line.id

    def action_toggle_branch(self) -> None:
        line = self.current
        if line is not None and line.branch.below:
            self._open ^= {line.branch.parts}
            self._show_open(line.id)

    def action_open(self) -> None:
        self.action_toggle_branch()

    def action_expand(self) -> None:
        if self.current is not None and self.current.branch.below and self.current.branch.parts not in self._open:
            self.action_toggle_branch()

    def action_collapse(self) -> None:
        """Close the line under the cursor, or go to the one it is below."""
        line = self.current
        if line is None:
            return
        if line.branch.below and line.branch.parts in self._open:
            self.action_toggle_branch()
        elif line.level:
            self._show_open(max(above.id for above in self._lines[: line.id] if above.level < line.level))

    def action_expand_all(self) -> None:
        self._open.update(line.branch.parts for line in self._lines if line.branch.below)
        self._show_open(self.current.id if self.current else 0)

    def _show_open(self, at: int) -> None:
        """Show the lines that are not in a closed one, the cursor on the line `at`."""
        lines, index = [], 0
        while index < len(self._lines):
            line = self._lines[index]
            is_open = line.branch.parts in self._open
            if line.branch.below:
                line = TreeLine(line.id, line.branch, line.level, line.end, "▾" if is_open else "▸")
            lines.append(line)
            index = index + 1 if is_open or not line.branch.below else line.end
        self.window.listing = InMemoryRows(lines)
        self.reload(at)

    def _markers(self, row: TreeLine, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """The cursor alone: the sign of an open line is part of the tree."""
        yield ">" if is_current else " ", None
