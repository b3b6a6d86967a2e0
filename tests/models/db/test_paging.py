"""Pages by key and searches: always the same rows, in the same order, as sorting and filtering the whole list."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from itertools import chain, islice
from string import ascii_lowercase, ascii_uppercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import groups, roles, users
from models.db import connection, paging, tables
from models.db.given_rows import RowsByIds
from models.db.paging import Sort
from models.db.tables import Status, group_label
from models.errors import Invalid
from models.groups import GroupRow
from tests import servers
from tests.conftest import Shop

ON_SERVERS = True

SORTS = [Sort(by, descending) for by in ("name", "created_at") for descending in (False, True)]
sorts = st.sampled_from(SORTS)

Row = tuple[int, str, datetime | None]

LETTERS = "aAbBäÄß\u017f_%'\\ "  # few, so that names often begin with, contain or nearly equal one another
TIMES = [datetime(2026, 2, 2, 9, 30), datetime(2026, 2, 2, 9, 30, 0, 5), datetime(2025, 12, 31)]
rows = st.lists(
    st.tuples(
        st.integers(1, 1_000),
        st.text(LETTERS, min_size=1, max_size=4) | st.just("root_group"),
        st.none() | st.sampled_from(TIMES),
    ),
    unique_by=(lambda row: row[0], lambda row: row[1]),
    max_size=20,
)


def nocase(text: str) -> str:
    """What SQLite's NOCASE compares: only ASCII letters lose their case."""
    return text.translate(str.maketrans(ascii_uppercase, ascii_lowercase))


def ordered(found: Iterable[Row], sort: Sort) -> list[Row]:
    """The obvious model: sort the whole list; rows without a date come last, whichever way."""

    def value(row: Row) -> str | datetime | None:
        return nocase(row[1]) if sort.by == "name" else row[2]

    found = list(found)
    present = sorted((row for row in found if value(row) is not None), key=lambda row: (value(row), row[0]))
    missing = sorted(row for row in found if value(row) is None)
    return present[::-1] + missing[::-1] if sort.descending else present + missing


def matching(found: Iterable[Row], sort: Sort, text: str) -> list[int]:
    """The obvious model: all that contain each word without case; by name, those that begin with all of it first."""
    words = text.casefold().split()
    all_of_them = [row for row in ordered(found, sort) if all(word in group_label(row[1]).casefold() for word in words)]
    if sort.by == "name" and words:
        all_of_them.sort(key=lambda row: not nocase(row[1]).startswith(nocase(text)))
    return [row[0] for row in all_of_them]


def fill(shop: Shop, found: Iterable[Row]) -> None:
    shop.sql("DELETE FROM spy_acl_group")
    written = [(id, name, time and str(time)) for id, name, time in found]
    shop.insert("spy_acl_group", "id_acl_group, name, created_at", written)


def walk(sort: Sort, size: int, *, backwards: bool = False) -> list[GroupRow]:
    """All rows, page by page; more than there can be where the pages never end."""
    found = page = groups.listing.page(sort, size, backwards=backwards)
    while len(page) == size and len(found) < 200:
        key = groups.listing.key(page[0 if backwards else -1], sort)
        page = groups.listing.page(sort, size, key, backwards=backwards)
        found = page + found if backwards else found + page
    return found


def found_by(sort: Sort, text: str) -> list[int]:
    return [id for batch in groups.listing.find(text, sort) for id in batch]


# Pages


@pytest.mark.embedded
@settings(max_examples=60)
@given(found=rows, sort=sorts, size=st.sampled_from([1, 3, 50]))
def test_pages_both_ways_are_the_whole_list_sorted(shop: Shop, found: list[Row], sort: Sort, size: int) -> None:
    fill(shop, found)
    expected = ordered(found, sort)
    assert [(row.id, row.name, connection.parse_time(row.created_at)) for row in walk(sort, size)] == expected
    assert [
        (row.id, row.name, connection.parse_time(row.created_at)) for row in walk(sort, size, backwards=True)
    ] == expected
    assert groups.listing.count() == len(expected)


