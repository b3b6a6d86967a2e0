"""`backoffice users`: what creates and changes users."""

import argparse
from collections.abc import Callable, Collection
from dataclasses import replace

from models import locales, lookup, second_factors, user_form, user_status, users, validation
from models.access.impact import NEW, AccessChange
from models.db.tables import Status
from models.errors import Invalid
from models.text import did_you_mean, plural
from models.user_form import UserForm
from tui.cli.change import Change, Question, WrongUsage, listed
from tui.cli.passwords import asked_password
from tui.wording.consequences import (
    second_factor_consequence,
    second_factor_question,
    status_consequences,
    status_question,
)
from tui.wording.questions import passwords_written
from tui.wording.success import second_factors_deleted, users_were

MARK_OPTIONS = {"is_agent": "agent", "is_merchant_agent": "merchant_agent", "is_warehouse_user": "warehouse"}
"""The marks, and what their options are called."""


def add_user(options: argparse.Namespace) -> Change:
    """A new user."""
    found, password = lookup.find("group", options.group), asked_password(options)
    languages = locales.read_locales()
    locale = _locale(options.language) if options.language else locales.default_locale(languages)
    marks = frozenset(mark for mark, option in MARK_OPTIONS.items() if getattr(options, option))
    _check_marks(marks)
    form = _named(options, UserForm(groups=frozenset(found), locale=locale, marks=marks), options.email)
    form = replace(form, password=password, repeated=password)
    return _created(options, form, f"user created in {listed('group', found.values())}", lambda: users.create(form))


def clone_user(options: argparse.Namespace) -> Change:
    """A new user like another one."""
    id, email = lookup.find_one("user", options.email)
    password, shown = asked_password(options), users.get(id)
    form = replace(_named(options, shown.form, options.new_email), password=password, repeated=password)
    what = f"user created like {email}, in {listed('group', shown.groups.values())}"
    return _created(options, form, what, lambda: users.clone(id, form))


def _created(options: argparse.Namespace, form: UserForm, what: str, make: Callable[[], int]) -> Change:
    """A user who is created of a form."""
    return Change(
        about=form.email,
        what=what,
        make=make,
        creates=True,
        check=lambda: users.check(None, form),
        done=users_were("created", [form.email]),
        access=AccessChange(joining=dict.fromkeys(form.groups, (NEW,)), new_users={NEW: form.email}),
        prints=form.password if options.generate_password else "",
    )


def set_user(options: argparse.Namespace) -> Change:
    """Other fields of a user."""
    id, email = lookup.find_one("user", options.email)
    shown = users.get(id)
    given = {mark: value for mark, option in MARK_OPTIONS.items() if (value := getattr(options, option)) is not None}
    _check_marks(given)
    marks = frozenset(mark for mark in MARK_OPTIONS if given.get(mark, mark in shown.form.marks))
    form = _named(options, replace(shown.form, marks=marks), options.new_email)
    if options.language:
        form = replace(form, locale=_locale(options.language))
    warehouse, was = ("is_warehouse_user" in each.marks for each in (form, shown.form))
    changes = _differences(shown.form, form)
    if form.locale != shown.form.locale:
        changes.append(f"language {options.language}")
    return Change(
        about=email,
        what="; ".join(changes) or "no field changed",
        make=(lambda: users.update(shown, form)) if changes else None,
        id=id,
        done=users_were("updated", [form.email]),
        access=AccessChange(warehouse={id: warehouse}) if warehouse != was else None,
    )


def set_password(options: argparse.Namespace) -> Change:
    """Another password for a user."""
    id, email = lookup.find_one("user", options.email)
    password, shown = asked_password(options), users.get(id)
    form = replace(shown.form, password=password, repeated=password)
    return Change(
        about=email,
        what="password changed",
        make=lambda: users.update(shown, form),
        id=id,
        check=lambda: users.check(shown, form),
        done=users_were("updated", [email]),
        prints=password if options.generate_password else "",
    )


def activate(options: argparse.Namespace) -> Change:
    """Users who can sign in again."""
    return _with_status(options, Status.ACTIVE, "activated")


def deactivate(options: argparse.Namespace) -> Change:
    """Users who cannot sign in."""
    return _with_status(options, Status.DEACTIVATED, "deactivated")


def delete(options: argparse.Namespace) -> Change:
    """Users whose status is deleted."""
    return _with_status(options, Status.DELETED, "deleted")


