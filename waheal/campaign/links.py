"""Link previews: what stands in the operator's file of one, and where a text has its first link.

The file is TOML with `title`, and if wanted `text`, `picture` (a path from the file's folder) and
`url` (only texts whose first link is this one have the preview). Nothing here fetches anything.
"""

import hashlib
import re
import tomllib
from dataclasses import replace
from pathlib import Path

from waheal.campaign.media import Unusable, read_media
from waheal.campaign.plain_file import read_small
from waheal.campaign.reading import unfit
from waheal.model import Content, LinkPreview, Media, MediaKind

PREVIEWS = "previews"
"""The folder of the home that holds those that were fetched."""

TITLE_LIMIT, TEXT_LIMIT = 256, 1_024
_FILE_LIMIT = 1 << 16
_KEYS = frozenset({"title", "text", "picture", "url"})
_LINK = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_AFTER = ".,;:!?…\u2019')]}"  # ends a sentence, not an address


def place_of(address: str, home: Path) -> Path:
    """Tell where the preview of an address is kept: one that is there is not fetched again."""
    return home / PREVIEWS / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.toml"


def first_link(text: str) -> str | None:
    """Find the first link in a text, as it stands there."""
    found = _LINK.search(text)
    return None if found is None else found[0].rstrip(_AFTER)


def linked(text: str, link: LinkPreview | None) -> Content:
    """Make a text, with the preview where its first link is the one that has it."""
    found = None if link is None else first_link(text)
    if link is None or found is None or link.url not in ("", found):
        return Content(text)
    return Content(text, replace(link, url=found))


def is_address(text: str) -> bool:
    """Tell an address from the path of a file."""
    return _LINK.fullmatch(text.strip()) is not None


def read_link(path: Path, home: Path | None) -> LinkPreview | Unusable:
    """Read the file of a preview; nothing in `home` can be its picture, but what was fetched."""
    try:
        told = tomllib.loads(read_small(path, _FILE_LIMIT).decode("utf-8-sig"))
    except OSError as error:
        return Unusable(f"{path} can't be read: {error.strerror}", "see that the path is right")
    except ValueError as error:
        return Unusable(f"{path} is no TOML: {error}", 'write it as title = "…", a line each')
    if others := sorted(set(told) - _KEYS):
        return Unusable(f"{path} says {others[0]!r}", f"it may say {', '.join(sorted(_KEYS))}")
    words = {key: told.get(key, "") for key in _KEYS}
    for key, value in words.items():
        if not isinstance(value, str) or unfit(value):
            return Unusable(f"{key} in {path} is no text", f'write it as {key} = "…"')
    return _judged(path, words, home)


def _judged(path: Path, words: dict[str, str], home: Path | None) -> LinkPreview | Unusable:
    title, text, url = words["title"].strip(), words["text"].strip(), words["url"].strip()
    if not title or len(title) > TITLE_LIMIT or len(text) > TEXT_LIMIT:
        most = f"a title of at most {TITLE_LIMIT} characters, a text of at most {TEXT_LIMIT:,}"
        return Unusable(f"{path} is no preview", f"it needs {most}")
    if url and not is_address(url):
        return Unusable(f"{url!r} in {path} is no link", "such as https://example.org/offer")
    picture = _picture(path, words["picture"], home)
    return picture if isinstance(picture, Unusable) else LinkPreview(url, title, text, picture)


def _picture(path: Path, named: str, home: Path | None) -> Media | Unusable | None:
    if not named:
        return None
    fetched = home is not None and path.parent == home / PREVIEWS
    media = read_media(path.parent / named, None if fetched else home)
    if isinstance(media, Media) and media.kind is not MediaKind.IMAGE:
        return Unusable(f"the picture {named!r} is {media.mime}", "give a PNG or JPEG")
    return media