@pytest.mark.embedded
@settings(max_examples=30)
@given(found=rows.filter(bool), sort=sorts)
def test_around_a_row_stand_its_neighbours(shop: Shop, found: list[Row], sort: Sort) -> None:
    fill(shop, found)
    ids = [row[0] for row in ordered(found, sort)]
    for position, id in enumerate(ids):
        near, index = groups.listing.around(sort, 6, id)
        assert [row.id for row in near] == ids[max(0, position - 3) : position + 3]
        assert near[index].id == id
        assert groups.listing.around(sort, 6, near[index]) == (near, index)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_around_a_deleted_row_the_next_one_stands_in(shop: Shop, sort: Sort) -> None:
    fill(shop, [(1, "Alpha", TIMES[0]), (2, "beta", TIMES[0]), (3, "Gamma", None), (4, "delta", None)])
    shown = groups.listing.page(sort, 10)
    for position, row in enumerate(shown[:-1]):
        shop.sql("DELETE FROM spy_acl_group WHERE id_acl_group = ?", row.id)
        near, index = groups.listing.around(sort, 10, row)
        assert near[index] == shown[position + 1]


@pytest.mark.parametrize("text", ["\U0001f600", "\0", "a\0b", "\ud800", "\u03a9"])
def test_a_search_for_what_no_column_holds_finds_nothing(shop: Shop, text: str) -> None:
    shop.groups("Alpha", "Beta")
    for sort in SORTS:
        assert [*chain(*groups.listing.find(text, sort))] == []


def test_a_search_is_without_case_for_letters_beyond_ascii(shop: Shop) -> None:
    (id,) = shop.groups("Roter ÄPFEL")
    for text in ("ÄPFEL", "äpfel"):
        assert [*chain(*groups.listing.find(text, Sort("name")))] == [id]


