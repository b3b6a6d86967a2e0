"""`backoffice databases`: the databases that the settings name, without passwords."""

from models.db.drivers import is_url
from models.db.servers import address
from models.errors import Unavailable
from tui.config import Settings, config_file
from tui.text import shown


def databases(settings: Settings) -> int:
    """Print a line for each: its name, where it is, its mark, and whether it is opened read-only."""
    if not settings.databases:
        print(f"No databases in {config_file()}: add a table [databases.NAME] with a url.")
    width = max(map(len, settings.databases), default=0)
    for name, source in settings.databases.items():
        where = source.location
        scheme, is_of_scheme, _ = where.partition("://")
        try:
            if is_url(where):
                where = str(address(where))
            elif source.problem:
                where = f"cannot be opened: {source.problem}"
            elif is_of_scheme and scheme != "sqlite":
                where = f"{scheme}://: unknown scheme"
        except Unavailable as error:
            where = str(error)
        print(shown("  ".join([name.ljust(width), where, *[source.mark] * bool(source.mark)])), end="")
        print("  read-only" if source.read_only else "")
    return 0
