"""A password for a user: a random one, or one that is read; never an argument, which others on the host can see."""

import argparse
import sys

from models import passwords
from tui.cli.change import WrongUsage

LONGEST = 10_000
"""Bytes that are read: more is no password."""


def asked_password(options: argparse.Namespace) -> str:
    """The password that the options ask for. Raises WrongUsage, which never repeats it."""
    if options.generate_password:
        if options.json:
            raise WrongUsage("--generate-password prints the password alone; with --json give --password-stdin.")
        return passwords.random_password()
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Password: ", sys.stderr)
    read = sys.stdin.buffer.read(LONGEST + 1)
    if len(read) > LONGEST:  # the beginning alone may be a character cut in two
        raise WrongUsage("The text on the standard input is too long for a password.")
    try:
        text = read.decode()
    except UnicodeDecodeError:
        raise WrongUsage("The password on the standard input is not in UTF-8.") from None
    return text.removesuffix("\n").removesuffix("\r")
