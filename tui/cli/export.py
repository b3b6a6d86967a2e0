"""`backoffice export`: roles, groups and users as a TOML file that `plan` and `apply` read."""

import argparse
import sys
from io import TextIOWrapper

from models import lookup
from models.changes import shop_file
from tui.cli.session import opened
from tui.config import Settings, Source


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Print the file; the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # whatever the terminal's is: TOML is UTF-8
    with opened(source, settings, read_only=True):
        is_all = not options.role and not options.group
        roles = None if is_all else lookup.find("role", options.role or [])
        groups = None if is_all else lookup.find("group", options.group or [])
        for line in shop_file.export(roles, groups, members=options.members, with_users=options.users):
            print(line)
    return 0
