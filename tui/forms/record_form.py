"""What the form of each kind of record has of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from models.access.impact import AccessChange
from models.errors import FieldChange
from tui.app_base import Kind
from tui.dialogs.impact_line import ImpactLine
from tui.shape import Shape
from tui.widgets.page import Page
from tui.widgets.record_list import RecordList


class RecordForm(Page[int | None]):
    """A form to create or edit one record; its rules are all in `models`. Returns the record's id."""

    first = ""
    """Selects the field that has the focus at first."""
    returns = False
    """Whether the page closes once the form is saved."""
    kind: Kind
    """What it edits."""
    section = ""
    """The mode of the app whose records it edits."""
    impact_line: ImpactLine
    """What the `change` would do."""
    lead = "If saved"
    """What stands before the effect of the `change`."""
    draft_shape: ClassVar[dict[str, Shape]] = {}
    """What `restore` relies on in a draft's values."""

    record_id: int | None
    """None until the record is created."""
    record: Any = None
    """As it is shown; None until it is loaded, and before it is created."""

    @property
    def place(self) -> tuple[Kind, int] | None:
        return None if self.record_id is None else (self.kind, self.record_id)

    @property
    def record_name(self) -> str:
        """How messages name the record: as it is saved, or as entered if it is new; empty before it is known."""
        raise NotImplementedError

    @property
    def can_reload(self) -> bool:
        return self.record is not None

    def reload_lists(self) -> None:
        """Read the lists on the page again."""
        for records in self.query(RecordList):
            records.reload()

    def form_value(self) -> Any:
        """The values of all fields, as one plain value that can be compared."""
        raise NotImplementedError

    def load(self) -> Any:
        """Read the record (in a thread); None if it is not created yet. Raises NotFound."""
        raise NotImplementedError

    def show_record(self, record: Any) -> None:
        """Fill the form with what `load` read."""
        raise NotImplementedError

    def fill(self, entered: Any) -> None:
        """Fill the form with a form value."""
        raise NotImplementedError

    def check(self, entered: Any) -> None:
        """Validate a form value without writing it (in a thread). Raises Invalid."""
        raise NotImplementedError

    def write(self, entered: Any) -> tuple[str, Sequence[FieldChange]]:
        """Write a form value (in a thread) and set `record_id`; a message, and what others changed meanwhile.

        The message is empty if nothing differed. Raises Conflict if the person has to decide first.
        """
        raise NotImplementedError

    def change(self) -> AccessChange | None:
        """What saving would change in what users may do; None if nothing."""
        return None

    def draft(self) -> dict[str, Any]:
        """The record as shown and as entered, as plain values for a file: with its `name`, and never a password."""
        raise NotImplementedError

    def restore(self, values: Mapping[str, Any]) -> Any:
        """Fill the form from a draft's values; returns the form value of the record as the draft's form showed it."""
        raise NotImplementedError


def by_id(names: Mapping[str, str]) -> dict[int, str]:
    """Names by their ids, which a draft's file has as text."""
    return {int(id): name for id, name in names.items()}
