"""A page with a form: loaded, validated, saved once, and never lost without a question."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from models.errors import FieldChange, Invalid, NotFound, ShopError
from tui.dialogs.impact_line import SHOW_IMPACT, ImpactLine, ShowsImpact
from tui.dialogs.question import Question, confirm_self_lockout
from tui.forms import conflicts
from tui.forms.field_errors import FieldErrors
from tui.forms.record_form import RecordForm
from tui.keymap.actions import Action, all_of, changeable, is_recorded, writable
from tui.shape import fits
from tui.text import with_name
from tui.widgets.button import Button
from tui.widgets.choice import Choice
from tui.widgets.lines import TopLine
from tui.widgets.page import STILL_SAVING, VAST_CELLS, close, describe_error
from tui.widgets.pick_list import PickList
from tui.workers import is_still_there, run_busy

if TYPE_CHECKING:
    from tui.drafts import Draft

FRAME_WAIT_S = 0.05
"""Seconds that a page's first frame waits for what is read, so that one frame shows both."""

TALL_ROWS = 30
"""Rows of a form from which on some are free."""

UNCHANGED = "No changes to save."


class FormPage(ShowsImpact, RecordForm):
    """What every form does: a subclass has what its kind of record needs (`RecordForm`)."""

    BINDINGS = [
        Action(
            "ctrl+s,f2",
            "save",
            "Save",
            tooltip="Save the form",
            id="form.save",
            priority=True,
            enabled=changeable,
        ),
        Binding("escape", "back", "Back", tooltip="Go back; asks before unsaved changes are lost", id="form.back"),
        SHOW_IMPACT,
        Action(
            "f7",
            "history",
            "History",
            tooltip="Show what was changed in it, when and by whom",
            show=False,
            id="form.history",
            enabled=lambda page: all_of(is_recorded(page), page.exists or None),
        ),
        Action(
            "f8",
            "copy_command",
            "Copy command",
            tooltip="Copy the command that makes the unsaved change, never with a password",
            show=False,
            id="form.copy_command",
            enabled=lambda page: page.unsaved and not page.read_only and writable(page),
        ),
        Binding("enter", "app.focus_next", "Next field", tooltip="Go to the next field", show=False, id="form.next"),
    ]

    CSS_PATH = "form.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (TALL_ROWS, "-tall")]  # where rows are free
    AUTO_FOCUS = ""  # nothing is typed into a form before it is loaded

    def __init__(self, id: int | None, draft: "Draft | None" = None) -> None:
        super().__init__()
        self.record_id = id
        self.impact_line = ImpactLine(self.lead)
        self.errors = FieldErrors(self)
        self.saving = False
        self._draft = draft
        self._baseline: Any = None  # the form value of the record as it is shown
        self._changes_under_way = 0
        self._one_frame = ExitStack()  # in which the page is shown first

    def foot(self) -> list[Widget]:
        """The effect of the change, if there is one; Save and Cancel."""
        buttons = Horizontal(
            Button("Save (read-only)" if self.read_only else "Save", id="save", runs="save", disabled=self.read_only),
            Button("Cancel", id="cancel", runs="back"),
            classes="buttons",
        )
        return [self.impact_line, buttons]

    @property
    def is_loaded(self) -> bool:
        """Whether the form is filled."""
        return self._baseline is not None

    @property
    def exists(self) -> bool:
        """Whether it shows a record that is in the database."""
        return self.record is not None

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost if the page closed now."""
        return self.is_loaded and self.form_value() != self._baseline

    def on_mount(self) -> None:
        """Load the record; the app has a list of open forms."""
        self.app.forms.add(self)
        self._one_frame.enter_context(self.app.batch_update())
        self._one_frame.callback(self.refresh)  # all of it: what was drawn meanwhile went nowhere
        self.set_timer(FRAME_WAIT_S, self._one_frame.close)
        self._load()

    def on_unmount(self) -> None:
        self._one_frame.close()
        self.app.forms.discard(self)

    def on_resize(self) -> None:
        """The effect names single users where there is room for them."""
        width, height = self.size
        self.impact_line.shows_users = width >= VAST_CELLS and height >= TALL_ROWS

    def set_focus(self, widget: Widget | None, *args: Any, **options: Any) -> None:
        """Nothing has the focus before the form is loaded: what is typed into it would be lost."""
        super().set_focus(widget if self.is_loaded else None, *args, **options)

    # Load

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
        self.rebase(record)
        if self._draft is not None:
            self._restore_draft(self._draft)
        self.refresh_bindings()
        self._one_frame.close()

    def _restore_draft(self, draft: "Draft") -> None:
        try:
            if not fits(draft.values, self.draft_shape):
                raise ValueError
            self._baseline = self.restore(draft.values)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.notify(f"The autosaved form cannot be read: {draft.file}.", severity="error")
        else:
            draft.drop()  # not before it is here again

    def close_with_error(self, error: ShopError) -> None:
        """Close the page, with the reason."""
        self.notify(describe_error(error, self.record_name or self.provisional_name), severity="error")
        close(self, None if isinstance(error, NotFound) else self.record_id)

    # Save

    @work
    async def action_save(self) -> None:
        """Save the form; a second time while the first is under way does nothing."""
        if self.saving or not self.is_loaded or self.read_only:
            return
        self.saving = True
        try:
            if await self.app.may_change() and await self.may_save() and is_still_there(self):
                await self._save()
        except Invalid as error:
            if is_still_there(self):
                self.errors.show(error.fields)
        except NotFound as error:
            self.close_with_error(error)
        except ShopError as error:
            self.notify(describe_error(error, self.record_name or self.provisional_name), severity="error")
        finally:
            self.saving = False

    async def may_save(self) -> bool:
        """Ask what has to be asked before the form is saved; whether it may be."""
        return await self.confirm_impact()

    async def confirm_impact(self) -> bool:
        """Ask if the change takes the user pages away from the person; whether it may be made."""
        self._show_effect()
        return await confirm_self_lockout(self.impact_line)

    async def _save(self) -> None:
        saved = await conflicts.save(self, self)
        if saved is None:
            return
        entered, message, meanwhile = saved
        try:
            record = await run_busy(self.load)
        except ShopError as error:  # it is written, and cannot be shown
            self._notify_saved(message, meanwhile, closes=True)
            self.close_with_error(error)
            return
        if not is_still_there(self):  # it is written, and there is nothing left to show it on
            return
        typed = self.form_value()
        self.errors.show({})
        self.rebase(record)
        if typed != entered:  # while it was saved
            self.fill(typed)
        self._show_effect()
        closes = self.returns and typed == entered
        self._notify_saved(message, meanwhile, closes=closes)
        if closes:
            if self not in self.app.screen_stack:  # its section was left: it closes when that is opened again
                self.pending_result = (self.record_id,)
            close(self, self.record_id)

    def _notify_saved(self, message: str, meanwhile: Sequence[FieldChange], *, closes: bool) -> None:
        closes = closes and bool(message)  # else nothing was saved that a key could undo
        conflicts.notify_saved(self, message or with_name(UNCHANGED, self.record_name), meanwhile, closes=closes)

    def begin_write(self) -> Callable[[], tuple[Any, str, Sequence[FieldChange]]]:
        """What writes the form as it is now; it returns the form value, and what `write` does."""
        entered = self.form_value()
        return lambda: (entered, *self.write(entered))

    def begin_unsaved(self) -> Callable[[], object]:
        """What writes all that is not saved yet."""
        return self.begin_write()

    @work
    async def action_copy_command(self) -> None:
        """Copy the command of the unsaved change, which is tried out and taken back."""
        from tui.copied_command import copy_unsaved

        if self.saving:
            return
        id = self.record_id
        try:
            await copy_unsaved(self.app, self.begin_unsaved())
        except ShopError as error:
            self.notify(describe_error(error, self.record_name or self.provisional_name), severity="error")
        finally:
            self.record_id = id

    def rebase(self, theirs: Any) -> None:
        """Show a record, as the version that is changed from now on."""
        self.show_record(theirs)
        self._baseline = self.form_value()
        self._show_unsaved()

    def discard(self, theirs: Any) -> str:
        """Show a record in place of what is entered; its name."""
        self.rebase(theirs)
        self.errors.show({})
        return self.record_name

    @on(Input.Changed)
    @on(PickList.SelectionChanged)
    @on(Choice.Changed)
    def _field_changed(self) -> None:
        self.errors.update()
        self._show_unsaved()
        self._show_effect()

    def _show_unsaved(self) -> None:
        self.query_one(TopLine).unsaved = self.unsaved

    def _show_effect(self) -> None:
        self.impact_line.show(self.change() if self.is_loaded else None)

    # Leave, reload

    @contextmanager
    def hold_open(self) -> Iterator[None]:
        """Around a change beside the form's own: the page stays open until that has ended."""
        self._changes_under_way += 1
        try:
            yield
        finally:
            self._changes_under_way -= 1

    def action_history(self) -> None:
        """Show the history of the record."""
        if self.record_id is not None:
            self.app.open_history(self.kind, self.record_id, self.record_name)

    @work
    async def action_back(self) -> None:
        """Go back to where the page was opened; asks before unsaved changes are lost."""
        await self.go_back()

    async def go_back(self) -> None:
        """Close the page, unless a change is under way or unsaved changes are to be kept."""
        if self.saving or self._changes_under_way:
            self.notify(with_name(STILL_SAVING, self.record_name), severity="warning")
            return
        if await self._may_discard():
            self.dismiss(self.record_id)

    async def _may_discard(self) -> bool:
        """Ask before unsaved changes are lost; whether they may be, and the page is still there."""
        if not self.unsaved:
            return True
        question = Question("Discard changes?", "The unsaved changes in this form will be lost.", yes="Discard")
        return await self.app.push_screen_wait(question) and is_still_there(self)

    @work
    async def action_reload(self) -> None:
        """Show the record and its lists as they are now; asks before unsaved changes are lost."""
        if self.saving or not await self._may_discard():
            return
        try:
            record = await run_busy(self.load)
        except NotFound as error:
            self.close_with_error(error)
        except ShopError as error:
            self.notify(describe_error(error, self.record_name), severity="error")
        else:
            if is_still_there(self):
                self.discard(record)
                self.reload_lists()
