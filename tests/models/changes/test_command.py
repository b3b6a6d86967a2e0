"""The command that does what was done: its words, and what no command does."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models import groups, memberships, role_rules, roles, user_status, users
from models.access import rules
from models.changes import history
from models.changes.shell_words import is_ours
from models.db.tables import Permission, Status
from models.role_rules import RuleRow
from models.user_form import UserForm
from tests.conftest import Shop
from tests.models.changes.test_recording import PASSWORD, record_in
from tests.models.test_property import stand_in

Commands = Callable[[], list[str | None]]


@pytest.fixture
def commands(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands of all that was changed since, the oldest first."""
    monkeypatch.setattr("models.passwords.hashed", stand_in)
    shop.join(1, *shop.users("admin@shop.example"))
    record_in(tmp_path)
    return lambda: [record.intent["command"] for record in history.records(tmp_path)][::-1]


def test_what_a_page_does_a_command_does(commands: Commands) -> None:
    media, desk = roles.create("Media"), roles.create("Catalog editor")
    rule = role_rules.add(media, "sales", "*", "*", Permission.DENY)
    role_rules.change(RuleRow(rule, rules.Path("sales", "*", "*"), Permission.DENY), "cms", "*", "*", Permission.ALLOW)
    role_rules.remove(rule)
    catalog = groups.create("Catalog", [media, desk])
    groups.update(groups.get(catalog), "Catalog team", [desk])
    form = UserForm("anna@shop.example", "Anna", "Berg", frozenset({catalog}), 66, password=PASSWORD, repeated=PASSWORD)
    anna = users.create(replace(form, marks=frozenset({"is_agent"})))
    record = users.get(anna)
    other = replace(record.form, email="ann@shop.example", groups=frozenset({1}), marks=frozenset(), locale=46)
    users.update(record, replace(other, password=PASSWORD, repeated=PASSWORD, status=Status.DEACTIVATED))
    user_status.set_status([anna], Status.ACTIVE)
    groups.delete(catalog)
    roles.delete(media, desk)
    assert commands() == [
        "backoffice roles add Media",
        "backoffice roles add 'Catalog editor'",
        "backoffice roles deny Media 'sales/*/*'",
        "backoffice roles allow Media 'cms/*/*' && backoffice roles remove-rule Media 'deny sales/*/*'",
        "backoffice roles remove-rule Media 'allow cms/*/*'",
        "backoffice groups add Catalog --role Media 'Catalog editor'",
        "backoffice groups remove-role Catalog Media && backoffice groups rename Catalog 'Catalog team'",
        "backoffice users add anna@shop.example --first-name Anna --last-name Berg --group 'Catalog team' "
        "--language en_US --agent --password-stdin",
        "backoffice groups add-user root_group anna@shop.example && "
        "backoffice groups remove-user 'Catalog team' anna@shop.example && "
        "backoffice users deactivate anna@shop.example && "
        "backoffice users set-password anna@shop.example --password-stdin && "
        "backoffice users set anna@shop.example --language de_DE --no-agent --email ann@shop.example",
        "backoffice users activate ann@shop.example",
        "backoffice groups delete 'Catalog team'",
        "backoffice roles delete Media 'Catalog editor'",
    ]


def test_of_many_records_one_command_is_said(commands: Commands, shop: Shop) -> None:
    who = shop.users(*(f"user{number}@shop.example" for number in range(3)))
    memberships.add(who, [1, *shop.groups("Catalog")])
    user_status.set_status(who, Status.DELETED)
    names = " ".join(f"user{number}@shop.example" for number in range(3))
    assert commands() == [
        f"backoffice groups add-user root_group {names} && backoffice groups add-user Catalog {names}",
        f"backoffice users delete {names}",
    ]


def test_a_name_that_cannot_be_typed_is_an_id_and_one_that_begins_with_a_dash_comes_last(
    commands: Commands, shop: Shop
) -> None:
    hidden, dashed, filled = shop.groups("Cata\u202elog", "-x", "Cata\u3164log")
    (media,) = shop.roles("It's a $HOME `x`; !")
    groups.update(groups.get(hidden), "Cata\u202elog", [media])
    groups.update(groups.get(dashed), "--help", [media])
    groups.update(groups.get(filled), "Catalog", [media])
    groups.create("-y", [media])
    roles.rename(roles.get(media), "=ls")
    quoted = shlex.quote("It's a $HOME `x`; !")
    assert commands() == [
        f"backoffice groups add-role id:2 {quoted}",
        f"backoffice groups add-role id:3 {quoted} && backoffice groups rename -- id:3 --help",
        f"backoffice groups add-role id:4 {quoted} && backoffice groups rename id:4 Catalog",
        f"backoffice groups add {shlex.quote('--role=' + shlex.split(quoted)[0])} -- -y",
        f"backoffice roles rename {quoted} '=ls'",
    ]
    assert all(is_ours(command or "") for command in commands())


@pytest.mark.parametrize(
    "command",
    [
        *("", "reboot", "backoffice roles add x; reboot", "backoffice roles add $(reboot)", "backoffice demo & reboot"),
        *(
            "backoffice demo && reboot",
            "backoffice demo | sh",
            "backoffice demo >file",
            "backoffice 'demo",
            "=backoffice",
        ),
        *("backoffice demo\nreboot", "backoffice demo || reboot", "backoffice demo && x=1 backoffice demo"),
    ],
)
def test_what_a_shell_would_do_beside_the_command_is_not_ours(command: str) -> None:
    assert not is_ours(command)


def test_what_no_command_does_has_none(commands: Commands, shop: Shop) -> None:
    roles.create("Me\u202edia")
    roles.create("Me\u3164dia")
    role = roles.create("Media")
    role_rules.add(role, "a?b", "*", "*", Permission.ALLOW)
    assert commands() == [None, None, "backoffice roles add Media", None]
