"""A change that a command makes: shown before, asked about where the page asks, made, and said."""

import argparse
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from models.access.compute_impact import compute_impact
from models.access.impact import AccessChange, Impact
from models.access.labels import page_problem
from models.access.safeguards import current_user_email
from models.db.change import Note, annotate
from models.db.opened import opened
from models.db.transactions import dry_run
from models.errors import Conflict, Invalid, NotFound, Refused, ShopError, Unavailable, Unknown
from tui.cli.output import as_json
from tui.config import Settings, Source
from tui.shop_code import read_known_pages
from tui.text import print_error, shown, with_name
from tui.wording.questions import self_lockout_warning, words_to_type


class WrongUsage(ShopError):
    """What was typed cannot be meant so."""


class NotConfirmed(Refused):
    """A question was answered with no, or nobody could answer it."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked before a change, as on its page."""

    asked: str
    details: Sequence[str] = ()
    verb: str
    destroys: Mapping[int, str] = field(default_factory=dict)
    """The records that it destroys, their names by their ids: one of these is typed where the shop is in production."""
    only_in_production: bool = False
    """Whether it is asked there alone."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change that is not made yet."""

    about: str
    """The name of the record that is changed."""
    what: str
    """What becomes of it, in words with the names."""
    make: Callable[[], object] | None
    """Makes it; false where all was so already, for a new record its id. None where nothing is to be done."""
    done: str = ""
    """What is said then."""
    id: int | None = None
    """The record's id; None for a new one, and for several."""
    creates: bool = False
    access: AccessChange | None = None
    """Whose access it changes, for the preview."""
    question: Question | None = None
    deletions: Sequence[Question] = ()
    """What is asked after that, each by itself."""
    check: Callable[[], object] | None = None
    """Raises what `make` would, where that can be told without making it and taking it back."""
    prints: str = field(default="", repr=False)
    """What is printed alone once it is done: a password, the name of a file."""

    def questions(self, source: Source) -> list[Question]:
        """All that is asked before it on this database, in order."""
        asked = [*([self.question] if self.question else []), *self.deletions]
        return [each for each in asked if source.is_production or not each.only_in_production]

    @property
    def summary(self) -> str:
        """The change in one sentence."""
        return f"{self.about}: {self.what}"


def run_change(
    options: argparse.Namespace, settings: Settings, source: Source, plan: Callable[[argparse.Namespace], Change]
) -> int:
    """Make the change that `plan` makes of the options, or show it where it is a dry run; the exit code.

    0: it is done, or there was nothing to do; 1: it is refused; 2: it failed.
    """
    about, note = "", Note()
    try:
        if not options.dry_run:
            require_write(source)
        change = plan(options)
        about = change.about
        found = compute_impact(change.access) if change.access and change.make else None
        made: object = False
        if change.make is not None:
            warn_of_unknown_pages(settings, change.access)
            questions = [] if options.dry_run or options.yes else _questions(change, source, found)
            if options.dry_run or questions:  # what would be refused is not even asked about
                change.check() if change.check else dry_run(change.make)
            for question in questions:
                _confirm(source, question, found if question is questions[0] else None)
            if not options.dry_run:
                note.reason = options.reason or _ask_reason(source)
                note.effect = found.lines if found else None
                with annotate(note):
                    made = change.make()
    except ShopError as error:
        return _refuse(options, error, about)
    _report(options, source, change, found, note, changed=bool(made), made=made)
    return 0


def require_write(source: Source) -> None:
    """Raise Refused where the database is locked or read-only: it was opened so that it refuses to be written."""
    name = source.name or "This database"
    if source.read_only is True:
        raise Refused(f"{name} was opened read-only. Nothing was changed.")
    if source.is_locked:
        raise Refused(f"{name} is locked: a change needs --write and --reason TEXT. Nothing was changed.")


def warn_of_unknown_pages(settings: Settings, access: AccessChange | None) -> None:
    """Say which of the rules that a change adds match no known page of the shop, where its code is at hand."""
    if access is None or not access.added_rules:
        return
    try:
        read_known_pages(settings)
    except Unavailable as error:
        print_error(str(error))
    for path, permission in dict.fromkeys(rule for rules in access.added_rules.values() for rule in rules):
        if problem := page_problem(path):
            print_error(f"{permission.name.lower()} {path} {problem}")


