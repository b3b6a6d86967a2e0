"""Random passwords, and hashes that PHP's password_verify reads, by PHP itself where it is installed."""

import json
import shutil
import string
import subprocess

import pytest

from models.passwords import hashed, random_password
from models.validation import password_problem
from tests.conftest import change_settings, verifies

SPECIAL = r"!@#$%^&*()_-+=[]{}|;:<>.,/?~"
GOOD = "Change-me-123"

SEED = "$2y$10$VIdUfjtWevoJ/fgOlvd9nOBHF7kdnyV0CtKg5kLFrywULDZGUQDFq"
"""The hash of `change123` that PHP wrote for admin@spryker.com in the shop's own seed rows."""


@pytest.fixture
def cheap() -> None:
    """The lowest cost, where the cost does not matter."""
    change_settings(password_cost=10)


# Random passwords


def test_random_passwords_meet_the_rules_and_differ() -> None:
    made = [random_password() for _ in range(300)]
    assert [password for password in made if password_problem(password)] == []
    assert len(set(made)) == 300
    assert set("".join(made)) == set(string.ascii_letters + string.digits + SPECIAL)


def test_a_random_password_is_no_formula_in_a_spreadsheet() -> None:
    assert {random_password()[0] for _ in range(3000)} & set("=+-@") == set()


# The hash


def test_a_hash_is_bcrypt_as_php_writes_it_at_cost_12() -> None:
    hash = hashed(GOOD)
    assert hash.startswith("$2y$12$")
    assert len(hash) == 60
    assert verifies(GOOD, hash)


@pytest.mark.parametrize("cost", [-1, 0, 4, 9, 10])
def test_the_cost_is_never_under_10(cost: int) -> None:
    change_settings(password_cost=cost)
    assert hashed(GOOD).startswith("$2y$10$")


def test_another_cost_is_taken() -> None:
    change_settings(password_cost=11)
    assert hashed(GOOD).startswith("$2y$11$")


@pytest.mark.usefixtures("cheap")
def test_the_same_password_gets_another_hash_each_time() -> None:
    assert hashed(GOOD) != hashed(GOOD)


def test_a_hash_of_the_shops_seed_rows_verifies() -> None:
    assert verifies("change123", SEED)
    assert not verifies("change124", SEED)
    assert not verifies("change123 ", SEED)


@pytest.mark.parametrize(
    ("password", "hash"),
    [
        # Solar Designer's own vectors of crypt_blowfish, at its lowest cost: any cost verifies.
        ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        (
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
            "$2y$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
        ),
    ],
    ids=["2y", "2a", "2b", "empty", "over 72 bytes"],
)
def test_the_vectors_of_crypt_blowfish_verify(password: str, hash: str) -> None:
    assert verifies(password, hash)
    assert not verifies("x" + password, hash)


@pytest.mark.parametrize(
    "hash", ["", "!", "change123", "$2y$", "$2y$10$", SEED[:-1], SEED[:7], "$2y$99" + SEED[6:], "é" * 60, "$1$abc$def"]
)
def test_what_is_no_hash_verifies_nothing(hash: str) -> None:
    assert not verifies("change123", hash)


@pytest.mark.usefixtures("cheap")
def test_only_the_first_72_bytes_count() -> None:
    hash = hashed("x" * 72 + "one end")
    assert verifies("x" * 72 + "another", hash)
    assert not verifies("x" * 71 + "y", hash)


@pytest.mark.usefixtures("cheap")
def test_a_character_of_several_bytes_at_byte_72_is_cut_through() -> None:
    """`é` and `è` begin with the same byte, which is the 72nd; `Ж` begins with another."""
    hash = hashed("x" * 71 + "é")
    assert verifies("x" * 71 + "è", hash)
    assert not verifies("x" * 71 + "Ж", hash)


# PHP itself

needs_php = pytest.mark.skipif(not shutil.which("php"), reason="php is not installed (Debian package php-cli)")

BOTH_SIDES = {
    "12, the lower bound": "Aa1!" * 3,
    "128, the upper bound": "Aa1!" * 32,
    "every special character": "Aa1" + SPECIAL,
    "72 bytes": "Aa1!" * 18,
    "73 bytes": "Aa1!" * 18 + "x",
    "two bytes at byte 72": "x" * 71 + "é",
    "four bytes at byte 70": "x" * 69 + "😀",
}


def php(code: str, *values: object) -> list[object]:
    """What the code makes of the values, both as JSON; none of them is ever an argument, which `ps` would show."""
    script = f"$values = json_decode(stream_get_contents(STDIN)); echo json_encode({code});"
    run = subprocess.run(
        ["php", "-r", script], input=json.dumps(values), capture_output=True, text=True, timeout=20, check=True
    )
    found = json.loads(run.stdout)
    assert isinstance(found, list)
    return found


@needs_php
@pytest.mark.usefixtures("cheap")
def test_php_reads_our_hashes() -> None:
    pairs = [(password, hashed(password)) for password in BOTH_SIDES.values()]
    verify = "array_map(fn($pair) => password_verify($pair[0], $pair[1]), $values)"
    assert php(verify, *pairs) == [True] * len(pairs)
    assert php(verify, *(("y" + password, hash) for password, hash in pairs)) == [False] * len(pairs)
    assert php(verify, ("x" * 72 + "one", hashed("x" * 72 + "other"))) == [True]


@needs_php
@pytest.mark.usefixtures("cheap")
def test_php_takes_our_hash_for_its_own_of_the_same_cost() -> None:
    """So that signing in does not hash anew."""
    anew = 'password_needs_rehash($hash, PASSWORD_BCRYPT, ["cost" => 10])'
    info = f"array_map(fn($hash) => [password_get_info($hash), {anew}], $values)"
    assert php(info, hashed(GOOD)) == [[{"algo": "2y", "algoName": "bcrypt", "options": {"cost": 10}}, False]]


@needs_php
def test_we_read_phps_hashes() -> None:
    hash = 'array_map(fn($text) => password_hash($text, PASSWORD_BCRYPT, ["cost" => 4]), $values)'
    for (name, password), found in zip(BOTH_SIDES.items(), php(hash, *BOTH_SIDES.values()), strict=True):
        assert verifies(password, str(found)), name
        assert not verifies("y" + password, str(found)), name
