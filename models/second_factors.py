"""Second factors of users: what one has to give beside the password, and how a user who lost it gets in again."""

from collections.abc import Collection

from models.db.connection import read_connection
from models.db.opened import now, opened
from models.db.rights import require_right
from models.db.rows import lock_rows, update_rows, values_where
from models.db.rows_beside import delete_where
from models.db.tables import CodeAttempt, SecondFactor, SecondFactorCode, User
from models.db.transactions import transaction
from models.errors import USER_NOT_FOUND, NotFound


def count(user_ids: Collection[int]) -> int:
    """How many second factors the users have."""
    if SecondFactor not in opened().neighbours:
        return 0
    with read_connection():
        return len(values_where(SecondFactor.id, user_ids, by=SecondFactor.user))


def check_reset() -> None:
    """Raise Unavailable where the database would refuse `reset`."""
    tables = (SecondFactor, SecondFactorCode, CodeAttempt)
    require_right("delete", *(table for table in tables if table in opened().neighbours))
    require_right("update", User)


@transaction
def reset(user_ids: Collection[int]) -> int:
    """Delete the users' second factors with their codes and attempts, where the shop has the tables; how many factors.

    The next sign-in asks for the password alone. Raises NotFound.
    """
    if set(user_ids) - lock_rows(User, user_ids, User.email).keys():
        raise NotFound(USER_NOT_FOUND)
    if not count(user_ids):
        return 0
    factors = values_where(SecondFactor.id, user_ids, by=SecondFactor.user)
    if SecondFactorCode in opened().neighbours:
        codes = values_where(SecondFactorCode.id, factors, by=SecondFactorCode.factor)
        if CodeAttempt in opened().neighbours:
            delete_where(CodeAttempt.code, codes)
        delete_where(SecondFactorCode.factor, factors)
    update_rows(User, user_ids, updated_at=now())  # by which a lost connection's commit is found out
    return delete_where(SecondFactor.user, user_ids)
