"""Every field of a user and its messages, every change, what a save leaves alone, and that no password is shown."""

import logging
import traceback
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from models import groups, locales, user_form, user_status, users, validation
from models.access import explain, safeguards
from models.access.rules import Path as PagePath
from models.db import connection, tables, transactions
from models.db.paging import Sort
from models.db.tables import Status
from models.errors import Invalid, NotFound, Refused, Unavailable
from models.user_form import UserForm, UserRecord
from models.validation import BLANK, PASSWORD_RULE, too_long
from tests.conftest import Shop, change_settings, unseen, unwritable, utc_now, verifies
from tests.models.access.test_impact import counted

ON_SERVERS = True

HOSTILE = ["[red]x[/]", "'; DROP TABLE spy_user; --", "%s {} \\n", "שלום", "e\u0301 店 👨\u200d👩\u200d👧", "a\u202eb"]
PASSWORD = "Change-me-123"
SECRET = "Zq7!unspeakable"
BAD_EMAIL = "This value is not a valid email address."
BAD_NAME = "This value must not contain any of these characters: : / < >"
SONIA = UserForm("sonia@spryker.com", "Sonia", "Wagner", frozenset({1}), 66, password=PASSWORD, repeated=PASSWORD)


@pytest.fixture(autouse=True)
def cheap() -> None:
    """The lowest cost: what a hash is worth is the matter of test_passwords."""
    change_settings(password_cost=10)


@pytest.fixture
def me() -> None:
    change_settings(current_user_email="sonia@spryker.com")


@pytest.fixture
def baseline(shop: Shop) -> UserRecord:
    """A user as a page shows them, last changed some time ago, beside an admin; not in root_group."""
    (admin,) = shop.users("admin@spryker.com")
    shop.join(1, admin)
    night, day = shop.groups("Night shift", "Day shift")
    (id,) = shop.users("sonia@spryker.com")
    shop.sql(
        "UPDATE spy_user SET first_name = 'Sonia', last_name = 'Wagner', fk_locale = 66, is_agent = true, "
        "uuid = 'kept', created_at = '2020-01-01 00:00:00', updated_at = '2020-01-01 00:00:00' WHERE id_user = ?",
        id,
    )
    for group in (night, day):
        shop.join(group, id)
    return users.get(id)


def row(shop: Shop, id: int, columns: str) -> tuple[object, ...]:
    ((*values,),) = shop.sql(f"SELECT 0, {columns} FROM spy_user WHERE id_user = ?", id)
    return tuple(values[1:])


def refused(shop: Shop, form: UserForm, baseline: UserRecord | None = None) -> dict[str, str]:
    """The messages of a save that is refused, having written nothing; the check beforehand says the same."""
    with shop.untouched():
        with pytest.raises(Invalid) as invalid:
            users.update(baseline, form) if baseline else users.create(form)
        with pytest.raises(Invalid) as beforehand:
            users.check(baseline, form)
    assert beforehand.value.fields == invalid.value.fields
    return invalid.value.fields


def checked(shop: Shop, **fields: Any) -> dict[str, str]:
    """The messages for Sonia's form with other values in these fields."""
    return refused(shop, replace(SONIA, **fields))


# Create


def test_create_writes_the_user_with_their_groups(shop: Shop) -> None:
    (night,) = shop.groups("Night shift")
    before = utc_now().replace(microsecond=0)
    id = users.create(replace(SONIA, groups=frozenset({1, night}), marks=frozenset({"is_agent"})))
    assert row(shop, id, "username, first_name, last_name, fk_locale, status, last_login") == (
        "sonia@spryker.com", "Sonia", "Wagner", 66, 0, None,
    )  # fmt: skip
    assert row(shop, id, "is_agent, is_merchant_agent, is_warehouse_user") == (1, None, None)
    hash, created_at, updated_at = map(str, row(shop, id, "password, created_at, updated_at"))
    assert hash.startswith("$2y$10$")
    assert verifies(PASSWORD, hash)
    assert created_at == updated_at
    assert len(created_at) == len("2026-02-02 10:00:00")
    assert before <= datetime.fromisoformat(created_at) <= utc_now()
    assert shop.sql("SELECT fk_acl_group FROM spy_acl_user_has_group WHERE fk_user = ? ORDER BY 1", id) == [1, night]
    form = UserForm(SONIA.email, "Sonia", "Wagner", frozenset({1, night}), 66, frozenset({"is_agent"}))
    assert users.get(id) == UserRecord(id, form, {night: "Night shift", 1: "root_group"})


