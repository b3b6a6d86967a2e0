"""What the terminal can do: its size, colours, characters and clipboard, as its environment tells."""

import codecs
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MIN_SIZE = (40, 12)
"""The columns and lines that every page needs."""

MAX_SIZE = (1_000, 1_000)
"""The columns and lines that are used, however many there are: each takes memory."""

MAX_PASTED = 10_000
"""The characters that a paste may have; no field takes as many."""

MAX_COPIED = 65_536
"""Bytes that are sent to a clipboard."""

_SCREEN_CHUNK = 250
"""How much of a wrapped command screen passes on at once."""


def refusal(environment: Mapping[str, str]) -> str:
    """Why the program cannot run in this terminal, in one line; empty where it can."""
    term = environment.get("TERM", "")
    if term in ("dumb", "unknown"):
        return f"this terminal (TERM={term}) cannot place text on its screen."
    import shutil  # which knows COLUMNS and LINES, and is Textual's own way to ask

    size = shutil.get_terminal_size()
    return "" if fits(*size) else f"this terminal is too small. {needs(*size)}"


def fits(columns: int, lines: int) -> bool:
    """Whether a page fits."""
    return columns >= MIN_SIZE[0] and lines >= MIN_SIZE[1]


def clamp_size(columns: int, lines: int) -> tuple[int, int]:
    """The size to use in a terminal of this size, or one that says so."""
    return min(max(columns, 1), MAX_SIZE[0]), min(max(lines, 1), MAX_SIZE[1])


def needs(columns: int, lines: int) -> str:
    """How much room a page needs, and how much there is."""
    return f"Needs {MIN_SIZE[0]}x{MIN_SIZE[1]}, has {columns}x{lines}."


def colours(environment: Mapping[str, str]) -> int:
    """How many colours to use: none, the 16 that every terminal names itself, or 256 and more."""
    if environment.get("NO_COLOR"):
        return 0
    term = environment.get("TERM", "").lower()
    if "color" not in term:
        # Without curses, or a description of this terminal, it will have colours, as nearly all have.
        with suppress(Exception):
            import curses

            curses.setupterm(term, 1)
            if curses.tigetnum("colors") < 8:
                return 0
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 256
    return 256 if term.rpartition("-")[2] in ("256color", "kitty") else 16  # as Rich decides it


def only_ascii(environment: Mapping[str, str]) -> bool:
    """Whether the locale names another encoding than UTF-8; without any, UTF-8 is what Python writes."""
    return "utf8" not in _locale(environment).lower().replace("-", "")


def encoding(environment: Mapping[str, str]) -> str:
    """What the bytes of the keys that are typed stand for: the encoding that the locale names, else UTF-8."""
    name = _locale(environment).partition(".")[2].partition("@")[0]
    with suppress(LookupError):
        return codecs.lookup(name).name
    return "utf-8"


def _locale(environment: Mapping[str, str]) -> str:
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if sys.flags.utf8_mode and not names[0] and names[1].startswith("C."):
        names[1] = ""  # Python itself put it there, in place of the locale C
    return next(filter(None, names), "C.UTF-8")


def has_job_control() -> bool:
    """Whether a shell waits that can resume the program once it is suspended.

    That is so where the parent of this process group is in another group of the same session (POSIX calls the group
    orphaned where it is not): where the terminal, ssh or a container started the program, nobody brings it back.
    """
    group, process = os.getpgrp(), os.getppid()
    with suppress(OSError, ValueError, IndexError):  # without /proc, a parent in the same group is where we stop
        while process > 1 and os.getpgid(process) == group:
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
            process = int(stat.rpartition(")")[2].split()[1])
        return process > 0 and os.getsid(process) == os.getsid(0) and os.getpgid(process) != group
    return False


def clipboard(text: str, environment: Mapping[str, str]) -> str:
    """The command to the terminal that puts a text into its clipboard (OSC 52).

    tmux and screen keep such a command to themselves unless it is wrapped; tmux may be set to take it or to pass it
    on, and so gets both.
    """
    import base64

    command = f"\x1b]52;c;{base64.b64encode(text.encode(errors='replace')).decode()}\x07"
    term = environment.get("TERM", "")
    if environment.get("TMUX") or term.startswith("tmux"):
        return f"{command}\x1bPtmux;\x1b{command}\x1b\\"
    if environment.get("STY") or term.startswith("screen"):
        parts = [command[start : start + _SCREEN_CHUNK] for start in range(0, len(command), _SCREEN_CHUNK)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return command
