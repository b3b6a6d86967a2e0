"""A save where someone else was at work: a record as it was shown, as it is now and as it was entered, merged."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import Field, chunked

from models.db.rows import BATCH
from models.db.statements import tuples
from models.errors import Conflict, FieldChange, NotFound

NAMED = 10
"""Of more names than these, only how many more is said."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save, true where something was written; `meanwhile` is what others changed, and what stays."""

    written: bool
    meanwhile: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        return self.written


class Merge:
    """The three versions of a record, each as its values by field; a frozenset is what the record is linked with.

    What only one side changed is taken from that side. Links that were added or removed are so for both: the sides
    never contradict each other in them, unless together they would leave none. Of the fields that are `secret`
    nobody knows the value, so that what someone else wrote into one cannot be undone.
    """

    def __init__(
        self,
        shown: Mapping[str, Any],
        theirs: Mapping[str, Any],
        mine: Mapping[str, Any],
        *,
        secret: Collection[str] = (),
    ) -> None:
        self.shown, self.theirs, self.mine = shown, theirs, mine
        self.merged = {field: self._both(field) for field in mine}
        self.written = {field: value for field, value in self.merged.items() if value != theirs[field]}
        """What there is to write, where the person need not be asked."""
        self.conflicting = {field for field in mine if self._touches(field)}
        unlike = {field for field in mine if theirs[field] not in (shown[field], mine[field])}
        self.overwritten = self.conflicting | {
            f for f in unlike if not isinstance(mine[f], frozenset) and f not in secret
        }
        """What they changed that would be undone, were the record to become what was entered."""

    def _both(self, field: str) -> Any:
        shown, theirs, mine = self.shown[field], self.theirs[field], self.mine[field]
        if isinstance(mine, frozenset):
            return (theirs | (mine - shown)) - (shown - mine)
        return theirs if mine == shown else mine

    def _touches(self, field: str) -> bool:
        shown, theirs, mine = self.shown[field], self.theirs[field], self.mine[field]
        if isinstance(mine, frozenset):
            return bool(mine) and not self.merged[field]
        return shown not in (theirs, mine) and theirs != mine

    @property
    def overwrite(self) -> dict[str, Any]:
        """My values in place of theirs; links are merged all the same, unless that would leave none."""
        return {
            field: self.merged[field] if isinstance(mine, frozenset) and field not in self.conflicting else mine
            for field, mine in self.mine.items()
        }

    def changes(
        self, say: Callable[[str, Any], str], name: Callable[[Collection[int]], Iterable[str]] = lambda _: ()
    ) -> list[FieldChange]:
        """What either side changed, in words: `say` puts a field's value into them, `name` ids of linked records."""

        def side(field: str, value: Any) -> str | None:
            shown = self.shown[field]
            if value == shown:
                return None
            if not isinstance(value, frozenset):
                return say(field, value)
            parts = (("added", value - shown), ("removed", shown - value))
            return "; ".join(f"{verb} {_listed(name(ids))}" for verb, ids in parts if ids)

        return [
            FieldChange(
                field,
                "" if isinstance(mine, frozenset) else say(field, self.shown[field]),
                *sides,
                field in self.conflicting,
                field in self.overwritten,
            )
            for field, mine in self.mine.items()
            if (sides := (side(field, self.theirs[field]), side(field, mine))) != (None, None)
        ]

    def resolve(
        self,
        noun: str,
        changes: Callable[[], list[FieldChange]],
        theirs: Any,
        entered: Callable[[Mapping[str, Any]], Any],
    ) -> Saved:
        """What will have come of the save, once `written` is. Raises Conflict where the person has to choose first.

        `changes` is asked only where there are any; `entered` makes of values by field what the save takes.
        """
        found = changes() if self.theirs != self.shown else []
        if self.written and self.overwritten:
            both = None if self.conflicting else entered(self.merged)
            raise Conflict(noun, found, theirs=theirs, merged=both, mine=entered(self.overwrite))
        meanwhile = (change for change in found if change.theirs not in (None, change.mine))
        return Saved(bool(self.written), tuple(meanwhile))


def all_names(field: Field, ids: Collection[int], gone: str) -> list[str]:
    """The names of records in the field. Raises NotFound, which says `gone`, where one of them is not there."""
    names = names_of(field, set(ids), {})
    if len(names) < len(set(ids)):
        raise NotFound(gone)
    return names


def names_of(field: Field, ids: Collection[int], known: Mapping[int, str]) -> list[str]:
    """The names of records in the field, sorted; those that are not known already are looked up, if they are there."""
    names = [known[id] for id in ids if id in known]
    for batch in chunked(sorted(id for id in ids if id not in known), BATCH):
        names += [name for (name,) in tuples(field.model.select(field).where(field.model.id.in_(batch)))]
    return sorted(names, key=str.casefold)


def _listed(names: Iterable[str]) -> str:
    first = list(names)
    more = len(first) - NAMED
    return ", ".join(first[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
