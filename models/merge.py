"""Saving where someone else was at work: a record as it was shown, as it is now and as it was entered, merged."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import Field, chunked

from models.db.statements import BATCH, tuples
from models.errors import Conflict, FieldChange, NotFound
from models.text import some_names

MAX_NAMES = 10
"""Of more names than these, only the number of the others is given."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of a save, true where something was written; `meanwhile` is what others changed, and what stays."""

    written: bool
    meanwhile: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        return self.written


class Merge:
    """The three versions of a record, each as its values by field; a frozenset is what the record is linked with.

    What only one side changed is taken from that side. Links that were added or removed are so for both: the sides
    never contradict each other in them, unless together they would leave none. The values of the fields that are
    `secret` are unknown, so that what someone else wrote into one cannot be restored.
    """

    def __init__(
        self,
        baseline: Mapping[str, Any],
        theirs: Mapping[str, Any],
        mine: Mapping[str, Any],
        *,
        secret: Collection[str] = (),
    ) -> None:
        self.baseline, self.theirs, self.mine = baseline, theirs, mine
        self.merged = {field: self._merge(field) for field in mine}
        self.written = {field: value for field, value in self.merged.items() if value != theirs[field]}
        """What there is to write, where the user need not be asked."""
        self.conflicting = {field for field in mine if self._is_conflicting(field)}
        differing = {field for field in mine if theirs[field] not in (baseline[field], mine[field])}
        self.overwritten = self.conflicting | {
            field for field in differing if not isinstance(mine[field], frozenset) and field not in secret
        }
        """What they changed that would be undone, were the record to become what was entered."""

    def _merge(self, field: str) -> Any:
        baseline, theirs, mine = self.baseline[field], self.theirs[field], self.mine[field]
        if isinstance(mine, frozenset):
            return (theirs | (mine - baseline)) - (baseline - mine)
        return theirs if mine == baseline else mine

    def _is_conflicting(self, field: str) -> bool:
        baseline, theirs, mine = self.baseline[field], self.theirs[field], self.mine[field]
        if isinstance(mine, frozenset):
            return bool(mine) and not self.merged[field]
        return baseline not in (theirs, mine) and theirs != mine

    @property
    def overwrite(self) -> dict[str, Any]:
        """My values in place of theirs; links are merged all the same, unless that would leave none."""
        return {
            field: self.merged[field] if isinstance(mine, frozenset) and field not in self.conflicting else mine
            for field, mine in self.mine.items()
        }

    def changes(
        self,
        describe: Callable[[str, Any], str] = lambda _, value: str(value),
        names: Callable[[Collection[int]], Iterable[str]] = lambda _: (),
    ) -> list[FieldChange]:
        """What either side changed: `describe` puts a field's value into words, `names` gives those of linked ids."""

        def describe_side(field: str, value: Any) -> str | None:
            baseline = self.baseline[field]
            if value == baseline:
                return None
            if not isinstance(value, frozenset):
                return describe(field, value)
            parts = (("added", value - baseline), ("removed", baseline - value))
            return "; ".join(f"{verb} {some_names([*names(ids)], MAX_NAMES)}" for verb, ids in parts if ids)

        return [
            FieldChange(
                field,
                "" if isinstance(mine, frozenset) else describe(field, self.baseline[field]),
                *sides,
                field in self.conflicting,
                field in self.overwritten,
            )
            for field, mine in self.mine.items()
            if (sides := (describe_side(field, self.theirs[field]), describe_side(field, mine))) != (None, None)
        ]

    def resolve(
        self,
        noun: str,
        changes: Callable[[], list[FieldChange]],
        theirs: Any,
        to_form: Callable[[Mapping[str, Any]], Any],
    ) -> Saved:
        """The result of the save, once `written` is. Raises Conflict where the user has to choose first.

        `changes` is called only where there are any; `to_form` makes of values by field what the save takes.
        """
        changed = changes() if self.theirs != self.baseline else []
        if self.written and self.overwritten:
            merged = None if self.conflicting else to_form(self.merged)
            raise Conflict(noun, changed, theirs=theirs, merged=merged, mine=to_form(self.overwrite))
        meanwhile = (change for change in changed if change.theirs not in (None, change.mine))
        return Saved(bool(self.written), tuple(meanwhile))


def all_names(field: Field, ids: Collection[int], not_found: str) -> list[str]:
    """The names of records in the field. Raises NotFound with this message where one of them does not exist."""
    names = names_of(field, set(ids), {})
    if len(names) < len(set(ids)):
        raise NotFound(not_found)
    return names


def names_of(field: Field, ids: Collection[int], known: Mapping[int, str]) -> list[str]:
    """The names of records in the field, sorted; those not in `known` are looked up, where they exist."""
    names = [known[id] for id in ids if id in known]
    for batch in chunked(sorted(id for id in ids if id not in known), BATCH):
        names += [name for (name,) in tuples(field.model.select(field).where(field.model.id.in_(batch)))]
    return sorted(names, key=str.casefold)