def test_the_uuid_is_that_of_the_shops_own_code(shop: Shop) -> None:
    """UUIDv5 of `spy_user.<id>.<username>` in the OID namespace; the first is one that the shop's installer wrote."""
    if shop.kind == "sqlite":
        shop.sql("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'spy_user'")
    id = users.create(replace(SONIA, email="admin@spryker.com"))
    assert id == 1
    assert row(shop, id, "uuid") == ("c0e244d4-03e8-556f-aa8d-174be9d236e5",)
    id = users.create(SONIA)
    assert row(shop, id, "uuid") == (str(uuid.uuid5(uuid.NAMESPACE_OID, f"spy_user.{id}.sonia@spryker.com")),)


def test_a_new_user_is_active_whatever_the_form_says(shop: Shop) -> None:
    id = users.create(replace(SONIA, status=Status.DELETED))
    assert row(shop, id, "status") == (0,)


def test_an_interface_language_may_be_left_open(shop: Shop) -> None:
    id = users.create(replace(SONIA, locale=None))
    assert row(shop, id, "fk_locale") == (None,)


def test_a_whole_shop_offers_the_back_offices_two_languages_or_those_of_the_setting(shop: Shop) -> None:
    whole = shop.whole()

    def offered() -> list[str]:
        return [name for _, name, is_offered in locales.read_locales() if is_offered]

    def first() -> list[str]:
        return [name for id, name, _ in locales.read_locales() if id == locales.default_locale(locales.read_locales())]

    assert (len(locales.read_locales()), offered(), first()) == (221, ["de_DE", "en_US"], ["en_US"])
    change_settings(languages=("fr_FR", "xx_XX", "en_GB"))
    assert (offered(), first()) == (["en_GB", "fr_FR"], ["fr_FR"])
    off = "FALSE" if shop.kind == "postgres" else "0"
    whole.sql(f"UPDATE spy_locale SET is_active = {off} WHERE locale_name = 'fr_FR'")
    assert (offered(), first()) == (["en_GB"], ["en_GB"])
    change_settings(languages=("xx_XX",))
    assert (offered(), locales.default_locale(locales.read_locales())) == ([], None)


def test_the_interface_languages_say_whether_they_are_active(shop: Shop) -> None:
    active = "is_active = FALSE" if shop.kind == "postgres" else "is_active = 0"
    shop.sql(f"UPDATE spy_locale SET {active} WHERE locale_name = 'de_DE'")
    assert locales.read_locales() == [(46, "de_DE", False), (66, "en_US", True)]


def test_create_is_one_transaction(shop: Shop) -> None:
    refusing = shop.refusing("INSERT", "spy_acl_user_has_group")
    with refusing, shop.untouched(), pytest.raises(Unavailable, match="error: no"):
        users.create(SONIA)


def test_everything_wrong_is_told_at_once(shop: Shop) -> None:
    assert refused(shop, UserForm(repeated="x")) == {
        "email": BLANK,
        "password": BLANK,
        "repeated": "The password fields must match.",
        "first_name": BLANK,
        "last_name": BLANK,
        "groups": "At least one group must be selected.",
    }


# E-mail


@pytest.mark.parametrize(
    "email",
    [
        "a@b.c",
        "sonia+night.shift@sub.shop.example",
        "!#$%&'*+/=?^_`{|}~-.@shop.example",
        "..@shop.example",
        "a@1-2.3",
        "x" * 33 + "@shop.exampl",
    ],
)
def test_an_email_in_the_form_that_html5_accepts_is_taken(shop: Shop, email: str) -> None:
    assert users.get(users.create(replace(SONIA, email=f" {email}\t"))).form.email == email


@pytest.mark.parametrize(
    "email",
    [
        "sonia", "@shop.example", "sonia@", "sonia@shop", "sonia@shop.", "sonia@.example", "sonia@shop..example",
        "sonia@-shop.example", "sonia@shop-.example", "so nia@shop.example", "sonia@shop.example.", "a@b@shop.example",
        "sonia@shöp.example", "sönia@shop.example", "sonia@sh_op.example", "<sonia@shop.example>", '"a"@shop.example',
        "sonia@[127.0.0.1]", "sonia@shop.example,a@b.c",
    ],
)  # fmt: skip
def test_another_form_of_email_is_not(shop: Shop, email: str) -> None:
    assert checked(shop, email=email) == {"email": BAD_EMAIL}