def _report(
    options: argparse.Namespace,
    source: Source,
    change: Change,
    found: Impact | None,
    note: Note,
    *,
    changed: bool,
    made: object,
) -> None:
    """Say what is done; of a dry run, what would be."""
    effect, summary = found.lines if found else [], change.summary
    if options.dry_run:
        summary = f"Would be done: {summary}" if change.make else f"Nothing would be done: {summary}"
    recorder = opened().recorder
    if changed and recorder is not None:
        problem = f"not recorded: {recorder.problem}" if recorder.problem else ""
        for line in filter(None, [problem, recorder.take_warning()]):
            print_error(line)
    if options.json:
        id = made if change.creates and changed else change.id
        record = note.records[-1] if note.records else None
        print(as_json({"changed": changed, "id": id, "record": record, "summary": summary, "effect": effect}))
        return
    if options.dry_run:
        details = [line for question in change.questions(source) for line in question.details]
        print(*map(shown, [summary, *details, *effect]), sep="\n")
        return
    print(shown(change.done if changed else f"{summary}; nothing changed"), file=sys.stderr)
    for line in effect if changed else []:
        print(shown(line), file=sys.stderr)
    if changed and change.prints:
        print(shown(change.prints))


def _refuse(options: argparse.Namespace, error: ShopError, about: str) -> int:
    """Say why it is not done; the exit code."""
    fields = error.fields if isinstance(error, Invalid) else {}
    message = str(error)
    if isinstance(error, Refused | Conflict) and not isinstance(error, NotConfirmed):
        message = with_name(message, about)
    if options.json:
        found = {"kind": _kind(error), "message": message, "fields": fields}
        print(as_json({"changed": False, "id": None, "record": None, "error": found}))
    for line in [f"{name.replace('_', ' ')}: {text}" for name, text in fields.items()] or [message]:
        print_error(line)
    return 1 if isinstance(error, Invalid | Refused | Conflict) else 2


def _kind(error: ShopError) -> str:
    kinds: dict[type[ShopError], str] = {
        WrongUsage: "usage",
        Invalid: "invalid",
        Refused: "refused",
        Conflict: "conflict",
        NotFound: "not_found",
        Unknown: "unknown",
        Unavailable: "unavailable",
    }
    return next((name for kind, name in kinds.items() if isinstance(error, kind)), "failed")


def _questions(change: Change, source: Source, found: Impact | None) -> list[Question]:
    """What is to be asked before the change, one after the other."""
    questions = change.questions(source)
    if found and found.current_user_loses_pages:
        warning = self_lockout_warning(current_user_email())
        if not questions:
            return [Question(asked=warning, verb="Go on")]
        questions[0] = replace(questions[0], details=[*questions[0].details, warning])
    return questions


def _confirm(source: Source, question: Question, found: Impact | None) -> None:
    """Ask. Raises NotConfirmed where the answer is no, or nobody can answer."""
    if not sys.stdin.isatty():
        raise NotConfirmed(f"{question.asked} There is no terminal to ask; --yes answers.")
    effect = [f"Effect: {found.summary}"] if found else []
    for line in [question.asked, *question.details, *effect]:
        print(shown(line), file=sys.stderr)
    to_type, prompt = words_to_type(question.verb, question.destroys)
    if not to_type or not source.is_production:
        to_type, prompt = "", f"{question.verb}? (y/N)"
    print(shown(prompt), end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip()
    if answer != to_type if to_type else answer.casefold() not in ("y", "yes"):
        raise NotConfirmed("Nothing was changed.")


def _ask_reason(source: Source) -> str | None:
    """The reason for a change to a database where one is needed. Raises NotConfirmed where nobody gives one."""
    if not source.asks_reason:
        return None
    if sys.stdin.isatty():
        print(shown(f"Why? ({source.mark} keeps the reason)"), end=" ", file=sys.stderr, flush=True)
        if reason := sys.stdin.readline().strip():
            return reason
    raise NotConfirmed("A reason is needed here: --reason TEXT. Nothing was changed.")


def listed(noun: str, names: Collection[str]) -> str:
    """`role Media`, `roles CMS editor, Media`, `no role`."""
    if not names:
        return f"no {noun}"
    return f"{noun}{'s' * (len(names) > 1)} {', '.join(names)}"
