"""The fields in which a rule of a role is entered."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Input

from models import role_rules, validation
from models.access import rules
from models.access.impact import AccessChange
from models.access.rules import ANY
from models.db.tables import Permission
from models.errors import Invalid, ShopError
from models.pages.known import known_pages
from models.role_rules import RuleRow
from models.validation import RULE_PARTS
from tui.forms.known_page import PageLine
from tui.keymap.actions import Action, changeable, check_enabled
from tui.text import shown
from tui.widgets.button import Button
from tui.widgets.choice import Choice
from tui.widgets.field import Field, FormRow
from tui.workers import run_in_thread


class PartSuggester(Suggester):
    """Completes a part of a path from the known pages, else from the parts that the shop's rules have."""

    def __init__(self, form: "RuleForm", part: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._form, self._part = form, part

    async def get_suggestion(self, value: str) -> str | None:
        """The first part that begins with the value."""
        bundle, controller, *_ = (part.strip() for part in self._form.entered[:3])
        above = (bundle, controller)[: RULE_PARTS.index(self._part)]
        if (known := _beginning(known_pages().names(*above), value)) is not None:
            return known
        try:
            names = await run_in_thread(lambda: role_rules.existing_values(self._part, bundle, controller))
        except ShopError:
            return None
        return _beginning(names, value)


def _beginning(names: Sequence[str], value: str) -> str | None:
    """The first of the names that begins with the value, and is what it looks like."""
    return next((name for name in names if name.startswith(value) and name == shown(name)), None)


class BundleField(Field):
    """The bundle of a rule; a whole path that is pasted or typed into it fills the other parts too."""

    BINDINGS = [
        Binding("enter", "leave", "Next field", tooltip="Go to the next field", show=False, id="rules.leave_bundle")
    ]

    def __init__(self, form: "RuleForm") -> None:
        super().__init__(id="bundle", placeholder="Bundle, *, or paste a URL")
        self._form = form

    def on_paste(self, event: events.Paste) -> None:
        """Fill the parts from a path; any other text is the field's own to paste."""
        text = event.text.strip()
        if "/" not in text or len(text.splitlines()) != 1:
            return
        event.prevent_default()
        event.stop()
        if self._split(text):
            self._form.permission.focus()

    async def action_leave(self) -> None:
        """Add the rule whose whole path was typed; fill the parts from an address; else go to the next field."""
        text = self.value.strip()
        if "/" not in text:
            self.screen.focus_next()
        elif self._split(text):
            self._form.permission.focus()
            if text.count("/") == 2 and all(text.split("/")):
                await self.screen.run_action("add_rule")

    def on_blur(self) -> None:
        """Fill the parts from a path that was typed."""
        if "/" in self.value:
            self._split(self.value)

    def _split(self, text: str) -> bool:
        """Fill the parts from a path, or say why it is none."""
        try:
            path = rules.parse_path(text)
        except Invalid as error:
            self.post_message(self.Refused(self, str(error)))
            return False
        self._form.fill((*path.parts, self._form.permission.value))
        return True


class PermissionChoice(Choice):
    """The last field of a rule, where Enter adds it."""

    check_action = check_enabled
    BINDINGS = [
        Action(
            "enter",
            "add_rule",
            "Add Rule",
            tooltip="Add the rule, or change it",
            id="rules.add",
            enabled=lambda choice: changeable(choice.screen),
        )
    ]

    def __init__(self) -> None:
        super().__init__([(permission, permission_word(permission)) for permission in Permission], id="permission")

    async def action_add_rule(self) -> None:
        await self.screen.run_action("add_rule")


class RuleForm(Vertical):
    """Bundle, controller, action and permission of a new rule, or of the rule that is being changed."""

    def __init__(self, *, read_only: bool) -> None:
        self.changing: RuleRow | None = None
        self.parts: dict[str, Field] = {
            "bundle": BundleField(self),
            "controller": Field(id="controller", placeholder="empty or * matches anything"),
            "action": Field(id="action", placeholder="empty or * matches anything"),
        }
        for part, field in self.parts.items():
            field.suggester = PartSuggester(self, part)
        self.permission = PermissionChoice()
        self._page_line = PageLine(id="page-line")
        self._page_row = FormRow("Page", self._page_line, field="page")
        label = "Add Rule (read-only)" if read_only else "Add Rule"
        self.button = Button(label, id="add", runs="add_rule", disabled=read_only)
        super().__init__(
            FormRow("Bundle", self.parts["bundle"], field="bundle"),
            FormRow("Controller", self.parts["controller"], field="controller"),
            FormRow("Action", self.parts["action"], field="action"),
            self._page_row,
            FormRow("Permission", self.permission, field="permission"),
            FormRow("", self.button, field="add"),
            id="rule-form",
        )
        self._page_row.display = bool(known_pages())

    def on_mount(self) -> None:
        self.show_page()

    @on(Input.Changed)
    def show_page(self) -> None:
        """Show what the pages are called that are entered; nothing, and no line for it, where none is known."""
        self._page_row.display = bool(known_pages())
        path = self.path
        self._page_line.show(path if all(path.parts) else None)

    @property
    def path(self) -> rules.Path:
        """The path as it would be saved."""
        return rules.Path(*map(validation.trimmed, self.entered[:3]))

    @property
    def entered(self) -> tuple[str, str, str, Any]:
        """Bundle, controller, action and permission, as `models` takes them.

        A path typed into Bundle stands for all three; an empty controller or action is `*`.
        """
        bundle, controller, action = (field.value for field in self.parts.values())
        if "/" in bundle:
            with suppress(Invalid):
                bundle, controller, action = rules.parse_path(bundle).parts
        if bundle.strip():
            controller, action = controller if controller.strip() else ANY, action if action.strip() else ANY
        return bundle, controller, action, self.permission.value

    @property
    def rule_name(self) -> str:
        """How messages name the rule that is entered."""
        return rule_name(*self.entered)

    @property
    def unsaved(self) -> bool:
        """Whether something is entered that is not a rule of the role."""
        if self.changing is None:
            return any(field.value for field in self.parts.values())
        return self.entered != (*self.changing.path.parts, self.changing.permission)

    def change(self, role_id: int) -> AccessChange | None:
        """What the rule would change for a role; None while it is incomplete, and if it is as before."""
        path, permission, before = self.path, self.permission.value, self.changing
        if not all(path.parts) or (before is not None and (path, permission) == (before.path, before.permission)):
            return None
        return AccessChange(
            added_rules={role_id: [(path, permission)]}, removed_rules=[] if before is None else [before.id]
        )

    def edit(self, rule: RuleRow | None) -> None:
        """From now on, what is entered changes this rule; or it is a new one."""
        self.changing = rule
        self.button.words = "Change Rule" if rule else "Add Rule"

    def fill(self, entered: tuple[Any, ...]) -> None:
        *parts, self.permission.value = entered
        for field, part in zip(self.parts.values(), parts, strict=True):
            field.value = part

    def clear(self) -> None:
        """Be ready for the next rule."""
        self.edit(None)
        self.fill(("", "", "", Permission.ALLOW))
        self.focus_first()

    def focus_first(self) -> None:
        """Go to the first field."""
        self.parts["bundle"].focus()


def rule_name(bundle: str, controller: str, action: str, permission: Permission | None) -> str:
    """How messages name a rule, `allow sales/*/*`; with `…` for parts that are not entered yet."""
    path = "/".join(validation.trimmed(part) or "…" for part in (bundle, controller, action))
    return f"{permission_word(permission)} {path}"


def permission_word(permission: Permission | None) -> str:
    """`allow` or `deny`; `unknown` for a type that is neither."""
    return "unknown" if permission is None else permission.name.lower()
