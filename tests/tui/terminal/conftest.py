"""What the tests of a real terminal share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.terminal.tmux import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()
