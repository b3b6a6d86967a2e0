"""`backoffice access`: who may do what, and why, for a shell or a script; it needs no terminal and changes nothing."""

import argparse
import json
from collections.abc import Iterable, Sequence

from models import lookup
from models.access import explain, verdicts
from models.access.explain import UserAccess
from models.access.labels import label_of, parse_path_or_label, with_label
from models.access.rules import ANY, AccessRule, Path
from models.access.sign_in import user_summaries
from models.errors import Invalid, NotFound, ShopError
from models.pages.known import known_pages
from models.text import plural
from tui.cli.session import opened
from tui.config import Settings, Source
from tui.shop_code import read_known_pages
from tui.text import print_error, shown


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Print the verdict on each path for a user, who may open a path, or where two users differ; the exit code.

    Those who cannot sign in are among them with `--all` alone.

    0: all paths are allowed, the list is whole, or the two may open the same; 1: a path is denied, or they differ; 2:
    wrong usage, an unknown user, no database, or a rule of an unknown type, which is said beside what is printed.
    """
    if options.who == "" and not options.paths:  # another option stands between it and its path
        options.who, options.email = options.email, None
    try:
        if options.compare is None:
            read_known_pages(settings)
        asked = [parse_path_or_label(path) for path in ([options.who] if options.who is not None else options.paths)]
        _check_usage(options, asked)
        with opened(source, settings, read_only=True):
            if options.compare:
                return _compare([_of_email(email) for email in options.compare], options.json)
            if options.who is not None:
                return _who(asked[0], options.json, options.all)
            return _verdicts(options.email, asked, options.json)
    except ShopError as error:
        print_error(str(error))
        return 2


def _check_usage(options: argparse.Namespace, asked: Sequence[Path]) -> None:
    """Raise Invalid where the options do not go together."""
    forms = [bool(options.email or options.paths), options.who is not None, options.compare is not None]
    if forms.count(True) != 1 or bool(options.email) != bool(options.paths):
        raise Invalid({"path": "enter an e-mail and paths, or --who and one path (see --help)."})
    if options.all and options.who is None:
        raise Invalid({"path": "--all requires --who (see --help)."})
    if options.who is None and (wide := [path for path in asked if ANY in path.parts]):
        raise Invalid({"path": f"{wide[0]}: * is allowed only with --who."})


def _of_email(email: str) -> UserAccess:
    try:
        return explain.of_email(email.strip())
    except NotFound:
        id, _ = lookup.find_one("user", email)
        return explain.of_user(id)


def _compare(users: Sequence[UserAccess], as_json: bool) -> int:
    """Print the paths that only one of the two users may open."""
    only = explain.compare(*users)
    found = sorted((str(scope), user.email) for user, scopes in zip(users, only, strict=True) for scope in scopes)
    lines = [f"{email}  {path}" for path, email in found]
    _print(lines, [{"path": path, "allowed_only_to": email} for path, email in found], as_json)
    if _unknown(dict.fromkeys(matched.rule for user in users for matched in user.unknown_rules)):
        return 2
    return 1 if found else 0


def _verdicts(email: str, paths: Sequence[Path], as_json: bool) -> int:
    user = _of_email(email)
    found = [user.answer(path) for path in paths]
    lines = [
        f"{'allowed' if answer.allowed else 'denied '}  {with_label(answer.path)}  "
        f"{' '.join([answer.reason, *answer.notes])}"
        for answer in found
    ]
    objects = [
        {
            "path": str(answer.path),
            **({"label": label_of(answer.path) or None} if known_pages() else {}),
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
