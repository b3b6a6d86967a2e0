"""A change that is not saved yet, and its impact in words: who gains or loses which paths, or can no longer sign in."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache

from models.access.labels import with_label
from models.access.regions import Scope
from models.access.rules import Path
from models.db.tables import Permission, Status
from models.text import plural, some_names

NEW = 2**62
"""The id of a group, role or user that is not saved yet: like its future id, it comes after all others."""

NOBODY = "Nobody's access changes."

MAX_NAMED_SCOPES = 3
"""So many scopes are named in a line; the others are counted."""


@dataclass(frozen=True)
class AccessChange:
    """A change that is not saved yet, as its differences from the database; several may be combined.

    Differences of what is not in the database (any more) have no impact. New groups and
    roles have the ids `NEW` and those that follow.
    """

    added_roles: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Roles that a group would get, by group."""
    removed_roles: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Roles that a group would lose, by group."""
    added_rules: Mapping[int, Collection[tuple[Path, Permission]]] = field(default_factory=dict)
    """Rules that a role would get, by role. A changed rule is one removed and one added."""
    removed_rules: Collection[int] = ()
    """Rules that their roles would lose, by id."""
    joining: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Users who would be added to a group, by group."""
    leaving: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Users who would be removed from a group, by group."""
    deleted_groups: Collection[int] = ()
    returning_groups: Collection[int] = ()
    """Deleted groups that would be in the database again, under their old ids."""
    deleted_roles: Collection[int] = ()
    statuses: Mapping[int, Status] = field(default_factory=dict)
    """The status that a user would get, by user (a deletion is a status)."""
    warehouse: Mapping[int, bool] = field(default_factory=dict)
    """Whether a user would be a warehouse user, by user."""
    new_users: Mapping[int, str] = field(default_factory=dict)
    """The e-mails of users who are not saved yet, by the ids they have here: `NEW` and those that follow."""


@dataclass(frozen=True, slots=True)
class SharedImpact:
    """Users who gain the same paths and lose the same paths."""

    users: tuple[int, ...]
    """Their ids, in ascending order; `users.listing.rows` reads a page of them."""
    barred_count: int
    """How many of them cannot sign in (after the change)."""
    gained: tuple[Scope, ...]
    lost: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of a change. Verdicts are those of the rules; whether a user can sign in is separate."""

    shared: tuple[SharedImpact, ...]
    """One for each set of paths that changes, most users first: every user whose verdict on some path changes."""
    shut_out: tuple[int, ...]
    """Users who can sign in now, and no longer could."""
    let_in: tuple[int, ...]
    """Users who cannot sign in now, and could."""
    losing_pages: tuple[int, ...]
    """Users who can sign in and open all of the user pages now, and no longer could."""
    gaining_pages: tuple[int, ...]
    """Users who could sign in and open all of the user pages, and cannot now."""
    newly_open: frozenset[Scope] = frozenset()
    """What somebody gains, and all that those may open who are let in (but what everyone may)."""
    new_users: Mapping[int, str] = field(default_factory=dict)
    """The new users of the change."""
    merchants: tuple[int, ...] = ()
    """Merchants' users who would be added to a group."""
    current_user_loses_pages: bool = False
    """Whether the current user is one of `losing_pages`."""

    def __bool__(self) -> bool:
        return bool(self.shared or self.shut_out or self.let_in or self.merchants)

    @property
    def signed_lines(self) -> list[tuple[str, str]]:
        """The impact in words, a line each as in `3 users gain sales/*/*`; empty where there is none.

        Before each its sign: `+` for a gain, `-` for a loss, `!` for what else to know.
        """
        lines = []
        for sign, verb, side in (("+", "gain", "gained"), ("-", "lose", "lost")):
            for scopes, users, barred in self._scopes_by_users(side):
                verb_form = f"{verb}{'s' * (users == 1)}"
                named = some_names(scopes, MAX_NAMED_SCOPES)
                text = f"{plural(users, 'user')} {verb_form} {named}{_barred_note(users, barred)}"
                lines.append((sign, text))
        for sign, ids, text in (
            ("-", self.shut_out, "can no longer sign in"),
            ("+", self.let_in, "can now sign in"),
            ("-", self.losing_pages, "can no longer open the user pages"),
            ("+", self.gaining_pages, "can now open the user pages"),
        ):
            if ids:
                lines.append((sign, f"{plural(len(ids), 'user')} {text}"))
        if self.merchants:
            lines = [*(lines or [("", NOBODY.rstrip("."))]), ("!", merchants_note(len(self.merchants)))]
        return lines

    @property
    def lines(self) -> list[str]:
        """The `signed_lines` without their signs."""
        return [text for _, text in self.signed_lines]

    @property
    def summary(self) -> str:
        """The impact in one line."""
        return "; ".join(self.lines) or NOBODY

    def _scopes_by_users(self, side: str) -> list[tuple[list[str], int, int]]:
        """Scopes that the same users gain (or lose), how many users, how many of them cannot sign in; most first."""

        @cache
        def sort_key(scope: Scope) -> tuple[int, bool, str]:
            return len(scope.parts), scope.is_named, with_label(scope)

        indexes_by_scope: defaultdict[str, list[int]] = defaultdict(list)
        for index, each in enumerate(self.shared):
            for scope in dict.fromkeys([text for _, _, text in sorted(map(sort_key, getattr(each, side)))]):
                indexes_by_scope[scope].append(index)
        scopes_by_indexes: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
        for scope, indexes in indexes_by_scope.items():
            scopes_by_indexes[tuple(indexes)].append(scope)
        counted = []
        for same_users, scopes in scopes_by_indexes.items():
            parts = [self.shared[index] for index in same_users]
            users, barred = sum(len(each.users) for each in parts), sum(each.barred_count for each in parts)
            counted.append((scopes, users, barred))
        return sorted(counted, key=lambda counts: -counts[1])


def _barred_note(users: int, barred: int) -> str:
    """How many of the users cannot sign in at all; empty where all can."""
    if not barred:
        return ""
    return " (cannot sign in)" if barred == users else f" ({barred:,} of them cannot sign in)"


def merchants_note(count: int) -> str:
    """What to say where so many of the users who are added to a group are merchants' users; empty where none is."""
    if not count:
        return ""
    whose = "is a merchant user" if count == 1 else "are merchant users"
    return f"{count:,} {whose}, for the Merchant Portal"
