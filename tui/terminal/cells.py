"""A screen of cells: what was written for it, what the terminal shows, and what must be sent to make both the same."""

import re

from tui.terminal.cell_row import UNKNOWN, Piece, Row, has_certain_width
from tui.terminal.pen import PLAIN, Pen, Style, restyled

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""What a program writes around a frame so that the terminal shows it at once."""

# Commands that change neither cells nor style nor where the cursor stands: the bell, modes (wrap, mouse, cursor, focus,
# paste, in-band resize) and questions about them, kitty's keyboard protocol, titles, clipboard and pointer; and what
# tmux and screen are to pass on.
_harmless = re.compile(
    "(?:\x07|\x1b\\[\\?(?:7|12|25|10(?:0[0-6]|15|16)|20(?:04|27|31|48))[hl]|\x1b\\[\\?[0-9]+\\$p|\x1b\\[[<=>][0-9;]*u"
    "|\x1b\\](?!8;)[0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1bP(?:tmux;|\x1b)(?:[^\x1b]|\x1b[^\\\\])*\x1b\\\\)+"
).fullmatch
_TEXT = "[^\x00-\x1f\x7f-\x9f]+"
# What a frame is made of: a styled text, a move, a text, a style, a link, the end of a line; anything else last.
_tokens = re.compile(
    f"\x1b\\[([0-9;]+)m({_TEXT})\x1b\\[0m|\x1b\\[([0-9]+);([0-9]+)H|({_TEXT})|\x1b\\[([0-9;]*)m"
    "|\x1b\\]8;([^\x00-\x1f;]*;[^\x00-\x1f]*)\x1b\\\\|(\n)|.",
    re.DOTALL,
).finditer
_LOOKAHEAD = 16
"""How many of the next pieces are looked at for one in the style that the pen has: few, so that rows fill in order."""


class Cells:
    """Takes what is written for a terminal, and says what to send to it instead: the cells that it does not show yet.

    What is not understood is passed on untouched; nothing is taken as known then, and the next frame is sent whole.
    """

    def __init__(self) -> None:
        self._width = 0
        self._rows: list[Row] = []
        self._changed_rows: set[int] = set()
        self._y: int | None = None
        self._x: int | None = None
        self._style = PLAIN
        self._pen = Pen()
        self._is_unknown = True
        self._held = ""

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size, or had one meanwhile; nobody can say what it shows."""
        if (width, height) != (self._width, len(self._rows)):
            self._width, self._rows = width, [Row(width) for _ in range(height)]
            self._changed_rows.clear()
            self._y = self._x = None
        self._lose(self._pen.style)

    def forget(self) -> None:
        """Send everything with the next frame; the terminal may show anything now, but writes plainly."""
        self._lose(PLAIN)

    def _lose(self, style: Style | None) -> None:
        for row in self._rows:
            row.forget()
        self._pen.forget_position(style)
        self._is_unknown = True

    def follow(self, written: str) -> str:
        """What to send for what was written."""
        if written == SYNC_START:
            self._held = written
            return ""
        if written == SYNC_END:
            dropped, self._held = self._held, ""
            return "" if dropped else written
        lost, self._is_unknown = self._is_unknown, False
        y, x, style = self._y, self._x, self._style
        if self._interpret(written):
            send = self._update(lost)
            if self._is_unknown:  # meanwhile, in a signal's handler: what was collected has no ground any more
                self._lose(self._pen.style)
                return ""
        else:
            send = self._restore(y, x, style) + written
            self._lose(None)
        if send and self._held:
            send, self._held = self._held + send, ""
        return send

    def _interpret(self, written: str) -> bool:
        """Write it into the cells; False where something in it is not known."""
        understood = True
        rows, width, changed_rows = self._rows, self._width, self._changed_rows
        y, x, style = self._y, self._x, self._style
        for token in _tokens(written):
            kind = token.lastindex
            if kind == 2 or kind == 5:
                text, text_style = token[kind], style
                if kind == 2:
                    restyle = restyled(style, token[1])
                    understood = understood and restyle is not None
                    text_style = restyle or style
                    style = restyled(style, "0") or PLAIN
                if y is None or x is None:
                    understood = False
                    continue
                changed_rows.add(y)
                end = rows[y].put(x, text, text_style)
                if end is None:  # terminals differ in what they do with it
                    rows[y].texts = [UNKNOWN] * width
                    understood = False
                x = end
            elif kind == 4:
                y, x = int(token[3]) - 1, int(token[4]) - 1
                if not (0 <= y < len(rows) and 0 <= x < width):
                    y = x = None
                    understood = False
            elif kind == 6:
                restyle = restyled(style, token[6])
                understood = understood and restyle is not None
                style = restyle or style
            elif kind == 7:
                style = style._replace(link=token[7] if token[7].partition(";")[2] else "")
            elif kind == 8 and y is not None and y < len(rows) - 1:
                y, x = y + 1, None
            else:
                y = x = None
                understood = False
        self._y, self._x, self._style = y, x, style
        return understood

    def _update(self, whole: bool) -> str:
        """What makes the terminal show what was written, and puts its cursor where that left it."""
        pen, pieces = self._pen, []
        for y in range(len(self._rows)) if whole else sorted(self._changed_rows):
            row = self._rows[y]
            if not row.is_shown:
                if row.odd:
                    self._send_odd(y, row)
                else:
                    pieces += row.pieces(y)
                row.mark_sent()
        while pieces:
            piece = pieces.pop(self._cheapest(pieces))
            pen.move(piece.y, piece.x)
            pen.write(piece.text, piece.style, piece.end if piece.end < self._width else None)
        self._changed_rows.clear()
        if pen.style and pen.style.link:
            pen.set_style(pen.style._replace(link=""))
        self._put_cursor(self._y, self._x)
        return pen.take_output()

    def _cheapest(self, pieces: list[Piece]) -> int:
        """Which piece to send now: the first one, or one near it that needs no other style where that is cheaper."""
        pen, first = self._pen, pieces[0]
        if first.style is not pen.style:
            for place, piece in enumerate(pieces[1:_LOOKAHEAD], 1):
                if piece.style is pen.style:
                    return place if pen.cost(*piece[:3]) < pen.cost(*first[:3]) else 0
        return 0

    def _send_odd(self, y: int, row: Row) -> None:
        """Send the row whole, each text that terminals disagree about on blanks, and what follows it in its column."""
        pen = self._pen
        for x, (text, style) in enumerate(zip(row.texts, row.styles, strict=True)):
            if not text or text == UNKNOWN:
                continue
            end = x + 1
            while end < self._width and row.texts[end] == "":
                end += 1
            is_certain = has_certain_width(text)
            pen.move(y, x)
            if not is_certain and end > x + 1:
                pen.write(" " * (end - x), style, end if end < self._width else None)
                pen.move(y, x)
            pen.write(text, style, end if is_certain and end < self._width else None)

    def _restore(self, y: int | None, x: int | None, style: Style) -> str:
        """What puts the terminal's cursor and style where they are without us; nothing where that is not known."""
        if self._pen.style is not None:
            self._pen.set_style(style)
            self._put_cursor(y, x)
        return self._pen.take_output()

    def _put_cursor(self, y: int | None, x: int | None) -> None:
        """Put the terminal's cursor where it is without us; behind the last column it stands in the last."""
        if y is not None and x is not None:
            self._pen.move(y, min(x, self._width - 1))


def harmless(written: str) -> bool:
    """Whether it changes neither a cell nor the cursor's place nor its style: a bell, a mode, a question, a title."""
    return _harmless(written) is not None
