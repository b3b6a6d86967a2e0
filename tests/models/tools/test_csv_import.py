"""A CSV file as the import of users reads it: which character separates its columns, and which columns are read."""

from pathlib import Path

import pytest

from models import locales
from models.tools import csv_import
from tests.conftest import Shop, change_settings


def read(folder: Path, text: str) -> list[csv_import.Entry]:
    path = folder / "new.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return csv_import.read(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["|", ";", ","])
@pytest.mark.parametrize("header", ["", "e-mail,first name,last name,groups\n"], ids=["no-header", "header"])
def test_many_groups_in_a_cell_are_not_taken_for_columns(
    shop: Shop, tmp_path: Path, separator: str, mark: str, header: str
) -> None:
    names = shop.groups(*"ABCDE")
    cell = mark.join("ABCDE")
    row = ["a@x.de", "Max", "Muster", f'"{cell}"' if mark == separator else cell]
    (entry,) = read(tmp_path, header.replace(",", separator) + separator.join(row))
    assert (entry.errors, entry.form.groups) == ((), frozenset(names))


def test_a_separator_in_quotes_separates_nothing(shop: Shop, tmp_path: Path) -> None:
    (entry,) = read(tmp_path, '\n"a@x.de";"Max, Moritz";Muster;root_group\n')
    assert (entry.errors, entry.form.first_name) == ((), "Max, Moritz")


def test_each_user_begins_with_the_first_language_that_is_offered(shop: Shop, tmp_path: Path) -> None:
    shop.whole()

    def language() -> list[str]:
        (entry,) = read(tmp_path, "a@x.de,Max,Muster,root_group\n")
        return [name for id, name, _ in locales.read_locales() if id == entry.form.locale]

    assert language() == ["en_US"]
    change_settings(languages=("xx_XX", "de_AT", "de_DE"))
    assert language() == ["de_AT"]


def test_further_columns_that_the_header_names_are_not_read(shop: Shop, tmp_path: Path) -> None:
    header = "id,Groups,e-mail,first name,last name,note\n"
    row = "7,root_group,a@x.de,Max,Muster,"
    whole, short, long = read(tmp_path, f"{header}{row}new\n{row.replace('a@', 'b@')[:-1]}\n{row}new,more\n")
    assert (whole.errors, whole.form.email, whole.group_names) == ((), "a@x.de", ("root_group",))
    assert (short.errors, short.form.email) == ((), "b@x.de")
    assert long.errors[-1] == ("row", "7 columns instead of 6.")