@pytest.mark.postgres
def test_a_database_in_another_encoding_is_searched_and_says_what_it_cannot_hold(shop: Shop) -> None:
    url = servers.passing("postgres", "latin1", "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    servers.make_tables(url, "postgres")
    servers.run(url, *servers.installed("postgres"))
    connection.open_database(url)
    id = groups.create("Äpfel", [1])
    for text in ("pfel", "Äpf", "pf", "Äpfel"):
        assert [*chain(*groups.listing.find(text, Sort("name")))] == [id]
    for text in ("Ω", "€"):
        assert [*chain(*groups.listing.find(text, Sort("name")))] == []
        with pytest.raises(Invalid, match=f"\\({text}\\) cannot be saved: the database's column is in iso8859-1"):
            groups.create(text, [1])


def test_around_the_deleted_last_row_the_one_before_stands_in(shop: Shop) -> None:
    """The index is always one of a row, if there is any."""
    fill(shop, [(1, "Alpha", None), (2, "Beta", None)])
    alpha, beta = groups.listing.page(Sort("name"), 10)
    shop.sql("DELETE FROM spy_acl_group WHERE id_acl_group = 2")
    assert groups.listing.around(Sort("name"), 10, beta) == ([alpha], 0)
    shop.sql("DELETE FROM spy_acl_group")
    assert groups.listing.around(Sort("name"), 10, alpha) == ([], 0)


def test_around_an_unknown_id_is_the_start(shop: Shop) -> None:
    shop.groups("Alpha", "Beta")
    near, index = groups.listing.around(Sort("name"), 2, 999)
    assert ([row.name for row in near], index) == (["Alpha", "Beta"], 0)


def test_a_page_can_include_the_row_of_its_key(shop: Shop) -> None:
    shop.groups("Alpha", "Beta")
    first = groups.listing.page(Sort("name"), 1)[0]
    key = groups.listing.key(first, Sort("name"))
    assert [row.name for row in groups.listing.page(Sort("name"), 2, key, including=True)] == ["Alpha", "Beta"]


@pytest.mark.embedded
@pytest.mark.parametrize("stored", ["2026-02-02", "2026-02-02T09:30:00", "0000-00-00 00:00:00", "soon", ""])
def test_a_date_in_another_form_hides_no_row(shop: Shop, monkeypatch: pytest.MonkeyPatch, stored: str) -> None:
    """A shop's file may have been written by other programs."""
    monkeypatch.setattr(paging, "SCANNED_ROWS", 2)
    written = [(id, f"Group {id}", stored if id < 6 else None) for id in range(2, 10)]
    shop.insert("spy_acl_group", "id_acl_group, name, created_at", written)
    for sort in SORTS:
        everything = sorted(row.id for row in groups.listing.page(sort, 100))
        assert everything == list(range(1, 10))
        assert sorted(row.id for row in walk(sort, 2)) == everything
        assert sorted(row.id for row in walk(sort, 2, backwards=True)) == everything
        assert sorted(id for ids in islice(groups.listing.find("", sort), 20) for id in ids) == everything


def test_rows_come_in_the_order_asked_for_without_those_that_are_gone(shop: Shop) -> None:
    first, second = shop.groups("Alpha", "Beta")
    assert [row.name for row in groups.listing.rows([second, 999, first, second])] == ["Beta", "Alpha", "Beta"]
    assert groups.listing.rows([]) == []


def test_a_row_has_the_names_of_its_roles_and_its_users_once_filled(shop: Shop) -> None:
    group, other = shop.groups("Night shift", "Nobody")
    held = shop.roles("Order support", "CMS editor")
    members = shop.users("a@spryker.com", "b@spryker.com")
    shop.insert("spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(group, role) for role in held])
    shop.insert("spy_acl_user_has_group", "fk_acl_group, fk_user", [(group, user) for user in members])
    page = groups.listing.page(Sort("name"), 10)
    night, nobody, root = groups.listing.fill(page)
    assert [row.users for row in page] == [None] * 3
    assert night == GroupRow(group, "Night shift", ("CMS editor", "Order support"), 2, None)
    assert nobody == GroupRow(other, "Nobody", (), 0, None)
    assert (root.label, root.roles, root.users) == ("Administrators group (root_group)", ("root_role",), 0)
    assert groups.listing.fill([]) == []


def test_role_names_of_a_group_are_ordered_as_lists_are(shop: Shop) -> None:
    """Without case, like every other order by name; to the letter where PostgreSQL's collation has it so."""
    role_ids = shop.roles("beta", "Gamma", "alpha")
    id = groups.create("Night shift", role_ids)
    expected = ("Gamma", "alpha", "beta") if shop.kind == "postgres" else ("alpha", "beta", "Gamma")
    assert groups.listing.rows([id])[0].roles == expected
    assert tuple(groups.get(id).roles.values()) == expected


# Searches


@pytest.mark.slow
@pytest.mark.embedded
@settings(max_examples=300)
@given(
    found=rows,
    text=st.text(LETTERS, max_size=3) | st.sampled_from(["ADMIN", "root", "rs gr", "Group admin"]),
    sort=sorts,
)
def test_a_search_finds_what_filtering_the_whole_list_would(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, found: list[Row], text: str, sort: Sort
) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 3)
    fill(shop, found)
    assert found_by(sort, text) == matching(found, sort, text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%", ["100% sure"]),
        ("_", ["root_group", "under_score"]),
        ("'", ["it's"]),
        ('"', ['"quoted"']),
        ("\\", ["back\\slash"]),
        ("*", ["*"]),
        ("[a-z]", ["[a-z]"]),
        ("ÄNDERUNG", ["Preisänderung"]),
        ("STRASSE", ["Straße"]),
        ("administrators", ["root_group"]),
        ("root_g", ["root_group"]),
        ("score'; DROP TABLE spy_acl_group; --", []),
        ("nothing of the kind", []),
    ],
)
def test_a_search_text_is_text(shop: Shop, text: str, names: list[str]) -> None:
    """Wildcards and quotes stand for themselves; case counts in no alphabet; root_group is found as it is shown."""
    if (shop.kind, text) in UNLIKE:
        names = UNLIKE[shop.kind, text]
    shop.groups(
        "100% sure", "under_score", "it's", '"quoted"', "back\\slash", "*", "[a-z]", "Preisänderung", "Straße"
    )  # fmt: skip
    for sort in SORTS:
        assert sorted(row.name for row in groups.listing.rows(found_by(sort, text))) == sorted(names)


UNLIKE: dict[tuple[str, str], list[str]] = {("postgres", "STRASSE"): [], ("mariadb", "STRASSE"): []}
"""What a server's own rules for upper and lower case do not find, for which the letters have different lengths."""


def test_words_are_found_in_any_order_and_what_begins_with_all_of_it_comes_first(shop: Shop) -> None:
    for name in ("A sales team", "Sales", "Sales team", "Team sales"):
        shop.groups(name)
    for text, names in (
        ("Sales team", ["Sales team", "A sales team", "Team sales"]),
        ("team sales", ["Team sales", "A sales team", "Sales team"]),
        ("sales ", ["Sales team", "A sales team", "Sales", "Team sales"]),
        ("  TEA  ales ", ["A sales team", "Sales team", "Team sales"]),
        ("salesteam", []),
        ("team sales lead", []),
    ):
        assert [row.name for row in groups.listing.rows(found_by(Sort("name"), text))] == names


