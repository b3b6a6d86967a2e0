"""Which page a section, a record and a draft have: nothing else knows. Pages are imported when they are opened."""

from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from tui.app_base import Kind
from tui.drafts import Draft

if TYPE_CHECKING:
    from models.access.rules import Path
    from tui.forms.form_page import FormPage
    from tui.widgets.page import Page


def users_page() -> Screen[Any]:
    """The section Users."""
    from tui.lists.users import UsersPage

    return UsersPage()


def roles_page() -> Screen[Any]:
    """The section User Roles."""
    from tui.lists.roles import RolesPage

    return RolesPage()


def access_page() -> Screen[Any]:
    """The section Access."""
    from tui.access.access import AccessPage

    return AccessPage()


def record_page(
    kind: Kind, id: int | None, *, name: str = "", rule: int | None = None, path: "Path | None" = None
) -> "Page[int | None]":
    """The page that `AppBase.open_record` opens."""
    page = _page(kind, id, rule, path)
    page.provisional_name = name
    return page


def _page(kind: Kind, id: int | None, rule: int | None, path: "Path | None") -> "Page[int | None]":
    if kind == "group":
        from tui.forms.group import GroupPage

        return GroupPage(id)
    if kind == "role":
        from tui.forms.role import RolePage

        return RolePage(id, rule=rule)
    if kind == "user":
        from tui.forms.user import UserPage

        return UserPage(id)
    from tui.access.user_access import UserAccessPage

    assert id is not None
    return UserAccessPage(id, path)


def history_page(folder: File, kind: Kind | None, id: int, *, name: str = "") -> "Page[None]":
    """The page that `AppBase.open_history` opens."""
    from tui.history.history import HistoryPage

    assert kind != "access"
    return HistoryPage(folder, kind, id, name)


def draft_page(draft: Draft) -> "FormPage":
    """The page that goes on with a draft."""
    from tui.forms.group import GroupPage
    from tui.forms.role import RolePage
    from tui.forms.user import UserPage

    pages: dict[str, type[FormPage]] = {page.section: page for page in (GroupPage, RolePage, UserPage)}
    return pages[draft.section](draft.id, draft)
