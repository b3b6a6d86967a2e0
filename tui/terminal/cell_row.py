"""A row of the screen's cells: what was written there, what the terminal shows, and which of them are to be sent."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rich.cells import split_graphemes

from tui.terminal.pen import PLAIN, Style, change, forward

# Characters that every terminal shows in one cell, and those that every terminal shows in two. All others (emoji,
# combining marks, what Unicode added lately) are where terminals differ from each other and from Textual.
_NARROW = (
    *((0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x390, 0x3A1)),
    *((0x3A3, 0x482), (0x2010, 0x2027), (0x2030, 0x205E), (0x20AC, 0x20AC), (0x2190, 0x21FF), (0x2400, 0x2426)),
    *((0x2500, 0x25FC), (0x2800, 0x28FF), (0xFFFD, 0xFFFD)),
)
_WIDE = (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFF01, 0xFF60)
_is_narrow = frozenset(chr(code) for first, last in _NARROW for code in range(first, last + 1)).issuperset

UNKNOWN = "\0"
"""What stands in a cell of which nobody knows what it shows, or is to show."""
_MAX_BRIDGE = 6
"""Cells between two differing runs that may be cheaper to send again than to skip: a move is seldom longer."""


@lru_cache(maxsize=1024)
def _clusters(text: str) -> list[tuple[str, int]]:
    """What stands in a cell each, with its width, by the rules that Textual lays text out with."""
    return [(text[start:end], width) for start, end, width in split_graphemes(text)[0]]


def has_certain_width(text: str) -> bool:
    """Whether what stands in a cell is as wide on every terminal as for Textual."""
    return _is_narrow(text) or (len(text) == 1 and any(first <= ord(text) <= last for first, last in _WIDE))


class Piece(NamedTuple):
    """Some cells of a row in the same style."""

    y: int
    x: int
    style: Style
    text: str
    end: int


class Row:
    """A row of cells: texts and styles as written and as shown. The cells of a wide text but its first are empty."""

    __slots__ = ("odd", "shown_styles", "shown_texts", "styles", "texts")

    def __init__(self, width: int) -> None:
        self.texts = [UNKNOWN] * width
        self.styles: list[Style] = [PLAIN] * width
        self.odd = False
        """Whether it has, or shows, a text that is not narrow for certain."""
        self.forget()

    def forget(self) -> None:
        self.shown_texts = [UNKNOWN] * len(self.texts)
        self.shown_styles = self.styles.copy()

    def put(self, x: int, text: str, style: Style) -> int | None:
        """Write a text; the column after it, None where it has no place in the row."""
        if not (text.isascii() or _is_narrow(text)):
            return self._put_odd(x, text, style)
        end = x + len(text)
        if end > len(self.texts):
            return None
        if self.odd:
            self._cut(x, end)
        self.texts[x:end] = text
        self.styles[x:end] = [style] * (end - x)
        return end

    def _put_odd(self, x: int, text: str, style: Style) -> int | None:
        self.odd = True
        for cluster, width in _clusters(text):
            end = x + width
            if not width or end > len(self.texts):  # a mark without a letter joins whatever stands before it
                return None
            self._cut(x, end)
            self.texts[x:end] = [cluster, *[""] * (width - 1)]
            self.styles[x:end] = [style] * width
            x = end
        return x

    def _cut(self, start: int, end: int) -> None:
        """What is left of a wide text that is partly overwritten is blank."""
        texts = self.texts
        left = start
        while left < len(texts) and texts[left] == "":
            left -= 1
        texts[left:start] = " " * (start - left)
        while end < len(texts) and texts[end] == "":
            texts[end] = " "
            end += 1

    @property
    def is_shown(self) -> bool:
        return self.texts == self.shown_texts and self.styles == self.shown_styles

    def mark_sent(self) -> None:
        """The terminal shows it as it is now."""
        self.shown_texts = self.texts.copy()
        self.shown_styles = self.styles.copy()
        if self.odd:
            self.odd = not _is_narrow("".join(self.texts))

    def changed_runs(self) -> list[tuple[int, int]]:
        """The runs of cells to send, start and end: those that differ, and few between that cost less than a move."""
        cells = zip(self.texts, self.shown_texts, self.styles, self.shown_styles, strict=True)
        columns = [
            x
            for x, (text, shown, style, shown_style) in enumerate(cells)
            if (text != shown or (style is not shown_style and style != shown_style)) and text != UNKNOWN
        ]
        if not columns:
            return []
        runs = []
        start = end = columns[0]
        for x in columns:
            if x > end and not (x - end < _MAX_BRIDGE and self._bridge(end, x)):
                runs.append((start, end))
                start = x
            end = x + 1
        return [*runs, (start, end)]

    def pieces(self, y: int) -> list[Piece]:
        """What is to be sent of it, from left to right."""
        pieces = []
        for x, end in self.changed_runs():
            while x < end:
                style, start = self.styles[x], x
                while x < end and self.styles[x] is style:
                    x += 1
                pieces.append(Piece(y, start, style, "".join(self.texts[start:x]), x))
        return pieces

    def _bridge(self, end: int, start: int) -> bool:
        """Whether the cells between two runs cost no more than the move across them."""
        texts, styles = self.texts[end:start], self.styles[end - 1 : start + 1]
        if UNKNOWN in texts:
            return False
        cost = len("".join(texts).encode()) + sum(len(change(*pair)) for pair in pairwise(styles))
        return cost <= len(forward(start - end)) + len(change(styles[0], styles[-1]))
