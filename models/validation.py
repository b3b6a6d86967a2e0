"""What may be entered: the rule of every field, and the message for a value that breaks it.

Each `..._problem` takes a value that is trimmed already and returns the message, or None where the value can be saved.
"""

import re
import string
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from models.db.encoding import unwritable
from models.db.opened import opened
from models.db.rows import existing_ids, is_name_taken
from models.db.statements import tuples
from models.db.tables import CharField, Group, Locale, Permission, Role, Rule, User
from models.errors import Invalid

BLANK = "This value should not be blank."
"""The Back Office's own message (Symfony's NotBlank)."""
BAD_EMAIL = "This value is not a valid email address."
BAD_NAME = "This value must not contain any of these characters: : / < >"
LOCALE_DELETED = "This language has been deleted. Select another."
GROUP_NEEDED = "At least one group must be selected."
GROUP_DELETED = "A selected group has been deleted. Select others, or reopen this page."
ROLE_NEEDED = "At least one role must be selected."
ROLE_DELETED = "A selected role has been deleted. Select others, or reopen this page."
TITLE_IN_USE = "Group name already in use"
SAME_RULE = "This role already has this rule."
UNEQUAL_PASSWORDS = "The password fields must match."

_EMAIL = (
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
"""The form that HTML5 accepts in an e-mail field, with a dot in the domain (Symfony's Email constraint, mode html5)."""

RULE_PARTS = ("bundle", "controller", "action")

SPECIAL = "!@#$%^&*()_-+=[]{}|;:<>.,/?~"
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 128
PASSWORD_RULE = (
    "Your password must include at least one uppercase letter, one lowercase letter, one number, and one special "
    rf"character from the following list: {SPECIAL}. Non-Latin and other special characters are not allowed."
)
"""The Back Office's own message."""

_REQUIRED_CHARACTERS = {
    "an upper-case letter": string.ascii_uppercase,
    "a lower-case letter": string.ascii_lowercase,
    "a digit": string.digits,
    "one of !@#$…": SPECIAL,
}
PASSWORD_CHARACTERS = "".join(_REQUIRED_CHARACTERS.values())


def require_valid(problems: Mapping[str, str | None]) -> None:
    """Raise Invalid with the messages, by field, if there is any."""
    if messages := {field: message for field, message in problems.items() if message}:
        raise Invalid(messages)


# Texts of one line


def trimmed(text: str) -> str:
    """The text without separators, control and format characters at its ends.

    Symfony's forms, and so the Back Office, trim the categories Z, Cc and Cf, not only blanks.
    """
    start, end = 0, len(text)
    while start < end and _is_trimmed(text[start]):
        start += 1
    while end > start and _is_trimmed(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_trimmed(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "Z" or category in ("Cc", "Cf")


def too_long(limit: int) -> str:
    """The Back Office's own message for a text of more than `limit` characters (Symfony's Length)."""
    return f"This value is too long. It should have {limit} characters or less."


def line_problem(text: str, limit: int) -> str | None:
    """For a required text of one line and at most `limit` characters."""
    if not text:
        return BLANK
    if len(text) > limit:
        return too_long(limit)
    for position, character in enumerate(text, 1):
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp"):
            kind = "an incomplete character" if category == "Cs" else "a control character or line break"
            return f"Character {position} is {kind} (U+{ord(character):04X}), which cannot be saved."
    return None


def text_problem(field: CharField, text: str) -> str | None:
    """For a required text of one line that the field's column has to take."""
    return line_problem(text, int(field.max_length)) or unwritable(text, opened().encodings.get(field, ""))


# Users


def email_in_use(email: str) -> str:
    """The Back Office's own message."""
    return f'User with email "{email}" already exists.'


def email_problem(email: str) -> str | None:
    """For the form of an e-mail alone; whether another user has it is not looked up."""
    return text_problem(User.email, email) or (None if re.fullmatch(_EMAIL, email) else BAD_EMAIL)


def unique_email_problem(email: str, user_id: int | None) -> str | None:
    """For an e-mail that no other user than `user_id` may have."""
    return email_problem(email) or (email_in_use(email) if is_name_taken(User.email, email, user_id) else None)


def person_name_problem(field: CharField, name: str) -> str | None:
    """For a user's first or last name."""
    return text_problem(field, name) or (BAD_NAME if set(name) & set(":/<>") else None)


def locale_problem(id: int) -> str | None:
    """For an interface language."""
    return None if existing_ids(Locale.id, [id]) else LOCALE_DELETED


def groups_problem(added: Collection[int], *, is_any_left: bool) -> str | None:
    """For a user's groups, of which some are added; `is_any_left` where the user is in any group then."""
    if set(added) - existing_ids(Group.id, added):
        return GROUP_DELETED
    return None if is_any_left else GROUP_NEEDED


# Passwords


def password_problem(password: str) -> str | None:
    """For a password that is not empty."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"This value is too short. It should have {MIN_PASSWORD_LENGTH} characters or more."
    if len(password) > MAX_PASSWORD_LENGTH:
        return too_long(MAX_PASSWORD_LENGTH)
    return PASSWORD_RULE if password_progress(password)[1] else None


def password_problems(password: str, repeated: str) -> dict[str, str | None]:
    """For the fields `password` and `repeated`, where either is filled or both have to be."""
    return {
        "password": password_problem(password) if password else BLANK,
        "repeated": UNEQUAL_PASSWORDS if repeated != password else None,
    }


def password_progress(password: str) -> tuple[list[str], list[str]]:
    """How far a password is from the rules, in words: what it meets, and what it misses. Never the password itself."""
    bounds = f"{MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters"
    rules = {bounds: MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH}
    rules |= {name: bool(set(password) & set(kind)) for name, kind in _REQUIRED_CHARACTERS.items()}
    if not set(password) <= set(PASSWORD_CHARACTERS):
        rules["no other characters"] = False
    return [name for name, is_met in rules.items() if is_met], [name for name, is_met in rules.items() if not is_met]


# Groups


def title_problem(title: str, group_id: int | None) -> str | None:
    """For a title that no other group than `group_id` may have."""
    return text_problem(Group.name, title) or (TITLE_IN_USE if is_name_taken(Group.name, title, group_id) else None)


def roles_problem(added: Collection[int], *, is_any_left: bool) -> str | None:
    """For a group's roles, of which some are added; `is_any_left` where the group holds any role then."""
    if set(added) - existing_ids(Role.id, added):
        return ROLE_DELETED
    return None if is_any_left else ROLE_NEEDED


# Roles and their rules


def role_name_problem(name: str, role_id: int | None) -> str | None:
    """For a name that no other role than `role_id` may have."""
    in_use = f'Role with name "{name}" already exists!'
    return text_problem(Role.name, name) or (in_use if is_name_taken(Role.name, name, role_id) else None)


def rule_problems(
    role_id: int, parts: Sequence[str], permission: Permission | None, rule_id: int | None
) -> dict[str, str | None]:
    """For bundle, controller and action of a rule that no other than `rule_id` of the role may be the same as."""
    problems = {name: text_problem(getattr(Rule, name), value) for name, value in zip(RULE_PARTS, parts, strict=True)}
    if not any(problems.values()) and _has_same_rule(role_id, tuple(parts), permission, rule_id):
        problems["bundle"] = SAME_RULE
    return problems


def _has_same_rule(role_id: int, parts: tuple[str, ...], permission: Permission | None, rule_id: int | None) -> bool:
    """Compared here, to the letter, as the shop decides access: MySQL would not mind upper and lower case."""
    rules = Rule.select(Rule.id, Rule.bundle, Rule.controller, Rule.action)
    rules = rules.where(Rule.role == role_id, Rule.permission == permission, Rule.bundle == parts[0])
    return any(id != rule_id and tuple(other) == parts for id, *other in tuples(rules))
