"""Every change to a group, its messages word for word, and that a refused one writes nothing."""

from collections.abc import Collection
from datetime import datetime

import pytest

from models import groups, memberships, users, validation
from models.db import tables
from models.errors import Invalid, NotFound, Refused, Unavailable
from models.groups import GroupRecord
from models.validation import BLANK, too_long
from tests.conftest import Shop, unseen, unwritable, utc_now

ON_SERVERS = True

HOSTILE = [
    "[red]x[/]", "'; DROP TABLE spy_acl_group; --", "%s {} \\n", "שלום", "e\u0301 店 👨\u200d👩\u200d👧", "a\u202eb",
]  # fmt: skip


def refused(shop: Shop, title: str, role_ids: Collection[int], baseline: GroupRecord | None = None) -> dict[str, str]:
    """The messages of a save that is refused, having written nothing."""
    with shop.untouched(), pytest.raises(Invalid) as invalid:
        groups.update(baseline, title, role_ids) if baseline else groups.create(title, role_ids)
    return invalid.value.fields


def links(shop: Shop, id: int) -> list[int]:
    return shop.sql("SELECT fk_acl_role FROM spy_acl_groups_has_roles WHERE fk_acl_group = ? ORDER BY 1", id)


# Create


def test_create_writes_the_group_and_its_roles(shop: Shop) -> None:
    role_ids = shop.roles("Order support", "CMS editor")
    before = utc_now().replace(microsecond=0)
    id = groups.create("Night shift", role_ids)
    (row,) = shop.sql("SELECT name, reference, created_at, updated_at FROM spy_acl_group WHERE id_acl_group = ?", id)
    assert row[:2] == ("Night shift", None)
    assert row[2] == row[3]
    assert before <= datetime.fromisoformat(row[2]) <= utc_now()
    assert len(row[2]) == len("2026-02-02 10:00:00")
    assert links(shop, id) == role_ids
    assert groups.get(id) == GroupRecord(id, "Night shift", {role_ids[1]: "CMS editor", role_ids[0]: "Order support"})


@pytest.mark.parametrize("title", HOSTILE, ids=ascii)
def test_a_title_is_stored_to_the_letter(shop: Shop, title: str) -> None:
    if problem := unwritable(shop, title):
        assert refused(shop, title, [1]) == {"title": problem}
        return
    id = groups.create(f" \t{title}\n ", [1])
    assert shop.sql("SELECT name FROM spy_acl_group WHERE id_acl_group = ?", id) == [title]
    assert groups.get(id).name == title


def test_everything_wrong_is_told_at_once(shop: Shop) -> None:
    assert refused(shop, " \t", []) == {"title": BLANK, "roles": "At least one role must be selected."}


def test_a_title_has_at_most_255_characters(shop: Shop) -> None:
    assert refused(shop, "x" * 256, [1]) == {"title": too_long(255)}
    assert len(groups.get(groups.create(" " + "店" * 255 + " ", [1])).name) == 255


def test_control_characters_within_a_title_are_refused(shop: Shop) -> None:
    for character in "\n\t\x00\x1b\x9b\u2028\ud800":
        assert f"U+{ord(character):04X}" in refused(shop, f"a{character}b", [1])["title"]


def test_a_title_is_unique_to_the_letter(shop: Shop) -> None:
    groups.create("Night shift", [1])
    assert refused(shop, " Night shift ", [1]) == {"title": "Group name already in use"}
    assert refused(shop, "root_group", [1]) == {"title": "Group name already in use"}
    if shop.kind != "mariadb":
        groups.create("NIGHT SHIFT", [1])


def test_mariadb_tells_titles_apart_without_case_and_accents(shop: Shop) -> None:
    if shop.kind == "mariadb":
        baseline = groups.get(groups.create("Night shift", [1]))
        for alike in ("NIGHT SHIFT", "Nïght shift"):
            assert refused(shop, alike, [1]) == {"title": "Group name already in use"}
            assert groups.update(baseline, alike, [1])  # the group's own title may be written in another way
            assert groups.get(baseline.id).name == alike
            baseline = groups.get(baseline.id)


