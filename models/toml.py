"""TOML that anyone may have written."""

import re
from typing import Any

_MAX_DEPTH = 200
"""Parts of one key. Of thousands Python's parser makes gigabytes; a name within a shop has at most 255 characters."""

_deep_key = re.compile(
    rf"""(?<![\w.-])(?:(?:[\w-]++|"[^"]*+"|'[^']*+')[ \t]*+\.[ \t]*+){{{_MAX_DEPTH}}}""", re.ASCII
).search

TOO_DEEP = "nested too deeply"


def load_toml(text: str) -> dict[str, Any]:
    """The data of a TOML document. Raises ValueError, which says why there is none."""
    import tomllib

    if any(line.count(".") >= _MAX_DEPTH and _deep_key(line) for line in text.splitlines()):
        raise ValueError(TOO_DEEP)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
