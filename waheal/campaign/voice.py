"""Judges a file that is to go out as a voice note; it knows no row."""

from dataclasses import replace
from io import BufferedReader
from pathlib import Path

from waheal.campaign import ogg
from waheal.campaign.media import Unusable
from waheal.campaign.plain_file import PlainFile
from waheal.model import OPUS, Media, MediaKind


def as_voice(media: Media) -> Media | Unusable:
    """Make a voice note of a file: only Opus in Ogg can be one."""
    if media.mime == OPUS:
        return replace(media, kind=MediaKind.VOICE)
    name = Path(media.path).name
    return Unusable(
        f"a voice note is Opus in Ogg, and {name!r} is {media.mime}",
        f"convert it: ffmpeg -i {name} -ac 1 -ar 16000 -c:a libopus {Path(name).stem}.ogg",
    )


class VoiceNotes:
    """The voice notes that were looked into, so that each is spoken of once."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def misgiving(self, media: Media) -> str | None:
        """Say what some phones may refuse about a voice note that was checked, the first time."""
        if media.sha256 in self._known:
            return None
        self._known.add(media.sha256)
        why = _refused(media)
        name = Path(media.path).name
        return why and f"iPhones may not play {name!r} as a voice note: {why}"


def _refused(media: Media) -> str | None:
    try:
        with BufferedReader(PlainFile(Path(media.path), follow=False)) as file:
            return ogg.refused_on_iphones(file)
    except (OSError, ogg.OggError, StopIteration):
        return None  # it was whole a moment ago: the send looks at it once more
