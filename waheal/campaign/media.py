"""Checks the files that messages carry, once each; it does not know who gets them."""

import hashlib
import mimetypes
import os
import stat
from collections import OrderedDict
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from waheal.campaign.signatures import CutShortError, FileKind, recognise, verify
from waheal.model import Media, MediaKind

CAPTION_LIMIT = 1_024
"""Characters under an attachment."""

_MB = 1 << 20
# 16 MB for audio and video and 100 MB for documents are what the business platform publishes
# (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media). The apps take larger
# documents, but the library holds an upload in memory several times over. Photos get as much as
# video: the platform's 5 MB for them is a limit of its own processing.
_LIMITS = {
    MediaKind.IMAGE: 16 * _MB,
    MediaKind.VIDEO: 16 * _MB,
    MediaKind.AUDIO: 16 * _MB,
    MediaKind.DOCUMENT: 100 * _MB,
}
_KEPT = 10_000
_SHOWN_IN_PLACE = ("image/png", "image/jpeg", "video/mp4", "video/3gpp", "application/pdf")


class Unusable(NamedTuple):
    """Why a file can't be sent, and what to do."""

    problem: str
    hint: str


class MediaReader:
    """Resolves media cells under one folder, which they may not leave, and remembers each file."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._known: OrderedDict[str, Media | Unusable] = OrderedDict()

    def read(self, cell: str) -> Media | Unusable:
        """Check the file that a cell names. Never raises, whatever the cell holds."""
        known = self._known.get(cell)
        if known is None:
            known = self._known[cell] = self._read(cell)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _read(self, cell: str) -> Media | Unusable:
        try:
            path = (self._root / cell).resolve()
        except (OSError, ValueError, RuntimeError):
            return Unusable(f"{cell[:80]!r} is not the path of a file", "give a path")
        if not path.is_relative_to(self._root):
            return Unusable(
                f"the file {cell!r} lies outside {self._root}",
                "move it beside the campaign file, or allow its folder as the media root",
            )
        return read_media(path)


def read_media(path: Path) -> Media | Unusable:
    """Check one file: that it is there, readable, whole, of a known kind and not too large."""
    try:
        # Before it is opened: opening a pipe would wait for its other end.
        if not stat.S_ISREG(path.stat().st_mode):
            return Unusable(f"{path.name!r} is not a file", "give the path of a file")
        with path.open("rb") as file:
            return _check(path.resolve(), file)
    except FileNotFoundError:
        return Unusable(f"there is no file {str(path)!r}", "a path counts from the file's folder")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Unusable(f"the file {path.name!r} can't be read: {reason}", "see its permissions")


def _check(path: Path, file: BufferedReader) -> Media | Unusable:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        return Unusable(f"the file {path.name!r} is empty", "export it again")
    named = mimetypes.guess_type(path.name)[0]
    seen = recognise(file)
    if seen is None and named in _SHOWN_IN_PLACE:
        return Unusable(
            f"the file {path.name!r} is not what its name says, {named}", "export it again"
        )
    kind, mime = _settle(seen, named)
    if size > _LIMITS[kind]:
        return Unusable(
            f"the file {path.name!r} has {size / _MB:.1f} MB, and {_LIMITS[kind] // _MB} MB is the"
            f" most for {_article(kind)}",
            "make it smaller",
        )
    try:
        verify(file, seen.mime if seen else mime, size)
    except CutShortError as error:
        return Unusable(f"the file {path.name!r} is damaged: {error}", "export it again")
    file.seek(0)
    return Media(str(path), kind, mime, hashlib.file_digest(file, "sha256").hexdigest())


def _settle(seen: FileKind | None, named: str | None) -> tuple[MediaKind, str]:
    """Let the bytes decide; the name only says which archive, or which unknown content, it is."""
    if seen is None:
        return MediaKind.DOCUMENT, named or "application/octet-stream"
    if seen.mime == "application/zip" and named:
        return seen.kind, named
    return seen.kind, seen.mime


def _article(kind: MediaKind) -> str:
    return f"{'an' if kind in {MediaKind.IMAGE, MediaKind.AUDIO} else 'a'} {kind}"
