"""Passwords as the shop keeps them: the hash that PHP's password_verify reads, and random ones.

A password is never stored, logged or put into an error.
"""

from models.db.opened import opened
from models.validation import PASSWORD_CHARACTERS, password_problem

LOWEST_COST, HIGHEST_COST = 10, 31

_FORMULA_STARTS = ("=", "+", "-", "@")


def random_password() -> str:
    """A random password that meets the rules, from the system's own source of randomness.

    It does not begin with a character by which a spreadsheet recognizes a formula.
    """
    import secrets

    while True:
        password = "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(20))
        if password_problem(password) is None and not password.startswith(_FORMULA_STARTS):
            return password


def hashed(password: str) -> str:
    """The hash as PHP's `password_hash(..., PASSWORD_BCRYPT)` writes it: bcrypt, prefix `$2y$`.

    The cost is at least 10. Only the first 72 bytes of the UTF-8 text count: PHP cuts there, Python's bcrypt
    refuses. Takes about 0.25 s at cost 12, on one core, without blocking other threads.
    """
    import bcrypt

    salt = bcrypt.gensalt(min(max(opened().settings.password_cost, LOWEST_COST), HIGHEST_COST))
    return "$2y$" + bcrypt.hashpw(password.encode()[:72], salt).decode()[4:]
