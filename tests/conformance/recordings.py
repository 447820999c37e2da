"""Recordings of `waheal doctor --record`: their lines, and what in them a server says unasked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SANDBOX = Path(__file__).parents[1] / "data" / "recordings" / "sandbox.txt"
"""What the sandbox itself says to a device that logs in and sends its own account a note."""

_LINE = re.compile(r"([0-9]+\.[0-9]{3}) (in|out) (<.+>)")
_LENGTH = re.compile(r"<(id|number|text|bytes) (?:[0-9]+|more)>")
_IQ = r"<iq(?: [\w:-]+=\"[^\"]*\")*?"
_ANSWER = re.compile(_IQ + r' type="(?:result|error)"')
_ENTRANCE = re.compile(r"<(?:success|failure|stream:error)|" + _IQ + "><pair-")


class NoRecordingError(Exception):
    """A line is none that `waheal doctor --record` writes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stanza, and where it stands in its file."""

    number: int
    received: bool
    skeleton: str


def read(path: Path) -> list[Line]:
    """Read a recording, but for what its host could not read itself.

    Raises:
        NoRecordingError: the file is none.
    """
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return list(_lines((number, text) for number, text in lines if not text.startswith("#")))


def _lines(texts: Iterable[tuple[int, str]]) -> Iterator[Line]:
    for number, text in texts:
        found = _LINE.fullmatch(text)
        if found is None:
            raise NoRecordingError(f"line {number}: {text[:80]!r}")
        if not found.group(3).startswith("<unreadable "):
            yield Line(number, found.group(2) == "in", found.group(3))


def unasked(lines: Iterable[Line]) -> list[Line]:
    """Leave what can be said to any device: no answers, and nothing that lets in or turns out."""
    return [
        line
        for line in lines
        if line.received and not _ANSWER.match(line.skeleton) and not _ENTRANCE.match(line.skeleton)
    ]


def shapes(lines: Iterable[Line]) -> set[str]:
    """Tell what a server says, answers too, whatever the lengths in it."""
    return {_LENGTH.sub(r"<\1>", line.skeleton) for line in lines if line.received}
