"""Lets the loaded library announce a later version of WhatsApp Web, or refuses; knows no client.

The version stands in three places: three numbers in the library's data, which only its log shows;
the same on Go's heap, to which the payload of each login points; and the MD5 of its text right
behind the data, for pairings. Go's collector moves nothing. All of it is looked for before the
first client, when there is one of each. Another count means another library than the pinned one,
and nothing is touched.
"""

import ctypes
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waheal.client_version import ANNOUNCED, ClientVersion
from waheal.errors import UsageError

_CHUNK = 4 << 20  # bytes that are looked at together
_OVERLAP = 32  # longer than whatever is searched for


class VersionRefusedError(UsageError):
    """The version can't be overridden without risk."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A writable mapping of this process (see proc(5), maps). `name`: its file, or ""."""

    start: int
    end: int
    name: str


def apply(version: ClientVersion, library: Path) -> None:
    """Have every client of this process announce `version`; only before the first.

    Raises:
        VersionRefusedError: the places of the pinned library are not found, each once.
    """
    spans = list(_writable())
    data = [span for span in spans if span.name == str(library.resolve())]
    behind = [span for span in spans if data and span.start == data[-1].end]
    rest = [span for span in spans if not span.name and span not in behind]
    with _memory() as memory:
        logged = list(_find(memory, _numbers(ANNOUNCED), data))
        copies = list(_find(memory, _numbers(ANNOUNCED), rest))
        announced = [place for place in copies if _is_pointed_to(memory, place, rest)]
        hashed = list(_find(memory, _digest(ANNOUNCED), behind))
    found = [len(logged), len(announced), len(hashed)]
    if found != [1, 1, 1]:
        counts = ", ".join(map(str, found))
        raise VersionRefusedError(
            f"the version that {library.name} announces can't be overridden:"
            f" its places were found {counts} times, not once each",
            hint="leave --client-version out; it is made for the pinned neonize",
        )
    for place, new in (
        (logged[0], _numbers(version)),
        (announced[0], _numbers(version)),
        (hashed[0], _digest(version)),
    ):
        ctypes.memmove(place, new, len(new))


def _numbers(version: ClientVersion) -> bytes:
    return struct.pack("<3I", *version)


def _digest(version: ClientVersion) -> bytes:
    return hashlib.md5(str(version).encode(), usedforsecurity=False).digest()


def _is_pointed_to(memory: int, place: int, spans: list[_Span]) -> bool:
    """Whether a payload points to the three numbers there, as to nobody's copy of them.

    Its three pointers are compared one by one: written out for a search, they would be found.
    """
    for at in _find(memory, struct.pack("<Q", place), spans):
        after = os.pread(memory, 16, at + 8)
        if len(after) == 16 and struct.unpack("<2Q", after) == (place + 4, place + 8):  # noqa: PLR2004
            return True
    return False


@contextmanager
def _memory() -> Iterator[int]:
    """Open this process's own memory for reading: where nothing is mapped that is an error."""
    descriptor = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _find(memory: int, wanted: bytes, spans: list[_Span]) -> Iterator[int]:
    """Every address where `wanted` stands."""
    for span in spans:
        for start in range(span.start, span.end, _CHUNK):
            size = min(_CHUNK + _OVERLAP, span.end - start)
            try:
                held = os.pread(memory, size, start)
            except OSError:
                continue  # unmapped meanwhile
            at = held.find(wanted)
            while 0 <= at < _CHUNK:
                yield start + at
                at = held.find(wanted, at + 1)


def _writable() -> Iterator[_Span]:
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, _offset, _device, _inode, *name = line.split(maxsplit=5)
        if mode.startswith("rw"):
            start, end = (int(each, 16) for each in span.split("-"))
            yield _Span(start, end, "".join(name))
