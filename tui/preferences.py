"""Theme and keys as the settings want them; problems in the settings are shown on the first page."""

from collections.abc import Sequence

from tui.app_base import AppBase
from tui.config import Settings, config_file
from tui.keymap.keys import SETS
from tui.state import remember, remembered
from tui.workers import run_in_thread


class Preferences:
    """The settings that take Textual, or all pages, to be checked."""

    def __init__(self, app: AppBase, settings: Settings, theme: str) -> None:
        """`theme` is the opened database's own, empty where it has none."""
        self._app, self._settings = app, settings
        for named, where in ((settings.theme, ""), (theme, f"[databases.{app.source.name}] ")):
            if named and named not in app.available_themes:
                settings.problems.append(f"{where}unknown theme “{named}”")
        self._remembers = theme not in app.available_themes
        themes = [theme, remembered("theme"), settings.theme, app.theme]
        app.theme = next(theme for theme in themes if theme in app.available_themes)
        if settings.key_set not in SETS:
            names = " or ".join(SETS)
            settings.problems.append(f"unknown key set “{settings.key_set}” ({names})")
        self._key_set = SETS.get(settings.key_set, {})
        app.keys = {**self._key_set, **settings.keys}

    def follow(self) -> None:
        """Show the problems, now that there is a page; remember the theme from now on."""
        if self._remembers:  # one chosen beside a database's own holds until the program ends
            self._app.theme_changed_signal.subscribe(self._app, lambda theme: remember("theme", theme.name))
        self._show(self._settings.problems)
        if self._settings.keys:
            self._app.run_worker(self._check_keys())

    async def _check_keys(self) -> None:
        """Show which changed keys cannot be as the settings want, and keep those as they were."""

        def check() -> dict[str, str]:
            from tui import key_table

            return key_table.check(type(self._app), changes, self._key_set)

        changes = self._settings.keys
        wrong = await run_in_thread(check)
        self._app.keys = {**self._key_set, **{id: keys for id, keys in changes.items() if id not in wrong}}
        self._app.set_keymap(self._app.keys)
        self._show([f"[keys] {id}: {why}" for id, why in wrong.items()])

    def _show(self, problems: Sequence[str]) -> None:
        if problems:
            self._app.notify(f"{config_file()}: {'; '.join(problems)}.", severity="warning")
