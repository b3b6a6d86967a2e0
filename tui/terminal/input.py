"""What the terminal sends, as keys, pastes, mouse events and sizes; what cannot be understood is dropped.

Textual's own parser types a sequence that it does not know, ends with the program at a number that is too large, never
ends a paste whose end is lost, and takes a long one apart letter by letter. So it only gets whole, known sequences.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from time import monotonic

from textual import constants, events
from textual.keys import Keys
from textual.message import Message

from tui.terminal.capabilities import MAX_PASTED, clamp_size
from tui.textual_compat import ANSI_SEQUENCES_KEYS, FUNCTIONAL_KEYS, new_parser

ESC = "\x1b"
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"

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
# The focus, synchronized output, resizes in band, and the mouse: what Textual understands, in numbers that it can take.
_report = re.compile(r"\x1b\[(?:[IO]|\?(?:2026|2048);[0-4]\$y|<[0-9]{1,4};-?[0-9]{1,5};-?[0-9]{1,5}[Mm])").fullmatch
# https://sw.kovidgoyal.net/kitty/keyboard-protocol/: code:shifted:base; modifiers:event; text, then the kind of key.
_kitty = re.compile(r"\x1b\[([0-9:]*)(?:;([0-9:]*))?(?:;([0-9:]*))?([u~A-FHPQRS])").fullmatch
_PRESS, _REPEAT = "1", "2"
_SHIFT, _LOCKS = 1, 64 | 128

_MAX_SEQUENCE, _KEPT_OF_LONGER = 4096, 64
"""Characters that a sequence may have, and how many of a longer unfinished one are kept: it has no meaning."""
_SEQUENCE_TIMEOUT_S = 1.0
"""Seconds that the rest of a sequence may be under way which nobody can have typed."""
_PASTE_TIMEOUT_S = 30.0
"""Seconds of silence after which a paste has ended, for its end was lost."""
_BURST_PAUSE_S = 0.1
"""Seconds of silence after which what comes is no longer part of the same burst of characters."""
_MAX_BURST = 2_000
"""Characters without such a pause that can have been typed; a terminal that marks no pastes has sent what is more."""
_MAX_PIXELS = 100_000


class TerminalInput:
    """Takes characters as they come, however they are cut, and yields what they mean."""

    def __init__(self) -> None:
        self._parser = new_parser()
        self._pending = ""  # of a sequence that is not whole yet
        self._pasted: str | None = None  # what was pasted so far, where the end has not come yet
        self._deadline = self._last_input_at = 0.0
        self._burst = 0

    def feed(self, data: str) -> Iterable[Message]:
        """What these characters mean, together with those that came before."""
        now = monotonic()
        self._burst, self._last_input_at = (self._burst if now - self._last_input_at < _BURST_PAUSE_S else 0), now
        data, self._pending = self._pending + data, ""
        while data:
            if self._pasted is not None:
                text, end, data = data.partition(_PASTE_END)
                if not end:  # the last characters may be the beginning of the end
                    self._pending = text[1 - len(_PASTE_END) :]
                    text = text[: -len(self._pending)]
                self._pasted += text[: MAX_PASTED + 1 - len(self._pasted)]
                if end:
                    yield self._paste()
                continue
            text, escape, rest = data.partition(ESC)
            yield from self._typed(text)
            data = escape + rest
            if match := _sequence(data):
                data = data[match.end() :]
                if match.end() <= _MAX_SEQUENCE:  # a longer one has numbers of more digits than Python reads
                    yield from self._interpret(match[0])
            elif _begun(data):
                self._pending = data if len(data) < _MAX_SEQUENCE else data[:_KEPT_OF_LONGER]
                self._deadline = now + (constants.ESCAPE_DELAY if len(data) < 3 else _SEQUENCE_TIMEOUT_S)
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
            if now > self._last_input_at + _PASTE_TIMEOUT_S:
                self._pasted, self._pending = self._pasted + self._pending, ""
                yield self._paste()
        elif self._pending and now >= self._deadline:
            rest, self._pending = self._pending, ""
            if len(rest) < 3:
                yield from self._key_after_escape(rest)

    def _paste(self) -> events.Paste:
        text, self._pasted = self._pasted or "", None
        return events.Paste(text.replace("\0", ""))

    def _typed(self, text: str) -> Iterator[Message]:
        """Characters that stand for themselves; those that nobody can have typed are refused as a paste is."""
        before, self._burst = self._burst, self._burst + len(text)
        if self._burst > _MAX_BURST:
            if before <= _MAX_BURST:
                yield events.Paste(" " * (MAX_PASTED + 1))
            return
        if text:  # none would be the end for Textual's parser
            yield from self._parser.feed(text)

    def _key_after_escape(self, sequence: str) -> Iterator[Message]:
        """Escape, or a key together with alt."""
        if sequence in ANSI_SEQUENCES_KEYS:
            yield from self._keys(sequence)
        else:
            yield from map(_with_alt, self._parser.feed(sequence[1:]))

    def _interpret(self, sequence: str) -> Iterable[Message]:
        """What a whole sequence means; nothing where that is not known."""
        if sequence == _PASTE_START:
            self._pasted = ""
        elif match := _resize(sequence):
            return self._resized(*map(int, match.groups()))
        elif _report(sequence):
            return self._parser.feed(sequence)
        else:
            return self._keys(sequence)
        return ()

    def _resized(self, lines: int, columns: int, height: int, width: int) -> list[Message]:
        columns, lines = clamp_size(columns, lines)
        height, width = min(height, _MAX_PIXELS), min(width, _MAX_PIXELS)
        resized = list(self._parser.feed(f"\x1b[48;{lines};{columns};{height};{width}t"))
        self._parser.mouse_pixels = bool(height and width)  # it divides by them
        return resized

    def _keys(self, sequence: str) -> Iterable[Message]:
        """The keys that a sequence stands for: of kitty's protocol, an older one, or alt+O and what came after."""
        if (sequences := _normalized_kitty_keys(sequence)) is not None:
            return chain.from_iterable(map(self._parser.feed, sequences))
        known = ANSI_SEQUENCES_KEYS.get(sequence)
        if isinstance(known, tuple):
            character = sequence if len(sequence) == 1 else None
            return [events.Key(key.value, character) for key in known if key is not Keys.Ignore]
        if isinstance(known, str):  # a key of the numeric keypad that prints this
            return self._parser.feed(known)
        if known is None and sequence[1] == "O":
            return [*map(_with_alt, self._parser.feed("O")), *self._parser.feed(sequence[2])]
        return ()


