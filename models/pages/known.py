"""The pages that a shop's code names. Known pages, not all: actions that a controller inherits are missed."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from models.pages.navigation import SEPARATOR

ANY = "*"

Parts = Sequence[str]
"""Bundle, controller and action; any of them may be `*`."""


class Page(NamedTuple):
    """A page, or a request of one."""

    path: str
    """`bundle/controller/action`."""
    label: str
    """What it is called, after all that it is below; empty where no navigation names it."""
    in_menu: bool
    """Whether a menu may show it."""


@dataclass(frozen=True)
class KnownPages:
    """The pages of a shop."""

    root: str = ""
    """The folder of its code; empty where none is known."""
    paths: Sequence[str] = ()
    """Of all of them, in order."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of those that a navigation names, by path."""
    menu: frozenset[str] = frozenset()
    """The paths of those that a menu may show."""
    unread: Sequence[str] = ()
    """Which files could not be read, or not to their end, and why."""

    def __bool__(self) -> bool:
        return bool(self.paths)

    def names(self, *above: str) -> list[str]:
        """All bundles; the controllers of a bundle; or the actions of a controller, below what is given."""
        prefix = "".join([f"{part}/" for part in above])
        place, end = self._range(prefix)
        names = []
        while place < end:
            name = self.paths[place][len(prefix) :].partition("/")[0]
            names.append(name)
            place = place + 1 if len(above) == 2 else self._range(f"{prefix}{name}/")[1]
        return sorted(names)

    def matching(self, parts: Parts) -> Iterator[str]:
        """The paths that a rule with these parts matches."""
        place, end = self._range("".join([f"{part}/" for part in takewhile(lambda part: part != ANY, parts[:2])]))
        for path in self.paths[place:end]:
            if all(part in (ANY, own) for part, own in zip(parts, path.split("/"), strict=True)):
                yield path

    def has(self, parts: Parts) -> bool:
        """Whether a rule with these parts matches any of them."""
        return next(self.matching(parts), None) is not None

    def has_beginning(self, parts: Parts) -> bool:
        """Whether each of these parts begins one of a path, as far as they are typed."""
        bundle = "" if parts[0] == ANY else parts[0]
        place, end = bisect_left(self.paths, bundle), bisect_left(self.paths, f"{bundle}\U0010ffff")
        return any(
            all(part == ANY or own.startswith(part) for part, own in zip(parts, path.split("/"), strict=True))
            for path in self.paths[place:end]
        )

    def _range(self, prefix: str) -> tuple[int, int]:
        """The places of the paths that begin with some parts, which end with `/`: `0` is the character after that."""
        if not prefix:
            return 0, len(self.paths)
        return bisect_left(self.paths, prefix), bisect_left(self.paths, f"{prefix[:-1]}0")

    def label(self, parts: Parts) -> str:
        """What a page is called, or all of a controller or a bundle: `Users / …` where their labels differ."""
        if ANY not in parts:
            return self.labels.get("/".join(parts), "")
        if parts[0] == ANY:
            return ""
        labels = [label.split(SEPARATOR) for path in self.matching(parts) if (label := self.labels.get(path))]
        if not labels:
            return ""
        pairs = zip(min(labels), max(labels), strict=False)
        common = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
        return SEPARATOR.join(common if common in labels else [*common, "…"] * bool(common))

    def search(self, words: str) -> Iterator[Page]:
        """The pages whose path or label contains each of the words, whatever their case."""
        searched = words.casefold().split()
        for path in self.paths:
            label = self.labels.get(path, "")
            text = f"{path} {label}".casefold()
            if all(word in text for word in searched):
                yield Page(path, label, path in self.menu)

    def complete(self, text: str) -> str | None:
        """The first path that begins with a text, else the first label, in whatever case."""
        place, folded = bisect_left(self.paths, text), text.casefold()
        if place < len(self.paths) and self.paths[place].startswith(text):
            return self.paths[place]
        return next((label for label in self.labels.values() if label.casefold().startswith(folded)), None)

    def labelled(self, text: str) -> list[str]:
        """The paths of the pages with this label, whatever its case."""
        wanted = _folded(text)
        return [path for path, label in self.labels.items() if _folded(label) == wanted]


def _folded(label: str) -> str:
    return "/".join([" ".join(part.split()) for part in label.casefold().split("/")])


_known = KnownPages()


def known_pages() -> KnownPages:
    """The pages of the shop in this process: none until they are read, and where nobody knows where its code lies."""
    return _known


def set_known_pages(pages: KnownPages) -> None:
    """Make these the known pages; whoever asks from now on gets them."""
    global _known
    _known = pages
