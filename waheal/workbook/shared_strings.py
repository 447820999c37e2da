"""The texts that a workbook keeps once for all of its cells; it does not know the cells.

They are held as one run of UTF-8 with the place where each begins: a million names then take what
their letters take.
"""

import re
from array import array
from collections.abc import Iterable

from waheal.workbook.markup import DEPTH, PARTED, feed, parser, spelled
from waheal.workbook.refusal import damaged, too_much

TEXT_LIMIT = 1 << 16
"""Characters in a cell; Excel itself stops at 32,767."""

BLANKS = " \t\r\n"
"""What XML takes for blank."""

_SPACE = f"http://www.w3.org/XML/1998/namespace{PARTED}space"
_BYTES = 96 << 20
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WORDS = spelled("si", "t", "rPh", "r", "rPr")


class SharedStrings:
    """A list of texts, read once."""

    def __init__(self, chunks: Iterable[bytes] = (), most: int = 0) -> None:
        """Read them, `most` at the most. Raises: WorkbookError."""
        self._letters = bytearray()
        self._ends = array("L")
        self._most = most
        self._depth = 0
        self._foreign = 0
        self._taking = False
        self._in_phonetics = False
        self._kept = False
        self._before = 0
        self._text: list[str] = []
        self._length = 0
        made = parser()
        made.StartElementHandler = self._start
        made.EndElementHandler = self._end
        made.CharacterDataHandler = self._data
        for _ in feed(made, chunks):
            pass

    def __getitem__(self, position: int) -> str:
        """Give a text by its place in the list. Raises: IndexError."""
        end = self._ends[position]
        start = self._ends[position - 1] if position else 0
        return self._letters[start:end].decode("utf-8", "surrogatepass")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        word = _WORDS.get(name)
        if word == "t":
            self._taking = not self._in_phonetics
            self._kept = is_kept(attributes)
            self._before = len(self._text)
        elif word == "si":
            self._text.clear()
            self._length = 0
        elif word == "rPh":  # how a name is read, above its letters
            self._in_phonetics = True
        elif word is None:
            self._foreign += 1
        if self._depth > DEPTH or self._foreign > self._most:
            raise too_much("its texts have too many parts")

    def _end(self, name: str) -> None:
        self._depth -= 1
        word = _WORDS.get(name)
        if word == "t":
            if self._taking and not self._kept:
                self._text[self._before :] = ["".join(self._text[self._before :]).strip(BLANKS)]
            self._taking = False
        elif word == "rPh":
            self._in_phonetics = False
        elif word == "si":
            self._keep("".join(self._text))

    def _data(self, text: str) -> None:
        if self._taking:
            self._text.append(text)
            self._length += len(text)
            if self._length > TEXT_LIMIT:
                raise too_much(f"one of its texts is longer than {TEXT_LIMIT:,} characters")

    def _keep(self, text: str) -> None:
        self._letters += unescaped(text).encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))
        if len(self._letters) > _BYTES or len(self._ends) > self._most:
            raise too_much("its texts are too many")


def is_kept(attributes: dict[str, str]) -> bool:
    """Tell whether a text keeps the blanks at its ends, which a spreadsheet drops otherwise."""
    return attributes.get(_SPACE) == "preserve"


def unescaped(text: str) -> str:
    """Put back the characters that XML can't hold, and that are written as `_x000D_`."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def looked_up(texts: SharedStrings, position: str) -> str:
    """Give the text that a cell refers to. Raises: WorkbookError."""
    try:
        place = int(position)
        if place < 0:
            raise damaged("a cell refers to a text that is not there")
        return texts[place]
    except (ValueError, IndexError, OverflowError):
        raise damaged("a cell refers to a text that is not there") from None
