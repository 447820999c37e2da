"""Checks the files that messages carry, once each; it does not know who gets them.

A path is resolved, judged by where it leads, and then opened without following a link. What was
opened must lie just there, so that nothing can be put in its place between the two. A link within
the media root may lead to a file within it, and the root itself may be a link.
"""

import hashlib
import mimetypes
import os
import re
from collections import OrderedDict
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from waheal.campaign.plain_file import NotAFileError, PlainFile
from waheal.campaign.reading import unfit
from waheal.campaign.signatures import CutShortError, FileKind, recognise, verify
from waheal.model import MEDIA_LIMITS, Media, MediaKind

_MB = 1 << 20
_KEPT = 10_000
_CHUNK = 1 << 16
_LONGEST_PATH = 4_096  # bytes, the system's own limit
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/|www\.|data:", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_SHOWN_IN_PLACE = ("image/png", "image/jpeg", "video/mp4", "video/3gpp", "application/pdf")


class Unusable(NamedTuple):
    """Why a file can't be sent, and what to do."""

    problem: str
    hint: str


class MediaReader:
    """Resolves media cells under one folder, which they may not leave, and remembers each file.

    Whatever is hidden there can't be sent, nor what lies in `home`.
    """

    def __init__(self, root: Path, home: Path | None = None) -> None:
        self._root = root.resolve()
        self._home = home
        self._known: OrderedDict[str, Media | Unusable] = OrderedDict()

    def read(self, cell: str) -> Media | Unusable:
        """Check the file that a cell names. Never raises, whatever the cell holds."""
        if len(cell) > _LONGEST_PATH:
            return _no_path(cell)
        known = self._known.get(cell)
        if known is None:
            known = self._known[cell] = self._read(cell)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _read(self, cell: str) -> Media | Unusable:
        if (address := _address(cell)) is not None:
            return address
        try:
            path = (self._root / cell).resolve()
        except (OSError, ValueError, RuntimeError):
            return _no_path(cell)
        if not path.is_relative_to(self._root):
            return Unusable(
                f"the file {cell!r} lies outside {self._root}",
                "move it beside the campaign file, or allow its folder as the media root",
            )
        if any(part.startswith(".") for part in path.relative_to(self._root).parts):
            return Unusable(
                f"the file {cell!r} is hidden, or in a hidden folder",
                "move it to a folder whose name does not begin with a dot",
            )
        return _read_there(path, self._home, _mended(cell, self._root))


def read_media(path: Path, home: Path | None = None) -> Media | Unusable:
    """Check one file: that it is there, readable, whole, of a known kind and not too large.

    Nothing that lies in `home` can be sent. A path counts from the current folder.
    """
    # Made whole, an address stands behind the current folder, with one of its slashes.
    for at, part in enumerate(path.parts):
        if part.endswith(":") and (address := _address(f"{part}/{'/'.join(path.parts[at:][1:])}")):
            return address
    try:
        return _read_there(path.resolve(), home, "its path counts from where waheal runs")
    except (OSError, ValueError, RuntimeError):
        return _no_path(str(path))


def _address(text: str) -> Unusable | None:
    """Tell that an address is no file: nothing is fetched."""
    if not _ADDRESS.match(text.strip()):
        return None
    return Unusable(
        f"{text.strip()[:80]!r} is an address, and a file is needed",
        "download it, and name the file: waheal fetches nothing",
    )


def _mended(cell: str, root: Path) -> str:
    """Tell how to name a file that is not there."""
    if _DRIVE.match(cell):
        return f"it is a path of another computer; put the file into {root}, and give its name"
    if "\\" in cell:
        return f"folders are parted by /: write {cell.replace(chr(92), '/')}"
    return f"a path counts from {root}, so that the file is to be in there"


def _read_there(path: Path, home: Path | None, missing: str) -> Media | Unusable:
    """Check the file at a path without links; `missing`: what to do where there is none."""
    if barred := _barred(path, home):
        return barred
    try:
        with BufferedReader(PlainFile(path, follow=False), _CHUNK) as file:
            if home is not None and _lies_in(home, os.fstat(file.fileno())):
                return _private(path)
            return _check(path, file)
    except FileNotFoundError:
        return Unusable(f"there is no file {str(path)!r}", missing)
    except NotAFileError:
        return Unusable(f"{path.name!r} is not a file", "give the path of a file")
    except OSError as error:
        return Unusable(
            f"the file {path.name!r} can't be read: {error.strerror}", "see its permissions"
        )


def _check(path: Path, file: "BufferedReader[PlainFile]") -> Media | Unusable:
    size = file.raw.size
    if size == 0:
        return Unusable(f"the file {path.name!r} is empty", "export it again")
    named = mimetypes.guess_type(path.name)[0]
    seen = recognise(file)
    if seen is None and named in _SHOWN_IN_PLACE:
        return Unusable(
            f"the file {path.name!r} is not what its name says, {named}", "export it again"
        )
    kind, mime = _settle(seen, named)
    if size > MEDIA_LIMITS[kind]:
        most = f"{MEDIA_LIMITS[kind] // _MB} MB is the most for {_article(kind)}"
        return Unusable(
            f"the file {path.name!r} has {size / _MB:.1f} MB, and {most}", "make it smaller"
        )
    try:
        verify(file, seen.mime if seen else mime, size)
    except CutShortError as error:
        return Unusable(f"the file {path.name!r} is damaged: {error}", "export it again")
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if file.raw.changed():
        return Unusable(
            f"the file {path.name!r} changed while it was read", "run the command again"
        )
    return Media(str(path), kind, mime, sha256)


def _barred(path: Path, home: Path | None) -> Unusable | None:
    """Say why a path is not even opened, if it is not."""
    if home is not None and path.is_relative_to(home.resolve()):
        return _private(path)
    if found := unfit(str(path)):
        return Unusable(f"the path {str(path)!r} holds {found}", "rename it")
    return None


def _private(path: Path) -> Unusable:
    return Unusable(
        f"the file {path.name!r} belongs to the home, which holds keys and sessions",
        "keep what is sent in another folder",
    )


def _lies_in(home: Path, file: os.stat_result) -> bool:
    """Tell whether a file stands in the home as well, under another name (a hard link)."""
    if file.st_nlink == 1:
        return False
    return any(
        os.path.samestat(file, (Path(folder) / name).lstat())
        for folder, _, names in os.walk(home.resolve())
        for name in names
    )


def _no_path(cell: str) -> Unusable:
    return Unusable(f"{cell[:80]!r} is not the path of a file", "give a path")


def _settle(seen: FileKind | None, named: str | None) -> tuple[MediaKind, str]:
    """Let the bytes decide; the name only says which archive, or which unknown content, it is."""
    if seen is None:
        return MediaKind.DOCUMENT, named or "application/octet-stream"
    if seen.mime == "application/zip" and named:
        return seen.kind, named
    return seen.kind, seen.mime


def _article(kind: MediaKind) -> str:
    return f"{'an' if kind in {MediaKind.IMAGE, MediaKind.AUDIO} else 'a'} {kind}"
