"""What every dialog has: its place over the page, and the keys that work in it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from rich.cells import cell_len
from textual import events, getters
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.app_base import AppBase, DialogBase
from tui.keymap.actions import Action, check_enabled
from tui.text import shown
from tui.widgets.button import Button
from tui.widgets.field import Field, FormRow
from tui.widgets.lines import KeyLine
from tui.widgets.page import set_size_classes

Result = TypeVar("Result")


def under_label(label: str, row: FormRow) -> list[Widget]:
    """What is entered into a dialog, under its label."""
    return [Static(Content(shown(label)), classes="asked"), row]


MIN_TEXT_CELLS, MAX_TEXT_CELLS = 58, 100
"""Cells of a dialog's lines at least, where the screen has them, and at most: longer lines are hard to read."""

TALL_LINES = 18
"""Lines of a terminal from which on a dialog has room for empty lines."""


class Dialog(DialogBase[Result]):
    """Something asked or shown over the page; returns the answer."""

    CSS_PATH = "dialog.tcss"
    app = getters.app(AppBase)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_LINES, "-tall")]
    BINDINGS = [
        Binding("question_mark,f1", "app.help", "Help", tooltip="Keyboard shortcuts", show=False, id="dialog.help"),
        Action(
            "pageup",
            "scroll(-1)",
            "Page up",
            tooltip="Scroll up",
            show=False,
            id="dialog.page_up",
            enabled=lambda dialog: dialog.can_scroll,
        ),
        Action(
            "pagedown",
            "scroll(1)",
            "Page down",
            tooltip="Scroll down",
            show=False,
            id="dialog.page_down",
            enabled=lambda dialog: dialog.can_scroll,
        ),
        Action(
            "enter",
            "enter",
            "Next field",
            tooltip="Go to the next field; in the last one answer",
            id="dialog.enter",
            priority=True,
            enabled=lambda dialog: bool(dialog.answers) and isinstance(dialog.focused, Field),
        ),
    ]
    check_action = check_enabled
    large = False
    """Whether it takes most of the page, as lists do."""
    answers = ""
    """The action of the button that Enter presses in the last of its fields."""
    details: VerticalScroll | None = None
    """What scrolls where there is more of it than fits."""

    def compose(self) -> ComposeResult:
        set_size_classes(self)
        yield Vertical(*self.content(), classes="dialog -large" if self.large else "dialog")
        yield KeyLine()

    def content(self) -> list[Widget]:
        """What stands in the frame, from top to bottom."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.fit_width()

    def on_resize(self) -> None:
        self.fit_width()

    def fit_width(self) -> int:
        """Let the frame grow with its text, up to the screen; the cells of a line of it."""
        columns, lines = self.app.size
        frame = 6 if lines >= TALL_LINES else 4
        cells = min(max(self.needed_cells(), MIN_TEXT_CELLS), MAX_TEXT_CELLS, columns - frame)
        if not self.large:
            self.query_one(".dialog").styles.width = cells + frame
            self._cover_below()
        return cells

    def _cover_below(self) -> None:
        """Be as large as the dialog below, which may just have grown: no frame sticks out behind another."""
        below = next((screen for screen in self.app.screen_stack[-2:-1] if isinstance(screen, Dialog)), None)
        if below is not None and not (self.large or below.large):
            styles = self.query_one(".dialog").styles
            styles.min_width, styles.min_height = below.query_one(".dialog").outer_size

    def after_frame(self) -> None:
        self._cover_below()

    def needed_cells(self) -> int:
        """The cells that its text needs."""
        return self.longest_line("Static")

    def longest_line(self, selector: str) -> int:
        """The cells of the longest line of some of its texts."""
        lines = (line for text in self.query(selector).results(Static) for line in str(text.content).splitlines())
        return max(map(cell_len, lines), default=0)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Keys that do what a button does are named as that button is."""
        words = {button.runs: button.words for button in self.query(Button)}
        if self._is_last_field and self.answers:
            words["enter"] = words[self.answers]
        return {
            key: active._replace(binding=replace(active.binding, description=words[active.binding.action]))
            if active.binding.action in words
            else active
            for key, active in super().active_bindings.items()
        }

    @property
    def _is_last_field(self) -> bool:
        return isinstance(self.focused, Field) and self.focused is self.query(Field).last()

    async def action_enter(self) -> None:
        if self._is_last_field:
            await self.run_action(self.answers)
        else:
            self.focus_next()

    @property
    def can_scroll(self) -> bool:
        """Whether there are more details than fit."""
        return self.details is not None and self.details.max_scroll_y > 0

    def action_scroll(self, pages: int) -> None:
        if self.details is not None:
            self.details.scroll_relative(y=pages * self.details.size.height, animate=False)