def test_a_title_taken_between_check_and_insert_gets_the_same_message(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups.create("Night shift", [1])
    baseline = groups.get(groups.create("Day shift", [1]))
    for before in None, baseline:
        unseen(monkeypatch, validation)
        assert refused(shop, "Night shift", [1], before) == {"title": "Group name already in use"}


def test_a_role_that_is_gone_is_named(shop: Shop) -> None:
    assert refused(shop, "Night shift", [1, 998, 999]) == {"roles": validation.ROLE_DELETED}


def test_a_role_given_twice_counts_once(shop: Shop) -> None:
    assert links(shop, groups.create("Night shift", [1, 1])) == [1]


def test_five_thousand_roles(shop: Shop) -> None:
    role_ids = shop.roles(*(f"Role {number}" for number in range(5_000)))
    id = groups.create("All", role_ids)
    baseline = groups.get(id)
    assert sorted(baseline.roles) == role_ids
    assert groups.update(baseline, "One", role_ids[:1])
    assert groups.get(id) == GroupRecord(id, "One", {role_ids[0]: "Role 0"})
    assert groups.update(groups.get(id), "All", role_ids)
    assert links(shop, id) == role_ids


# Update


@pytest.fixture
def baseline(shop: Shop) -> GroupRecord:
    """A group as a page shows it, last changed some time ago."""
    id = groups.create("Night shift", shop.roles("Order support", "CMS editor"))
    shop.sql("UPDATE spy_acl_group SET created_at = '2020-01-01 00:00:00', updated_at = '2020-01-01 00:00:00'")
    return groups.get(id)


def times(shop: Shop, id: int) -> tuple[bool, bool]:
    """Whether created_at and updated_at are another than they were."""
    (row,) = shop.sql("SELECT created_at, updated_at FROM spy_acl_group WHERE id_acl_group = ?", id)
    return row[0] != "2020-01-01 00:00:00", row[1] != "2020-01-01 00:00:00"


def test_update_writes_title_and_roles_and_the_time(shop: Shop, baseline: GroupRecord) -> None:
    _, cms = sorted(baseline.roles)
    assert groups.update(baseline, " Day shift ", [cms, 1])
    assert groups.get(baseline.id) == GroupRecord(baseline.id, "Day shift", {cms: "CMS editor", 1: "root_role"})
    assert times(shop, baseline.id) == (False, True)


def test_nothing_changed_writes_nothing(shop: Shop, baseline: GroupRecord) -> None:
    with shop.untouched():
        assert not groups.update(baseline, " Night shift ", list(baseline.roles))


def test_a_title_stored_with_spaces_around_is_not_a_change(shop: Shop) -> None:
    """A form trims; opening a page and saving it must not rename what another program wrote."""
    (id,) = shop.groups(" padded ")
    shop.insert("spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(id, 1)])
    with shop.untouched():
        assert not groups.update(groups.get(id), " padded ", [1])


def test_links_that_stay_are_not_written_again(shop: Shop, baseline: GroupRecord) -> None:
    order, cms = sorted(baseline.roles)
    with shop.noting("spy_acl_groups_has_roles", "fk_acl_role", "fk_acl_group", "fk_acl_role"):
        groups.update(baseline, "Night shift", [cms, 1])
        assert sorted(shop.sql("SELECT * FROM written")) == [("DELETE", order), ("INSERT", 1)]


def test_the_same_change_by_a_colleague_meanwhile_is_no_error(shop: Shop, baseline: GroupRecord) -> None:
    _, cms = sorted(baseline.roles)
    groups.update(baseline, "Day shift", [cms, 1])
    groups.update(baseline, "Day shift", [cms, 1])
    assert groups.get(baseline.id) == GroupRecord(baseline.id, "Day shift", {cms: "CMS editor", 1: "root_role"})


def test_update_checks_what_create_checks(shop: Shop, baseline: GroupRecord) -> None:
    assert refused(shop, "", [], baseline) == {"title": BLANK, "roles": "At least one role must be selected."}
    assert refused(shop, "x" * 256, [999], baseline) == {
        "title": too_long(255),
        "roles": validation.ROLE_DELETED,
    }
    assert refused(shop, "root_group", [1], baseline) == {"title": "Group name already in use"}


def test_root_group_keeps_its_name_but_may_change_roles(shop: Shop) -> None:
    (media,) = shop.roles("Media")
    with shop.untouched(), pytest.raises(Refused, match=r"^The group root_group cannot be renamed\.$"):
        groups.update(groups.get(1), "Admins", [1])
    assert groups.update(groups.get(1), "root_group", [1, media])
    assert links(shop, 1) == [1, media]


def test_check_says_beforehand_what_a_save_would_say(shop: Shop, baseline: GroupRecord) -> None:
    with shop.untouched():
        groups.check(None, " Day shift ", [1])
        groups.check(baseline, "Night shift", [1])
        for before, title, role_ids in (None, "Night shift", []), (baseline, "root_group", [999]), (baseline, "", []):
            with pytest.raises(Invalid) as invalid:
                groups.check(before, title, role_ids)
            assert invalid.value.fields == refused(shop, title, role_ids, before)
        groups.check(groups.get(1), "root_group", [1])
        with pytest.raises(Refused):
            groups.check(groups.get(1), "Admins", [1])


# Clone


def test_a_clone_has_the_same_roles_and_no_users(shop: Shop, baseline: GroupRecord) -> None:
    memberships.add(shop.users("sonia@spryker.com"), [baseline.id])
    id = groups.clone(baseline.id, " Day shift ")
    assert groups.get(id) == GroupRecord(id, "Day shift", baseline.roles)
    assert users.members(id).count() == 0
    with shop.untouched(), pytest.raises(Invalid) as invalid:
        groups.clone(baseline.id, "Night shift")
    assert invalid.value.fields == {"title": "Group name already in use"}


def test_a_group_without_roles_cannot_be_cloned(shop: Shop) -> None:
    (id,) = shop.groups("Night shift")
    with shop.untouched(), pytest.raises(Refused, match=r"^This group has no roles\. Assign at least one"):
        groups.clone(id, "Day shift")


# Delete


def test_delete_archives_the_row_column_for_column(shop: Shop, baseline: GroupRecord) -> None:
    shop.sql("UPDATE spy_acl_group SET reference = 'night', updated_at = NULL WHERE id_acl_group = ?", baseline.id)
    (user,) = shop.users("sonia@spryker.com")
    memberships.add([user], [baseline.id])
    columns = "id_acl_group, name, reference, created_at, updated_at"
    (row,) = shop.sql(f"SELECT {columns} FROM spy_acl_group WHERE id_acl_group = ?", baseline.id)
    before = utc_now().replace(microsecond=0)
    groups.delete(baseline.id)
    (archived,) = shop.sql(f"SELECT {columns}, archived_at FROM spy_acl_group_archive")
    assert archived[:-1] == row
    assert before <= datetime.fromisoformat(archived[-1]) <= utc_now()
    assert shop.sql("SELECT name FROM spy_acl_group") == ["root_group"]
    assert links(shop, baseline.id) == []
    assert shop.sql("SELECT * FROM spy_acl_user_has_group") == []
    assert shop.sql("SELECT id_user FROM spy_user") == [user]
    assert len(shop.sql("SELECT name FROM spy_acl_role")) == 3


def test_an_archive_row_with_the_same_id_is_replaced(shop: Shop, baseline: GroupRecord) -> None:
    """As the shop does it; a file from before AUTOINCREMENT can hold one."""
    shop.insert("spy_acl_group_archive", "id_acl_group, name", [(baseline.id, "An earlier one")])
    groups.delete(baseline.id)
    assert shop.sql("SELECT name FROM spy_acl_group_archive") == ["Night shift"]


def test_delete_is_one_transaction(shop: Shop, baseline: GroupRecord) -> None:
    with shop.refusing("DELETE", "spy_acl_group"), shop.untouched(), pytest.raises(Unavailable, match="error: no"):
        groups.delete(baseline.id)


def test_root_group_cannot_be_deleted(shop: Shop) -> None:
    with shop.untouched(), pytest.raises(Refused, match=r"^The group root_group cannot be deleted"):
        groups.delete(1)


# Gone meanwhile


def test_a_group_that_is_gone_is_said(shop: Shop, baseline: GroupRecord) -> None:
    groups.delete(baseline.id)
    for act in (
        lambda: groups.get(baseline.id),
        lambda: groups.update(baseline, "Day shift", [1]),
        lambda: groups.update(baseline, "Night shift", list(baseline.roles)),
        lambda: groups.delete(baseline.id),
    ):
        with shop.untouched(), pytest.raises(NotFound, match=r"^Group couldn't be found$"):
            act()


def test_changes_give_their_connections_back(shop: Shop) -> None:
    with pytest.raises(Invalid):
        groups.create("", [])
    groups.create("Night shift", [1])
    assert tables.database.is_closed()


def test_only_root_group_has_another_label() -> None:
    assert GroupRecord(1, "root_group", {}).label == "Administrators group (root_group)"
    assert GroupRecord(2, "Root_Group", {}).label == "Root_Group"
    assert GroupRecord(1, "root_group", {}).is_root
    assert not GroupRecord(2, "Root_Group", {}).is_root
