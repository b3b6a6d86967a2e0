"""The folders of the program, where the system has those of each program."""

from platformdirs import PlatformDirs

FOLDERS = PlatformDirs("backoffice", appauthor=False)
