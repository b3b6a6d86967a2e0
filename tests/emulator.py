"""A terminal to look into: pyte's, with what pyte leaves out and our users' terminals have."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import pyte
from pyte.screens import StaticDefaultDict
from rich.cells import split_graphemes

from tui.terminal.cells import Cells, harmless

# pyte prints a part of kitty's keyboard commands and of what tmux is to pass on; and it has no links, which we take
# ourselves.
_UNKNOWN = re.compile("\x1b\\[[<=>][0-9;]*u|\x1bP(?:[^\x1b]|\x1b[^\\\\])*\x1b\\\\")
_LINK = re.compile("\x1b\\]8;([^\x07\x1b]*)(?:\x07|\x1b\\\\)")
_ATTRIBUTES = {2: "dim", 6: "rapid", 8: "hidden", 21: "double", 51: "framed", 52: "framed", 53: "overline"}
_ENDS = {22: ["dim"], 24: ["double"], 25: ["rapid"], 28: ["hidden"], 54: ["framed"], 55: ["overline"]}


class Cell(NamedTuple):
    """pyte's Char, with the attributes it does not know and the link."""

    data: str = " "
    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    italics: bool = False
    underscore: bool = False
    strikethrough: bool = False
    reverse: bool = False
    blink: bool = False
    more: frozenset[str] = frozenset()
    link: str = ""


class Terminal(pyte.Screen):
    """A terminal that counts columns by the font of its own: one cell for each character, or two, as pyte does."""

    def __init__(self, columns: int, lines: int) -> None:
        self.link = ""
        self._main: Any = None
        super().__init__(columns, lines)
        self._stream = pyte.Stream(self)

    @property
    def default_char(self) -> Any:
        return Cell()

    def reset(self) -> None:
        super().reset()
        self.cursor.attrs = self.default_char

    def feed(self, data: str) -> None:
        """Show what was sent; the line discipline makes a carriage return and a line feed of each line feed."""
        data = _UNKNOWN.sub("", data).replace("\n", "\r\n")
        for place, piece in enumerate(_LINK.split(data)):
            if place % 2:
                self.link = piece if piece.partition(";")[2] else ""
            else:
                self._stream.feed(piece)

    def select_graphic_rendition(self, *codes: int) -> None:
        super().select_graphic_rendition(*codes)
        more = self.cursor.attrs.more  # type: ignore[attr-defined]
        rest = list(codes)
        while rest:
            code = rest.pop(0)
            if code in (38, 48) and rest:
                del rest[: 4 if rest[0] == 2 else 2]
            elif code == 0:
                more = frozenset()
            elif code in _ATTRIBUTES:
                more |= {_ATTRIBUTES[code]}
            elif code in _ENDS:
                more -= {*_ENDS[code]}
        self.cursor.attrs = self.cursor.attrs._replace(more=more)  # type: ignore[call-arg]

    def draw(self, data: str) -> None:
        plain = self.cursor.attrs
        self.cursor.attrs = plain._replace(link=self.link)  # type: ignore[call-arg]
        super().draw(data)
        self.cursor.attrs = plain

    def set_mode(self, *modes: int, **options: Any) -> None:
        super().set_mode(*modes, **options)
        if options.get("private") and 1049 in modes and self._main is None:
            self._main = self.buffer.copy()
            self.buffer.clear()

    def reset_mode(self, *modes: int, **options: Any) -> None:
        super().reset_mode(*modes, **options)
        if options.get("private") and 1049 in modes and self._main is not None:
            self.buffer.clear()
            self.buffer.update(self._main)
            self._main = None

    @property
    def rows(self) -> list[list[Cell]]:
        """What each cell shows."""
        return [[self.buffer[y][x] for x in range(self.columns)] for y in range(self.lines)]  # type: ignore[misc]

    @property
    def text(self) -> str:
        """What can be read, a line a row."""
        return "\n".join("".join(cell.data for cell in row).rstrip() for row in self.rows)

    @property
    def caret(self) -> tuple[int, int, bool]:
        """Where the cursor is, and whether it is hidden."""
        return self.cursor.y, min(self.cursor.x, self.columns - 1), self.cursor.hidden


@lru_cache(maxsize=4096)
def _spans(text: str) -> list[tuple[int, int, int]]:
    return split_graphemes(text)[0]


class Agreeing(Terminal):
    """A terminal that counts columns as Textual does, so that what Textual wrote lands where Textual meant it to.

    pyte takes the characters of a text one by one: of an emoji of several it shows a part, and it leaves the other half
    of a wide character that is half overwritten. Here it becomes a blank of the same style, as in xterm.
    """

    _wide = False
    """Whether anything wide was ever drawn."""

    def draw(self, data: str) -> None:
        line = self.buffer[self.cursor.y]
        style: Cell = self.cursor.attrs._replace(link=self.link)  # type: ignore[call-arg,assignment]
        made: dict[str, Cell] = {}
        for start, end, width in _spans(data):
            if not width:
                continue  # a mark without a letter
            text = data[start:end]
            x = min(self.cursor.x, self.columns - width)
            self._wide = self._wide or width > 1
            if self._wide:
                self._clear_half(line, x)
                self._clear_half(line, x + width)
            line[x] = made.get(text) or made.setdefault(text, style._replace(data=text))  # type: ignore[assignment]
            for half in range(x + 1, x + width):
                line[half] = style._replace(data="")  # type: ignore[assignment]
            self.cursor.x = x + width

    def _clear_half(self, line: StaticDefaultDict[int, Any], x: int) -> None:
        """Blank a wide character whose other half begins at this column."""
        if x >= self.columns or line[x].data:
            return
        while x and not line[x].data:
            line[x] = line[x]._replace(data=" ")
            x -= 1
        line[x] = line[x]._replace(data=" ")


class Line:
    """Two terminals: one is given what was written, as over Textual's own driver, the other one what we send for it."""

    def __init__(self, width: int, height: int, kind: type[Terminal] = Agreeing) -> None:
        self.size = (width, height)
        self.theirs, self.ours = Agreeing(width, height), kind(width, height)
        self.written = self.sent = 0
        self._cells = Cells()
        self._cells.resize(width, height)
        for start in ("\x1b[?1049h", "\x1b[?25l", "\x1b[?7l"):
            self.write(start)

    def write(self, data: str) -> str:
        """What is sent for it."""
        sent = data if harmless(data) else self._cells.follow(data)
        assert "\0" not in sent
        self.theirs.feed(data)
        self.ours.feed(sent)
        self.written += len(data)
        self.sent += len(sent)
        return sent

    def resize(self, width: int, height: int) -> None:
        """Both terminals have another size now."""
        self.size = (width, height)
        for terminal in (self.theirs, self.ours):
            terminal.resize(height, width)
        self._cells.resize(width, height)

    def meanwhile(self, data: str) -> None:
        """Another program writes to both terminals."""
        for terminal in (self.theirs, self.ours):
            terminal.feed(data)

    def redraw(self) -> None:
        """Another program wrote over our screen, and everything is to be sent anew."""
        self.ours.feed("\x1b[2;3H\x1b[7mA mail has come\x1b[m")
        self._cells.forget()

    def check(self) -> None:
        """Both show the same in every cell, and have the cursor in the same place."""
        assert self.ours.rows == self.theirs.rows, f"\n{self.ours.text}\n--- not\n{self.theirs.text}"
        assert self.ours.caret == self.theirs.caret
