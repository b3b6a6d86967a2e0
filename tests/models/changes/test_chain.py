"""A chain of lines shows the first that was changed, dropped, doubled or moved, and goes on over a torn one."""

from itertools import pairwise
from pathlib import Path

import pytest

from models.changes.chain import BLOCK, last_hash, lines_from_end, seal, verify


def write_chain(*paths: Path, each: int = 4) -> None:
    """Files of a few lines each, one chain."""
    prev = ""
    for path in paths:
        lines = b""
        for number in range(each):
            line, prev = seal({"kind": "intent", "summary": f"„{number}“ \ud800", "ops": [{"id": number}]}, prev)
            lines += line + b"\n"
        path.write_bytes(lines)


@pytest.fixture
def months(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"anna@db1-2026-{month}.jsonl" for month in (10, 11)]
    write_chain(*paths)
    return paths


def first_damage(months: list[Path]) -> tuple[str, int] | None:
    damage, _ = verify(months)
    return (damage.file.name, damage.line) if damage else None


def test_whole_files_are_whole(months: list[Path]) -> None:
    assert verify(months) == (None, [])


def test_each_byte_that_is_changed_shows_with_its_file_and_line(months: list[Path]) -> None:
    for path in months:
        stored = path.read_bytes()
        line = 1
        for place, byte in enumerate(stored):
            for other in {byte ^ 1, byte ^ 32, ord("\n"), ord("}")} - {byte}:
                path.write_bytes(stored[:place] + bytes([other]) + stored[place + 1 :])
                assert first_damage(months) == (path.name, line), (line, place, chr(byte), chr(other))
            line += byte == ord("\n")
        path.write_bytes(stored)


def test_each_line_that_is_dropped_shows_but_the_last(months: list[Path]) -> None:
    for path in months:
        lines = path.read_bytes().splitlines(keepends=True)
        for number in range(len(lines)):
            path.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
            is_last = path == months[-1] and number == len(lines) - 1
            at_end = number == len(lines) - 1
            expected = (months[1].name, 1) if at_end else (path.name, number + 1)
            assert first_damage(months) == (None if is_last else expected)
        path.write_bytes(b"".join(lines))


def test_each_line_that_is_doubled_or_moved_shows(months: list[Path]) -> None:
    for path in months:
        lines = path.read_bytes().splitlines(keepends=True)
        for number in range(len(lines)):
            path.write_bytes(b"".join(lines[: number + 1] + lines[number:]))
            assert first_damage(months) == (path.name, number + 2)
        for first, second in pairwise(range(len(lines))):
            moved = [*lines]
            moved[first], moved[second] = moved[second], moved[first]
            path.write_bytes(b"".join(moved))
            assert first_damage(months) == (path.name, first + 1)
        path.write_bytes(b"".join(lines))


def test_a_file_that_is_gone_shows_in_the_next(months: list[Path]) -> None:
    months[0].unlink()
    assert first_damage(months[1:]) == (months[1].name, 1)


def test_a_line_that_is_torn_is_named_and_the_chain_goes_on_over_it(tmp_path: Path) -> None:
    path = tmp_path / "anna@db1-2026-11.jsonl"
    write_chain(path)
    lines = path.read_bytes().splitlines(keepends=True)
    torn_line, _ = seal({"kind": "intent", "summary": "torn"}, "")
    with path.open("rb") as file:
        prev = last_hash(file)
    assert prev is not None
    following, _ = seal({"kind": "intent", "summary": "after it"}, prev)
    for length in range(1, len(torn_line)):
        torn = torn_line[:length]
        path.write_bytes(b"".join(lines) + torn)
        damage, found = verify([path])
        assert (damage, [each.line for each in found]) == (None, [5])
        with path.open("rb") as file:
            assert last_hash(file) == prev
        path.write_bytes(b"".join(lines) + torn + b"\n" + following + b"\n")
        damage, found = verify([path])
        assert (damage, [each.line for each in found]) == (None, [5])


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_lines_are_read_from_the_end_whatever_their_length(tmp_path: Path, length: int, end: str) -> None:
    path = tmp_path / "lines"
    lines = ["first", "x" * length, "", "third", "y" * length + "z"]
    path.write_text("\n".join(lines) + end)
    with path.open("rb") as file:
        assert [line.decode() for line in lines_from_end(file)] == lines[::-1]
    path.write_bytes(b"")
    with path.open("rb") as file:
        assert list(lines_from_end(file)) == []
