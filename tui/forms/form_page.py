"""A page with a form: filled, checked, saved once, and never lost without a question."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from models.access.impact import AccessChange
from models.errors import Conflict, FieldChange, Invalid, NotFound, Refused, ShopError
from tui.dialogs.conflict import Answer, ConflictQuestion
from tui.dialogs.impact_line import ImpactLine
from tui.dialogs.question import Question, confirm_self_lockout
from tui.keymap.actions import Action
from tui.shape import Shape, fits
from tui.text import fit_to_cells, with_name
from tui.widgets.button import Button
from tui.widgets.choice import Choice
from tui.widgets.field import FormRow
from tui.widgets.lines import TopLine
from tui.widgets.page import STILL_SAVING, Page, close
from tui.widgets.pick_list import PickList
from tui.workers import is_still_there, run_busy, run_in_thread

if TYPE_CHECKING:
    from tui.drafts import Draft

UNCHANGED = "No changes to save."


class FormPage(Page[int | None]):
    """Creates or edits one record; returns its id to the page that opened it.

    A subclass says what the form holds (`form_value`), how it is checked and written by `models`, and how a record is
    shown. The rules themselves are all in `models`.
    """

    BINDINGS = [
        Action(
            "ctrl+s,f2",
            "save",
            "Save",
            tooltip="Save the form",
            id="form.save",
            priority=True,
            enabled=lambda page: not page.read_only or None,
        ),
        Binding("escape", "back", "Back", tooltip="Go back; asks before something typed is lost", id="form.back"),
        Action(
            "f6",
            "show_effect",
            "Effect",
            tooltip="Show whom the change concerns, and how",
            id="form.effect",
            enabled=lambda page: bool(page.effect.found),
        ),
        Binding("enter", "app.focus_next", "Next field", tooltip="Go to the next field", show=False, id="form.next"),
    ]

    CSS_PATH = "form.tcss"
    AUTO_FOCUS = ""  # nothing is typed into a form before it is filled
    first = ""
    """The field that has the focus then."""
    returns = False
    """Whether it goes back once the form is saved."""
    section = ""
    """The section whose records it edits, as the program calls it."""
    lead = "When saved"
    """What stands before the effect of the `change`."""

    def __init__(self, id: int | None, draft: "Draft | None" = None) -> None:
        super().__init__()
        self.record_id = id
        self._draft = draft
        self._baseline: Any = None
        self._saving, self._under_way = False, 0
        self._refused = False
        self.effect = ImpactLine(self.lead, "form.effect")

    # What a subclass says

    @property
    def record_name(self) -> str:
        """How messages name the record: as it is saved, or as it is typed where it is new; empty before it is known."""
        raise NotImplementedError

    def form_value(self) -> Any:
        """What the form holds now: a plain value that can be compared."""
        raise NotImplementedError

    def load(self) -> Any:
        """Read the record (in a thread), nothing where there is none yet. Raises NotFound."""
        raise NotImplementedError

    def show_record(self, record: Any) -> None:
        """Fill the form with what `load` read."""
        raise NotImplementedError

    def check(self, entered: Any) -> None:
        """Check the form without writing (in a thread). Raises Invalid."""
        raise NotImplementedError

    def write(self, entered: Any) -> tuple[str, Sequence[FieldChange]]:
        """Write the form (in a thread), set `record_id`; what to say then, and what others changed meanwhile.

        Nothing is said where nothing was written. Raises Conflict where that has to be asked first.
        """
        raise NotImplementedError

    def fill(self, entered: Any) -> None:
        """Put what was entered into the form again."""
        raise NotImplementedError

    def draft(self) -> dict[str, Any]:
        """What was shown and what is typed, as plain values for a file: a `name` for people, and never a password."""
        raise NotImplementedError

    def restore(self, values: Mapping[str, Any]) -> Any:
        """Fill the form with those of a draft; what `form_value` gave for the record that the draft was begun on."""
        raise NotImplementedError

    def change(self) -> AccessChange | None:
        """What the form would change in what users may do; None where that is nothing."""
        return None

    draft_shape: ClassVar[dict[str, Shape]] = {}
    """What `restore` relies on in a draft's values."""

    # What every form does

    @property
    def is_loaded(self) -> bool:
        """Whether the form is filled."""
        return self._baseline is not None

    @property
    def exists(self) -> bool:
        """Whether the record is in the database, as it is shown."""
        return self.is_loaded and self.record_id is not None

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost if the page closed now."""
        return self._baseline is not None and self.form_value() != self._baseline

    def on_mount(self) -> None:
        """Fill the form, and let the program know of it."""
        self.app.forms.add(self)
        self._load()

    def on_unmount(self) -> None:
        """The program need not ask about this form any more."""
        self.app.forms.discard(self)

    def set_focus(self, widget: Widget | None, *args: Any, **options: Any) -> None:
        """Nothing has the focus before the form is filled: what is typed into it would be lost."""
        super().set_focus(widget if self._baseline is not None else None, *args, **options)

    @work
    async def _load(self) -> None:
        try:
            record = await run_busy(self.load)
        except ShopError as error:
            if self._draft and isinstance(error, NotFound):
                self._draft.drop()
            self.close_with_error(error)
            return
        if not is_still_there(self):
            return
        self.query_one(self.first).focus()
        self.show_record(record)
        self._baseline = self.form_value()
        if self._draft is not None:
            self._restore_draft(self._draft)
        self.refresh_bindings()

    def _restore_draft(self, draft: "Draft") -> None:
        try:
            if not fits(draft.values, self.draft_shape):
                raise ValueError
            self._baseline = self.restore(draft.values)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.notify(f"The form that was kept cannot be read: {draft.file}.", severity="error")
        else:
            draft.drop()  # not before it is here again

    def close_with_error(self, error: ShopError) -> None:
        """Go back, saying why."""
        self.notify(self._with_name(error), severity="error")
        close(self, None if isinstance(error, NotFound) else self.record_id)

    @work
    async def action_save(self) -> None:
        """Save the form; a second time while the first is under way does nothing."""
        if self._saving or self._baseline is None or self.read_only:
            return
        self._saving = True
        try:
            if await self.may_save() and is_still_there(self):
                while not await self._save():
                    pass
        except Invalid as error:
            if is_still_there(self):
                self.show_errors(error.fields)
        except NotFound as error:
            self.close_with_error(error)
        except ShopError as error:
            self.notify(self._with_name(error), severity="error")
        finally:
            self._saving = False

    def _with_name(self, error: ShopError) -> str:
        """Why something was not done, with the record where it is the matter."""
        concerned = isinstance(error, Conflict | NotFound | Refused)
        return with_name(str(error), (self.record_name or self.called) if concerned else "")

    @contextmanager
    def hold_open(self) -> Iterator[None]:
        """Around a change beside the form's own: the page stays until it is known how that ended."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def may_save(self) -> bool:
        """Whether the person means it, where saving takes the user pages away from themselves."""
        self._show_change()
        return await confirm_self_lockout(self.effect, 2)

    async def _save(self) -> bool:
        """Save once; whether that was the end of it. It is not where what someone else changed was settled first."""
        entered = self.form_value()
        try:
            message, meanwhile = await run_busy(lambda: self.write(entered))
        except Conflict as conflict:
            return await self._settle(conflict)
        try:
            record = await run_busy(self.load)
        except ShopError as error:  # it is written, and cannot be shown
            self.notify_saved(message or with_name(UNCHANGED, self.record_name), meanwhile)
            self.close_with_error(error)
            return True
        if not is_still_there(self):  # it is written, and there is nothing left to show it on
            return True
        typed = self.form_value()
        self.show_errors({})
        self.show_record(record)
        self._baseline = self.form_value()
        if typed != entered:  # while it was saved
            self.fill(typed)
        self._show_change()
        self.notify_saved(message or with_name(UNCHANGED, self.record_name), meanwhile)
        if self.returns and typed == entered:
            if self not in self.app.screen_stack:  # its section was left: it goes back when that is opened again
                self.ended = (self.record_id,)
            close(self, self.record_id)
        return True

    async def _settle(self, conflict: Conflict) -> bool:
        answer = await self.decide(conflict)
        if answer == "back" or not is_still_there(self):
            return True
        self.show_record(conflict.theirs)
        self._baseline = self.form_value()
        if answer == "theirs":
            self.show_errors({})
            dropped = f"What you had changed was dropped; this is the {conflict.noun} as someone else saved it."
            self.notify(with_name(dropped, self.record_name))
            return True
        self.fill(conflict.merged if answer == "both" else conflict.mine)
        return False

    async def decide(self, conflict: Conflict) -> Answer:
        """What to do about what someone else changed."""
        if self.app.screen is not self:  # the person is elsewhere: the next save asks
            self.notify(self._with_name(conflict), severity="warning")
            return "back"
        question = ConflictQuestion(conflict, self._labels())
        answer: Answer = await self.app.push_screen_wait(question)
        return answer

    def notify_saved(self, done: str, meanwhile: Sequence[FieldChange], name: str = "") -> None:
        """Say what was done, and what someone else changed meanwhile that stays: of the record, or what is named."""
        self.notify(done)
        labels = self._labels()
        changes = [f"{labels[change.field]}: {fit_to_cells(change.theirs or '', 160).rstrip()}" for change in meanwhile]
        if changes:
            lead = f"“{name or self.record_name}” was changed by someone else meanwhile. "
            self.notify(lead + ". ".join(changes) + ".")

    def _labels(self) -> dict[str, str]:
        return {row.field: row.label for row in self.query(FormRow)}

    def show_errors(self, fields: Mapping[str, str]) -> None:
        """Show why a save was refused, and keep it true while the form is mended."""
        self._refused = bool(fields)
        self.mark_errors(fields)

    def mark_errors(self, fields: Mapping[str, str]) -> None:
        """Show each message under its field and none under the others; the focus goes to the first."""
        self._mark(fields)
        wrong = next((row for row in self.query(FormRow) if row.error), None)
        if wrong is not None:
            next(iter(wrong.query("Field, PickList, Choice"))).focus()

    def _mark(self, fields: Mapping[str, str]) -> None:
        for row in self.query(FormRow):
            row.show_error(fields.get(row.field, ""))

    @on(Input.Changed)
    @on(PickList.SelectionChanged)
    @on(Choice.Changed)
    def _check_again(self) -> None:
        if self._refused:
            self._recheck()
        else:  # only a refused paste can have left a message
            self._mark({})

    @on(Input.Changed)
    @on(PickList.SelectionChanged)
    @on(Choice.Changed)
    def _show_change(self) -> None:
        self.effect.show(self.change() if self._baseline is not None else None)

    def action_show_effect(self) -> None:
        """Show whom the change concerns."""
        self.effect.open()

    @work(exclusive=True, group="check")
    async def _recheck(self) -> None:
        """Keep the errors true after a save that was refused: they go when their fields are right."""
        entered = self.form_value()
        fields: Mapping[str, str] = {}
        try:
            await run_in_thread(lambda: self.check(entered))
        except Invalid as error:
            fields = error.fields
        except ShopError:
            return
        if is_still_there(self):
            self._mark(fields)

    @on(Button.Pressed, "#save")
    def _save_pressed(self) -> None:
        self.action_save()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_back()

    @work
    async def action_back(self) -> None:
        """Go back to where the page was opened; asks before something typed is lost."""
        await self.go_back()

    async def go_back(self) -> None:
        """Close the page, unless something typed would be lost that is meant to stay."""
        if self._saving or self._under_way:
            self.notify(with_name(STILL_SAVING, self.record_name), severity="warning")
            return
        if self.unsaved:
            question = Question("Leave without saving?", "What you changed in the form will be lost.", yes="Leave")
            if not await self.app.push_screen_wait(question) or not is_still_there(self):
                return
        self.dismiss(self.record_id)

    def buttons(self) -> Widget:
        """What the form would change, where it does; Save and Cancel."""
        buttons = Horizontal(
            Button("Save (read-only)" if self.read_only else "Save", id="save", disabled=self.read_only),
            Button("Cancel", id="cancel"),
            classes="buttons",
        )
        return Vertical(self.effect, buttons, id="foot")

    def say_where(self, breadcrumb: str) -> None:
        """Show another breadcrumb."""
        self.breadcrumb = breadcrumb
        self.query_one(TopLine).show(breadcrumb)


def by_id(names: Mapping[str, str]) -> dict[int, str]:
    """Names by their ids, as a draft's file has them."""
    return {int(id): name for id, name in names.items()}
