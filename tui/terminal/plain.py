"""The last gate before the terminal: no colour, or no character beyond ASCII, whatever drew the line."""

from functools import lru_cache

from rich.cells import split_graphemes
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("─━═╌▔▁▂▃▄▅▆▇▀", "-"),
    **dict.fromkeys("│┃║▎▏▕▊▋▌▍▉▐█", "|"),
    **dict.fromkeys("┌┐└┘╭╮╰╯┏┓┗┛╔╗╚╝▛▜▙▟▗▖▝▘", "+"),
    **{"…": "~", "•": "*", "→": ">", "↑": "^", "↓": "v", "▶": ">", "🔎": "/ "},
    **{"●": "+", "○": "o", "✗": "#", "✓": "+", "✘": "-", "◐": "~", "◆": "=", "▸": "+", "▾": "-", "◄": "<", "►": ">"},
}
"""The signs that the program and Textual draw with, each as wide as before."""


class NoColours(LineFilter):
    """Leaves bold, reverse video, underline and the like."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments without colours."""
        return [Segment(text, style and style.without_color, control) for text, style, control in segments]


class OnlyAscii(LineFilter):
    """Draws signs with their nearest in ASCII, and `?` for every other character; the data stays as it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII, as wide as before."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


def in_ascii(text: str) -> str:
    """The text in ASCII, in as many cells."""
    return text if text.isascii() else _replaced(text)


@lru_cache(4096)
def _replaced(text: str) -> str:
    spans, _ = split_graphemes(text)
    return "".join(_sign(text[start:end], width) for start, end, width in spans)


def _sign(character: str, width: int) -> str:
    if character.isascii() and len(character) == width:
        return character
    return _SIGNS.get(character, "?" * width)
