"""Random frames to two terminals, one given what was written, one what we send for it: they always show the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from tests.emulator import Line, Terminal
from tui.terminal.cells import SYNC_END, SYNC_START

CHARACTERS = [
    *"aaaabbc  ",
    "é",
    "…",
    "─",
    "Ω",
    "管",
    "理",
    "ﾊ",
    "ガ",
    "e\u0301",
    "👍🏽",
    "🧑\u200d🚀",
    "☎\ufe0f",
    "☎",
    "🇩🇪",
    "a\u200b",
]
ODD = ["\u0301x", "\u200b", "\u200d", "\ufe0fa", "a\u200d"]
"""Texts that begin or end with what joins another."""
COLOURS = ["", "31", "97", "38;5;208", "38;2;1;2;3", "38;2;1;2;4"]
GROUNDS = ["", "42", "48;5;17", "48;2;30;30;30", "48;2;30;30;31"]
ATTRIBUTES = ["", "", "", "1", "2", "1;2", "3", "4", "7", "1;7", "9", "4;21", "5", "8", "53"]
HARMLESS = [
    *("\x07", "\x1b[?25l", "\x1b[?25h", "\x1b[?1000h", "\x1b[?1003h\x1b[?1006h", "\x1b[?2004h", "\x1b[?2026$p"),
    *(
        "\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\",
        "\x1b[?2048h",
        "\x1b[>25u",
        "\x1b[<u",
        "\x1b]52;c;YQ==\x07",
        "\x1b]22;pointer\x07",
        "\x1b]2;title\x1b\\",
    ),
]
UNKNOWN = [
    *(
        "\x1b[2J",
        "\x1b[K",
        "\x1b[1;3H\x1b[J",
        "\x1b[31mred",
        "\x1b[2;2Hab\x1b[1@cd",
        "x\ty",
        "\x1b[H\x1bM",
        "\x1b[4:3mx",
    ),
    *("\x1b[5|Cx", "\x1b[99;99Hq", "\x1b[1;1H" + "x" * 300, "\x1b[1;1Ha\x1b[58;5;1mb\x1b[2;1Hc", "\u0301", "ab"),
]

Stroke = tuple[int, int, list[tuple[str, str, str]]]
"""Row, column, and the texts from there with their styles and links."""


def styled(text: str, style: str, link: str) -> str:
    """As Textual writes it."""
    output = f"\x1b[{style}m{text}\x1b[0m" if style else text
    return f"\x1b]8;id={link};https://shop.example/{link}\x1b\\{output}\x1b]8;;\x1b\\" if link else output


styles = st.builds(
    lambda *parts: ";".join(filter(None, parts)),
    st.sampled_from(ATTRIBUTES),
    st.sampled_from(COLOURS),
    st.sampled_from(GROUNDS),
)


def strokes_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Stroke]]:
    segments = st.lists(st.tuples(texts, styles, st.sampled_from(["", "", "", "", "7", "8"])), max_size=4)
    return st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), segments), max_size=6)


known = st.lists(st.sampled_from(CHARACTERS), max_size=9).map("".join) | st.sampled_from([" " * 9, "abc" * 4])
strokes = strokes_of(known | st.sampled_from(ODD))
places = st.tuples(st.integers(0, 99), st.integers(0, 99))


class Drawn(Line):
    """A line on which frames are drawn at random."""

    def frame(self, strokes: list[Stroke], cursor: tuple[int, int]) -> str:
        """Pieces of rows with the place where each begins, cut to the row as Textual does; then the cursor's place."""
        width, height = self.size
        written = []
        for y, x, pieces in strokes:
            x %= width
            written.append(f"\x1b[{y % height + 1};{x + 1}H")
            for text, style, link in pieces:
                text = text if cell_len(text) <= width - x else set_cell_size(text, width - x)
                x += cell_len(text)
                if text:
                    written.append(styled(text, style, link))
            if y % height < height - 1:
                written.append("\n")
        written.append(f"\x1b[{cursor[0] % height + 1};{cursor[1] % width + 1}H")
        return "".join(written)

    def whole(self) -> str:
        """A frame that writes every cell."""
        width, height = self.size
        rows = [[("管理 ab" if y % 2 else "abc", "31", ""), (" " * width, "48;2;30;30;30", "")] for y in range(height)]
        return "\x1b[0m" + self.frame([(y, 0, row) for y, row in enumerate(rows)], (0, 0))