def test_the_words_of_a_search_may_stand_in_different_columns(shop: Shop) -> None:
    anna, _ = shop.users("anna@spryker.com", "bert@spryker.com")
    for text in ("spryker anna", "ANNA Spr"):
        assert [*chain(*users.listing.find(text, users.listing.default_sort))] == [anna]


@pytest.mark.embedded
def test_a_search_looks_at_few_rows_between_two_chances_to_stop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 10)
    shop.groups(*(f"{'Night' if number % 2 else 'Late night'} {number}" for number in range(100)))
    batches = list(groups.listing.find("night", Sort("name")))
    everything = [(row.id, row.name, None) for row in walk(Sort("name"), 50)]
    assert list(chain(*batches)) == matching(everything, Sort("name"), "night")
    assert len(batches) > 10
    assert max(map(len, batches)) <= 10


def test_a_search_that_is_closed_early_gives_its_connection_back(shop: Shop) -> None:
    search = groups.listing.find("g", Sort("name"))
    next(search)
    assert not tables.database.is_closed()
    search.close()
    assert tables.database.is_closed()


def test_pages_can_be_read_while_a_search_is_under_way(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 2)
    created = shop.groups(*"abcdefgh")
    found = []
    for ids in groups.listing.find("", Sort("name")):
        found += groups.listing.rows(ids)
    assert [row.id for row in found] == [*created, 1]
    assert tables.database.is_closed()


def test_a_search_that_no_text_can_match_is_no_crash(shop: Shop) -> None:
    """Half a character has no UTF-8 form; a terminal can send one."""
    assert found_by(Sort("name"), "\ud800") == []


# The other lists


def users_named(shop: Shop) -> list[int]:
    people = [("zoe@x.de", "Änne", "Adler", 0), ("Anna@x.de", "Zoe", "van Dyk", 1), ("bob@x.de", "Bob", "Zorn", 2)]
    rows_of = [(*person, "hash") for person in people]
    return shop.insert("spy_user", "username, first_name, last_name, status, password", rows_of)


def test_users_are_listed_by_email_and_found_by_email_or_whole_name(shop: Shop) -> None:
    zoe, anna, bob = users_named(shop)
    page = users.listing.page(users.listing.default_sort, 10)
    assert page[0] == users.UserRow(anna, "Anna@x.de", "Zoe", "van Dyk", None, Status.DEACTIVATED)
    assert [row.id for row in page] == [anna, bob, zoe]
    for text, ids in {"änne a": [zoe], "ZOE": [zoe, anna], "zoe van": [anna], "@x": [anna, bob, zoe]}.items():
        assert [id for batch in users.listing.find(text, Sort("email")) for id in batch] == ids


@pytest.mark.parametrize("size", [1, 2, 10])
def test_the_members_of_a_group_are_paged_and_searched_like_every_list(shop: Shop, size: int) -> None:
    ids = users_named(shop)
    (group,) = shop.groups("Night shift")
    shop.insert("spy_acl_user_has_group", "fk_acl_group, fk_user", [(group, id) for id in ids] + [(1, ids[0])])
    members = users.members(group)
    sort = members.default_sort
    found = page = members.page(sort, size)
    while len(page) == size:
        page = members.page(sort, size, members.key(page[-1], sort))
        found = found + page
    assert [row.id for row in found] == ids
    assert members.count() == 3
    assert [row.id for row in members.page(sort, 2, backwards=True)] == ids[1:]
    assert [row.id for row in members.around(sort, 2, ids[1])[0]] == ids[:2]
    assert [row.id for row in members.rows(ids[::-1])] == ids[::-1]
    assert [id for batch in members.find("ZO", sort) for id in batch] == ids
    assert [row.id for row in users.members(1).page(sort, 10)] == ids[:1]


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_pages_of_chosen_rows_are_full_and_in_place_where_others_are_gone(shop: Shop, limit: int) -> None:
    ids = shop.groups(*"abcdefghij")
    chosen, sort = RowsByIds(groups.listing, ids[::-1]), Sort("")
    shown = chosen.page(sort, 20)
    gone = ids[:2] + ids[3:6] + ids[9:]
    shop.sql(f"DELETE FROM spy_acl_group WHERE id_acl_group IN ({', '.join(map(str, gone))})")
    left = [row for row in shown if row.id not in gone]

    def walk(backwards: bool) -> list[GroupRow]:
        found = page = chosen.page(sort, limit, backwards=backwards)
        while len(page) == limit:
            page = chosen.page(sort, limit, chosen.key(page[0 if backwards else -1], sort), backwards=backwards)
            found = page + found if backwards else found + page
        return found

    assert walk(backwards=False) == walk(backwards=True) == left
    for row in left:
        near, index = chosen.around(sort, limit, row.id)
        assert near[index] == row and len(near) <= limit
    assert chosen.around(sort, 20, ids[2]) == (left, len(left) - 1)
    near, index = chosen.around(sort, 20, ids[4])  # gone: the next one stands in
    assert near[index].id == ids[2]


