"""Users / Users / Create new User and Edit User."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Input

from models import groups, locales, passwords, second_factors, user_form, user_status, users, validation
from models.access.impact import NEW, AccessChange
from models.db.tables import Status, group_label
from models.errors import FieldChange
from models.groups import GroupRow
from models.user_form import UserForm, UserRecord
from tui.dialogs.question import Question
from tui.forms.form_page import FormPage
from tui.forms.record_form import by_id
from tui.forms.second_factors import ResetSecondFactors
from tui.forms.user_draft import USER_SHAPE, from_plain, to_plain
from tui.keymap.actions import Action, all_of, changeable
from tui.text import with_name
from tui.widgets.choice import CheckBox, Choice
from tui.widgets.column_layout import Column
from tui.widgets.field import Field, FormRow
from tui.widgets.password_progress import PasswordProgress
from tui.widgets.pick_list import PickerRow, PickList
from tui.widgets.preview import Preview
from tui.wording.questions import picking_list_warning
from tui.wording.success import users_were
from tui.workers import run_busy

if TYPE_CHECKING:
    from tui.drafts import Draft

_MARKS = {
    "is_agent": "This user is an agent in Storefront",
    "is_merchant_agent": "This user is an agent in Merchant Portal",
    "is_warehouse_user": "This user is a warehouse user",
}

KEPT = "Leave empty to keep the current password"


class UserPage(FormPage):
    """The form of a user."""

    first = "#email"
    returns = True
    kind = "user"
    section = "users"
    record: UserRecord | None = None
    draft_shape = USER_SHAPE
    BINDINGS = [
        Action(
            "f3",
            "open_groups",
            "Groups",
            tooltip="Show the groups this user is in",
            id="user.groups",
            enabled=lambda page: page.exists,
        ),
        Action(
            "f9",
            "access",
            "Access",
            tooltip="Show permissions and reasons",
            id="user.access",
            enabled=lambda page: page.exists,
        ),
        Action(
            "f4",
            "make_password",
            "Generate password",
            tooltip="Generate a random password",
            id="user.make_password",
            enabled=lambda page: all_of(changeable(page), page.is_loaded or None),
        ),
    ]

    def __init__(self, id: int | None, draft: "Draft | None" = None, *, like: int | None = None) -> None:
        super().__init__(id, draft)
        self._like = like  # the user whose groups, language and marks a new one begins with
        self.breadcrumb = f"Users / Users / {'Create new User' if id is None else 'Edit User'}"

    def content(self) -> list[Widget]:
        self._fields = {name: Field(id=name) for name in ("email", "first_name", "last_name")}
        kept = "" if self.record_id is None else KEPT
        self._fields["password"] = Field(id="password", password=True, placeholder=kept)
        self._fields["repeated"] = Field(id="repeated", password=True)
        self._progress = PasswordProgress()
        self._groups: PickList[GroupRow] = PickList(
            groups.listing,
            [Column("Name", lambda row, _: row.label)],
            lambda row: row.label,
            noun="group",
            empty="There is no group yet. Create one first, in User Groups.",
            id="groups",
        )
        self._group = Preview("group")
        self._marks = {name: CheckBox(_MARKS[name], id=name) for name in user_form.marks()}
        self._locale = Choice([(None, "none")], id="locale")
        self._status = Choice(_statuses(), id="status")
        self._status_row = FormRow("Status", self._status, field="status")
        self._status_row.display = self.record_id is not None
        self._reset = ResetSecondFactors(self)
        return [
            Container(
                Vertical(
                    FormRow("E-mail", self._fields["email"], field="email"),
                    FormRow("Password", self._fields["password"], self._progress, field="password"),
                    FormRow("Repeat Password", self._fields["repeated"], field="repeated"),
                    FormRow("First Name", self._fields["first_name"], field="first_name"),
                    FormRow("Last Name", self._fields["last_name"], field="last_name"),
                    id="form",
                ),
                Vertical(
                    PickerRow("Assigned Groups", self._groups, field="groups"),
                    id="pane",
                ),
                Vertical(
                    FormRow("Interface language", self._locale, field="locale"),
                    self._status_row,
                    *(FormRow(_MARKS[name], box, field=name) for name, box in self._marks.items()),
                    self._reset,
                    id="more",
                ),
                self._group,
                id="body",
            ),
            *self.foot(),
        ]

    @property
    def record_name(self) -> str:
        return self.record.form.email if self.record else self._fields["email"].value.strip()

    def form_value(self) -> UserForm:
        return UserForm(
            **{name: field.value for name, field in self._fields.items()},
            groups=frozenset(self._groups.selected),
            locale=self._locale.value,
            marks=frozenset(name for name, box in self._marks.items() if box.value),
            status=self._status.value,
        )

    def load(self) -> UserRecord | None:
        self._languages = locales.read_locales()
        self._original = None if self._like is None else users.get(self._like)
        self._factors = 0 if self.record_id is None else second_factors.count([self.record_id])
        return None if self.record_id is None else users.get(self.record_id)

    def show_record(self, record: UserRecord | None) -> None:
        self.record = record
        if record:
            self._groups.set_saved(record.groups)
            self._select_groups(record)
            self.query_one(PickerRow).show_needed(bool(record.groups))
            self._status_row.display = True
            self._reset.show(record.id, record.form.email, self._factors)
            self._fields["password"].placeholder = KEPT
            self.set_breadcrumb("Users / Users / Edit User")
        self.fill(self._unchanged)
        if record is None and self._original is not None:
            self._select_groups(self._original)
            copied = self._original.form
            self.fill(UserForm(groups=copied.groups, locale=copied.locale, marks=copied.marks))

    def _select_groups(self, record: UserRecord) -> None:
        self._groups.set_selected(record.groups, {id: group_label(name) for id, name in record.groups.items()})

    @property
    def _unchanged(self) -> UserForm:
        """The form value of the record as it is shown, or of a new one."""
        if self.record:
            return self.record.form
        return UserForm(locale=locales.default_locale(self._languages))

    def fill(self, entered: UserForm) -> None:
        locales = {self._unchanged.locale, entered.locale}
        languages = [(id, name) for id, name, offered in self._languages if offered or id in locales]
        self._locale.set_options([*languages, *([(None, "none")] if None in locales else [])])
        self._status.set_options(_statuses(Status.DELETED in (self._unchanged.status, entered.status)))
        self._locale.value, self._status.value = entered.locale, entered.status
        for name, field in self._fields.items():
            field.value = getattr(entered, name)
        for name, box in self._marks.items():
            box.value = name in entered.marks
        self._groups.set_selected(entered.groups)

    def check(self, entered: UserForm) -> None:
        users.check(self.record, entered)

    def write(self, entered: UserForm) -> tuple[str, Sequence[FieldChange]]:
        if self.record is None:
            self.record_id = users.create(entered)
            return users_were("created", [validation.trimmed(entered.email)]), ()
        saved = users.update(self.record, entered)
        done = users_were("updated", [validation.trimmed(entered.email)])
        return done if saved else "", saved.meanwhile

    async def may_save(self) -> bool:
        """Asks about another status, too, unless it would be refused anyway."""
        record, status = self.record, self._status.value
        if record is None or status is None or status == record.form.status:
            return await super().may_save()
        await run_busy(lambda: user_status.check_status([record.id], status))
        return (
            await super().may_save()
            and await self._may_reactivate(record)
            and await self._may_deactivate(record, status)
        )

    async def _may_reactivate(self, record: UserRecord) -> bool:
        if record.form.status != Status.DELETED:
            return True
        question = Question(f"Reactivate deleted user “{record.form.email}”?", yes="Reactivate")
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    async def _may_deactivate(self, record: UserRecord, status: Status) -> bool:
        """Asks where picking lists would be unassigned, and in any case in production."""
        lists = await run_busy(lambda: user_status.picking_lists([record.id], status))
        if status == Status.ACTIVE or not (lists or self.app.source.is_production):
            return True
        verb = status.verb.capitalize()
        question = Question(f"{verb} the user “{record.form.email}”?", *picking_list_warning(lists), yes=verb)
        answer: bool = await self.app.push_screen_wait(question)
        return answer

    def change(self) -> AccessChange | None:
        """Other groups, another status or mark; of a new user, all that the groups allow."""
        form, before = self.form_value(), self._unchanged
        id = NEW if self.record is None else self.record.id
        new = {id: "the new user"} if self.record is None else {}
        warehouse, was_warehouse = ("is_warehouse_user" in each.marks for each in (form, before))
        change = AccessChange(
            joining=dict.fromkeys(form.groups - before.groups, (id,)),
            leaving=dict.fromkeys(before.groups - form.groups, (id,)),
            statuses={id: form.status} if form.status is not None and form.status != before.status else {},
            warehouse={id: warehouse} if warehouse != was_warehouse else {},
            new_users=new,
        )
        return None if change == AccessChange(new_users=new) else change

    def draft(self) -> dict[str, Any]:
        """The user as shown; the fields as entered, without the password."""
        form, record = self.form_value(), self.record
        return {
            "shown": {"form": to_plain(record.form), "groups": record.groups} if record else None,
            "name": form.email,
            "form": to_plain(form),
            "groups": self._groups.selected,
            "password": bool(form.password),
        }

    def restore(self, values: Mapping[str, Any]) -> UserForm:
        record = values["shown"]
        if record and self.record:
            self.show_record(replace(self.record, form=from_plain(record["form"]), groups=by_id(record["groups"])))
        baseline, names = self.form_value(), by_id(values["groups"])
        self._groups.set_selected(names, names)
        self.fill(from_plain(values["form"]))
        if values["password"]:
            lost = "Passwords are not autosaved: enter it again."
            self.notify(with_name(lost, self.record_name), severity="warning")
        return baseline

    @on(PickList.Changed, "#groups")
    def _group_highlighted(self) -> None:
        self._group.follow(self._groups.window.rows, self._groups.current)

    def on_resize(self) -> None:
        """Show the highlighted group where there is room for it now."""
        self._group.follow(self._groups.window.rows, self._groups.current)

    @on(Input.Changed, "#password")
    def _show_progress(self, message: Input.Changed) -> None:
        self._progress.follow(message.value)

    @work
    async def action_make_password(self) -> None:
        """Put a random password into both fields, and show it once."""
        from tui.dialogs.shown_once import ShownOnce

        password = passwords.random_password()
        for name in "password", "repeated":
            self._fields[name].value = password
            self._fields[name].cursor_position = len(password)
        await self.app.push_screen_wait(ShownOnce(password))

    def action_access(self) -> None:
        if self.record_id is not None:
            self.app.open_record("access", self.record_id)

    @work
    async def action_open_groups(self) -> None:
        """Show the groups of this user, and open the one selected."""
        from tui.dialogs.groups_of import open_one_of

        assert self.record is not None
        await open_one_of(self.app, f"Groups of {self.record.form.email}", groups.of_user(self.record.id))


def _statuses(deleted: bool = False) -> list[tuple[Status | None, str]]:
    """What a form may set: deleting is the list's, after a question."""
    offered: list[tuple[Status | None, str]] = [(Status.ACTIVE, "Active"), (Status.DEACTIVATED, "Deactivated")]
    return offered + ([(Status.DELETED, "Deleted")] if deleted else [])
