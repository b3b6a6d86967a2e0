"""A list, and beside it why: for what is highlighted, in sentences whose group, role and user a key opens."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice, zip_longest
from typing import Any

from textual import getters, on, work
from textual.containers import Container
from textual.content import Content
from textual.message import Message

from models.access.explain import Answer, RuleMatch, UserAccess
from models.access.labels import label_of, with_label
from models.access.regions import Branch, Scope, build_tree, restrict_chain
from models.access.rules import ANY, Path
from models.db.tables import group_label
from models.errors import ShopError
from models.text import plural
from tui.access.access_tree import VERDICT_STYLES, VERDICTS
from tui.app_base import AppBase, Kind
from tui.keymap.actions import Action, check_enabled
from tui.text import cells_of, fit_to_cells, shown
from tui.widgets.record_list import RecordList
from tui.widgets.sentences import Sentence, Sentences
from tui.workers import LatestOnly, is_still_there

Explanation = tuple[str, list[Sentence]]
"""A heading, and the sentences under it."""


class Explained(Container):
    """A list with the pane that explains its highlighted row."""

    DEFAULT_CSS = """
    Explained { height: 1fr; layout: vertical; }
    Explained > RecordList { height: 2fr; min-height: 4; }
    Explained > Sentences { height: 1fr; min-height: 3; }
    """
    app = getters.app(AppBase)
    BINDINGS = [
        Action(
            "o",
            "open('group')",
            "Group",
            tooltip="Open the group named here",
            id="why.group",
            enabled=lambda pane: pane.named("group") is not None or "none is named here",
        ),
        Action(
            "l",
            "open('role')",
            "Role",
            tooltip="Open the role named here, at its rule",
            id="why.role",
            enabled=lambda pane: pane.named("role") is not None or "none is named here",
        ),
        Action(
            "u",
            "open('user')",
            "User",
            tooltip="Open the user",
            id="why.user",
            enabled=lambda pane: pane.named("user") is not None or "none is named here",
        ),
    ]
    check_action = check_enabled

    class CameBack(Message):
        """A page that was opened from here is closed: the data may have changed."""

    def __init__(self, list: "RecordList[Any]") -> None:
        self.list, self.why = list, Sentences("Why", id="why")
        super().__init__(list, self.why)
        self._latest = LatestOnly(self)

    @work
    async def explain(self, question: Callable[[], Explanation]) -> None:
        """Show the explanation that a function gives (in a thread); a newer one replaces it."""
        try:
            explanation = await self._latest.run(question)
        except ShopError as error:
            explanation = ("", [Sentence(str(error))])
        if explanation is not None:
            self.why.explain(*explanation)

    def show_text(self, heading: str, *sentences: Sentence) -> None:
        """Show sentences that are known already."""
        self._latest.forget()
        self.why.explain(heading, sentences)

    @on(RecordList.Changed, "#why")
    def _sentence_changed(self, message: RecordList.Changed) -> None:
        message.stop()
        if is_still_there(self):
            self.refresh_bindings()

    @on(RecordList.Opened, "#why")
    def _open_what_is_named(self, message: RecordList.Opened) -> None:
        message.stop()
        if self.why.sentence and self.why.sentence.opens:
            self.action_open(self.why.sentence.opens)

    def named(self, what: Kind) -> int | None:
        """The id of the group, role or user that the sentence under the cursor names."""
        sentence = self.why.sentence
        id: int | None = getattr(sentence, what) if sentence else None
        return id

    @work
    async def action_open(self, what: Kind) -> None:
        """Open the group, role or user that the sentence under the cursor names."""
        id, sentence = self.named(what), self.why.sentence
        if id is not None and sentence is not None:
            await self.app.visit_record(what, id, rule=sentence.rule)
            self.post_message(self.CameBack())


def sentences(user: UserAccess, answer: Answer) -> list[Sentence]:
    """The whole reason of a verdict, each sentence with the ids of what it names."""
    rule = answer.rule
    decided = RuleMatch(rule, answer.group) if rule is not None else None
    named = [decided, *answer.overridden, *answer.ignored]
    reasons = [_naming(text, user.id, matched) for text, matched in zip_longest(answer.sentences, named)]
    return [*reasons, *page_sentences(answer.path, user.id)]


def page_sentences(paths: Path | Scope, user: int | None = None) -> list[Sentence]:
    """What the page is called, or the pages; nothing where that is not known."""
    label = label_of(paths)
    return [Sentence(f"Page: {label}", user)] if label else []


def _naming(text: str, user: int, matched: RuleMatch | None) -> Sentence:
    if matched is None:
        return Sentence(text, user)
    group = matched.group.id if matched.group else None
    rule = matched.rule
    return Sentence(text, user, group, rule.role_id or None, rule.id or None)


MIXED = "Mixed"

MAX_PARTS = 40
"""Parts of a mixed branch that are explained one by one; the tree itself has the others."""


def why(user: UserAccess, path: Path, paths: Path | Scope) -> Explanation:
    """Why a path is allowed to the user, or denied; it is one of `paths`, and stands for all of them if they agree."""
    answer = user.answer(path)
    if isinstance(paths, Path) and ANY in paths.parts and build_tree(restrict_chain(user.chain, paths)).allowed is None:
        first, *rest = sentences(user, answer)
        return heading(paths, None), [replace(first, text=f"{MIXED}. Everything else: {first.text}"), *rest]
    return heading(paths, answer.allowed), sentences(user, answer)


def why_mixed(user: UserAccess, branch: Branch, opens: Sentence) -> Explanation:
    """The verdicts below a branch where they differ, each with its reason, after how it `opens`."""
    parts = [opens]
    for leaf in islice(branch.leaves(), MAX_PARTS):
        first, *_ = sentences(user, user.answer(leaf.scope.path))
        text = f"{VERDICTS[leaf.allowed]}  {with_label(leaf.scope)}: {first.text}"
        parts.append(replace(first, text=text, style=VERDICT_STYLES[leaf.allowed]))
    return heading(branch.scope, None), parts


def heading(paths: Path | Scope, allowed: bool | None) -> str:
    """The heading over the reasons."""
    return f"{VERDICTS[allowed]}  {paths}"


_MAX_GROUP_CELLS = 40
"""Cells of a group's name in the order of a user's groups, so that the names after a long one are seen too."""


def _group_name(name: str) -> str:
    label = group_label(name)
    return fit_to_cells(label, _MAX_GROUP_CELLS) if cells_of(label) > _MAX_GROUP_CELLS else label


def about(user: UserAccess) -> Content:
    """What is unusual about the user, and all groups with their places in the order in which they are asked."""
    warnings = [f"{plural(len(user.unknown_rules), 'rule')} of an unknown type ignored"] * bool(user.unknown_rules)
    warnings += [f"Cannot sign in: {user.barred}"] * bool(user.barred)
    names = [f"{place} {_group_name(group.name)}" for place, group in enumerate(user.groups, 1)]
    order = "In no group" if not names else "Group: " if len(names) == 1 else "Groups, in the order they are asked: "
    return Content.assemble(
        *[(f"! {shown(warning)}\n", "$text-warning") for warning in warnings],
        order,
        ("   ".join(map(shown, names)), "$text"),
    )
