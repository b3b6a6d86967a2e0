"""The rules of a role: listed, added, changed and deleted, each of which takes effect at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import work

from models import role_rules
from models.access.impact import AccessChange
from models.access.labels import NO_KNOWN_PAGE
from models.db.tables import Permission
from models.errors import Invalid, NotFound, ShopError
from models.merge import Saved
from models.role_rules import RuleRow
from tui.dialogs.question import Question
from tui.dialogs.reason import make_change
from tui.forms import conflicts
from tui.forms.form_page import UNCHANGED, FormPage
from tui.forms.rule_form import RuleForm, permission_word, rule_name
from tui.keymap.actions import Action, can_change
from tui.text import with_name
from tui.widgets.column_layout import Column
from tui.widgets.page import describe_error
from tui.widgets.record_list import RecordList
from tui.wording.questions import CHANGE_ROOT_RULES, ROOT_RULES_WARNING, RULES_AT_ONCE, add_rules_question
from tui.wording.success import rule_updated, rules_added, rules_removed
from tui.workers import is_still_there, run_busy

FAILED = "Failed to add Rule."


@dataclass(frozen=True)
class _Written:
    """What came of writing a rule; without an id, the rule `before` was deleted meanwhile."""

    before: RuleRow | None
    entered: tuple[str, str, str, Any]
    id: int | None
    saved: Saved

    @property
    def message(self) -> str:
        rule = rule_name(*self.entered)
        if self.before is None:
            return rules_added([rule])
        return rule_updated(rule) if self.saved else with_name(UNCHANGED, rule)


class Rules(RecordList[RuleRow]):
    """The rules of the role on a page; the form beside them is for a new rule, or for the one being changed."""

    BINDINGS = [
        Action(
            "e,enter",
            "open",
            "Change",
            tooltip="Change the highlighted rule in place",
            id="rules.change",
            enabled=lambda rules: can_change(rules.screen, rules.current),
        ),
        Action(
            "d,delete",
            "delete",
            "Delete",
            tooltip="Delete the highlighted rule",
            id="rules.delete",
            enabled=lambda rules: can_change(rules.screen, rules.current),
        ),
    ]

    def __init__(self, page: FormPage, form: RuleForm, role_id: int, first: int | None) -> None:
        super().__init__(
            role_rules.listing(role_id),
            [
                Column("Bundle", lambda row, _: row.path.bundle, share=8),
                Column("Controller", lambda row, _: row.path.controller, share=4),
                Column("Action", lambda row, _: row.path.action, share=3),
                Column("Permission", lambda row, _: _permission(row), share=5, filled=True, style=_permission_style),
            ],
            noun="rule",
            empty="This role has no rules yet, so it allows nothing. Add the first one above.",
            copied=lambda row: str(row.path),
            id="rules",
        )
        self._page, self._form, self._role_id, self.first = page, form, role_id, first

    # Add and change

    @work
    async def save(self) -> None:
        """Add the rule that is entered, or change the one being changed; then the form is ready for the next."""
        page = self._page
        if page.read_only or page.saving:
            return
        page.saving = True
        try:
            if await self._may_write() and await page.confirm_impact() and is_still_there(page):
                await self._save()
        except Invalid as error:
            if is_still_there(page):
                page.errors.mark(error.fields)
            self.notify(with_name(FAILED, self._form.rule_name), severity="error")
        except ShopError as error:
            self.notify(f"{with_name(FAILED, self._form.rule_name)}: {error}", severity="error")
        finally:
            page.saving = False

    async def _save(self) -> None:
        page, form = self._page, self._form
        written = await conflicts.save(self, page)
        if written is None:
            return
        if written.before is not None and written.id is None:
            self._deleted_meanwhile(written.before)
        elif not is_still_there(page):
            conflicts.notify_saved(page, written.message, written.saved.meanwhile)
        else:
            if form.entered == written.entered:
                self.clear_form()
            else:  # the next one is being entered
                form.edit(None)
            conflicts.notify_saved(page, written.message, written.saved.meanwhile, rule_name(*written.entered))
            self.reload(written.id)

    def _deleted_meanwhile(self, rule: RuleRow) -> None:
        if is_still_there(self._page):
            self._form.edit(None)
            self.reload()
        deleted = "Someone else deleted this rule. Add Rule writes it again."
        self.notify(with_name(deleted, _name(rule)), severity="error")

    def begin_write(self) -> Callable[[], _Written]:
        """What writes the rule as it is entered now."""
        before, entered = self._form.changing, self._form.entered

        def write() -> _Written:
            if before is None:
                return _Written(None, entered, role_rules.add(self._role_id, *entered), Saved(True))
            try:
                return _Written(before, entered, before.id, role_rules.change(before, *entered))
            except NotFound:
                return _Written(before, entered, None, Saved(False))

        return write

    def rebase(self, theirs: RuleRow) -> None:
        """Go on from the rule as someone else saved it."""
        self._form.edit(theirs)

    def fill(self, entered: tuple[Any, ...]) -> None:
        self._form.fill(entered)

    def discard(self, theirs: RuleRow) -> str:
        """Clear the form, and show the rule as someone else saved it; its name."""
        self.clear_form()
        self.reload(theirs.id)
        return _name(theirs)

    def clear_form(self) -> None:
        """Be ready for the next rule."""
        self._form.clear()
        self._page.errors.mark({})

    async def _may_write(self) -> bool:
        """Ask where it is locked, where the rule would hold at once in production, or for the administrators."""
        form, role = self._form, self._page.record
        if not await self.app.may_change():
            return False
        if role is None or role.is_root or not self.app.source.is_production:
            return await self._may_change_rules()
        if form.changing is None:
            verb, asked = "Add", add_rules_question([form.rule_name], role.name)
        else:
            before = _name(form.changing)
            verb, asked = "Change", f"Change the rule “{before}” of the role “{role.name}” to “{form.rule_name}”?"
        question = Question(
            asked,
            RULES_AT_ONCE,
            yes=verb,
            change=form.change(role.id),
            takes_reason=False,
        )
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    async def _may_change_rules(self) -> bool:
        """Ask if the role is the administrators' own; whether its rules may be changed."""
        role = self._page.record
        if role is None or not role.is_root:
            return True
        question = Question(
            CHANGE_ROOT_RULES,
            ROOT_RULES_WARNING,
            RULES_AT_ONCE,
            yes="Change",
        )
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    async def may_clear_form(self) -> bool:
        """Ask if a rule is entered that is not saved; whether it may be discarded."""
        if not self._form.unsaved:
            return True
        question = Question("Discard the unfinished rule?", "It has not been saved.", yes="Discard")
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    # What is done to the highlighted one

    def action_open(self) -> None:
        self._edit_current()

    @work
    async def _edit_current(self) -> None:
        rule = self.current
        if rule is not None and await self.may_clear_form() and is_still_there(self):
            self._form.edit(rule)
            self._form.fill((*rule.path.parts, rule.permission))
            self._form.focus_first()

    @work
    async def action_delete(self) -> None:
        rule = self.current
        if rule is None:
            return
        name = _name(rule)
        question = Question(
            f"Delete the rule “{name}”?",
            RULES_AT_ONCE,
            yes="Delete",
            destroys={rule.id: str(rule.path)},
            change=AccessChange(removed_rules=[rule.id]),
        )
        try:
            await run_busy(lambda: role_rules.check_remove(rule.id))
            if not await self.app.push_screen_wait(question) or not await self._may_change_rules():
                return
            with self._page.hold_open():
                await make_change(self.app, lambda: role_rules.remove(rule.id), question.note)
        except ShopError as error:
            self.notify(describe_error(error, name), severity="error")
        else:
            self.notify(rules_removed({rule.id: name}))
            if self._form.changing is not None and self._form.changing.id == rule.id and is_still_there(self):
                self.clear_form()
        self.reload()


def _name(rule: RuleRow) -> str:
    return rule_name(*rule.path.parts, rule.permission)


def _permission_style(rule: RuleRow) -> str:
    if rule.permission is None or rule.idle == NO_KNOWN_PAGE:
        return "record-list--doubtful"
    return "record-list--good" if rule.permission == Permission.ALLOW else "record-list--bad"


def _permission(rule: RuleRow) -> str:
    """Its permission, with the reason if the rule can never matter."""
    return permission_word(rule.permission) + (f", {rule.idle}" if rule.idle else "")
