"""Users / User Roles / Create new Role and Edit Role."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Static

from models import groups, role_rules, roles, validation
from models.access import rules
from models.access.impact import AccessChange
from models.db.tables import Permission
from models.errors import Conflict, FieldChange, Invalid, NotFound, Refused, ShopError
from models.role_rules import RuleRow
from models.roles import RoleRecord
from tui.dialogs.question import Question
from tui.forms.form_page import UNCHANGED, FormPage
from tui.keymap.actions import Action
from tui.shape import Shape, is_id, is_one_of, is_text
from tui.text import shown, with_name
from tui.widgets.button import Button
from tui.widgets.choice import Choice
from tui.widgets.column_layout import Column
from tui.widgets.field import Field, FormRow
from tui.widgets.record_list import RecordList
from tui.workers import is_still_there, run_busy, run_in_thread

if TYPE_CHECKING:
    from tui.drafts import Draft


FAILED = "Failed to add Rule."


class NamedParts(Suggester):
    """Completes a part of a path from what the shop's rules already name."""

    def __init__(self, page: "RolePage", part: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._page, self._part = page, part

    async def get_suggestion(self, value: str) -> str | None:
        """The first name that begins with what is typed."""
        bundle, controller = self._page.part("bundle"), self._page.part("controller")
        try:
            found = await run_in_thread(lambda: role_rules.existing_values(self._part, bundle, controller))
        except ShopError:
            return None
        return next((name for name in found if name.startswith(value) and name == shown(name)), None)


class BundleField(Field):
    """The bundle of a rule; a whole path pasted into it fills the other parts too."""

    def on_paste(self, event: events.Paste) -> None:
        """Fill the parts from a path; anything else is the field's own to take."""
        text = event.text.strip()
        page = self.screen
        if "/" not in text or len(text.splitlines()) != 1 or not isinstance(page, RolePage):
            return
        event.prevent_default()
        event.stop()
        try:
            page.fill_path(rules.parse_path(text))
        except Invalid as error:
            self.post_message(self.Refused(self, str(error)))


class Rules(RecordList[RuleRow]):
    """The rules of a role, where they are changed and deleted."""

    BINDINGS = [
        Binding(
            "e,enter", "screen.change_rule", "Change", tooltip="Change the highlighted rule in place", id="rules.change"
        ),
        Binding("d,delete", "screen.remove_rule", "Delete", tooltip="Delete the highlighted rule", id="rules.delete"),
    ]


class PermissionChoice(Choice):
    """The last field of a rule, where Enter adds it."""

    BINDINGS = [Binding("enter", "screen.add_rule", "Save Rule", tooltip="Add the rule, or change it", id="rules.add")]


class RolePage(FormPage):
    """The form of a role and, once it exists, its rules, which take effect at once."""

    first = "#name"
    section = "roles"
    lead = "With this rule"
    BINDINGS = [
        Action(
            "f3",
            "open_groups",
            "Groups",
            tooltip="Show the groups that hold this role",
            id="role.groups",
            enabled=lambda page: page.exists,
        ),
    ]

    def __init__(self, id: int | None, draft: "Draft | None" = None, *, rule: int | None = None) -> None:
        super().__init__(id, draft)
        self._first_rule = rule
        self._record: RoleRecord | None = None
        self._changing: RuleRow | None = None
        self.breadcrumb = f"Users / User Roles / {'Create new Role' if id is None else 'Edit Role'}"

    def content(self) -> list[Widget]:
        """The name; the form of a rule and the rules below it, or beside it on a wide terminal."""
        self._name_field = Field(id="name")
        self._parts = {
            "bundle": BundleField(id="bundle", placeholder="type *, or paste a path"),
            "controller": Field(id="controller", placeholder="type * for any"),
            "action": Field(id="action", placeholder="type * for any"),
        }
        for part, field in self._parts.items():
            field.suggester = NamedParts(self, part)
        self._permission = PermissionChoice(
            [(permission, permission.name.lower()) for permission in Permission], id="permission"
        )
        self._add = Button("Add Rule (read-only)" if self.read_only else "Add Rule", id="add", disabled=self.read_only)
        self._rule_form = Vertical(
            FormRow("Bundle", self._parts["bundle"], field="bundle"),
            FormRow("Controller", self._parts["controller"], field="controller"),
            FormRow("Action", self._parts["action"], field="action"),
            FormRow("Permission", self._permission, field="permission"),
            FormRow("", self._add, field="add"),
            id="rule-form",
        )
        self._pane = Vertical(id="pane")
        self._rule_form.display = self._pane.display = False
        return [
            Container(
                Vertical(FormRow("Name", self._name_field, field="name"), self._rule_form, id="form"),
                self._pane,
                id="body",
            ),
            self.buttons(),
        ]

    # The name

    @property
    def record_name(self) -> str:
        """The role's name."""
        return self._record.name if self._record else self._name_field.value.strip()

    def form_value(self) -> tuple[str, ...]:
        """The name."""
        return (self._name_field.value,)

    @property
    def unsaved(self) -> bool:
        """A rule that was typed and not added would be lost, too."""
        return super().unsaved or self._rule_unsaved

    @property
    def _rule_unsaved(self) -> bool:
        rule = self._changing
        if rule is None:
            return any(field.value for field in self._parts.values())
        return self._entered_rule() != (*rule.path.parts, rule.permission)

    def load(self) -> RoleRecord | None:
        """Read the role."""
        return None if self.record_id is None else roles.get(self.record_id)

    def show_record(self, record: RoleRecord | None) -> None:
        """Fill the form; a role that exists has its rules."""
        self._record = record
        if record is None:
            return
        self._name_field.value = record.name
        self._name_field.disabled = record.is_root
        if not self._pane.children:
            self.say_where("Users / User Roles / Edit Role")
            self._show_rules(record.id)
            if self._first_rule is None:
                self._parts["bundle"].focus()
            else:
                self.call_after_refresh(self._rules.focus)  # once it is there

    def check(self, entered: tuple[str, ...]) -> None:
        """Check the name."""
        roles.check(self._record, *entered)

    def write(self, entered: tuple[str, ...]) -> tuple[str, Sequence[FieldChange]]:
        """Create the role, or rename it."""
        (name,) = entered
        if self._record is None:
            self.record_id = roles.create(name)
            return f'Role "{name.strip()}" successfully added.', ()
        saved = roles.rename(self._record, name)
        if saved:
            return f'Role "{name.strip()}" successfully updated.', saved.meanwhile
        if not self._rule_unsaved:
            return "", saved.meanwhile
        rule = _rule_name(*self._entered_rule())
        return f"The rule is not saved yet: {self._add.label} does that. {rule}", saved.meanwhile

    def change(self) -> AccessChange | None:
        """The rule that is typed, once it is whole; added, or in place of the one that is changed."""
        *parts, permission = self._entered_rule()
        path = rules.Path(*map(validation.trimmed, parts))
        shown = self._changing
        as_before = shown is not None and (path, permission) == (shown.path, shown.permission)
        if self._record is None or not all(path.parts) or as_before:
            return None
        return AccessChange(
            added_rules={self._record.id: [(path, permission)]},
            removed_rules=[shown.id] if shown else [],
        )

    async def may_save(self) -> bool:
        """Saving changes the name; rules take effect on their own."""
        return True

    def fill(self, entered: tuple[str, ...]) -> None:
        """Put the name into the form."""
        (self._name_field.value,) = entered

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
        """The role and the rule being changed as they were shown; name and rule as typed."""
        shown = asdict(self._record) if self._record else None
        changing = asdict(self._changing) if self._changing else None
        return {"shown": shown, "name": self._name_field.value, "changing": changing, "rule": self._entered_rule()}

    def restore(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Fill the form with those of a draft."""
        if shown := values["shown"]:
            self.show_record(RoleRecord(**shown))
        kept = self.form_value()
        self._name_field.value = values["name"]
        if rule := values["changing"]:
            path, permission = rules.Path(**rule["path"]), _permission(rule["permission"])
            self._change(RuleRow(rule["id"], path, permission))
        bundle, controller, action, permission = values["rule"]
        self._fill_rule((bundle, controller, action, _permission(permission)))
        return kept

    # Its rules

    def _show_rules(self, id: int) -> None:
        self._rules: RecordList[RuleRow] = Rules(
            role_rules.listing(id),
            [
                Column("Bundle", lambda row, _: row.path.bundle, share=8),
                Column("Controller", lambda row, _: row.path.controller, share=4),
                Column("Action", lambda row, _: row.path.action, share=3),
                Column("Permission", lambda row, _: permission_of(row), share=5, filled=True),
            ],
            noun="rule",
            empty="This role has no rules yet, so it allows nothing. Add the first one above.",
            copied=lambda row: str(row.path),
            id="rules",
        )
        self._rules.first = self._first_rule
        self._rules_line = Static("", id="rules-line")
        self._rule_form.display = self._pane.display = True
        self._pane.mount(FormRow("Assigned Rules", self._rules_line, self._rules, field="rules", tall=True))

    @on(RecordList.Changed, "#rules")
    def _rules_changed(self) -> None:
        current = self._rules.current
        reason = f"   highlighted: {current.idle}" if current and current.idle else ""
        self._rules_line.update(Content(shown(self._rules.status + reason)))
        self.refresh_bindings()

    def part(self, name: str) -> str:
        """What is typed in a field of the rule."""
        return self._parts[name].value.strip()

    def fill_path(self, path: rules.Path) -> None:
        """Put a whole path into the fields of the rule."""
        for name, field in self._parts.items():
            field.value = getattr(path, name)
        self._permission.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what cannot be done now."""
        if action == "add_rule":
            return None if self.read_only else True
        if action in ("change_rule", "remove_rule"):
            return None if self.read_only or self._rules.current is None else True
        return super().check_action(action, parameters)

    @on(Button.Pressed, "#add")
    def _add_pressed(self) -> None:
        self.action_add_rule()

    @work
    async def action_add_rule(self) -> None:
        """Add the rule, or change the one that is being changed; ready for the next then."""
        if self.read_only or self._saving or self.record_id is None:
            return
        self._saving = True
        try:
            if await self._may_change_rules() and await super().may_save() and is_still_there(self):
                while not await self._write_rule():
                    pass
        except Invalid as error:
            if is_still_there(self):
                self.mark_errors(error.fields)
            self.notify(with_name(FAILED, _rule_name(*self._entered_rule())), severity="error")
        except ShopError as error:
            self.notify(f"{with_name(FAILED, _rule_name(*self._entered_rule()))}: {error}", severity="error")
        finally:
            self._saving = False

    async def _write_rule(self) -> bool:
        """Write the rule once; whether that was the end of it. It is not where a conflict was settled first."""
        assert self.record_id is not None
        id, before, entered = self.record_id, self._changing, self._entered_rule()
        name = _rule_name(*entered)
        meanwhile: Sequence[FieldChange] = ()
        if before is None:
            at = await run_busy(lambda: role_rules.add(id, *entered))
            message = with_name("Rule successfully added.", name)
        else:
            at = before.id
            try:
                saved = await run_busy(lambda: role_rules.change(before, *entered))
            except Conflict as conflict:
                return await self._settle_rule(conflict)
            except NotFound:
                if is_still_there(self):
                    self._change(None)
                    self._rules.reload()
                gone = "Someone else deleted this rule meanwhile. Add Rule writes it again."
                self.notify(with_name(gone, _rule_name(*before.path.parts, before.permission)), severity="error")
                return True
            message = with_name("Rule successfully updated." if saved else UNCHANGED, name)
            meanwhile = saved.meanwhile
        if not is_still_there(self):
            self.notify_saved(message, meanwhile)
            return True
        if self._entered_rule() == entered:
            self._clear_rule()
        else:  # the next one is being typed
            self._change(None)
        self.notify_saved(message, meanwhile, name)
        self._rules.reload(at)
        return True

    async def _settle_rule(self, conflict: Conflict) -> bool:
        answer = await self.decide(conflict)
        if not is_still_there(self):
            return True
        if answer == "theirs":
            self._clear_rule()
            self._rules.reload(conflict.theirs.id)
            dropped = "What you had changed was dropped; this is the rule as someone else saved it."
            theirs: RuleRow = conflict.theirs
            self.notify(with_name(dropped, _rule_name(*theirs.path.parts, theirs.permission)))
        if answer in ("back", "theirs"):
            return True
        self._change(conflict.theirs)
        self._fill_rule(conflict.merged if answer == "both" else conflict.mine)
        return False

    def _entered_rule(self) -> tuple[str, str, str, Any]:
        """Bundle, controller, action and permission as they are typed."""
        bundle, controller, action = (field.value for field in self._parts.values())
        return bundle, controller, action, self._permission.value

    def _fill_rule(self, entered: tuple[Any, ...]) -> None:
        *parts, self._permission.value = entered
        for field, part in zip(self._parts.values(), parts, strict=True):
            field.value = part

    def _change(self, rule: RuleRow | None) -> None:
        """Let what is typed be a change of this rule, or a new one."""
        self._changing = rule
        self._add.label = "Change Rule" if rule else "Add Rule"

    def _clear_rule(self) -> None:
        self._change(None)
        self._fill_rule(("", "", "", Permission.ALLOW))
        self.mark_errors({})
        self._parts["bundle"].focus()

    async def _may_change_rules(self) -> bool:
        """Whether the person means it, where the role is the administrators' own."""
        if self._record is None or not self._record.is_root:
            return True
        question = Question(
            "Change the rules of root_role?",
            "It is the administrators' role: a wrong rule here can shut all of them out of pages of the Back Office.",
            "Rules take effect at once.",
            yes="Change",
        )
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    async def _may_drop_rule(self) -> bool:
        """Whether what is typed of a rule may go; asked where that is anything."""
        if not self._rule_unsaved:
            return True
        question = Question("Drop the rule that is typed?", "It was not saved.", yes="Drop")
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    @on(RecordList.Opened, "#rules")
    @work
    async def action_change_rule(self) -> None:
        """Take the highlighted rule into the form."""
        rule = self._rules.current
        if rule is None or not await self._may_drop_rule() or not is_still_there(self):
            return
        self._change(rule)
        self._fill_rule((*rule.path.parts, rule.permission))
        self._parts["bundle"].focus()

    @work
    async def action_remove_rule(self) -> None:
        """Delete the highlighted rule, after a question; takes effect at once."""
        rule = self._rules.current
        if rule is None:
            return
        name = _rule_name(*rule.path.parts, rule.permission)
        question = Question(
            f"Delete the rule “{name}”?",
            "Rules take effect at once.",
            yes="Delete",
            destroys={rule.id: str(rule.path)},
            change=AccessChange(removed_rules=[rule.id]),
        )
        try:
            await run_busy(lambda: role_rules.check_remove(rule.id))
            if not await self.app.push_screen_wait(question) or not await self._may_change_rules():
                return
            with self.hold_open():
                await run_busy(lambda: role_rules.remove(rule.id))
        except ShopError as error:
            concerned = isinstance(error, NotFound | Refused)
            self.notify(with_name(str(error), name if concerned else ""), severity="error")
        else:
            self.notify(f'Rule with id "{rule.id}" was successfully removed! {name}')
            if self._changing is not None and self._changing.id == rule.id and is_still_there(self):
                self._clear_rule()
        self._rules.reload()

    @work
    async def action_back(self) -> None:
        """Escape first gives up the change of a rule."""
        if self._changing is None:
            await self.go_back()
        elif await self._may_drop_rule() and is_still_there(self):
            self._clear_rule()

    @work
    async def action_open_groups(self) -> None:
        """Show the groups that hold this role, and open the one chosen."""
        from tui.dialogs.groups_of import open_one_of

        assert self._record is not None
        title = f"Groups that hold the role “{self._record.name}”"
        await open_one_of(self.app, title, groups.holding(self._record.id))


def _permission(value: int | None) -> Permission | None:
    """The permission that a draft's file holds."""
    return None if value is None else Permission(value)


def _rule_name(bundle: str, controller: str, action: str, permission: Permission | None) -> str:
    """How messages name a rule, `allow sales/*/*`; one that is typed in part has `…` for the rest."""
    path = "/".join(validation.trimmed(part) or "…" for part in (bundle, controller, action))
    return f"{_permission_word(permission)} {path}"


def _permission_word(permission: Permission | None) -> str:
    """`allow` or `deny`."""
    return "unknown" if permission is None else permission.name.lower()


def permission_of(rule: RuleRow) -> Any:
    """`allow` or `deny`, with the reason where the rule can never matter."""
    return _permission_word(rule.permission) + (f", {rule.idle}" if rule.idle else "")
