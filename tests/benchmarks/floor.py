"""The floor: how few bytes a simple encoder needs from one screen to the next, knowing both, cell by cell."""

from functools import lru_cache

from pyte.graphics import FG_BG_256

from tests.emulator import Cell, Terminal

_ATTRIBUTES = {"bold": 1, "italics": 3, "underscore": 4, "blink": 5, "reverse": 7, "strikethrough": 9}
_COLOURS = {"black": 0, "red": 1, "green": 2, "brown": 3, "blue": 4, "magenta": 5, "cyan": 6, "white": 7}


class Floor:
    """Looks at a terminal after every frame, and counts what the cells that became different cost, row after row.

    It skips what is equal with the shortest of the commands that move the cursor, or sends it again where that is
    shorter, and changes only what differs of a style. It keeps the style from frame to frame.
    """

    def __init__(self, terminal: Terminal, numbered: bool) -> None:
        self._terminal, self._numbered = terminal, numbered  # whether the colours are of the 256
        self._shown: list[list[Cell]] = [[Cell()] * terminal.columns for _ in range(terminal.lines)]
        self._style = Cell()
        self._y, self._x = -1, -1

    def count(self) -> int:
        """The bytes from what it saw last."""
        count = 0
        for y, (row, shown) in enumerate(zip(self._terminal.rows, self._shown, strict=True)):
            for x, (cell, old) in enumerate(zip(row, shown, strict=True)):
                if cell != old and cell.data:
                    count += (
                        self._reach(y, x, row) + _change(self._style, cell, self._numbered) + len(cell.data.encode())
                    )
                    self._style, self._y, self._x = cell, y, x + 1
                    while self._x < len(row) and not row[self._x].data:
                        self._x += 1
        y, x, _ = self._terminal.caret
        count += self._move(y, x)
        self._y, self._x = y, x
        self._shown = self._terminal.rows
        return count

    def _reach(self, y: int, x: int, row: list[Cell]) -> int:
        move = self._move(y, x)
        if self._y == y and self._x < x:
            between = row[self._x : x]
            if all(_change(self._style, cell, self._numbered) == 0 for cell in between):
                return min(move, sum(len(cell.data.encode()) for cell in between))
        return move

    def _move(self, y: int, x: int) -> int:
        if (self._y, self._x) == (y, x):
            return 0
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._y == y:
            by = abs(x - self._x)
            ways += [f"\x1b[{x + 1}G", f"\x1b[{by}C" if by > 1 else "\x1b[C"]  # left is as long as right
            ways += ["\r"] if not x else ["\b" * by] if x < self._x else []
        return min(map(len, ways))


@lru_cache(maxsize=4096)
def _change(old: Cell, new: Cell, numbered: bool) -> int:
    """How many bytes it takes from one style to another."""
    if old[1:] == new[1:]:
        return 0
    colours = {base: _colour(name, base, numbered) for name, base in ((new.fg, 30), (new.bg, 40))}
    whole = ["0", *(str(code) for name, code in _ATTRIBUTES.items() if getattr(new, name)), *colours.values()]
    part = [
        str(code if getattr(new, name) else 22 if code == 1 else 20 + code)
        for name, code in _ATTRIBUTES.items()
        if getattr(new, name) != getattr(old, name)
    ]
    part += [colours[30] or "39"] if new.fg != old.fg else []
    part += [colours[40] or "49"] if new.bg != old.bg else []
    ways = [";".join(filter(None, way)) for way in (whole, part)]
    return min(len(f"\x1b[{way.removesuffix('0') if way == '0' else way}m") for way in ways)


def _colour(name: str, base: int, numbered: bool) -> str:
    """The numbers that choose a colour as pyte names it: pyte tells one of 256 by its red, green and blue."""
    if name == "default":
        return ""
    if name.removeprefix("bright") in _COLOURS:
        return str(base + _COLOURS[name.removeprefix("bright")] + 60 * name.startswith("bright"))
    if numbered and name in FG_BG_256:
        return f"{base + 8};5;{FG_BG_256.index(name)}"
    return f"{base + 8};2;{int(name[:2], 16)};{int(name[2:4], 16)};{int(name[4:], 16)}"
