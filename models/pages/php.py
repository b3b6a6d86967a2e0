"""Reads the actions of a controller from its PHP, without running it."""

import re
from collections.abc import Iterator

_BEGIN = re.compile(rb"<\?(?:php\b|=)", re.IGNORECASE)

_FUNCTION = re.compile(rb"[fF](?<![\w$>:\\][fF])(?i:unction)\s++&?\s*+(\w+)Action\s*\(")
_HIDDEN = re.compile(rb"\b(?:private|protected)\s+(?:(?:static|final|abstract)\s+)*\Z", re.IGNORECASE)
_MODIFIERS_BYTES = 60
"""Bytes before a function that its modifiers may take."""

# What begins also ends, at the latest with the file: no text is gone through twice. Each alternative begins with a byte
# of its own, so that Python looks for these alone.
_NO_CODE = re.compile(
    rb"""
      /\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)
    | //[^\r\n?]*+(?:\?(?!>)[^\r\n?]*+)*+
    | \#(?!\[)[^\r\n?]*+(?:\?(?!>)[^\r\n?]*+)*+
    | '[^'\\]*+(?:\\.[^'\\]*+)*+(?:'|\\?\Z)
    | "[^"\\{]*+(?:(?:\\.|\{(?!\$))[^"\\{]*+)*+(?:"|\\?\Z)
    | "
    | `
    | <<<[ \t]*+(?P<quote>['"]?)(?P<name>\w++)(?P=quote)\r?\n
    | \?>.*?(?:<\?(?:php\b|=)|\Z)
    | __halt_compiler\b.*
    """,
    re.DOTALL | re.VERBOSE,
)
_NO_CODE_OR_BRACE = re.compile(rb"%s|(?P<brace>[{}])" % _NO_CODE.pattern, _NO_CODE.flags)


def _text(end: bytes, other: bytes) -> re.Pattern[bytes]:
    """A text up to its end, to code within it as in `"{$names["first"]}"`, or to the end of the file."""
    return re.compile(rb"%s*+(?:(?:\\.|\{(?!\$))%s*+)*+(?:%s|\{\$|\\?\Z)" % (other, other, end), re.DOTALL)


_QUOTED = {quote: _text(quote, rb"[^\\{%s]" % quote) for quote in (b'"', b"`")}


def find_actions(source: bytes) -> list[str]:
    """The names of the public methods `...Action`, without that word: `editSave` of `editSaveAction`."""
    names = []
    functions = list(_FUNCTION.finditer(source))
    spans = _no_code(source) if functions else iter(())
    begin, end = next(spans, (0, 0))
    for function in functions:
        place = function.start()
        while end <= place and (span := next(spans, None)):
            begin, end = span
        if not begin <= place < end and not _HIDDEN.search(source, max(0, place - _MODIFIERS_BYTES), place):
            names.append(function[1].decode("ascii"))
    return names


def _no_code(source: bytes) -> Iterator[tuple[int, int]]:
    """Where comments and texts begin and end, and what is no PHP at all, in order."""
    begin = _BEGIN.search(source)
    position = begin.end() if begin else len(source)
    yield 0, position
    while position < len(source):
        for token in _NO_CODE.finditer(source, position):
            position = token.end()
            if text := _text_of(token):
                position = _end_of_text(source, position, text)
                yield token.start(), position
                break
            yield token.span()
        else:
            return


def _text_of(token: re.Match[bytes]) -> re.Pattern[bytes] | None:
    """The pattern of the text that begins here; None where that is no text, or one that was read to its end."""
    if (name := token["name"]) is not None:
        code = rb"|\{\$" if token["quote"] != b"'" else b""
        return re.compile(rb"(?:\\[^\r\n]|.)*?(?:^[ \t]*+%s\b%s|\Z)" % (name, code), re.DOTALL | re.MULTILINE)
    return _QUOTED.get(token[0])


def _end_of_text(source: bytes, position: int, text: re.Pattern[bytes]) -> int:
    """Where a text ends that begins here, with the code that stands in it, and the texts in that."""
    texts, open_braces = [text], list[int]()
    while part := texts[-1].match(source, position):
        position = part.end()
        if source.startswith(b"{$", position - 2):
            open_braces.append(1)
        else:
            texts.pop()
            if not texts:
                return position
        while open_braces:
            token = _NO_CODE_OR_BRACE.search(source, position)
            if token is None:
                return len(source)
            position = token.end()
            if within := _text_of(token):
                texts.append(within)
                break
            if token["brace"]:
                open_braces[-1] += 1 if token["brace"] == b"{" else -1
                if not open_braces[-1]:
                    open_braces.pop()
                    break
    return len(source)