def test_an_email_has_at_most_45_characters(shop: Shop) -> None:
    longest = "x" * 32 + "@shop.example"
    assert len(longest) == 45
    assert checked(shop, email="x" + longest) == {"email": too_long(45)}
    assert users.get(users.create(replace(SONIA, email=f" {longest} "))).form.email == longest


def test_an_email_is_unique(shop: Shop, baseline: UserRecord) -> None:
    in_use = {"email": 'User with email "admin@spryker.com" already exists.'}
    assert checked(shop, email=" admin@spryker.com ") == in_use
    assert refused(shop, replace(baseline.form, email="admin@spryker.com"), baseline) == in_use


def test_a_deleted_users_email_stays_taken(shop: Shop, baseline: UserRecord) -> None:
    user_status.set_status([baseline.id], Status.DELETED)
    assert checked(shop) == {"email": 'User with email "sonia@spryker.com" already exists.'}


def test_an_email_taken_between_check_and_insert_gets_the_same_message(
    shop: Shop, baseline: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = {"email": 'User with email "admin@spryker.com" already exists.'}
    for act in (
        lambda: users.create(replace(SONIA, email="admin@spryker.com")),
        lambda: users.update(baseline, replace(baseline.form, email="admin@spryker.com")),
    ):
        unseen(monkeypatch, validation, looks=2)  # before the password is hashed, and after
        with shop.untouched(), pytest.raises(Invalid) as invalid:
            act()
        assert invalid.value.fields == in_use


# Names


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_names_are_stored_to_the_letter(shop: Shop, name: str) -> None:
    expected = unwritable(shop, name) or (BAD_NAME if set(name) & set(":/<>") else None)
    if expected:
        assert checked(shop, first_name=name, last_name=name) == {"first_name": expected, "last_name": expected}
    else:
        form = users.get(users.create(replace(SONIA, first_name=f" \t{name}", last_name=f"{name}\u200b\n"))).form
        assert (form.first_name, form.last_name) == (name, name)


def test_names_have_at_most_45_and_255_characters(shop: Shop) -> None:
    wrong = {"first_name": too_long(45), "last_name": too_long(255)}
    assert checked(shop, first_name="店" * 46, last_name="店" * 256) == wrong
    form = users.get(users.create(replace(SONIA, first_name="店" * 45, last_name=" " + "店" * 255))).form
    assert (len(form.first_name), len(form.last_name)) == (45, 255)


@pytest.mark.parametrize("character", ":/<>")
def test_names_are_without_the_characters_that_the_back_office_refuses(shop: Shop, character: str) -> None:
    name = f"So{character}nia"
    assert checked(shop, first_name=name, last_name=name) == {"first_name": BAD_NAME, "last_name": BAD_NAME}


def test_control_characters_within_a_name_are_refused(shop: Shop) -> None:
    for character in "\n\t\x00\x1b\x9b\u2028\ud800":
        messages = checked(shop, first_name=f"a{character}b", last_name=f"a{character}b", email=f"a{character}@b.c")
        assert list(messages) == ["email", "first_name", "last_name"]
        assert all(f"U+{ord(character):04X}" in message for message in messages.values())


# Password


SHORT = "This value is too short. It should have 12 characters or more."
LONG = "This value is too long. It should have 128 characters or less."


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", BLANK),
        (" ", SHORT),
        ("Aa1!" * 2 + "xxx", SHORT),
        ("Aa1!" * 32 + "x", LONG),
        ("change-me-123", PASSWORD_RULE),
        ("CHANGE-ME-123", PASSWORD_RULE),
        ("Change-me-now", PASSWORD_RULE),
        ("Changeme1234", PASSWORD_RULE),
        (f"{PASSWORD}ß", PASSWORD_RULE),
        (f"{PASSWORD}\\", PASSWORD_RULE),
        (f" {PASSWORD}", PASSWORD_RULE),
        (f"{PASSWORD}\n", PASSWORD_RULE),
        (f"{PASSWORD}\ud800", PASSWORD_RULE),
    ],
    ids=[
        "none", "a space", "11", "129", "no upper case", "no lower case", "no digit", "no special", "foreign",
        "backslash", "space before", "line break after", "half a character",
    ],
)  # fmt: skip
def test_a_password_that_breaks_a_rule_is_refused(
    shop: Shop, baseline: UserRecord, password: str, message: str
) -> None:
    form = replace(SONIA, email="new@spryker.com", password=password, repeated=password)
    assert refused(shop, form) == {"password": message}
    if password:
        assert refused(shop, replace(baseline.form, password=password, repeated=password), baseline) == {
            "password": message
        }


