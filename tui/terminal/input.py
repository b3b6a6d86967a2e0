"""What the terminal sends, as keys, pastes, mouse events and sizes; what cannot be understood is dropped."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from time import monotonic

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import IS_ITERM, XTermParser
from textual.keys import Keys
from textual.message import Message

from tui.terminal.capabilities import MAX_PASTED, clamped

ESC = "\x1b"
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
_FOCUS = {"\x1b[I": events.AppFocus, "\x1b[O": events.AppBlur}

_ANSWER = r"(?:\][0-9]|P[0-9>!$|+]|_G)[^\x07\x1b]*"
# A whole sequence: the Linux console's F1 to F5, a mouse event of X10, rxvt's keys with shift, any control sequence
# (ECMA-48, 5.4), a key of SS3, an answer to a question (OSC, DCS, APC).
_sequence = re.compile(
    r"\x1b(?:\[\[[A-E]|\[M[^\x1b]{3}|\[(?:[378]|2[34])\$(?!y)|\[[0-?]*[ -/]*[@-Z\\-~]|O[ -~]"
    rf"|{_ANSWER}(?:\x07|\x1b\\))",
    re.DOTALL,
).match
_begun = re.compile(rf"\x1b(?:\[(?:\[|M[^\x1b]{{0,2}}|[0-?]*[ -/]*)|[O\]P_]|{_ANSWER}\x1b?)?", re.DOTALL).fullmatch
_malformed = re.compile(r"\x1b\[[0-?]+[ -/]*|\x1b\[[ -/]+").match
_resize = re.compile(
    r"\x1b\[48;([0-9]+)(?::[^;]*)?;([0-9]+)(?::[^;]*)?;([0-9]+)(?::[^;]*)?;([0-9]+)(?::[^;]*)?t"
).fullmatch
_mode = re.compile(r"\x1b\[\?(2026|2048);([0-4])\$y").fullmatch
# https://sw.kovidgoyal.net/kitty/keyboard-protocol/: code:shifted:base; modifiers:event; text, then the kind of key.
_kitty = re.compile(r"\x1b\[([0-9:]*)(?:;([0-9:]*))?(?:;([0-9:]*))?([u~A-FHPQRS])").fullmatch
_PRESS, _REPEAT = "1", "2"
_SHIFT, _LOCKS = 1, 64 | 128

_LONGEST, _KEPT = 4096, 64
"""Characters that an unfinished sequence may have, and how many of a longer one are kept: it has no meaning."""
_SLOW_S = 1.0
"""Seconds that the rest of a sequence may be under way which nobody can have typed."""
_PASTE_END_S = 30.0
"""Seconds of silence after which a paste has ended, for its end was lost."""
_PAUSE_S = 0.1
"""Seconds of silence after which what comes is no longer part of the same burst of characters."""
_MOST_AT_ONCE = 2_000
"""Characters without such a pause that can have been typed; a terminal that marks no pastes has sent what is more."""
_MOST_PIXELS = 100_000


class TerminalInput(XTermParser):
    """Textual's parser, but with an answer to whatever a terminal, a slow line or another program's leftovers send.

    Nothing raises; an unknown sequence is dropped, never typed; a long paste takes no time and little memory.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._rest = ""  # of a sequence that is not whole yet
        self._pasted: str | None = None  # what was pasted so far, where the end has not come yet
        self._due = self._heard = 0.0
        self._burst = 0

    def feed(self, data: str) -> Iterable[Message]:
        """What these characters mean, together with those that came before."""
        now = monotonic()
        self._burst, self._heard = (self._burst if now - self._heard < _PAUSE_S else 0), now
        data, self._rest = self._rest + data, ""
        while data:
            if self._pasted is not None:
                text, end, data = data.partition(_PASTE_END)
                if not end:  # the last characters may be the beginning of the end
                    self._rest = text[1 - len(_PASTE_END) :]
                    text = text[: -len(self._rest)]
                self._pasted += text[: MAX_PASTED + 1 - len(self._pasted)]
                if end:
                    yield self._paste()
                continue
            text, escape, rest = data.partition(ESC)
            yield from self._typed(text)
            data = escape + rest
            if match := _sequence(data):
                data = data[match.end() :]
                yield from self._meaning(match[0])
            elif _begun(data):
                self._rest = data if len(data) < _LONGEST else data[:_KEPT]
                self._due = now + (constants.ESCAPE_DELAY if len(data) < 3 else _SLOW_S)
                return
            elif match := _malformed(data):
                data = data[match.end() :]
            elif data:
                length = 1 if data[1] == ESC else 2
                yield from self._key_after_escape(data[:length])
                data = data[length:]

    def tick(self) -> Iterable[Message]:
        """What it means that nothing came for a while."""
        now = monotonic()
        if self._pasted is not None:
            if now > self._heard + _PASTE_END_S:
                self._pasted, self._rest = self._pasted + self._rest, ""
                yield self._paste()
        elif self._rest and now >= self._due:
            rest, self._rest = self._rest, ""
            if len(rest) < 3:
                yield from self._key_after_escape(rest)

    def _paste(self) -> events.Paste:
        text, self._pasted = self._pasted or "", None
        return events.Paste(text.replace("\0", ""))

    def _typed(self, text: str) -> Iterator[Message]:
        """Characters that stand for themselves; those that nobody can have typed are refused as a paste is."""
        before, self._burst = self._burst, self._burst + len(text)
        if self._burst > _MOST_AT_ONCE:
            if before <= _MOST_AT_ONCE:
                yield events.Paste(" " * (MAX_PASTED + 1))
            return
        for character in text:
            yield from self._keys(character)

    def _key_after_escape(self, sequence: str) -> Iterator[Message]:
        """Escape, or a key together with alt."""
        keys = self._keys(sequence)
        yield from keys or self._keys(sequence[1:], alt=True)

    def _keys(self, sequence: str, alt: bool = False) -> list[Message]:
        with suppress(Exception):
            return [key for key in self._sequence_to_key_events(sequence, alt) if key.key != Keys.Ignore]
        return []

    def _meaning(self, sequence: str) -> Iterator[Message]:
        """What a whole sequence means; nothing where that is not known."""
        if sequence == _PASTE_START:
            self._pasted = ""
        elif sequence in _FOCUS:
            yield _FOCUS[sequence]()
        elif match := _resize(sequence):
            yield self._resized(*(int(number) for number in match.groups()))
        elif match := _mode(sequence):
            setting = int(match[2])
            if match[1] == "2026" and setting > 0:
                yield messages.TerminalSupportsSynchronizedOutput()
            elif match[1] == "2048" and constants.SMOOTH_SCROLL and not IS_ITERM:
                yield messages.InBandWindowResize.from_setting_parameter(setting)
        elif sequence.startswith("\x1b[<"):
            with suppress(Exception):
                if (event := self.parse_mouse_code(sequence)) is not None:
                    yield event
        elif keys := self._keys(sequence):
            yield from keys
        elif sequence[1] == "O":
            yield from self._keys("O", alt=True)
            yield from self._keys(sequence[2])

    def _resized(self, lines: int, columns: int, height: int, width: int) -> events.Resize:
        pixels = (min(width, _MOST_PIXELS), min(height, _MOST_PIXELS))
        event = events.Resize.from_dimensions(clamped(columns, lines), pixels)
        self.terminal_size, self.terminal_pixel_size = event.size, event.pixel_size
        self.mouse_pixels = all(pixels)
        return event

    @lru_cache(maxsize=1024)  # noqa: B019 (one lives as long as the program)
    def _parse_extended_key(self, sequence: str) -> list[events.Key] | None:
        """A key of kitty's protocol, without its alternatives, as Textual reads it; an empty list for one to drop."""
        if (match := _kitty(sequence)) is None:
            return None
        codes, modifiers, text, kind = match.groups("")
        code, shifted = [*codes.split(":"), ""][:2]
        modifiers, event = [*modifiers.split(":"), ""][:2]
        is_functional = f"{code or 1}{kind}" in FUNCTIONAL_KEYS
        if kind != "u" and not is_functional:
            return None if sequence in ANSI_SEQUENCES_KEYS else []
        held = int(modifiers or 1) - 1
        if event not in ("", _PRESS, _REPEAT) or not 0 <= held < 256:
            return []
        texts = [number for number in text.split(":") if _character(number)]
        if not is_functional:
            if not texts and not held & ~_LOCKS and _character(code):
                texts = [code]
            elif not texts and shifted and held & ~_LOCKS == _SHIFT and _character(shifted):
                texts = [shifted]
            if not texts and not _character(code):
                return []
        return super()._parse_extended_key(f"\x1b[{code};{modifiers};{':'.join(texts)}{kind}")


def _character(code: str) -> str:
    """The printable character of this number; empty where there is none."""
    number = int(code or 0)
    is_private = 0xE000 <= number < 0xF900  # where kitty has its functional keys
    character = chr(number) if 0 < number < 0x110000 and not is_private else ""
    return character if character.isprintable() else ""
