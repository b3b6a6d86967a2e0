"""What no change may take away: the last user who can open the user pages, and the current user's own account."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from models.db.opened import opened
from models.db.statements import tuples
from models.db.tables import User
from models.errors import Refused

LAST_ADMIN = "Refused: no active user could manage users any more (needs {})."


def current_user_email() -> str:
    """The e-mail of the person at the keyboard, who can be neither deactivated nor deleted; empty if not set."""
    return opened().settings.current_user_email


def includes_current_user(ids: Collection[int]) -> bool:
    """Whether the current user is one of these; e-mails are compared as the database does."""
    email = current_user_email()
    return bool(email) and any(id in ids for (id,) in tuples(User.select(User.id).where(User.email == email)))


def may_be_refused(concerns: Callable[[int], object]) -> bool:
    """Whether `require_remaining_admin` may refuse a change; `concerns` says whether the change concerns a given user.

    A change that does not concern some administrator is not refused; of any other, only the change itself can tell.
    """
    from models.access.admins import find_admin  # the lists are opened without it

    admin = find_admin()
    return admin is not None and bool(concerns(admin))


@contextmanager
def require_remaining_admin() -> Iterator[None]:
    """Around a change, inside its transaction: refuse it where it takes the user pages from the last who can open them.

    A shop that had no administrator before may be changed freely. The check at the end locks the rows it relies on
    until the change ends, so that no other program takes the administrator away meanwhile. Raises Refused.
    """
    from models.access.admins import find_admin  # the lists are opened without it
    from models.access.decision import USER_PAGES
    from models.access.last_admin import find_remaining_admin

    admin = find_admin()
    yield
    if admin is not None and find_remaining_admin(admin) is None:
        raise Refused(LAST_ADMIN.format(", ".join(map(str, USER_PAGES))))
