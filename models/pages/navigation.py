"""Reads a navigation.xml: what its pages are called, and which paths they have."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

SEPARATOR = " / "
"""Between the labels of a page and of those that it is below."""

_MAX_DEPTH = 12
"""Levels of pages: the Back Office's own menu has five."""

_MAX_TEXT = 100
"""Characters of a label or of a part of a path."""

_is_part = re.compile(r"[^\s/*]{1,60}").fullmatch


def is_path(*parts: str) -> bool:
    """Whether these can be the parts of a path: no rule has others."""
    return all(map(_is_part, parts))


@dataclass
class Entry:
    """An entry of a navigation: `keys` are the names of its element and of those that it is below."""

    keys: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the page is called; empty where this entry does not say it."""
        return " ".join(self.fields.get("label", "").split())

    @property
    def path(self) -> str:
        """`bundle/controller/action`; empty where it names no page."""
        parts = [self.fields.get(name, "").strip() or default for name, default in _PARTS.items()]
        return "/".join(parts) if is_path(*parts) else ""

    @property
    def in_menu(self) -> bool:
        """Whether a menu may show it."""
        return bool(self.label) and self.fields.get("visible", "").strip() not in ("0", "false")


_PARTS = {"bundle": "", "controller": "index", "action": "index"}
_FIELDS = ("label", "visible", *_PARTS)


def read_navigation(xml: bytes) -> tuple[list[Entry], str]:
    """The entries of a file, each after the one that it is below; and why it was not read to its end, else nothing.

    No entity is expanded and no other file read: neither is of any use there.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(xml, True)
    except expat.ExpatError as error:
        return reader.entries, f"line {error.lineno}: {expat.ErrorString(error.code)}"
    except (ValueError, LookupError) as error:
        return reader.entries, str(error)
    return reader.entries, ""


class _Reader:
    """Gathers the entries: config > ENTRY > pages > ENTRY > pages > ..., each with its fields."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._open: list[Entry] = []
        self._depth = 0
        self._field = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse_entity

    def _start(self, tag: str, _: dict[str, str]) -> None:
        self._depth += 1
        level = 2 * len(self._open)
        if self._depth == level + 2 and len(self._open) < _MAX_DEPTH and self._field in ("", "pages"):
            above = self._open[-1].keys if self._open else ()
            self._open.append(Entry((*above, tag)))
            self.entries.append(self._open[-1])
            self._field = ""
        elif self._depth == level + 1 and self._open:
            self._field = tag
            if tag in _FIELDS:
                self._open[-1].fields[tag] = ""

    def _end(self, _: str) -> None:
        level = 2 * len(self._open)
        if self._depth == level and self._open:
            self._open.pop()
            self._field = "pages" if self._open else ""
        elif self._depth == level + 1:
            self._field = ""
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._field in _FIELDS and self._depth == 2 * len(self._open) + 1:
            fields = self._open[-1].fields
            fields[self._field] = (fields[self._field] + text)[:_MAX_TEXT]

    def _refuse_entity(self, *_: object) -> None:
        raise ValueError("it declares entities")


def label_pages(files: Iterable[list[Entry]]) -> tuple[dict[str, str], list[str]]:
    """The whole label of each page by its path, `Users / Groups / Edit Group`; and the paths that a menu may show.

    Of several entries that name the same page, or are the same in several files, the first one counts: as in the shop,
    a page of a vendor stands below the page that the project has put elsewhere, or calls otherwise.
    """
    labels: dict[str, str] = {}
    in_menu: dict[str, bool] = {}
    by_keys: dict[tuple[str, ...], str] = {}
    for entries in files:
        for entry in entries:
            above, path = by_keys.get(entry.keys[:-1], ""), entry.path
            own = SEPARATOR.join(filter(None, (above, entry.label)))
            label = labels.get(path) or by_keys.get(entry.keys) or own
            by_keys.setdefault(entry.keys, label)
            if path and label != above:
                labels.setdefault(path, label)
                in_menu.setdefault(path, entry.in_menu)
    return labels, [path for path in in_menu if in_menu[path]]