KEY_REPEAT_S = 1.0
"""Seconds within which a key that comes again may be held down; keyboards repeat one after two thirds at most."""


class GuardedDialog(Dialog[Result]):
    """A dialog that asks, or shows something once: no key answers it that was pressed before it was on the screen.

    Nor does the key that opened it, as long as that is held down.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown_at: float | None = None
        """When its first frame was written, on the clock of `Message.time`."""
        self._opened_by: events.Key | None = None

    def on_mount(self) -> None:
        """Note which key opened it."""
        self._opened_by = self.app.last_key

    def after_frame(self) -> None:
        """Note when it came on the screen: a frame was written just now."""
        super().after_frame()
        if self.shown_at is None and any(frame.size for frame in self.query(".dialog")):
            self.shown_at = Message().time

    def is_stray(self, event: events.Key | events.Paste) -> bool:
        """Whether a key or paste is not meant for this question."""
        if self.shown_at is None or event.time < self.shown_at:
            return True
        before, self._opened_by = self._opened_by, None
        if before is None or not isinstance(event, events.Key) or event.key != before.key:
            return False
        if event.time - before.time >= KEY_REPEAT_S:
            return False
        self._opened_by = event
        return True


class QuestionDialog(GuardedDialog[Result]):
    """A question: its title, what is typed to answer it and its buttons always fit, its details scroll between them."""

    def asking(self, question: str, details: Iterable[str], *more: Widget) -> list[Widget]:
        """The question, and the details; where it is cut, the whole of it stands before them."""
        self._question, self._lines = Content(shown(question)), [Content(shown(line)) for line in details]
        self._question_line = Static(self._question, classes="question")
        self._text = Static(Content("\n").join(self._lines))
        self.details = VerticalScroll(self._text, *more, can_focus=False, classes="details")
        return [self._question_line, self.details]

    def after_frame(self) -> None:
        """Make room for messages that came, and take it back when they have gone."""
        super().after_frame()
        if self.is_mounted and self._free_lines() != self._free:
            self.fit_width()

    def _free_lines(self) -> int:
        """The lines that messages leave."""
        return self.app.size.height - self.app.messages.lines

    _free = 0

    def fit_width(self) -> int:
        """Give the details the lines that everything else leaves them."""
        cells = super().fit_width()
        tall = self.app.size.height >= TALL_LINES

        def height(text: Content) -> int:
            return text.get_height({}, cells)

        question = height(self._question)
        most = 4 if tall else 2
        whole = [self._question.stylize("bold"), Content("")] if question > most else []
        if (lines := Content("\n").join([*whole, *self._lines])) != self._text.content:
            self._text.update(lines)
        self._text.display = bool(lines)
        typing = sum(height(Content(str(label.content))) + 2 for label in self.query(".asked").results(Static))
        frame, key_line, buttons, gaps = 4 if tall else 2, 1, 1, 2 * tall
        self._free = self._free_lines()
        room = self._free - key_line - frame - min(question, most) - typing - buttons - gaps
        if self.details is not None:
            self.details.styles.max_height = max(1, room)
            self.details.display = bool(lines) or len(self.details.children) > 1
        return cells
