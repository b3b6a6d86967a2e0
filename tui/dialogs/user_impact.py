"""What each user would gain and lose by a change that is not saved yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models import users
from models.access.impact import Impact
from models.access.labels import with_label
from models.db.given_rows import InMemoryRows, RowsByIds
from models.db.paging import Listing
from models.db.tables import Status
from models.users import UserRow


@dataclass
class UserImpact:
    """What a user would gain and lose, as the names of scopes, and other consequences in sentences.

    Each of the latter has its sign: `+` for a gain, `-` for a loss, `!` for what else to know.
    """

    gained: Sequence[str] = ()
    lost: Sequence[str] = ()
    also: list[tuple[str, str]] = field(default_factory=list)

    @property
    def signed(self) -> list[tuple[str, str]]:
        """All of it in sentences, each with its sign."""
        gained = [("+", f"Gains {', '.join(self.gained)}.")] * bool(self.gained)
        lost = [("-", f"Loses {', '.join(self.lost)}.")] * bool(self.lost)
        return [*gained, *lost, *self.also]


def impact_by_user(impact: Impact) -> tuple[dict[int, UserImpact], Listing[UserRow]]:
    """What each user would gain and lose, and the rows of these users (in a thread)."""
    by_user: dict[int, UserImpact] = {}
    for shared in impact.shared:
        gained, lost = ([*dict.fromkeys(map(with_label, scopes))] for scopes in (shared.gained, shared.lost))
        for user in shared.users:
            by_user[user] = UserImpact(gained, lost)
    for ids, sign, text in (
        (impact.shut_out, "-", "Can no longer sign in."),
        (impact.let_in, "+", "Can now sign in."),
        (impact.losing_pages, "-", "Can no longer open the user pages."),
        (impact.gaining_pages, "+", "Can now open the user pages."),
        (impact.merchants, "!", "Merchant user, for the Merchant Portal."),
    ):
        for user in ids:
            by_user.setdefault(user, UserImpact()).also.append((sign, text))
    if impact.new_users:
        new = [UserRow(id, impact.new_users[id], "", "", None, Status.ACTIVE) for id in by_user]
        return by_user, InMemoryRows(new)
    return by_user, RowsByIds(users.listing, [*by_user])
