"""Users / Users / Import users from CSV: shown before they are written, all or none."""

from pathlib import Path

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from models.db.change import annotate
from models.errors import ShopError, Unknown
from models.text import plural
from models.tools import csv_import
from models.tools.csv_import import Entry
from tui.dialogs.question import Question
from tui.dialogs.reason import with_reason
from tui.keymap.actions import Action, all_of, changeable
from tui.keymap.keys import key_of
from tui.text import full_name, shown
from tui.widgets.column_layout import Column
from tui.widgets.field import Field, FormRow
from tui.widgets.page import Opening, Page, close
from tui.widgets.record_list import RecordList
from tui.wording.questions import passwords_written
from tui.wording.success import users_were
from tui.workers import is_still_there, run_busy, run_in_thread


class FileField(Field):
    """The name of the file; Enter reads it."""

    BINDINGS = [Binding("enter", "screen.read", "Read", tooltip="Read the file and check each row", id="import.read")]


class ImportPage(Page[None]):
    """Reads a CSV file, shows what each row would do and each row's errors, then writes all or nothing."""

    CSS_PATH = "form.tcss"
    breadcrumb = "Users / Users / Import users from CSV"
    AUTO_FOCUS = "#file"
    BINDINGS = [
        Action(
            "ctrl+s,f2",
            "write",
            "Create all",
            tooltip="Create all",
            id="import.write",
            priority=True,
            enabled=lambda page: all_of(changeable(page), page.is_ready or "no rows that can be written"),
        ),
        Binding("escape", "back", "Back", tooltip="Go back; nothing is written", id="import.back"),
    ]

    class Progress(Message):
        """So many of so many passwords are hashed."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done, self.total = done, total

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self._path = Path()
        self._writing = False
        self._verdict = ""

    @property
    def place(self) -> Opening:
        return Opening(ImportPage)

    def content(self) -> list[Widget]:
        self._file = FileField(id="file", placeholder="path of a CSV file: e-mail, first name, last name, groups")
        self._summary = Static("", id="summary")
        self._summary.display = False
        self._rows: RecordList[Entry] = RecordList(
            csv_import.listing([]),
            [
                Column("Line", lambda entry, _: f"{entry.line:,}", width=6, right=True),
                Column("E-mail", lambda entry, _: entry.form.email, share=3),
                Column("Name", lambda entry, _: full_name(entry.form.first_name, entry.form.last_name), share=2),
                Column("Groups", lambda entry, _: ", ".join(entry.group_names), share=2),
                Column("Result", lambda entry, _: entry.verdict, share=4),
            ],
            noun="row",
            empty=f"Enter the path of a CSV file, then press {key_of(self._file, 'import.read').capitalize()}. "
            "Before anything is written, you see what each row would do.",
            copied=lambda entry: _reasons(entry) or entry.form.email,
        )
        return [Vertical(FormRow("CSV file", self._file, field="file"), self._summary, self._rows, id="entry")]

    @property
    def is_ready(self) -> bool:
        """Whether rows were read that can be written, and are not yet."""
        return bool(self._entries) and not self._writing and not any(entry.errors for entry in self._entries)

    @on(Input.Changed, "#file")
    def _path_changed(self) -> None:
        self._clear()

    def _clear(self) -> None:
        """Forget the rows: they are another file's, or are written."""
        self.query_one(FormRow).show_error("")
        if self._entries:
            self._entries = []
            self._rows.window.show(csv_import.listing([]))
            self._summarize("")
            self.refresh_bindings()

    def _summarize(self, summary: Content | str) -> None:
        """Show it over the rows; an empty one takes no line."""
        self._summary.update(summary)
        self._summary.display = bool(summary)

    def action_reload(self) -> None:
        """Read the file again."""
        self.action_read()

    @work(exclusive=True, group="read")
    async def action_read(self) -> None:
        if self._writing:
            return
        try:
            self._path = csv_import.file_named(self._file.value)
            entries = await run_busy(lambda: csv_import.read(self._path))
        except ShopError as error:
            if is_still_there(self):
                self._clear()
                self.query_one(FormRow).show_error(str(error))
            return
        if not is_still_there(self):
            return
        self._entries = entries
        wrong = sum(bool(entry.errors) for entry in self._entries)
        if wrong:
            summary = f"{plural(wrong, 'row')} of {len(self._entries):,} cannot be written, so none will be."
        else:
            summary = f"{plural(len(self._entries), 'user')} can be created: {key_of(self, 'import.write')}."
        self._verdict = summary
        self._summarize(Content(summary))
        self._rows.window.show(csv_import.listing(self._entries))
        self._rows.focus()
        self.refresh_bindings()

    @on(RecordList.Changed)
    def _show_reason(self) -> None:
        """The highlighted row's errors, whole."""
        entry = self._rows.current
        if entry and entry.errors:
            self._summarize(Content(shown(f"{self._verdict} Line {entry.line}: {_reasons(entry)}")))

    @work
    async def action_write(self) -> None:
        if not self.is_ready:
            return
        self._writing = True
        try:
            target = csv_import.password_file(self._path)
            first = ", ".join(entry.form.email for entry in self._entries[:3])
            lead = "The first: " if len(self._entries) > 3 else ""
            question = Question(
                f"Create {plural(len(self._entries), 'user')}?",
                f"{lead}{first}.",
                passwords_written(target),
                yes="Create",
                change=csv_import.change(self._entries),
            )
            if not await self.app.may_change() or not await self.app.push_screen_wait(question):
                return
            entries = self._entries
            with annotate(await with_reason(self.app, question.note)):
                await run_in_thread(lambda: csv_import.write(entries, target, self._report_progress))
        except ShopError as error:
            self.notify(str(error), severity="error")
            if is_still_there(self):
                self._summarize(Content(str(error)) if isinstance(error, Unknown) else "Nothing has been saved.")
        else:
            if is_still_there(self):
                self._clear()  # the page stays where its section was left meanwhile
            done = users_were("created", [entry.form.email for entry in entries])
            self.app.notify_done(f"{done.removesuffix('.')}. Passwords: {target}", closing=self)
            close(self, None)
        finally:
            self._writing = False

    def _report_progress(self, done: int, total: int) -> None:
        if done % 8 == 0 or done == total:
            self.post_message(self.Progress(done, total))

    @on(Progress)
    def _show_progress(self, message: Progress) -> None:
        filled = 40 * message.done // message.total
        bar = f"[{'#' * filled}{'.' * (40 - filled)}]"
        self._summarize(Content(f"{bar} {message.done:,} of {message.total:,} passwords hashed"))

    async def action_back(self) -> None:
        await self.go_back()

    async def go_back(self) -> None:
        """Go back; not while users are being written."""
        if self._writing:
            self.notify("The users are being written; the page closes by itself.", severity="warning")
        else:
            self.dismiss(None)


def _reasons(entry: Entry) -> str:
    """Why a row cannot be written."""
    return "; ".join(f"{column}: {reason}" for column, reason in entry.errors)