@pytest.mark.parametrize("password", ["Aa1!" * 3, "Aa1!" * 32], ids=len)
def test_both_length_bounds_are_taken(shop: Shop, password: str) -> None:
    (hash,) = row(shop, users.create(replace(SONIA, password=password, repeated=password)), "password")
    assert verifies(password, str(hash))


@pytest.mark.parametrize("repeated", ["", PASSWORD.lower(), PASSWORD + " ", PASSWORD + "x"])
def test_both_entries_must_be_equal(shop: Shop, baseline: UserRecord, repeated: str) -> None:
    unequal = {"repeated": "The password fields must match."}
    assert checked(shop, email="new@spryker.com", repeated=repeated) == unequal
    assert refused(shop, replace(baseline.form, password=PASSWORD, repeated=repeated), baseline) == unequal


def test_a_password_repeated_alone_is_not_an_empty_one(shop: Shop, baseline: UserRecord) -> None:
    assert refused(shop, replace(baseline.form, repeated=PASSWORD), baseline) == {
        "password": BLANK,
        "repeated": "The password fields must match.",
    }


def test_an_empty_password_keeps_the_old_hash(shop: Shop, baseline: UserRecord) -> None:
    assert users.update(baseline, replace(baseline.form, last_name="Changed"))
    assert row(shop, baseline.id, "password") == ("hash",)


def test_a_new_password_replaces_the_old_one(shop: Shop, baseline: UserRecord) -> None:
    assert users.update(baseline, replace(baseline.form, password=SECRET, repeated=SECRET))
    (hash,) = row(shop, baseline.id, "password")
    assert verifies(SECRET, str(hash))


# Groups


def test_at_least_one_group_is_needed(shop: Shop, baseline: UserRecord) -> None:
    needed = {"groups": "At least one group must be selected."}
    assert checked(shop, email="new@spryker.com", groups=frozenset()) == needed
    assert refused(shop, replace(baseline.form, groups=frozenset()), baseline) == needed


def test_a_user_without_groups_gets_another_name_and_password_all_the_same(shop: Shop, baseline: UserRecord) -> None:
    shop.sql("DELETE FROM spy_acl_user_has_group")
    shown = users.get(baseline.id)
    assert users.update(shown, replace(shown.form, last_name="Changed", password=SECRET, repeated=SECRET))
    last_name, hash = row(shop, baseline.id, "last_name, password")
    assert last_name == "Changed" and verifies(SECRET, str(hash))
    shown = users.get(baseline.id)
    assert users.update(shown, replace(shown.form, groups=frozenset({1})))
    assert shop.sql("SELECT fk_acl_group FROM spy_acl_user_has_group") == [1]


def test_a_group_that_is_gone_is_said(shop: Shop, baseline: UserRecord) -> None:
    deleted = {"groups": "A selected group has been deleted. Select others, or reopen this page."}
    assert checked(shop, email="new@spryker.com", groups=frozenset({1, 999})) == deleted
    assert refused(shop, replace(baseline.form, groups=baseline.form.groups | {999}), baseline) == deleted


# Update


def test_update_writes_every_field_and_the_time(shop: Shop, baseline: UserRecord) -> None:
    night, _ = sorted(baseline.form.groups)
    form = UserForm(
        " new@spryker.com", "New ", " Name", frozenset({night, 1}), 46, frozenset({"is_merchant_agent"}), Status.DELETED
    )
    assert users.update(baseline, form)
    stored = replace(form, email="new@spryker.com", first_name="New", last_name="Name")
    assert users.get(baseline.id) == UserRecord(baseline.id, stored, {night: "Night shift", 1: "root_group"})
    created_at, updated_at, uuid_now = row(shop, baseline.id, "created_at, updated_at, uuid")
    assert created_at == "2020-01-01 00:00:00"
    assert updated_at != "2020-01-01 00:00:00"
    assert uuid_now == "kept"


def test_nothing_changed_writes_nothing(shop: Shop, baseline: UserRecord) -> None:
    with shop.untouched():
        assert not users.update(baseline, replace(baseline.form, first_name=" Sonia "))