def _with_alt(key: Message) -> Message:
    if isinstance(key, events.Key) and len(key.key) == 1:
        name = f"shift+{key.key.lower()}" if key.key.isupper() else key.key
        return events.Key(f"alt+{name}", key.character)
    return key


def _normalized_kitty_keys(sequence: str) -> list[str] | None:
    """A key of kitty's protocol without its alternatives, once for each character that it prints; None for others."""
    if constants.DISABLE_KITTY_KEY or (match := _kitty(sequence)) is None:
        return None
    codes, modifiers, text, kind = match.groups("")
    code, shifted = [*codes.split(":"), ""][:2]
    modifiers, event = [*modifiers.split(":"), ""][:2]
    number, held = int(code or 1), int(modifiers or 1) - 1
    is_functional = f"{number}{kind}" in FUNCTIONAL_KEYS
    if not is_functional and kind != "u":
        return None
    if event not in ("", _PRESS, _REPEAT) or not 0 <= held < 256 or number > sys.maxunicode:
        return []
    texts = [str(int(code)) for code in text.split(":") if _character(code)]
    if not is_functional and not texts:
        if not held & ~_LOCKS and _character(code):
            texts = [str(number)]
        elif shifted and held & ~_LOCKS == _SHIFT and _character(shifted):
            texts = [str(int(shifted))]
        elif not _character(code):
            return []
    return [f"\x1b[{number};{modifiers and held + 1};{text}{kind}" for text in texts or [""]]


def _character(code: str) -> str:
    """The printable character of this number; empty where there is none."""
    number = int(code or 0)
    is_private = 0xE000 <= number < 0xF900  # where kitty has its functional keys
    character = chr(number) if 0 < number < 0x110000 and not is_private else ""
    return character if character.isprintable() else ""