acts = st.one_of(
    *[st.tuples(st.just("frame"), strokes, places)] * 6,
    st.tuples(st.just("synchronized"), strokes, places),
    st.tuples(st.just("harmless"), st.sampled_from(HARMLESS)),
    st.tuples(st.just("unknown"), st.sampled_from(UNKNOWN)),
    st.tuples(st.just("away")),
    st.tuples(st.just("resize"), st.integers(1, 14), st.integers(1, 6), strokes, places),
    st.tuples(st.just("redraw")),
)


def do(line: Drawn, act: str, *what: object) -> None:
    if act in ("frame", "synchronized"):
        frame = line.frame(*what)  # type: ignore[arg-type]
        if act == "synchronized":
            sent = [line.write(SYNC_START), line.write(frame), line.write(SYNC_END)]
            assert sent[0] == "" and sent[1].startswith(SYNC_START) == bool(sent[1]) == bool(sent[2])
        else:
            line.write(frame)
    elif act in ("harmless", "unknown"):
        for part in str(what[0]).split("|"):  # a command may come in two parts
            line.write(part)
        if act == "unknown":  # nobody knows then what is wanted where, until it is written anew
            line.check()
            line.write(line.whole())
    elif act == "away":  # suspended, another program meanwhile, and back
        line.resize(*line.size)  # before which nothing was drawn
        line.write("\x1b[?1049l")
        line.check()
        line.meanwhile("\x1b[2;3H$ ls\n\x1b[35m\x1b[1mshop.db\x1b[m")
        line.check()
        line.write("\x1b[?1049h")
        line.write(line.whole())
    elif act == "resize":
        line.resize(int(str(what[0])), int(str(what[1])))
        line.write(line.frame(*what[2:]))  # type: ignore[arg-type]
        line.check()  # a part of the screen, of which nobody knows the rest
        line.write(line.whole())
    elif act == "redraw":  # another program wrote over it
        line.redraw()
        line.write(line.whole())


@pytest.mark.slow
@settings(max_examples=600)
@given(st.sampled_from([(12, 5), (7, 2), (1, 1), (30, 4)]), st.lists(acts, max_size=8))
def test_after_every_frame_the_terminal_shows_what_was_written(
    size: tuple[int, int], session: list[tuple[object, ...]]
) -> None:
    line = Drawn(*size)
    line.check()
    line.write(line.whole())
    line.check()
    for act in session:
        do(line, *act)  # type: ignore[arg-type]
        line.check()


@pytest.mark.slow
@settings(max_examples=30)
@given(st.sampled_from([(80, 24), (200, 60)]), st.lists(acts.filter(lambda act: act[0] != "resize"), max_size=3))
def test_the_same_on_screens_of_a_real_size(size: tuple[int, int], session: list[tuple[object, ...]]) -> None:
    test_after_every_frame_the_terminal_shows_what_was_written.hypothesis.inner_test(size, session)


@given(strokes_of(known), places)
def test_a_frame_that_changes_nothing_sends_nothing(strokes: list[Stroke], cursor: tuple[int, int]) -> None:
    line = Drawn(20, 4)
    line.write(line.whole())
    frame = line.frame(strokes, cursor)
    line.write(frame)
    assert [line.write(data) for data in (frame, SYNC_START, frame, SYNC_END)] == ["", "", "", ""]


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(strokes_of(known), max_size=5))
def test_where_the_terminal_counts_other_columns_than_textual_every_certain_cell_is_in_its_place(
    frames: list[list[Stroke]],
) -> None:
    line = Drawn(16, 3, Terminal)
    line.write(line.whole())
    for strokes in frames:
        line.write(line.frame(strokes, (0, 0)))
        for theirs, ours in zip(line.theirs.rows, line.ours.rows, strict=True):
            for x, cell in enumerate(theirs):
                if not cell.data:  # the other half: nothing of what stood there before
                    assert ours[x].data in ("", " ") or not ours[x].data.isascii()
                elif cell.data.isascii():
                    assert ours[x] == cell, f"\n{line.ours.text}\n--- not\n{line.theirs.text}"


def test_cells_of_which_nobody_knows_what_they_are_to_show_are_left_as_they_are() -> None:
    line = Drawn(20, 3)
    line.write(line.whole())
    line.resize(21, 3)
    line.write(line.frame([(0, 0, [("xy", "", "")]), (0, 4, [("xy", "", "")])], (0, 0)))
    line.check()
