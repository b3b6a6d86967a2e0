"""The palette (ctrl+p) finds records by name and opens them."""

import threading
from contextlib import closing

from textual.command import Hit, Hits, Provider
from textual.content import Content

from models import groups
from models.errors import ShopError
from models.groups import GroupRow
from tui.screens.page import in_thread
from tui.text import shown

MOST = 20
"""How many records the palette offers; who wants more searches the list."""


class FindGroup(Provider):
    """Finds user groups by name."""

    async def search(self, query: str) -> Hits:
        """The first groups that contain the text."""
        stop = threading.Event()

        def find() -> list[GroupRow]:
            ids: list[int] = []
            with closing(groups.listing.find(query, groups.listing.default_sort)) as batches:
                for batch in batches:
                    ids += batch
                    if stop.is_set() or len(ids) >= MOST:
                        break
            return groups.listing.rows(ids[:MOST])

        try:
            found = await in_thread(find)
        except ShopError:
            return
        finally:
            stop.set()
        for place, row in enumerate(found):
            name = shown(row.label)
            yield Hit(
                1 - place / MOST / 2, Content(name), lambda id=row.id: self._open(id), text=name, help="User group"
            )

    def _open(self, id: int) -> None:
        from tui.screens.group import GroupPage

        self.app.open_page(GroupPage(id))  # type: ignore[attr-defined]
