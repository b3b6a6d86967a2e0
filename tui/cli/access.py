"""`backoffice access`: who may do what, and why, for a shell or a script; it needs no terminal and changes nothing."""

import json
from collections.abc import Iterable, Sequence

from models.access import explain, verdicts
from models.access.rules import ANY, AccessRule, Path, parse_path
from models.access.sign_in import user_summaries
from models.db.connection import close_database, open_database
from models.errors import Invalid, NotFound, ShopError
from tui.config import RULE_SETTINGS, Settings, Source, shop_settings
from tui.text import plural, print_error, shown


def access(
    settings: Settings,
    source: Source,
    email: str | None,
    paths: Sequence[str],
    who: str | None,
    as_json: bool,
    everyone: bool = False,
) -> int:
    """Print the verdict on each path for a user, or `users_by_verdict` may open a path and can sign in; the exit code.

    With `everyone` those too who cannot sign in.

    0: all paths are allowed, or the list is whole; 1: one is denied; 2: wrong usage, an unknown user, no database, or a
    rule of an unknown type, which is said beside what is printed.
    """
    try:
        if (who is None) != bool(paths) or (email is None) == (who is None):
            raise Invalid({"path": "enter an e-mail and paths, or --who and one path (see --help)."})
        if everyone and who is None:
            raise Invalid({"path": "--all requires --who (see --help)."})
        chosen, problems = shop_settings(settings)
        if wrong := {name: problems[name] for name in RULE_SETTINGS if name in problems}:
            raise Invalid(wrong)
        asked = [parse_path(path) for path in ([who] if who is not None else paths)]
        if who is None and (wide := [path for path in asked if ANY in path.parts]):
            raise Invalid({"path": f"{wide[0]}: * is allowed only with --who."})
        open_database(source.location, read_only=True, create=False, password=source.password, settings=chosen)
        return _who(asked[0], as_json, everyone) if who is not None else _verdicts(email or "", asked, as_json)
    except ShopError as error:
        print_error(str(error))
        return 2
    finally:
        close_database()


def _verdicts(email: str, paths: Sequence[Path], as_json: bool) -> int:
    try:
        user = explain.of_email(email.strip())
    except NotFound as gone:
        raise NotFound(f"{gone}: {email}") from None
    found = [user.answer(path) for path in paths]
    lines = [
        f"{'allowed' if answer.allowed else 'denied '}  {answer.path}  {' '.join([answer.reason, *answer.notes])}"
        for answer in found
    ]
    objects = [
        {
            "path": str(answer.path),
            "allowed": answer.allowed,
            **_reason(answer.reason, answer.group.name if answer.group else None, answer.rule),
            "order_dependent": answer.order_dependent,
            "can_sign_in": answer.can_sign_in,
        }
        for answer in found
    ]
    _print(lines, objects, as_json)
    if _unknown(matched.rule for matched in user.unknown_rules):
        return 2
    return 0 if all(answer.allowed for answer in found) else 1


def _who(asked: Path, as_json: bool, everyone: bool) -> int:
    reasons = {
        user: alike for alike in verdicts.users_by_verdict(asked) if alike.decision.allowed for user in alike.users
    }
    allowed = user_summaries(reasons)
    people = [person for person in allowed if everyone or not person.barred]
    objects = [
        {
            "email": person.email,
            **_reason(reasons[person.id].reason, reasons[person.id].group_name, reasons[person.id].decision.rule),
            "can_sign_in": not person.barred,
        }
        for person in people
    ]
    _print([person.email for person in people], objects, as_json)
    barred = [f"{person.email} ({person.barred})" for person in allowed if person.barred]
    if barred and everyone and not as_json:
        print_error(f"of these cannot sign in: {', '.join(barred)}")
    elif barred and not as_json:
        print_error(f"{plural(len(barred), 'more user')} would be allowed and cannot sign in (--all prints them too).")
    if note := verdicts.order_note():
        print_error(note)
    return 2 if _unknown(verdicts.unknown_rules()) else 0


def _reason(reason: str, group: str | None, rule: AccessRule | None) -> dict[str, str | None]:
    role = rule.role or None if rule else None
    return {"reason": reason, "group": group, "role": role, "rule": str(rule) if rule else None}


def _unknown(rules: Iterable[AccessRule]) -> bool:
    """Say which rules count for nothing; whether there are any."""
    lines = [f"{rule} of role “{rule.role}” is ignored." for rule in rules]
    for line in lines:
        print_error(line)
    return bool(lines)


def _print(lines: Sequence[str], objects: Sequence[object], as_json: bool) -> None:
    """Print one or the other: the objects as a list in JSON."""
    print(json.dumps(objects, indent=2) if as_json else "\n".join(map(shown, lines)), end="\n" * bool(lines or as_json))
