"""What a phone shows of a file before it is opened: measures, lengths, a small picture; no library.

Pillow, tinytag and pypdf read what operators send; none of them may stop a message. What can't be
told is left out, and phones show the file without it. Moving pictures and sounds need ffmpeg. No
page of a PDF is drawn: what does that is native code, and could end a process that sends.
"""

import io
from array import array
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from waheal.host import ffmpeg
from waheal.model import OPUS, Media, MediaKind

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

THUMBNAIL = 100
"""Pixels of its longer side. Baileys makes 32, neonize 200; it rides in every message."""

WAVEFORM = 64
"""Values of a voice note's waveform, each from 0 to 100 (Baileys' `getAudioWaveform`)."""

_KEPT = 1_000  # files; a thumbnail has some KB
_MOST_PIXELS = 100_000_000  # a larger picture is not decoded
_QUALITY = 60
_TIMED = frozenset(
    {OPUS, "audio/mpeg", "audio/mp4", "video/mp4", "video/3gpp"}
)  # by tinytag, right
_UNWRAPPED = {"audio/aac": "aac", "audio/amr": "amr"}  # which say nowhere how long they are
_RATE = 8_000  # samples a second: enough to see how loud it is
_MOST_LOUD = 100


@dataclass(frozen=True, slots=True)
class Appearance:
    """Pixels, whole seconds, pages; a JPEG, a waveform. 0 and empty: not known."""

    width: int = 0
    height: int = 0
    seconds: int = 0
    pages: int = 0
    thumbnail: bytes = b""
    waveform: bytes = b""


NOTHING = Appearance()
"""Of a file of which nothing can be told."""


class Appearances:
    """Remembers how files look, by their content: each is looked at once, whoever sends it."""

    def __init__(self) -> None:
        self._lock = Lock()  # guards _known; no I/O, and nothing is looked at under it
        self._known: OrderedDict[str, Future[Appearance]] = OrderedDict()

    def of(self, media: Media, read: Callable[[Media], bytes]) -> Appearance:
        """Tell how a file looks; `read` is called where nobody has looked at it yet.

        Raises:
            AttachmentError: out of `read`.
        """
        key = f"{media.kind} {media.sha256}"
        with self._lock:
            found, mine = self._known.get(key), Future[Appearance]()
            if found is None:
                self._known[key] = mine
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        if found is not None:
            return found.result()
        try:
            mine.set_result(look(media, read(media)))
        except BaseException as error:
            with self._lock:
                self._known.pop(key, None)
            mine.set_exception(error)
            raise
        return mine.result()


def look(media: Media, data: bytes) -> Appearance:
    """Look at a file's content. Never raises, whatever that is; what can be told is told."""
    match media.kind:
        case MediaKind.IMAGE:
            return _tried(lambda: _picture(data), NOTHING)
        case MediaKind.VIDEO:
            seen = _tried(lambda: _picture(ffmpeg.first_frame(data)), NOTHING)
            return replace(seen, seconds=_tried(lambda: _seconds(media, data), 0))
        case MediaKind.AUDIO:
            how_long = _heard if media.mime in _UNWRAPPED else _seconds
            return Appearance(seconds=_tried(lambda: how_long(media, data), 0))
        case MediaKind.VOICE:
            seconds = _tried(lambda: _seconds(media, data), 0)
            heard = ffmpeg.samples(data, "ogg", _RATE)
            return Appearance(seconds=seconds, waveform=waveform(heard))
        case MediaKind.DOCUMENT:
            paper = media.mime == "application/pdf"
            return Appearance(pages=_tried(lambda: _pages(data), 0) if paper else 0)


_T = TypeVar("_T")


def _tried(look: Callable[[], _T], nothing: _T) -> _T:
    try:
        return look()
    except Exception:  # noqa: BLE001 - decoders raise whatever they like of what they can't read
        return nothing


def _picture(data: bytes) -> Appearance:
    if not data:
        return NOTHING
    from PIL import Image, ImageOps  # noqa: PLC0415 - most campaigns have no picture

    with Image.open(io.BytesIO(data)) as image:
        turned = image.getexif().get(0x0112, 1) >= 5  # noqa: PLR2004 - orientations on their side
        width, height = image.size[::-1] if turned else image.size
        if width * height > _MOST_PIXELS:
            return Appearance(width, height)
        try:
            image.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((THUMBNAIL, THUMBNAIL))
            out = io.BytesIO()
            _flat(small).save(out, "JPEG", quality=_QUALITY)
        except (OSError, SyntaxError, ValueError):
            return Appearance(width, height)
    return Appearance(width, height, thumbnail=out.getvalue())


def _flat(image: "Picture") -> "Picture":
    """Lay a picture with transparency on white, as phones show it."""
    from PIL import Image  # noqa: PLC0415 - likewise

    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    white.alpha_composite(clear)
    return white.convert("RGB")


def _seconds(media: Media, data: bytes) -> int:
    if media.mime not in _TIMED:
        return 0
    from tinytag import TinyTag  # noqa: PLC0415 - most campaigns have no sound

    found = TinyTag.get(file_obj=io.BytesIO(data), tags=False).duration
    return max(1, round(found)) if found else 0


def _heard(media: Media, data: bytes) -> int:
    """Count the seconds of what ffmpeg hears; none where it stopped listening before the end."""
    heard = len(ffmpeg.samples(data, _UNWRAPPED[media.mime], _RATE)) / 2 / _RATE
    return max(1, round(heard)) if 0 < heard < ffmpeg.MOST else 0


def _pages(data: bytes) -> int:
    from pypdf import PdfReader  # noqa: PLC0415 - most campaigns have no PDF

    return len(PdfReader(io.BytesIO(data)).pages)


def waveform(samples: bytes) -> bytes:
    """Tell how loud each of `WAVEFORM` parts is, the loudest being 100.

    `samples` are 16-bit and of one channel, in this machine's order; empty gives none.
    """
    heard = array("h", samples[: len(samples) // 2 * 2])
    if len(heard) < WAVEFORM:
        return b""
    part = ceil(len(heard) / WAVEFORM)
    loud = [sum(map(abs, heard[at : at + part])) for at in range(0, part * WAVEFORM, part)]
    most = max(loud) or 1
    return bytes(_MOST_LOUD * each // most for each in loud)
