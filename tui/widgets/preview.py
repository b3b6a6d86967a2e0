"""The highlighted record of a list in short: beside the list where there is room, else below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import getters, work
from textual.content import Content
from textual.widget import Widget

from models.db.paging import HasId
from models.db.tables import Status
from models.errors import ShopError
from models.text import plural
from tui.app_base import AppBase, Kind
from tui.text import DATE_AND_TIME, cells_of, date, fit_to_cells, names, shown
from tui.widgets.columns import STATUS_SIGNS, status_sign
from tui.workers import AtRest, LatestOnly

if TYPE_CHECKING:
    from datetime import datetime

    from models.access.rules import AccessRule
    from models.previews import GroupPreview, RolePreview, UserPreview

BRIEF_LINES = 2
"""Lines of a preview that says only the most important."""

MIN_FACT_CELLS = 18
"""Cells for which a fact is worth a place on the line of others."""

LABEL_CELLS = 12

_STYLES: Mapping[int, str] = {
    Status.ACTIVE: "$text-success",
    Status.DEACTIVATED: "$text-warning",
    Status.DELETED: "dim $text-error",
}


@dataclass(frozen=True)
class Fact:
    """A line of a preview, or several: what it is about, and the values, in full where there is room."""

    label: str
    values: Sequence[str]


@dataclass(frozen=True)
class Summary:
    """What a preview shows: the record's name, its status with the style of that, facts, and what is to be noted."""

    title: str
    facts: Sequence[Fact]
    about: Sequence[str] = ()
    """What the second line says, where there is one."""
    sign: str = ""
    sign_style: str = ""
    warning: str = ""


class Preview(Widget):
    """Follows the cursor of a list; what it shows is read while keys go on."""

    app = getters.app(AppBase)

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._rows: Sequence[HasId] = ()
        self._row: HasId | None = None
        self._at_rest = AtRest(self, self._read)
        self._latest = LatestOnly(self)
        self._summary: Summary | None = None

    def follow(self, rows: Sequence[HasId], row: HasId | None) -> None:
        """Show this one of the rows once the cursor rests on it; again only where all of them were read again."""
        if rows is self._rows and self._row is not None and row is not None and row.id == self._row.id:
            return
        if row is not self._row:
            self._rows, self._row = rows, row
            self._at_rest.start()

    @work
    async def _read(self) -> None:
        row = self._row
        if not self.display or not self.screen.is_active:
            self._row = None  # until it is in view
            return
        summary = None
        if row is not None:
            try:
                summary = await self._latest.run(partial(summarize, self._kind, row))
            except ShopError:  # the list tells of a database that is away, and drops a record that is gone
                return
        if row is self._row and summary != self._summary:
            self._summary = summary
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        if self._summary is None or width < 1:
            return Content("")
        if height <= BRIEF_LINES:
            lines = brief_lines(self._summary, width)
        else:
            lines = whole_lines(self._summary, width, height)
        return Content("\n").join(lines)


# How it is laid out


def brief_lines(summary: Summary, width: int) -> list[Content]:
    """Two lines: the record and the facts that fit beside it, then the other facts and what is to be noted."""
    title, warning = _title(summary), _warning(summary)
    room, below_room = width - title.cell_length - 2, width - warning.cell_length - 2
    facts = [fact for fact in summary.facts if fact.values]
    first = 1 if _need(facts) > room and _need(facts[1:]) <= below_room else len(facts)
    beside, others = _facts(facts[:first], room)
    below, _ = _facts([*others, *facts[first:]], below_room)
    return [_joined([title, beside], width), _joined([below, warning], width)]