@pytest.mark.parametrize("by", ["name", "created_at"])
def test_roles_are_listed_in_both_orders(shop: Shop, by: str) -> None:
    shop.roles("beta", "Alpha")
    assert [row.name for row in roles.listing.page(Sort(by), 10)] == (
        ["Alpha", "beta", "root_role"] if by == "name" else ["root_role", "beta", "Alpha"]
    )


# As fast at a million rows as at a hundred: counted in steps of SQLite's machine, which no other program disturbs


def steps(ask: Callable[[], object]) -> int:
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    with tables.database.connection_context():
        tables.database.connection().set_progress_handler(step, 1)
        ask()
        tables.database.connection().set_progress_handler(None, 0)
    return count


def many(shop: Shop, since: int, count: int) -> None:
    """So many groups and members more; half of the groups from one import, which gave all of them the same time."""
    imported = [(f"Group {number:05}", number % 2 and str(TIMES[0])) for number in range(since, since + count)]
    ids = shop.insert("spy_acl_group", "name, created_at", [(name, time or None) for name, time in imported])
    shop.insert("spy_acl_groups_has_roles", "fk_acl_group, fk_acl_role", [(id, 1) for id in ids])
    people = shop.users(*(f"{number:05}@spryker.com" for number in range(since, since + count)))
    shop.insert("spy_acl_user_has_group", "fk_acl_group, fk_user", [(1, id) for id in people])


ASKED: dict[str, Callable[[int], object]] = {
    "first page": lambda middle: groups.listing.page(Sort("name"), 20),
    "last page": lambda middle: groups.listing.page(Sort("created_at"), 20, backwards=True),
    "page by name": lambda middle: groups.listing.around(Sort("name"), 20, middle),
    "page by name, down": lambda middle: groups.listing.around(Sort("name", True), 20, middle),
    "page within equal dates": lambda middle: groups.listing.around(Sort("created_at"), 20, middle),
    "page within equal dates, down": lambda middle: groups.listing.around(Sort("created_at", True), 20, middle),
    "page within missing dates": lambda middle: groups.listing.around(Sort("created_at"), 20, middle + 1),
    "search by first letters": lambda middle: next(groups.listing.find("root", Sort("name"))),
    "counts of a page": lambda middle: groups.listing.fill(groups.listing.page(Sort("name"), 20)),
    "one group": groups.get,
    "page of users": lambda middle: users.listing.around(Sort("email"), 20, middle),
    "page of members": lambda middle: users.members(1).around(Sort("id"), 20, middle),
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """What each question costs in a small shop, and in one twenty times as large."""
    shop = Shop(str(tmp_path_factory.mktemp("costs") / "shop.db"))
    found: dict[str, list[int]] = {name: [] for name in ASKED}
    connection.open_database(str(shop.path))
    for since, upto in (0, 200), (200, 4_000):
        many(shop, since, upto - since)
        for name, ask in ASKED.items():
            found[name].append(steps(partial(ask, upto // 4 * 2 + 1)))
    connection.close_database()
    return found


@pytest.mark.parametrize("question", ASKED)
def test_what_a_page_costs_does_not_grow_with_the_shop(costs: dict[str, list[int]], question: str) -> None:
    small, large = costs[question]
    assert large < 1.5 * small


@pytest.mark.embedded
@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_what_a_search_costs_grows_no_faster_than_the_shop(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 50)
    found = []
    for since, upto in (0, 200), (200, 2_000):
        many(shop, since, upto - since)
        found.append(steps(lambda: list(groups.listing.find("nowhere", sort))))
    assert found[1] < 1.5 * 10 * found[0]
