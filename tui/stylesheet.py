"""The styles of the app, each sheet parsed once."""

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Parses a sheet when it is new, and all of them when a theme's colours change.

    Textual's own parses all of them anew each time a page with styles of its own, or a section, is opened for the first
    time: 10 to 20 ms of each.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._colours = variables

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._colours:
            self._colours = variables
            super().set_variables(variables)

    def reparse(self) -> None:
        self.parse()