def test_values_stored_with_spaces_around_are_no_change(shop: Shop, baseline: UserRecord) -> None:
    """A form trims; opening a page and saving it must not change what another program wrote."""
    values = "first_name = ' Sonia ', last_name = 'Wagner ', username = ' s@spryker.com'"
    shop.sql(f"UPDATE spy_user SET {values} WHERE id_user = ?", baseline.id)
    padded = users.get(baseline.id)
    with shop.untouched():
        assert not users.update(padded, padded.form)


def test_an_older_value_that_breaks_a_later_rule_stays_until_it_is_changed(shop: Shop, baseline: UserRecord) -> None:
    shop.sql("UPDATE spy_user SET username = 'root', first_name = 'A/B', last_name = '' WHERE id_user = ?", baseline.id)
    older = users.get(baseline.id)
    assert users.update(older, replace(older.form, locale=46))
    assert refused(shop, replace(older.form, email="rooot", first_name="A/C"), older) == {
        "email": BAD_EMAIL,
        "first_name": BAD_NAME,
    }


def test_only_the_differences_are_written(shop: Shop, baseline: UserRecord) -> None:
    night, day = sorted(baseline.form.groups)
    columns = ("username", "first_name", "last_name", "fk_locale", "status", "password", "is_agent", "uuid")
    groups_too = shop.noting("spy_acl_user_has_group", "fk_acl_group", "fk_acl_group", "fk_user")
    with shop.noting("spy_user", "id_user", *columns), groups_too:
        users.update(baseline, replace(baseline.form, last_name="Changed", groups=frozenset({day, 1})))
        written = sorted(shop.sql("SELECT * FROM written"))
        assert written == [("DELETE", night), ("INSERT", 1), ("last_name", baseline.id)]


def test_the_same_change_by_a_colleague_meanwhile_is_no_error(shop: Shop, baseline: UserRecord) -> None:
    _, day = sorted(baseline.form.groups)
    form = replace(baseline.form, first_name="New", groups=frozenset({day, 1}))
    users.update(baseline, form)
    users.update(baseline, form)
    assert users.get(baseline.id).form == form


def test_a_status_that_no_shop_writes_is_kept(shop: Shop, baseline: UserRecord) -> None:
    shop.sql("UPDATE spy_user SET status = 7 WHERE id_user = ?", baseline.id)
    strange = users.get(baseline.id)
    assert strange.form.status is None
    assert users.listing.rows([baseline.id])[0].status_label == "Unknown"
    assert users.update(strange, replace(strange.form, last_name="Changed"))
    assert row(shop, baseline.id, "status") == (7,)


# Marks and older shops


def test_a_mark_that_is_taken_away_is_written_as_no(shop: Shop, baseline: UserRecord) -> None:
    assert user_form.marks() == ["is_agent", "is_merchant_agent", "is_warehouse_user"]
    assert baseline.form.marks == {"is_agent"}
    assert users.update(baseline, replace(baseline.form, marks=frozenset({"is_warehouse_user"})))
    assert row(shop, baseline.id, "is_agent, is_merchant_agent, is_warehouse_user") == (0, None, 1)


@pytest.fixture
def older(shop: Shop) -> Iterator[Shop]:
    """A shop from before uuid and the marks; the models fit themselves to the next one again."""
    yield shop.older()
    shop.reopen()


def test_an_older_shop_without_uuid_and_marks_is_served_too(older: Shop) -> None:
    assert user_form.marks() == []
    older.join(1, *older.users("admin@spryker.com"))
    id = users.create(SONIA)
    assert verifies(PASSWORD, str(row(older, id, "password")[0]))
    before = users.get(id)
    assert before.form == replace(SONIA, password="", repeated="")
    assert users.update(before, replace(before.form, last_name="Changed", status=Status.DEACTIVATED))
    assert user_status.set_status([id], Status.ACTIVE) == 1
    assert users.get(id).form == replace(before.form, last_name="Changed")


# Status


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.name)
@pytest.mark.parametrize("before", list(Status), ids=lambda status: status.name)
def test_each_status_leads_to_each(shop: Shop, baseline: UserRecord, before: Status, status: Status) -> None:
    shop.sql("UPDATE spy_user SET status = ? WHERE id_user = ?", before.value, baseline.id)
    assert user_status.set_status([baseline.id], status) == (before is not status)
    assert row(shop, baseline.id, "status") == (status.value,)
    assert (row(shop, baseline.id, "updated_at") != ("2020-01-01 00:00:00",)) == (before is not status)


