"""Tells the lines of a guessed file that are UTF-8 after all; files are put together of both."""

import re
from collections.abc import Callable

_PAIRS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_TRIPLES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WESTERN = frozenset({"cp1252", "mac-roman", "cp850", "cp437", "cp1250", "iso8859-2", "cp1254"})
_OF_TWO_BYTES = frozenset({"gb18030", "cp950", "cp932", "euc_jp", "cp949"})


def foreign_lines(codec: str, errors: str) -> Callable[[str], str]:
    """Give what marks such a line of a file in this encoding, by lone surrogates for its bytes."""
    least = 1 if codec in _WESTERN else 2

    def marked(line: str) -> str:
        if line.isascii():
            return line
        raw = line.encode(codec, errors)
        pairs = 0 if codec in _OF_TWO_BYTES else len(_PAIRS.findall(raw))
        if pairs + len(_TRIPLES.findall(raw)) < least or not _is_utf8(raw):
            return line
        return raw.decode("ascii", "surrogateescape")

    return marked


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
