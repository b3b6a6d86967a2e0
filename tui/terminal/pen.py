"""The terminal's pen: where it stands, in which style it writes, and the fewest bytes that take it elsewhere."""

from functools import lru_cache
from itertools import islice
from typing import NamedTuple


class Style(NamedTuple):
    """How a cell is written: the numbers of its attributes, its colours and its link as the terminal is told them."""

    attributes: frozenset[int] = frozenset()
    colour: str = ""
    background: str = ""
    link: str = ""


PLAIN = Style()

# ECMA-48, 8.3.117 (SGR), and what all terminals of today add to it.
_ATTRIBUTES = frozenset([*range(1, 10), 21, 51, 52, 53])
_ENDS = {22: {1, 2}, 23: {3}, 24: {4, 21}, 25: {5, 6}, 27: {7}, 28: {8}, 29: {9}, 54: {51, 52}, 55: {53}}
_END_OF = {1: 22, 2: 22, 3: 23, 4: 24, 7: 27, 9: 29}
"""The ends that every terminal knows; an attribute without one ends with all of the style."""
_COLOUR_LENGTHS = {"2": 3, "5": 1}
"""How many numbers follow 38 or 48 and the kind of colour: red, green and blue, or one of 256."""


@lru_cache(maxsize=4096)
def restyled(style: Style, parameters: str) -> Style | None:
    """The style after an SGR command with these parameters; None where one is not known."""
    attributes, colour, background, link = style
    numbers = iter(parameters.split(";"))
    for number in numbers:
        code = int(number or 0)
        if code == 0:
            attributes, colour, background = frozenset(), "", ""
        elif code in _ATTRIBUTES:
            attributes |= {code}
        elif code in _ENDS:
            attributes -= _ENDS[code]
        elif code in (38, 48):
            kind = next(numbers, "")
            values = list(islice(numbers, _COLOUR_LENGTHS.get(kind, 0)))
            if not values or len(values) != _COLOUR_LENGTHS[kind]:
                return None
            chosen = ";".join((number, kind, *values))
            colour, background = (chosen, background) if code == 38 else (colour, chosen)
        elif 30 <= code <= 39 or 90 <= code <= 97:
            colour = "" if code == 39 else str(code)
        elif 40 <= code <= 49 or 100 <= code <= 107:
            background = "" if code == 49 else str(code)
        else:
            return None
    return Style(attributes, colour, background, link)


@lru_cache(maxsize=4096)
def change(old: Style | None, new: Style) -> str:
    """The shortest command from one style to another; from None, whatever style it was."""
    if old is new or old == new:
        return ""
    link = "" if new.link == (old.link if old else "") else f"\x1b]8;{new.link or ';'}\x1b\\"
    codes = [*map(str, sorted(new.attributes)), *filter(None, (new.colour, new.background))]
    whole = f"\x1b[{';'.join(['0', *codes])}m" if codes else "\x1b[m"
    if old is None:
        return whole + link
    ends = {_END_OF.get(code) for code in old.attributes - new.attributes}
    if None in ends:
        return whole + link
    ended = frozenset().union(*(_ENDS[end] for end in ends if end))
    codes = [*map(str, sorted(filter(None, ends))), *map(str, sorted(new.attributes - (old.attributes - ended)))]
    if new.colour != old.colour:
        codes.append(new.colour or "39")
    if new.background != old.background:
        codes.append(new.background or "49")
    part = f"\x1b[{';'.join(codes)}m" if codes else ""
    return (part if len(part) < len(whole) else whole) + link


class Pen:
    """Collects what is sent to the terminal. `y`, `x` and `style` are None where they are not known."""

    def __init__(self) -> None:
        self.y: int | None = None
        self.x: int | None = None
        self.style: Style | None = PLAIN
        self._output: list[str] = []

    def forget_position(self, style: Style | None) -> None:
        """It may stand anywhere now; in which style it writes, where that is known."""
        self.y = self.x = None
        self.style = style

    def move_command(self, y: int, x: int) -> str:
        """The shortest command that goes to a cell."""
        best = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
        if self.y == y:
            if self.x == x:
                return ""
            ways = ["\r" if not x else f"\x1b[{x + 1}G"]
            if self.x is not None:
                ways.append(forward(x - self.x) if x > self.x else backward(self.x - x))
            best = min(best, *ways, key=len)
        return best

    def cost(self, y: int, x: int, style: Style) -> int:
        """How many bytes it takes until text can be written there in a style."""
        return len(self.move_command(y, x)) + len(change(self.style, style))

    def move(self, y: int, x: int) -> None:
        """Go to a cell."""
        self._output.append(self.move_command(y, x))
        self.y, self.x = y, x

    def write(self, text: str, style: Style, end: int | None) -> None:
        """Write text in a style; the pen then stands in column `end`, None where terminals differ."""
        self._output += (change(self.style, style), text)
        self.style, self.x = style, end

    def set_style(self, style: Style) -> None:
        """Take another style."""
        self._output.append(change(self.style, style))
        self.style = style

    def take_output(self) -> str:
        """What was collected; the next collection starts."""
        output, self._output = self._output, []
        return "".join(output)


def forward(columns: int) -> str:
    """The command that moves right."""
    return "\x1b[C" if columns == 1 else f"\x1b[{columns}C"


def backward(columns: int) -> str:
    """The command that moves left."""
    return "\b" * columns if columns < 4 else f"\x1b[{columns}D"