def test_a_deleted_user_keeps_row_groups_and_password_and_stays_listed(shop: Shop, baseline: UserRecord) -> None:
    assert user_status.set_status([baseline.id], Status.DELETED) == 1
    assert users.get(baseline.id) == replace(baseline, form=replace(baseline.form, status=Status.DELETED))
    assert row(shop, baseline.id, "password") == ("hash",)
    assert shop.sql("SELECT * FROM spy_user_archive") == []
    rows = users.listing.page(Sort("email"), 10)
    assert [(one.email, one.status_label) for one in rows] == [
        ("admin@spryker.com", "Active"),
        ("sonia@spryker.com", "Deleted"),
    ]
    assert [one.email for one in users.with_status(Status.DELETED).page(Sort("email"), 10)] == ["sonia@spryker.com"]


def test_many_change_their_status_at_once_and_only_those_that_differ_count(shop: Shop, baseline: UserRecord) -> None:
    ids = shop.users(*(f"{number}@spryker.com" for number in range(1_000)))
    user_status.set_status(ids[:100], Status.DEACTIVATED)
    assert user_status.set_status(ids, Status.DEACTIVATED) == 900
    assert user_status.set_status([], Status.DELETED) == 0


def test_a_user_that_is_gone_changes_none_of_the_others(shop: Shop, baseline: UserRecord) -> None:
    with shop.untouched(), pytest.raises(NotFound, match=r"^User couldn't be found$"):
        user_status.set_status([baseline.id, 999], Status.DEACTIVATED)


@pytest.mark.usefixtures("me")
def test_me_can_be_neither_deactivated_nor_deleted(shop: Shop, baseline: UserRecord) -> None:
    (other,) = shop.users("other@spryker.com")
    for status, message in (
        (Status.DEACTIVATED, r"^User was not deactivated\.$"),
        (Status.DELETED, r"^User was not deleted\.$"),
    ):
        with shop.untouched():
            with pytest.raises(Refused, match=message):
                user_status.set_status([other, baseline.id], status)
            with pytest.raises(Refused, match=message):
                user_status.check_status([other, baseline.id], status)
            user_status.check_status([other], status)
            with pytest.raises(Refused, match=message):
                users.update(baseline, replace(baseline.form, status=status, last_name="Changed"))
        assert user_status.set_status([other], status) == 1


@pytest.mark.usefixtures("me")
def test_me_may_be_changed_otherwise_and_activated(shop: Shop, baseline: UserRecord) -> None:
    assert users.update(baseline, replace(baseline.form, last_name="Changed"))
    shop.sql("UPDATE spy_user SET status = 1 WHERE id_user = ?", baseline.id)
    assert user_status.set_status([baseline.id], Status.DEACTIVATED) == 0
    assert user_status.set_status([baseline.id], Status.ACTIVE) == 1