def _facts(facts: Sequence[Fact], width: int) -> tuple[Content, Sequence[Fact]]:
    """Facts side by side, one that is cut in at most two thirds of the room that is left; and those that do not fit."""
    parts: list[Content] = []
    for place, fact in enumerate(facts):
        need = _need([fact])
        room = width if need <= width or place == len(facts) - 1 else max(MIN_FACT_CELLS, width * 2 // 3)
        if width < min(MIN_FACT_CELLS, need):
            return Content("  ").join(parts), facts[place:]
        part = Content.assemble((fact.label, "dim"), " ", shown(names(fact.values, room - len(fact.label) - 1)))
        if part.cell_length > width:
            return Content("  ").join(parts), facts[place:]
        parts.append(part)
        width -= part.cell_length + 2
    return Content("  ").join(parts), []


def _need(facts: Sequence[Fact]) -> int:
    """The cells that facts take side by side, all of them whole."""
    return sum(len(fact.label) + 3 + cells_of(", ".join(fact.values)) for fact in facts) - 2


def whole_lines(summary: Summary, width: int, height: int) -> list[Content]:
    """All facts, each in as many lines as it needs; where these are too many, the longest are cut."""
    room = max(LABEL_CELLS, width - LABEL_CELLS)
    lines = {fact.label: _packed(fact.values, room) for fact in summary.facts if fact.values}
    top = [*_heading(summary, width), *[Content("")] * (height > len(lines) + 3)]
    warning = [_warning(summary)] if summary.warning else []
    while sum(map(len, lines.values())) > max(len(lines), height - len(top) - len(warning)):
        longest = max(lines.values(), key=len)
        longest.pop()
        longest[-1] = f"{fit_to_cells(longest[-1], room - 2).rstrip()} …"
    facts = [
        Content.assemble((f"{'' if place else label:{LABEL_CELLS}}", "dim"), text)
        for label, texts in lines.items()
        for place, text in enumerate(texts)
    ]
    return [_joined([line], width) for line in [*top, *facts, *warning][:height]]


def _packed(values: Sequence[str], width: int) -> list[str]:
    """The values one after the other, in lines between which none is divided."""
    lines: list[str] = []
    for place, value in enumerate(values):
        text = shown(value) + "," * (place < len(values) - 1)
        if lines and cells_of(lines[-1]) + 1 + cells_of(text) <= width:
            lines[-1] += f" {text}"
        else:
            lines.append(text if cells_of(text) <= width else fit_to_cells(value, width))
    return lines


def _heading(summary: Summary, width: int) -> list[Content]:
    """The name with the status, if both fit on one line; else all of the name, and the status on the next line."""
    title, sign = _title(summary), Content.styled(summary.sign, summary.sign_style)
    is_whole = title.cell_length <= width
    first = [] if is_whole or not summary.sign else [sign]
    return [
        *([title] if is_whole else Content.styled(shown(summary.title), "bold").wrap(width)),
        _as_many_as_fit([*first, *(Content(shown(text)) for text in summary.about)], width),
    ]


def _as_many_as_fit(parts: Sequence[Content], width: int) -> Content:
    """The parts side by side, without the last ones where there is too little room."""
    line = Content("  ").join(parts)
    return line if line.cell_length <= width or len(parts) < 2 else _as_many_as_fit(parts[:-1], width)


def _title(summary: Summary) -> Content:
    sign = (f"   {summary.sign}", summary.sign_style) if summary.sign else ""
    return Content.assemble((shown(summary.title), "bold"), sign)


def _warning(summary: Summary) -> Content:
    return Content.styled(f"! {summary.warning}", "$text-warning") if summary.warning else Content("")


def _joined(parts: Sequence[Content], width: int) -> Content:
    """The parts on one line, which is cut where it is too long."""
    line = Content("  ").join([part for part in parts if part])
    return line if line.cell_length <= width else line.truncate(width, ellipsis=True)


# What it says of each kind of record


def summarize(kind: Kind, row: Any) -> Summary:
    """A record in short (in a thread), from the row of the list. Raises NotFound."""
    from models import previews

    if kind == "group":
        return _of_group(previews.of_group(row))
    if kind == "role":
        return _of_role(previews.of_role(row))
    return _of_user(previews.of_user(row))


def _of_group(group: "GroupPreview") -> Summary:
    people = [f"{status_sign(user)[0]} {user.email}" for user in group.users]
    facts = [
        Fact("Roles", group.roles or ["none"]),
        Fact("Rules", _rules(group.rules)),
        Fact(f"Users {group.user_count:,}", people),
    ]
    return Summary(group.label, facts, _created(group.created_at), warning="" if group.roles else "no roles")


def _of_role(role: "RolePreview") -> Summary:
    facts = [
        Fact("Rules", _rules(role.rules)),
        Fact("Groups", role.groups or ["none"]),
    ]
    return Summary(role.name, facts, _created(role.created_at))


def _created(time: "datetime | None") -> list[str]:
    return [f"created {date(time, 0)}"] if time else []


def _rules(rules: "Sequence[AccessRule]") -> list[str]:
    return [str(rule) for rule in rules] or ["none"]


def _of_user(user: "UserPreview") -> Summary:
    from models.user_status import status_name

    sign, style = STATUS_SIGNS.get(user.status, ("?", ""))[0], _STYLES.get(user.status, "$text-error")
    facts = [
        Fact("Groups", user.groups or ["none"]),
        Fact("Roles", user.roles),
        Fact("May open", ["everything" if name == "*" else name for name in user.bundles]),
        Fact("Partly", user.partly),
        Fact("Last login", [date(user.last_login, DATE_AND_TIME)]),
    ]
    days = user.days_inactive
    return Summary(
        user.email,
        facts,
        [*filter(None, [user.name, user.locale]), *_created(user.created_at)],
        f"{sign} {status_name(user.status)}",
        style,
        f"no sign-in for {plural(days, 'day')}" if days is not None else "",
    )