def _with_status(options: argparse.Namespace, status: Status, done: str) -> Change:
    found = lookup.find("user", options.emails)
    differing = [row for row in users.listing.rows([*found]) if row.status != status]
    ids, emails = [row.id for row in differing], [row.email for row in differing]
    details = status_consequences(differing, status)
    revived = any(row.status == Status.DELETED for row in differing)
    asks = len(ids) > 1 or revived or bool(details)
    return Change(
        about=", ".join(emails or found.values()),
        what=done if ids else f"{done} already",
        make=(lambda: user_status.set_status(ids, status)) if ids else None,
        id=next(iter(found)) if len(found) == 1 else None,
        done=users_were(done, emails),
        access=AccessChange(statuses=dict.fromkeys(ids, status)),
        question=Question(
            asked=status_question(differing, status),
            details=details,
            verb=status.verb.capitalize(),
            destroys=dict(zip(ids, emails, strict=True)) if status is Status.DELETED else {},
            only_in_production=not asks,
        )
        if ids and (asks or status is Status.DEACTIVATED)
        else None,
    )


def reset_mfa(options: argparse.Namespace) -> Change:
    """Users without second factors."""
    found = lookup.find("user", options.emails)
    emails, count = [*found.values()], second_factors.count(found)
    return Change(
        about=", ".join(emails),
        what=f"{plural(count, 'second factor')} deleted" if count else "no second factor deleted",
        make=(lambda: second_factors.reset(found)) if count else None,
        id=next(iter(found)) if len(found) == 1 else None,
        done=second_factors_deleted(count, emails),
        question=Question(
            asked=second_factor_question(emails),
            details=[second_factor_consequence(count)],
            verb="Reset",
        ),
    )


def import_users(options: argparse.Namespace) -> Change:
    """Users of a CSV file."""
    from models.tools import csv_import

    path = csv_import.file_named(options.file)
    entries, target = csv_import.read(path), csv_import.password_file(path)
    if wrong := [entry for entry in entries if entry.errors]:
        raise Invalid({f"line {entry.line}": entry.verdict for entry in wrong})
    emails = [entry.form.email for entry in entries]
    return Change(
        about=str(path),
        what=f"{listed('user', emails)} created",
        make=lambda: csv_import.write(entries, target, lambda *_: None),
        check=lambda: None,  # each row was checked when it was read
        done=users_were("created", emails),
        access=csv_import.change(entries),
        question=Question(
            asked=f"Create {plural(len(emails), 'user')}?",
            details=[passwords_written(target)],
            verb="Create",
        ),
        prints=str(target),
    )


def _named(options: argparse.Namespace, form: UserForm, email: str | None) -> UserForm:
    """The form with the e-mail and names of the options, where these are given."""
    texts = (email, options.first_name, options.last_name)
    kept = (form.email, form.first_name, form.last_name)
    email, first_name, last_name = (
        old if text is None else validation.trimmed(text) for text, old in zip(texts, kept, strict=True)
    )
    return replace(form, email=email, first_name=first_name, last_name=last_name)


def _locale(name: str) -> int | None:
    """The id of a language, None for none. Raises WrongUsage where the shop offers none of that name."""
    if name == locales.NO_LANGUAGE:
        return None
    offered = {language: id for id, language, is_offered in locales.read_locales() if is_offered}
    if name not in offered:
        raise WrongUsage(f"{name}: the languages are {', '.join(offered) or 'none'}{did_you_mean(name, [*offered])}")
    return offered[name]


def _check_marks(marks: Collection[str]) -> None:
    """Raise WrongUsage where the shop's table has no column for one of these marks."""
    there = user_form.marks()
    for mark in marks:
        if mark not in there:
            raise WrongUsage(
                f"--{MARK_OPTIONS[mark].replace('_', '-')}: this shop's table of users has no column {mark}."
            )


def _differences(before: UserForm, after: UserForm) -> list[str]:
    """What is changed, in words: `last name Berg → Berger`."""
    found = []
    for name in ("email", "first_name", "last_name"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append(f"{name.replace('_', ' ')} {old} → {new}")
    for mark, option in MARK_OPTIONS.items():
        if (mark in before.marks) != (mark in after.marks):
            found.append(f"{option.replace('_', ' ')} {'set' if mark in after.marks else 'taken away'}")
    return found


CHANGES = {
    "add": add_user,
    "set": set_user,
    "clone": clone_user,
    "activate": activate,
    "deactivate": deactivate,
    "delete": delete,
    "set-password": set_password,
    "reset-mfa": reset_mfa,
    "import": import_users,
}
