"""What a user may do, as a tree of paths: bundle > controller > action."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding

from models.access.regions import Branch, Scope
from models.access.rules import ANY, Path
from models.db.paging import InMemoryRows
from tui.widgets.computed_list import ComputedList
from tui.widgets.record_list import Column

VERDICTS = {True: "+ allowed", False: "- denied", None: "* in part"}
"""Verdicts with a mark, so that a column of them can be read down."""

INDENT = 4


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
        return f"{' ' * INDENT * self.level}{self.mark or ' ' * 3} {name}"


def lines_of(root: Branch) -> list[TreeLine]:
    """Every branch of a tree, each before those below it; the root itself only where it divides no further."""
    lines: list[TreeLine] = []

    def add(branch: Branch, level: int) -> None:
        place = len(lines)
        lines.append(TreeLine(place, branch, level, place + 1))
        for below in branch.below:
            add(below, level + 1)
        lines[place] = TreeLine(place, branch, level, len(lines))

    for branch in root.below or (root,):
        add(branch, 0)
    return lines


def way_to(lines: Sequence[TreeLine], path: Path) -> list[TreeLine]:
    """The line that decides a path, and before it those that it is below.

    Parts at the end that are `*` mean all that is there.
    """
    way: list[TreeLine] = []
    place, end = 0, len(lines)
    named = [part for depth, part in enumerate(path.parts) if set(path.parts[depth:]) != {ANY}]
    for part in named:
        while place < end and _names(lines[place].branch) not in (part, ANY):
            place = lines[place].end
        if place == end:
            break
        way.append(lines[place])
        place, end = place + 1, lines[place].end
    return way


def _names(branch: Branch) -> str:
    """The part that it is named by; `*` where it is any other."""
    part = branch.parts[-1] if branch.parts else ANY
    return part if isinstance(part, str) else ANY


class AccessTree(ComputedList[TreeLine]):
    """Verdicts on all paths, collapsed where all below agree; the cursor is on a line."""

    BINDINGS = [
        Binding("enter,space", "turn", "Open", tooltip="Open what is below, or close it", id="tree.toggle"),
        Binding("right", "unfold", "Open", tooltip="Open what is below", show=False, id="tree.open"),
        Binding("left", "fold", "Close", tooltip="Close it, or go up to what it is below", show=False, id="tree.close"),
        Binding("asterisk", "unfold_all", "Open all", tooltip="Open everything", show=False, id="tree.open_all"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            InMemoryRows([]),
            [Column("Path", lambda line, _: str(line), indented=True), Column("Verdict", _verdict, width=10)],
            noun="path",
            empty="",
            copied=lambda line: str(line.scope),
            id=id,
        )
        self._lines: Sequence[TreeLine] = ()
        self._open: set[tuple[str | frozenset[str], ...]] = set()

    def show_lines(self, lines: Sequence[TreeLine]) -> None:
        """Show this tree, open where the one before was, the cursor on the same paths."""
        before = self.place
        self._lines = lines
        same = next((line.id for line in lines if before and line.branch.parts == before.branch.parts), 0)
        self._draw(same)

    def go_to(self, path: Path) -> int:
        """Open the way to the line that decides a path, and go there; its id."""
        way = way_to(self._lines, path) or self._lines[:1]
        self._open.update(line.branch.parts for line in way[:-1])
        self._draw(way[-1].id)
        return way[-1].id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A line with nothing below is not opened."""
        if action == "turn":
            return bool(self.current and self.current.branch.below)
        return super().check_action(action, parameters)

    def action_turn(self) -> None:
        """Open or close the line under the cursor."""
        line = self.current
        if line is not None and line.branch.below:
            self._open ^= {line.branch.parts}
            self._draw(line.id)

    def action_select(self) -> None:
        """A second click opens, too."""
        self.action_turn()

    def action_unfold(self) -> None:
        """Open the line under the cursor."""
        if self.current is not None and self.current.branch.below and self.current.branch.parts not in self._open:
            self.action_turn()

    def action_fold(self) -> None:
        """Close the line under the cursor, or go to the one it is below."""
        line = self.current
        if line is None:
            return
        if line.branch.below and line.branch.parts in self._open:
            self.action_turn()
        elif line.level:
            self._draw(max(above.id for above in self._lines[: line.id] if above.level < line.level))

    def action_unfold_all(self) -> None:
        """Open everything."""
        self._open.update(line.branch.parts for line in self._lines if line.branch.below)
        self._draw(self.current.id if self.current else 0)

    def _scroll_into_view(self) -> None:
        """Keep what the line is below in view, where there is room."""
        super()._scroll_into_view()
        if self.current is not None:
            self._top = max(0, min(self._top, self.cursor - self.current.level))

    def _draw(self, at: int) -> None:
        lines, place = [], 0
        while place < len(self._lines):
            line = self._lines[place]
            is_open = line.branch.parts in self._open
            if line.branch.below:
                line = TreeLine(line.id, line.branch, line.level, line.end, "[-]" if is_open else "[+]")
            lines.append(line)
            place = place + 1 if is_open or not line.branch.below else line.end
        self.listing = InMemoryRows(lines)
        self.reload(at)


def _verdict(line: TreeLine, _: int) -> str:
    return VERDICTS[line.branch.allowed]
