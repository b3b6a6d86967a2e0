"""What the pages are called that paths lead to, where the shop's code is at hand."""

from models.access.regions import Scope
from models.access.rules import Path, parse_path
from models.errors import Invalid
from models.pages.known import known_pages
from models.pages.navigation import SEPARATOR
from models.text import did_you_mean, some_names

_MAX_NAMED_PATHS = 5

NO_KNOWN_PAGE = "matches no page of this shop: typo?"
NOT_ALL_PAGES = "Known pages, not all: inherited actions are missed."


def label_of(paths: Path | Scope) -> str:
    """What a page is called, `Users / Groups / Edit Group`, or all pages of a controller or bundle; else nothing."""
    pages = known_pages()
    if not pages or (isinstance(paths, Scope) and not paths.is_named):
        return ""
    return pages.label((paths.path if isinstance(paths, Scope) else paths).parts)


def with_label(paths: Path | Scope) -> str:
    """A path with what it is called: `acl/group/edit (Users / Groups / Edit Group)`."""
    label = label_of(paths)
    return f"{paths} ({label})" if label else str(paths)


def page_problem(path: Path) -> str:
    """What to say of a rule with this path if it matches no known page; nothing where no page is known.

    It may match one all the same: actions that a controller inherits are not known.
    """
    pages = known_pages()
    return NO_KNOWN_PAGE if pages and not pages.has(path.parts) else ""


def parse_path_or_label(text: str) -> Path:
    """The path that a text names, as `parse_path` takes it, or that of the page with this label.

    Raises Invalid for `path`.
    """
    pages, is_label = known_pages(), SEPARATOR in text
    found = pages.labelled(text)
    # As a path, what is none would be allowed by `*/*/*`.
    if not found and (is_label or any(len(part.split()) > 1 for part in parse_path(text).parts)):
        known = "known page" if pages else "page is known here that"
        meant = did_you_mean(text, pages.labels.values())
        raise Invalid({"path": f"{text}: no {known} has this label{meant or '.'}"})
    if not is_label and (not found or pages.has(parse_path(text).parts)):
        return parse_path(text)
    if len(found) > 1:
        several = some_names(found, _MAX_NAMED_PATHS)
        raise Invalid({"path": f"{text}: several pages have this label, enter a path: {several}."})
    return Path(*found[0].split("/"))
