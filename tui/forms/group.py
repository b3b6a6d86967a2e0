"""Users / User Groups / Create new Group and Edit Group."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models import groups, roles, validation
from models.access.impact import AccessChange
from models.db.tables import group_label
from models.errors import FieldChange
from models.groups import GroupRecord
from models.roles import RoleRow
from tui.forms.form_page import FormPage
from tui.forms.members import Members
from tui.forms.record_form import by_id
from tui.shape import Shape, are_names, is_id, is_text
from tui.widgets.column_layout import Column
from tui.widgets.columns import rules_column
from tui.widgets.field import Field, FormRow
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.preview import Preview
from tui.widgets.record_list import RecordList
from tui.wording.success import groups_were

if TYPE_CHECKING:
    from tui.drafts import Draft

_Value = tuple[str, tuple[int, ...]]
"""The form value: the title, and the ids of the assigned roles."""


class GroupPage(FormPage):
    """The form of a group and, once it exists, its users."""

    first = "#title"
    kind = "group"
    section = "groups"
    record: GroupRecord | None = None

    def __init__(self, id: int | None, draft: "Draft | None" = None) -> None:
        super().__init__(id, draft)
        self.breadcrumb = f"Users / User Groups / {'Create new Group' if id is None else 'Edit Group'}"

    def content(self) -> list[Widget]:
        """Title and roles, the group's users, and the highlighted role in short, below one another or side by side."""
        self._title_field = Field(id="title")
        self._roles: PickList[RoleRow] = PickList(
            roles.listing,
            [Column("Name", lambda row, _: row.name, most=36, share=0), rules_column()],
            lambda row: row.name,
            noun="role",
            empty="A group needs a role, and there is none yet. Create one first, in User Roles.",
            id="roles",
        )
        self._rules = Preview("role")
        self._pane = Vertical(*([] if self.record_id is None else [self._members_row(self.record_id)]), id="pane")
        self._pane.display = self.record_id is not None
        return [
            Container(
                Vertical(
                    FormRow("Title", self._title_field, field="title"),
                    PickerRow("Assigned Roles", self._roles, field="roles"),
                    id="form",
                ),
                self._pane,
                self._rules,
                id="body",
            ),
            *self.foot(),
        ]

    @property
    def record_name(self) -> str:
        return self.record.label if self.record else self._title_field.value.strip()

    def form_value(self) -> _Value:
        return self._title_field.value, tuple(sorted(self._roles.selected))

    def load(self) -> GroupRecord | None:
        return None if self.record_id is None else groups.get(self.record_id)

    def show_record(self, record: GroupRecord | None) -> None:
        """Fill the form; a group that exists has its users beside it."""
        self.record = record
        if record is None:
            return
        self._title_field.value = record.name
        self._title_field.lock_value("(cannot be renamed)" if record.is_root else "")
        if record.is_root and (self.focused is None or self.focused is self._title_field):
            self._roles.focus()
        self._roles.set_saved(record.roles)
        self._roles.set_selected(record.roles, record.roles)
        if not self._pane.children:
            self.set_breadcrumb("Users / User Groups / Edit Group")
            self._pane.display = True
            self._pane.mount(self._members_row(record.id))

    def fill(self, entered: _Value) -> None:
        self._title_field.value, roles = entered
        self._roles.set_selected(roles)

    def check(self, entered: _Value) -> None:
        groups.check(self.record, *entered)

    def write(self, entered: _Value) -> tuple[str, Sequence[FieldChange]]:
        if self.record is None:
            self.record_id = groups.create(*entered)
            return groups_were("created", [validation.trimmed(entered[0])]), ()
        saved = groups.update(self.record, *entered)
        done = groups_were("updated", [group_label(validation.trimmed(entered[0]))])
        return done if saved else "", saved.meanwhile

    @property
    def key_labels(self) -> Mapping[str, str]:
        """What Tab leads to from the title and from the roles, and the effect before all other keys."""
        order = [self._title_field, self._roles, *self.query(Members)]
        after = dict(zip(order, ("Roles", "Users")[: len(order) - 1], strict=False)).get(self.focused)
        labels = {"form.save": "Save", "form.back": "Back", "page.next": after, "effect.show": "Effect"}
        return {id: label for id, label in labels.items() if label}

    def change(self) -> AccessChange | None:
        """Other roles for the group's users."""
        selected = self._roles.selected.keys()
        if self.record is None or not selected or selected == self.record.roles.keys():
            return None
        id, before = self.record.id, self.record.roles.keys()
        return AccessChange(added_roles={id: sorted(selected - before)}, removed_roles={id: sorted(before - selected)})

    draft_shape: ClassVar[dict[str, Shape]] = {
        "shown": (None, {"id": is_id, "name": is_text, "roles": are_names}),
        "name": is_text,
        "roles": are_names,
    }

    def draft(self) -> dict[str, Any]:
        """The group as it was shown; title and roles as entered."""
        record = asdict(self.record) if self.record else None
        return {"shown": record, "name": self._title_field.value, "roles": self._roles.selected}

    def restore(self, values: Mapping[str, Any]) -> _Value:
        if record := values["shown"]:
            self.show_record(GroupRecord(record["id"], record["name"], by_id(record["roles"])))
        baseline, names = self.form_value(), by_id(values["roles"])
        self._title_field.value = values["name"]
        self._roles.set_selected(names, names)
        return baseline

    def _members_row(self, id: int) -> FormRow:
        self._members = Members(self, id)
        self._members_line = Static("", id="users-line")
        self._rules.add_class("-below")
        return FormRow("Users", self._members_line, self._members, field="users", tall=True)

    @on(RecordList.Changed, "#roles")
    def _role_highlighted(self) -> None:
        self._rules.follow(self._roles.window.rows, self._roles.current)

    def on_resize(self) -> None:
        """Show the highlighted role where there is room for it now."""
        self._rules.follow(self._roles.window.rows, self._roles.current)

    @on(RecordList.Changed, "#users")
    def _members_changed(self) -> None:
        status = self._members.status
        self._members_line.update(Content("none yet" if status == "0 users" else status))
        self.refresh_bindings()
