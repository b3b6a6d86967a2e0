"""The files of a shop's code that name its pages."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.whole_file import read_whole

MAX_BYTES = 1_000_000
"""Bytes of a file of code: no controller and no navigation is larger."""

CONTROLLER = "Controller.php"
"""How the files of controllers end."""


class Stamps:
    """When each folder and file that was looked into was changed last, in nanoseconds; 0 where it is not there.

    By folder under the shop's root, then by name; the folder's own time has the name "".
    """

    def __init__(self, root: Path, times: dict[str, dict[str, int]] | None = None) -> None:
        self.root = str(root)
        self.times = {} if times is None else times

    def add(self, folder: str, name: str = "") -> None:
        """Take the time of a folder, or of a file in it."""
        self.times.setdefault(folder, {})[name] = _time(f"{self.root}/{folder}/{name}")

    def read(self, folder: str, name: str) -> bytes:
        """The content of a file, whose time is taken; a file that may not be read is looked at again the next time.

        Raises as `read_whole` does.
        """
        try:
            content, time = read_whole(f"{self.root}/{folder}/{name}", MAX_BYTES)
        except ValueError:
            self.add(folder, name)
            raise
        except PermissionError:
            self.times.setdefault(folder, {})[name] = 0
            raise
        self.times.setdefault(folder, {})[name] = time
        return content

    def are_current(self) -> bool:
        """Whether nothing was changed since."""
        for folder, times in self.times.items():
            path = f"{self.root}/{folder}/"
            for name, time in times.items():
                if _time(path + name) != time:
                    return False
        return True


def _time(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return 0


def find_modules(stamps: Stamps) -> Iterator[str]:
    """The paths of the modules' `Communication` folders: the project's own, then vendors'.

    It looks only so deep, so that a link that leads back to a folder above is no circle. A new module of the project is
    one that the stamps notice; one of a vendor changes composer.lock.
    """
    root = stamps.root
    stamps.add("src")
    for organization in _folders(root, "src"):
        stamps.add(f"{organization}/Zed")
        for module in _folders(root, f"{organization}/Zed"):
            stamps.add(module)
            stamps.add(f"{module}/Communication")
            yield f"{module}/Communication"
    packages = [package for vendor in _folders(root, "vendor") for package in _folders(root, vendor)]
    for package in (*packages, *_folders(root, "vendor/spryker/spryker/Bundles")):
        for organization in _folders(root, f"{package}/src"):
            for module in _folders(root, f"{organization}/Zed"):
                yield f"{module}/Communication"


def controller_names(stamps: Stamps, module: str) -> list[str]:
    """The files of a module's controllers, but that of the gateway, which no browser asks."""
    names = sorted(name for name in _names(stamps.root, f"{module}/Controller") if name.endswith(CONTROLLER))
    if names:
        stamps.add(f"{module}/Controller")
    return [name for name in names if name not in (CONTROLLER, f"Gateway{CONTROLLER}")]


def _folders(root: str, path: str) -> list[str]:
    """The paths of the folders in a folder, in order."""
    with suppress(OSError, ValueError), os.scandir(f"{root}/{path}") as entries:
        return sorted(f"{path}/{entry.name}" for entry in entries if _is_folder(entry))
    return []


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _names(root: str, path: str) -> list[str]:
    """The names in a folder; none where there is no such folder, or it may not be read."""
    with suppress(OSError, ValueError):
        return os.listdir(f"{root}/{path}")
    return []
