"""Passwords as the shop keeps them: what they must be, and the hash that PHP's password_verify reads.

A password is never stored, logged or put into an error.
"""

import string

from models.db.opened import opened

SPECIAL = "!@#$%^&*()_-+=[]{}|;:<>.,/?~"
SHORTEST, LONGEST = 12, 128
LOWEST_COST, HIGHEST_COST = 10, 31

RULE = (
    "Your password must include at least one uppercase letter, one lowercase letter, one number, and one special "
    rf"character from the following list: {SPECIAL}. Non-Latin and other special characters are not allowed."
)
"""The Back Office's own message."""
UNEQUAL = "The password fields must match."

_KINDS = {
    "an upper-case letter": string.ascii_uppercase,
    "a lower-case letter": string.ascii_lowercase,
    "a digit": string.digits,
    "one of !@#$…": SPECIAL,
}
_CHARACTERS = "".join(_KINDS.values())
_ALLOWED = frozenset(_CHARACTERS)
_FORMULAS = ("=", "+", "-", "@")


def problem(password: str) -> str | None:
    """Why the password cannot be taken; None where it can."""
    if len(password) < SHORTEST:
        return f"This value is too short. It should have {SHORTEST} characters or more."
    if len(password) > LONGEST:
        return f"This value is too long. It should have {LONGEST} characters or less."
    if not set(password) <= _ALLOWED or any(not set(password) & set(kind) for kind in _KINDS.values()):
        return RULE
    return None


def progress(password: str) -> tuple[list[str], list[str]]:
    """How far a password is from the rules, in words: what it meets, and what it misses. Never the password itself."""
    length = f"{SHORTEST} to {LONGEST} characters"
    rules = {length: SHORTEST <= len(password) <= LONGEST}
    rules |= {name: bool(set(password) & set(kind)) for name, kind in _KINDS.items()}
    if not set(password) <= _ALLOWED:
        rules["no other characters"] = False
    return [name for name, met in rules.items() if met], [name for name, met in rules.items() if not met]


def random_password() -> str:
    """A random password that meets the rules, from the system's own source of randomness.

    It begins with no character that has a spreadsheet take it for a formula.
    """
    import secrets

    while True:
        password = "".join(secrets.choice(_CHARACTERS) for _ in range(20))
        if problem(password) is None and not password.startswith(_FORMULAS):
            return password


def hashed(password: str) -> str:
    """The hash as PHP's `password_hash(..., PASSWORD_BCRYPT)` writes it: bcrypt, prefix `$2y$`.

    The cost is the opened shop's setting, never under 10. Only the first 72 bytes of the UTF-8 text count: PHP cuts
    there, Python's bcrypt refuses. Takes about 0.25 s at cost 12, on one core, and lets other threads run.
    """
    import bcrypt

    salt = bcrypt.gensalt(min(max(opened().settings.password_cost, LOWEST_COST), HIGHEST_COST))
    return "$2y$" + bcrypt.hashpw(password.encode()[:72], salt).decode()[4:]
