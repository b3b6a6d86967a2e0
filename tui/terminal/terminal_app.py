"""The app on its terminal: colours, characters, cursor and clipboard, redrawing and suspending."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import constants
from textual.app import App
from textual.filter import LineFilter
from textual.geometry import Offset

from tui.terminal.capabilities import clipboard, colours, has_job_control, only_ascii
from tui.terminal.plain import NoColours, OnlyAscii
from tui.text import shown
from tui.textual_compat import WithoutTraceback, driver_of

if TYPE_CHECKING:
    from textual.driver import Driver

NO_SHELL = "No shell to return to: nothing could resume the program once it is suspended."


class TerminalApp(WithoutTraceback, App[None]):
    """An app for the terminal that the environment describes; up to 16 colours, it has `few_colours.tcss` too."""

    CSS_PATH: ClassVar[str]
    clipboard = ""
    """What was copied last, for our own fields."""

    def __init__(self, *, full_output: bool, ascii_only: bool) -> None:
        if not os.environ.get("NO_COLOR"):
            os.environ.pop("NO_COLOR", None)  # an empty one says nothing, which Textual does not know
        count = colours(os.environ)
        self._few_colours = few = count <= 16
        super().__init__(
            driver_class=_driver_class(full_output),
            css_path=[self.CSS_PATH, "few_colours.tcss"] if few else None,
            ansi_color=few or None,
        )
        self.no_color = not count
        self._gates: list[LineFilter] = [NoColours()] if self.no_color else []
        self.only_ascii = ascii_only or only_ascii(os.environ)
        if self.only_ascii:
            self._gates.append(OnlyAscii())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through before it is written."""
        return [*super().get_line_filters(), *self._gates]

    def validate_theme(self, theme: str) -> str:
        """Where there are 16 colours, a theme of them: those of others would be hard to tell apart."""
        chosen = self.available_themes.get(theme)
        if chosen is None or chosen.ansi or not self._few_colours:
            return theme
        return "ansi-dark" if chosen.dark else "ansi-light"

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor stands, which input methods, magnifiers and screen readers follow.

        In the field or on the row that has the focus, asked for with each frame: what Textual's fields say of it while
        they are filled or not laid out yet is not true, and is not kept.
        """
        focused = self.focused
        if focused is None:
            return Offset(0, 0)
        offset: Offset = getattr(focused, "cursor_screen_offset", focused.region.offset)
        return offset

    @cursor_position.setter
    def cursor_position(self, position: Offset) -> None:
        pass

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard, also through tmux and screen; our own fields get it as it is."""
        self.clipboard = text
        self.copy_lines([shown(text)])

    def copy_lines(self, lines: Sequence[str]) -> None:
        """Send lines of a text as it is shown, each with its end, to the terminal's clipboard."""
        if (driver := driver_of(self)) is not None:
            driver.write(clipboard("".join(lines), os.environ))

    def action_redraw(self) -> None:
        """Redraw the whole screen, whatever another program left on the terminal."""
        if (redraw := getattr(driver_of(self), "redraw", None)) is not None:
            redraw()
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Suspend the program where a shell can resume it."""
        driver = driver_of(self)
        if driver is not None and driver.can_suspend and not has_job_control():
            self.notify(NO_SHELL, severity="warning")
        else:
            super().action_suspend_process()


def _driver_class(full_output: bool) -> "type[Driver] | None":
    """The driver, which sends only what changed; None where Textual has another for this system, or is told one."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    if full_output:
        from tui.terminal.driver import TerminalDriver

        return TerminalDriver
    from tui.terminal.thin_line import ThinLine

    return ThinLine
