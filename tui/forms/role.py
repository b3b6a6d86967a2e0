"""Users / User Roles / Create new Role and Edit Role."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models import groups, roles
from models.access.impact import NOBODY, AccessChange
from models.access.labels import label_of
from models.access.rules import Path
from models.db.tables import Permission
from models.errors import FieldChange
from models.pages.known import known_pages
from models.role_rules import RuleRow
from models.roles import RoleRecord
from tui.forms.form_page import FormPage
from tui.forms.known_page import pick_page
from tui.forms.rule_form import RuleForm
from tui.forms.rules import Rules
from tui.keymap.actions import Action, changeable
from tui.shape import Shape, is_id, is_one_of, is_text
from tui.text import shown
from tui.widgets.field import Field, FormRow
from tui.widgets.record_list import RecordList
from tui.wording.success import role_added, role_updated
from tui.workers import is_still_there

if TYPE_CHECKING:
    from tui.drafts import Draft


class RolePage(FormPage):
    """The form of a role and, once it exists, its rules, which take effect at once."""

    first = "#name"
    kind = "role"
    section = "roles"
    lead = "With this rule"
    record: RoleRecord | None = None
    BINDINGS = [
        Action(
            "f3",
            "open_groups",
            "Groups",
            tooltip="Show the groups that hold this role",
            id="role.groups",
            enabled=lambda page: page.exists,
        ),
        Action(
            "f4",
            "pick_page",
            "Pages",
            tooltip="Pick a known page for the rule",
            id="role.pages",
            enabled=lambda page: page.exists and bool(known_pages()) and changeable(page),
        ),
    ]

    def __init__(self, id: int | None, draft: "Draft | None" = None, *, rule: int | None = None) -> None:
        super().__init__(id, draft)
        self._first_rule = rule
        if id is not None:
            self.first = "#bundle" if rule is None else "#rules"
        self.breadcrumb = f"Users / User Roles / {'Create new Role' if id is None else 'Edit Role'}"

    def content(self) -> list[Widget]:
        """The name; the form of a rule and the rules below it, or beside it on a wide terminal."""
        self._name_field = Field(id="name")
        self._rule_form = RuleForm(read_only=self.read_only)
        self._pane = Vertical(*([] if self.record_id is None else [self._rules_row(self.record_id)]), id="pane")
        self._rule_form.display = self._pane.display = self.record_id is not None
        return [
            Container(
                Vertical(FormRow("Name", self._name_field, field="name"), self._rule_form, id="form"),
                self._pane,
                id="body",
            ),
            *self.foot(),
        ]

    # The name

    @property
    def record_name(self) -> str:
        return self.record.name if self.record else self._name_field.value.strip()

    def form_value(self) -> tuple[str, ...]:
        return (self._name_field.value,)

    @property
    def unsaved(self) -> bool:
        """A rule that is entered and not saved would be lost, too."""
        return super().unsaved or self._rule_form.unsaved

    def load(self) -> RoleRecord | None:
        return None if self.record_id is None else roles.get(self.record_id)

    def show_record(self, record: RoleRecord | None) -> None:
        """Fill the form; a role that exists has its rules."""
        self.record = record
        if record is None:
            return
        self._name_field.value = record.name
        self._name_field.lock_value("(cannot be renamed)" if record.is_root else "")
        if not self._pane.children:
            self.set_breadcrumb("Users / User Roles / Edit Role")
            self._rule_form.display = self._pane.display = True
            self._pane.mount(self._rules_row(record.id))
            self._rule_form.focus_first()

    def reload_lists(self) -> None:
        """The rule that was entered is discarded, too."""
        self._rules.clear_form()
        super().reload_lists()

    def fill(self, entered: tuple[str, ...]) -> None:
        (self._name_field.value,) = entered

    def check(self, entered: tuple[str, ...]) -> None:
        roles.check(self.record, *entered)

    def write(self, entered: tuple[str, ...]) -> tuple[str, Sequence[FieldChange]]:
        (name,) = entered
        if self.record is None:
            self.record_id = roles.create(name)
            return role_added(name.strip()), ()
        saved = roles.rename(self.record, name)
        if saved:
            return role_updated(name.strip()), saved.meanwhile
        form = self._rule_form
        if not form.unsaved:
            return "", saved.meanwhile
        return f"The rule is not saved yet: {form.button.words} does that. {form.rule_name}", saved.meanwhile

    def begin_unsaved(self) -> Callable[[], object]:
        """The rule that is entered is not saved yet, too."""
        writes: list[Callable[[], object]] = [self.begin_write()] if super().unsaved else []
        writes += [self._rules.begin_write()] if self._rule_form.unsaved else []
        return lambda: [write() for write in writes]

    async def may_save(self) -> bool:
        """A name changes nobody's access; rules are saved on their own."""
        return True

    @property
    def key_labels(self) -> Mapping[str, str]:
        """Enter on the permission does what the button below it does."""
        return {"rules.add": self._rule_form.button.words}

    @property
    def why_unchanged(self) -> str:
        return NOBODY if self.record is None else "no whole rule is entered, or one that is as before"

    def change(self) -> AccessChange | None:
        """What the rule that is entered would change."""
        return None if self.record is None else self._rule_form.change(self.record.id)

    _permission_shape: ClassVar[Shape] = (None, is_one_of(*map(int, Permission)))
    draft_shape: ClassVar[dict[str, Shape]] = {
        "shown": (None, {"id": is_id, "name": is_text}),
        "name": is_text,
        "changing": (
            None,
            {
                "id": is_id,
                "path": dict.fromkeys(("bundle", "controller", "action"), is_text),
                "permission": _permission_shape,
            },
        ),
        "rule": [is_text, is_text, is_text, _permission_shape],
    }

    def draft(self) -> dict[str, Any]:
        """The role and the rule being changed as they were shown; name and rule as entered."""
        record, rule = self.record, self._rule_form.changing
        return {
            "shown": asdict(record) if record else None,
            "name": self._name_field.value,
            "changing": asdict(rule) if rule else None,
            "rule": self._rule_form.entered,
        }

    def restore(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        if record := values["shown"]:
            self.show_record(RoleRecord(**record))
        baseline = self.form_value()
        self._name_field.value = values["name"]
        if rule := values["changing"]:
            self._rule_form.edit(RuleRow(rule["id"], Path(**rule["path"]), _permission(rule["permission"])))
        *parts, permission = values["rule"]
        self._rule_form.fill((*parts, _permission(permission)))
        return baseline

    # Its rules

    def _rules_row(self, id: int) -> FormRow:
        self._rules = Rules(self, self._rule_form, id, self._first_rule)
        self._rules_line = Static("", id="rules-line")
        return FormRow("Assigned Rules", self._rules_line, self._rules, field="rules", tall=True)

    @on(RecordList.Changed, "#rules")
    def _rules_changed(self) -> None:
        current = self._rules.current
        about = (current.idle or label_of(current.path)) if current else ""
        more = f"   highlighted: {about}" if about else ", in effect at once"
        self._rules_line.update(Content(shown(self._rules.status + more)))
        self.refresh_bindings()

    def action_add_rule(self) -> None:
        """Add the rule that is entered, or change the one being changed."""
        if self.exists:
            self._rules.save()

    def show_known_pages(self) -> None:
        """Mark the rules that match none, and say which page is entered."""
        self._rule_form.show_page()
        if self.exists:
            self._rules.reload()

    @work
    async def action_pick_page(self) -> None:
        """Fill the fields of the rule from a known page; the permission is next."""
        path = await pick_page(self.app)
        if path is not None and is_still_there(self):
            self._rule_form.fill((*path.parts, self._rule_form.permission.value))
            self._rule_form.permission.focus()

    @work
    async def action_back(self) -> None:
        if self._rule_form.changing is None:
            await self.go_back()
        elif await self._rules.may_clear_form() and is_still_there(self):
            self._rules.clear_form()

    @work
    async def action_open_groups(self) -> None:
        """Show the groups that hold this role, and open the one selected."""
        from tui.dialogs.groups_of import open_one_of

        assert self.record is not None
        title = f"Groups that hold the role “{self.record.name}”"
        await open_one_of(self.app, title, groups.holding(self.record.id))


def _permission(value: int | None) -> Permission | None:
    """The permission in a draft's file."""
    return None if value is None else Permission(value)