def test_who_is_me_is_asked_once_of_however_many(
    shop: Shop, baseline: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E-mails compare as the database does: MariaDB minds no upper and lower case."""
    for me, is_me in ("", False), ("SONIA@spryker.com", shop.kind == "mariadb"), ("sonia@spryker.com", True):
        change_settings(current_user_email=me)
        with connection.read_connection(), counted(monkeypatch) as statements:
            assert safeguards.includes_current_user(range(baseline.id, baseline.id + 10_000)) is is_me
        assert len(statements) == bool(me)


# Gone meanwhile


def test_a_user_that_is_gone_is_said(shop: Shop, baseline: UserRecord) -> None:
    shop.sql("DELETE FROM spy_user WHERE id_user = ?", baseline.id)
    for act in (
        lambda: users.get(baseline.id),
        lambda: users.check(baseline, baseline.form),
        lambda: users.update(baseline, baseline.form),
        lambda: users.update(baseline, replace(baseline.form, last_name="Changed")),
        lambda: user_status.set_status([baseline.id], Status.DELETED),
    ):
        with shop.untouched(), pytest.raises(NotFound, match=r"^User couldn't be found$"):
            act()


def test_a_group_that_is_deleted_lets_its_users_open_no_more(shop: Shop, baseline: UserRecord) -> None:
    (role,) = shop.roles("Everything")
    shop.rules(role, "allow */*/*")
    night, _ = sorted(baseline.form.groups)
    shop.hold(night, role)
    assert explain.of_user(baseline.id).decide(PagePath("sales", "index", "index")).allowed
    groups.delete(night)
    assert not explain.of_user(baseline.id).decide(PagePath("sales", "index", "index")).allowed
    assert "Night shift" not in users.get(baseline.id).groups.values()


# A password is never shown, logged or kept


def everything_in(error: BaseException) -> str:
    """All that a program could print of an error: its text, its values, and its traceback with those of variables.

    Only of our own code: the test's variables hold the password itself.
    """
    texts = [str(error), repr(error), repr(vars(error))]
    chain: BaseException | None = error
    while chain is not None:
        frames = [
            frame for frame in traceback.walk_tb(chain.__traceback__) if "/models/" in frame[0].f_code.co_filename
        ]
        ours = [frame for frame in frames if "/tests/" not in frame[0].f_code.co_filename]
        texts += traceback.StackSummary.extract(iter(ours), capture_locals=True).format()
        texts += traceback.format_exception(chain)
        chain = chain.__cause__ or chain.__context__
    return "\n".join(texts)


def test_a_form_and_a_record_do_not_show_their_password(shop: Shop) -> None:
    form = replace(SONIA, password=SECRET, repeated=SECRET)
    id = users.create(form)
    for value in form, users.get(id), users.listing.rows([id]):
        assert SECRET not in f"{value} {value!r}"
    assert (users.get(id).form.password, users.get(id).form.repeated) == ("", "")


def test_no_error_tells_the_password(shop: Shop, baseline: UserRecord, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = SECRET + "ß"
    forms = [
        replace(SONIA, password=SECRET, repeated=SECRET),  # the e-mail is in_use
        replace(SONIA, password=wrong, repeated=wrong),
        replace(SONIA, email="new@spryker.com", password=SECRET, repeated=wrong),
        replace(SONIA, email="new@spryker.com", password="", repeated=SECRET),
        replace(SONIA, email="new@spryker.com", groups=frozenset({999}), password=SECRET, repeated=SECRET),
    ]
    for form in forms:
        with pytest.raises(Invalid) as invalid:
            users.create(form)
        assert SECRET not in everything_in(invalid.value)
    assert SECRET not in caplog.text


def test_not_even_an_error_of_the_database_tells_the_password(shop: Shop) -> None:
    with shop.refusing("INSERT", "spy_user"), pytest.raises(Unavailable) as unavailable:
        users.create(replace(SONIA, password=SECRET, repeated=SECRET))
    assert SECRET not in everything_in(unavailable.value)


def test_changes_give_their_connections_back(shop: Shop) -> None:
    with pytest.raises(Invalid):
        users.create(UserForm())
    users.create(SONIA)
    assert tables.database.is_closed()


@pytest.mark.postgres
def test_several_users_memberships_are_written_in_the_order_of_the_groups(shop: Shop) -> None:
    """Never in that of a set, since PostgreSQL may give them to the shop as they were written."""
    numbers = [64, 33, 3, 24, 11]
    shop.insert("spy_acl_group", "id_acl_group, name", [(id, f"Group {id}") for id in numbers])
    form = UserForm("a@x.de", "Max", "Muster", frozenset(numbers))
    assert list(form.groups) != sorted(numbers)
    transactions.transaction(users.insert_many)([form], ["hash"])
    assert shop.sql("SELECT fk_acl_group FROM spy_acl_user_has_group ORDER BY ctid") == sorted(numbers)


def test_a_search_in_the_list_finds_the_names_of_a_users_groups_in_every_order(shop: Shop) -> None:
    anna, bert, carla = shop.users("anna@shop.example", "bert@shop.example", "carla@shop.example")
    sales, finance = shop.groups("Sales", "Finance of sales")
    shop.join(sales, bert, carla)
    shop.join(finance, carla)
    shop.join(1, anna)
    listing = users.with_status(None)

    def found(text: str, sort: Sort = listing.default_sort) -> list[int]:
        return [id for batch in listing.find(text, sort) for id in batch]

    for order in listing.orders:
        assert found("SALES", Sort(order)) == [bert, carla]
        assert found("sales", Sort(order, True)) == [carla, bert]
    assert found("finance bert") == []
    assert found("finance carla") == [carla]
    assert found("administrators") == [anna]
    assert found("anna") == [anna]
    assert found("nowhere") == []
    assert not any(users.with_status(Status.DELETED).find("sales", listing.default_sort))
