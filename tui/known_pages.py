"""The pages that the shop's code names, read once the first page is on the screen."""

import asyncio

from models.errors import Unavailable
from tui.app_base import AppBase
from tui.config import Settings
from tui.widgets.page import Page


async def show_known_pages(app: AppBase, settings: Settings) -> None:
    """Read the pages of the shop's code, where that is at hand; the pages on the screen show them."""

    def read() -> bool:
        from tui.shop_code import read_known_pages

        return bool(read_known_pages(settings))

    try:
        any_known = await asyncio.to_thread(read)
    except Unavailable as error:
        app.notify(str(error), severity="warning")
        return
    for screen in app.screen_stack if any_known else ():
        if isinstance(screen, Page):
            screen.show_known_pages()
